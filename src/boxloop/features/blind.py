"""Derived columns, computed by functions that see neither the target nor its errors."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from boxloop.errors import BoxloopError
from boxloop.features.derive import derive
from boxloop.features.registry import DERIVED
from boxloop.store import Table

#: Roles of the columns that are sealed for test objects, and that no derived column may rest on.
SEALED = ("target", "target_error")


def derive_blindly(
    table: Table, derived: Mapping[str, Mapping[str, Any]], user_code: Sequence[str] = ()
) -> Table:
    """Return a table with its derived columns, computed by functions that see no target."""
    if not derived:
        return table
    secret = table.of_role(*SEALED)
    blind = replace(table, frame=table.frame.drop(columns=secret))
    result = derive(blind, derived, DERIVED, user_code)
    frame = result.frame.copy(deep=False)
    for name in secret:
        if name in frame:
            what = "the target" if table.columns[name].role == "target" else "the target's error"
            raise BoxloopError(
                f"columns.derived: {name!r} is {what}; a derived column needs another name"
            )
        frame.insert(list(table.frame.columns).index(name), name, table.frame[name])
    return replace(result, frame=frame)


def derived_anew(
    table: Table, derived: Mapping[str, Mapping[str, Any]], user_code: Sequence[str] = ()
) -> Table:
    """Return a table whose derived columns fit its measured values as they are now.

    Parameters
    ----------
    table : Table
        Some of its measured values were changed since its derived columns were computed.
    derived : mapping
        The study's section ``columns.derived``.
    user_code : sequence of str
        Paths of the study's own modules.

    Returns
    -------
    Table
        The same columns in the same order.
    """
    made = [n for n, about in table.columns.items() if about.made_by in derived]
    if not made:
        return table
    fewer = replace(table, frame=table.frame.drop(columns=made))
    again = derive_blindly(fewer, derived, user_code)
    return replace(table, frame=again.frame[list(table.frame.columns)])
