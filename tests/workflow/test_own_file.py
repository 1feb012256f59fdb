"""A study of one's own: one CSV file, one study file, one command."""

import hashlib
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_project import ToyProject

from boxloop.cli.check import check_study
from boxloop.study.load import StudyError

TABLE, PAGE = "results/mine/data/table.parquet", "results/mine/report/report.html"
STUDY = """\
schema: 2
task: classification
question: {what: "Which objects are quasars?", why: To choose targets for spectra.}
samples:
  train: {path: data/own/stars.csv, sha256: SHA256, provenance: real}
columns:
  id: object_id
  features:
    u_mag: {unit: mag}
    g_mag: {unit: mag}
    r_mag: {unit: mag, missing: {99: not_detected}}
  target: class
metric: f1_macro
models:
  - {name: dummy}
  - {name: logistic}
  - {name: forest, parameters: {n_estimators: 50}, space: {min_samples_leaf: [1, 20]}}
report: {title: Quasars by colour, authors: [Your Name]}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    """A project with a study and a catalogue to go with it, run once."""
    made = ToyProject(tmp_path_factory.mktemp("own"), "toy_table")
    rng = np.random.default_rng(0)
    n = 300
    quasar = rng.random(n) < 0.3
    frame = pd.DataFrame(
        {
            "object_id": 10**17 + np.arange(n),
            "u_mag": rng.normal(20, 1, n) - quasar,
            "g_mag": rng.normal(19, 1, n),
            "r_mag": np.where(rng.random(n) < 0.1, 99, rng.normal(18, 1, n)),
            "class": np.where(quasar, "QSO", "STAR"),
        }
    )
    path = made.folder / "data/own/stars.csv"
    path.parent.mkdir(parents=True)
    frame.to_csv(path, index=False)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    text = STUDY.replace("SHA256", digest)
    (made.folder / "config/studies/mine.yaml").write_text(text)
    made.run(PAGE)
    return made


def test_the_study_runs_to_a_draft_report(project: ToyProject) -> None:
    metrics = project.json("results/mine/evaluate/metrics.json")
    assert metrics["status"] == "draft" and metrics["provenance"] == "real"
    ours = metrics["models"][metrics["selected"]]["cv"]["f1_macro"]
    assert ours["low"] > metrics["models"]["dummy"]["cv"]["f1_macro"]["value"]
    page = (project.folder / PAGE).read_text()
    assert "DRAFT" in page and "Quasars by colour" in page
    summary = project.json("results/mine/data/summary.json")
    assert summary["rows"] == 300 and summary["classes"].keys() == {"QSO", "STAR"}
    table = pd.read_parquet(project.folder / TABLE)
    assert set(table["r_mag__state"]) == {0, 2}
    assert table["id"].iloc[0] == str(10**17)


def test_a_touched_file_reruns_nothing(project: ToyProject) -> None:
    path = project.folder / "data/own/stars.csv"
    os.utime(path, (time.time() + 100, time.time() + 100))
    assert project.to_do(PAGE) == set()


def test_a_changed_file_is_refused_until_its_checksum_is_renewed(project: ToyProject) -> None:
    path = project.folder / "data/own/stars.csv"
    before, table = path.read_bytes(), project.folder / TABLE
    kept = table.read_bytes()
    try:
        path.write_bytes(before + b"1,20,19,18,QSO\n")
        done = project.here("--forcerun", "assemble", "--", TABLE, PAGE)
        message = done.stdout + done.stderr
        assert done.returncode != 0
        assert "stars.csv" in message and hashlib.sha256(path.read_bytes()).hexdigest() in message
        assert "Traceback" not in message
    finally:
        path.write_bytes(before)
    project.run(TABLE)
    assert table.read_bytes() == kept


def test_a_missing_file_is_named(project: ToyProject, tmp_path: Path) -> None:
    path = project.folder / "data/own/stars.csv"
    away = path.rename(tmp_path / "stars.csv")
    table = project.folder / TABLE
    gone = table.rename(tmp_path / "table.parquet")
    try:
        done = project.here(TABLE, PAGE)
        assert done.returncode != 0 and "data/own/stars.csv" in done.stdout + done.stderr
    finally:
        away.rename(path)
        gone.rename(table)


def test_a_changed_file_is_seen_before_a_run(project: ToyProject) -> None:
    path, study = project.folder / "data/own/stars.csv", project.folder / "config/studies/mine.yaml"
    before = path.read_bytes()
    assert "no faults" in check_study(study)
    try:
        path.write_bytes(before + b"1,20,19,18,QSO\n")
        with pytest.raises(
            StudyError, match=r"stars\.csv has changed: expected [0-9a-f]{64}, found"
        ):
            check_study(study)
    finally:
        path.write_bytes(before)
