"""Keep the rows of a sample that its limits allow."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed, suggest

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rows_within(
    frame: pd.DataFrame,
    where: Mapping[str, Mapping[str, Any]],
    name: str,
    missing: Mapping[str, Collection[float]] | None = None,
) -> "NDArray[np.bool_]":
    """Return which rows have ``low <= value < below`` in every column with limits.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns as the file names them.
    where : mapping
        ``{column: {low, below}}``, a limit None where there is none.
    name : str
        Of the sample, for messages.
    missing : mapping, optional
        Numbers that mean 'missing' in a column.

    Returns
    -------
    ndarray of bool, shape (rows,)
        False also where there is no value.

    Raises
    ------
    BoxloopError
        A column is unknown or not made of numbers, or no row is left.
    """
    kept = np.ones(len(frame), dtype=bool)
    for column, cut in where.items():
        key = f"samples.{name}.where.{column}"
        values = _numbers(frame, column, key)
        known = np.asarray(~pd.isna(values))
        for marker in (missing or {}).get(column, ()):
            known &= values != marker
        if cut["low"] is not None:
            known &= values >= cut["low"]
        if cut["below"] is not None:
            known &= values < cut["below"]
        if not known.any():
            low, high = np.nanmin(values), np.nanmax(values)
            raise BoxloopError(
                f"{key}: no row is within {_limits(cut)}; the values run from {low:g} to {high:g}"
            )
        kept &= known
    if not kept.any():
        raise BoxloopError(f"samples.{name}.where: no row is within all limits; widen them")
    return kept


def _numbers(frame: pd.DataFrame, column: str, key: str) -> "NDArray[Any]":
    if column not in frame:
        known = list(frame.columns)
        raise BoxloopError(
            f"{key}: the file has no column {column!r}{suggest(column, known)}; it has "
            f"{listed(known, 30)}"
        )
    values = frame[column]
    if values.dtype.kind in "iuf":
        return values.to_numpy()
    numbers = np.array(pd.to_numeric(values, errors="coerce"), dtype=np.float64)
    strange = np.flatnonzero(np.isnan(numbers) & values.notna().to_numpy())
    if len(strange) or np.isnan(numbers).all():
        example = repr(values.iloc[strange[0]]) if len(strange) else "no value at all"
        raise BoxloopError(f"{key}: expected a column of numbers; found {example}; take another")
    return numbers


def _limits(cut: Mapping[str, Any]) -> str:
    low = "" if cut["low"] is None else f"low {cut['low']:g}"
    below = "" if cut["below"] is None else f"below {cut['below']:g}"
    return ", ".join(part for part in (low, below) if part)
