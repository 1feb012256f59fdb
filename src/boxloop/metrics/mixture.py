"""A predicted distribution: for every object a mixture of Gaussians."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logsumexp, ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

#: Halvings of the interval in which a quantile is looked for: to the last digits of a double.
_HALVINGS = 60
_LOG_ROOT = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Mixture:
    """Gaussian mixtures of n objects, k components each.

    Attributes
    ----------
    weight : ndarray, shape (n, k)
        Adds up to 1 over the components.
    mean, sigma : ndarray, shape (n, k)
        In the unit of the target; sigma > 0.
    """

    weight: "Floats"
    mean: "Floats"
    sigma: "Floats"

    def take(self, rows: "NDArray[Any]") -> "Mixture":
        """Return the mixtures of some objects, by mask or index."""
        return Mixture(self.weight[rows], self.mean[rows], self.sigma[rows])

    def log_density(self, at: "Floats") -> "Floats":
        """Natural logarithm of the density at one value (n,) for each object."""
        pull = (at[:, None] - self.mean) / self.sigma
        exponent = -0.5 * pull**2 - np.log(self.sigma) - _LOG_ROOT
        found: Floats = logsumexp(exponent, axis=1, b=self.weight)
        return found

    def cumulative(self, at: "Floats") -> "Floats":
        """Probability (n,) of a value below `at`, one value (n,) for each object."""
        below: Floats = (self.weight * ndtr((at[:, None] - self.mean) / self.sigma)).sum(axis=1)
        return np.clip(below, 0.0, 1.0)

    def quantile(self, level: float) -> "Floats":
        """Return the value (n,) below which a target lies with the probability `level`."""
        ends = self.mean + NormalDist().inv_cdf(level) * self.sigma
        low, high = ends.min(axis=1), ends.max(axis=1)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            below = self.cumulative(middle) < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2

    def expectation(self) -> "Floats":
        """Return the mean (n,) of each distribution."""
        return (self.weight * self.mean).sum(axis=1)
