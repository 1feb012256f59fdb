"""Both reports say whose predictions they are, which objects remain, and what is not known."""

import copy
import re
from dataclasses import replace
from typing import Any

import pytest
from report_fixture import BIBLIOGRAPHY as KNOWN
from report_fixture import Results, make_results

from boxloop.numbers.evidence import Evidence
from boxloop.report.page import write_page
from boxloop.report.tex import write_report

OLD = "@article{old2020, author = {Old, A. and New, B.}, title = {T}, year = {2020}}\n"
BIBLIOGRAPHY = f"{KNOWN}\n{OLD}"
COUNTS = {"objects": 777, "missing": 31, "trained_on": 53, "judged": 693, "their_training": 211}
GIVEN = {"name": "linear", "kind": "predictions", "column": "old_z", "by": "old2020"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return make_results(tmp_path_factory.mktemp("given"), "regression")


def evidence(made: Results, *, score: float | None = 0.5, **model: Any) -> Evidence:
    """The made-up results, in which the model `linear` is somebody else's predictions."""
    found = made.evidence(made.folder / "figures", svg=False)
    contents = copy.deepcopy(dict(found.contents))
    metrics = contents["metrics"]
    splits, metric = metrics["models"]["linear"], metrics["metric"]
    splits["their_training"] = {metric: {**splits["test"][metric], "value": 0.0123}}
    if score is None:
        nothing = {"value": None, "low": None, "high": None, "n_units": 0}
        splits["test"][metric] = {**nothing, "reason": "no object is left"}
    metrics["given"] = {"linear": dict(COUNTS)}
    study = {**found.study, "models": [{**GIVEN, **model}]}
    return replace(found, contents=contents, study=study)


def text(made: Results, **options: Any) -> str:
    page = write_page(evidence(made, **options), BIBLIOGRAPHY)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def tex(made: Results, **options: Any) -> str:
    return write_report(evidence(made, **options), {}, BIBLIOGRAPHY).tex


def test_the_page_says_whose_they_are_and_counts_objects(made: Results) -> None:
    said = text(made, trained_on="used")
    assert "Somebody else&#39;s predictions" in said or "Somebody else's predictions" in said
    assert "old_z Old &amp; New 2020 777 31 53 693" in said
    assert "0.0123" in said and "(211)" in said
    assert "It is not known which objects" not in said
    assert "somebody else&#39;s linear" in said or "somebody else's linear" in said


def test_where_nobody_knows_what_they_were_trained_on_it_is_said(made: Results) -> None:
    assert "It is not known which objects linear was trained on" in text(made)
    assert "It is not known which objects" in tex(made)


def test_words_stand_where_there_is_nothing_to_cite(made: Results) -> None:
    said = text(made, by="the pipeline of <survey>")
    assert "the pipeline of &lt;survey&gt; 777" in said
    assert r"by the pipeline of A \& B" in tex(made, by="the pipeline of A & B")


def test_print_cites_them_and_every_number_is_a_macro(made: Results) -> None:
    report = write_report(evidence(made, trained_on="used"), {}, BIBLIOGRAPHY)
    part = report.tex[report.tex.index(r"\label{sec:given}") :]
    part = part[: part.index(r"\end{table*}")]
    assert r"\citep{old2020}" in part
    assert r"\boxLinearTheirTraining" in part and r"\boxLinearMissing{}" in part
    assert not re.search(r"\d", re.sub(r"old2020", "", part))


def test_without_a_score_the_reason_stands_there(made: Results) -> None:
    assert "(no object is left)" in text(made, score=None)
    assert "has no score: no object is left." in tex(made, score=None)


def test_a_study_without_them_has_no_such_section(made: Results) -> None:
    plain = made.evidence(made.folder / "figures", svg=False)
    plain = replace(plain, study={**plain.study, "models": []})
    assert 'id="given"' not in write_page(plain, BIBLIOGRAPHY)
    assert "sec:given" not in write_report(plain, {}, BIBLIOGRAPHY).tex
