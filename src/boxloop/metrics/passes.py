"""Order statistics of many resamples at once: one pass over objects that were sorted once.

A pass gets a function that gives the weights (b, n) of the objects in an order of its own, whole
numbers, and returns its statistics (m, b). Each equals the plain function of the same metric.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.metrics.calibration_metrics import ece_sorted, top_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.forms import Draw
    from boxloop.metrics.weighted import Floats

    Pass = Callable[[Draw], Floats]

#: Halvings of an interval: to the last digits of a double.
_HALVINGS = 60
#: So many cumulated weights are counted faster than searched.
_FEW = 2000


def ranking(truth: "NDArray[Any]", probability: "Floats", k: int) -> "Pass":
    """Area under the ROC curve and average precision, class against rest, averaged.

    Parameters
    ----------
    truth : ndarray, shape (n,)
        Codes of the classes.
    probability : ndarray, shape (n, k)
    """
    classes = [_Ranked(truth == c, probability[:, c]) for c in range(k)]

    def together(draw: "Draw") -> "Floats":
        return np.nanmean([ranked.scores(draw) for ranked in classes], axis=0)

    return together


class _Ranked:
    """Objects from the highest score of a class down; equal scores are one step."""

    def __init__(self, member: "NDArray[np.bool_]", score: "Floats") -> None:
        self.order = np.argsort(-score, kind="stable")
        new = np.append(True, np.diff(score[self.order]) != 0)
        step = np.cumsum(new) - 1
        starts = np.flatnonzero(new)
        ends = np.append(starts[1:], len(score)) - 1
        self.places = np.flatnonzero(member[self.order])
        self.ends = ends[step[self.places]]
        self.before = starts[step[self.places]] - 1
        upto = np.cumsum(member[self.order]) - 1
        self.member_ends, self.member_before = upto[self.ends], upto[self.before]
        self.member_before[self.before < 0] = -1
        self.tied = bool((self.ends > self.before + 1).any())

    def scores(self, draw: "Draw") -> tuple["Floats", "Floats"]:
        """Return area and average precision (b,); NaN where a side is empty."""
        weight = draw(self.order)
        upto = np.cumsum(weight, axis=1, dtype=np.int32)
        mine = weight.take(self.places, axis=1)
        if not mine.shape[1]:
            nothing = np.full(len(weight), np.nan)
            return nothing, nothing
        members = np.cumsum(mine, axis=1, dtype=np.int32)
        whole, others = members[:, -1].astype(float), upto[:, -1] - members[:, -1].astype(float)
        named = upto.take(self.ends, axis=1)
        hit = members.take(self.member_ends, axis=1) if self.tied else members
        purity = hit / np.maximum(named, 1)
        precision = np.einsum("ij,ij->i", purity, mine)
        above = (named - hit).astype(float)
        if self.tied:
            named = _with_zero(upto, self.before)
            above = (above + (named - _with_zero(members, self.member_before))) / 2
        missed = np.einsum("ij,ij->i", above, mine)
        return (
            np.where(whole * others > 0, 1 - missed / np.maximum(whole * others, 1), np.nan),
            np.where(whole > 0, precision / np.maximum(whole, 1), np.nan),
        )


def _with_zero(upto: "NDArray[np.int32]", places: "NDArray[np.intp]") -> "NDArray[np.int32]":
    """Take cumulated weights at places, of which -1 stands for nothing yet."""
    return np.where(places < 0, 0, upto.take(np.maximum(places, 0), axis=1))


def calibration_error(truth: "NDArray[Any]", probability: "Floats") -> "Pass":
    """Debiased calibration error of the most probable class."""
    confidence, hit = top_label(truth, probability)
    order = np.argsort(confidence, kind="stable")
    confidence, hit = confidence[order], hit[order]

    def together(draw: "Draw") -> "Floats":
        return ece_sorted(confidence, hit, draw(order))[None]

    return together


def median(values: "Floats") -> "Pass":
    """Median of values (n,)."""
    order = np.argsort(values, kind="stable")
    level = values[order]

    def together(draw: "Draw") -> "Floats":
        upto = np.cumsum(draw(order), axis=1, dtype=np.int32)
        return _median(level, upto)[None]

    return together


def median_deviation(values: "Floats") -> "Pass":
    """Median of the absolute deviations of values (n,) from their median."""
    order = np.argsort(values, kind="stable")
    level = values[order]

    def together(draw: "Draw") -> "Floats":
        weight = draw(order)
        upto = np.zeros((len(weight), len(level) + 1), np.int32)
        np.cumsum(weight, axis=1, dtype=np.int32, out=upto[:, 1:])
        return _median_about(level, upto, _median(level, upto[:, 1:]))[None]

    return together


def _median(level: "Floats", upto: "NDArray[np.int32]") -> "Floats":
    """Median of sorted values from their cumulated weights (b, n)."""
    half = upto[:, -1:] / 2
    if len(level) <= _FEW:
        lower, upper = (upto < half).sum(axis=1), (upto <= half).sum(axis=1)
    else:
        lower, upper = (
            np.array([np.searchsorted(row, h[0], side) for row, h in zip(upto, half, strict=True)])
            for side in ("left", "right")
        )
    return (level[lower] + level[upper]) / 2


def _median_about(level: "Floats", upto: "NDArray[np.int32]", centre: "Floats") -> "Floats":
    """Median distance of sorted values (n,) from a centre (b,), by halving the distance.

    `upto` (b, n + 1) are cumulated weights, from 0 on.
    """
    rows, half = np.arange(len(upto)), upto[:, -1] / 2
    ends = []
    for beyond in (np.greater_equal, np.greater):
        low = np.full(len(upto), -np.finfo(float).tiny)
        high = np.maximum(level[-1] - centre, centre - level[0])
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            inside = upto[rows, np.searchsorted(level, centre + middle, "right")]
            inside = inside - upto[rows, np.searchsorted(level, centre - middle, "left")]
            enough = beyond(inside, half)
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        ends.append(high)
    return (ends[0] + ends[1]) / 2


def distance_from_uniform(transform: "Floats") -> "Pass":
    """Largest distance of the distribution of values (n,) from uniform."""
    order = np.argsort(transform, kind="stable")
    level = transform[order]

    def together(draw: "Draw") -> "Floats":
        weight = draw(order)
        upto = np.cumsum(weight, axis=1, dtype=float)
        total = upto[:, -1:].copy()
        upto /= total
        above = (upto - level).max(axis=1)
        upto -= weight / total
        return np.maximum(above, (level - upto).max(axis=1))[None]

    return together
