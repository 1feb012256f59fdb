"""Drop or refuse rows that repeat another, within a sample and across pooled samples."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.read import RawSample
from boxloop.errors import BoxloopError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def drop_duplicates(raw: RawSample) -> RawSample:
    """Drop or refuse rows that repeat another of the sample in every column, as it asks."""
    if raw.duplicates == "keep":
        return raw
    candidates, suspects = _suspects(raw.frame, raw.arrays)
    repeated = np.zeros(len(raw.frame), dtype=bool)
    repeated[candidates] = suspects.duplicated().to_numpy()
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
    names = [c for c in earlier.frame if c in raw.frame]
    if not names or not len(raw.frame) or not len(earlier.frame):
        return repeated
    start = len(earlier.frame)
    frame = pd.concat([earlier.frame[names], raw.frame[names]], ignore_index=True)
    arrays = {k: (earlier.arrays[k], raw.arrays[k]) for k in earlier.arrays if k in raw.arrays}
    candidates, suspects = _suspects(frame, arrays)
    if not len(candidates):
        return repeated
    keys = suspects.groupby(list(suspects), dropna=False, sort=False).ngroup().to_numpy()
    known = keys[candidates < start]
    later = candidates >= start
    repeated[candidates[later] - start] = np.isin(keys[later], known)
    return repeated


def _suspects(
    frame: pd.DataFrame, arrays: Mapping[str, Any]
) -> tuple["NDArray[np.intp]", pd.DataFrame]:
    """Rows that equal another in all plain columns, and these with hashes of lists and arrays.

    An array is given whole, or as the tuple of its parts, one below the other.
    """
    nested = [c for c in frame if _is_nested(frame[c])]
    plain = frame.drop(columns=nested)
    if plain.columns.empty:
        plain = pd.DataFrame({"row": np.zeros(len(frame), np.int8)})
    candidates = np.flatnonzero(plain.duplicated(keep=False).to_numpy())
    suspects = plain.iloc[candidates].copy()
    more = [(c, (frame[c].to_numpy(),)) for c in nested]
    more += [(k, a if isinstance(a, tuple) else (a,)) for k, a in arrays.items()]
    for name, parts in more:
        suspects[f"{name} (hash)"] = [_digest(parts, int(i)) for i in candidates]
    return candidates, suspects


def _digest(parts: tuple[Any, ...], row: int) -> str:
    for part in parts:
        if row < len(part):
            break
        row -= len(part)
    array = np.asarray(part[row])
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
