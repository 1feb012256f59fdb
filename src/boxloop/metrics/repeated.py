"""Medians of values that resamples repeat: exact, by bisection of counts that were summed once.

The values are sorted once for all resamples. A resample is a row of how often it repeats each, or
of their weights; the running sums of a row say how many lie below any value, so that an order
statistic is found in a few steps, for all rows side by side.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

    Indices = NDArray[np.intp]


#: Weights may miss a half by so much of it, as sums of many numbers do.
TOLERANCE = 1e-9


class Repeated:
    """Finite values in increasing order, and how often each row repeats them.

    Parameters
    ----------
    level : ndarray, shape (n,)
    counts : ndarray, shape (b, n)
        Whole numbers, or weights that are not negative.
    """

    def __init__(self, level: "Floats", counts: "NDArray[Any]") -> None:
        rows, n = counts.shape
        self._n = n
        # One more, so that an index one too far stands for something: nothing is as far away.
        self._level = np.append(level, np.inf)
        kind: type = np.float64
        if np.issubdtype(counts.dtype, np.integer):
            kind = np.int32 if counts.itemsize == 1 and n < 2**31 // 255 else np.int64
        upto = np.empty((rows, n + 1), kind)
        upto[:, 0] = 0
        np.cumsum(counts, axis=1, dtype=upto.dtype, out=upto[:, 1:])
        self._upto, self._row = upto.ravel(), np.arange(rows) * (n + 1)
        self._total = upto[:, -1]

    def median(self) -> "Floats":
        """Return the median (b,) of each row; NaN where it repeats nothing."""
        lower, upper = (self._level[self._place(sum_)] for sum_ in self._middle())
        return np.where(self._total > 0, (lower + upper) / 2, np.nan)

    def median_distance(self, centre: "Floats") -> "Floats":
        """Return the median distance (b,) from a centre (b,); NaN where a row repeats nothing."""
        lower, upper = (self._distance(sum_, centre) for sum_ in self._middle())
        return np.where(self._total > 0, (lower + upper) / 2, np.nan)

    def _middle(self) -> "tuple[Floats, Floats]":
        """Return the sums that the two values reach first between which each row's middle lies."""
        half = self._total / 2
        return half * (1 - TOLERANCE), np.nextafter(half * (1 + TOLERANCE), np.inf)

    def _sum(self, place: "Indices") -> "NDArray[Any]":
        """Return the sum of each row's counts of the values before a place."""
        return self._upto.take(self._row + place)

    def _place(self, least: "Floats") -> "Indices":
        """Return the place of the first value of each row at which its sum is no less."""
        nowhere = np.zeros_like(self._row)
        return _first(lambda i: self._sum(i + 1) >= least, nowhere, nowhere + self._n - 1)

    def _distance(self, least: "Floats", centre: "Floats") -> "Floats":
        """Return the smallest distance from the centre within which each row's sum is no less.

        Of the values beyond the centre, the nearest is sought that has so much within its distance.
        The one before it has less; what is missing beside those beyond is on the other side, and
        the nearer of the two is meant.
        """
        level = self._level
        middle = np.searchsorted(level[:-1], centre)

        def enough(place: "Indices") -> "NDArray[np.bool_]":
            within = self._within(level[place] - centre, centre, middle)
            return self._sum(np.minimum(place + 1, self._n)) - self._sum(within) >= least

        beyond = _first(enough, middle, np.full_like(middle, self._n))
        most = self._sum(beyond) - least
        below = _first(lambda i: self._sum(i) > most, np.zeros_like(middle), middle) - 1
        there = (below >= 0) & (most >= 0)
        distance = np.where(there, centre - level[np.maximum(below, 0)], np.inf)
        return np.minimum(level[beyond] - centre, distance)

    def _within(self, distance: "Floats", centre: "Floats", middle: "Indices") -> "Indices":
        """Return the first place below the centre within a distance from it; at most the middle."""
        level = self._level
        place = np.minimum(np.searchsorted(level[:-1], centre - distance), middle)
        # centre - distance is rounded: what counts is the difference that is compared.
        while (more := (place > 0) & (centre - level[place - 1] <= distance)).any():
            place = place - more
        while (less := (place < middle) & (centre - level[place] > distance)).any():
            place = place + less
        return place


def _first(
    holds: "Callable[[Indices], NDArray[np.bool_]]", low: "Indices", high: "Indices"
) -> "Indices":
    """Return the first index of each row, from low, at which something holds; high where none.

    What holds at an index holds at all after it.
    """
    for _ in range(int((high - low).max(initial=0)).bit_length()):
        middle = (low + high) >> 1
        yes = holds(middle) | (low >= high)  # where they met, nothing is looked for any more
        low, high = np.where(yes, low, middle + 1), np.where(yes, middle, high)
    return low
