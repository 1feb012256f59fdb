"""A study that predicts nothing, from a CSV file to its page."""

import pandas as pd
import pytest
from toy_project import ToyProject

from boxloop.cli.progress.outcome import report_of


@pytest.fixture
def project(look_ran: ToyProject) -> ToyProject:
    return look_ran


def test_it_delivers_table_exploration_page_and_record_and_nothing_of_learning(
    project: ToyProject,
) -> None:
    results = project.folder / "results/look"
    for path in (
        "data/table.parquet",
        "data/summary.json",
        "explore/all.json",
        "explore/embedding.json",
        "report/exploration.html",
        "report/exploration/columns.csv",
        "track/run.json",
    ):
        assert (results / path).is_file(), path
    stages = {p.name for p in results.iterdir()} - {"logs"}
    assert stages == {"data", "explore", "report", "track"}
    assert not (results / "explore/training.json").exists()


def test_no_object_is_set_aside(project: ToyProject) -> None:
    summary = project.json("results/look/data/summary.json")
    assert (summary["rows"], summary["test_rows"]) == (250, 0)
    assert len(pd.read_parquet(project.folder / "results/look/data/table.parquet")) == 250


def test_the_run_record_knows_the_data_and_no_scores(project: ToyProject) -> None:
    record = project.json("results/look/track/run.json")
    assert record["data_hash"] == project.json("results/look/data/summary.json")["data_hash"]
    assert record["selected"] is None and record["scores"] == {}


def test_the_page_says_what_was_left_out_and_keeps_strange_names_text(project: ToyProject) -> None:
    page = (project.folder / "results/look/report/exploration.html").read_text()
    assert "counts the rows and says nothing" in page
    assert "SIMULATED." in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_nothing_is_left_to_do(project: ToyProject) -> None:
    assert project.to_do("look") == set()


def test_a_variant_reads_the_data_and_exploration_of_its_base(project: ToyProject) -> None:
    project.run("look_again")
    results = project.folder / "results/look_again"
    assert {p.name for p in results.iterdir()} == {"logs", "report", "track"}
    page = (results / "report/exploration.html").read_text()
    assert "The same look under another title" in page


def test_a_run_says_where_the_page_is(project: ToyProject) -> None:
    said = report_of(project.folder, "look")
    assert said == "Report: results/look/report/exploration.html"


def test_a_gate_stops_an_exploration_too(project: ToyProject) -> None:
    study = project.folder / "config/studies/look.yaml"
    before = study.read_text()
    try:
        study.write_text(before + "gates: [excluded]\n")
        done = project.here("look")
    finally:
        study.write_text(before)
    output = done.stdout + done.stderr
    assert done.returncode != 0 and "Traceback" not in output, output[-3000:]
    assert "counts the rows and says nothing" in output
    assert (project.folder / "results/look/report/exploration.html").is_file()
