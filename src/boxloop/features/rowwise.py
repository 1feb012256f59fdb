"""Hold the study's own derived columns to their row: compute them again on some rows alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.store import Table

#: Rows of each of the two parts that are computed again.
ROWS = 5000


def check_rows(table: Table, new: Table, again: Callable[[Table], Table], where: str) -> None:
    """Refuse derived columns that depend on other rows than their own.

    A mean, a rank or a fill value over all objects carries the test objects into training. Two
    parts without a common row are computed alone, so that no extreme value is in both.

    Parameters
    ----------
    table : Table
    new : Table
        The derived columns of all rows.
    again : function
        Derives the columns of the table it is given.
    where : str
        The key of the study, for the message.

    Raises
    ------
    BoxloopError
        A value is another one where some rows are computed alone.
    """
    table = replace(table, arrays={})  # functions of one's own see the frame only
    step = max(2, -(-len(table) // ROWS))
    for start in (0, step // 2) if len(table) > 1 else ():
        rows = np.arange(start, len(table), step)
        alone = again(table.take(rows))
        for name in new.of_role("derived"):
            whole = new.column(name)[rows]
            part = (
                alone.frame[name].to_numpy() if name in alone.frame else np.full(len(rows), np.nan)
            )
            if not _same(whole, part):
                raise BoxloopError(
                    f"{where}: {name!r} has other values where {len(rows)} of the {len(table)} "
                    "rows are computed alone; a derived column must depend on its own row only, "
                    "for what is learnt from other rows (a mean, a rank, a fill value) must be "
                    "learnt inside the fold, by the recipe or by a model of your own"
                )


def _same(whole: "np.ndarray[Any, Any]", part: "np.ndarray[Any, Any]") -> bool:
    """Whether values agree up to the rounding of another order of operations."""
    size = float(np.nanmax(np.abs(whole), initial=0.0, where=~pd.isna(whole)))
    return bool(np.allclose(whole, part, rtol=1e-6, atol=1e-9 * size, equal_nan=True))
