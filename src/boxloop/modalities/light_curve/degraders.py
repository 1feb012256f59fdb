"""Degraders of light curves: more noise, fewer epochs."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VALUE, _ERROR = "light_curve.value", "light_curve.error"
#: Epochs that a light curve keeps.
FEWEST = 2


def noisier_light_curves(table: Table, strength: float, *, rng: np.random.Generator) -> Table:
    """Scatter the values of light curves by a multiple of their errors, which grow accordingly.

    Parameters
    ----------
    table : Table
        Without the column of errors nothing changes; an epoch without a positive error stays.
    strength : float
    rng : numpy.random.Generator
    """
    if _ERROR not in table.frame:
        return table
    values, starts = _joined(table.column(_VALUE))
    errors, _ = _joined(table.column(_ERROR))
    known = np.isfinite(errors) & (errors > 0)
    moved = values + strength * np.where(known, errors, 0.0) * rng.standard_normal(len(values))
    frame = table.frame.copy()
    frame[_VALUE] = _parted(moved, starts)
    frame[_ERROR] = _parted(errors * np.sqrt(1 + strength**2), starts)
    return replace(table, frame=frame)


def dropped_epochs(table: Table, strength: float, *, rng: np.random.Generator) -> Table:
    """Take a fraction of its epochs away from every light curve, by chance.

    Parameters
    ----------
    table : Table
    strength : float
        Fraction of the epochs, 0 to 1; two stay at the least. With the same `rng` the epochs that
        are left at a larger fraction are among those of a smaller one.
    rng : numpy.random.Generator
    """
    parts = table.of_role("light_curve")
    lengths = np.array([len(v) for v in table.column(_VALUE)], dtype=int)
    kept = []
    for n, lots in zip(lengths, _parted(rng.random(lengths.sum()), _starts(lengths)), strict=True):
        wanted = min(n, max(FEWEST, n - round(strength * n)))
        kept.append(np.sort(np.argsort(lots, kind="stable")[:wanted]))
    frame = table.frame.copy()
    for part in parts:
        rows = [np.asarray(v)[k] for v, k in zip(table.column(part), kept, strict=True)]
        frame[part] = pd.Series(rows, index=frame.index, dtype=object)
    return replace(table, frame=frame)


def _joined(rows: "NDArray[Any]") -> "tuple[NDArray[np.float64], NDArray[np.int64]]":
    """Join the lists of all rows to one array; also where each of them but the first begins."""
    lists = [np.asarray(v, float) for v in rows]
    starts = _starts(np.array([len(v) for v in lists], dtype=int))
    return np.concatenate([*lists, np.array([])]), starts


def _starts(lengths: "NDArray[np.int64]") -> "NDArray[np.int64]":
    return np.cumsum(lengths)[:-1]


def _parted(values: "NDArray[np.float64]", starts: "NDArray[np.int64]") -> "pd.Series[Any]":
    return pd.Series(np.split(values, starts), dtype=object)
