"""Drop or refuse rows that repeat another, within a sample and across pooled samples."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.read import RawSample
from boxloop.errors import BoxloopError

if TYPE_CHECKING:
    from numpy.typing import NDArray


#: An odd number without pattern, by which hashes of several columns are mixed.
FACTOR = 0x9E3779B97F4A7C15


def drop_duplicates(raw: RawSample) -> RawSample:
    """Drop or refuse rows that repeat another of the sample in every column, as it asks."""
    if raw.duplicates == "keep":
        return raw
    repeated = np.zeros(len(raw.frame), dtype=bool)
    rows = _candidates(raw.frame)
    if len(rows):
        contents = _contents(raw, rows, list(raw.frame.columns), list(raw.arrays))
        repeated[rows] = contents.duplicated().to_numpy()
    if repeated.any() and raw.duplicates == "error":
        first = int(np.flatnonzero(repeated)[0])
        raise BoxloopError(
            f"samples.{raw.name}: {int(repeated.sum())} rows repeat another in every column, the "
            f"first is row {raw.row[first]} of {raw.file[first]}; clean the file, or take "
            "duplicates: drop"
        )
    return _without(raw, repeated)


def drop_shared(samples: Sequence[RawSample]) -> list[RawSample]:
    """Drop or refuse rows that repeat a row of an earlier sample in every column both have.

    Such an object could stand in training and, a second time, in test. A sample with
    ``duplicates: keep`` is left as it is, and nothing is dropped for its sake.

    Raises
    ------
    BoxloopError
        There are such rows, and one of the two samples has ``duplicates: error``.
    """
    kept: list[RawSample] = []
    for raw in samples:
        for earlier in kept:
            if "keep" in (raw.duplicates, earlier.duplicates):
                continue
            repeated = _repeats(raw, earlier)
            if repeated.any() and "error" in (raw.duplicates, earlier.duplicates):
                first = int(np.flatnonzero(repeated)[0])
                raise BoxloopError(
                    f"samples.{raw.name}: {int(repeated.sum())} rows repeat one of the sample "
                    f"{earlier.name!r} in every column that both have, the first is row "
                    f"{raw.row[first]} of {raw.file[first]}; clean the files, or take "
                    "duplicates: drop"
                )
            raw = _without(raw, repeated)
        kept.append(raw)
    return kept


def _repeats(raw: RawSample, earlier: RawSample) -> "NDArray[np.bool_]":
    """Where a row of a sample repeats one of an earlier sample."""
    repeated = np.zeros(len(raw.frame), dtype=bool)
    names = [str(c) for c in earlier.frame.columns if c in raw.frame]
    if not names or not len(raw.frame) or not len(earlier.frame):
        return repeated
    arrays = [k for k in earlier.arrays if k in raw.arrays]
    mine, theirs = _keys(raw.frame[names]), _keys(earlier.frame[names])
    rows = np.flatnonzero(pd.Series(mine).isin(theirs).to_numpy())
    others = np.flatnonzero(pd.Series(theirs).isin(mine).to_numpy())
    if not len(rows):
        return repeated
    parts = [_contents(earlier, others, names, arrays), _contents(raw, rows, names, arrays)]
    both: pd.DataFrame = pd.concat(parts, ignore_index=True)
    kinds = both.groupby(list(both), dropna=False, sort=False).ngroup().to_numpy()
    repeated[rows] = np.isin(kinds[len(others) :], kinds[: len(others)])
    return repeated


def row_hashes(columns: "Sequence[pd.Series[Any] | NDArray[Any]]") -> "NDArray[np.uint64]":
    """Return a 64-bit hash of each row; rows of equal values have equal ones, NaN equal to NaN.

    Numbers are equal whatever their type. Memory is that of two columns, not of the table.
    """
    hashes = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        hashes *= np.uint64(FACTOR)
        hashes += _value_hashes(pd.Series(column, copy=False))
    return hashes


def _value_hashes(column: "pd.Series[Any]") -> "NDArray[np.uint64]":
    if _is_numeric(column):
        values = column.to_numpy(dtype=np.float64) + 0.0  # of -0.0 too
        values[np.isnan(values)] = np.nan
        return pd.util.hash_array(values)
    codes, known = pd.factorize(column)
    hashes = pd.util.hash_array(np.array([str(v) for v in known], dtype=object), categorize=False)
    return np.append(hashes, np.uint64(0))[codes]  # the code of a missing value is -1


def _candidates(frame: pd.DataFrame) -> "NDArray[np.intp]":
    """Return the rows that equal another in all plain columns, up to chance.

    Columns are looked at one by one, numbers first; few rows are left after the first of them.
    """
    rows = np.arange(len(frame))
    hashes = np.zeros(len(frame), dtype=np.uint64)
    plain = [frame[c] for c in frame if not _is_nested(frame[c])]
    for column in sorted(plain, key=lambda c: not _is_numeric(c)):
        hashes = hashes * np.uint64(FACTOR) + _value_hashes(column.iloc[rows])
        twice = pd.Series(hashes).duplicated(keep=False).to_numpy()
        rows, hashes = rows[twice], hashes[twice]
        if not len(rows):
            break
    return rows


def _is_numeric(column: "pd.Series[Any]") -> bool:
    return isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiub"


def _keys(frame: pd.DataFrame) -> "NDArray[np.uint64]":
    """Return hashes of the rows by their plain columns; all are equal where there are none."""
    plain = [frame[c] for c in frame if not _is_nested(frame[c])]
    return row_hashes(plain) if plain else np.zeros(len(frame), dtype=np.uint64)


def _contents(
    raw: RawSample, rows: "NDArray[np.intp]", names: Sequence[str], arrays: Sequence[str]
) -> pd.DataFrame:
    """Return some rows in full, lists and arrays by their hashes."""
    frame = raw.frame[list(names)].iloc[rows].reset_index(drop=True)
    nested = [c for c in names if _is_nested(raw.frame[c])]
    contents = {c: frame[c] for c in names if c not in nested}
    for name, values in [
        *((c, frame[c].to_numpy()) for c in nested),
        *((k, raw.arrays[k][rows]) for k in arrays),
    ]:
        digests = pd.Series([_digest(v) for v in values], dtype=object)
        contents[f"{name} (hash)"] = digests
    return pd.DataFrame(contents)


def _digest(value: Any) -> str:
    array = np.asarray(value)
    content = repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
    return hashlib.sha256(content).hexdigest()


def _is_nested(column: "pd.Series[Any]") -> bool:
    return (
        column.dtype == object and len(column) > 0 and isinstance(column.iat[0], list | np.ndarray)
    )


def _without(raw: RawSample, gone: "NDArray[np.bool_]") -> RawSample:
    if not gone.any():
        return raw
    keep = ~gone
    return replace(
        raw,
        frame=raw.frame[keep].reset_index(drop=True),
        file=raw.file[keep],
        row=raw.row[keep],
        arrays={k: a[keep] for k, a in raw.arrays.items()},
    )
