"""Draw some objects of a catalogue of any length, the same ones whatever the order of its rows."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.store import Table
from boxloop.units import unit_hashes

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
        own = unit_hashes(batch.column(batch.named("id") or "id")[rows], seed, *use)
        if len(lots) >= most:
            better = own < lots[-1]
            rows, own = rows[better], own[better]
        some = batch.take(rows)
        kept = some if kept is None else _joined(kept, some)
        lots = np.concatenate([lots, own])
        order = np.argsort(lots, kind="stable")[:most]
        kept, lots = kept.take(order), lots[order]
    return kept


def in_set(split: pd.DataFrame, *names: str) -> "Callable[[Table], NDArray[np.bool_]]":
    """Return a function that tells which rows of a table belong to some sets of a split."""
    wanted = pd.Index(split.loc[split["set"].isin(names), "id"])

    def keep(table: Table) -> "NDArray[np.bool_]":
        ids: Any = pd.Index(table.column(table.named("id") or "id"))
        return np.asarray(ids.isin(wanted), bool)

    return keep


def _joined(one: Table, other: Table) -> Table:
    if not len(other):
        return one
    frame = pd.concat([one.frame, other.frame], ignore_index=True)
    arrays = {k: np.concatenate([a, other.arrays[k]]) for k, a in one.arrays.items()}
    return replace(one, frame=frame, arrays=arrays)
