"""Draw the test set and take its labels out of the table."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.sampling import draw_fraction, latest
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray


def draw_test(
    ids: "NDArray[Any]",
    labels: "NDArray[Any] | None" = None,
    *,
    fraction: float,
    group: "NDArray[Any] | None" = None,
    stratify: bool = True,
    time: "NDArray[np.float64] | None" = None,
    seed: int,
) -> "NDArray[np.bool_]":
    """Draw the objects of the test set, whatever the order of the rows.

    Parameters
    ----------
    ids : ndarray of str, shape (n,)
    labels : ndarray, shape (n,), optional
        Classes; with `stratify` the fraction holds in each class, also where there are groups, if
        no group has objects of two classes.
    fraction : float
        Of the objects; where there are groups, as nearly as whole groups allow.
    group : ndarray, shape (n,), optional
        Rows of equal value land on the same side.
    stratify : bool
    time : ndarray, shape (n,), optional
        [d] Then the latest units test, and nothing is drawn.
    seed : int
        The study's seed.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    BoxloopError
        Nothing is left on one side: too few objects or groups.
    """
    units = ids if group is None else group
    strata = labels if stratify else None
    if time is not None:
        mask = latest(units, time, fraction)
    else:
        grouped = group is not None
        mask = draw_fraction(units, fraction, seed, "test", strata=strata, grouped=grouped)
    if mask.all() or not mask.any():
        n = pd.Series(units).nunique()
        raise BoxloopError(
            f"split.test: {fraction} of {n} {'objects' if group is None else 'groups'} leaves "
            f"{int(mask.sum())} objects to test and {int((~mask).sum())} for the rest; take "
            "another fraction, or more data"
        )
    return mask


def seal(table: Table, mask: "NDArray[np.bool_]") -> tuple[Table, pd.DataFrame]:
    """Take the target of the test objects, and its errors, out of a table.

    Returns
    -------
    table : Table
        The same rows; the target and its errors are null where `mask` is true.
    sealed : pandas.DataFrame
        ``id``, the target and its errors of those rows.
    """
    secret = _secret(table)
    sealed = table.frame.loc[mask, [table.id_name, *secret]].reset_index(drop=True)
    blank = {}
    for name in secret:
        values = table.column(name).copy()
        values[mask] = None if values.dtype == object else np.nan
        blank[name] = values
    return replace(table, frame=table.frame.assign(**blank)), sealed


def sealed_copy(table: Table) -> pd.DataFrame:
    """Return what `seal` would of all rows, where every object tests once and is learnt from else.

    The table keeps its labels then: each outer fold learns from those of the others.
    """
    return table.frame[[table.id_name, *_secret(table)]].reset_index(drop=True)


def _secret(table: Table) -> list[str]:
    """Return what is sealed: every column of a target, and of its errors."""
    return [*table.of_role("target"), *table.of_role("target_error")]


def nothing_sealed() -> pd.DataFrame:
    """Return the sealed table of a study that predicts nothing: it has no rows."""
    return pd.DataFrame({"id": pd.Series([], dtype="str")})
