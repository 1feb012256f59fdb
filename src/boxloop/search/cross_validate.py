"""Run the trials of one chunk: every fold of every trial, in one process."""

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.fitting.given import is_given
from boxloop.fitting.targets import encoded
from boxloop.metrics import REGISTRY
from boxloop.search.fold_fits import Fits, Fold, Task, fit_folds, folds_of
from boxloop.search.progress import Progress
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger("boxloop")


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
    training, plan = planned(table, folds)
    target, classes = encoded(training, task.name)
    results: list[dict[str, Any]] = []
    spent = 0.0
    best, kept = None, pd.DataFrame({"id": [], "trial": [], "fold": []})
    for number, trial in enumerate(trials):
        found = progress.load(trial["id"]) if progress else None
        if found is None and minutes is not None and spent >= 60 * minutes:
            reason = f"the budget of {minutes:g} minutes was spent"
            results.append(_result(trial, "not_run", reason))
            continue
        if found is None:
            recipe = recipes[trial["model"]]
            found = _attempt(trial, recipe, training, target, classes, plan, task)
            if progress:
                progress.save(*found)
        result, predictions = found
        spent += result["seconds"]
        results.append(result)
        if result["status"] != "done":
            continue
        mean = np.nan if result["mean"] is None else result["mean"]
        log.info(
            "trial %d of %d: %s %.4g (%.1f s)",
            number + 1,
            len(trials),
            task.metric,
            mean,
            result["seconds"],
        )
        gain = mean if REGISTRY[task.metric].larger_is_better else -mean
        if best is None or gain > best:
            best, kept = gain, predictions
    return results, kept


def _attempt(
    trial: dict[str, Any],
    recipe: dict[str, Any],
    training: Table,
    target: "NDArray[Any]",
    classes: tuple[str, ...],
    plan: Sequence[Fold],
    task: Task,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Run a trial; if it fails, write down why: other hyperparameters may do better."""
    began = time.perf_counter()
    try:
        outcome, predictions = _one_trial(trial, recipe, training, target, classes, plan, task)
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


def planned(table: Table, folds: pd.DataFrame) -> tuple[Table, list[Fold]]:
    """Return the training objects of ``prepare/folds.parquet``, and its folds as rows of them."""
    ids = pd.Index(table.column(table.named("id") or "id"))
    rows = ids.get_indexer(pd.Index(folds["id"]))
    if (rows < 0).any():
        raise BoxloopError(
            f"prepare/folds.parquet names {int((rows < 0).sum())} objects that the table does not "
            "have; delete results/<study>/prepare and run again"
        )
    plan = folds_of(folds["fold"].to_numpy(), folds["slice"].to_numpy())
    return table.take(rows), plan


def _one_trial(
    trial: dict[str, Any],
    recipe: dict[str, Any],
    training: Table,
    target: "NDArray[Any]",
    classes: tuple[str, ...],
    plan: Sequence[Fold],
    task: Task,
) -> tuple[dict[str, Any], pd.DataFrame]:
    fits = fit_folds(trial, recipe, training, target, classes, plan, task)
    return outcome_of(fits, task.metric, partly=is_given(trial)), fits.predictions


def outcome_of(fits: Fits, metric: str, *, partly: bool = False) -> dict[str, Any]:
    """Return what a trial's folds gave, as its result says it.

    Parameters
    ----------
    partly : bool
        Whether folds may be without a score, as those in which a published catalogue has nothing to
        be judged by; the mean is over the others.

    Raises
    ------
    ValueError
        The metric is not defined in a fold.
    """
    finite = np.isfinite(fits.scores)
    if not (partly or finite.all()):
        raise ValueError(f"{metric} is not defined in fold {int(np.argmin(finite))}")
    seen, known = fits.train_scores, np.asarray(fits.scores, float)[finite]
    return {
        "status": "done",
        "reason": "",
        "scores": [s if np.isfinite(s) else None for s in fits.scores],
        "mean": float(np.mean(known)) if len(known) else None,
        "std": float(np.std(known, ddof=1)) if len(known) > 1 else None,
        "train_scores": [s if np.isfinite(s) else None for s in seen],
        "train_mean": float(np.mean(seen)) if np.isfinite(seen).all() else None,
        "epochs": fits.epochs or None,
        "parameters": fits.parameters,
    }


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
