"""Find the files of a draft inside the project, or copy them there: one, or a folder of a kind."""

import fnmatch
import os
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from boxloop import store
from boxloop.errors import BoxloopError, listed

#: Where own data stand in a project.
OWN = Path("data/own")
_NOT_DATA = re.compile(r"(?i)^(readme|licen[cs]e|manifest|changelog|notes?)\b.*")


@dataclass(frozen=True)
class Place:
    """A file, or files of one kind in one folder, inside the project.

    Attributes
    ----------
    path : Path
        The file or the folder, relative to the project.
    pattern : str or None
        Which files of the folder; None for a single file.
    files : list of Path
        The files, relative to the project.
    """

    path: Path
    pattern: str | None
    files: list[Path]

    def names(self) -> list[str]:
        """Return the files as the data stage names them."""
        if self.pattern is None:
            return [self.path.as_posix()]
        return [f.relative_to(self.path).as_posix() for f in self.files]


def place_files(given: Sequence[Path], project: Path, name: str, *, copy: bool) -> Place:
    """Return where the files are, inside the project.

    Parameters
    ----------
    given : sequence of Path
        Files, or one folder.
    project : Path
    name : str
        The study; copies go to a folder of its name.
    copy : bool
        Copy what lies outside.

    Raises
    ------
    BoxloopError
        A file is missing or lies outside, or the files cannot be named together.
    """
    for path in given:
        if not path.exists():
            raise BoxloopError(f"{path}: there is no such file or folder; correct the path")
        if path.is_dir() and len(given) > 1:
            raise BoxloopError(f"{path} is a folder; expected one folder, or files")
    if not all(_inside(path, project) for path in given):
        given = _copied(given, project, name) if copy else _refused(given, project)
    relative = [Path(os.path.relpath(p.resolve(), project.resolve())) for p in given]
    if given[0].is_dir():
        return _of_folder(relative[0], project)
    if len(given) == 1:
        return Place(relative[0], None, relative)
    return _of_files(relative, project)


def under(project: Path, *paths: Path) -> Path:
    """Return the deepest folder that holds all paths, relative to the project."""
    common = Path(os.path.commonpath([(project / p).resolve() for p in paths]))
    common = common if common.is_dir() else common.parent
    if common == project.resolve():
        raise BoxloopError(
            f"{listed(map(str, paths))}: they have no folder in common but the project's; put them "
            f"into one folder, for example {OWN}/<name>"
        )
    return common.relative_to(project.resolve())


def kind_of(path: Path) -> str:
    """Return the ending that tells the kind of a file: .csv, .fits.gz; empty where it has none."""
    endings = path.suffixes[-2:] if path.suffix in (".gz", ".bz2") else path.suffixes[-1:]
    return (
        "".join(endings) if not any(re.search(r"\d\w*$", e) for e in endings[:-1]) else path.suffix
    )


def files_below(folder: Path) -> list[Path]:
    """Return the files of a folder and its folders, sorted; hidden ones and notes are no data."""
    found = sorted(p for p in folder.rglob("*") if p.is_file())
    hidden = [p for p in found if any(part.startswith(".") for part in p.relative_to(folder).parts)]
    return [p for p in found if p not in set(hidden) and not _NOT_DATA.match(p.name)]


def _inside(path: Path, project: Path) -> bool:
    return path.resolve().is_relative_to(project.resolve())


def _refused(given: Sequence[Path], project: Path) -> list[Path]:
    outside = [p for p in given if not _inside(p, project)]
    raise BoxloopError(
        f"{listed(map(str, outside), 3)}: outside the project {project.resolve()}, where no other "
        f"machine would find it; copy it to {OWN}/ yourself, or add --copy"
    )


def _copied(given: Sequence[Path], project: Path, name: str) -> list[Path]:
    """Copy files into the project's own data, and verify each copy."""
    target = project / OWN / name
    if given[0].is_dir():
        for file in files_below(given[0]):
            _copy(file, target / file.relative_to(given[0]))
        return [target]
    copies = []
    for file in given:
        copies.append(_copy(file, target / file.name))
        for note in sorted(file.parent.glob("ReadMe*")):  # describes fixed-width tables
            _copy(note, target / note.name)
    return copies


def _copy(file: Path, target: Path) -> Path:
    if target.exists():
        if store.sha256(target) == store.sha256(file):
            return target
        raise BoxloopError(
            f"{target} is there already and is another file than {file}; remove it, or choose "
            "another name for the study"
        )
    with store.writing(target) as beside:
        shutil.copyfile(file, beside)
        if store.sha256(beside) != store.sha256(file):
            raise BoxloopError(f"{target}: the copy differs from {file}; is it being written?")
    return target


def _of_folder(folder: Path, project: Path) -> Place:
    files = files_below(project / folder)
    if not files:
        raise BoxloopError(f"{folder}: the folder has no files")
    (kind, _), *others = Counter(kind_of(f) for f in files).most_common()
    same = [f for f in files if kind_of(f) == kind]
    if others and others[0][1] * 2 > len(same):
        kinds = listed(f"{k or 'no ending'} {n}" for k, n in [(kind, len(same)), *others])
        raise BoxloopError(
            f"{folder}: files of several kinds ({kinds}); name those that hold the table: "
            f"--table {folder}/*{kind}"
        )
    relative = [f.relative_to(project / folder) for f in same]
    deep = any(len(f.parts) > 1 for f in relative)
    pattern = f"**/*{kind}" if deep else f"*{kind}"
    return Place(folder, pattern, [folder / f for f in relative])


def _of_files(files: Sequence[Path], project: Path) -> Place:
    files = sorted(set(files))
    folder = files[0].parent
    if any(f.parent != folder for f in files):
        raise BoxloopError(
            f"{listed(map(str, files), 3)}: they lie in different folders; put the files of one "
            "sample into one folder, or use --copy"
        )
    names = [f.name for f in files]
    there = [p.name for p in sorted((project / folder).iterdir()) if p.is_file()]
    for pattern in _patterns(names):
        if sorted(fnmatch.filter(there, pattern)) == sorted(names):
            return Place(folder, pattern, list(files))
    raise BoxloopError(
        f"{listed(names, 3)}: no pattern names these files and no others of {folder}; put them "
        "into a folder of their own, or use --copy"
    )


def _patterns(names: Sequence[str]) -> list[str]:
    start = _common_start(names)
    end = _common_start([n[::-1] for n in names])[::-1]
    end = end[-(min(map(len, names)) - len(start)) :] if len(start) < min(map(len, names)) else ""
    kinds = {kind_of(Path(n)) for n in names}
    middles = {n[len(start) : len(n) - len(end)] for n in names}
    found = [f"*{k}" for k in kinds if len(kinds) == 1]
    if all(len(m) == 1 and m.isalnum() for m in middles):
        found.append(f"{start}[{''.join(sorted(middles))}]{end}")
    return [*found, f"{start}*{end}"]


def _common_start(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    differ = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(differ, len(first))]
