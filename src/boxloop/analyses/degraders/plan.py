"""Which degraders a study gets, and the study's own functions among them, held to their word."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.errors import BoxloopError, listed
from boxloop.modalities.registry import modality, names_of, of_table
from boxloop.modalities.table.degraders import magnitudes_of
from boxloop.store import Table
from boxloop.study.code import user_function
from boxloop.study.known_degraders import DEGRADERS
from boxloop.study.known_modalities import MODALITIES

if TYPE_CHECKING:
    from boxloop.results.degraders import LeftOutDegrader

#: (table, strength, *, rng) -> table
Degrade = Callable[..., Table]


@dataclass(frozen=True)
class Degrader:
    """A way in which data get worse, ready to be called.

    Attributes
    ----------
    name : str
    degrade : callable
        (table, strength, *, rng) -> table; derived columns are left as they were.
    strengths : tuple of float
        Above 0, in increasing order.
    mild : float
        Up to here a good model ought to hold.
    touches : tuple of str
        The parts of the data that change: modalities.
    columns : tuple of str
        The features that change.
    function : str or None
        The study's own.
    parameters : dict
    """

    name: str
    degrade: Degrade
    strengths: tuple[float, ...]
    mild: float
    touches: tuple[str, ...]
    columns: tuple[str, ...]
    function: str | None
    parameters: dict[str, Any]


def degraded(
    table: Table,
    strength: float,
    *,
    rng: np.random.Generator,
    name: str,
    columns: Sequence[str] | None = None,
    **parameters: Any,
) -> Table:
    """Let every part of the data get worse that can; where `columns` are named, these alone."""
    worse = table
    features = modality("table").degraders
    if name in features:
        worse = features[name](worse, strength, rng=rng, columns=columns, **parameters)
    for part in of_table(table).values() if columns is None else ():
        if name in part.degraders and part.name in table.own:
            worse = _held(f"{part.key}: {name}", part.degraders[name], worse, strength, rng=rng)
        elif name in part.degraders:
            worse = part.degraders[name](worse, strength, rng=rng)
    return worse


#: The registered degraders: (table, strength, *, rng, **parameters) -> table.
REGISTRY: dict[str, Degrade] = {name: partial(degraded, name=name) for name in DEGRADERS}


def planned(
    table: Table, wanted: Iterable[Mapping[str, Any]] | None, user_code: Sequence[str] = ()
) -> tuple[list[Degrader], list["LeftOutDegrader"]]:
    """Return the degraders of a study, and those left out, each with the reason.

    Parameters
    ----------
    table : Table
    wanted : iterable of mapping, optional
        The study's section ``degraders``; None for all that fit the data.
    user_code : sequence of str
        Paths of the study's own modules.
    """
    usual: list[Mapping[str, Any]] = [{"name": name} for name in DEGRADERS]
    entries = usual if wanted is None else list(wanted)
    found: list[Degrader] = []
    left_out: list[LeftOutDegrader] = []
    for entry in entries:
        if entry.get("function"):
            found.append(_own(entry, user_code, (*MODALITIES, *table.own)))
            continue
        columns, why = _touched(table, entry["name"], entry.get("columns"))
        if not why:
            found.append(_registered(table, entry, columns))
        elif wanted is not None:
            left_out.append({"name": entry["name"], "reason": why})
    return found, left_out


def _registered(table: Table, entry: Mapping[str, Any], columns: list[str]) -> Degrader:
    name, about = entry["name"], DEGRADERS[entry["name"]]
    parameters = {**about.parameters, **(entry.get("parameters") or {})}
    chosen = {"columns": entry["columns"]} if entry.get("columns") else {}
    touches = ("table",) if chosen else tuple(_parts(table, name))
    return Degrader(
        name,
        partial(REGISTRY[name], **chosen, **parameters),
        _above_zero(entry.get("strengths") or about.strengths),
        about.mild,
        touches,
        tuple(columns),
        None,
        parameters,
    )


def _own(entry: Mapping[str, Any], user_code: Sequence[str], touches: tuple[str, ...]) -> Degrader:
    strengths = _above_zero(entry["strengths"])
    parameters = dict(entry.get("parameters") or {})
    function = user_function(entry["function"], [Path(p) for p in user_code])
    key = f"degraders.{entry['name']}.function"
    return Degrader(
        entry["name"],
        partial(_held, key, partial(function, **parameters)),
        strengths,
        strengths[0],
        touches,
        (),
        entry["function"],
        parameters,
    )


def _above_zero(strengths: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(s) for s in strengths if s > 0)


def _parts(table: Table, name: str) -> list[str]:
    """Return the parts of the data that a registered degrader changes."""
    there = [*(["table"] if table.of_role("feature") else []), *names_of(table)]
    own = [part for part in names_of(table) if part in table.own]
    able = [part for part in own if name in modality(part, table.own).degraders]
    return [part for part in there if part in (*DEGRADERS[name].touches, *able)]


def _touched(table: Table, name: str, columns: list[str] | None) -> tuple[list[str], str]:
    """Return the features that a degrader touches, and why it fits nothing, or an empty reason."""
    about, parts = DEGRADERS[name], _parts(table, name)
    if not parts:
        return [], f"the data have no {' and no '.join(about.touches)}"
    if "table" not in parts:
        return [], ""
    if columns:
        return list(columns), ""
    if about.only == "mag":
        bands = magnitudes_of(table)
        return bands, "" if bands else "no feature is a magnitude; name them under columns"
    return table.of_role("feature"), ""


def _held(
    key: str, function: Degrade, table: Table, strength: float, *, rng: np.random.Generator
) -> Table:
    """Call a function of the study's own and refuse what is not the same objects, degraded."""
    result = function(_copy(table), strength, rng=rng)
    if not isinstance(result, Table):
        raise BoxloopError(
            f"{key}: expected a boxloop.store.Table from the function; found "
            f"{type(result).__name__}; return dataclasses.replace(table, frame=...)"
        )
    if set(result.frame.columns) != set(table.frame.columns):
        odd = set(result.frame.columns) ^ set(table.frame.columns)
        raise BoxloopError(
            f"{key}: expected the columns that the table has; found others or fewer: "
            f"{listed(sorted(map(str, odd)))}"
        )
    frame = result.frame.reset_index(drop=True)[list(table.frame.columns)]
    name = table.id_name
    if len(frame) != len(table) or (frame[name].to_numpy() != table.column(name)).any():
        raise BoxloopError(
            f"{key}: expected the same {len(table)} objects in the same order; found {len(frame)} "
            "rows, or others; a degrader changes values and drops no object"
        )
    for column in table.of_role("feature", "feature_error"):
        if np.isinf(frame[column].to_numpy(float)).any():
            raise BoxloopError(
                f"{key}: values of {column!r} are infinite at strength {strength:g}; return NaN "
                "where there is none"
            )
    shapes = {k: np.shape(a) for k, a in result.arrays.items()}
    if shapes != {k: np.shape(a) for k, a in table.arrays.items()}:
        raise BoxloopError(f"{key}: expected arrays of the shapes they had; found {shapes}")
    return replace(table, frame=frame, arrays=result.arrays)


