"""Logging to a real MLflow server and to a real database, twice, half, and not at all."""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from boxloop import store
from boxloop.fitting import fit_model, save_model
from boxloop.track.mlflow_log import FinishedRun, log_run

STARTED, ENDED = "2026-03-01T10:00:00+00:00", "2026-03-01T10:05:00+00:00"


def frame():
    rng = np.random.default_rng(3)
    colours = rng.normal(size=(60, 2))
    return pd.DataFrame(
        {
            "id": [f"o{i}" for i in range(60)],
            "g_r": colours[:, 0],
            "r_i": colours[:, 1],
            "redshift": 2 * colours[:, 0] - colours[:, 1],
        }
    )


@pytest.fixture
def finished(tmp_path):
    """A small finished study: two models, three trials (one failed), a page and a figure."""
    recipe = {
        "inputs": ["table"],
        "table": {"columns": ["g_r", "r_i"], "impute": True, "indicators": [], "scale": True},
    }
    table = store.Table(frame(), {})
    models = {}
    for name, values in (("dummy", {}), ("linear", {"alpha": 0.0})):
        trial = {"model": name, "kind": name, "function": None, "inputs": ["table"]}
        fitted = fit_model(
            {**trial, "hyperparameters": values},
            recipe,
            table,
            table.column("redshift"),
            task="regression",
            seed=(0, name),
        )
        models[name] = tmp_path / "train" / name
        save_model(fitted, models[name])
    trials = pd.DataFrame(
        [
            trial_row("aaaaaaaaaaaa", "dummy", {}, [2.0, 2.5]),
            trial_row("bbbbbbbbbbbb", "linear", {"alpha": 0.0}, [0.25, 0.75]),
            trial_row("cccccccccccc", "linear", {"alpha": -1.0}, None),
        ]
    ).astype({"mean": float, "std": float})
    record = {
        "study": "toy",
        "status": "draft",
        "study_hash": "1234",
        "run_hash": "abcd",
        "git": {"commit": None, "dirty": None},
        "data_hash": "99aa",
        "seed": 0,
        "metric": "rmse",
        "selected": "linear",
        "started": STARTED,
        "ended": ENDED,
        "seconds": 12.5,
        "peak_memory_bytes": None,
        "versions": {"numpy": np.__version__},
    }
    one = {"value": 0.5, "low": 0.4, "high": 0.6, "n_units": 60}
    none = {"value": None, "low": None, "high": None, "n_units": 60, "reason": "no probability"}
    metrics = {
        "metric": "rmse",
        "status": "draft",
        "provenance": "simulated",
        "models": {"linear": {"cv": {"rmse": one, "mae": none}}},
    }
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "scatter.pdf").write_bytes(b"%PDF-1.5 a figure")
    (tmp_path / "report.html").write_text("<html>report</html>")
    return FinishedRun(
        record=record,
        metrics=metrics,
        selected={"models": {n: {"trial": 12 * c} for n, c in (("dummy", "a"), ("linear", "b"))}},
        summary={
            "study": "toy",
            "data_hash": "99aa",
            "rows": 60,
            "units": 60,
            "columns": [{"name": "g_r", "role": "feature"}],
            "samples": {"train": {"origin": {"simulator": "toy"}}},
        },
        trials=trials,
        models=models,
        files={"figures": tmp_path / "figures", "report.html": tmp_path / "report.html"},
    )


