"""Fit a trial in every fold of a plan, and score it on what it was not fitted to."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.fitting import fit_model
from boxloop.fitting.stacked import Outcome, Part, Setting, fit_stacked, trains_network
from boxloop.fitting.targets import judged, target_error
from boxloop.metrics import point_for, value
from boxloop.search.plan import Fold, Task
from boxloop.store import Table
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Most fitting rows of a fold by which the training score is taken.
TRAIN_ROWS = 5000


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
    rung : int or None
        After how many epochs training was stopped because other trials were better.
    """

    scores: list[float]
    train_scores: list[float]
    epochs: list[int]
    parameters: int | None
    predictions: pd.DataFrame
    rows: "NDArray[np.intp]"
    rung: int | None = None


@dataclass(frozen=True)
class Attempt:
    """How a trial went.

    Attributes
    ----------
    place : int
        Of the trial among those that were asked for.
    fits : Fits or None
    error : Exception or None
        Why there are no fits.
    seconds : float
        Time spent; trials trained as one share it.
    more : int
        How many trials that were trained with it are told next.
    """

    place: int
    fits: Fits | None
    error: Exception | None
    seconds: float
    more: int = 0


@dataclass(frozen=True)
class Kept:
    """Where stacks of networks are kept while they train, and whom to tell how far they are.

    Attributes
    ----------
    folder : Path or None
    key : str
        Hash of code and data.
    tell : callable or None
        Told an epoch's number, how many networks still train, and of how many.
    """

    folder: Path | None = None
    key: str = ""
    tell: Callable[[int, int, int], None] | None = None


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
    attempt = next(fit_trials([trial], recipe, training, target, classes, plan, task, use))
    if attempt.fits is None:
        raise attempt.error or RuntimeError("the trial gave nothing")
    return attempt.fits


def fit_trials(
    trials: Sequence[dict[str, Any]],
    recipe: dict[str, Any],
    training: Table,
    target: "NDArray[Any]",
    classes: tuple[str, ...],
    plan: Sequence[Fold],
    task: Task,
    use: tuple[str, ...] = ("search",),
    kept: Kept | None = None,
) -> Iterator[Attempt]:
    """Fit trials of one model; networks of one architecture, and their folds, are trained as one.

    A trial that fails is told as failed, whatever its model raised. What is asked for next is only
    begun then.

    Parameters
    ----------
    trials : sequence of dict
    kept : Kept, optional

    Yields
    ------
    Attempt
        In any order.
    """
    every = _Folds(recipe, training, target, classes, plan, task, use)
    alone = list(range(len(trials)))
    if trains_network(trials[0], recipe, training, every.setting):
        kept = kept or Kept()
        parts, alone = every.parts(), []
        began = time.perf_counter()
        stacked = fit_stacked(
            trials, recipe, parts, every.setting,
            folder=kept.folder, key=kept.key, progress=kept.tell, halving=task.halving,
        )  # fmt: skip
        for places, outcomes in stacked:
            if outcomes is None:
                alone = places
                continue
            seconds = (time.perf_counter() - began) / len(places)
            for i, (place, found) in enumerate(zip(places, outcomes, strict=True)):
                told = every.attempt(place, seconds, partial(every.of, trials[place], found))
                yield replace(told, more=len(places) - 1 - i)
            began = time.perf_counter()
    for place in alone:
        yield every.attempt(place, 0.0, partial(every.alone, trials[place]))


