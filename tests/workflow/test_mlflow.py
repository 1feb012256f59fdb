"""Logging to a real MLflow server and to a real database, twice, half, and not at all."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow_run import (
    client,
    everything,
    finished_run,
    frame,
    free_port,
    running_server,
)

from boxloop import store
from boxloop.track.mlflow_log import log_run

LOG = "results/toy_table/logs/log_run.log"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a real server with a database of its own."""
    folder = tmp_path_factory.mktemp("server")
    with running_server(folder, free_port()) as address:
        yield address


@pytest.fixture
def finished(tmp_path):
    return finished_run(tmp_path)


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
    assert [p.wait(1800) for p in pythons] == [0, 0]


def test_the_default_destination_is_a_database_in_the_project(tmp_path, finished, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    outcome = log_run(finished)
    assert outcome["logged"], outcome["reason"]
    assert Path("mlflow.db").is_file()
    assert outcome["destination"] == "sqlite:///mlflow.db"


def test_a_study_whose_server_is_down_is_finished_and_logged_by_the_next_run(table_ran, tmp_path):
    project = table_ran.copied(tmp_path / "project")
    outcome = project.folder / "results/toy_table/track/mlflow.json"
    assert store.read_json(outcome)["logged"]
    outcome.unlink()
    down = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"}
    for _ in range(2):  # it is tried again as often as it takes
        project.run("toy_table", **down)
        assert "not logged to MLflow" in (project.folder / LOG).read_text()
        assert not store.read_json(outcome)["logged"]
    project.run("toy_table")
    assert store.read_json(outcome)["logged"]
    assert project.to_do("toy_table") == set()
