"""Metrics that are made of sums over objects: of groups, and of the objects outside them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.metrics import Judged, Resamples
from boxloop.metrics.interval import FEWEST
from boxloop.metrics.registry import Metric
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from boxloop.metrics.weighted import Floats

#: Metrics of the order of probabilities, and into how many steps these are cut for the resamples.
RANKING, STEPS = ("roc_auc", "average_precision"), 500
#: How many numbers make the sums, or the weights, of one block of resamples.
BLOCK = 5_000_000


@dataclass(frozen=True)
class Sums:
    """Sums over objects that something follows from.

    Attributes
    ----------
    column : ndarray of int, shape (m,)
        Which of the sums each entry adds to.
    row : ndarray of int, shape (m,)
        The object of each entry.
    entry : ndarray, shape (m,)
    size : int
        How many sums.
    finish : callable
        From sums (..., size) to the metric (...).
    """

    column: "NDArray[np.intp]"
    row: "NDArray[np.intp]"
    entry: "Floats"
    size: int
    finish: Callable[["Floats"], "Floats"]

    def by_group(self, codes: "NDArray[np.intp]", groups: int, unit: "NDArray[np.intp]") -> Any:
        """Return the sums of each group (rows: group, sum) for each unit (columns), sparse."""
        from scipy.sparse import coo_array

        rows = codes[self.row] * self.size + self.column
        shape = (groups * self.size, int(unit.max(initial=-1)) + 1)
        return coo_array((self.entry, (rows, unit[self.row])), shape=shape).tocsr()


def sums_of(metric: Metric, judged: Judged) -> Sums | None:
    """Return the sums that a metric is made of, or None where it is not made of sums."""
    if metric.needs == "label":
        return confusion_sums(judged, metric)
    if metric.name in RANKING and judged.probability is not None:
        return _ranking_sums(metric, judged.truth, judged.probability)
    each = _each(metric, judged)
    if each is None:
        return None
    known = np.isfinite(each)
    number = np.flatnonzero(known)
    entries = np.concatenate([each[known], np.ones(len(number))])
    column = np.repeat([0, 1], len(number))
    root = np.sqrt if metric.name == "rmse" else lambda x: x
    return Sums(column, np.tile(number, 2), entries, 2, lambda s: root(s[..., 0] / s[..., 1]))


def confusion_sums(judged: Judged, metric: Metric | None = None) -> Sums:
    """Return the cells of the confusion matrix as sums, by true class and then predicted class."""
    k = len(judged.classes)
    n = len(judged.truth)
    cell = judged.truth.astype(np.intp) * k + judged.prediction.astype(np.intp)
    patterns = np.arange(k * k)

    def finish(sums: "Floats") -> "Floats":
        assert metric is not None
        found: Floats = metric.function(patterns // k, patterns % k, sums, k)
        return found

    return Sums(cell, np.arange(n), np.ones(n), k * k, finish)


def _ranking_sums(metric: Metric, truth: "NDArray[Any]", probability: "Floats") -> Sums:
    """Return how many members of each class, and others, have a probability in each step of it.

    Beyond `STEPS` different probabilities those of one step of equally many objects count as equal.
    """
    n, k = probability.shape
    number, member = np.arange(n), truth[:, None] == np.arange(k)
    steps, starts = [], [0]
    for c in range(k):
        edges = np.unique(np.quantile(probability[:, c], np.linspace(0, 1, STEPS + 1)))
        distinct = np.unique(probability[:, c])
        edges = distinct if len(distinct) <= STEPS else edges
        steps.append(np.searchsorted(edges, probability[:, c], side="right") - 1)
        starts.append(starts[-1] + 2 * len(edges))
    column = [
        starts[c] + np.where(member[:, c], 0, (starts[c + 1] - starts[c]) // 2) + steps[c]
        for c in range(k)
    ]

    def finish(sums: "Floats") -> "Floats":
        found = []
        for start, end in pairwise(starts):
            half = (end - start) // 2
            # One class against the rest: what is asked of a class is asked of the first of one.
            outside, score = np.repeat([0, 1], half), np.tile(np.arange(half), 2)[:, None]
            found.append(metric.function(outside, score, sums[..., start:end], 1))
        return np.asarray(np.mean(found, axis=0))

    return Sums(np.concatenate(column), np.tile(number, k), np.ones(n * k), starts[-1], finish)


def residual_sums(judged: Judged) -> Sums:
    """Return count and sum of prediction minus truth."""
    n = len(judged.truth)
    entries = np.concatenate([np.ones(n), judged.prediction - judged.truth])
    return Sums(np.repeat([0, 1], n), np.tile(np.arange(n), 2), entries, 2, lambda s: s)


def _each(metric: Metric, judged: Judged) -> "Floats | None":
    """Return the number of each object (n,) that a metric is the mean of; NaN leaves one out."""
    truth, name = judged.truth, metric.name
    if metric.needs == "distribution" and metric.each is not None and name != "pit":
        return np.asarray(metric.each(truth, judged.mixture))
    if name in ("log_loss", "brier") and judged.probability is not None:
        own = np.arange(len(truth))
        if name == "brier":
            chance = judged.probability.copy()
            chance[own, truth] -= 1
            return np.asarray((chance**2).sum(axis=1))
        epsilon = np.finfo(judged.probability.dtype).eps
        safe = np.clip(judged.probability, epsilon, 1 - epsilon)
        return np.asarray(-np.log(safe[own, truth] / safe.sum(axis=1)))
    if task_of(metric.task).kind_of_target != "number":
        return None
    away = judged.prediction - truth
    if name in ("mse", "rmse"):
        return away**2
    if name == "mae":
        return np.abs(away)
    if name == "r2":
        return 1 - away**2 / truth.var()
    if name == "outlier_fraction":
        from boxloop.metrics.regression import OUTLIER

        return (np.abs(away / (1 + truth)) > OUTLIER).astype(float)
    if name == "chi2":
        from boxloop.metrics.regression import error_towards

        assert judged.error is not None
        sigma, known = error_towards(truth, judged.prediction, judged.error)
        return np.where(known, (away / np.where(known, sigma, 1.0)) ** 2, np.nan)
    return None


@dataclass(frozen=True)
class Wanted:
    """A grouping's sums, and what is to be made of them.

    Attributes
    ----------
    matrix : csr_array, shape (groups * size, units)
    groups : int
    finish : callable or None
        From sums (..., size) to a metric (...); None leaves the sums as they are.
    """

    matrix: Any
    groups: int
    finish: Callable[["Floats"], "Floats"] | None = None

    def made(self, sums: "Floats") -> tuple["Floats", "Floats"]:
        """Return what is wanted of each group and of the others from sums (..., groups * size)."""
        by_group = sums.reshape(*sums.shape[:-1], self.groups, sums.shape[-1] // self.groups)
        if self.finish is None:
            return by_group, by_group[..., :0]
        return apart_of(by_group, self.finish)


Made = tuple["Floats", "Floats"]


def apart_of(sums: "Floats", finish: Callable[["Floats"], "Floats"]) -> Made:
    """Return a metric of groups and of the objects outside, from sums (..., groups, size)."""
    with np.errstate(all="ignore"):
        return finish(sums), finish(sums.sum(axis=-2, keepdims=True) - sums)


def resample_sums(
    wanted: Mapping[str, Wanted], resamples: Resamples, *, jackknife: bool = False
) -> dict[str, tuple[Made, Made, Made]]:
    """Return what is wanted over all units, over each resample and over each jackknife set.

    Resampled sums are taken in single precision: it is far finer than their spread.

    Returns
    -------
    dict of str to tuple
        For all, resamples and jackknife sets: of the groups, and of the objects outside each.
    """
    from scipy.sparse import vstack

    if not wanted:
        return {}
    ends = np.cumsum([of.matrix.shape[0] for of in wanted.values()])[:-1]
    every = vstack([of.matrix for of in wanted.values()], format="csr")
    single = every.astype(np.float32)
    whole = np.split(np.asarray(every.sum(axis=1)).ravel(), ends)
    enough = resamples.n_units >= FEWEST
    drawn: Iterator[Any] = resamples.drawn() if enough else iter(())
    kept: Iterator[Any] = resamples.kept() if enough and jackknife else iter(())
    parts = [_every_block(single, ends, list(wanted.values()), blocks) for blocks in (drawn, kept)]
    return {
        name: (of.made(whole[i]), parts[0][i], parts[1][i])
        for i, (name, of) in enumerate(wanted.items())
    }


def _every_block(
    every: "csr_array", ends: Any, wanted: Sequence[Wanted], blocks: Iterator[Any]
) -> list[Made]:
    size = max(1, BLOCK // max(*every.shape))
    found: list[list[Made]] = [[] for _ in wanted]
    for block in blocks:
        for start in range(0, len(block), size):
            weights = np.ascontiguousarray(block[start : start + size].T, dtype=np.float32)
            sums = np.split((every @ weights).T.astype(np.float64), ends, axis=1)
            for i, of in enumerate(wanted):
                found[i].append(of.made(sums[i]))
    for i, of in enumerate(wanted):
        if not found[i]:
            found[i].append(of.made(np.zeros((0, of.matrix.shape[0]))))
    return [
        (np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts]))
        for parts in found
    ]
