"""Medians of groups and of the objects outside them, for many resamples at once.

Cumulated weights add up: those outside a group are those of all objects minus those inside. So each
grouping costs one pass over the sorted objects, however many groups it has.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from boxloop.metrics import Judged
from boxloop.metrics.regression import NORMAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

    Weight = Callable[["Floats", bool], "Floats"]

#: Halvings of an interval that leave nothing between two numbers.
_HALVINGS = 56


@dataclass(frozen=True)
class Ordered:
    """A metric that is a median.

    Attributes
    ----------
    each : ndarray, shape (n,)
        Number of each object.
    deviation : bool
        Whether it is the median of these, or the median distance from their median.
    factor : float
    """

    each: "Floats"
    deviation: bool
    factor: float = 1.0


def ordered(name: str, judged: Judged) -> Ordered | None:
    """Return a metric as a median, or None where it is none."""
    away = judged.prediction - judged.truth
    if name == "median_squared_error":
        return Ordered(away**2, deviation=False)
    if name == "mad":
        return Ordered(away, deviation=True)
    if name == "nmad":
        return Ordered(away / (1 + judged.truth), deviation=True, factor=NORMAL)
    return None


class Medians:
    """A median of each group and of the objects outside it, as a function of weights.

    Parameters
    ----------
    of : Ordered
    codes : ndarray of int, shape (n,)
        The group of each object.
    groups : int
    """

    def __init__(self, of: Ordered, codes: "NDArray[np.intp]", groups: int) -> None:
        self._of = of
        self._every = np.argsort(of.each, kind="stable")
        self._apart = np.lexsort((of.each, codes))
        self._ends = np.searchsorted(codes[self._apart], np.arange(groups + 1))
        self._values, self._own = of.each[self._every], of.each[self._apart]

    def __call__(self, weights: "Floats") -> tuple["Floats", "Floats"]:
        """Return the metric of groups and of the objects outside, each of shape (b, groups).

        Parameters
        ----------
        weights : ndarray, shape (b, n)
            Whole numbers. NaN comes out where a group, or what is outside it, has no object.
        """
        values = self._values
        total = _cumulated(weights, self._every)
        parts = _cumulated(weights, self._apart)
        rows = np.arange(len(weights))

        def all_below(x: "Floats", strictly: bool) -> "Floats":
            at = np.searchsorted(values, x, side="left" if strictly else "right")
            found: Floats = total[rows, at]
            return found

        inside, outside = np.full((2, len(weights), len(self._ends) - 1), np.nan)
        for g, (start, end) in enumerate(pairwise(self._ends)):
            below = _within(self._own[start:end], parts, int(start))

            def rest(x: "Floats", strictly: bool, below: "Weight" = below) -> "Floats":
                return all_below(x, strictly) - below(x, strictly)

            size = parts[:, end] - parts[:, start]
            for found, count, whole in (
                (inside, below, size),
                (outside, rest, total[:, -1] - size),
            ):
                there = whole > 0
                result = _metric(self._of, count, whole, float(values[0]), float(values[-1]))
                found[there, g] = result[there]
        return inside, outside


def _within(values: "Floats", cumulated: "Floats", start: int) -> "Weight":
    """Return the weight of a group's objects below a number, for sorted values of its objects."""
    rows, zero = np.arange(len(cumulated)), cumulated[:, start]

    def below(x: "Floats", strictly: bool) -> "Floats":
        at = np.searchsorted(values, x, side="left" if strictly else "right")
        found: Floats = cumulated[rows, start + at] - zero
        return found

    return below


def _cumulated(weights: "Floats", order: "NDArray[np.intp]") -> "Floats":
    # Whole numbers below 2**24 are exact in single precision, which halves the memory to pass.
    kind = np.float32 if weights.shape[1] < 2**23 else np.float64
    out = np.zeros((len(weights), weights.shape[1] + 1), dtype=kind)
    np.cumsum(np.take(weights.astype(kind), order, axis=1), axis=1, out=out[:, 1:])
    return out


def _metric(of: Ordered, below: "Weight", whole: "Floats", low: float, high: float) -> "Floats":
    centre = _median(lambda x: below(x, False), whole, low, high)
    if not of.deviation:
        return of.factor * centre

    def within(x: "Floats") -> "Floats":
        return below(centre + x, False) - below(centre - x, True)

    return of.factor * _median(within, whole, 0.0, high - low)


def _median(
    count: Callable[["Floats"], "Floats"], whole: "Floats", low: float, high: float
) -> "Floats":
    """Return the mean of the lower and the upper median, as `numpy.median` does."""
    half = whole / 2
    lower = _smallest(lambda x: count(x) >= half, len(whole), low, high)
    upper = _smallest(lambda x: count(x) > half, len(whole), low, high)
    return (lower + upper) / 2


def _smallest(
    holds: Callable[["Floats"], "NDArray[np.bool_]"], n: int, low: float, high: float
) -> "Floats":
    """Return the smallest numbers (n,) from which on something holds, by halving intervals."""
    bottom, top = np.full(n, low), np.full(n, high)
    at_once = holds(bottom)
    for _ in range(_HALVINGS):
        middle = (bottom + top) / 2
        ok = holds(middle)
        top, bottom = np.where(ok, middle, top), np.where(ok, bottom, middle)
    return np.where(at_once, low, top)
