"""Successive halving: after some epochs only the better trials go on, whatever their architecture.

Trials are judged by the loss on the inner slices of their folds, by which they stop early as well;
the rows that are scored have no say.
"""

import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from boxloop.fitting.stacked.fits import Fit
from boxloop.fitting.stacked.members import StackedResult
from boxloop.fitting.stacked.train import ended
from boxloop.study.rungs import rungs_of

Found = dict[tuple[int, int], tuple[Fit, StackedResult, int]]
Losses = dict[tuple[int, int], float]
#: A training that tells its losses by trial and fold at each rung, and is told which trials stop.
Running = Generator[Losses, set[int], Found]


@dataclass(frozen=True)
class Halving:
    """When and how sharply trials are thinned out.

    Attributes
    ----------
    factor : int
        One trial of so many goes on.
    first : int or None
        Epochs to the first rung; by default those of the longest training, divided by the square
        of `factor`.
    among : int
        So many trials, one after the other in the plan, are compared with each other.
    """

    factor: int
    first: int | None
    among: int

    def rungs(self, epochs: int) -> list[int]:
        """Return after how many epochs trials are compared that train so long at the most."""
        return rungs_of(epochs, self.first, self.factor)

    def kind(self, place: int, hyperparameters: Mapping[str, Any]) -> tuple[int, str]:
        """Return what trials have in common that are compared: their chunk, and their loss."""
        return place // self.among, str(hyperparameters["loss"])


def by_rungs(
    running: Mapping[tuple[int, ...], Running],
    kinds: Mapping[int, Any],
    factor: int,
    rungs: int,
    tried: Callable[[Callable[[], Any]], Any],
) -> Iterator[tuple[list[int], Found | None]]:
    """Let trainings go from rung to rung, and stop the worse trials at each.

    Parameters
    ----------
    running : dict
        By the trials that they train.
    kinds : dict
        By trial; those of one kind are compared.
    factor : int
        One of so many goes on.
    rungs : int
        How many there are.
    tried : callable
        Returns what a function returns, None where that raises.

    Yields
    ------
    trials : list of int
    found : dict or None
        None where the training broke off.
    """
    left, stopped = dict(running), set[int]()
    told: set[int] | None = None
    for _ in range(rungs):
        losses: Losses = {}
        for trials, training in list(left.items()):
            seen = tried(partial(training.send, told))  # type: ignore[arg-type]
            if seen is None:
                del left[trials]
                yield list(trials), None
            else:
                losses |= seen
        told = worse(losses, kinds, factor, stopped)
        stopped |= told
    for trials, training in left.items():
        yield list(trials), tried(partial(ended, training, told))


def worse(losses: Losses, kinds: Mapping[int, Any], factor: int, stopped: set[int]) -> set[int]:
    """Return the trials that stop: all but the best of each kind, one of `factor` or part of it.

    Parameters
    ----------
    losses : dict
        By trial and fold; a trial is judged by their mean. NaN is not judged.
    kinds : dict
        By trial; losses of different kinds cannot be compared.
    factor : int
    stopped : set of int
        Trials that have no part in it any more.
    """
    by_trial: dict[int, list[float]] = {}
    for (trial, _), loss in losses.items():
        by_trial.setdefault(trial, []).append(loss)
    rivals: dict[Any, list[tuple[float, int]]] = {}
    for trial, seen in by_trial.items():
        mean = sum(seen) / len(seen)
        if trial not in stopped and not math.isnan(mean):
            rivals.setdefault(kinds[trial], []).append((mean, trial))
    found: set[int] = set()
    for mine in rivals.values():
        found |= {trial for _, trial in sorted(mine)[math.ceil(len(mine) / factor) :]}
    return found


def abreast(trainings: Sequence[Running], rungs: int) -> Running:
    """Let several trainings go from rung to rung as if they were one."""
    told: set[int] | None = None
    for _ in range(rungs):
        losses: Losses = {}
        for training in trainings:
            losses |= training.send(told)  # type: ignore[arg-type]
        told = yield losses
    found: Found = {}
    for training in trainings:
        found |= ended(training, told)
    return found
