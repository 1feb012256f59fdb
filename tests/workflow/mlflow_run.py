"""A small finished study and a real MLflow server, for the tests of logging."""

import json
import os
import socket
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from boxloop import store
from boxloop.fitting import fit_model, save_model
from boxloop.track.mlflow_log import FinishedRun

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


def finished_run(folder):
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
        models[name] = folder / "train" / name
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
    (folder / "figures").mkdir()
    (folder / "figures" / "scatter.pdf").write_bytes(b"%PDF-1.5 a figure")
    (folder / "report.html").write_text("<html>report</html>")
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
        files={"figures": folder / "figures", "report.html": folder / "report.html"},
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
                # Its queue of jobs, seven processes, is for what boxloop does not use.
                env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
                | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            )
        for _ in range(1800):  # a loaded machine takes its time
            if self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return f"http://127.0.0.1:{self.port}"
            time.sleep(0.1)
        raise RuntimeError((self.folder / "server.log").read_text())

    def __exit__(self, *error):
        os.killpg(self.process.pid, 15)
        self.process.wait(1800)


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
