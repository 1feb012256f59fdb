"""Statistics of some of the objects, as statistics of the weights of all.

Not every model predicts every object: a published catalogue has gaps. Its metrics are worked out
on the objects it has; resamples are of all units, as for every other model, so that the
differences are paired.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from boxloop.metrics.forms import Sorted, Summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.forms import Draw
    from boxloop.metrics.weighted import Floats

    Statistic = Callable[[Floats], Floats]


def of_all(
    statistics: "Mapping[str, Statistic]", known: "NDArray[np.bool_]"
) -> "dict[str, Statistic]":
    """Return statistics of the weights (..., n) of all objects.

    Parameters
    ----------
    statistics : mapping of str to callable
        Functions of the weights (..., m) of those that are known; `Summed`, `Sorted` or plain.
    known : ndarray of bool, shape (n,)
        Which m objects these are. The weights of the others count for nothing.

    Returns
    -------
    dict of str to callable
        In the same forms, sharing what they shared.
    """
    rows = np.flatnonzero(known)
    wide: dict[int, Floats] = {}
    passes: dict[int, Callable[[Draw], Floats]] = {}
    found: dict[str, Statistic] = {}
    for name, statistic in statistics.items():
        direct = partial(_direct, statistic, rows)
        if isinstance(statistic, Summed):
            key = id(statistic.columns)
            if key not in wide:
                wide[key] = _widened(statistic.columns, known)
            found[name] = Summed(direct, wide[key], partial(_combined, statistic.combine))
        elif isinstance(statistic, Sorted):
            key = id(statistic.together)
            together = passes.setdefault(key, partial(_passed, statistic.together, rows))
            found[name] = replace(statistic, direct=direct, together=together)
        else:
            found[name] = direct
    return found


def _direct(statistic: "Statistic", rows: "NDArray[np.intp]", weight: "Floats") -> "Floats":
    return statistic(weight[..., rows])


def _widened(columns: "Floats", known: "NDArray[np.bool_]") -> "Floats":
    """Return the columns for all objects, 0 for the others, and one that sums the weight."""
    found = np.zeros((len(known), columns.shape[1] + 1))
    found[known, :-1] = columns
    found[known, -1] = 1.0
    return found


def _combined(
    combine: "Callable[[Floats, Floats], Floats]", sums: "Floats", total: "Floats"
) -> "Floats":
    return combine(sums[..., :-1], sums[..., -1])


def _passed(
    together: "Callable[[Draw], Floats]", rows: "NDArray[np.intp]", draw: "Draw"
) -> "Floats":
    def among(order: "NDArray[np.intp]") -> "NDArray[np.uint8]":
        return draw(rows[order])

    return together(among)
