"""What the report says of all pairs of models, of the rule that chose, of other metrics."""

import pytest
from report_fixture import BIBLIOGRAPHY, Results, make_results

from boxloop.numbers.macros import Numbers
from boxloop.report.comparisons import compared
from boxloop.report.page import write_page
from boxloop.report.tex import write_report


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return make_results(tmp_path_factory.mktemp("made_up"), "regression")


def test_pairs_have_the_tests_that_apply_and_their_corrected_p_values(results: Results) -> None:
    evidence = results.evidence(results.folder)
    found = compared(evidence, Numbers(evidence))
    assert found["tests"] == ["resampled", "folds"]
    assert [str(p) for p in found["pairs"][0]["p_values"]] == ["<0.001", "0.090"]
    assert found["pairs"][0]["p_values"][0].text == r"\ensuremath{<}0.001"
    assert found["others_first"] == [{"model": "dense2", "metrics": ["MAE"]}]
    assert found["choice"]["within"] == ["linear", "forest"]


def test_page_and_paper_name_the_simpler_model_that_is_as_good(results: Results) -> None:
    evidence = results.evidence(results.folder)
    page = write_page(evidence, BIBLIOGRAPHY)
    assert "hardly tells the simpler <strong>linear</strong> from forest" in page
    assert "All models against each other" in page
    report = write_report(evidence, {}, BIBLIOGRAPHY)
    assert r"lies the simpler \texttt{linear}" in report.tex and r"\label{tab:pairs}" in report.tex
    assert report.traced[r"\boxCorrectedStandardError"]["value"] == 0.0021


def test_results_of_an_older_study_have_no_pairs(results: Results) -> None:
    evidence = results.evidence(results.folder)
    for name, keys in (("metrics", ("pairs", "rankings")), ("selected", ("one_standard_error",))):
        for key in keys:
            del evidence.contents[name][key]
    found = compared(evidence, Numbers(evidence))
    assert not found["pairs"] and not found["others_first"] and found["choice"] is None


def test_repeats_and_precision_are_told_only_where_they_are_unusual(results: Results) -> None:
    evidence = results.evidence(results.folder)
    usual = write_page(evidence, BIBLIOGRAPHY) + write_report(evidence, {}, BIBLIOGRAPHY).tex
    assert "repeats)" not in usual and "precision: " not in usual
    evidence.contents["selected"]["repeats"] = 3
    evidence.contents["selected"]["models"]["dense2"]["precision"] = "mixed_bfloat16"
    page, report = write_page(evidence, BIBLIOGRAPHY), write_report(evidence, {}, BIBLIOGRAPHY)
    assert "(3 repeats)" in page and "precision: mixed_bfloat16" in page
    assert report.tex.count(r"folds (\boxRepeats{} repeats)") == 2
    assert r"precision: \box" in report.tex


def test_the_page_lists_what_the_jobs_took(results: Results) -> None:
    evidence = results.evidence(results.folder)
    assert "What the jobs took" not in write_page(evidence, BIBLIOGRAPHY)
    chunk = {"jobs": 4, "seconds": 400.0, "longest_seconds": 150.0, "peak_memory_bytes": 1.3e9}
    evidence.contents["run"]["rules"] = {
        "chunk": chunk,
        "audit": {"jobs": 1, "seconds": 0.2, "longest_seconds": 0.2, "peak_memory_bytes": None},
    }
    page = write_page(evidence, BIBLIOGRAPHY)
    (row,) = [line for line in page.splitlines() if '<th scope="row">chunk</th>' in line]
    assert [c in row for c in (">4<", ">6.7 min<", ">2.5 min<", ">1.3 GB<")] == [True] * 4
    (row,) = [line for line in page.splitlines() if '<th scope="row">audit</th>' in line]
    assert ">0.2 s<" in row and ">–<" in row
