"""Assign objects to training, calibration and test, and training objects to folds."""

import logging
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed
from boxloop.sampling import (
    SLICES,
    columns_of_repeat,
    deal,
    deal_in_order,
    deal_inner,
    draw_fraction,
    latest,
)
from boxloop.store import Table
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger("boxloop")

#: Share of a fold's training rows that its inner slice has at the least and at the most, or it is
#: warned of. A tenth is wanted.
LEAST, MOST = 0.05, 0.2


def assign_split(
    table: Table,
    test_ids: "Collection[str] | pd.Series[Any]",
    *,
    calibration: float,
    group: str | None,
    together: Sequence[str] = (),
    time: str | None = None,
    protocol: str = "holdout",
    stratify: bool,
    task: str,
    seed: int,
) -> pd.DataFrame:
    """Assign each object to the training, calibration or test set.

    The test set is drawn and sealed by the data stage; here its identifiers alone are known. Rows
    that share a value of `group` always land in the same set.

    Parameters
    ----------
    table : Table
        All labelled objects; the target of the test objects is null and is not looked at.
    test_ids : collection of str
        Identifiers of the sealed objects.
    calibration : float
        Fraction of all units.
    group : str or None
        Column of the independent unit.
    together : sequence of str
        Further columns of which no value may stand in two sets: groups, objects on the sky.
    time : str, optional
        Column by whose order the latest of the rest calibrate; they are drawn by lot without it.
    protocol : {"holdout", "outer_folds"}
        In outer folds every object trains; each tests in a fold of its own (`outer_plan`).
    stratify : bool
        Keep class fractions equal (classification without groups).

    Returns
    -------
    pandas.DataFrame
        ``id`` and ``set`` (train, calibration, test), in table order.

    Raises
    ------
    BoxloopError
        A group has objects in two sets, or no object is left to train or calibrate.
    """
    ids = table.ids
    if protocol == "outer_folds":
        return pd.DataFrame({"id": ids, "set": np.full(len(ids), "train", dtype=object)})
    test = table.frame[table.id_name].isin(test_ids).to_numpy()
    units = ids if group is None else table.column(group)
    rest = np.flatnonzero(~test)
    strata = strata_of(table, rest, task, stratify)
    part = calibration * len(ids) / len(rest) if len(rest) else 0.0
    drawn = np.zeros(len(rest), dtype=bool)
    if calibration > 0 and time is not None:
        drawn = latest(units[rest], table.column(time)[rest].astype(float), part)
    elif calibration > 0:
        drawn = draw_fraction(
            units[rest], part, seed, "calibration", strata=strata, grouped=group is not None
        )
    sets = np.full(len(ids), "test", dtype=object)
    sets[rest] = np.where(drawn, "calibration", "train")
    if drawn.all() or (calibration > 0 and not drawn.any()):
        raise BoxloopError(
            f"split: no object is left to {'train on' if drawn.all() else 'calibrate'}: "
            f"{len(ids)} objects in {len(pd.unique(units))} units, {int(test.sum())} test, "
            f"{int(drawn.sum())} calibrate; there are too few groups, or the fractions do not fit: "
            "change split.test or split.calibration (0 for none)"
        )
    for column in dict.fromkeys([*together, *([group] if group else [])]):
        refuse_crossing(table, column, sets, "sets")
    return pd.DataFrame({"id": ids, "set": sets})


def refuse_crossing(
    table: Table, column: str, parts: "NDArray[Any]", what: str, rows: Any = slice(None)
) -> None:
    """Refuse a group, or an object on the sky, of which rows stand in two sets or folds."""
    groups, names = pd.factorize(table.frame[column].iloc[rows])
    sides = pd.Series(pd.factorize(parts)[0]).groupby(groups)
    crossing = np.flatnonzero((sides.min() != sides.max()).to_numpy())
    if len(crossing):
        first = np.flatnonzero(groups == crossing[0])
        raise BoxloopError(
            f"{len(crossing)} values of {column!r} have objects in two {what}, for example "
            f"{names[crossing[0]]!r} in {listed(sorted({str(p) for p in parts[first]}))}; what "
            "belongs together must stand together: delete results/<study>/data and "
            "results/<study>/prepare and run again"
        )


