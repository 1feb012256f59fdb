"""Objects that no model was fitted to, with their truth: what importance is measured on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.analyses.scores.compute import Truth
from boxloop.fitting.targets import judged
from boxloop.metrics import Judged
from boxloop.sampling import unit_hashes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.store import Table

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class HeldOut:
    """Objects that no model was fitted to, with their truth.

    Attributes
    ----------
    table : Table
    truth : ndarray, shape (rows,)
        Numbers, or codes of the classes.
    units : ndarray, shape (rows,)
    classes : tuple of str
    error : ndarray, shape (rows, 2), or None
        Of the truth.
    """

    table: "Table"
    truth: "NDArray[Any]"
    units: "NDArray[Any]"
    classes: tuple[str, ...] = ()
    error: "Floats | None" = None

    @classmethod
    def of(
        cls, table: "Table", rows: "NDArray[np.bool_]", truth: Truth, seed: int, most: int
    ) -> "HeldOut":
        """Take at most so many of some rows of a table, whole units first; of known targets."""
        ids = table.ids
        known = truth.frame.set_index("id")
        rows = rows & pd.Index(ids).isin(known.index)
        found = np.flatnonzero(rows)
        unit = known["unit"].reindex(ids[found]).to_numpy()
        keys = (
            unit_hashes(ids[found], seed, "importance"),
            unit_hashes(unit, seed, "importance", "unit"),
        )
        found = found[np.sort(np.lexsort(keys)[:most])]
        objects = known.reindex(ids[found])
        has_errors = "error_low" in objects
        return cls(
            table.take(found),
            truth.codes(objects["target"].to_numpy()),
            objects["unit"].to_numpy(),
            truth.classes,
            objects[["error_low", "error_high"]].to_numpy(float) if has_errors else None,
        )

    def judged(self, predicted: pd.DataFrame) -> Judged:
        """Put predictions beside the truth."""
        return judged(predicted, self.truth, self.classes, self.error)

    @property
    def ids(self) -> "NDArray[Any]":
        """Names of the objects."""
        return self.table.ids
