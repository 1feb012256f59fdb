"""Build the table of one sample column by column, and count what is noticed on the way."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.read import RawSample
from boxloop.errors import BoxloopError, listed, suggest
from boxloop.store import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
class Noticed:
    """Rows counted while numbers were read.

    Attributes
    ----------
    markers : Counter
        Rows by (feature, declared value as the study writes it, meaning); 0 where it never occurs.
    errors : Counter
        Rows whose error cannot be one, by (kind of finding, column of the table, of the file).
    """

    markers: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    errors: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def added(parts: Iterable[Noticed]) -> Noticed:
    """Return the sums over samples."""
    total = Noticed()
    for part in parts:
        total.markers.update(part.markers)
        total.errors.update(part.errors)
    return total


@dataclass
class Standardiser:
    """Builds the table of one sample, column by column.

    Attributes
    ----------
    raw : RawSample
    values : dict of str to ndarray
        The table's columns so far.
    columns : dict of str to Column
    noticed : Noticed
    """

    raw: RawSample
    values: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    noticed: Noticed = field(default_factory=Noticed)

    def add(self, name: str, values: Any, column: Column) -> None:
        """Add a column; the name must be free."""
        if name in self.values:
            raise BoxloopError(f"columns: {name!r} is there twice; rename one with from:")
        self.values[name] = values
        self.columns[name] = column

    def find(self, name: str, key: str) -> "NDArray[Any]":
        """Return a column of the file; the error for an unknown one names the nearest."""
        if name not in self.raw.frame:
            known = list(self.raw.frame.columns)
            raise BoxloopError(
                f"{key}: the sample {self.raw.name!r} ({self.raw.origin}) has no column {name!r}"
                f"{suggest(name, known)}; it has {listed(known, 30)}"
            )
        return self.raw.frame[name].to_numpy()

    def numbers(
        self, name: str, key: str, values: "NDArray[Any] | None" = None
    ) -> "NDArray[np.float64]":
        """Return a column of the file as float64; other `values` may stand for what it holds."""
        values = self.find(name, key) if values is None else values
        if values.dtype.kind in "fiub":
            return values.astype(np.float64)
        numbers = np.array(pd.to_numeric(pd.Series(values), errors="coerce"), dtype=np.float64)
        strange = np.flatnonzero(np.isnan(numbers) & ~np.asarray(pd.isna(values)))
        strange = strange[[str(values[i]).strip().lower() not in ("", "nan") for i in strange]]
        if len(strange):
            first = strange[0]
            raise BoxloopError(
                f"{key}: {len(strange)} values of the column {name!r} of {self.raw.origin} are "
                f"not numbers, for example {values[first]!r} in row {self.raw.row[first]} of "
                f"{self.raw.file[first]}; expected a number in every row; clean the file, or leave "
                "the column out"
            )
        return numbers
