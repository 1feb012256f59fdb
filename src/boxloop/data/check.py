"""Refuse tables that nothing can be learnt from, and say which column or class is at fault."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.duplicates import row_hashes
from boxloop.errors import BoxloopError, listed
from boxloop.store import Table
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.data import DataFinding


def check_target(table: Table, target: str, task: str, folds: int) -> None:
    """Refuse a target that is nowhere known, constant, of one class, or has a tiny class."""
    if not len(table):
        raise BoxloopError(
            f"columns.target: no row has a finite value of {target!r}; name another column, or "
            "take task: exploration"
        )
    values = table.frame[target]
    _CHECKS[task_of(task).kind_of_target](values, target, folds)


def _check_number(values: "pd.Series[Any]", target: str, folds: int) -> None:
    if values.nunique() == 1:
        raise BoxloopError(
            f"columns.target: {target!r} is {values.iat[0]} in all {len(values)} rows; there "
            "is nothing to learn; expected two values or more: name another column"
        )


def _check_classes(values: "pd.Series[Any]", target: str, folds: int) -> None:
    counts = values.value_counts().sort_index()
    if len(counts) == 1:
        raise BoxloopError(
            f"columns.target: {target!r} is the one class {counts.index[0]!r} for all "
            f"{len(values)} objects; expected two or more"
        )
    small = counts[counts < folds]
    if len(small):
        named = listed(f"{c} ({n})" for c, n in small.items())
        raise BoxloopError(
            f"columns.target: classes with fewer objects than split.folds ({folds}): {named}; add "
            "objects, join classes, or take fewer folds"
            + (
                f". {target!r} has {len(counts)} values: is this regression?"
                if len(small) > 20
                else ""
            )
        )


_CHECKS = {"classes": _check_classes, "number": _check_number}


def check_ids(table: Table, wanted: str | list[str] | None) -> None:
    """Refuse identifiers that repeat."""
    ids = table.frame["id"]
    repeated = ids.duplicated(keep=False)
    if repeated.any():
        examples = ids[repeated].unique()
        raise BoxloopError(
            f"columns.id: {int(repeated.sum())} rows share their identifier "
            f"({'row number' if wanted is None else wanted}) with another, for example "
            f"{listed(map(repr, examples), 3)}, after exact duplicates were dropped; name columns "
            "that together identify an object, or leave id out (then source:file:row)"
        )


def check_features(table: Table) -> None:
    """Refuse a feature that has a value in no row."""
    for name in table.of_role("feature", "derived", "feature_error"):
        if np.isnan(table.column(name)).all():
            raise BoxloopError(
                f"the feature {name!r} has a value in none of {len(table)} rows; leave it out, or "
                "correct missing: (a value that is always there cannot mean 'missing')"
            )


def check_group(table: Table, group: str | None) -> None:
    """Refuse groups that are missing, of mixed types, or not made of plain values."""
    if group is None:
        return
    values = pd.Series(table.column(group), dtype=table.column(group).dtype)
    if values.dtype == object:
        kinds = {type(v) for v in values[~_is_missing(values)]}
        strange = [k.__name__ for k in kinds if not issubclass(k, str | int | float | np.generic)]
        if strange or len({issubclass(k, str) for k in kinds}) > 1:
            found = f"values of type {listed(strange)}" if strange else "numbers and text"
            raise BoxloopError(
                f"split.group: {group!r} holds {found}; expected one text or whole number a row, "
                "of the same type in all samples, so that equal groups are known as equal"
            )
    gone = _is_missing(values)
    if gone.any():
        raise BoxloopError(
            f"split.group: {int(gone.sum())} rows have no {group!r}, for example the object "
            f"{table.frame['id'].iat[int(np.flatnonzero(gone)[0])]!r}; objects of unknown group "
            "could stand in training and test: drop them, or group by another column"
        )


def check_time(table: Table, time: str | None) -> None:
    """Refuse times of observation that are missing."""
    if time is None:
        return
    gone = ~np.isfinite(table.column(time).astype(float))
    if gone.any():
        raise BoxloopError(
            f"columns.time: {int(gone.sum())} rows have no {time!r}, for example the object "
            f"{table.frame['id'].iat[int(np.flatnonzero(gone)[0])]!r}; what has no time has no "
            "place in the order of time: drop them by where:, or leave columns.time out"
        )


def _is_missing(values: "pd.Series[Any]") -> "NDArray[np.bool_]":
    gone = values.isna().to_numpy()
    if values.dtype == object:
        gone = gone | np.array([isinstance(v, str) and not v.strip() for v in values], dtype=bool)
    return gone


def provenance_findings(
    table: Table, kinds: Mapping[str, str], target: str, task: str
) -> "list[DataFinding]":
    """Find whether the class gives the provenance away: then the model may learn that instead.

    Parameters
    ----------
    table : Table
    kinds : mapping
        Provenance by sample.
    target, task : str
    """
    if not task_of(task).has_classes or len(set(kinds.values())) == 1:
        return []
    counts = pd.crosstab(table.frame[target], table.frame["sample"].map(kinds))
    alone = [str(c) for c in counts.index if (counts.loc[c] > 0).sum() == 1]
    if not alone:
        return []
    message = (
        f"{listed(alone)}: all objects of one provenance, while the data are mixed; a model can "
        "tell such classes by how the data were made"
    )
    return [{"severity": "high", "kind": "class_is_sample", "column": target, "message": message}]


def repeated_test_rows(table: Table, test: "NDArray[np.bool_]") -> "list[DataFinding]":
    """Find test objects whose measurements repeat those of an object outside the test set.

    Identifiers and labels are not looked at: the same source under two names is known by its
    positions, values and errors.
    """
    names = table.of_role("sky", "feature", "feature_error", "error")
    measured = [n for n in names if table.column(n).dtype.kind == "f"]
    if len(measured) < 2:  # equal values of a single column are often chance
        return []
    keys = row_hashes([table.column(n) for n in measured])
    empty = np.logical_and.reduce([np.isnan(table.column(n)) for n in measured])
    rows = int(pd.Series(keys[test & ~empty]).isin(keys[~test]).sum())
    if not rows:
        return []
    return [
        {
            "severity": "high" if rows > 0.01 * test.sum() else "medium",
            "kind": "duplicates",
            "column": None,
            "rows": rows,
            "message": f"{rows} of {int(test.sum())} test objects have the same "
            f"{listed(measured, 6)} as an object outside the test set: if they are the same "
            "objects, drop them, or keep them together with split.group or columns.sky.match",
        }
    ]
