"""Give the columns of a file their names, roles, units and states."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.external import add_external
from boxloop.data.identifiers import identifiers
from boxloop.data.measured import add_feature, add_target
from boxloop.data.read import RawSample
from boxloop.data.standardiser import Noticed, Standardiser
from boxloop.errors import BoxloopError
from boxloop.modalities.registry import modality, sections
from boxloop.store import Column, Table
from boxloop.study.vocabulary import SKY_BLOCK, SKY_OBJECT

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Names that the table uses itself.
RESERVED = ("id", "sample", "file", SKY_OBJECT, SKY_BLOCK)


@dataclass(frozen=True)
class Standardised:
    """The table of one sample, and what was noticed while its numbers were read.

    Attributes
    ----------
    table : Table
    noticed : Noticed
    """

    table: Table
    noticed: Noticed


def standardise(
    raw: RawSample, columns: Mapping[str, Any], group: str | None, *, with_target: bool
) -> Standardised:
    """Return the table of a sample, with the columns that the study names.

    Parameters
    ----------
    raw : RawSample
    columns : mapping
        The study's section ``columns``; ``target`` is None where nothing is to be predicted.
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
        _refuse_reserved(f"columns.features.{name}", name)
        add_feature(build, name, feature)
    target = columns["target"]
    if target and with_target:
        _refuse_reserved("columns.target", target["name"])
        add_target(build, target)
    if group is not None and group not in build.values and group != (target or {}).get("name"):
        _add_kept(build, group, "group", required=with_target)
    wanted = columns["time"] and columns["time"] not in build.values  # it may be a feature
    if wanted and (with_target or columns["time"] in raw.frame):
        _refuse_reserved("columns.time", columns["time"])
        numbers = build.numbers(columns["time"], "columns.time")
        build.add(columns["time"], numbers, Column("time", "d", "time of observation"))
    for name in columns["keep"]:
        if name not in build.values:
            _add_kept(build, name, "keep", required=with_target)
    for name, given in columns.get("given", {}).items() if with_target else ():
        add_external(build, name, given)
    arrays: dict[str, NDArray[Any]] = {}
    for name, section in sections(columns).items():
        arrays |= modality(name, raw.own).add(build, section)
    # Each column stays the array it is: one block of all numbers would be a second copy.
    frame = pd.DataFrame(build.values, copy=False)
    return Standardised(Table(frame, build.columns, raw.provenance, arrays, raw.own), build.noticed)


def _refuse_reserved(key: str, name: str) -> None:
    if name in RESERVED:
        raise BoxloopError(f"{key}: {name!r} is a name of boxloop's; take another and from: {name}")


def _add_kept(build: Standardiser, name: str, role: str, *, required: bool) -> None:
    if name not in build.raw.frame and not required:
        return
    key = "split.group" if role == "group" else "columns.keep"
    _refuse_reserved(key, name)
    build.add(name, build.find(name, key), Column(role))
