"""Inner slices: groups of each fold's training part that an early stopping may look at."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Slices: each fold's inner slice is near to one in so many of its training rows.
SLICES = 10


def slice_groups(
    folds: "NDArray[np.intp]", sizes: "NDArray[np.intp]", order: "NDArray[np.intp]"
) -> "NDArray[np.int8]":
    """Choose groups for the inner slice of each fold, none of them from the fold itself.

    Parameters
    ----------
    folds : ndarray of int, shape (groups,)
        Fold of each group.
    sizes : ndarray of int, shape (groups,)
        Rows of each group.
    order : ndarray of int, shape (groups,)
        The groups, drawn by lot; they are looked at in this order.

    Returns
    -------
    ndarray of int8, shape (groups,)
        Fold k finds its slice under k % 10. Groups in no fold's slice share the numbers that no
        fold has, or have -1 if there are none.
    """
    n_folds = int(folds.max()) + 1
    used = min(n_folds, SLICES)
    # Where there are more folds than slices, some folds share one, which is then outside them all.
    allowed = np.array([(folds % SLICES) != s for s in range(used)])
    wanted = np.array([sizes[a].sum() for a in allowed]) / SLICES
    part = np.full(len(sizes), -1, dtype=np.int8)
    _fill(part, sizes, order, allowed, wanted)
    if set(range(used)) - set(part):
        part[:] = -1
        _give_one_each(part, sizes, order, allowed, wanted)
        _fill(part, sizes, order, allowed, wanted)
    free = np.arange(used, SLICES)
    rest = order[part[order] < 0]
    if len(free):
        part[rest] = free[np.arange(len(rest)) % len(free)]
    return part


def _fill(
    part: "NDArray[np.int8]",
    sizes: "NDArray[np.intp]",
    order: "NDArray[np.intp]",
    allowed: "NDArray[np.bool_]",
    wanted: "NDArray[np.float64]",
) -> None:
    """Give groups to slices while they fit, then close each gap with the best one."""
    lacks = (wanted - np.array([sizes[part == s].sum() for s in range(len(wanted))])).tolist()
    slices = range(len(wanted))
    # Which slices a group may go to, as one number: there are few such sets.
    kinds = (allowed * (1 << np.arange(len(wanted)))[:, None]).sum(axis=0)
    choices = {k: [s for s in slices if k >> s & 1] for k in np.unique(kinds).tolist()}
    waiting = order[part[order] < 0]
    smallest = sizes.min()
    # Lists, not arrays: there may be a million groups, each a step of its own.
    for group, size, kind in zip(
        waiting.tolist(), sizes[waiting].tolist(), kinds[waiting].tolist(), strict=True
    ):
        slice_ = max(choices[kind], key=lacks.__getitem__, default=None)
        if slice_ is not None and size <= lacks[slice_]:
            part[group] = slice_
            lacks[slice_] -= size
            if max(lacks) < smallest:
                break
    for slice_ in np.argsort(-np.array(lacks), kind="stable"):
        while len(free := order[(part[order] < 0) & allowed[slice_, order]]):
            left = np.abs(lacks[slice_] - sizes[free])
            best = int(np.argmin(left))
            if left[best] >= abs(lacks[slice_]):
                break
            part[free[best]] = slice_
            lacks[slice_] -= sizes[free[best]]


def _give_one_each(
    part: "NDArray[np.int8]",
    sizes: "NDArray[np.intp]",
    order: "NDArray[np.intp]",
    allowed: "NDArray[np.bool_]",
    wanted: "NDArray[np.float64]",
) -> None:
    """Give one group to each slice that leaves its folds another to learn from."""
    from scipy.optimize import linear_sum_assignment

    slices = np.flatnonzero(allowed.sum(axis=1) > 1)
    if not len(slices):
        return
    distance = np.abs(sizes[order] - wanted[slices, None])
    forbidden = ~allowed[np.ix_(slices, order)]
    cost = np.where(forbidden, 1e6 * sizes.sum(), distance)
    for i, j in zip(*linear_sum_assignment(cost), strict=True):
        if not forbidden[i, j]:
            part[order[j]] = slices[i]


def group_parts(
    hashes: "NDArray[Any]", parts: "NDArray[Any]"
) -> tuple["NDArray[np.intp]", "NDArray[np.intp]", "NDArray[np.intp]"]:
    """Return each group's part and its number of rows, and each row's group."""
    _, first, inverse, sizes = np.unique(
        hashes, return_index=True, return_inverse=True, return_counts=True
    )
    return parts[first].astype(np.intp), sizes, inverse
