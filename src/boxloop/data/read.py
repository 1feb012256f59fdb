"""Read the raw data of a sample into one table: built-in readers, or the study's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from boxloop import store
from boxloop.data.cuts import rows_within
from boxloop.data.folders import files_of_sample, reader_of_files, without_readme
from boxloop.data.formats import TABLE_READERS, read_any_table, read_table_file
from boxloop.data.simulate import nested, simulation_identity
from boxloop.errors import BoxloopError, listed, suggest
from boxloop.modalities.registry import by_reader, modality, own_of, sections
from boxloop.study.code import user_function

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.data import SampleFile


@dataclass(frozen=True)
class RawSample:
    """A sample as its files have it.

    Attributes
    ----------
    name : str
    frame : pandas.DataFrame
        All rows of all files, columns as the files name them, default index.
    file, row : ndarray, shape (rows,)
        File of each row, and its number in that file, counted from 0.
    provenance, origin, duplicates : str
    files : list of dict
        ``path``, ``bytes``, ``sha256``.
    identity : list of str
        What the data are known by, whatever machine holds them.
    arrays : dict of ndarray
    facts : dict
        ``survey``, ``licence``, ``cite``, where they are known, and ``frozen`` {service, query or
        record, date} of a source that is a service's answer.
    rows_cut : int
        Rows that ``where`` left out.
    rows_dropped : int
        Rows left out because their image or light curve is missing (``missing: drop``).
    own : dict
        The study's own modalities (`boxloop.modalities.registry.own_of`).
    """

    name: str
    frame: pd.DataFrame
    file: "np.ndarray[Any, Any]"
    row: "np.ndarray[Any, Any]"
    provenance: str
    origin: str
    duplicates: str = "drop"
    files: "list[SampleFile]" = field(default_factory=list)
    identity: list[str] = field(default_factory=list)
    arrays: "dict[str, NDArray[Any]]" = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    rows_cut: int = 0
    rows_dropped: int = 0
    own: dict[str, dict[str, Any]] = field(default_factory=dict)


class ReadFiles(NamedTuple):
    """The rows of some files.

    Attributes
    ----------
    frame : pandas.DataFrame
    arrays : dict of ndarray
        Empty but for a reader of one's own that returns (table, arrays).
    file, row : ndarray, shape (rows,)
        File of each row and the row's number in it. A reader of one's own may say the file itself,
        in a column ``file``.
    """

    frame: pd.DataFrame
    arrays: "dict[str, NDArray[Any]]"
    file: "NDArray[Any]"
    row: "NDArray[Any]"


def read_sample(
    name: str,
    sample: Mapping[str, Any],
    raw: str | Path,
    *,
    source: Mapping[str, Any] | None = None,
    text: Sequence[str] = (),
    seed: int = 0,
    user_code: Sequence[str] = (),
    columns: Mapping[str, Any] | None = None,
    part: tuple[int, int] = (0, 1),
) -> RawSample:
    """Read a sample, or a part of it.

    Parameters
    ----------
    name : str
    sample : mapping
        The study's section ``samples.<name>``.
    raw : path
        The manifest of a source, the table of a simulation, or the user's own file or folder.
    source : mapping, optional
        ``reader``, ``options``, ``survey``, ``licence``, ``cite`` of the source.
    text : sequence of str
        Columns to be read as text, such as identifiers.
    seed : int
        The study's seed, for the identity of a simulation.
    user_code : sequence of str
        Paths of the study's own modules.
    columns : mapping, optional
        The study's section ``columns``: where it names files of images or light curves, they are
        read too.
    part : (int, int)
        Which part of how many: some of its files, or of the rows of a simulation.

    Raises
    ------
    BoxloopError
        A file is missing or not the file it was, cannot be read, or no row is left.
    """
    raw = Path(raw)
    common: dict[str, Any] = {k: sample[k] for k in ("provenance", "duplicates")}
    common["own"] = own_of(columns or {}, user_code)
    if sample["simulator"]:
        table = store.read_table(raw, raw.parent / "arrays")
        rows = np.array_split(np.arange(len(table)), part[1])[part[0]]
        table = table.take(rows) if part[1] > 1 else table
        file = np.full(len(table), name, dtype=object)
        identity = simulation_identity(sample, name, seed, user_code)
        simulated = RawSample(
            name, table.frame, file, rows, origin=sample["simulator"], identity=identity,
            arrays=dict(table.arrays), **common,
        )  # fmt: skip
        return _cut(simulated, sample["where"], columns)
    found = files_of_sample(sample, raw, part)
    source, columns = source or {}, columns or {}
    reader = sample["reader"] or source.get("reader") or reader_of_files(found.paths)
    frame, arrays, file, row = read_files(
        found.paths,
        reader,
        {**(source.get("options") or {}), **sample["options"]},
        names=[f["path"] for f in found.files],
        text=text,
        user_code=user_code,
        columns=columns,
    )
    facts = {k: source[k] for k in ("survey", "licence", "cite") if source.get(k)}
    if found.frozen:
        facts["frozen"] = found.frozen
    read = RawSample(
        name, frame, file, row, origin=found.origin, files=found.files,
        identity=found.identity, arrays=arrays, facts=facts, **common,
    )  # fmt: skip
    return _with_object_files(_cut(read, sample["where"], columns), columns, found.folder, reader)


def read_files(
    paths: Sequence[Path],
    reader: str,
    options: Mapping[str, Any],
    *,
    names: Sequence[str] | None = None,
    text: Sequence[str] = (),
    user_code: Iterable[str] = (),
    columns: Mapping[str, Any] | None = None,
) -> ReadFiles:
    """Read files and pool their rows.

    Parameters
    ----------
    paths : sequence of Path
    reader : str
        A built-in reader, or module:function.
    options : mapping
        Passed to the reader.
    names : sequence of str, optional
        What the files are called in the table; by default their names without folder.
    text : sequence of str
        Columns to be read as text.
    user_code : iterable of str
        Paths of the study's own modules.
    columns : mapping, optional
        The study's section ``columns``, for readers of which every file is an object.

    Returns
    -------
    ReadFiles

    Raises
    ------
    BoxloopError
        Unknown reader or options, files with different columns, or no rows.
    """
    names = list(names or [p.name for p in paths])
    if ":" in reader:
        return _read_own(paths, reader, options, names, user_code)
    objects = by_reader()
    if reader not in (*TABLE_READERS, *objects):
        known = (*TABLE_READERS, *objects)
        raise BoxloopError(
            f"reader: expected {listed(known)} or module:function; found {reader!r}"
            f"{suggest(reader, known)}"
        )
    if reader in objects:
        name = objects[reader]
        section = (columns or {}).get(name)
        frame = modality(name).listed(paths, names, options, section, read_any_table)
        rows = np.zeros(len(frame), dtype=np.int64)
        return ReadFiles(frame, {}, np.asarray(names, dtype=object), rows)
    data = without_readme(list(paths)) if reader == "cds" else list(paths)
    names = [n for p, n in zip(paths, names, strict=True) if p in data]
    frames = [read_table_file(path, reader, options, text) for path in data]
    _same_columns(frames, names)
    sizes = [len(f) for f in frames]
    file = np.repeat(np.asarray(names, dtype=object), sizes)
    row = np.concatenate([np.arange(n) for n in sizes])
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    return ReadFiles(frame.reset_index(drop=True), {}, file, row)


def _cut(raw: RawSample, where: Mapping[str, Any], columns: Mapping[str, Any] | None) -> RawSample:
    """Return a sample without the rows beyond the limits of ``where``."""
    if not where:
        return raw
    features = (columns or {}).get("features") or {}
    missing = {f["from"] or name: [float(m) for m in f["missing"]] for name, f in features.items()}
    kept = rows_within(raw.frame, where, raw.name, missing)
    return replace(_taken(raw, kept), rows_cut=int((~kept).sum()))


def _taken(raw: RawSample, kept: "np.ndarray[Any, Any]") -> RawSample:
    return replace(
        raw,
        frame=raw.frame[kept].reset_index(drop=True),
        file=raw.file[kept],
        row=raw.row[kept],
        arrays={name: array[kept] for name, array in raw.arrays.items()},
    )


def _with_object_files(
    raw: RawSample, columns: Mapping[str, Any], folder: Path, reader: str
) -> RawSample:
    """Return a sample with the images and light curves that stand in files of their own."""
    for name, given in sections(columns).items():
        one = modality(name, raw.own)
        section = one.in_files(given, reader)
        if section is None:
            continue
        files = one.files(
            raw.frame, raw.file, raw.row, section, folder=folder, id=columns.get("id")
        )
        part = one.read(files, section, read_any_table)
        raw = _less(raw, part.kept, part.digest)
        if part.frame is not None:
            raw = replace(raw, frame=pd.concat([raw.frame, part.frame], axis=1))
        raw = replace(raw, arrays={**raw.arrays, **part.arrays})
    return raw


def _less(raw: RawSample, kept: "np.ndarray[Any, Any]", digest: str) -> RawSample:
    gone = int((~kept).sum())
    less = _taken(raw, kept) if gone else raw
    return replace(less, rows_dropped=raw.rows_dropped + gone, identity=[*raw.identity, digest])


def _read_own(
    paths: Sequence[Path],
    reader: str,
    options: Mapping[str, Any],
    names: Sequence[str],
    user_code: Iterable[str],
) -> ReadFiles:
    function = user_function(reader, [Path(p) for p in user_code])
    result = function([str(p) for p in paths], **options)
    frame, arrays = nested(result, f"the reader {reader}")
    if "file" in frame:
        file = frame["file"].astype(str).to_numpy(dtype=object)
    else:
        file = np.full(len(frame), names[0] if len(names) == 1 else "", dtype=object)
    return ReadFiles(frame, arrays, file, np.arange(len(frame)))


def _same_columns(frames: Sequence[pd.DataFrame], names: Sequence[str]) -> None:
    first = list(frames[0].columns)
    for frame, name in zip(frames[1:], names[1:], strict=True):
        if list(frame.columns) != first:
            more = [c for c in frame.columns if c not in first]
            less = [c for c in first if c not in frame.columns]
            told = "; ".join(
                f"{label}: {listed(part)}"
                for label, part in (("only in the second", more), ("only in the first", less))
                if part
            )
            raise BoxloopError(
                f"{names[0]} and {name} have different columns ({told or 'another order'}); choose "
                "files of one kind with files: in the sample, or write a reader of your own"
            )
