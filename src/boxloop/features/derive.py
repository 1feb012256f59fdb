"""Add the columns of `columns.derived`, by a registered function or one of the study's own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.features.rowwise import check_rows
from boxloop.store import Column, Table
from boxloop.study.code import user_function


def derive(
    table: Table,
    derived: Mapping[str, Mapping[str, Any]],
    registry: Mapping[str, Callable[..., Table]],
    user_code: Iterable[str] = (),
) -> Table:
    """Return a table with further columns.

    Parameters
    ----------
    table : Table
    derived : mapping
        The study's section ``columns.derived``: name -> ``function`` and its options. A later entry
        may use the columns of an earlier one.
    registry : mapping of str to function
        The registered functions, (table, **options) -> table of the new columns.
    user_code : iterable of str
        Paths of the study's own modules. A function of theirs, ``module:function``, is called as
        ``function(frame, **options)`` with a pandas.DataFrame and returns one with the same rows;
        its columns that the table does not have yet are added. NaN counts as not observed.
        A value may depend on its own row only.

    Raises
    ------
    BoxloopError
        Unknown function, wrong options, rows lost, a name that is taken, infinite values, or values
        that depend on other rows.
    """
    user_code = list(user_code)
    for name, entry in derived.items():
        options = {k: v for k, v in entry.items() if k != "function"}
        reference = str(entry["function"])
        where = f"columns.derived.{name}"
        if ":" in reference:
            again = partial(_computed, where, reference, options, user_code)
            new = again(table)
            check_rows(table, new, again, where)
        elif reference in registry:
            new = _call(where, reference, registry[reference], table, options)
        else:
            raise BoxloopError(
                f"{where}: there is no function {reference!r}; expected {listed(registry)} or "
                f"module:function{suggest(reference, registry)}"
            )
        taken = [c for c in new.frame.columns if c in table.frame]
        if taken:
            raise BoxloopError(f"{where}: the columns {listed(taken)} exist already; rename them")
        frame = pd.concat([table.frame, new.frame], axis=1)
        made = {c: replace(about, made_by=name) for c, about in new.columns.items()}
        table = replace(table, frame=frame, columns={**table.columns, **made})
    return table


def _computed(
    where: str, reference: str, options: dict[str, Any], user_code: list[str], table: Table
) -> Table:
    function = user_function(reference, [Path(p) for p in user_code])
    return _own(_call(where, reference, function, table.frame.copy(), options), table, where)


def _call(
    where: str, reference: str, function: Callable[..., Any], data: Any, options: dict[str, Any]
) -> Any:
    try:
        return function(data, **options)
    except TypeError as error:
        if "argument" in str(error) and reference.rpartition(":")[2] in str(error):
            raise BoxloopError(f"{where}: wrong options for {reference}: {error}") from None
        raise


def _own(result: Any, table: Table, where: str) -> Table:
    """Check what the user's function returned and give its columns roles and states."""
    if not isinstance(result, pd.DataFrame):
        raise BoxloopError(
            f"{where}: expected a pandas.DataFrame from the function; found {type(result).__name__}"
        )
    if len(result) != len(table):
        raise BoxloopError(
            f"{where}: expected as many rows as the table has, {len(table)}; found {len(result)}"
        )
    values: dict[str, np.ndarray] = {}
    columns: dict[str, Column] = {}
    for name in result.columns.difference(table.frame.columns, sort=False):
        try:
            column = result[name].to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError):
            raise BoxloopError(f"{where}: the column {name!r} is not made of numbers") from None
        if np.isinf(column).any():
            raise BoxloopError(
                f"{where}: {int(np.isinf(column).sum())} values of {name!r} are infinite; "
                "return NaN where the feature cannot be computed"
            )
        values[name] = column
        values[f"{name}__state"] = np.isnan(column).astype(np.int8)
        columns[name] = Column("derived")
        columns[f"{name}__state"] = Column("state", "", f"why {name} is missing")
    if not values:
        raise BoxloopError(f"{where}: the function returned no new column")
    return Table(pd.DataFrame(values), columns, table.provenance)
