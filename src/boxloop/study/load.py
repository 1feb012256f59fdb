"""Read a study file, merge it over its bases and report every fault at once, with its line."""

import hashlib
import json
import re
from collections.abc import Set
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from boxloop.errors import BoxloopError, suggest
from boxloop.study.checklists import items_of
from boxloop.study.checks.study import cross_checks
from boxloop.study.code import code_hash
from boxloop.study.faults import Fault, faults_of, kind_of
from boxloop.study.migrations import version_fault
from boxloop.study.model import Study
from boxloop.study.salvage import rests_on, salvage
from boxloop.study.vocabulary import STAGES
from boxloop.study.yaml_lines import KeyPath, read_yaml

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class StudyError(BoxloopError):
    """A study file with faults, one to a line.

    Attributes
    ----------
    faults : list of str
    sound : StudyFile or None
        What is left without its faulty parts, for further checks only.
    touched : set of key paths
        What had to be taken out for that.
    """

    def __init__(
        self,
        faults: list[str],
        sound: "StudyFile | None" = None,
        touched: Set[KeyPath] = frozenset(),
    ) -> None:
        self.faults = faults
        self.sound = sound
        self.touched = touched
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
    where : dict
        ``file:line`` of every key path, in this file or in a base.
    """

    name: str
    path: Path
    study: Study
    base: "StudyFile | None"
    where: dict[KeyPath, str] = field(default_factory=dict, repr=False, compare=False)

    def place(self, *key: str | int) -> str:
        """Return ``file:line: key.path``, to begin a message with."""
        return _place(key, self.where, self.path)

    def code_files(self) -> list[Path]:
        """Paths of the user's own modules, of its bases too; those named first win."""
        return [self.path.parent / c for c in self.study.code]

    def scientific_key(self) -> str:
        """Return a hash of the sections, and own code, that decide what the test set is asked.

        Defaults are left out, so that a new key of the format is no new question.
        """
        others = ("status", "published", "gates", "embedding")
        keys = {k for k in sections_until("evaluate") if k not in others}
        content = self.study.model_dump(
            mode="json", by_alias=True, include=keys, exclude_defaults=True
        )
        content["code"] = code_hash(self.code_files())
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def open_items(self) -> list[str]:
        """Return the checklist items without an answer that nothing in the study can measure."""
        study = self.study
        has = {
            "target": "target" in study.samples,
            "groups": bool(study.groups or study.protected),
            "groups or classes": bool(study.groups or study.task == "classification"),
            "protected": bool(study.protected),
        }
        return [
            name
            for name, item in items_of(study.checklists).items()
            if name not in study.checklist
            and not (item.measured and (item.needs is None or has[item.needs]))
        ]


@cache
def load_study(path: Path) -> StudyFile:
    """Read and validate a study file.

    Raises
    ------
    StudyError
        All faults at once: file, line, key, what was expected, what was found.
    """
    name = path.stem
    if not _NAME.fullmatch(name) or path.suffix != ".yaml":
        raise StudyError(
            [
                f"{path.parent}: a study file is named <name>.yaml with a name of small letters, "
                f"digits and underscores, beginning with a letter; found {path.name!r}"
            ]
        )
    merged, where, base = _merged(path, ())
    if not merged:
        raise StudyError([f"{path}:1: the file is empty; config/README.md shows a study"])
    if not isinstance(merged, dict):
        raise StudyError([f"{path}:1: expected a mapping (key: value); found {kind_of(merged)}"])
    faults: list[Fault] = []
    study: Study | None
    touched: set[KeyPath] = set()
    try:
        study = Study.model_validate(merged)
    except ValidationError as error:
        faults = faults_of(error, merged, Study)
        study, touched = salvage(merged)
    sound = StudyFile(name, path, study, None, where) if study is not None else None
    if study is not None:
        found = [*cross_checks(study), *_code_files(study, path)]
        faults += [Fault(at, m) for at, m in found if not rests_on(at, touched)]
    if faults or sound is None:
        lines = {f"{_place(f.at, where, path)}: {f.message}" for f in faults}
        raise StudyError(sorted(lines, key=_by_line), sound, touched)
    return replace(sound, base=load_study(base) if base else None)


def _code_files(study: Study, path: Path) -> list[tuple[KeyPath, str]]:
    return [
        (("code", i), f"there is no file {path.parent / name}")
        for i, name in enumerate(study.code)
        if not (path.parent / name).is_file()
    ]


def _merged(path: Path, above: tuple[Path, ...]) -> tuple[Any, dict[KeyPath, str], Path | None]:
    """Merge a file over its bases: mappings merge, lists and scalars replace."""
    content, lines = read_yaml(path)
    where = {key: f"{path}:{line}" for key, line in lines.items()}
    version = content.get("schema") if isinstance(content, dict) else None
    if fault := version_fault(version, str(path)):
        raise StudyError([f"{where['schema',]}: schema: {fault}"])
    base_name = content.get("extends") if isinstance(content, dict) else None
    if base_name is None:
        return content, where, None
    at = f"{where['extends',]}: extends"
    if not isinstance(base_name, str):
        raise StudyError([f"{at}: expected the name of a study; found {kind_of(base_name)}"])
    base = path.parent / f"{base_name}.yaml"
    if base in (*above, path):
        chain = " -> ".join(p.stem for p in (*above, path, base))
        raise StudyError([f"{at}: runs in a circle: {chain}"])
    if not base.is_file():
        others = [p.stem for p in path.parent.glob("*.yaml") if p != path]
        near = suggest(base_name.removesuffix(".yaml"), others)
        raise StudyError([f"{at}: there is no study {base}{near}"])
    below, base_where, _ = _merged(base, (*above, path))
    if not isinstance(below, dict):
        raise StudyError([f"{base}:1: expected a mapping (key: value); found {kind_of(below)}"])
    return _over(content, below, (), base_where), {**base_where, **where}, base


def _over(top: Any, below: Any, at: KeyPath, base_where: dict[KeyPath, str]) -> Any:
    """Lay `top` over `below`; lines of what is replaced are forgotten."""
    if isinstance(top, dict) and isinstance(below, dict):
        merged = dict(below)
        for key, value in top.items():
            known = key in below
            merged[key] = _over(value, below[key], (*at, str(key)), base_where) if known else value
        return merged
    for key in [k for k in base_where if k[: len(at)] == at]:
        del base_where[key]
    return top


def _by_line(fault: str) -> tuple[str, int]:
    file, _, rest = fault.partition(":")
    digits = re.match(r"\d+", rest)
    return file, int(digits.group()) if digits else 0


def _place(key: KeyPath, where: dict[KeyPath, str], path: Path) -> str:
    """Return ``file:line: key.path`` for the longest part of the key that the file has."""
    dotted = ".".join(_shown(k) for k in key)
    at = tuple(key)
    while at and at not in where:
        at = at[:-1]
    place = where.get(at, f"{path}:1") if at else f"{path}:1"
    return f"{place}: {dotted}" if dotted else place


def _shown(key: str | int) -> str:
    """Return a key as it may stand in a terminal, which would obey control characters."""
    return str(key) if str(key).isprintable() else repr(key)


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
