"""Forms of a statistic that let a thousand resamples share their work.

A statistic is a function of weights (..., n). Written as a function of weighted sums, all resamples
of it are one matrix product; written on sorted objects, they are sorted once and not a thousand
times. Both forms give what the plain function gives, to the last digits.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

    Counts = NDArray[np.uint8]
    #: Gives the weights (b, n) of the objects in an order (n,) of one's own.
    Draw = Callable[[NDArray[np.intp]], Counts]

Key = TypeVar("Key", bound=Hashable)

#: Weights that a thread looks at together: few enough to stay in the cache.
TOGETHER = 1_000_000
#: Columns of sums in one matrix product.
COLUMNS = 64


@dataclass(frozen=True, eq=False)
class Summed:
    """A statistic that is a function of weighted sums.

    Attributes
    ----------
    direct : callable
        The plain function of weights (..., n).
    columns : ndarray, shape (n, q)
        What is summed; the same array object for all statistics that share it.
    combine : callable
        Of the sums (..., q) and the total weight (...,).
    """

    direct: "Callable[[Floats], Floats]"
    columns: "Floats"
    combine: "Callable[[Floats, Floats], Floats]"

    def __call__(self, weight: "Floats") -> "Floats":
        """Return the statistic for weights (..., n)."""
        return self.direct(weight)


@dataclass(frozen=True, eq=False)
class Sorted:
    """One of the statistics that a pass over sorted objects gives.

    Attributes
    ----------
    direct : callable
        The plain function of weights (..., n).
    together : callable
        Gives all statistics of the pass, shape (m, b); the same object for those that share it.
    place : int
        The place of this one among them.
    """

    direct: "Callable[[Floats], Floats]"
    together: "Callable[[Draw], Floats]"
    place: int = 0

    def __call__(self, weight: "Floats") -> "Floats":
        """Return the statistic for weights (..., n)."""
        return self.direct(weight)


def evaluated(
    statistics: "Mapping[Key, Callable[[Floats], Floats]]",
    unit: "NDArray[np.intp]",
    blocks: "Iterator[Counts]",
) -> "dict[Key, Floats]":
    """Evaluate statistics on blocks of how often each unit was drawn.

    Parameters
    ----------
    statistics : mapping
        `Summed`, `Sorted` or plain functions of weights (b, n).
    unit : ndarray, shape (n,)
        The unit of each object.
    blocks : iterator of ndarray, shape (b, units)

    Returns
    -------
    dict
        By key: the values of all rows of all blocks.
    """
    sums = _Sums({k: s for k, s in statistics.items() if isinstance(s, Summed)}, unit)
    passes: dict[int, list[tuple[Key, Sorted]]] = defaultdict(list)
    plain: dict[Key, Callable[[Floats], Floats]] = {}
    for key, statistic in statistics.items():
        if isinstance(statistic, Sorted):
            passes[id(statistic.together)].append((key, statistic))
        elif not isinstance(statistic, Summed):
            plain[key] = statistic
    found: dict[Key, list[Floats]] = {key: [] for key in statistics}
    # What a resample leaves undefined is NaN; numpy need not warn of it.
    quiet = np.errstate(divide="ignore", invalid="ignore")
    with quiet, ThreadPoolExecutor(threads()) as pool:
        for counts in blocks:
            for key, values in sums.of(counts).items():
                found[key].append(values)
            parts = pool.map(lambda shared: _passed(shared, unit, counts), passes.values())  # noqa: B023
            for shared, values in zip(passes.values(), parts, strict=True):
                for key, statistic in shared:
                    found[key].append(values[statistic.place])
            if plain:
                for some in _rows(counts, len(unit), 20 * TOGETHER):
                    weight = some[:, unit].astype(float)
                    for key, function in plain.items():
                        found[key].append(np.atleast_1d(function(weight)))
    return {key: np.concatenate(values) for key, values in found.items()}


def threads() -> int:
    """Return how many threads may work: what OMP_NUM_THREADS says, else the cores one has."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdigit() and int(told):
        return int(told)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _rows(counts: "Counts", n: int, size: int) -> "Iterator[Counts]":
    step = max(1, size // max(n, 1))
    for start in range(0, len(counts), step):
        yield counts[start : start + step]


def _passed(
    shared: "list[tuple[Key, Sorted]]", unit: "NDArray[np.intp]", counts: "Counts"
) -> "Floats":
    """Run a pass on few rows at a time; the answer is (m, b)."""
    together = shared[0][1].together
    found = []
    # What the caller ignores, a thread does not.
    with np.errstate(divide="ignore", invalid="ignore"):
        for some in _rows(counts, len(unit), TOGETHER):

            def draw(order: "NDArray[np.intp]", some: "Counts" = some) -> "Counts":
                return some.take(unit.take(order), axis=1)

            found.append(together(draw))
    return np.concatenate(found, axis=1)


class _Sums:
    """The sums of all `Summed` statistics, by unit, so that a resample is a matrix product."""

    def __init__(self, statistics: "Mapping[Any, Summed]", unit: "NDArray[np.intp]") -> None:
        self._statistics = statistics
        columns = {id(s.columns): s.columns for s in statistics.values()}
        self._place: dict[int, tuple[int, slice]] = {}
        packs: list[list[Floats]] = []
        width = COLUMNS
        for key, some in columns.items():
            if width + some.shape[1] > COLUMNS:
                packs.append([])
                width = 0
            packs[-1].append(some)
            self._place[key] = len(packs) - 1, slice(width, width + some.shape[1])
            width += some.shape[1]
        order = np.argsort(unit, kind="stable")
        self._size = np.bincount(unit).astype(float)
        self._packs = [_by_unit(np.concatenate(p, axis=1), unit, order) for p in packs]

    def of(self, counts: "Counts") -> "dict[Any, Floats]":
        """Return every statistic for rows of counts (b, units)."""
        if not self._statistics:
            return {}
        weight = counts.astype(float)
        total = weight @ self._size
        sums = [weight @ pack for pack in self._packs]
        found = {}
        for key, statistic in self._statistics.items():
            pack, place = self._place[id(statistic.columns)]
            found[key] = np.atleast_1d(statistic.combine(sums[pack][:, place], total))
        return found


def _by_unit(columns: "Floats", unit: "NDArray[np.intp]", order: "NDArray[np.intp]") -> "Floats":
    ordered = unit[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    if len(starts) == len(unit):
        return columns[order]
    return np.add.reduceat(columns[order], starts, axis=0)
