"""Which degraders a study gets, and the study's own functions among them, held to their word."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.analyses.degraders.images import blur, noisier_images, shift
from boxloop.analyses.degraders.light_curves import dropped_epochs, noisier_light_curves
from boxloop.analyses.degraders.table import fainter, magnitudes_of, missing, noisier_features
from boxloop.errors import BoxloopError, listed
from boxloop.store import Table
from boxloop.study.code import user_function
from boxloop.study.vocabulary import DEGRADERS

if TYPE_CHECKING:
    from boxloop.results.degraders import LeftOutDegrader

#: (table, strength, *, rng) -> table
Degrade = Callable[..., Table]
PARTS = ("table", "light_curve", "image")


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
        The parts of the data that change: table, light_curve, image.
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


def noise(
    table: Table,
    strength: float,
    *,
    rng: np.random.Generator,
    columns: Sequence[str] | None = None,
    of_spread: float = 0.1,
) -> Table:
    """Add noise to features, and, where no `columns` are named, to light curves and images."""
    noisier = noisier_features(table, strength, rng=rng, columns=columns, of_spread=of_spread)
    if columns is None and "light_curve.value" in table.frame:
        noisier = noisier_light_curves(noisier, strength, rng=rng)
    if columns is None and "image" in table.arrays:
        noisier = noisier_images(noisier, strength, rng=rng)
    return noisier


#: The registered degraders: (table, strength, *, rng, **parameters) -> table.
REGISTRY: dict[str, Degrade] = {
    "noise": noise,
    "fainter": fainter,
    "missing": missing,
    "dropped_epochs": dropped_epochs,
    "blur": blur,
    "shift": shift,
}


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
            found.append(_own(entry, user_code))
            continue
        columns, why = _touched(table, entry["name"], entry.get("columns"))
        if not why:
            found.append(_registered(table, entry, columns))
        elif wanted is not None:
            left_out.append({"name": entry["name"], "reason": why})
    return found, left_out


def _registered(table: Table, entry: Mapping[str, Any], columns: list[str]) -> Degrader:
    name, about = entry["name"], DEGRADERS[entry["name"]]
    parameters = {**about["parameters"], **(entry.get("parameters") or {})}
    chosen = {"columns": entry["columns"]} if entry.get("columns") else {}
    touches = ("table",) if chosen else tuple(p for p in about["touches"] if p in _parts(table))
    return Degrader(
        name,
        partial(REGISTRY[name], **chosen, **parameters),
        _above_zero(entry.get("strengths") or about["strengths"]),
        about["mild"],
        touches,
        tuple(columns),
        None,
        parameters,
    )


def _own(entry: Mapping[str, Any], user_code: Sequence[str]) -> Degrader:
    strengths = _above_zero(entry["strengths"])
    parameters = dict(entry.get("parameters") or {})
    function = user_function(entry["function"], [Path(p) for p in user_code])
    key = f"degraders.{entry['name']}.function"
    return Degrader(
        entry["name"],
        partial(_held, key, partial(function, **parameters)),
        strengths,
        strengths[0],
        PARTS,
        (),
        entry["function"],
        parameters,
    )


def _above_zero(strengths: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(s) for s in strengths if s > 0)


def _parts(table: Table) -> list[str]:
    there = {
        "table": bool(table.of_role("feature")),
        "light_curve": "light_curve.value" in table.frame,
        "image": "image" in table.arrays,
    }
    return [part for part in PARTS if there[part]]


def _touched(table: Table, name: str, columns: list[str] | None) -> tuple[list[str], str]:
    """Return the features that a degrader touches, and why it fits nothing, or an empty reason."""
    parts = [p for p in DEGRADERS[name]["touches"] if p in _parts(table)]
    if not parts:
        return [], f"the data have no {' and no '.join(DEGRADERS[name]['touches'])}"
    if "table" not in parts:
        return [], ""
    if columns:
        return list(columns), ""
    if name == "fainter":
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
    for name in table.of_role("light_curve"):
        frame[name] = frame[name].map(np.array)
    return replace(table, frame=frame, arrays={k: np.array(a) for k, a in table.arrays.items()})
