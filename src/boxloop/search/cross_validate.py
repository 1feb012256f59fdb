"""Run the trials of one chunk: every fold of every trial, in one process."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.fitting import fit_model
from boxloop.fitting.targets import encoded, judged, target_error
from boxloop.metrics import REGISTRY, point_for, value
from boxloop.search.progress import Progress
from boxloop.store import Table
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger("boxloop")

#: Most fitting rows of a fold by which the training score is taken.
TRAIN_ROWS = 5000


@dataclass(frozen=True)
class Task:
    """What all trials of a study share.

    Attributes
    ----------
    name : str
        classification or regression.
    metric : str
    seed : int
    user_code : sequence of str
    threads : int
    """

    name: str
    metric: str
    seed: int
    user_code: Sequence[str] = ()
    threads: int = 1


def cross_validate(
    trials: list[dict[str, Any]],
    recipes: dict[str, dict[str, Any]],
    table: Table,
    folds: pd.DataFrame,
    task: Task,
    minutes: float | None = None,
    progress: Progress | None = None,
) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """Cross-validate trials.

    Everything fitted (recipe, early stopping, model) is fitted to the training part of a fold; its
    scoring part is predicted once, at the end.

    Parameters
    ----------
    trials : list of dict
        As `boxloop.study.trials.trials_of` plans them.
    recipes : dict
        Unfitted recipe of each model.
    table : Table
    folds : pandas.DataFrame
        ``id, fold, slice`` of the training objects.
    task : Task
    minutes : float, optional
        No new trial is begun after so much time; what was not begun says so.
    progress : Progress, optional
        Where finished trials are kept, so that a killed chunk goes on after the last of them.

    Returns
    -------
    results : list of dict
        The trials with ``status, reason, scores, mean, std, train_scores, train_mean, epochs,
        seconds, parameters``.
    predictions : pandas.DataFrame
        Out-of-fold predictions of the best trial, with its ``trial`` and ``fold``.
    """
    training, parts, slices = _training(table, folds)
    target, classes = encoded(training, task.name)
    results: list[dict[str, Any]] = []
    spent = 0.0
    best, kept = -np.inf, pd.DataFrame({"id": [], "trial": [], "fold": []})
    for number, trial in enumerate(trials):
        found = progress.load(trial["id"]) if progress else None
        if found is None and minutes is not None and spent >= 60 * minutes:
            reason = f"the budget of {minutes:g} minutes was spent"
            results.append(_result(trial, "not_run", reason))
            continue
        if found is None:
            recipe = recipes[trial["model"]]
            found = _attempt(trial, recipe, training, target, classes, parts, slices, task)
            if progress:
                progress.save(*found)
        result, predictions = found
        spent += result["seconds"]
        results.append(result)
        if result["status"] != "done":
            continue
        log.info(
            "trial %d of %d: %s %.4g (%.1f s)",
            number + 1,
            len(trials),
            task.metric,
            result["mean"],
            result["seconds"],
        )
        gain = result["mean"] if REGISTRY[task.metric].larger_is_better else -result["mean"]
        if gain > best:
            best, kept = gain, predictions
    return results, kept


def _attempt(
    trial: dict[str, Any],
    recipe: dict[str, Any],
    training: Table,
    target: "NDArray[Any]",
    classes: tuple[str, ...],
    folds: "NDArray[np.int8]",
    slices: "NDArray[np.int8]",
    task: Task,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Run a trial; if it fails, write down why: other hyperparameters may do better."""
    began = time.perf_counter()
    try:
        outcome, predictions = _one_trial(
            trial, recipe, training, target, classes, folds, slices, task
        )
        result = {**trial, **outcome}
    except BoxloopError:  # a fault of the study: every other trial would meet it too
        raise
    except Exception as error:  # a user's model may raise anything
        result, predictions = _result(trial, "failed", _reason(error)), pd.DataFrame()
        log.warning("trial %s failed: %s", trial["id"], result["reason"])
        log.debug("trial %s failed", trial["id"], exc_info=True)
    return {**result, "seconds": time.perf_counter() - began}, predictions


