"""Order statistics of many resamples at once: one pass over objects that were sorted once.

A pass gets a function that gives the weights (b, n) of the objects in an order of its own, whole
numbers, and returns its statistics (m, b). Each equals the plain function of the same metric.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.metrics import loops
from boxloop.metrics.calibration_metrics import BINS, PER_BIN, debiased, top_label
from boxloop.metrics.loops import compiled
from boxloop.metrics.repeated import Repeated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.forms import Draw
    from boxloop.metrics.weighted import Floats

    Pass = Callable[[Draw], Floats]


def ranking(truth: "NDArray[Any]", probability: "Floats", k: int) -> "Pass":
    """Area under the ROC curve and average precision, class against rest, averaged.

    Parameters
    ----------
    truth : ndarray, shape (n,)
        Codes of the classes.
    probability : ndarray, shape (n, k)
    """
    classes = []
    for c in range(k):
        order = np.argsort(-probability[:, c], kind="stable")
        classes.append((order, truth[order] == c, _last(probability[order, c])))

    def together(draw: "Draw") -> "Floats":
        loop = compiled(loops.ranking)
        return np.nanmean([loop(draw(order), *rest) for order, *rest in classes], axis=0)

    return together


def calibration_error(truth: "NDArray[Any]", probability: "Floats") -> "Pass":
    """Debiased calibration error of the most probable class."""
    confidence, hit = top_label(truth, probability)
    order = np.argsort(confidence, kind="stable")
    confidence, hit = confidence[order], hit[order]
    last = _last(confidence)

    def together(draw: "Draw") -> "Floats":
        loop = compiled(loops.calibration_bins)
        sums = loop(draw(order), confidence, hit, last, BINS, PER_BIN)
        return debiased(*np.moveaxis(sums, -1, 0))[None]

    return together


def median(values: "Floats") -> "Pass":
    """Median of finite values (n,)."""
    order = np.argsort(values, kind="stable")
    level = values[order]

    def together(draw: "Draw") -> "Floats":
        return Repeated(level, draw(order)).median()[None]

    return together


def median_deviation(values: "Floats") -> "Pass":
    """Median of the absolute deviations of finite values (n,) from their median."""
    order = np.argsort(values, kind="stable")
    level = values[order]

    def together(draw: "Draw") -> "Floats":
        repeated = Repeated(level, draw(order))
        return repeated.median_distance(repeated.median())[None]

    return together


def distance_from_uniform(transform: "Floats") -> "Pass":
    """Largest distance of the distribution of values (n,) from uniform."""
    order = np.argsort(transform, kind="stable")
    level = transform[order]

    def together(draw: "Draw") -> "Floats":
        found: Floats = compiled(loops.distance_from_uniform)(draw(order), level)[None]
        return found

    return together


def _last(values: "Floats") -> "NDArray[np.bool_]":
    """Return where runs of equal values end."""
    return np.append(np.diff(values) != 0, True)
