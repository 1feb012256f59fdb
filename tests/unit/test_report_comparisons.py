"""What the report says of all pairs of models, of the rule that chose, of other metrics."""

from pathlib import Path

import pytest
from report_fixture import Results, make_results

from boxloop.report import write_page, write_report
from boxloop.report.comparisons import compared
from boxloop.report.numbers import Numbers

BIBLIOGRAPHY = (Path(__file__).parents[2] / "config/references.bib").read_text(encoding="utf-8")


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
