"""Draw some objects of a catalogue of any length, the same ones whatever the order of its rows."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.sampling import unit_hashes
from boxloop.store import Table, count_rows, joined, read_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray


def draw_rows(
    batches: Iterable[Table],
    most: int,
    seed: int,
    *use: str | int,
    keep: "Callable[[Table], NDArray[np.bool_]] | None" = None,
) -> Table | None:
    """Draw at most `most` objects, holding a few batches in memory.

    Parameters
    ----------
    batches : iterable of Table
    most : int
    seed : int
    *use : str or int
        What is drawn.
    keep : callable, optional
        Which rows of a batch may be drawn; all by default.

    Returns
    -------
    Table or None
        The objects in the order of their lots; None where there is no batch at all.
    """
    kept: Table | None = None
    lots = np.array([], np.uint64)
    for batch in batches:
        rows = np.arange(len(batch)) if keep is None else np.flatnonzero(keep(batch))
        own = unit_hashes(batch.ids[rows], seed, *use)
        if len(lots) >= most:
            better = own < lots[-1]
            rows, own = rows[better], own[better]
        some = batch.take(rows)
        kept = some if kept is None else joined([kept, some] if len(some) else [kept])
        lots = np.concatenate([lots, own])
        order = np.argsort(lots, kind="stable")[:most]
        kept, lots = kept.take(order), lots[order]
    return kept


def some_rows(
    paths: Sequence[str | Path],
    arrays: Sequence[str | Path],
    most: int,
    seed: int,
    *use: str | int,
) -> Table | None:
    """Read the objects of some files, in their order, or draw `most` of them where there are more.

    Parameters
    ----------
    paths, arrays : paths of Parquet files and of their folders of arrays
    most, seed, *use
        Those of `draw_rows`.
    """
    if not paths:
        return None
    batches = read_parts(paths, arrays)
    if count_rows(paths) <= most:
        return joined(batches)
    return draw_rows(batches, most, seed, *use)


def in_set(split: pd.DataFrame, *names: str) -> "Callable[[Table], NDArray[np.bool_]]":
    """Return a function that tells which rows of a table belong to some sets of a split."""
    wanted = pd.Index(split.loc[split["set"].isin(names), "id"])

    def keep(table: Table) -> "NDArray[np.bool_]":
        ids: Any = pd.Index(table.ids)
        return np.asarray(ids.isin(wanted), bool)

    return keep
