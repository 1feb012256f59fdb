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


def mean(values: "Floats", weight: "Floats") -> "Floats":
    """Weighted mean of values (n,) for weights (..., n)."""
    return weight @ values / weight.sum(axis=-1)


def median(values: "Floats", weight: "Floats") -> "Floats":
    """Weighted median of values (n,) for weights (..., n).

    With whole-number weights it is `numpy.median` of the values repeated so often.
    """
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
    """Weighted median of the absolute deviations from the weighted median, values (n,)."""
    centre = median(values, weight)
    if weight.ndim == 1:
        return median(np.abs(values - centre), weight)
    if np.array_equal(weight, np.rint(weight)):
        counts = weight.astype(np.intp)
        if np.isfinite(values).all():
            order = np.argsort(values, kind="stable")
            repeated = Repeated(values[order], counts.take(order, axis=1))
            return repeated.median_distance(repeated.median())
        return np.array(
            [
                np.median(np.abs(np.repeat(values, n) - c))
                for n, c in zip(counts, centre, strict=True)
            ]
        )
    return np.array([median(np.abs(values - c), w) for w, c in zip(weight, centre, strict=True)])