def assign_folds(
    table: Table,
    split: pd.DataFrame,
    *,
    folds: int,
    group: str | None,
    together: Sequence[str] = (),
    time: str | None = None,
    stratify: bool,
    task: str,
    seed: int,
    repeats: int = 1,
) -> pd.DataFrame:
    """Deal the training objects into folds, and into slices for early stopping, by whole units.

    Returns
    -------
    pandas.DataFrame
        ``id``, ``fold`` (0 to folds - 1), ``slice`` (0 to 9, or -1: in no fold's inner slice), for
        training objects, in table order. The inner slice of fold k is ``slice == k % 10`` outside
        the fold; one that is empty, or far from a tenth of those rows, is warned of. With `time`
        there are one more stretch of time than folds; the first is fold -1, which is never scored,
        and a fold learns from those before it. With more `repeats` than one the columns of the
        others are ``fold_2``, ``slice_2`` and so on.

    Raises
    ------
    BoxloopError
        There are fewer units than folds, or a group stands in two of them.
    """
    rows = np.flatnonzero((split["set"] == "train").to_numpy())
    ids = split["id"].to_numpy()[rows]
    units = ids if group is None else table.column(group)[rows]
    n_units = len(pd.unique(units))
    if n_units < folds:
        raise BoxloopError(
            f"split.folds: {folds} folds need as many independent units; the training set has "
            f"{n_units}{f' groups of {group!r}' if group else ''}; take fewer folds"
        )
    if time is not None:
        if n_units < folds + 1:
            raise BoxloopError(
                f"split.folds: {folds} folds in the order of time need {folds + 1} independent "
                f"units; the training set has {n_units}; take fewer folds"
            )
        fold = deal_in_order(units, table.column(time)[rows].astype(float), folds)
        slices = deal(units, SLICES, seed, "slices", grouped=group is not None)
        return pd.DataFrame({"id": ids, "fold": fold, "slice": slices})
    strata = strata_of(table, rows, task, stratify)
    found = {"id": ids}
    for repeat in range(1, repeats + 1):
        again = () if repeat == 1 else (repeat,)
        fold = deal(units, folds, seed, "folds", *again, strata=strata, grouped=group is not None)
        if group is None:
            # Within each class and fold, so that no slice lies mostly in one fold.
            parts = _class_and_fold(strata, fold)
            slices = deal(units, SLICES, seed, "slices", *again, strata=parts)
        else:
            slices = deal_inner(units, fold, seed, "slices", *again)
        for column in dict.fromkeys([*together, *([group] if group else [])]):
            refuse_crossing(table, column, fold, "folds", rows)
        _warn_of_slices(fold, slices)
        fold_name, slice_name = columns_of_repeat(repeat)
        found |= {fold_name: fold, slice_name: slices}
    return pd.DataFrame(found)


def _class_and_fold(strata: "NDArray[Any] | None", fold: "NDArray[np.int8]") -> "NDArray[Any]":
    """Return a text for each row that says its class and its fold."""
    codes, classes = pd.factorize(np.full(len(fold), "") if strata is None else strata)
    texts = [f"{c}|{k}" for c in classes for k in range(fold.max() + 1)]
    return np.array(texts, dtype=object)[codes * (int(fold.max()) + 1) + fold]


def _warn_of_slices(folds: "NDArray[np.int8]", slices: "NDArray[np.int8]") -> None:
    """Say in the log which folds have hardly any row, or too many, to stop a network by."""
    for fold in np.unique(folds):
        share = (slices[folds != fold] == fold % (slices.max() + 1)).mean()
        if not LEAST <= share <= MOST:
            effect = (
                "networks train there for all their epochs" if share == 0 else "wanted: a tenth"
            )
            log.warning(
                "the inner slice for early stopping of fold %d has %.0f %% of its training rows "
                "(%s): there are too few groups, or they are too large",
                fold,
                100 * share,
                effect,
            )


def strata_of(
    table: Table, rows: "NDArray[np.intp]", task: str, stratify: bool
) -> "NDArray[Any] | None":
    """Return the class of each row, or None where parts need not have equal shares of classes."""
    target = table.named("target")
    if not stratify or target is None:
        return None
    return task_of(task).strata(table.column(target)[rows])
