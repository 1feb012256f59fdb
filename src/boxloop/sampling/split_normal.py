"""Draws of noise whose width differs downwards and upwards."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def split_normal(low: "Floats", high: "Floats", rng: np.random.Generator) -> "Floats":
    """Draw from normal distributions whose halves have the widths `low` and `high`, joined at 0.

    Parameters
    ----------
    low, high : ndarray, shape (n,)
        Where either is not a positive number, 0 is returned.

    Returns
    -------
    ndarray, shape (n,)
    """
    known = np.isfinite(low) & np.isfinite(high) & (low > 0) & (high > 0)
    low, high = np.where(known, low, 1.0), np.where(known, high, 1.0)
    distance = np.abs(rng.standard_normal(len(low)))
    # The density has no step where the halves meet if each has a share like its width.
    down = rng.random(len(low)) < low / (low + high)
    return np.where(known, np.where(down, -low, high) * distance, 0.0)