def _reason(error: Exception) -> str:
    """Return an error as one line; TensorFlow heads its own with a line that says nothing."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [""]
    telling = [line for line in lines[1:] if not line[0].isspace()]
    first = f"{lines[0]} {telling[-1]}" if lines[0].endswith(":") and telling else lines[0]
    return f"{type(error).__name__}: {first}".removesuffix(": ")[:300]


def _training(
    table: Table, folds: pd.DataFrame
) -> tuple[Table, "NDArray[np.int8]", "NDArray[np.int8]"]:
    ids = pd.Index(table.column(table.named("id") or "id"))
    rows = ids.get_indexer(pd.Index(folds["id"]))
    if (rows < 0).any():
        raise BoxloopError(
            f"prepare/folds.parquet names {int((rows < 0).sum())} objects that the table does not "
            "have; delete results/<study>/prepare and run again"
        )
    return table.take(rows), folds["fold"].to_numpy(), folds["slice"].to_numpy()


def _one_trial(
    trial: dict[str, Any],
    recipe: dict[str, Any],
    training: Table,
    target: "NDArray[Any]",
    classes: tuple[str, ...],
    folds: "NDArray[np.int8]",
    slices: "NDArray[np.int8]",
    task: Task,
) -> tuple[dict[str, Any], pd.DataFrame]:
    scores, epochs, found, size = [], [], [], None
    train_scores = []
    error = target_error(training)
    for fold in np.unique(folds):
        inside, scored = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        fitted = fit_model(
            trial,
            recipe,
            training.take(inside),
            target[inside],
            task=task.name,
            classes=classes,
            seed=(task.seed, "search", trial["id"], int(fold)),
            point=point_for(task.metric),
            stopping=slices[inside] == fold % (slices.max() + 1),
            user_code=task.user_code,
            threads=task.threads,
        )
        predicted = fitted.predict(training.take(scored)).assign(fold=int(fold), trial=trial["id"])
        pair = judged(predicted, target[scored], classes, _rows(error, scored))
        scores.append(value(task.metric, pair))
        some = _some(inside, generator(task.seed, "training score", int(fold)))
        seen = fitted.predict(training.take(some))
        pair = judged(seen, target[some], classes, _rows(error, some))
        train_scores.append(value(task.metric, pair))
        found.append(predicted.assign(row=scored))
        if fitted.description["epochs"] is not None:
            epochs.append(int(fitted.description["epochs"]))
            size = fitted.description["parameters"]
    if not np.isfinite(scores).all():
        raise ValueError(
            f"{task.metric} is not defined in fold {int(np.argmin(np.isfinite(scores)))}"
        )
    outcome = {
        "status": "done",
        "reason": "",
        "scores": scores,
        "mean": float(np.mean(scores)),
        "std": float(np.std(scores, ddof=1)),
        "train_scores": [s if np.isfinite(s) else None for s in train_scores],
        "train_mean": float(np.mean(train_scores)) if np.isfinite(train_scores).all() else None,
        "epochs": epochs or None,
        "parameters": size,
    }
    predictions = pd.concat(found).sort_values("row").drop(columns="row")
    return outcome, predictions.reset_index(drop=True)


def _rows(
    values: "NDArray[np.float64] | None", rows: "NDArray[np.intp]"
) -> "NDArray[np.float64] | None":
    return None if values is None else values[rows]


def _some(rows: "NDArray[np.intp]", rng: np.random.Generator) -> "NDArray[np.intp]":
    """Return all rows, or so many of them, drawn at random, that a score of them is cheap."""
    return rows if len(rows) <= TRAIN_ROWS else np.sort(rng.choice(rows, TRAIN_ROWS, replace=False))


def _result(trial: dict[str, Any], status: str, reason: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "scores": [],
        "mean": None,
        "std": None,
        "train_scores": [],
        "train_mean": None,
        "epochs": None,
        "parameters": None,
    }
    return {**trial, "status": status, "reason": reason, **nothing, "seconds": 0.0}
