"""Drafts of images and light curves: a file for each object, with a table of labels or alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from boxloop.draft.compose import Draft
from boxloop.draft.files import OWN, Place, files_below, kind_of, place_files, under
from boxloop.draft.looks import look
from boxloop.draft.pictures import picture_section
from boxloop.draft.reading import ReadTable, columns_of_curves, read_place, section_of
from boxloop.draft.request import Request
from boxloop.draft.roles import Roles
from boxloop.errors import BoxloopError, listed

#: Endings of images that the study can read.
IMAGES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".fits", ".fit", ".npy", ".fits.gz")
#: Side of the images that the models of a draft see [pixel].
SIDE = 32


@dataclass(frozen=True)
class Attached:
    """Files that belong to the objects.

    Attributes
    ----------
    inputs : str
        image or light_curve.
    section : dict
        The section ``columns.image`` or ``columns.light_curve``.
    note : str
    named_by : str
        Column of the labels that names an object's file, or empty.
    unique : bool
        Whether it names a file of its own in every row.
    labelled : bool
        Whether there is a target, for which other labels would be no fair input.
    """

    inputs: str
    section: dict[str, Any]
    note: str
    named_by: str
    unique: bool
    labelled: bool

    def claim(self, roles: Roles) -> None:
        """Keep other labels from the models; carry the column along that names the files."""
        if self.labelled:
            reason = (
                "stands in the table of labels and may say what the target says; take it in as a "
                "feature if it is known where the label is not"
            )
            roles.excluded.update(dict.fromkeys(roles.features, reason))
            for name in roles.features:
                for error in roles.errors.get(name, []):
                    roles.excluded[error] = f"error of {name}, which is left out"
            roles.features = []
        if not self.named_by or self.named_by in roles.id:
            return
        roles.excluded.pop(self.named_by, None)
        roles.features = [n for n in roles.features if n != self.named_by]
        roles.keep = [n for n in roles.keep if n != self.named_by]
        if self.unique and not roles.id:
            roles.id = [self.named_by]
        else:
            roles.keep.append(self.named_by)

    def compose(self, draft: Draft) -> None:
        """Write the section of the images or light curves."""
        draft.columns[self.inputs] = self.section
        draft.note("columns", self.inputs, text=self.note)


def attach(request: Request, project: Path) -> tuple[Attached, ReadTable]:
    """Find images or light curves and the table that goes with them.

    Raises
    ------
    BoxloopError
        No such files, or no column of the labels names them.
    """
    inputs = "image" if request.images else "light_curve"
    directory = request.images or request.light_curves
    if directory is None or not directory.is_dir():
        raise BoxloopError(f"{directory}: expected a folder with a file for each object")
    given = _place(directory, project, request)
    files = _of_one_kind(project / given.path, inputs)
    if request.labels is None:
        return _alone(inputs, files, given.path, project)
    labels = place_files([request.labels], project, request.name, copy=request.copy)
    folder = _common(project, given.path, labels)
    read = read_place(labels, project, folder=folder)
    base = folder if folder is not None else labels.path.parent
    return _with_labels(inputs, files, (project / base).resolve(), read, request)


def _place(directory: Path, project: Path, request: Request) -> Place:
    name = f"{request.name}/{directory.resolve().name}"
    place = place_files([directory], project, name, copy=request.copy)
    return replace(place, pattern=None)


def _common(project: Path, directory: Path, labels: Place) -> Path | None:
    """Return the folder that is the sample, or None where the labels' file alone has to be.

    A folder's checksum covers the images too; that of all own data would change with any of them.
    """
    folder = under(project, directory, labels.path)
    if folder == OWN:
        if directory.resolve().is_relative_to((project / labels.path).parent.resolve()):
            return None
        raise BoxloopError(f"{directory}, {labels.path}: put both into one folder below {OWN}")
    return folder


def _of_one_kind(folder: Path, inputs: str) -> list[Path]:
    files = files_below(folder)
    if inputs == "image":
        files = [f for f in files if f.name.lower().endswith(IMAGES)]
    if not files:
        wanted = f"images ({listed(IMAGES)})" if inputs == "image" else "files"
        raise BoxloopError(f"{folder}: expected {wanted}; found none")
    kinds = [kind_of(f) for f in files]
    commonest = max(sorted(set(kinds)), key=kinds.count)
    return [f for f, kind in zip(files, kinds, strict=True) if kind == commonest]


def _alone(
    inputs: str, files: Sequence[Path], folder: Path, project: Path
) -> tuple[Attached, ReadTable]:
    """Take every file for an object of which nothing else is known."""
    kind = kind_of(files[0])
    root = (project / folder).resolve()
    relative = [f.resolve().relative_to(root) for f in files]
    deep = any(len(f.parts) > 1 for f in relative)
    place = Place(folder, f"**/*{kind}" if deep else f"*{kind}", [folder / f for f in relative])
    options: dict[str, Any] = {}
    section: dict[str, Any]
    if inputs == "image":
        section = {"path": "{path}", **picture_section(files, SIDE)}
        note = "brought to this size from the files'"
    else:
        options, section = {}, columns_of_curves(files[0])
        note = f"columns guessed from {files[0].name}"
    reader = "images" if inputs == "image" else "light_curves"
    frame = pd.DataFrame(
        {"name": [f.stem for f in relative], "path": [f.as_posix() for f in relative]}
    )
    looks = {n: look(n, frame[n]) for n in ("name", "path")}
    read = ReadTable(frame, looks, section_of(place, project, reader, options), "")
    return Attached(inputs, section, note, "", False, False), read


def _with_labels(
    inputs: str, files: Sequence[Path], base: Path, read: ReadTable, request: Request
) -> tuple[Attached, ReadTable]:
    column, ending, found = _naming_column(read, files)
    folder = Path(files[0].parent.resolve().relative_to(base)).as_posix()
    pattern = f"{{{column}}}{ending}" if folder == "." else f"{folder}/{{{column}}}{ending}"
    rows = len(read.frame)
    note = f"{len(files)} files, {found} of {rows} rows have one"
    section: dict[str, Any] = {"path": pattern}
    if inputs == "image":
        section.update(picture_section(files, SIDE))
    else:
        section.update(columns_of_curves(files[0]))
        note += f"; columns guessed from {files[0].name}"
    if found < rows:
        section["missing"] = "drop"
        note += "; the others are dropped"
    unique = bool(read.frame[column].is_unique)
    return Attached(inputs, section, note, column, unique, request.target is not None), read


def _naming_column(read: ReadTable, files: Sequence[Path]) -> tuple[str, str, int]:
    """Return the column whose values name the files, what follows them, and how many do."""
    kind = kind_of(files[0])
    names = {f.name for f in files}
    best: tuple[int, str, str] = (0, "", "")
    for name, seen in read.looks.items():
        if seen.kind in ("list", "empty") or re.search(r"[{}]", name):
            continue
        if seen.number and not seen.whole:
            continue
        values = read.frame[name].dropna()
        text = values.astype("int64").astype(str) if seen.number else values.astype(str).str.strip()
        for ending in (kind, ""):
            count = int((text + ending).isin(names).sum())
            best = max(best, (count, name, ending), key=lambda b: b[0])
    if not best[0]:
        raise BoxloopError(
            f"--labels: no column names the files, such as {files[0].name!r}; expected a column "
            f"with their names, with or without {kind!r}; found {listed(read.looks)}"
        )
    return best[1], best[2], best[0]
