"""Independent units: how objects that belong together are drawn, the same whatever their order.

A *unit* is a group (a field, a source, a night) or, without groups, an object. Units are ranked by
a keyed hash of their name, so that a draw depends on the seed and the names alone: permuting the
rows changes nothing, and adding rows moves few others.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.sampling.inner import SLICES, group_parts, slice_groups
from boxloop.sampling.ordered import deal_in_order, fold_rows, latest, scored_folds
from boxloop.sampling.repeats import columns_of_repeat, repeats_in
from boxloop.study.seeds import seed_sequence

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "SLICES",
    "columns_of_repeat",
    "deal",
    "deal_in_order",
    "deal_inner",
    "draw_fraction",
    "fold_rows",
    "latest",
    "repeats_in",
    "scored_folds",
    "unit_hashes",
    "unit_text",
]


def unit_text(names: "NDArray[Any]") -> "NDArray[Any]":
    """Return the names as text, whole numbers without a decimal point whatever their type.

    The same group is thus the same unit before a table is written and after it is read, in a
    sample that stores it as an integer and in one that stores it as a floating-point number.
    """
    values = np.asarray(names)
    if values.dtype == object and pd.api.types.infer_dtype(values, skipna=False) == "string":
        return values
    if values.dtype.kind == "f":
        whole = np.isfinite(values) & (values == np.floor(values))
        values = values.astype(object)
        values[whole] = [int(v) for v in values[whole]]
    elif values.dtype == object:
        values = values.copy()
        for i, value in enumerate(values):
            if isinstance(value, float | np.floating) and float(value).is_integer():
                values[i] = int(value)
    return pd.Series(values).astype(str).to_numpy(dtype=object)


def unit_hashes(names: "NDArray[Any]", seed: int, *use: str | int) -> "NDArray[np.uint64]":
    """Return a 64-bit hash of each name, keyed by the seed and the use.

    Parameters
    ----------
    names : ndarray, shape (n,)
        Identifiers or group labels; equal names get equal hashes.
    seed : int
    *use : str or int
        What is drawn, for example ``"folds"``.
    """
    key = seed_sequence(seed, "units", *use).generate_state(4).tobytes().hex()[:16]
    return pd.util.hash_array(unit_text(names), hash_key=key, categorize=False)


def draw_fraction(
    names: "NDArray[Any]",
    fraction: float,
    seed: int,
    *use: str | int,
    strata: "NDArray[Any] | None" = None,
    grouped: bool = False,
) -> "NDArray[np.bool_]":
    """Draw a fraction of the units.

    Parameters
    ----------
    names : ndarray, shape (n,)
        The unit of each row.
    fraction : float
        Of the units of each stratum; where the units are groups, of the rows, as nearly as whole
        groups allow.
    strata : ndarray, shape (n,), optional
        Class of each row. Where the units are groups they count only if no group has rows of two
        classes; then every class has a group among those drawn, if one or half of one is due.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    hashes = unit_hashes(names, seed, *use)
    drawn = np.zeros(len(names), dtype=bool)
    if grouped and not _apart(hashes, strata):
        return _whole_groups(hashes, fraction)
    if grouped:
        for rows in _strata(strata, len(names)):
            # Of so few groups that none is due, none is drawn: they are needed to learn from.
            if fraction * len(np.unique(hashes[rows])) >= 0.5:
                drawn[rows] = _whole_groups(hashes[rows], fraction)
        return drawn
    for rows in _strata(strata, len(names)):
        order = rows[np.argsort(hashes[rows], kind="stable")]
        drawn[order[: round(fraction * len(rows))]] = True
    return drawn


