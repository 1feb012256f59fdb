"""Sort the columns of a table: identifiers, positions, errors, what was measured, and the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.draft.keys import (
    candidates_for_groups,
    identify,
    is_identifier,
    is_observation,
    is_running_number,
    rounded_ids,
)
from boxloop.draft.looks import Look
from boxloop.draft.markers import only_markers
from boxloop.draft.names import words
from boxloop.draft.paired import ErrorColumn, error_columns
from boxloop.draft.sky import Positions, find_positions
from boxloop.errors import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Text of so many values at the most is carried along, to break errors down by it.
CATEGORIES = 20
#: Columns carried along at the most.
KEPT = 8


@dataclass
class Roles:
    """What each column of the file is for.

    Attributes
    ----------
    id : list of str
        Columns that together identify a row; empty: none do.
    sky : Positions
    errors : dict
        Of a column: the columns of its errors, one, or that downwards and that upwards.
    groups : list of (str, str)
        What could keep rows together, strongest first, each with the reason.
    keep, features : list of str
    excluded : dict
        Columns left out, each with the reason.
    duplicates : int
        Rows that repeat another in every column.
    """

    id: list[str] = field(default_factory=list)
    sky: Positions = field(default_factory=Positions)
    errors: dict[str, list[str]] = field(default_factory=dict)
    groups: list[tuple[str, str]] = field(default_factory=list)
    keep: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)
    excluded: dict[str, str] = field(default_factory=dict)
    duplicates: int = 0


def sort_columns(
    frame: pd.DataFrame,
    looks: Mapping[str, Look],
    target: str | None,
    classes: "NDArray[Any] | None" = None,
) -> Roles:
    """Say what each column is for.

    Parameters
    ----------
    frame : DataFrame
        The table as it was read.
    looks : mapping of str to Look
    target : str or None
    classes : ndarray, shape (rows,), optional
        The target, where it is a class.
    """
    roles = Roles()
    free = [n for n in looks if n != target]
    useless = _without_content(looks, free)
    roles.excluded.update(useless)
    roles.excluded.update({r.name: r.reason for r in rounded_ids([looks[n] for n in free])})
    free = [n for n in free if n not in roles.excluded]
    roles.sky = find_positions({n: looks[n] for n in free})
    roles.excluded.update(roles.sky.left_out)
    taken = {*roles.excluded, roles.sky.ra, roles.sky.dec}
    free = [n for n in free if n not in taken]
    free = _set_errors_apart(roles, looks, free, target)
    distinct = _without_repeats(frame, looks)
    roles.duplicates = len(frame) - len(distinct)
    roles.id = identify(distinct, looks, [n for n in free if looks[n].kind != "list"])
    grouping = [n for n in free if n not in roles.id or len(roles.id) > 1]
    roles.groups = candidates_for_groups(frame, looks, classes, grouping)
    for name in free:
        if name not in roles.id:
            _sort_one(roles, looks[name])
    return roles


def choose_group(roles: Roles, group: str | None) -> None:
    """Take a group for the split: its column is then neither left out nor merely carried along."""
    if group is not None:
        roles.excluded.pop(group, None)
        roles.keep = [n for n in roles.keep if n != group]
        roles.features = [n for n in roles.features if n != group]


def _without_content(looks: Mapping[str, Look], names: Sequence[str]) -> dict[str, str]:
    found = {}
    for name in names:
        look = looks[name]
        if look.kind == "empty":
            found[name] = "no value in any row"
        elif look.number and look.distinct <= 2 and only_markers(look):
            values = listed(f"{v:g}" for v in np.unique(look.finite))
            found[name] = f"nothing but {values}, which stands for a missing value"
        elif look.distinct == 1 and look.kind != "list":
            value = next(v for v in look.values if v is not None and v == v)
            shown = f"{value:g}" if look.number else repr(str(value))
            rows = "every row" if not look.missing else "every row that has it"
            found[name] = f"{shown[:40]} in {rows}"
        elif look.number and not len(look.finite):
            found[name] = "no finite value in any row"
    return found


def _set_errors_apart(
    roles: Roles, looks: Mapping[str, Look], free: list[str], target: str | None
) -> list[str]:
    """Pair errors with what they belong to; return the columns that are no errors."""
    found = error_columns(list(looks))
    usable = {*free, target}
    pairs: dict[str, list[ErrorColumn]] = {}
    for error in found:
        if error.name == target or error.name in roles.excluded:
            continue
        if error.name in (roles.sky.ra, roles.sky.dec):
            continue
        if error.of in (roles.sky.ra, roles.sky.dec) and error.of:
            roles.excluded[error.name] = f"error of the position {error.of}"
        elif not error.of:
            roles.excluded[error.name] = "a standard error by its name, of no column here"
        elif error.of not in usable or not looks[error.of].number:
            roles.excluded[error.name] = f"error of {error.of}, which is not used as a number"
        elif not looks[error.name].number:
            roles.excluded[error.name] = f"error of {error.of} that is not made of numbers"
        else:
            pairs.setdefault(error.of, []).append(error)
    for of, errors in pairs.items():
        roles.errors[of] = _sides(roles, looks, of, errors)
    errors_of_all = {e for each in roles.errors.values() for e in each}
    return [n for n in free if n not in errors_of_all and n not in roles.excluded]


def _sides(
    roles: Roles, looks: Mapping[str, Look], of: str, errors: list[ErrorColumn]
) -> list[str]:
    """Return the error to use, or those downwards and upwards; further ones are left out."""
    usable = []
    for error in errors:
        if (looks[error.name].finite > 0).any():
            usable.append(error)
        else:
            roles.excluded[error.name] = (
                f"error of {of} without any value above 0; that of the other side stands for both"
            )
    by_side = {e.side: e.name for e in reversed(usable)}
    if "down" in by_side and "up" in by_side:
        chosen = [by_side["down"], by_side["up"]]
    else:
        chosen = list(by_side.values())[:1]
    for error in usable:
        if error.name not in chosen:
            roles.excluded[error.name] = f"a further error of {of}"
    return chosen


def _sort_one(roles: Roles, look: Look) -> None:
    """Put a column among the features, those carried along, or those left out."""
    name = look.name
    if look.kind == "list":
        roles.excluded[name] = "holds a list in each row"
    elif look.kind == "date":
        roles.excluded[name] = "dates, which are no number a model could use"
    elif look.kind == "mixed":
        count, examples = look.strange
        shown = listed(repr(e[:30]) for e in examples[:2])
        roles.excluded[name] = (
            f"{count} of {look.rows} values are not numbers, for example {shown}; limits and flags "
            "in columns of their own could be read"
        )
    elif look.kind == "text":
        few = look.distinct <= CATEGORIES and not look.missing
        if few and len(roles.keep) < KEPT:
            roles.keep.append(name)
        else:
            several = f"text of {look.distinct} different values"
            roles.excluded[name] = f"{several}; models take numbers"
    elif is_running_number(look) and (
        is_identifier(name) or (look.missing == 0 and look.rows > 10)
    ):
        roles.excluded[name] = "counts the rows"
    elif is_identifier(name) and look.whole:
        roles.excluded[name] = "a number that names things, no property of the object"
    elif (is_observation(name) and look.whole) or _is_time(name):
        if 2 <= look.distinct <= 200 and look.whole and not look.missing and len(roles.keep) < KEPT:
            roles.keep.append(name)
        else:
            roles.excluded[name] = (
                "when, where or with what it was observed, no property of the object"
            )
    elif _like_dates(look):
        roles.excluded[name] = "grows with the rows like Julian dates; when something was observed"
    else:
        roles.features.append(name)


def _is_time(name: str) -> bool:
    return bool({"mjd", "jd", "hjd", "bjd"} & set(words(name)))


def _like_dates(look: Look) -> bool:
    """Whether numbers without a unit lie where Julian dates do, and mostly grow from row to row."""
    finite = look.finite
    if look.unit not in ("", "d", "day") or len(finite) < 20 or not np.ptp(finite):
        return False
    modified = finite.min() > 40_000 and finite.max() < 70_000
    full = finite.min() > 2_440_000 and finite.max() < 2_470_000
    return bool((modified or full) and (np.diff(finite) >= 0).mean() > 0.9)


def _without_repeats(frame: pd.DataFrame, looks: Mapping[str, Look]) -> pd.DataFrame:
    plain = [n for n in frame.columns if looks[n].kind != "list"]
    return frame[~frame.duplicated(plain)] if plain else frame
