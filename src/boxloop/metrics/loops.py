"""Loops over sorted objects, for many rows of whole-number weights; numba compiles them.

Each takes weights (b, n) of the objects in their order and gives one number a row. As Python they
are correct and slow; `compiled` makes them fast, and lets threads run them side by side.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

    Weights = NDArray[np.uint8]


@cache
def compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """Return a loop of this module as machine code; the first call of each compiles it."""
    from numba import njit

    found: Callable[..., Any] = njit(nogil=True)(loop)
    return found


def ranking(
    weight: "Weights", member: "NDArray[np.bool_]", last: "NDArray[np.bool_]"
) -> tuple["Floats", "Floats"]:
    """Area under the ROC curve and average precision, (b,) each; NaN where a side is empty.

    Parameters
    ----------
    weight : ndarray, shape (b, n)
        Of objects from the highest score down.
    member, last : ndarray of bool, shape (n,)
        Members of the class; ends of runs of equal scores.
    """
    rows, n = weight.shape
    area, precision = np.empty(rows), np.empty(rows)
    for r in range(rows):
        inside = outside = above = step = 0
        missed = summed = 0.0
        for i in range(n):
            w = int(weight[r, i])
            if member[i]:
                step += w
            else:
                outside += w
            if last[i]:
                if step:
                    inside += step
                    summed += step * (inside / (inside + outside))
                    missed += step * 0.5 * (above + outside)
                    step = 0
                above = outside
        both = float(inside) * float(outside)
        area[r] = 1 - missed / both if both > 0 else np.nan
        precision[r] = summed / inside if inside > 0 else np.nan
    return area, precision


def distance_from_uniform(weight: "Weights", level: "Floats") -> "Floats":
    """Largest distance (b,) of the distribution of values (n,) in increasing order from uniform."""
    rows, n = weight.shape
    found = np.empty(rows)
    for r in range(rows):
        total = 0
        for i in range(n):
            total += int(weight[r, i])
        upto, largest = 0, -np.inf
        for i in range(n):
            below = level[i] - upto / total
            upto += int(weight[r, i])
            largest = max(largest, below, upto / total - level[i])
        found[r] = largest
    return found


def calibration_bins(
    weight: "Weights",
    confidence: "Floats",
    hit: "NDArray[np.bool_]",
    last: "NDArray[np.bool_]",
    most: int,
    per_bin: int,
) -> "Floats":
    """Weight, summed confidence and hits (b, most, 3) of bins of equal mass.

    Parameters
    ----------
    weight : ndarray, shape (b, n)
        Of objects in increasing order of their confidence.
    confidence, hit, last : ndarray, shape (n,)
        `last` marks the ends of runs of equal confidence, which lie in the bin of their middle.
    most, per_bin : int
        Most bins, and objects to a bin where there are fewer.
    """
    rows, n = weight.shape
    found = np.zeros((rows, most, 3))
    for r in range(rows):
        total = 0
        for i in range(n):
            total += int(weight[r, i])
        bins = max(1, min(most, total // per_bin))
        upto = step = hits = number = 0
        summed = 0.0
        for i in range(n):
            w = int(weight[r, i])
            step += w
            summed += w * confidence[i]
            hits += w if hit[i] else 0
            if last[i]:
                while number < bins - 1 and (2 * upto + step) * bins >= 2 * total * (number + 1):
                    number += 1
                found[r, number, 0] += step
                found[r, number, 1] += summed
                found[r, number, 2] += hits
                upto += step
                step = hits = 0
                summed = 0.0
    return found
