"""Weighted sums and medians over rows, for many sets of weights at once.

A bootstrap resample is a row of counts. All metrics are written with weights on the last axis, so
that a thousand resamples cost a few matrix products and not a thousand loops.
"""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.metrics.repeated import Repeated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Weights that are looked at together: few enough to stay in the cache.
TOGETHER = 1_000_000


def mean(values: "Floats", weight: "Floats") -> "Floats":
    """Weighted mean of values (n,) for weights (..., n)."""
    return weight @ values / weight.sum(axis=-1)


def median(values: "Floats", weight: "Floats") -> "Floats":
    """Weighted median of values (n,) for weights (..., n).

    With whole-number weights it is `numpy.median` of the values repeated so often.
    """
    if weight.ndim == 1 and (weight == 1).all() and np.isfinite(values).all():
        return np.asarray(np.median(values))
    order = np.argsort(values, kind="stable")
    return _median_sorted(values[order], weight[..., order])


def _median_sorted(values: "Floats", weight: "Floats") -> "Floats":
    below = np.cumsum(weight, axis=-1)
    half = below[..., -1:] / 2
    tolerance = 1e-9 * half
    lower = np.argmax(below >= half - tolerance, axis=-1)
    upper = np.argmax(below > half + tolerance, axis=-1)
    return (values[lower] + values[upper]) / 2


def median_deviation(values: "Floats", weight: "Floats") -> "Floats":
    """Weighted median of the absolute deviations from the weighted median, values (n,).

    A row of weights that counts a value that is no number has no deviation.
    """
    if weight.ndim == 1:
        return median(np.abs(values - median(values, weight)), weight)
    if not np.isfinite(values).all():
        rows = zip(weight, median(values, weight), strict=True)
        found = np.array([median(np.abs(values - c), w) for w, c in rows])
        return np.where((weight[:, np.isnan(values)] > 0).any(axis=1), np.nan, found)
    order = np.argsort(values, kind="stable")
    step = max(1, TOGETHER // max(len(values), 1))
    found = np.empty(len(weight))
    for start in range(0, len(weight), step):
        some = Repeated(values[order], weight[start : start + step].take(order, axis=1))
        found[start : start + step] = some.median_distance(some.median())
    return found
