"""Read the table of a draft, and what its file says of the columns."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import pandas as pd

from boxloop import store
from boxloop.data.delimited import has_header, names_by_number
from boxloop.data.formats import read_columns, reader_of
from boxloop.data.read import read_files
from boxloop.draft.files import Place
from boxloop.draft.looks import Look, look
from boxloop.errors import BoxloopError, listed

#: Names of columns of a light curve.
_CURVE = {
    "time": r"(?i)^(time|t|mjd|hjd|bjd|jd|date|epoch)",
    "error": r"(?i)^(e_.*|.*err.*|sigma.*|.*unc.*)$",
    "band": r"(?i)^(band|filter|filt|passband|flt)$",
    "value": r"(?i)^(mag|flux|value|m|f|v|rate|counts?|brightness)",
}


class SampleSection(TypedDict):
    """The section ``samples.<name>`` of files of one's own."""

    path: str
    files: NotRequired[str]
    sha256: NotRequired[str]
    reader: NotRequired[str]
    options: NotRequired[dict[str, Any]]
    provenance: NotRequired[str]


@dataclass(frozen=True)
class ReadTable:
    """A table and the section of the study that reads it so.

    Attributes
    ----------
    frame : DataFrame
    looks : dict of str to Look
    sample : SampleSection
    note : str
        What is said of it.
    """

    frame: pd.DataFrame
    looks: dict[str, Look]
    sample: SampleSection
    note: str


def read_place(place: Place, project: Path, *, folder: Path | None = None) -> ReadTable:
    """Read the files of a place as the study will.

    Parameters
    ----------
    place : Place
    project : Path
    folder : Path, optional
        The sample's folder, relative to the project, where images or light curves belong to it too.
    """
    paths = [project / f for f in place.files]
    reader = reader_of(paths[0])
    options: dict[str, Any] = {}
    note = ""
    if reader == "csv" and not has_header(paths[0]):
        options = {"names": names_by_number(paths[0])}
        note = "no header: columns are numbered, give them better names here"
    frame = read_files(paths, reader, options)[0]
    facts = read_columns(paths[0], reader, options)
    sample = section_of(place, project, reader, options, folder)
    looks = {}
    for name in frame.columns:
        known = facts.get(name)
        unit, about = (known.unit, known.description) if known else ("", "")
        looks[str(name)] = look(str(name), frame[name], unit, about)
    return ReadTable(frame, looks, sample, note)


def section_of(
    place: Place,
    project: Path,
    reader: str,
    options: dict[str, Any],
    folder: Path | None = None,
) -> SampleSection:
    """Return the section ``samples.<name>`` of the files of a place, with their checksum."""
    path, pattern = place.path, place.pattern
    if folder is not None:
        path, pattern = folder, place.files[0].relative_to(folder).as_posix()
    where = project / path
    section: SampleSection = {"path": path.as_posix()}
    if pattern is not None:
        section["files"] = pattern
    section["sha256"] = store.sha256(where) if pattern is None else store.sha256_folder(where)
    section["reader"] = reader
    if options:
        section["options"] = options
    section["provenance"] = "real"
    return section


def columns_of_curves(path: Path) -> dict[str, str]:
    """Return which columns of a light curve's file hold what: by name, else by their number.

    Raises
    ------
    BoxloopError
        There are fewer than two columns, or none that could be a time or a brightness.
    """
    reader = reader_of(path)
    if reader == "csv" and not has_header(path):
        parts = ("time", "value", "error")[: len(names_by_number(path))]
        return {part: str(number) for number, part in enumerate(parts, 1)}
    names = [str(n) for n in read_files([path], reader, {})[0].columns]
    found: dict[str, str] = {}
    for part, pattern in _CURVE.items():
        fits = [n for n in names if re.match(pattern, n) and n not in found.values()]
        if fits:
            found[part] = fits[0]
    if "time" not in found or "value" not in found:
        raise BoxloopError(
            f"{path}: no columns that look like a time and a brightness among {listed(names)}; "
            "name them in columns.light_curve of a study of your own"
        )
    return found
