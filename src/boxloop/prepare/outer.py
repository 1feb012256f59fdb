"""Outer folds: every object tests once, in a search that never saw it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.prepare.split import assign_folds, refuse_crossing, strata_of
from boxloop.sampling import deal
from boxloop.store import Table


def outer_plan(
    table: Table,
    *,
    outer: int,
    folds: int,
    group: str | None,
    together: Sequence[str] = (),
    stratify: bool,
    task: str,
    seed: int,
) -> pd.DataFrame:
    """Deal all labelled objects into outer folds, and the others of each into inner folds.

    Parameters
    ----------
    table : Table
        All labelled objects.
    outer, folds : int
        Numbers of outer and inner folds.
    group : str or None
        Column of the independent unit.
    together : sequence of str
        Columns of which no value may stand in two folds.
    stratify : bool
    task : str
    seed : int

    Returns
    -------
    pandas.DataFrame
        ``id``, ``outer`` (0 to outer - 1), and for each outer fold o ``fold_<o>``, ``slice_<o>`` as
        `assign_folds` deals the objects outside it; -1 and -1 for those inside.

    Raises
    ------
    BoxloopError
        There are fewer units than folds.

    References
    ----------
    Varma, S. & Simon, R. (2006), Bias in error estimation when using cross-validation for model
    selection, BMC Bioinformatics 7, 91.
    """
    ids = table.ids
    units = ids if group is None else table.column(group)
    n_units = len(pd.unique(units))
    if n_units < outer + folds:
        raise BoxloopError(
            f"split.outer: {outer} outer folds with {folds} folds inside need at least "
            f"{outer + folds} independent units; the data have {n_units}; take fewer folds"
        )
    rows = np.arange(len(ids))
    strata = strata_of(table, rows, task, stratify)
    number = deal(units, outer, seed, "outer", strata=strata, grouped=group is not None)
    for column in dict.fromkeys([*together, *([group] if group else [])]):
        refuse_crossing(table, column, number, "outer folds")
    plan = pd.DataFrame({"id": ids, "outer": number})
    for o in range(outer):
        inside = number == o
        split = pd.DataFrame({"id": ids, "set": np.where(inside, "test", "train")})
        dealt = assign_folds(
            table,
            split,
            folds=folds,
            group=group,
            together=together,
            stratify=stratify,
            task=task,
            seed=seed,
        )
        for name in ("fold", "slice"):
            values = np.full(len(ids), -1, dtype=np.int8)
            values[~inside] = dealt[name].to_numpy()
            plan[f"{name}_{o}"] = values
    return plan
