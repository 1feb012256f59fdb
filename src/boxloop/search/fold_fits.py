"""Fit a trial in every fold of a plan, and score it on what it was not fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.fitting import fit_model
from boxloop.fitting.targets import judged, target_error
from boxloop.metrics import point_for, value
from boxloop.store import Table
from boxloop.study.seeds import generator
from boxloop.units import fold_rows, scored_folds

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


@dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows to be scored on; they share no unit.

    Attributes
    ----------
    number : int
    inside, scored : ndarray of int
        Rows of the training table.
    stopping : ndarray of bool, shape (len(inside),)
        The inner slice of `inside` by which a network stops early.
    weights : ndarray, shape (len(inside),), optional
        How much each row teaches, beside what the recipe says.
    """

    number: int
    inside: "NDArray[np.intp]"
    scored: "NDArray[np.intp]"
    stopping: "NDArray[np.bool_]"
    weights: "NDArray[np.float64] | None" = None


@dataclass(frozen=True)
class Fits:
    """What the folds of a trial gave.

    Attributes
    ----------
    scores, train_scores : list of float
        By fold; NaN where the metric is not defined.
    epochs : list of int
        By fold, networks only.
    parameters : int or None
        Weights of the network.
    predictions : pandas.DataFrame
        Out of fold, with ``fold`` and ``trial``, in the order of the training rows.
    rows : ndarray of int
        The row of each prediction.
    """

    scores: list[float]
    train_scores: list[float]
    epochs: list[int]
    parameters: int | None
    predictions: pd.DataFrame
    rows: "NDArray[np.intp]"


def folds_of(folds: "NDArray[np.int8]", slices: "NDArray[np.int8]") -> list[Fold]:
    """Return the plan that ``prepare/folds.parquet`` stands for."""
    plan = []
    for fold in scored_folds(folds):
        inside, scored = fold_rows(folds, fold)
        stopping = slices[inside] == fold % (slices.max() + 1)
        plan.append(Fold(fold, inside, scored, stopping))
    return plan


def fit_folds(
    trial: dict[str, Any],
    recipe: dict[str, Any],
    training: Table,
    target: "NDArray[Any]",
    classes: tuple[str, ...],
    plan: Sequence[Fold],
    task: Task,
    use: tuple[str, ...] = ("search",),
) -> Fits:
    """Fit a trial to the inside of every fold and predict what the fold scores.

    Parameters
    ----------
    trial, recipe : dict
    training : Table
    target : ndarray, shape (rows,)
        Numbers, or codes of `classes`.
    plan : sequence of Fold
    task : Task
    use : tuple of str
        Name of the random stream.
    """
    scores, train_scores, epochs, found, size = [], [], [], [], None
    error = target_error(training)
    for fold in plan:
        fitted = fit_model(
            trial,
            recipe,
            training.take(fold.inside),
            target[fold.inside],
            task=task.name,
            classes=classes,
            seed=(task.seed, *use, trial["id"], fold.number),
            point=point_for(task.metric),
            stopping=fold.stopping,
            weights=fold.weights,
            user_code=task.user_code,
            threads=task.threads,
        )
        predicted = fitted.predict(training.take(fold.scored))
        predicted = predicted.assign(fold=fold.number, trial=trial["id"])
        pair = judged(predicted, target[fold.scored], classes, _rows(error, fold.scored))
        scores.append(value(task.metric, pair))
        some = _some(fold.inside, generator(task.seed, "training score", fold.number))
        pair = judged(
            fitted.predict(training.take(some)), target[some], classes, _rows(error, some)
        )
        train_scores.append(value(task.metric, pair))
        found.append(predicted.assign(row=fold.scored))
        if fitted.description["epochs"] is not None:
            epochs.append(int(fitted.description["epochs"]))
            size = fitted.description["parameters"]
    together = pd.concat(found).sort_values("row", kind="stable")
    rows = together["row"].to_numpy()
    predictions = together.drop(columns="row").reset_index(drop=True)
    return Fits(scores, train_scores, epochs, size, predictions, rows)


def _rows(
    values: "NDArray[np.float64] | None", rows: "NDArray[np.intp]"
) -> "NDArray[np.float64] | None":
    return None if values is None else values[rows]


def _some(rows: "NDArray[np.intp]", rng: np.random.Generator) -> "NDArray[np.intp]":
    """Return all rows, or so many of them, drawn at random, that a score of them is cheap."""
    return rows if len(rows) <= TRAIN_ROWS else np.sort(rng.choice(rows, TRAIN_ROWS, replace=False))
