"""What a run record becomes in MLflow: metrics, datasets, models, digests of what was logged."""

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop.store import plain, sha256

if TYPE_CHECKING:
    from boxloop.results.data import Summary
    from boxloop.results.track import Run

_NEEDED = ("mlflow", "numpy", "pandas", "scikit-learn", "skops", "tensorflow", "keras")


def digest(content: Any) -> str:
    """Return a short hash of plain data."""
    return hashlib.sha256(json.dumps(plain(content), sort_keys=True).encode()).hexdigest()[:16]


def sums(path: Path) -> dict[str, str]:
    """Return the SHA-256 of a file, or of every file of a folder, by relative path."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return {str(p.relative_to(path)): sha256(p) for p in files}


def milliseconds(text: str | None) -> int:
    """Return an ISO time as MLflow counts it, from 1970 [ms]."""
    return round(1000 * datetime.fromisoformat(text).timestamp()) if text else 0


def finite(value: Any) -> float | None:
    """Return a number, or None for null and NaN."""
    return float(value) if value is not None and value == value else None


def trial_metrics(trial: Mapping[str, Any], metric: str) -> dict[str, float]:
    """Return the score of each fold, their mean and spread, and the time [s]."""
    scores = json.loads(trial["scores"]) or []
    found = {f"{metric}_fold_{i}": score for i, score in enumerate(scores)}
    found |= {f"{metric}_mean": trial["mean"], f"{metric}_std": trial["std"]}
    found["seconds"] = trial["seconds"]
    return {k: float(v) for k, v in found.items() if finite(v) is not None}


def study_metrics(metrics: Mapping[str, Any], record: "Run") -> dict[str, float]:
    """Return all of metrics.json as ``<model>.<split>.<metric>`` and its ``.low``, ``.high``."""
    found: dict[str, Any] = {"seconds": record["seconds"]}
    found["peak_memory_bytes"] = record["peak_memory_bytes"]
    for model, splits in metrics["models"].items():
        for split, values in splits.items():
            for name, one in values.items():
                key = f"{model}.{split}.{name}"
                found |= {key: one["value"]}
                found |= {f"{key}.{end}": one.get(end) for end in ("low", "high")}
    return {k: float(v) for k, v in found.items() if finite(v) is not None}


def dataset(summary: "Summary") -> Any:
    """Describe the data by name, hash and columns; the table itself is not read."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    columns = [{"name": c["name"], "type": c["role"]} for c in summary["columns"]]
    origins = {name: s["origin"] for name, s in summary["samples"].items()}
    return DatasetInput(
        Dataset(
            name=summary["study"],
            digest=str(summary["data_hash"])[:36],
            source_type="boxloop",
            source=json.dumps({"samples": origins}, default=str)[:60_000],
            profile=json.dumps({"num_rows": summary["rows"], "units": summary["units"]}),
            schema=json.dumps({"boxloop_columns": columns})[:60_000],
        ),
        [InputTag("mlflow.data.context", "training")],
    )


def save_served(
    path: Path,
    logged: Any,
    run_id: str,
    folder: Path,
    user_code: Sequence[Path],
    versions: Mapping[str, str],
) -> None:
    """Write ``train/<model>`` as an MLflow model that `boxloop.track.served` loads.

    Parameters
    ----------
    path : Path
        A folder that is not there yet.
    logged : mlflow.entities.LoggedModel
    run_id : str
        The parent run.
    folder : Path
        ``train/<model>``.
    user_code : sequence of Path
        The study's own modules.
    versions : mapping of str to str
        Versions of libraries.
    """
    import mlflow

    described = mlflow.models.Model(
        artifact_path=logged.artifact_location,
        model_uuid=logged.model_id,
        model_id=logged.model_id,
        run_id=run_id,
    )
    with tempfile.TemporaryDirectory() as own, _quiet("mlflow"):
        artifacts = {"model": str(folder)}
        if user_code:
            artifacts["code"] = own
            for module in user_code:
                shutil.copy2(module, own)
        mlflow.pyfunc.save_model(
            path=str(path),
            mlflow_model=described,
            python_model=str(Path(__file__).with_name("served.py")),
            artifacts=artifacts,
            # Named here, for MLflow would load the model in another process to find out. boxloop
            # is not among them: whoever loads the model installs it from where it comes.
            pip_requirements=[f"{n}=={versions[n]}" for n in _NEEDED if n in versions],
        )


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep MLflow from warning of what is meant: no signature, no version of pip."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
