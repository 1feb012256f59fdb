"""Identify every object by a text that is exact."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.read import RawSample
from boxloop.data.standardiser import Standardiser
from boxloop.errors import BoxloopError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def identifiers(build: Standardiser, wanted: str | list[str] | None) -> "pd.Series[str]":
    """Return the text that identifies each object: its column, columns joined by ':', or its row.

    Integers are never taken through floating-point numbers, which hold 53 bits of the 64.
    """
    raw = build.raw
    if wanted is None:
        rows = pd.Series(raw.row).astype(str)
        text = raw.origin + ":" + pd.Series(raw.file, dtype=object).astype(str) + ":" + rows
        return text
    names = [wanted] if isinstance(wanted, str) else wanted
    parts = [_text(build.find(n, "columns.id"), n, raw) for n in names]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + ":" + part
    return joined


def _text(values: "NDArray[Any]", name: str, raw: RawSample) -> "pd.Series[Any]":
    gone = np.asarray(pd.isna(values))
    values = values.astype(object) if gone.any() else values
    rows = _floating(values, gone)
    if values.dtype.kind == "f" or rows:
        values = _whole(values, rows, name, raw)
    text = pd.Series(values).astype(str).str.strip()
    gone = gone | (text == "").to_numpy()
    if gone.any():
        raise BoxloopError(
            f"columns.id: {int(gone.sum())} rows of {raw.origin} have no {name!r}, the first is "
            f"row {int(np.flatnonzero(gone)[0])}; drop them, or name other columns"
        )
    return text


def _floating(values: "NDArray[Any]", gone: "NDArray[np.bool_]") -> list[Any]:
    """Return the rows that hold a floating-point number."""
    if values.dtype.kind == "f":
        return list(np.flatnonzero(~gone))
    if values.dtype != object or pd.api.types.infer_dtype(values) in ("string", "integer"):
        return []
    return [i for i in np.flatnonzero(~gone) if isinstance(values[i], float | np.floating)]


def _whole(values: "NDArray[Any]", rows: list[Any], name: str, raw: RawSample) -> "NDArray[Any]":
    """Turn floating-point numbers in some rows into the whole numbers that they surely are."""
    whole = values.astype(object)
    for i in rows:
        kind = np.asarray(values[i]).dtype
        bits = np.finfo(kind).nmant + 1
        if not (abs(values[i]) < 2.0**bits and values[i] == np.floor(values[i])):
            raise BoxloopError(
                f"columns.id: {name!r} of {raw.origin} holds {values[i]!r} ({kind}); an identifier "
                f"must be text or a whole number, as {kind} below 2**{bits} "
                "so that it was not rounded"
            )
        whole[i] = int(values[i])
    return whole