def check_identity(degrader: Degrader, table: Table, rng: np.random.Generator) -> None:
    """Refuse a degrader of the study's own that changes something at strength 0.

    Raises
    ------
    BoxloopError
        It does, so that its strengths say nothing about how much worse the data are.
    """
    if degrader.function is None:
        return
    same = degrader.degrade(table, 0.0, rng=rng)
    changed = [str(c) for c in table.frame if not _equal(same.frame[c], table.frame[c])]
    changed += [
        k for k, a in table.arrays.items() if not np.array_equal(a, same.arrays[k], equal_nan=True)
    ]
    if changed:
        raise BoxloopError(
            f"degraders.{degrader.name}.function: expected the data unchanged at strength 0; it "
            f"changes {listed(changed)}; what it does must grow with the strength from nothing"
        )


def _equal(a: Any, b: Any) -> bool:
    if len(a) and isinstance(b.iloc[0], np.ndarray | list):
        return all(
            len(x) == len(y)
            and all(p == q or (p != p and q != q) for p, q in zip(x, y, strict=True))
            for x, y in zip(a, b, strict=True)
        )
    return bool(a.astype(object).equals(b.astype(object)))


def _copy(table: Table) -> Table:
    """Copy a table so deeply that a function of the user's own cannot change the original."""
    frame = table.frame.copy()
    for part in of_table(table).values():
        for name in part.columns(table):
            frame[name] = frame[name].map(np.array)
    return replace(table, frame=frame, arrays={k: np.array(a) for k, a in table.arrays.items()})
