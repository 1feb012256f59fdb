"""Read a study file, merge it over its bases and report every fault at once, with its line."""

import hashlib
import json
import re
import types
import typing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.study.model import Study, cross_checks
from boxloop.study.vocabulary import CHECKLIST, STAGES
from boxloop.study.yaml_lines import KeyPath, read_yaml

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class StudyError(BoxloopError):
    """A study file with faults, one to a line."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True)
class StudyFile:
    """A validated study and where it came from.

    Attributes
    ----------
    name : str
        Stem of the file; the name of its results folder.
    path : Path
    study : Study
    base : StudyFile or None
        What it extends.
    """

    name: str
    path: Path
    study: Study
    base: "StudyFile | None"

    def code_files(self) -> list[Path]:
        """Paths of the user's own modules, of its bases too; those named first win."""
        return [self.path.parent / c for c in self.study.code]

    def scientific_key(self) -> str:
        """Return a hash of the sections that decide what the test set is asked."""
        keys = [k for k in sections_until("evaluate") if k not in ("status", "published")]
        content = {k: self.study.section(k) for k in keys}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def open_items(self) -> list[str]:
        """Return the checklist items that neither the pipeline measures nor a person answered."""
        answered = self.study.checklist
        return [i for i, (_, measured) in CHECKLIST.items() if not measured and i not in answered]


@cache
def load_study(path: Path) -> StudyFile:
    """Read and validate a study file.

    Raises
    ------
    StudyError
        All faults at once: file, line, key, what was expected, what was found.
    """
    name = path.stem
    if not _NAME.match(name) or path.suffix != ".yaml":
        raise StudyError(
            [
                f"{path}: a study file is named <name>.yaml with a name of small letters, digits "
                f"and underscores, beginning with a letter; found {path.name!r}"
            ]
        )
    merged, where, base = _merged(path, ())
    if not isinstance(merged, dict):
        raise StudyError([f"{path}:1: expected a mapping (key: value); found {_kind(merged)}"])
    try:
        study = Study.model_validate(merged)
    except ValidationError as error:
        faults = [_fault(e, where, path) for e in error.errors()]
        raise StudyError(sorted(set(faults), key=_by_line)) from None
    faults = [f"{_place(k, where, path)}: {message}" for k, message in cross_checks(study)]
    faults += [
        f"{_place(('code', i), where, path)}: there is no file {path.parent / c}"
        for i, c in enumerate(study.code)
        if not (path.parent / c).is_file()
    ]
    if faults:
        raise StudyError(sorted(faults, key=_by_line))
    return StudyFile(name, path, study, load_study(base) if base else None)


def _merged(path: Path, above: tuple[Path, ...]) -> tuple[Any, dict[KeyPath, str], Path | None]:
    """Merge a file over its bases: mappings merge, lists and scalars replace."""
    content, lines = read_yaml(path)
    where = {key: f"{path}:{line}" for key, line in lines.items()}
    base_name = content.get("extends") if isinstance(content, dict) else None
    if not base_name:
        return content, where, None
    base = path.parent / f"{base_name}.yaml"
    if base in (*above, path):
        chain = " -> ".join(p.stem for p in (*above, path, base))
        raise StudyError([f"{where['extends',]}: extends runs in a circle: {chain}"])
    if not base.is_file():
        others = [p.stem for p in path.parent.glob("*.yaml")]
        raise StudyError(
            [f"{where['extends',]}: there is no study {base}{suggest(str(base_name), others)}"]
        )
    below, base_where, _ = _merged(base, (*above, path))
    if not isinstance(below, dict):
        raise StudyError([f"{base}:1: expected a mapping (key: value); found {_kind(below)}"])
    return _over(content, below), {**base_where, **where}, base


def _over(top: Any, below: Any) -> Any:
    if isinstance(top, dict) and isinstance(below, dict):
        return {**below, **{k: _over(v, below[k]) if k in below else v for k, v in top.items()}}
    return top


def _kind(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", type(None): "nothing"}
    return names.get(type(value), f"{value!r}")


def _by_line(fault: str) -> tuple[str, int]:
    file, _, rest = fault.partition(":")
    digits = re.match(r"\d+", rest)
    return file, int(digits.group()) if digits else 0


def _place(key: tuple[Any, ...], where: dict[KeyPath, str], path: Path) -> str:
    """Return ``file:line: key.path`` for the longest part of the key that the file has."""
    dotted = ".".join(str(k) for k in key)
    at = tuple(key)
    while at and at not in where:
        at = at[:-1]
    place = where.get(at, f"{path}:1")
    return f"{place}: {dotted}" if dotted else place


def _fault(error: Any, where: dict[KeyPath, str], path: Path) -> str:
    """Say one pydantic error in words: expected, found, nearest name."""
    loc = _clean(error["loc"])
    place = _place(loc, where, path)
    kind, found = error["type"], error.get("input")
    if kind == "extra_forbidden":
        known = _keys_at(loc[:-1])
        return f"{place}: unknown key; expected one of {listed(known, 20)}" + suggest(
            str(loc[-1]), known
        )
    if kind == "missing":
        return f"{_place(loc[:-1], where, path)}: the key {loc[-1]!r} is missing"
    message = error["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        return f"{place}: {message}"
    if kind == "literal_error":
        expected = error["ctx"]["expected"]
        choices = re.findall(r"'([^']*)'", expected)
        return f"{place}: expected {expected}; found {found!r}{suggest(str(found), choices)}"
    message = message[0].lower() + message[1:]
    shown = found if isinstance(found, str | int | float | bool) else _kind(found)
    return f"{place}: {message.replace('input should', 'should')}; found {shown!r}"


def _clean(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """Drop the names of union members that pydantic puts into a location."""
    markers = re.compile(r"^(list\[.*|Range|str|dict\[.*|Target|function-.*|\[key\])$")
    return tuple(
        k for i, k in enumerate(loc) if not (i and isinstance(k, str) and markers.match(k))
    )


def _keys_at(loc: tuple[Any, ...]) -> list[str]:
    """Return the valid keys of the mapping at a key path."""
    kind: Any = Study
    for key in loc:
        kind = _model_in(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {f.alias or n: f for n, f in kind.model_fields.items()}
            kind = fields[str(key)].annotation if str(key) in fields else None
        elif typing.get_origin(kind) in (dict, list):
            kind = typing.get_args(kind)[-1]
    kind = _model_in(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [f.alias or n for n, f in kind.model_fields.items()]
    return []


def _model_in(kind: Any) -> Any:
    """Strip Optional and Annotated; of a union take the model."""
    if typing.get_origin(kind) is typing.Annotated:
        return _model_in(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        members = [_model_in(a) for a in typing.get_args(kind) if a is not type(None)]
        models = [m for m in members if isinstance(m, type) and issubclass(m, BaseModel)]
        return (models or members or [None])[0]
    return kind


def sections_until(stage: str) -> list[str]:
    """Return the sections that a stage or any stage before it uses."""
    found: list[str] = []
    for name, sections in STAGES.items():
        found += sections
        if name == stage:
            return found
    raise KeyError(stage)


def owner(file: StudyFile, stage: str) -> str:
    """Return the study whose results folder holds a stage of this study.

    The furthest base reached while all sections up to the stage are equal; else itself.
    """
    keys = sections_until(stage)
    name, mine = file.name, {k: file.study.section(k) for k in keys}
    base = file.base
    while base and all(base.study.section(k) == mine[k] for k in keys):
        name, base = base.name, base.base
    return name
