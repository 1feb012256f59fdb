"""Show a finished study in MLflow: one parent run, its trials as children, the final models.

Logging is a sync: runs are found again by their tags, what is there already is left alone, and
all times come from run.json, so that a second or a half-finished logging makes no doubles.
"""

import json
import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from boxloop.fitting import is_given_folder
from boxloop.store import plain
from boxloop.track.destination import described, prepared, waiting_for_turn
from boxloop.track.mlflow_values import (
    dataset,
    digest,
    finite,
    milliseconds,
    save_served,
    study_metrics,
    sums,
    trial_metrics,
)

if TYPE_CHECKING:
    import mlflow

    from boxloop.results.data import Summary
    from boxloop.results.search import Selected
    from boxloop.results.track import LogOutcome, Run

_LOG = logging.getLogger("boxloop.track")
_MOST_METRICS = 1000  # MLflow's limit for one batch
_MOST_TEXT = 5000  # characters of a parameter
_ENDS = {"done": "FINISHED", "failed": "FAILED", "not_run": "KILLED"}


@dataclass(frozen=True)
class FinishedRun:
    """What one study run left behind.

    Attributes
    ----------
    record, metrics, selected, summary : mapping
        Contents of track/run.json, evaluate/metrics.json, search/selected.json, data/summary.json.
    trials : pandas.DataFrame
        Content of search/trials.parquet.
    models : mapping of str to Path
        Folder of each final model.
    files : mapping of str to Path
        Files and folders to keep with the run, by name.
    user_code : sequence of Path
        The study's own modules.
    """

    record: "Run"
    metrics: Mapping[str, Any]
    selected: "Selected"
    summary: "Summary"
    trials: pd.DataFrame
    models: Mapping[str, Path] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    user_code: Sequence[Path] = ()


def log_run(run: FinishedRun, destination: str | None = None) -> "LogOutcome":
    """Bring MLflow into step with a finished run.

    Parameters
    ----------
    run : FinishedRun
    destination : str, optional
        A tracking URI; absent: MLFLOW_TRACKING_URI, else mlflow.db in the project.

    Returns
    -------
    LogOutcome
        Whatever MLflow or its server do, nothing is raised: a study
        does not fail because nobody could watch it.
    """
    destination = destination or os.environ.get("MLFLOW_TRACKING_URI") or "sqlite:///mlflow.db"
    outcome: LogOutcome = {
        "logged": False,
        "reason": None,
        "destination": described(destination),
        "experiment": f"boxloop/{run.record['study']}",
        "parent": None,
        "children": {},
    }
    try:
        with waiting_for_turn(destination):
            prepared(destination)
            _Sync(destination, outcome).run(run)
        outcome["logged"] = True
    except Exception as error:
        if not isinstance(error, OSError):  # not a server that is away: something to mend
            _LOG.warning("logging to MLflow failed", exc_info=error)
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        outcome["reason"] = first[:300].replace(destination, outcome["destination"])
    return outcome


