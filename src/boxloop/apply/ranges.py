"""The range of each feature over the training objects, and what lies outside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Roles of the columns that models may use.
USABLE = ("feature", "derived", "feature_error")


@dataclass(frozen=True)
class Range:
    """What the training objects have of a column.

    Attributes
    ----------
    low, high : float
        Smallest and largest finite value; NaN where there is none.
    missing : bool
        Whether it is missing for any of them.
    """

    low: float = np.nan
    high: float = np.nan
    missing: bool = False

    def with_values(self, values: "Floats") -> "Range":
        """Return the range widened to some more values."""
        finite = np.isfinite(values)
        return Range(
            float(np.fmin(self.low, values[finite].min())) if finite.any() else self.low,
            float(np.fmax(self.high, values[finite].max())) if finite.any() else self.high,
            self.missing or not finite.all(),
        )

    def outside(self, values: "Floats") -> "NDArray[np.bool_]":
        """Return where values are out of the range; missing ones are if none was missing here."""
        finite = np.isfinite(values)
        known = (values >= self.low) & (values <= self.high)
        return np.where(finite, ~known, not self.missing)


def training_range(batches: Iterable[Table], split: pd.DataFrame) -> dict[str, Range]:
    """Return the range of every usable column, and of a numeric target, over training objects.

    Parameters
    ----------
    batches : iterable of Table
        The labelled objects.
    split : pandas.DataFrame
        ``id, set``.
    """
    training = set(split.loc[split["set"] == "train", "id"])
    found: dict[str, Range] = {}
    for batch in batches:
        ids = batch.ids
        rows = np.fromiter((i in training for i in ids), bool, len(ids))
        for name in batch.of_role(*USABLE, "target"):
            column = batch.frame[name]
            if pd.api.types.is_numeric_dtype(column):
                values = column.to_numpy(dtype=float, na_value=np.nan)[rows]
                found[name] = found.get(name, Range()).with_values(values)
    return found
