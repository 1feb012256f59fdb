"""Draw some rows of a table for what would be slow on all of them."""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray


def sample_rows(n: int, most: int, seed: int, use: str) -> "NDArray[np.intp]":
    """Return the indices of all rows, or of `most` of them drawn at random, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(generator(seed, "explore", use).choice(n, most, replace=False))
