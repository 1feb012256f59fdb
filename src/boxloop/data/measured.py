"""Measured numbers: values, why they are missing, their limits and their errors."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.data.read import RawSample
from boxloop.data.standardiser import Standardiser
from boxloop.errors import BoxloopError
from boxloop.store import Column
from boxloop.study.vocabulary import STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray


def add_feature(build: Standardiser, name: str, feature: Mapping[str, Any]) -> None:
    """Add a feature, its state, and where they are given its limit and its errors.

    Parameters
    ----------
    build : Standardiser
    name : str
    feature : mapping
        The study's section ``columns.features.<name>``. One column of errors becomes
        ``<name>_err``; two, that downwards and that upwards, ``<name>_err_low`` and
        ``<name>_err_high``.
    """
    key, source = f"columns.features.{name}", feature["from"] or name
    values = build.numbers(source, key)
    state = np.where(np.isnan(values), STATES["not_observed"], 0).astype(np.int8)
    markers = [float(value) for value in feature["missing"]]
    for (written, meaning), marker in zip(feature["missing"].items(), markers, strict=True):
        found = _equals(values, marker)
        state[found] = STATES[meaning]
        build.noticed.markers[name, written, meaning] = int(found.sum())
    gone = state > 0
    values[gone] = np.nan
    _refuse_infinite(values, key, source, build.raw)
    build.add(name, values, Column("feature", feature["unit"], feature["description"]))
    build.add(f"{name}__state", state, Column("state", "", f"why {name} is missing"))
    if feature["limit"]:
        limit = build.numbers(feature["limit"], f"{key}.limit")
        limit = np.where(np.isfinite(limit), limit, np.nan)
        build.add(f"{name}__limit", limit, Column("limit", feature["unit"], f"limit of {name}"))
    for end, error in _errors(build, name, feature["error"], key, gone, markers).items():
        column = f"{name}_err{end}"
        offered = feature["use_error"] == "feature"
        about = _about(feature["description"] or name, end)
        role = "feature_error" if offered else "error"
        build.add(column, error, Column(role, feature["unit"], about))
        if offered:
            unknown = np.isnan(error)
            worst = np.maximum(state, STATES["not_observed"])
            why = np.where(unknown, worst, 0).astype(np.int8)
            build.add(f"{column}__state", why, Column("state", "", f"why {column} is missing"))


def add_target(build: Standardiser, target: Mapping[str, Any]) -> None:
    """Add the target as the file has it, and its errors, always downwards and upwards."""
    name, key = target["name"], "columns.target"
    values = build.find(target["from"] or name, key)
    build.add(name, values, Column("target", target["unit"], target["description"]))
    gone = np.zeros(len(values), dtype=bool)
    errors = _errors(build, name, target["error"], key, gone, [], single="_low")
    if len(errors) == 1:
        errors["_high"] = errors["_low"].copy()
    for end, error in errors.items():
        about = _about(target["description"] or name, end)
        build.add(f"{name}_err{end}", error, Column("target_error", target["unit"], about))


def _about(what: str, end: str) -> str:
    side = {"": "", "_low": " downwards", "_high": " upwards"}[end]
    return f"standard error of {what}{side}"


def _errors(
    build: Standardiser,
    name: str,
    given: str | Sequence[str] | None,
    key: str,
    gone: "NDArray[np.bool_]",
    markers: Sequence[float],
    *,
    single: str = "",
) -> "dict[str, NDArray[np.float64]]":
    """Return the errors by the ending of their name; NaN where none is known."""
    if given is None:
        return {}
    sides = ([single], [given]) if isinstance(given, str) else (["_low", "_high"], given)
    found = {}
    for end, source in zip(*sides, strict=True):
        signed = end == "_low" and not isinstance(given, str)
        error, wrong = _error(build.numbers(source, f"{key}.error"), gone, markers, signed=signed)
        for kind, rows in wrong.items():
            build.noticed.errors[kind, f"{name}_err{end}", source] = rows
        found[end] = error
    return found


def _error(
    error: "NDArray[np.float64]",
    gone: "NDArray[np.bool_]",
    markers: Sequence[float],
    *,
    signed: bool,
) -> "tuple[NDArray[np.float64], dict[str, int]]":
    """Return a column of errors, NaN where it cannot be one, and the rows by kind of finding.

    A catalogue may write errors downwards with their sign: where `signed` and none of them is
    above zero, their size is taken.
    """
    unknown = ~np.isfinite(error) | gone
    for marker in markers:
        unknown |= _equals(error, marker)
    known = ~unknown
    if signed and (error[known] < 0).any() and not (error[known] > 0).any():
        error = -error
    wrong = {"zero_error": error == 0, "negative_error": error < 0}
    counts = {kind: int((rows & known).sum()) for kind, rows in wrong.items()}
    error[unknown | (error <= 0)] = np.nan
    return error, {kind: rows for kind, rows in counts.items() if rows}


def _equals(values: "NDArray[np.float64]", marker: float) -> "NDArray[np.bool_]":
    """Whether values are a marker, also one that went through single precision."""
    if np.isnan(marker):
        return np.isnan(values)
    return (values == marker) | (values == float(np.float32(marker)))


def _refuse_infinite(values: "NDArray[np.float64]", key: str, source: str, raw: RawSample) -> None:
    infinite = np.isinf(values)
    if infinite.any():
        row = int(np.flatnonzero(infinite)[0])
        raise BoxloopError(
            f"{key}: {int(infinite.sum())} values of {source!r} are infinite, the first in row "
            f"{raw.row[row]} of {raw.file[row]}; say what that means, for example "
            f"missing: {{{values[row]}: masked}}".replace("{inf:", "{.inf:").replace(
                "{-inf:", "{-.inf:"
            )
        )
