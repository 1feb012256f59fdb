"""After how many epochs successive halving compares trials."""

import math


def rungs_of(epochs: int, first: int | None, factor: int) -> list[int]:
    """Return after how many epochs trials are compared that train so long at the most.

    Parameters
    ----------
    epochs : int
    first : int or None
        Epochs to the first rung; by default all, divided by the square of `factor`.
    factor : int
        One trial of so many goes on.
    """
    rung, found = first or math.ceil(epochs / factor**2), []
    while rung < epochs:
        found.append(rung)
        rung *= factor
    return found
