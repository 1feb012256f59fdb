"""Sets and intervals that hold the truth with a stated probability: split conformal prediction.

A score says how badly a value fits the prediction of an object. The quantile of the scores of
objects that the model has not learnt from tells which values of a new object are kept.

References
----------
Vovk, V., Gammerman, A. & Shafer, G. (2005), Algorithmic Learning in a Random World, Springer.
Angelopoulos, A. N. & Bates, S. (2023), Conformal prediction: a gentle introduction, Found. Trends
Mach. Learn. 16, 494.
"""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.metrics.mixture import Mixture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats


def conformal_quantile(scores: "Floats", units: "NDArray[np.intp]", level: float) -> float:
    """Return the score below which that of a new object lies with the probability `level`.

    With one object a unit it is the ceil((n + 1) level)-th smallest score. Objects of a unit (a
    field, a star) are not independent of each other, the units are: the distributions of the
    scores in U units, and one infinite score for the new unit, are averaged with equal weight
    1 / (U + 1). As the units are exchangeable, the quantile of that average holds an object that
    is drawn from a new unit with at least the probability `level`, whatever U.

    Parameters
    ----------
    scores : ndarray, shape (n,)
    units : ndarray, shape (n,)
        The unit of each score.
    level : float
        In (0, 1).

    Returns
    -------
    float
        Infinite where there are fewer than level / (1 - level) units.

    References
    ----------
    Dunn, R., Wasserman, L. & Ramdas, A. (2023), Distribution-free prediction sets for two-layer
    hierarchical models, J. Am. Stat. Assoc. 118, 2491.
    """
    _, unit, size = np.unique(units, return_inverse=True, return_counts=True)
    order = np.argsort(scores, kind="stable")
    upto = np.cumsum(1 / size[unit[order]]) / (len(size) + 1)
    # A sum that reaches the level but for a rounding has reached it.
    place = int(np.searchsorted(upto, level - 1e-9))
    return float(scores[order[place]]) if place < len(scores) else float("inf")


def fewest_units(level: float) -> int:
    """Return how many units `conformal_quantile` needs to be finite."""
    return int(np.ceil(level / (1 - level) - 1e-9))


def lac_scores(probability: "Floats") -> "Floats":
    """Return the score of every class (n, k) that makes the smallest sets: 1 - probability.

    References
    ----------
    Sadinle, M., Lei, J. & Wasserman, L. (2019), Least ambiguous set-valued classifiers with
    bounded error levels, J. Am. Stat. Assoc. 114, 223.
    """
    found: Floats = 1 - probability
    return found


def aps_scores(probability: "Floats", chance: "Floats") -> "Floats":
    """Return the score of every class (n, k) that adapts sets to how hard an object is.

    It is the probability of all more probable classes, and of a random part of its own.

    Parameters
    ----------
    probability : ndarray, shape (n, k)
    chance : ndarray, shape (n,)
        Uniform in [0, 1), independent of everything; without it sets would be too large.

    References
    ----------
    Romano, Y., Sesia, M. & Candes, E. J. (2020), Classification with valid and adaptive coverage,
    NeurIPS 33.
    """
    order = np.argsort(-probability, axis=1, kind="stable")
    ranked = np.take_along_axis(probability, order, axis=1)
    scores = np.empty_like(probability)
    np.put_along_axis(scores, order, np.cumsum(ranked, axis=1), axis=1)
    return scores - chance[:, None] * probability


def sets_of(
    scores: "Floats", probability: "Floats", quantile: "float | Floats"
) -> "NDArray[np.bool_]":
    """Return which classes (n, k) each set holds; the most probable one always is.

    Parameters
    ----------
    scores, probability : ndarray, shape (n, k)
    quantile : float or ndarray, shape (n,)
    """
    kept: NDArray[np.bool_] = scores <= np.reshape(quantile, (-1, 1))
    kept[np.arange(len(kept)), probability.argmax(axis=1)] = True
    return kept


def central(mixture: Mixture, level: float) -> tuple["Floats", "Floats"]:
    """Return the ends (n,) of the interval that a distribution itself gives the probability."""
    tail = (1 - level) / 2
    return mixture.quantile(tail), mixture.quantile(1 - tail)


def outside(truth: "Floats", low: "Floats", high: "Floats") -> "Floats":
    """Return how far (n,) the truth lies outside an interval; negative inside.

    With ``low = high`` it is the absolute residual. Intervals widened by its quantile are those of
    conformalized quantile regression; in units of each interval's own width (`widths`), all of them
    grow or shrink by the same factor, which mends distributions that are too narrow or too wide.

    References
    ----------
    Romano, Y., Patterson, E. & Candes, E. J. (2019), Conformalized quantile regression, NeurIPS 32.
    Sesia, M. & Candes, E. J. (2020), A comparison of some conformal quantile regression methods,
    Stat 9, e261 (its CQR-r has these units).
    """
    return np.maximum(low - truth, truth - high)


def widths(low: "Floats", high: "Floats") -> "Floats":
    """Return the units (n,) of the scores of intervals: their width; 1 where all have none."""
    width = high - low
    if not np.any(width > 0):
        return np.ones(len(width))
    return np.maximum(width, np.finfo(float).tiny)
