"""How the report tells what a model rests on: figures, tables, macros."""

import copy
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from computed import computed
from report_fixture import BIBLIOGRAPHY, make_results
from understood import study_of, table_with

from boxloop import plots
from boxloop.analyses.understanding.compute import compute
from boxloop.analyses.understanding.figures import figures
from boxloop.analyses.understanding.thumbnails import thumbnail
from boxloop.numbers.evidence import Evidence, Figure, lookup
from boxloop.report.page import write_page
from boxloop.report.tex import write_report
from boxloop.store import Table, plain, read_json, write_json

TASKS = ("regression", "classification")
FIGURES = ("permutation_importance", "partial_dependence")


def found_in(task: str) -> dict[str, Any]:
    """What is found in a small study; a final one where the target is a number."""
    status = "final" if task == "regression" else "draft"
    return plain(computed(compute, **study_of(task, status, 300)))


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    return {task: found_in(task) for task in TASKS}


def evidence_with(found: dict[str, Any], task: str, folder: Path) -> Evidence:
    """The results of a made-up study, as if its models were those of `found`."""
    status = "final" if task == "regression" else "draft"
    made = make_results(folder, task, status=status, provenance="simulated")
    path = made.folder / "evaluate/understanding.json"
    write_json(found, path)
    known = made.evidence(made.folder)
    return Evidence(
        known.study,
        {**known.contents, "understanding": read_json(path)},
        {**known.files, "understanding": str(path)},
        {
            name: Figure(name, "Title", "Caption.", "column", "simulated", svg="<svg></svg>")
            for name in FIGURES
        },
    )


@pytest.fixture(scope="module")
def evidence(
    found: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Evidence]:
    return {t: evidence_with(found[t], t, tmp_path_factory.mktemp(t)) for t in TASKS}


@pytest.mark.parametrize("task", TASKS)
def test_figures_hold_all_numbers_and_captions_none(
    found: dict[str, dict[str, Any]], task: str
) -> None:
    with plots.style():
        drawings = figures(found[task], {}, "Mpc", "simulated")
        for drawing in drawings:
            assert plots.render(drawing)
    assert [d.name for d in drawings] == list(FIGURES)
    assert not any(re.search(r"\d", d.caption) for d in drawings)
    importance, dependence = (d.numbers for d in drawings)
    assert set(importance["model"]) == {"forest", "tree"} and len(importance) == 4
    classes = 3 if task == "classification" else 1
    grids = [len(f["grid"]) for f in found[task]["dependence"]["features"]]
    assert len(dependence) == classes * sum(grids)


def test_the_frame_holds_the_curves_of_all_features(found: dict[str, dict[str, Any]]) -> None:
    about = copy.deepcopy(found["regression"])
    (curve,) = about["dependence"]["features"][1]["curves"]
    curve["mean"][-1] = curve["quantiles"][-1][-1] = 50.0
    with plots.style():
        drawing = figures(about, {}, "Mpc", "simulated")[1]
        plots.render(drawing)
    low, high = drawing.figure.axes[0].get_ylim()
    assert low < 0.0 and high > 50.0


def test_images_of_the_worst_objects_are_shown(found: dict[str, dict[str, Any]]) -> None:
    rng = np.random.default_rng(0)
    study = table_with(x=np.zeros(100))
    images = {"image": rng.random((100, 8, 8, 3)).astype(np.float32)}
    table = Table(study.frame, study.columns, "simulated", images)
    worst = dict(found["regression"]["worst"])
    worst["objects"] = [
        {
            **one,
            "thumbnail": thumbnail(table, i),
            "neighbours": [{**n, "thumbnail": thumbnail(table, 9)} for n in one["neighbours"]],
        }
        for i, one in enumerate(worst["objects"])
    ]
    with plots.style():
        drawing = figures({**found["regression"], "worst": worst}, {}, "", "simulated")[-1]
        plots.render(drawing)
    assert drawing.name == "worst_images" and len(drawing.numbers) == 24
    assert not re.search(r"\d", drawing.caption)


@pytest.mark.parametrize("task", TASKS)
def test_page_and_paper_tell_the_same_numbers(evidence: dict[str, Evidence], task: str) -> None:
    of = evidence[task]
    page, report = write_page(of, BIBLIOGRAPHY), write_report(of, {}, BIBLIOGRAPHY)
    assert 'id="understanding"' in page and r"\label{sec:understanding}" in report.tex
    mine = {m: t for m, t in report.traced.items() if t["file"].endswith("understanding.json")}
    assert len(mine) > 20
    for macro, about in mine.items():
        assert lookup(read_json(about["file"]), about["key"]) == about["value"], macro
    section = report.tex.split(r"\label{sec:understanding}")[1].split(r"\section{")[0]
    used = set(re.findall(r"\\box[A-Za-z]+", section)) - {r"\boxinterval"}
    assert used <= set(report.traced)
    worst = of.contents["understanding"]["worst"]["objects"][0]
    assert worst["id"] in page and "most like it" in page


def test_what_was_not_measured_is_said(found: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    fewer = dict(found["classification"])
    fewer["importance"] = {"models": {}, "groups": [], "reason": "there is nothing to exchange"}
    fewer["dependence"] = {"features": [], "reason": "the model gives no probabilities"}
    of = evidence_with(fewer, "classification", tmp_path)
    of = Evidence(of.study, of.contents, of.files, {})
    page, report = write_page(of, BIBLIOGRAPHY), write_report(of, {}, BIBLIOGRAPHY)
    for text in (page, report.tex):
        assert "there is nothing to exchange" in text and "gives no probabilities" in text
