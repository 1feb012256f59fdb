"""What the report says of evaluate/calibration.json, in figures and sections."""

from typing import Any

import pytest
from calibration_fixture import BALANCED, RULES, classes_study, numbers_study
from computed import computed

from boxloop.analyses.calibration.compute import compute
from boxloop.analyses.calibration.figures import figures
from boxloop.analyses.calibration.section import section
from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Numbers
from boxloop.report.page import page_environment
from boxloop.report.tex import _environment

SMALL = {"cv": 250, "calibration": 220, "test": 300}
TINY = {"cv": 8, "calibration": 4, "test": 5}
SCORE = {"value": 0.1, "low": 0.05, "high": 0.2, "n_units": 300, "reason": ""}


def _evidence(study: dict[str, Any], **rules: Any) -> Evidence:
    metrics = study["metrics"]
    metrics["models"] = {m: {metrics["shown"]: {"ece": SCORE}} for m in metrics["models"]}
    found = computed(compute, **study, **{**RULES, **rules})
    files = {"calibration": "evaluate/calibration.json", "metrics": "evaluate/metrics.json"}
    return Evidence({}, {"calibration": found, "metrics": metrics}, files)


CASES = {
    "classes": lambda: _evidence(classes_study(sizes=SMALL, powers={"a": 3.0, "b": 1.0})),
    "mended": lambda: _evidence(
        classes_study(sizes=SMALL, status="draft"),
        recalibrate="isotonic",
        selection=BALANCED,
    ),
    "numbers": lambda: _evidence(numbers_study(sizes=SMALL, widths={"a": 0.5, "b": 0.0})),
    "no distribution": lambda: _evidence(numbers_study(sizes=SMALL, widths={"a": 0.0})),
    "few": lambda: _evidence(classes_study(sizes=TINY)),
    "few numbers": lambda: _evidence(numbers_study(sizes=TINY)),
}


@pytest.fixture(scope="module", params=CASES)
def evidence(request: pytest.FixtureRequest) -> Evidence:
    return CASES[request.param]()


def test_figures_have_captions_without_digits_and_their_numbers(evidence: Evidence) -> None:
    for drawing in figures(evidence.contents["calibration"], {}, "Mpc", "real"):
        assert drawing.caption and not any(c.isdigit() for c in drawing.caption)
        assert len(drawing.numbers) and drawing.source == ("evaluate/calibration.json",)


def test_sections_are_written_and_latex_has_no_number_but_macros(evidence: Evidence) -> None:
    numbers = Numbers(evidence)
    said = {"judged": {"calibration": section(evidence, numbers)}, "shown_label": "test set"}
    page = page_environment().get_template("calibration/page.html").render(**said)
    assert "hold the truth" in page
    latex = _environment().get_template("calibration/report.tex")
    text = latex.render(**said, has=lambda name: True, gallery=lambda *names: "")
    for macro in numbers.traced():
        text = text.replace(macro, "")
    assert not any(c.isdigit() for c in text)


def test_nothing_is_said_where_nothing_was_judged() -> None:
    none = Evidence({}, {"calibration": {"findings": []}}, {})
    assert section(none, Numbers(none)) == {"kind": ""}
    assert figures({"findings": []}, {}, "", "real") == []
