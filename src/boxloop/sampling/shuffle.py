"""Shuffle labels among units: their link to the objects is cut, what belongs together stays."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Shuffler:
    """Permutations of values among units.

    Where all rows of a unit have one value, units exchange their values, so that the rows of a
    unit go on to agree. Else the values of each unit, in the order of its rows' names, are laid end
    to end in a random order of the units and dealt out again: neighbours stay neighbours.

    Parameters
    ----------
    names : ndarray of str, shape (n,)
        Name of each row; permutations depend on them and not on the order of the rows.
    units : ndarray, shape (n,)
        The unit of each row.
    values : ndarray, shape (n,)
    """

    def __init__(
        self, names: "NDArray[Any]", units: "NDArray[Any]", values: "NDArray[Any]"
    ) -> None:
        labels = pd.Series(units).astype(str).to_numpy(str)
        _, self._unit = np.unique(labels, return_inverse=True)
        self._order = np.lexsort((np.asarray(names).astype(str), self._unit))
        self._sizes = np.bincount(self._unit)
        self._first = np.cumsum(self._sizes) - self._sizes
        self._values = np.asarray(values)
        sorted_ = self._values[self._order]
        same = np.append(sorted_[1:] == sorted_[:-1], True)
        inside = np.append(self._unit[self._order][1:] == self._unit[self._order][:-1], False)
        self._constant = bool(same[inside].all())

    def draw(self, rng: np.random.Generator) -> "NDArray[Any]":
        """Return the values in a new order, shape (n,)."""
        order = rng.permutation(len(self._sizes))
        sorted_ = self._values[self._order]
        if self._constant:
            return sorted_[self._first[order]][self._unit]
        starts = np.repeat(self._first[order], self._sizes[order])
        ends = np.cumsum(self._sizes[order])
        steps = np.arange(len(sorted_)) - np.repeat(ends - self._sizes[order], self._sizes[order])
        out = np.empty_like(self._values)
        out[self._order] = sorted_[starts + steps]
        return out