class _Sync:
    """One connection to MLflow and the runs that are there."""

    def __init__(self, destination: str, outcome: "LogOutcome") -> None:
        import mlflow

        mlflow.set_tracking_uri(destination)
        self.client = mlflow.MlflowClient(destination)
        self.outcome = outcome
        self.experiment = self._experiment(outcome["experiment"])

    def run(self, run: FinishedRun) -> None:
        started = milliseconds(run.record["started"])
        tags = {
            "boxloop.study": run.record["study"],
            "boxloop.run_hash": run.record["run_hash"],
            "boxloop.trial": "parent",
        }
        found = self._find(tags)
        parent = found.get("parent") or self._create(run.record["study"], started, tags)
        self.outcome["parent"] = parent.info.run_id
        for trial in plain(run.trials.to_dict("records")):  # NaN becomes None
            child = found.get(trial["id"])
            self.outcome["children"][trial["id"]] = self._child(run, trial, parent, child, started)
        self._parent(run, parent, started)

    def _experiment(self, name: str) -> str:
        known = self.client.get_experiment_by_name(name)
        if known is None:
            return str(self.client.create_experiment(name))
        if known.lifecycle_stage == "deleted":
            self.client.restore_experiment(known.experiment_id)
        return str(known.experiment_id)

    def _find(self, tags: Mapping[str, str]) -> "dict[str, mlflow.entities.Run]":
        """Return the runs of this study run by trial; the parent too."""
        keys = ("boxloop.study", "boxloop.run_hash")
        condition = " and ".join(f"tags.`{k}` = '{tags[k]}'" for k in keys)
        found: dict[str, mlflow.entities.Run] = {}
        token = None
        while True:
            page = self.client.search_runs([self.experiment], condition, page_token=token)
            found.update({r.data.tags["boxloop.trial"]: r for r in page})
            token = page.token
            if not token:
                return found

    def _create(self, name: str, started: int, tags: Mapping[str, str]) -> Any:
        return self.client.create_run(
            self.experiment, start_time=started, run_name=name, tags=dict(tags)
        )

    def _child(
        self, run: FinishedRun, trial: Mapping[str, Any], parent: Any, child: Any, started: int
    ) -> str:
        chosen = run.selected["models"].get(trial["model"])
        best = chosen is not None and chosen["trial"] == trial["id"]
        values = {**trial, "best": best}
        if child is None:
            tags = {
                **{k: parent.data.tags[k] for k in ("boxloop.study", "boxloop.run_hash")},
                "boxloop.trial": trial["id"],
                "mlflow.parentRunId": parent.info.run_id,
            }
            child = self._create(f"{trial['model']} {trial['id'][:6]}", started, tags)
        elif _in_step(child, values):
            return str(child.info.run_id)
        hyperparameters = json.loads(trial["hyperparameters"])
        self._fill(
            child,
            started,
            params={"model": trial["model"], **hyperparameters},
            metrics=trial_metrics(trial, run.metrics["metric"]),
            tags={
                "boxloop.best": str(best).lower(),
                "boxloop.purpose": trial["purpose"],
                "boxloop.reason": trial["reason"] or "",
                "boxloop.digest": digest(values),
            },
        )
        ended = started + round(1000 * (finite(trial["seconds"]) or 0))
        self.client.set_terminated(child.info.run_id, _ENDS[trial["status"]], ended)
        return str(child.info.run_id)

    def _parent(self, run: FinishedRun, parent: Any, started: int) -> None:
        files = {name: sums(path) for name, path in {**run.files, **run.models}.items()}
        values = {"record": run.record, "metrics": run.metrics, "files": files}
        if _in_step(parent, values):
            return
        record, run_id = run.record, parent.info.run_id
        self._fill(
            parent,
            started,
            params={"seed": record["seed"], "metric": record["metric"]},
            metrics=study_metrics(run.metrics, record),
            tags={
                "boxloop.status": record["status"],
                "boxloop.selected": str(record["selected"]),
                "boxloop.study_hash": record["study_hash"],
                "boxloop.data_hash": record["data_hash"],
                "boxloop.provenance": str(run.metrics["provenance"]),
                "mlflow.source.git.commit": record["git"]["commit"] or "",
            },
        )
        self.client.log_inputs(run_id, [dataset(run.summary)])
        for name, path in run.files.items():
            if path.is_dir():
                self.client.log_artifacts(run_id, str(path), name)
            else:
                self.client.log_artifact(run_id, str(path), str(Path(name).parent).strip("."))
        for name, folder in run.models.items():
            if is_given_folder(folder):  # a column of somebody else's: its scores are logged
                continue
            self._model(run, parent, name, folder, files[name])
        # Last: only a run that has everything is called in step.
        self.client.set_tag(run_id, "boxloop.digest", digest(values))
        self.client.set_terminated(run_id, "FINISHED", milliseconds(record["ended"]))

    def _fill(
        self,
        run: Any,
        time: int,
        *,
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        tags: Mapping[str, str],
    ) -> None:
        from mlflow.entities import Metric, Param, RunTag

        new = [
            Metric(k, v, time, 0) for k, v in metrics.items() if run.data.metrics.get(k, None) != v
        ]
        self.client.log_batch(
            run.info.run_id,
            metrics=new[:_MOST_METRICS],
            params=[
                Param(k, str(v)[:_MOST_TEXT]) for k, v in params.items() if k not in run.data.params
            ],
            tags=[RunTag(k, v) for k, v in tags.items()],
        )
        for i in range(_MOST_METRICS, len(new), _MOST_METRICS):
            self.client.log_batch(run.info.run_id, metrics=new[i : i + _MOST_METRICS])

    def _model(
        self, run: FinishedRun, parent: Any, name: str, folder: Path, files: Mapping[str, str]
    ) -> None:
        """Log one final model, unless these very files are there; an older one gives way."""
        from mlflow.entities import LoggedModelOutput

        key, wanted = f"boxloop.model.{name}", digest(files)
        known, _, old = parent.data.tags.get(key, "").partition(" ")
        if known == wanted:
            return
        run_id = parent.info.run_id
        tags = {"boxloop.study": run.record["study"], "boxloop.model": name}
        # Not mlflow.pyfunc.log_model: it copies every metric of the run to each of its models.
        logged = self.client.create_logged_model(
            self.experiment, name=name, source_run_id=run_id, tags=tags, model_type="boxloop"
        )
        with tempfile.TemporaryDirectory() as folder_of_copy:
            copy = Path(folder_of_copy) / "model"
            save_served(copy, logged, run_id, folder, run.user_code, run.record["versions"])
            self.client.log_model_artifacts(logged.model_id, str(copy))
        self.client.finalize_logged_model(logged.model_id, "READY")
        self.client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, 0)])
        self.client.set_tag(run_id, key, f"{wanted} {logged.model_id}")
        if old:
            self.client.delete_logged_model(old)


def _in_step(run: Any, values: Any) -> bool:
    finished = run.info.status in _ENDS.values()
    return finished and run.data.tags.get("boxloop.digest") == digest(values)
