"""Look at the columns of a table: what kind of values they hold, how many, between which limits."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["number", "text", "mixed", "date", "list", "empty"]

#: Numbers that stand in a column of text where there is none.
_MARKS = {"-9999", "-999", "-99", "-1", "0", "-9999.0", "999", "9999", "99"}
_DATE = re.compile(
    r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?$|^\d{1,2}[/.]\d{1,2}[/.]\d{4}$"
)


@dataclass(frozen=True)
class Look:
    """What a column holds.

    Attributes
    ----------
    name : str
        As in the file.
    kind : str
        number; text; mixed (numbers and text); date; list; empty.
    rows, missing, distinct : int
    whole : bool
        Whether every number is whole.
    values : ndarray
        Numbers as float64, with NaN where missing; of other columns the values as they are.
    unit, description : str
        What the file says of it.
    strange : list of str
        In a mixed column, what is not a number: at most three of them, and first their count.
    """

    name: str
    kind: Kind
    rows: int
    missing: int
    distinct: int
    whole: bool
    values: "NDArray[Any]" = field(repr=False)
    unit: str = ""
    description: str = ""
    strange: tuple[int, tuple[str, ...]] = (0, ())

    @property
    def number(self) -> bool:
        """Whether it holds numbers and nothing else."""
        return self.kind == "number"

    @property
    def finite(self) -> "NDArray[np.float64]":
        """Its numbers, without those that are missing or infinite."""
        values = np.asarray(self.values, dtype=np.float64)
        return values[np.isfinite(values)]


def look(name: str, column: "pd.Series[Any]", unit: str = "", description: str = "") -> Look:
    """Look at one column.

    Parameters
    ----------
    name : str
    column : Series
        As a reader gives it.
    unit, description : str
        What the file says.
    """
    values = column.to_numpy()
    about: dict[str, Any] = {
        "name": name,
        "rows": len(column),
        "unit": unit,
        "description": description,
    }
    if values.dtype.kind in "fiub":
        numbers = values.astype(np.float64)
        gone = int(np.isnan(numbers).sum())
        kind: Kind = "empty" if gone == len(numbers) else "number"
        seen = numbers[np.isfinite(numbers)]
        whole = bool(len(seen)) and bool((seen == np.floor(seen)).all())
        return Look(
            **about, kind=kind, missing=gone, distinct=int(column.nunique()), whole=whole,
            values=numbers,
        )  # fmt: skip
    if values.dtype.kind == "M":
        gone = int(column.isna().sum())
        kind = "empty" if gone == len(column) else "date"
        return Look(
            **about, kind=kind, missing=gone, distinct=int(column.nunique()), whole=False,
            values=values,
        )  # fmt: skip
    return _look_at_objects(column.astype(object), about)


def _look_at_objects(column: "pd.Series[Any]", about: dict[str, Any]) -> Look:
    values = column.to_numpy(dtype=object)
    some = next((v for v in values if v is not None), None)
    if isinstance(some, np.ndarray | list | tuple):
        return Look(**about, kind="list", missing=0, distinct=0, whole=False, values=values)
    text = column.where(column.notna(), None)
    stripped = text[text.notna()].astype(str).str.strip()
    filled = stripped[stripped != ""]
    gone = len(column) - len(filled)
    if not len(filled):
        return Look(**about, kind="empty", missing=gone, distinct=0, whole=False, values=values)
    unique = filled.unique()
    numbers = pd.to_numeric(pd.Series(unique), errors="coerce")
    strange = unique[numbers.isna().to_numpy()]
    counted = int(filled.isin(strange).sum())
    share = 1 - counted / len(filled)
    distinct = len(unique)
    if not len(strange):
        kind: Kind = "number"
        floats = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
        whole = bool((floats[np.isfinite(floats)] % 1 == 0).all())
        return Look(**about, kind=kind, missing=gone, distinct=distinct, whole=whole, values=floats)
    written = set(unique) - set(strange)
    if written <= _MARKS:  # text, and what stands in it where there is none
        share = 0.0
    if share > 0.5 or (share > 0 and all(_like_number(s) for s in strange[:50])):
        kind = "mixed"
    else:
        kind = "date" if all(_DATE.match(s) for s in unique[:50]) else "text"
    examples = tuple(str(s) for s in strange[:3])
    return Look(
        **about, kind=kind, missing=gone, distinct=distinct, whole=False, values=values,
        strange=(counted, examples),
    )  # fmt: skip


def _like_number(text: str) -> bool:
    """Whether text is a number with a limit, a flag or an uncertainty beside it."""
    return bool(re.match(r"^[<>~≤≥]=?\s*[-+]?[0-9.]+|^[-+]?[0-9.]+\s*(:|\?|±|\+/-)", text))
