"""Fit a trial in every fold of a plan, and score it on what it was not fitted to."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop.errors import BoxloopError
from boxloop.fitting.recipe_cache import worth_keeping
from boxloop.fitting.stacked import fit_stacked, trains_network
from boxloop.fitting.warm_start import grown_together
from boxloop.search.folds import Fits, Folds
from boxloop.search.plan import Fold, SearchTask
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.prepare import Recipe
    from boxloop.study.trials import Fittable


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
    trial: "Fittable",
    recipe: "Recipe",
    training: Table,
    target: "NDArray[Any]",
    classes: tuple[str, ...],
    plan: Sequence[Fold],
    task: SearchTask,
    use: tuple[str, ...] = ("search",),
) -> Fits:
    """Fit a trial to the inside of every fold and predict what the fold scores.

    Parameters
    ----------
    trial : Fittable
    recipe : Recipe
    training : Table
    target : ndarray, shape (rows,)
        Numbers, or codes of `classes`.
    plan : sequence of Fold
    task : SearchTask
    use : tuple of str
        Name of the random stream.
    """
    attempt = next(fit_trials([trial], recipe, training, target, classes, plan, task, use))
    if attempt.fits is None:
        raise attempt.error or RuntimeError("the trial gave nothing")
    return attempt.fits


def fit_trials(
    trials: "Sequence[Fittable]",
    recipe: "Recipe",
    training: Table,
    target: "NDArray[Any]",
    classes: tuple[str, ...],
    plan: Sequence[Fold],
    task: SearchTask,
    use: tuple[str, ...] = ("search",),
    kept: Kept | None = None,
) -> Iterator[Attempt]:
    """Fit trials of one model; networks of one architecture, and their folds, are trained as one.

    A trial that fails is told as failed, whatever its model raised. What is asked for next is only
    begun then.

    Parameters
    ----------
    trials : sequence of Fittable
    kept : Kept, optional

    Yields
    ------
    Attempt
        In any order.
    """
    keep = len(trials) > 1 and worth_keeping(training, len(plan))
    every = Folds(recipe, training, target, classes, plan, task, use, keep)
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
                fits, error, spent = _tried(partial(every.of, trials[place], found))
                yield Attempt(place, fits, error, seconds + spent, len(places) - 1 - i)
            began = time.perf_counter()
    for group in grown_together([trials[place] for place in alone]):
        yield from _grown(every, trials, [alone[i] for i in group])


def _grown(every: Folds, trials: "Sequence[Fittable]", places: Sequence[int]) -> Iterator[Attempt]:
    """Fit trials that differ only in how far they grow as one; if that fails, each alone."""
    if len(places) > 1:
        together, _, spent = _tried(lambda: every.grown([trials[place] for place in places]))
        for i, (place, fits) in enumerate(zip(places, together or (), strict=bool(together))):
            yield Attempt(place, fits, None, spent / len(places), len(places) - 1 - i)
        if together:
            return
    for place in places:
        yield Attempt(place, *_tried(partial(every.alone, trials[place])))


def _tried(fit: Callable[[], Any]) -> tuple[Any, Exception | None, float]:
    """Return what a fit gives, or why it gives nothing, and its seconds."""
    began = time.perf_counter()
    try:
        found, error = fit(), None
    except BoxloopError:  # a fault of the study: every other trial would meet it too
        raise
    except Exception as raised:  # a user's model may raise anything
        found, error = None, raised
    return found, error, time.perf_counter() - began
