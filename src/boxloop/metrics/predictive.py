"""Metrics for a predicted distribution, a mixture of Gaussians for every object.

Each has two steps: what the distribution says of an object's truth, (truth, mixture) -> (n,), which
is worked out once; and its summary for weights (..., n).

References
----------
Gneiting, T. & Raftery, A. E. (2007), Strictly proper scoring rules, prediction, and estimation,
J. Am. Stat. Assoc. 102, 359.
Grimit, E. P. et al. (2006), The continuous ranked probability score for circular variables and its
application, Q. J. R. Meteorol. Soc. 132, 2925 (closed form for a mixture of Gaussians).
"""

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from boxloop.metrics.mixture import Mixture

if TYPE_CHECKING:
    from boxloop.metrics.weighted import Floats

#: Probability within one standard deviation of a normal distribution.
NOMINAL = 0.6827


def negative_log_likelihood(truth: "Floats", mixture: Mixture) -> "Floats":
    """Negative natural logarithm of the density at the truth; the density is per target unit."""
    return -mixture.log_density(truth)


def ranked_probability(truth: "Floats", mixture: Mixture) -> "Floats":
    """Continuous ranked probability score of each object, in the target's unit.

    It is the mean distance of a draw from the truth less half the mean distance of two draws, so
    that a distribution without width has its absolute error.
    """
    w, m, s = mixture.weight, mixture.mean, mixture.sigma
    k = w.shape[1]
    found = np.zeros(len(truth))
    for i in range(k):
        found += w[:, i] * _mean_distance(truth - m[:, i], s[:, i])
        found -= 0.5 * w[:, i] ** 2 * _mean_distance(np.zeros(len(truth)), np.sqrt(2) * s[:, i])
        for j in range(i):
            spread = np.hypot(s[:, i], s[:, j])
            found -= w[:, i] * w[:, j] * _mean_distance(m[:, i] - m[:, j], spread)
    return found


def integral_transform(truth: "Floats", mixture: Mixture) -> "Floats":
    """Probability that each distribution gives to values below the truth (PIT)."""
    return mixture.cumulative(truth)


def covered(truth: "Floats", mixture: Mixture, nominal: float = NOMINAL) -> "Floats":
    """1 where the truth lies in the central interval of the probability `nominal`, else 0."""
    tail = (1 - nominal) / 2
    below = mixture.cumulative(truth)
    return ((below >= tail) & (below <= 1 - tail)).astype(float)


def distance_from_uniform(transform: "Floats", weight: "Floats") -> "Floats":
    """Largest distance of the distribution of PIT values (n,) from uniform (Kolmogorov-Smirnov).

    0 where the distributions are as wide as they ought to be; it has no unit.
    """
    order = np.argsort(transform, kind="stable")
    level = transform[order]
    weight = weight[..., order]
    upto = np.cumsum(weight, axis=-1)
    total = upto[..., -1:]
    above = upto / total - level
    below = level - (upto - weight) / total
    return np.maximum(above, below).max(axis=-1)


def _mean_distance(mean: "Floats", sigma: "Floats") -> "Floats":
    """Mean absolute value of a normal variable."""
    safe = np.where(sigma > 0, sigma, 1.0)
    z = mean / safe
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.where(sigma > 0, 2 * sigma * density + mean * (2 * ndtr(z) - 1), np.abs(mean))
