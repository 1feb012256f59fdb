"""How much an object teaches: less where its target or its features are uncertain."""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.errors import BoxloopError
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.prepare import ErrorUse, Recipe, TargetErrorUse

    Floats = NDArray[np.float64]

#: Standard deviation of a normal distribution over its median absolute deviation.
_NORMAL = 1.4826


def object_weights(unfitted: "Recipe", table: Table) -> "Floats | None":
    """Return the weights of the fitting rows, or None where the study asks for none.

    The target's error sigma gives 1 / (sigma^2 + s^2), s the median error: exact objects do not
    outweigh all others, for no model is as exact as they are. A feature's error gives the factor
    1 / (1 + (sigma / spread)^2), the spread being that of the feature: the share of its variance
    that is not noise. Everything is learnt from the rows given.

    Parameters
    ----------
    unfitted : Recipe
        The recipe of *prepare*: ``target_error`` and ``table.errors``.
    table : Table
        The fitting rows.

    Returns
    -------
    ndarray, shape (rows,), or None
        Their mean is 1. An object without an error counts as one of the median error.

    Raises
    ------
    BoxloopError
        No row has a positive error.
    """
    found = []
    target = unfitted.get("target_error")
    if target and target["use"] == "weight":
        sigma, median = _filled(table, target)
        found.append(1 / (sigma**2 + median**2))
    for name, error in unfitted.get("table", {}).get("errors", {}).items():
        if error["use"] == "weight":
            sigma, _ = _filled(table, error)
            spread = _spread(table.column(name).astype(float))
            found.append(1 / (1 + (sigma / spread) ** 2) if spread else np.ones(len(table)))
    if not found:
        return None
    weight: Floats = np.prod([f / f.mean() for f in found], axis=0)
    return weight / weight.mean()


def _filled(table: Table, error: "ErrorUse | TargetErrorUse") -> tuple["Floats", float]:
    """Return the error of each row, the mean of both sides, and the median of those known."""
    sigma = (table.column(error["low"]).astype(float) + table.column(error["high"])) / 2
    known = np.isfinite(sigma) & (sigma > 0)
    if not known.any():
        raise BoxloopError(
            f"use_error: weight needs errors, but no object that teaches has a positive one in "
            f"{error['low']!r} and {error['high']!r}; leave use_error out, or name another column "
            "in error"
        )
    median = float(np.median(sigma[known]))
    return np.where(known, sigma, median), median


def _spread(values: "Floats") -> float:
    """Return the robust spread of the finite values; the standard deviation where it is 0."""
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0
    robust = _NORMAL * float(np.median(np.abs(values - np.median(values))))
    return robust or float(values.std())
