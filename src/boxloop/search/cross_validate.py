"""Run the trials of one chunk: every fold of every trial, in one process."""

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.fitting.external import is_external
from boxloop.fitting.targets import encoded
from boxloop.search.fold_fits import Attempt, Fits, Kept, fit_trials
from boxloop.search.plan import Fold, SearchTask, plan_of
from boxloop.search.progress import Epochs, Progress
from boxloop.search.select import best_trial
from boxloop.store import Table

if TYPE_CHECKING:
    from boxloop.results.prepare import Recipes
    from boxloop.results.search import FoldScores, Trial, TrialResult

log = logging.getLogger("boxloop")


def cross_validate(
    trials: "Sequence[Trial]",
    recipes: "Recipes",
    table: Table,
    folds: pd.DataFrame,
    task: SearchTask,
    minutes: float | None = None,
    progress: Progress | None = None,
) -> "tuple[list[TrialResult], pd.DataFrame]":
    """Cross-validate trials.

    Everything fitted (recipe, early stopping, model) is fitted to the training part of a fold; its
    scoring part is predicted once, at the end.

    Parameters
    ----------
    trials : sequence of Trial
        As `boxloop.study.trials.trials_of` plans them.
    recipes : dict
        Unfitted recipe of each model.
    table : Table
    folds : pandas.DataFrame
        ``id, fold, slice`` of the training objects, and those of further repeats.
    task : SearchTask
    minutes : float, optional
        No new trial is begun after so much time; what was not begun says so.
    progress : Progress, optional
        Where finished trials are kept, so that a killed chunk goes on after the last of them.

    Returns
    -------
    results : list of TrialResult
    predictions : pandas.DataFrame
        Out-of-fold predictions of the best trial, with its ``trial`` and ``fold``, in the first
        repeat.
    """
    training, plan = planned(table, folds)
    found: dict[str, TrialResult] = {}
    for trial in trials:
        if progress and (finished := progress.load(trial["id"])):
            log.info("trial %s was finished before", trial["id"])
            found[trial["id"]] = finished[0]
    if task.halving:
        found = _without_rivals(found, trials)
    ahead = [trial for trial in trials if trial["id"] not in found]
    spent = sum(result["seconds"] for result in found.values())
    running = _run(ahead, recipes, training, plan, task, progress)
    kept = ("", pd.DataFrame({"id": [], "trial": [], "fold": []}))  # of all there is room for one
    more = 0  # what was trained with the last trial is there: it costs nothing to take it
    while len(found) < len(trials) and (more or minutes is None or spent < 60 * minutes):
        result, predictions, more = next(running)
        found[result["id"]] = result
        if _best(trials, found, task.metric) == result["id"]:
            kept = result["id"], predictions
        spent += result["seconds"]
        if progress:
            progress.save(result, predictions)
        if result["status"] == "done":
            mean = np.nan if result["mean"] is None else result["mean"]
            about = (len(found), len(trials), task.metric, mean, result["seconds"])
            log.info("trial %d of %d: %s %.4g (%.1f s)", *about)
    reason = f"the budget of {minutes or 0:g} minutes was spent"
    results = [
        found[trial["id"]] if trial["id"] in found else _result(trial, "not_run", reason)
        for trial in trials
    ]
    best = _best(trials, found, task.metric)
    if progress and best and best != kept[0]:
        finished = progress.load(best)
        if finished is None:
            raise BoxloopError(f"what trial {best} has predicted is gone; run again")
        kept = best, finished[1]
    return results, kept[1]


def _without_rivals(
    found: "dict[str, TrialResult]", trials: "Sequence[Trial]"
) -> "dict[str, TrialResult]":
    """Return finished trials but networks of a model that is not: all its trials compete."""
    open_ = {trial["model"] for trial in trials if trial["id"] not in found}
    return {
        trial: result
        for trial, result in found.items()
        if not (result["epochs"] and result["model"] in open_)
    }


def _best(trials: "Sequence[Trial]", found: "dict[str, TrialResult]", metric: str) -> str | None:
    """Return the name of the best trial so far; None before one has succeeded."""
    known = [found[trial["id"]] for trial in trials if trial["id"] in found]
    done = [result for result in known if result["status"] == "done"]
    return str(best_trial(done, metric)["id"]) if done else None


def _run(
    trials: "Sequence[Trial]",
    recipes: "Recipes",
    training: Table,
    plan: Sequence[Fold],
    task: SearchTask,
    progress: Progress | None,
) -> "Iterator[tuple[TrialResult, pd.DataFrame, int]]":
    """Run trials, each when it is asked for; what failed says why: others may do better.

    Yields
    ------
    result, predictions
    more : int
        As of `boxloop.search.fold_fits.Attempt`.
    """
    target, classes = encoded(training, task.name)
    folder, key = (progress.folder, progress.key) if progress else (None, "")
    kept = Kept(folder, key, Epochs(folder))
    for model in dict.fromkeys(trial["model"] for trial in trials):
        of_model = [trial for trial in trials if trial["model"] == model]
        attempts = fit_trials(
            of_model, recipes[model], training, target, classes, plan, task, kept=kept
        )
        for attempt in attempts:
            yield *_told(of_model[attempt.place], attempt, task.metric), attempt.more


def _told(trial: "Trial", attempt: Attempt, metric: str) -> "tuple[TrialResult, pd.DataFrame]":
    error = attempt.error
    if attempt.fits is not None:
        try:
            outcome = outcome_of(attempt.fits, metric, partly=is_external(trial))
            return {**trial, **outcome, "seconds": attempt.seconds}, attempt.fits.predictions
        except ValueError as undefined:
            error = undefined
    assert error is not None
    result = _result(trial, "failed", _reason(error))
    result["seconds"] = attempt.seconds
    log.warning("trial %s failed: %s", trial["id"], result["reason"])
    log.debug("trial %s failed", trial["id"], exc_info=error)
    return result, pd.DataFrame()


def _reason(error: Exception) -> str:
    """Return an error as one line; TensorFlow heads its own with a line that says nothing."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [""]
    telling = [line for line in lines[1:] if not line[0].isspace()]
    first = f"{lines[0]} {telling[-1]}" if lines[0].endswith(":") and telling else lines[0]
    return f"{type(error).__name__}: {first}".removesuffix(": ")[:300]


def planned(table: Table, folds: pd.DataFrame) -> tuple[Table, list[Fold]]:
    """Return the training objects of ``prepare/folds.parquet``, and its folds as rows of them."""
    ids = pd.Index(table.ids)
    rows = ids.get_indexer(pd.Index(folds["id"]))
    if (rows < 0).any():
        raise BoxloopError(
            f"prepare/folds.parquet names {int((rows < 0).sum())} objects that the table does not "
            "have; delete results/<study>/prepare and run again"
        )
    return table.take(rows), plan_of(folds)


def outcome_of(fits: Fits, metric: str, *, partly: bool = False) -> "FoldScores":
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
        "rung": fits.rung,
        "parameters": fits.parameters,
    }


def _result(trial: "Trial", status: Literal["failed", "not_run"], reason: str) -> "TrialResult":
    return {
        **trial,
        "status": status,
        "reason": reason,
        "scores": [],
        "mean": None,
        "std": None,
        "train_scores": [],
        "train_mean": None,
        "epochs": None,
        "rung": None,
        "parameters": None,
        "seconds": 0.0,
    }