def deal(
    names: "NDArray[Any]",
    k: int,
    seed: int,
    *use: str | int,
    strata: "NDArray[Any] | None" = None,
    grouped: bool = False,
) -> "NDArray[np.int8]":
    """Deal the units into `k` parts of nearly equal size; arguments as for `draw_fraction`.

    Returns
    -------
    ndarray of int8, shape (n,)
        The part of each row, 0 to k - 1. Rows of one group always share a part.
    """
    hashes = unit_hashes(names, seed, *use)
    part = np.zeros(len(names), dtype=np.int8)
    if not grouped:
        start = 0
        for rows in _strata(strata, len(names)):
            order = rows[np.argsort(hashes[rows], kind="stable")]
            part[order] = (start + np.arange(len(rows))) % k
            start += len(rows)
        return part
    if not _apart(hashes, strata):
        return _deal_groups(hashes, k)
    for i, rows in enumerate(_strata(strata, len(names))):
        # Each class begins with another part, so that small ones do not all lie in the first.
        part[rows] = (_deal_groups(hashes[rows], k) + i) % k
    return part


def _apart(hashes: "NDArray[np.uint64]", strata: "NDArray[Any] | None") -> bool:
    """Whether the classes are known, and no group has rows of two."""
    if strata is None:
        return False
    codes = pd.factorize(strata)[0]
    _, inverse = np.unique(hashes, return_inverse=True)
    low = np.full(int(inverse.max()) + 1, len(codes))
    high = np.full(len(low), -1)
    np.minimum.at(low, inverse, codes)
    np.maximum.at(high, inverse, codes)
    return bool((low == high).all())


def _deal_groups(hashes: "NDArray[np.uint64]", k: int) -> "NDArray[np.int8]":
    """Deal whole groups, the largest first, each to the part that has the fewest rows."""
    unique, inverse, sizes = np.unique(hashes, return_inverse=True, return_counts=True)
    filled = np.zeros(k)
    part_of = np.zeros(len(unique), dtype=np.int8)
    order = np.lexsort((unique, -sizes))
    larger = int((sizes > 1).sum())
    for group in order[:larger]:
        part_of[group] = int(np.argmin(filled))
        filled[part_of[group]] += sizes[group]
    part_of[order[larger:]] = _evenly(filled, len(order) - larger)
    return part_of[inverse]


def _evenly(filled: "NDArray[np.float64]", n: int) -> "NDArray[np.int64]":
    """Give `n` single rows one after the other to the part that has the fewest, the first of them.

    This is what a loop over the rows does, for millions of them.
    """
    k = len(filled)
    level = np.arange(filled.min(), filled.max() + n // k + 2)
    part, place = np.meshgrid(np.arange(k), level)
    free = place >= filled  # by level and then by part: the order in which places are taken
    return part[free][:n]


def deal_inner(
    names: "NDArray[Any]", folds: "NDArray[Any]", seed: int, *use: str | int
) -> "NDArray[np.int8]":
    """Choose whole groups for the inner slice of each fold (`boxloop.sampling.inner`).

    Parameters
    ----------
    names : ndarray, shape (n,)
        The group of each row.
    folds : ndarray of int, shape (n,)
        The fold of each row, the same for all rows of a group.

    Returns
    -------
    ndarray of int8, shape (n,)
        The slice of each row: near to a tenth of the rows outside fold k, and none inside it, have
        the slice k % 10.
    """
    groups, sizes, inverse = group_parts(unit_hashes(names, seed, *use), folds)
    # Groups come sorted by their hash, which is a draw by lot.
    return slice_groups(groups, sizes, np.arange(len(sizes)))[inverse]


def _whole_groups(hashes: "NDArray[np.uint64]", fraction: float) -> "NDArray[np.bool_]":
    _, inverse, sizes = np.unique(hashes, return_inverse=True, return_counts=True)
    wanted = fraction * len(hashes)
    before = np.cumsum(sizes) - sizes
    taken = before + sizes / 2 <= wanted
    if not taken.any():
        taken[0] = True
    return taken[inverse]


def _strata(strata: "NDArray[Any] | None", n: int) -> list["NDArray[np.intp]"]:
    if strata is None:
        return [np.arange(n)]
    labels = pd.Series(strata).astype(str).to_numpy()
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]