@dataclass(frozen=True)
class _Folds:
    """The folds that trials of one model are fitted to."""

    recipe: dict[str, Any]
    training: Table
    target: "NDArray[Any]"
    classes: tuple[str, ...]
    plan: Sequence[Fold]
    task: Task
    use: tuple[str, ...]

    @property
    def setting(self) -> Setting:
        task = self.task
        return Setting(
            task.name,
            self.classes,
            (task.seed, *self.use),
            point_for(task.metric),
            tuple(task.user_code),
            task.threads,
        )

    def parts(self) -> list[Part]:
        """Return the folds as a stack learns from them; it predicts their judged rows."""
        return [
            Part(
                fold.number,
                self.training,
                fold.inside,
                np.concatenate([fold.scored, self._seen(fold)]),
                self.target[fold.inside],
                fold.stopping,
                fold.weights,
            )
            for fold in self.plan
        ]

    def attempt(self, place: int, seconds: float, fit: Callable[[], Fits]) -> Attempt:
        began = time.perf_counter()
        try:
            fits, error = fit(), None
        except BoxloopError:  # a fault of the study: every other trial would meet it too
            raise
        except Exception as raised:  # a user's model may raise anything
            fits, error = None, raised
        return Attempt(place, fits, error, seconds + time.perf_counter() - began)

    def of(self, trial: dict[str, Any], outcomes: Sequence[Outcome]) -> Fits:
        """Return what a stack gave a trial.

        Raises
        ------
        FloatingPointError
            Its training failed in a fold.
        """
        found = []
        for fold, outcome in zip(self.plan, outcomes, strict=True):
            if outcome.predictions is None:
                raise FloatingPointError(f"{outcome.failure} (fold {fold.number})")
            here = len(fold.scored)
            predicted, seen = outcome.predictions.iloc[:here], outcome.predictions.iloc[here:]
            found.append((predicted, seen.reset_index(drop=True), outcome.epochs))
        fits = self._fits(trial, found, outcomes[0].parameters)
        return replace(fits, rung=max((o.rung for o in outcomes if o.rung), default=None))

    def alone(self, trial: dict[str, Any]) -> Fits:
        """Fit one fold after the other."""
        found, size = [], None
        for fold in self.plan:
            fitted = fit_model(
                trial,
                self.recipe,
                self.training.take(fold.inside),
                self.target[fold.inside],
                task=self.task.name,
                classes=self.classes,
                seed=(self.task.seed, *self.use, trial["id"], fold.number),
                point=point_for(self.task.metric),
                stopping=fold.stopping,
                weights=fold.weights,
                user_code=self.task.user_code,
                threads=self.task.threads,
            )
            predicted = fitted.predict(self.training.take(fold.scored))
            seen = fitted.predict(self.training.take(self._seen(fold)))
            epochs = fitted.description["epochs"]
            found.append((predicted, seen, None if epochs is None else int(epochs)))
            size = None if epochs is None else fitted.description["parameters"]
        return self._fits(trial, found, size)

    def _seen(self, fold: Fold) -> "NDArray[np.intp]":
        """Return the fitting rows by which the training score is taken."""
        return _some(fold.inside, generator(self.task.seed, "training score", fold.number))

    def _fits(
        self,
        trial: dict[str, Any],
        found: Sequence[tuple[pd.DataFrame, pd.DataFrame, int | None]],
        size: int | None,
    ) -> Fits:
        scores, train_scores, frames = [], [], []
        for fold, (predicted, seen, _) in zip(self.plan, found, strict=True):
            scores.append(self._score(predicted, fold.scored))
            train_scores.append(self._score(seen, self._seen(fold)))
            frames.append(predicted.assign(fold=fold.number, trial=trial["id"], row=fold.scored))
        together = pd.concat(frames).sort_values("row", kind="stable")
        rows = together["row"].to_numpy()
        predictions = together.drop(columns="row").reset_index(drop=True)
        epochs = [one[2] for one in found if one[2] is not None]
        return Fits(scores, train_scores, epochs, size, predictions, rows)

    def _score(self, predicted: pd.DataFrame, rows: "NDArray[np.intp]") -> float:
        error = target_error(self.training)
        beside = None if error is None else error[rows]
        return value(self.task.metric, judged(predicted, self.target[rows], self.classes, beside))


def _some(rows: "NDArray[np.intp]", rng: np.random.Generator) -> "NDArray[np.intp]":
    """Return all rows, or so many of them, drawn at random, that a score of them is cheap."""
    return rows if len(rows) <= TRAIN_ROWS else np.sort(rng.choice(rows, TRAIN_ROWS, replace=False))
