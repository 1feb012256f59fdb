"""How the report tells of degraded data: figure, table, macros."""

import re

import numpy as np
import pytest
from degraded import DERIVED, bands, degrade, fragile, simple_and_good
from report_fixture import BIBLIOGRAPHY, make_results

from boxloop import plots
from boxloop.analyses.degraders.figures import figures
from boxloop.analyses.degraders.section import section
from boxloop.numbers.evidence import Evidence, Figure
from boxloop.numbers.macros import Numbers
from boxloop.report.page import write_page
from boxloop.report.tex import write_report
from boxloop.store import plain, write_json


@pytest.fixture(scope="module")
def found() -> dict:
    table, *models = fragile(bands(300))
    return plain(degrade(models, table, margin=0.05))


@pytest.fixture(scope="module")
def evidence(found: dict, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The results of a made-up study, judged as if its models were those of `found`."""
    made = make_results(tmp_path_factory.mktemp("degraded"), "regression", provenance="simulated")
    path = made.folder / "evaluate/degraders.json"
    write_json(found, path)
    known = made.evidence(made.folder)
    return Evidence(
        known.study,
        {**known.contents, "degraders": found},
        {**known.files, "degraders": str(path)},
        {
            "degraders": Figure(
                "degraders", "Title", "Caption.", "page", "simulated", svg="<svg></svg>"
            )
        },
    )


def test_the_figure_has_a_panel_a_degrader_and_all_numbers(found: dict) -> None:
    with plots.style():
        (drawing,) = figures(found, {}, "Mpc", "simulated")
        files = plots.render(drawing)
    assert drawing.name == "degraders"
    assert not re.search(r"\d", drawing.caption)
    numbers = drawing.numbers
    assert set(numbers["degrader"]) == {"noise", "fainter", "missing"}
    assert set(numbers["model"]) == {"dummy", "robust", "fragile"}
    assert len(numbers) == 3 * 3 * 5
    noise = next(a for a in found["degraders"] if a["name"] == "noise")
    drawn = numbers[(numbers["degrader"] == "noise") & (numbers["model"] == "fragile")]
    assert drawn["value"].tolist() == [row["value"] for row in noise["scores"]["fragile"]]
    assert files["degraders.pdf"].startswith(b"%PDF")


def test_nothing_measured_gives_no_figure() -> None:
    assert figures({"degraders": [], "set": None}, {}, "", "real") == []


def test_scores_that_do_not_exist_are_drawn_as_gaps(found: dict) -> None:
    about = {**found["degraders"][0]}
    none = {"value": None, "low": None, "high": None, "n_units": 3, "reason": "few"}
    about["scores"] = {**about["scores"], "robust": [none] * 5}
    with plots.style():
        (drawing,) = figures({**found, "degraders": [about]}, {}, "", "real")
        plots.render(drawing)
    assert np.isnan(drawing.numbers["value"].to_numpy(float)).sum() == 5


def test_the_section_names_who_overtakes_and_where(evidence: Evidence) -> None:
    said = section(evidence, Numbers(evidence))
    noise = said["rows"][0]
    assert (noise["name"], noise["by"]) == ("noise", "robust")
    assert str(noise["overtaken"]) == "1"
    missing = said["rows"][2]
    assert missing["unit"] == "% of the objects"
    assert str(missing["mild"]) == "10"


def test_page_and_report_print_the_section_with_macros(evidence: Evidence) -> None:
    page = write_page(evidence, BIBLIOGRAPHY)
    assert 'id="degraders"' in page
    assert "by robust" in page
    report = write_report(evidence, {}, BIBLIOGRAPHY)
    part = report.tex.split(r"\label{sec:degraders}")[1].split("Application")[0]
    assert r"\texttt{robust}" in part
    assert not re.search(r"\d", re.sub(r"L\{[\d.]+\}|\\\w+\{[^}]*\}|\[[^]]*\]", "", part))
    macros = [m for m, of in report.traced.items() if of["file"].endswith("degraders.json")]
    assert len(macros) >= 10


def test_a_study_without_objects_says_why(evidence: Evidence) -> None:
    reason = "the study asks for no degraders"
    empty = {"set": None, "reason": reason, "degraders": [], "left_out": [], "findings": []}
    other = Evidence(evidence.study, {**evidence.contents, "degraders": empty}, evidence.files, {})
    assert reason in write_page(other, BIBLIOGRAPHY)
    assert reason in write_report(other, {}, BIBLIOGRAPHY).tex


def test_the_simplest_model_is_said_to_be_it() -> None:
    table = bands(200)
    found = degrade(simple_and_good(table)[2:], table, derived=DERIVED)
    assert all(about["overtaken"] is None for about in found["degraders"])
