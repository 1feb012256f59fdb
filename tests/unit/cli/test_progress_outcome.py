"""What is said at the end of a run."""

import pytest

from boxloop.cli.progress.outcome import refused_by_disk, report_of, stopped, succeeded
from boxloop.cli.progress.state import Job, Progress

JOB = Job("fit", {"study": "toy"}, 0.0)
DONE = Progress(0.0, {"fit": 2}, ended={"fit": ((JOB, 3.0),)})


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "run.log"
    path.write_text("what snakemake says\n")
    return path


def test_what_was_done_is_counted(log):
    assert succeeded(DONE, "toy", 65.0, log) == "toy: 1 jobs done in 1:05"
    assert succeeded(Progress(0.0, nothing=True), "toy", 1.0, log).startswith("toy: nothing to do")


def test_where_nothing_ran_snakemake_has_the_word(log):
    assert succeeded(Progress(0.0, {"fit": 2}), "toy", 1.0, log) == "what snakemake says"


def test_how_far_it_came_is_said_of_a_run_that_did_not_reach_its_end():
    assert stopped(DONE, "toy", 65.0, asked=False) == "toy: failed, 1 of 2 jobs done in 1:05"
    assert "stopped, 1 of 2" in stopped(DONE, "toy", 65.0, asked=True)
    assert stopped(Progress(0.0), "toy", 65.0, asked=False) == "toy: failed"


def test_a_disk_with_room_is_not_blamed(log):
    assert refused_by_disk(log) == ""
    assert [path.name for path in log.parent.iterdir()] == ["run.log"]


def test_a_folder_that_takes_no_file_is_named(log):
    said = refused_by_disk(log.parent / "gone/run.log")
    assert str(log.parent / "gone") in said


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], ""),
        (["report.html"], ""),
        (["exploration.html"], "Report: results/toy/report/exploration.html"),
        (["exploration.html", "report.html", "report.pdf"], "report.html and results/toy/report/"),
        (["exploration.html", "report.html", "report.tex"], "no PDF: latexmk is not installed"),
    ],
)
def test_the_report_is_named_as_far_as_it_is_there(files, said, tmp_path):
    folder = tmp_path / "results/toy/report"
    folder.mkdir(parents=True)
    for name in files:
        (folder / name).touch()
    found = report_of(tmp_path, "toy")
    assert said in found and bool(said) == bool(found)
