"""Neighbours: the training objects that are most like an object, in the space a model sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.modalities.usable import Usable, usable_numbers
from boxloop.sampling import unit_hashes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.store import Table

    Floats = NDArray[np.float64]

#: Neighbours of an object.
NEIGHBOURS = 3
#: Training objects that say which distance is usual.
_USUAL = 200
#: Most values of a matrix of distances that is held at once.
_AT_ONCE = 4_000_000
#: Images that are held at once.
_IMAGES = 1000
#: Standard deviation of a normal distribution over its interquartile range.
_NORMAL = 1 / 1.349


@dataclass(frozen=True)
class Neighbourhood:
    """Training objects in the space of what a model sees, each column in units of its scatter.

    Distances leave out what one of two objects lacks, and count the rest for more, as
    `sklearn.metrics.pairwise.nan_euclidean_distances` does.

    Attributes
    ----------
    names : tuple of str
        Of the columns.
    centre, scale : ndarray, shape (columns,)
        Median, and interquartile range as a standard deviation, of the training objects.
    points : ndarray, shape (training objects, columns)
    ids, units : ndarray, shape (training objects,)
    """

    names: tuple[str, ...]
    centre: "Floats"
    scale: "Floats"
    points: "Floats"
    ids: "NDArray[Any]"
    units: "NDArray[Any]"

    @classmethod
    def of(cls, numbers: Usable, ids: "NDArray[Any]", units: "NDArray[Any]") -> "Neighbourhood":
        """Scale the training objects; in the order of their names, that ties do not hang on it."""
        order = np.argsort(np.asarray(ids).astype(str), kind="stable")
        values = numbers.values[order]
        kept: NDArray[np.bool_] = np.any(np.isfinite(values), axis=0)
        values = values[:, kept]
        low, centre, high = np.nanquantile(values, [0.25, 0.5, 0.75], axis=0)
        spread = np.nanstd(values, axis=0)
        scale = np.where(high > low, (high - low) * _NORMAL, np.where(spread > 0, spread, 1.0))
        names = tuple(n for n, k in zip(numbers.names, kept, strict=True) if k)
        points = (values - centre) / scale
        return cls(names, centre, scale, points, ids[order], np.asarray(units)[order].astype(str))

    def place(self, numbers: Usable) -> "Floats":
        """Return objects in these coordinates."""
        return (numbers.named(self.names) - self.centre) / self.scale

    def nearest(self, points: "Floats", units: "NDArray[Any]") -> tuple["NDArray[Any]", "Floats"]:
        """Find the nearest training objects of other units.

        Returns
        -------
        rows : ndarray of int, shape (objects, neighbours)
            In the order of this neighbourhood, nearest first.
        distances : ndarray, shape (objects, neighbours)
            Infinite where two objects have no value in common.
        """
        from sklearn.metrics.pairwise import nan_euclidean_distances

        few = min(NEIGHBOURS, len(self.points))
        step = max(1, _AT_ONCE // max(len(self.points), 1))
        rows, distances = [], []
        for start in range(0, len(points), step):
            part = slice(start, start + step)
            far = nan_euclidean_distances(points[part], self.points)
            same = np.asarray(units)[part].astype(str)[:, None] == self.units[None, :]
            far = np.where(same | ~np.isfinite(far), np.inf, far)
            nearest = np.argsort(far, axis=1, kind="stable")[:, :few]
            rows.append(nearest)
            distances.append(np.take_along_axis(far, nearest, axis=1))
        return np.concatenate(rows), np.concatenate(distances)

    def usual(self, seed: int) -> "Floats":
        """Return the mean distance of some training objects from their neighbours."""
        drawn = np.argsort(unit_hashes(self.ids, seed, "neighbours"), kind="stable")[:_USUAL]
        _, distances = self.nearest(self.points[drawn], self.units[drawn])
        mean = distances.mean(axis=1)
        return mean[np.isfinite(mean)]


def numbers_of(table: "Table", rows: "NDArray[np.intp]", wanted: Sequence[str]) -> Usable:
    """Return the numbers of some rows; images are read part by part."""
    if not any(name in table.arrays for name in wanted):
        return usable_numbers(replace(table, arrays={}).take(rows), wanted)
    parts = [
        usable_numbers(table.take(rows[start : start + _IMAGES]), wanted)
        for start in range(0, len(rows), _IMAGES)
    ]
    return Usable(parts[0].names, np.concatenate([p.values for p in parts]))
