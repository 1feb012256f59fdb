"""Find what identifies the rows of a table, and which rows belong together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.draft.looks import Look
from boxloop.draft.names import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Words of names that identify; the strongest first.
_OBJECT = (
    "id",
    "objid",
    "objectid",
    "sourceid",
    "name",
    "designation",
    "identifier",
    "kic",
    "tic",
    "koi",
)
_SOURCE = ("source", "star", "object", "host", "galaxy", "target", "epic", "obj", "src")
#: Words of names that say where, when and with what something was observed.
_OBSERVED = (
    *("field", "plate", "tile", "pointing", "visit", "exposure", "sector", "quadrant", "healpix"),
    *(
        "night",
        "mjd",
        "run",
        "rerun",
        "camcol",
        "ccd",
        "chip",
        "fiber",
        "fibre",
        "fiberid",
        "fibreid",
    ),
    *(
        "obsid",
        "observation",
        "specobjid",
        "frame",
        "campaign",
        "season",
        "quarter",
        "file",
        "filename",
    ),
)
_NUMBERED = (
    "sub",
    "num",
    "index",
    "seq",
    "number",
    "row",
    "unnamed",
    "epoch",
    "jd",
    "hjd",
    "bjd",
    "date",
)
#: What groups rows, the strongest first.
_GROUPS = (
    *_SOURCE, *_OBJECT, "plate", "field", "pointing", "tile", "sector", "healpix", "visit",
    "exposure", "obsid", "observation", "night", "campaign", "season", "quarter", "ccd", "chip",
    "camcol", "run", "mjd",
)  # fmt: skip
_GLUED_ID = re.compile(
    r"(?i)^[a-z0-9]*(?:object|obj|source|src|star|spec|galaxy|row|_)id$|^id[a-z]*$"
)
#: Names of columns whose joint values are looked at for an identifier at the most.
_MOST = 12


@dataclass(frozen=True)
class Rounded:
    """An identifier that lost its digits."""

    name: str
    reason: str


def rounded_ids(looks: Sequence[Look]) -> list[Rounded]:
    """Return the columns that hold identifiers rounded to floating-point numbers."""
    found = []
    for look in looks:
        finite = look.finite if look.number else np.array([])
        if not len(finite) or not look.whole or np.abs(finite).min() <= 2.0**53:
            continue
        if look.values.dtype.kind == "f" and look.distinct < 0.99 * (look.rows - look.missing):
            value, count = _commonest(finite)
            reason = (
                f"rounded, {value:.3G} in {count} of {look.rows} rows, as a spreadsheet does to "
                "long numbers; it identifies nothing"
            )
            found.append(Rounded(look.name, reason))
    return found


def identify(frame: pd.DataFrame, looks: Mapping[str, Look], usable: Sequence[str]) -> list[str]:
    """Return the columns that together identify each row, as few as there can be, or none.

    A single column must be text or whole numbers and bear the name of an identifier, or be text;
    several must all be named for what was observed, so that measurements do not identify by chance.

    Parameters
    ----------
    frame : DataFrame
        Without rows that repeat another in every column.
    looks : mapping of str to Look
    usable : sequence of str
        Columns that may be named.
    """
    may = [n for n in usable if _may_identify(looks[n], frame)]
    single = sorted(may, key=lambda n: _rank(n, (*_OBJECT, *_SOURCE)))
    for name in single:
        fits = is_identifier(name) or looks[name].kind == "text"
        if fits and looks[name].distinct == len(frame) and frame[name].is_unique:
            return [name]
    known = [n for n in may if is_identifier(n) or is_observation(n) or _numbered(n)]
    known += [n for n in may if looks[n].kind == "text" and n not in known]
    known = sorted(known, key=lambda n: -looks[n].distinct)[:_MOST]
    sample = frame.iloc[:20_000]
    for size in (2, 3):
        for names in combinations(sorted(known, key=list(usable).index), size):
            if np.prod([float(looks[n].distinct) for n in names]) < len(frame):
                continue
            if sample.duplicated(list(names)).any():
                continue
            if not frame.duplicated(list(names)).any():
                return list(names)
    return []


def is_identifier(name: str) -> bool:
    """Whether a name is that of an identifier."""
    return bool(set(words(name)) & set(_OBJECT)) or bool(_GLUED_ID.match(name))


def is_observation(name: str) -> bool:
    """Whether a name is that of a field, plate, night and the like."""
    return bool(set(words(name)) & set(_OBSERVED))


def is_running_number(look: Look) -> bool:
    """Whether a column counts the rows of its file."""
    finite = look.finite if look.number else np.array([])
    return bool(len(finite) > 2 and look.whole and (np.diff(finite) == 1).all())


def candidates_for_groups(
    frame: pd.DataFrame,
    looks: Mapping[str, Look],
    target: "NDArray[Any] | None",
    usable: Sequence[str],
) -> list[tuple[str, str]]:
    """Return the columns whose equal values belong together, strongest first, each with the reason.

    A column of text within whose values the class never changes comes first: there the class is one
    of the source and not of the row. Then come names of sources, fields, nights.

    Parameters
    ----------
    target : ndarray, shape (rows,), optional
        Classes; whether they are constant in a group is looked at, not which they are.
    """
    found: list[tuple[int, int, str, str]] = []
    for position, name in enumerate(usable):
        look = looks[name]
        repeats = 1 < look.distinct <= 0.95 * look.rows
        if not repeats or look.missing or not (look.kind == "text" or look.whole):
            continue
        counts = frame[name].value_counts()
        if counts.iloc[0] > 0.5 * len(frame):
            continue
        rank = _rank(name, _GROUPS)
        text = look.kind == "text"
        if target is not None and text and look.distinct > 4:
            constant = pd.Series(target).groupby(frame[name].to_numpy()).nunique().max() == 1
            classes = pd.Series(target).nunique()
            if constant and look.distinct > classes:
                reason = f"every one of its {look.distinct} values has one class only"
                found.append((-1, position, name, reason))
                continue
        if rank < len(_GROUPS):
            reason = f"{look.distinct} values for {look.rows} rows"
            found.append((rank, position, name, reason))
    return [(name, reason) for _, _, name, reason in sorted(found)]


def _may_identify(look: Look, frame: pd.DataFrame) -> bool:
    if (
        look.missing
        or look.distinct < 2
        or (is_running_number(look) and not is_identifier(look.name))
    ):
        return False
    values = frame[look.name].to_numpy()
    if look.number:
        exact = values.dtype.kind in "iu" or (look.whole and np.abs(look.finite).max() < 2.0**53)
        return exact
    return look.kind in ("text", "mixed")


def _numbered(name: str) -> bool:
    return bool(set(words(name)) & set(_NUMBERED))


def _rank(name: str, order: Sequence[str]) -> int:
    parts = set(words(name))
    ranks = [i for i, word in enumerate(order) if word in parts]
    if not ranks and _GLUED_ID.match(name):
        return order.index("koi")
    return min(ranks, default=len(order))


def _commonest(values: "NDArray[np.float64]") -> tuple[float, int]:
    unique, counts = np.unique(values, return_counts=True)
    return float(unique[counts.argmax()]), int(counts.max())