def trial_row(name, model, hyperparameters, scores):
    return {
        "id": name,
        "model": model,
        "kind": model,
        "purpose": "search",
        "status": "done" if scores else "failed",
        "reason": None if scores else "alpha must not be negative",
        "mean": np.mean(scores) if scores else None,
        "std": np.std(scores) if scores else None,
        "scores": json.dumps(scores),
        "epochs": "null",
        "hyperparameters": json.dumps(hyperparameters),
        "seconds": 3.0,
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a real server with a database of its own."""
    folder = tmp_path_factory.mktemp("server")
    with running_server(folder, free_port()) as address:
        yield address


class running_server:  # noqa: N801 - used like a function
    def __init__(self, folder, port):
        self.folder, self.port = folder, port

    def __enter__(self):
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "mlflow", "server", "--workers", "1"),
                    *("--host", "127.0.0.1", "--port", str(self.port)),
                    *("--backend-store-uri", "sqlite:///mlflow.db"),
                    *("--artifacts-destination", "./mlartifacts"),
                ],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"},
            )
        for _ in range(600):
            if self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return f"http://127.0.0.1:{self.port}"
            time.sleep(0.1)
        raise RuntimeError((self.folder / "server.log").read_text())

    def __exit__(self, *error):
        os.killpg(self.process.pid, 15)
        self.process.wait(30)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def client(address):
    import mlflow

    return mlflow.MlflowClient(address)


def everything(address, outcome):
    """All that the server knows of a run, its children and models, as plain data."""
    watcher = client(address)
    experiment = watcher.get_experiment_by_name(outcome["experiment"]).experiment_id
    known = {}
    for run in watcher.search_runs([experiment]):
        files = [
            f"{folder.path}/{inner.path}" if folder.is_dir else folder.path
            for folder in watcher.list_artifacts(run.info.run_id)
            for inner in (
                watcher.list_artifacts(run.info.run_id, folder.path) if folder.is_dir else [folder]
            )
        ]
        known[run.info.run_id] = {
            "run": run.to_dictionary(),
            "files": files,
            "histories": {
                key: [(m.timestamp, m.step, m.value) for m in history]
                for key in run.data.metrics
                for history in [watcher.get_metric_history(run.info.run_id, key)]
            },
        }
    models = [m.to_dictionary() for m in watcher.search_logged_models([experiment])]
    return known, sorted(models, key=lambda m: m["name"])


def test_the_server_shows_parent_children_fold_metrics_and_files(server, finished):
    outcome = log_run(finished, server)
    assert outcome["logged"], outcome["reason"]
    watcher = client(server)
    parent = watcher.get_run(outcome["parent"])
    assert parent.info.status == "FINISHED"
    assert parent.info.end_time - parent.info.start_time == 300_000
    assert parent.data.metrics["linear.cv.rmse"] == 0.5
    assert parent.data.metrics["linear.cv.rmse.high"] == 0.6
    assert "linear.cv.mae" not in parent.data.metrics
    assert parent.inputs.dataset_inputs[0].dataset.digest == "99aa"
    children = {t: watcher.get_run(i) for t, i in outcome["children"].items()}
    assert set(children) == set(finished.trials["id"])
    done = children["bbbbbbbbbbbb"]
    assert done.data.tags["mlflow.parentRunId"] == outcome["parent"]
    assert done.data.params == {"model": "linear", "alpha": "0.0"}
    assert done.data.metrics["rmse_fold_0"] == 0.25
    assert done.data.metrics["rmse_fold_1"] == 0.75
    assert done.data.metrics["rmse_mean"] == 0.5
    assert children["cccccccccccc"].info.status == "FAILED"
    assert children["cccccccccccc"].data.tags["boxloop.reason"] == "alpha must not be negative"
    assert {f.path for f in watcher.list_artifacts(outcome["parent"])} >= {"figures", "report.html"}


def test_logged_models_load_and_predict_what_the_files_predict(server, finished):
    import mlflow

    outcome = log_run(finished, server)
    mlflow.set_tracking_uri(server)
    model = mlflow.pyfunc.load_model(f"runs:/{outcome['parent']}/linear")
    rows = frame()
    predicted = model.predict(rows)
    assert predicted["prediction"].to_numpy() == pytest.approx(rows["redshift"], abs=1e-5)
    assert list(predicted["id"]) == list(rows["id"])


def test_no_logged_file_is_a_pickle(server, finished):
    outcome = log_run(finished, server)
    watcher = client(server)
    experiment = watcher.get_experiment_by_name(outcome["experiment"]).experiment_id
    models = watcher.search_logged_models([experiment])
    assert {m.name for m in models} == {"dummy", "linear"}
    for model in models:
        files = everything_below(watcher, model.model_id)
        assert files and not [f for f in files if f.endswith((".pkl", ".pickle", ".joblib"))]


def everything_below(watcher, model, folder=None):
    """Paths of all files of a logged model."""
    found = set()
    for entry in watcher.list_logged_model_artifacts(model, folder):
        found |= everything_below(watcher, model, entry.path) if entry.is_dir else {entry.path}
    return found


def test_logging_twice_changes_nothing(server, finished):
    first = log_run(finished, server)
    assert first["logged"], first["reason"]
    before = everything(server, first)
    second = log_run(finished, server)
    assert second == first
    assert everything(server, second) == before
    assert all(len(h) == 1 for r in before[0].values() for h in r["histories"].values())


def test_a_half_logged_run_is_completed_without_doubles(tmp_path, finished):
    destination = f"sqlite:///{tmp_path}/mlflow.db"
    whole = log_run(finished, destination)
    before, models = everything(destination, whole)
    watcher = client(destination)
    # As a kill leaves them: one child with its metrics but not ended, the parent without its mark.
    watcher.update_run(whole["children"]["bbbbbbbbbbbb"], status="RUNNING")
    watcher.delete_run(whole["children"]["aaaaaaaaaaaa"])
    watcher.delete_tag(whole["parent"], "boxloop.digest")
    again = log_run(finished, destination)
    assert again["parent"] == whole["parent"]
    after, models_after = everything(destination, again)
    assert len(after) == len(before)
    assert models_after == models
    for run in after.values():
        assert run["run"]["info"]["status"] in ("FINISHED", "FAILED")
        assert all(len(history) == 1 for history in run["histories"].values())


def test_another_report_title_updates_the_run_instead_of_adding_one(tmp_path, finished):
    destination = f"sqlite:///{tmp_path}/mlflow.db"
    first = log_run(finished, destination)
    retitled = replace(finished, record={**finished.record, "study_hash": "5678"})
    second = log_run(retitled, destination)
    assert second == first
    assert client(destination).get_run(first["parent"]).data.tags["boxloop.study_hash"] == "5678"


def test_a_server_that_is_down_costs_no_run_and_the_next_logging_has_it(tmp_path, finished):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    outcome = log_run(finished, address)
    assert not outcome["logged"]
    assert address in outcome["reason"]
    with running_server(tmp_path, port) as alive:
        outcome = log_run(finished, alive)
        assert outcome["logged"], outcome["reason"]
        assert len(outcome["children"]) == 3


def test_names_and_passwords_of_the_address_are_not_written_down(finished):
    outcome = log_run(finished, f"http://user:secret@127.0.0.1:{free_port()}")
    assert not outcome["logged"]
    assert "secret" not in json.dumps(outcome)


def test_two_studies_may_create_the_database_at_once(tmp_path, finished):
    pythons = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys, mlflow\n"
                "from boxloop.track.destination import waiting_for_turn\n"
                "with waiting_for_turn(sys.argv[1]):\n"
                "    mlflow.MlflowClient(sys.argv[1]).create_experiment(sys.argv[2])\n",
                f"sqlite:///{tmp_path}/mlflow.db",
                name,
            ]
        )
        for name in ("one", "two")
    ]
    assert [p.wait(60) for p in pythons] == [0, 0]


def test_the_default_destination_is_a_database_in_the_project(tmp_path, finished, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    outcome = log_run(finished)
    assert outcome["logged"], outcome["reason"]
    assert Path("mlflow.db").is_file()
    assert outcome["destination"] == "sqlite:///mlflow.db"


def test_a_study_whose_server_is_down_is_finished_and_logged_by_the_next_run(finished_project):
    outcome = finished_project.results() / "track" / "mlflow.json"
    assert store.read_json(outcome)["logged"]
    outcome.unlink()
    down = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"}
    for _ in range(3):  # it is tried again as often as it takes
        done = finished_project.run("snakemake", "toy_table", **down)
        assert "not logged to MLflow" in done.stdout
        assert not store.read_json(outcome)["logged"]
    finished_project.run("snakemake", "toy_table")
    assert store.read_json(outcome)["logged"]
    assert finished_project.planned("toy_table") == {}
