"""The run record: costs add up, what was not measured is null, its hash names the science."""

import os
import subprocess
import sys

import pytest

from boxloop.slurm import read_usage
from boxloop.track.record import run_record
from boxloop.track.surroundings import git_state, hardware, versions

HEADER = "s\th:m:s\tmax_rss\tmax_vms\n"


def record(study=None, usage=(), **changes):
    given = {
        "summary": {"data_hash": "dd", "samples": {}},
        "selected": {"selected": "linear"},
        "metrics": {
            "status": "draft",
            "metric": "rmse",
            "models": {"linear": {"cv": {"rmse": {"value": 0.5}, "mae": {"value": 9.0}}}},
        },
        "owners": {"data": "base"},
        "codes": {"split": "1a"},
        "surroundings": {"git": {}, "versions": {}, "hardware": {}},
    }
    study = {"seed": 3, "metric": "rmse", "report": {"title": "One"}, **(study or {})}
    return run_record(study, "toy", usage=usage, **{**given, **changes})


def test_seconds_add_up_and_memory_is_the_largest(tmp_path):
    for name, seconds, memory, ended in (
        ("chunk-linear-0", "10.0", "100.0", 1000),
        ("chunk-linear-1", "5.0", "300.0", 1010),
        ("evaluate", "0.2", "-", 1020),
    ):
        path = tmp_path / f"{name}.tsv"
        path.write_text(f"{HEADER}{seconds}\t0:00:00\t{memory}\t1\n")
        os.utime(path, (ended, ended))
    usage = read_usage([*sorted(tmp_path.glob("*.tsv")), tmp_path / "not_there.tsv"])
    found = record(usage=usage)
    chunk = {"jobs": 2, "seconds": 15.0, "longest_seconds": 10.0}
    assert found["rules"]["chunk"] == {**chunk, "peak_memory_bytes": 300 * 1024**2}
    evaluate = {"jobs": 1, "seconds": 0.2, "longest_seconds": 0.2}
    assert found["rules"]["evaluate"] == {**evaluate, "peak_memory_bytes": None}
    assert found["seconds"] == pytest.approx(15.2)
    assert found["peak_memory_bytes"] == 300 * 1024**2
    assert found["started"] == "1970-01-01T00:16:30+00:00"
    assert found["ended"] == "1970-01-01T00:17:00+00:00"


def test_without_any_benchmark_times_are_null():
    found = record()
    assert found["started"] is None and found["peak_memory_bytes"] is None
    assert found["seconds"] == 0


def test_a_study_that_only_explores_has_a_record_without_scores():
    found = record({"status": "final", "metric": None}, selected=None, metrics=None)
    assert found["status"] == "final" and found["data_hash"] == "dd"
    assert (found["selected"], found["metric"], found["scores"]) == (None, None, {})


def test_scores_hold_the_metric_of_the_study_only():
    assert record()["scores"] == {"linear": {"cv": 0.5}}


def test_a_title_changes_the_hash_of_the_study_and_not_of_the_run():
    one, other = record(), record({"report": {"title": "Another"}})
    assert one["study_hash"] != other["study_hash"]
    assert one["run_hash"] == other["run_hash"]


@pytest.mark.parametrize(
    "change",
    [
        {"study": {"seed": 4}},
        {"study": {"metric": "mae"}},
        {"codes": {"split": "1b"}},
        {"summary": {"data_hash": "ee", "samples": {}}},
    ],
)
def test_another_seed_metric_code_or_data_is_another_run(change):
    assert record(**change)["run_hash"] != record()["run_hash"]


def test_git_state_is_null_without_a_commit_and_knows_changed_files(tmp_path):
    assert git_state(tmp_path) == {"commit": None, "dirty": None}

    def git(*arguments):
        name = ["-c", "user.name=boxloop", "-c", "user.email=tests@example.invalid"]
        subprocess.run(["git", "-C", tmp_path, *name, *arguments], check=True, capture_output=True)

    git("init", "-q")
    studies = tmp_path / "config" / "studies"
    studies.mkdir(parents=True)
    (studies / "toy.yaml").write_text("seed: 0\n")
    git("add", "-A")
    git("commit", "-q", "-m", "One")
    assert len(git_state(tmp_path)["commit"]) == 40
    (studies / "toy.ledger.jsonl").write_text("{}\n")
    assert git_state(tmp_path)["dirty"] is False, "a run's own ledger does not make it dirty"
    (studies / "toy.yaml").write_text("seed: 1\n")
    assert git_state(tmp_path)["dirty"] is True


def test_the_machine_is_described():
    machine = hardware()
    assert machine["cores"] >= 1 and machine["memory_bytes"] > 2**28 and machine["cpu"]
    assert versions()["python"] == sys.version.split()[0]


def test_the_record_imports_neither_mlflow_nor_tensorflow():
    code = (
        "import sys, boxloop.track.record, boxloop.track.surroundings\n"
        "assert not {'mlflow', 'tensorflow', 'dvc'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
