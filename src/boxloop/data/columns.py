"""Give the columns of a file their names, roles, units and states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.read import RawSample
from boxloop.data.simulate import LIGHT_CURVE
from boxloop.errors import BoxloopError, listed, suggest
from boxloop.store import Column, Table
from boxloop.study.vocabulary import STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Names that the table uses itself.
RESERVED = ("id", "sample", "file")


@dataclass
class Standardiser:
    """Builds the table of one sample, column by column.

    Attributes
    ----------
    raw : RawSample
    values : dict of str to ndarray
        The table's columns so far.
    columns : dict of str to Column
    """

    raw: RawSample
    values: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)

    def add(self, name: str, values: Any, column: Column) -> None:
        """Add a column; the name must be free."""
        if name in self.values:
            raise BoxloopError(f"columns: {name!r} is there twice; rename one with from:")
        self.values[name] = values
        self.columns[name] = column

    def find(self, name: str, key: str) -> "NDArray[Any]":
        """Return a column of the file; the error for an unknown one names the nearest."""
        if name not in self.raw.frame:
            known = list(self.raw.frame.columns)
            raise BoxloopError(
                f"{key}: the sample {self.raw.name!r} ({self.raw.origin}) has no column {name!r}"
                f"{suggest(name, known)}; it has {listed(known, 30)}"
            )
        return self.raw.frame[name].to_numpy()

    def numbers(self, name: str, key: str) -> "NDArray[np.float64]":
        """Return a column of the file as float64."""
        values = self.find(name, key)
        if values.dtype.kind in "fiub":
            return values.astype(np.float64)
        numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=np.float64)
        wrong = np.isnan(numbers) & ~pd.isna(values) & (values.astype(str) != "")
        if wrong.any():
            raise BoxloopError(
                f"{key}: {int(wrong.sum())} values of the column {name!r} of {self.raw.origin} are "
                f"not numbers, for example {values[wrong][0]!r}; expected a number in every row"
            )
        return numbers


def standardise(
    raw: RawSample, columns: Mapping[str, Any], group: str | None, *, with_target: bool
) -> Table:
    """Return the table of a sample, with the columns that the study names.

    Parameters
    ----------
    raw : RawSample
    columns : mapping
        The study's section ``columns``.
    group : str or None
        Column of ``split.group``.
    with_target : bool
        False for the sample the model is for: there the target, the group and kept columns may be
        missing in the file.

    Raises
    ------
    BoxloopError
        A column is missing, not made of numbers, or infinite.
    """
    build = Standardiser(raw)
    build.add("id", identifiers(build, columns["id"]), Column("id"))
    build.add("sample", np.full(len(raw.frame), raw.name, dtype=object), Column("sample"))
    build.add("file", raw.file, Column("file"))
    for axis in ("ra", "dec") if columns["sky"] else ():
        name = columns["sky"][axis]
        build.add(name, build.numbers(name, f"columns.sky.{axis}"), Column("sky", "deg"))
    for name, feature in columns["features"].items():
        if name in RESERVED:
            raise BoxloopError(f"columns.features: {name!r} is a name of boxloop's; take another")
        _add_feature(build, name, feature)
    if with_target:
        _add_target(build, columns["target"])
    _add_group(build, group, columns, required=with_target)
    for name in columns["keep"]:
        if name not in build.values:
            _add_kept(build, name, "keep", required=with_target)
    if columns["light_curve"]:
        _add_light_curve(build, columns["light_curve"])
    arrays = _images(raw, columns["image"])
    return Table(pd.DataFrame(build.values), build.columns, raw.provenance, arrays)


def identifiers(build: Standardiser, wanted: str | list[str] | None) -> "NDArray[Any]":
    """Return the text that identifies each object: its column, columns joined by ':', or its row.

    Integers are never taken through floating-point numbers, which hold 53 bits of the 64.
    """
    raw = build.raw
    if wanted is None:
        rows = pd.Series(raw.row).astype(str)
        text = raw.origin + ":" + pd.Series(raw.file, dtype=object).astype(str) + ":" + rows
        return text.to_numpy(dtype=object)
    names = [wanted] if isinstance(wanted, str) else wanted
    parts = [_text(build.find(n, "columns.id"), n, raw) for n in names]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + ":" + part
    return joined.to_numpy(dtype=object)


def _text(values: "NDArray[Any]", name: str, raw: RawSample) -> "pd.Series[Any]":
    gone = np.asarray(pd.isna(values))
    values = values.astype(object) if gone.any() else values
    rows = [i for i in np.flatnonzero(~gone) if isinstance(values[i], float | np.floating)]
    if values.dtype.kind == "f" or rows:
        values = _whole(values, rows, name, raw)
    text = pd.Series(values).astype(str).str.strip()
    gone = gone | (text == "").to_numpy()
    if gone.any():
        raise BoxloopError(
            f"columns.id: {int(gone.sum())} rows of {raw.origin} have no {name!r}, the first is "
            f"row {int(np.flatnonzero(gone)[0])}; drop them, or name other columns"
        )
    return text.astype(object)


def _whole(values: "NDArray[Any]", rows: list[Any], name: str, raw: RawSample) -> "NDArray[Any]":
    """Turn floating-point numbers in some rows into the whole numbers that they surely are."""
    whole = values.astype(object)
    for i in rows:
        kind = np.asarray(values[i]).dtype
        bits = np.finfo(kind).nmant + 1
        if not (abs(values[i]) < 2.0**bits and values[i] == np.floor(values[i])):
            raise BoxloopError(
                f"columns.id: {name!r} of {raw.origin} holds {values[i]!r} ({kind}); an identifier "
                f"must be text or a whole number, as {kind} below 2**{bits} "
                "so that it was not rounded"
            )
        whole[i] = int(values[i])
    return whole


def _add_feature(build: Standardiser, name: str, feature: Mapping[str, Any]) -> None:
    key, source = f"columns.features.{name}", feature["from"] or name
    values = build.numbers(source, key)
    state = np.where(np.isnan(values), STATES["not_observed"], 0).astype(np.int8)
    sentinels = {float(k): STATES[v] for k, v in feature["missing"].items()}
    for sentinel, code in sentinels.items():
        state[_equals(values, sentinel)] = code
    values = np.where(state > 0, np.nan, values)
    _refuse_infinite(values, key, source, build.raw)
    build.add(name, values, Column("feature", feature["unit"], feature["description"]))
    build.add(f"{name}__state", state, Column("state", "", f"why {name} is missing"))
    if feature["limit"]:
        limit = build.numbers(feature["limit"], f"{key}.limit")
        limit = np.where(np.isfinite(limit), limit, np.nan)
        build.add(f"{name}__limit", limit, Column("limit", feature["unit"], f"limit of {name}"))
    if feature["error"]:
        error = build.numbers(feature["error"], f"{key}.error")
        unknown = ~np.isfinite(error) | (error < 0) | (state > 0)
        for sentinel in sentinels:
            unknown |= _equals(error, sentinel)
        role = "feature_error" if feature["use_error"] == "feature" else "error"
        about = f"standard error of {feature['description'] or name}"
        build.add(
            f"{name}_err", np.where(unknown, np.nan, error), Column(role, feature["unit"], about)
        )
        if role == "feature_error":
            worst = np.maximum(state, STATES["not_observed"])
            why = np.where(unknown, worst, 0).astype(np.int8)
            build.add(f"{name}_err__state", why, Column("state", "", f"why {name}_err is missing"))


def _equals(values: "NDArray[np.float64]", sentinel: float) -> "NDArray[np.bool_]":
    """Whether values are a sentinel, also one that went through single precision."""
    if np.isnan(sentinel):
        return np.isnan(values)
    return (values == sentinel) | (values == float(np.float32(sentinel)))


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


def _add_target(build: Standardiser, target: Mapping[str, Any]) -> None:
    name, key = target["name"], "columns.target"
    if name in RESERVED:
        raise BoxloopError(f"{key}: {name!r} is a name of boxloop's; take another and from:")
    values = build.find(target["from"] or name, key)
    build.add(name, values, Column("target", target["unit"], target["description"]))


def _add_group(
    build: Standardiser, group: str | None, columns: Mapping[str, Any], *, required: bool
) -> None:
    if group is None or group in (columns["target"]["name"], *build.values):
        return
    _add_kept(build, group, "group", required=required)


def _add_kept(build: Standardiser, name: str, role: str, *, required: bool) -> None:
    if name not in build.raw.frame and not required:
        return
    values = build.find(name, "split.group" if role == "group" else "columns.keep")
    build.add(name, values, Column(role))


def _add_light_curve(build: Standardiser, wanted: Mapping[str, Any]) -> None:
    for part in LIGHT_CURVE:
        if not wanted[part]:
            continue
        name = f"light_curve.{part}"
        file_name = name if name in build.raw.frame else wanted[part]
        values = build.find(file_name, f"columns.light_curve.{part}")
        if len(values) and not isinstance(values[0], np.ndarray | list):
            raise BoxloopError(
                f"columns.light_curve.{part}: expected a list in each row of {file_name!r}; found "
                f"{values[0]!r}; a reader of your own can return (table, {{'light_curve': epochs}})"
            )
        build.add(name, values, Column("light_curve"))


def _images(raw: RawSample, image: Mapping[str, Any] | None) -> dict[str, Any]:
    if image is None:
        return {}
    if "image" not in raw.arrays:
        raise BoxloopError(
            f"columns.image: the sample {raw.name!r} has no images; expected an array 'image' from "
            "its simulator, or from a reader of your own that returns (table, {'image': array})"
        )
    shape, wanted = tuple(raw.arrays["image"].shape[1:]), tuple(image["shape"])
    if shape != wanted:
        raise BoxloopError(f"columns.image.shape: expected {wanted}; found {shape}")
    return {"image": np.asarray(raw.arrays["image"], dtype=np.float32)}


def refuse_leaks(
    columns: Mapping[str, Any], group: str | None, samples: Sequence[RawSample] = ()
) -> None:
    """Refuse a study that carries the target's column a second time, beside the seal."""
    source = columns["target"]["from"] or columns["target"]["name"]
    wanted, sky, curve = columns["id"] or [], columns["sky"] or {}, columns["light_curve"] or {}
    carried: list[tuple[str, Sequence[str]]] = [
        ("columns.id", [wanted] if isinstance(wanted, str) else wanted),
        ("columns.keep", columns["keep"]),
        ("split.group", [group] if group else []),
        *((f"columns.sky.{axis}", [sky[axis]]) for axis in ("ra", "dec") if sky),
    ]
    for part in LIGHT_CURVE if curve else ():
        # Epochs in a list of their own are not read from the column of the table.
        apart = samples and all(f"light_curve.{part}" in raw.frame for raw in samples)
        carried.append((f"columns.light_curve.{part}", [] if apart else [curve[part] or ""]))
    for name, feature in columns["features"].items():
        used = [feature["from"] or name, feature["error"], feature["limit"]]
        carried.append((f"columns.features.{name}", [u for u in used if u]))
    for key, names in carried:
        if source in names or columns["target"]["name"] in names:
            raise BoxloopError(
                f"{key}: {source!r} is the target; carried along as well it would give the answer "
                "away and break the seal of the test set. Take it out there"
            )
