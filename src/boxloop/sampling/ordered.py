"""Units in the order of time: the latest test, and folds that learn from their past alone."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray


def latest(
    names: "NDArray[Any]", time: "NDArray[np.float64]", fraction: float
) -> "NDArray[np.bool_]":
    """Choose the latest units, a fraction of the rows as nearly as whole units allow.

    A unit of several rows is as late as its last one, so that no row of the units that are left
    is later than the last row of a unit chosen.

    Parameters
    ----------
    names : ndarray, shape (n,)
        The unit of each row.
    time : ndarray, shape (n,)
        Finite [d].
    fraction : float

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    unit, rank, sizes = _in_order(names, time)
    order = np.argsort(rank)
    # Of the rows of the units from this one on, to the end of time.
    later = np.cumsum(sizes[order][::-1])[::-1]
    chosen = np.zeros(len(sizes), dtype=bool)
    chosen[order] = later - sizes[order] / 2 <= fraction * len(names)
    return chosen[unit]


def deal_in_order(
    names: "NDArray[Any]", time: "NDArray[np.float64]", folds: int
) -> "NDArray[np.int8]":
    """Cut the units into stretches of time of nearly equal numbers of rows.

    Returns
    -------
    ndarray of int8, shape (n,)
        -1 for the first stretch, which is learnt from and never scored; 0 to folds - 1 for the
        others in the order of time. `fold_rows` says what each fold learns from.
    """
    unit, rank, sizes = _in_order(names, time)
    order = np.argsort(rank)
    middle = np.cumsum(sizes[order]) - sizes[order] / 2
    stretch = np.empty(len(sizes), dtype=np.int8)
    parts = folds + 1
    stretch[order] = np.minimum(middle * parts / sizes.sum(), parts - 1).astype(np.int8) - 1
    return stretch[unit]


def fold_rows(
    folds: "NDArray[np.int8]", fold: int
) -> tuple["NDArray[np.intp]", "NDArray[np.intp]"]:
    """Return the rows that a fold learns from, and those it is scored on.

    It learns from all other folds; where the folds are in the order of time (then there are rows
    of the fold -1), from those before it.
    """
    before = folds < fold if (folds < 0).any() else folds != fold
    return np.flatnonzero(before), np.flatnonzero(folds == fold)


def scored_folds(folds: "NDArray[np.int8]") -> list[int]:
    """Return the numbers of the folds that are scored."""
    return [int(f) for f in np.unique(folds) if f >= 0]


def _in_order(
    names: "NDArray[Any]", time: "NDArray[np.float64]"
) -> tuple["NDArray[np.intp]", "NDArray[np.intp]", "NDArray[np.intp]"]:
    """Return each row's unit, each unit's place in the order of time, and its rows.

    Units of equal time follow their names.
    """
    labels, unit = np.unique(pd.Series(names).astype(str).to_numpy(str), return_inverse=True)
    last = np.full(len(labels), -np.inf)
    np.maximum.at(last, unit, time)
    rank = np.empty(len(labels), dtype=np.intp)
    rank[np.lexsort((np.arange(len(labels)), last))] = np.arange(len(labels))
    return unit, rank, np.bincount(unit, minlength=len(labels))
