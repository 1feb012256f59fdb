"""Medians of values that resamples repeat: exact, by bisection of counts that were summed once.

The values are sorted once for all resamples. A resample is a row of how often it repeats each; the
running sums of a row say how many lie below any value, so that an order statistic is found in a few
steps, for all rows side by side.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

    Indices = NDArray[np.intp]


class Repeated:
    """Finite values in increasing order, and how often each row repeats them.

    Parameters
    ----------
    level : ndarray, shape (n,)
    counts : ndarray of whole numbers, shape (b, n)
    """

    def __init__(self, level: "Floats", counts: "NDArray[Any]") -> None:
        rows, n = counts.shape
        self._n = n
        # One more, so that an index one too far stands for something: nothing is as far away.
        self._level = np.append(level, np.inf)
        small = counts.dtype == np.uint8 and n < 2**31 // 255
        upto = np.empty((rows, n + 1), np.int32 if small else np.int64)
        upto[:, 0] = 0
        np.cumsum(counts, axis=1, dtype=upto.dtype, out=upto[:, 1:])
        self._upto, self._row = upto.ravel(), np.arange(rows) * (n + 1)
        self._total = upto[:, -1]

    def median(self) -> "Floats":
        """Return the median (b,) of each row; NaN where it repeats nothing."""
        lower, upper = (self._level[self._place(rank)] for rank in self._middle())
        return np.where(self._total > 0, (lower + upper) / 2, np.nan)

    def median_distance(self, centre: "Floats") -> "Floats":
        """Return the median distance (b,) from a centre (b,); NaN where a row repeats nothing."""
        lower, upper = (self._distance(rank, centre) for rank in self._middle())
        return np.where(self._total > 0, (lower + upper) / 2, np.nan)

    def _middle(self) -> "tuple[Indices, Indices]":
        """Return the ranks, from 1, between which the middle of each row lies."""
        return (self._total + 1) // 2, self._total // 2 + 1

    def _sum(self, place: "Indices") -> "Indices":
        """Return how often each row repeats the values before a place."""
        return self._upto.take(self._row + place)

    def _place(self, rank: "Indices") -> "Indices":
        """Return the place of the value of a rank in each row."""
        nowhere = np.zeros_like(self._row)
        return _first(lambda i: self._sum(i + 1) >= rank, nowhere, nowhere + self._n - 1)

    def _distance(self, rank: "Indices", centre: "Floats") -> "Floats":
        """Return the distance of a rank among the distances from the centre in each row.

        Of the values beyond the centre, the nearest is sought that has so many values within its
        distance. The one before it has fewer; what is missing to the rank beside those beyond is on
        the other side, and the nearer of the two is meant.
        """
        level = self._level
        middle = np.searchsorted(level[:-1], centre)

        def enough(place: "Indices") -> "NDArray[np.bool_]":
            within = self._within(level[place] - centre, centre, middle)
            return self._sum(np.minimum(place + 1, self._n)) - self._sum(within) >= rank

        beyond = _first(enough, middle, np.full_like(middle, self._n))
        left = rank - (self._sum(beyond) - self._sum(middle))
        most = self._sum(middle) - left
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
