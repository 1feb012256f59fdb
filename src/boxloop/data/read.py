"""Read the raw data of a sample into one table: built-in readers, or the study's own."""

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from boxloop import store
from boxloop.data.delimited import from_arrow, read_delimited
from boxloop.data.simulate import nested, simulation_identity
from boxloop.errors import BoxloopError, listed
from boxloop.study.code import user_function


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
        ``survey``, ``licence``, ``cite``, where they are known.
    """

    name: str
    frame: pd.DataFrame
    file: "np.ndarray[Any, Any]"
    row: "np.ndarray[Any, Any]"
    provenance: str
    origin: str
    duplicates: str = "drop"
    files: list[dict[str, Any]] = field(default_factory=list)
    identity: list[str] = field(default_factory=list)
    arrays: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def read_sample(
    name: str,
    sample: Mapping[str, Any],
    raw: str | Path,
    *,
    source: Mapping[str, Any] | None = None,
    text: Sequence[str] = (),
    seed: int = 0,
    user_code: Sequence[str] = (),
) -> RawSample:
    """Read a sample.

    Parameters
    ----------
    name : str
    sample : mapping
        The study's section ``samples.<name>``.
    raw : path
        The manifest of a source, the table of a simulation, or the user's own file.
    source : mapping, optional
        ``reader``, ``options``, ``survey``, ``licence``, ``cite`` of the source.
    text : sequence of str
        Columns to be read as text, such as identifiers.
    seed : int
        The study's seed, for the identity of a simulation.
    user_code : sequence of str
        Paths of the study's own modules.

    Raises
    ------
    BoxloopError
        A file is missing or not the file it was, or cannot be read.
    """
    raw = Path(raw)
    common = {"provenance": sample["provenance"], "duplicates": sample["duplicates"]}
    if sample["simulator"]:
        table = store.read_table(raw, raw.parent / "arrays")
        rows = np.arange(len(table))
        file = np.full(len(table), name, dtype=object)
        identity = simulation_identity(sample, name, seed, user_code)
        return RawSample(
            name, table.frame, file, rows, origin=sample["simulator"], identity=identity,
            arrays=dict(table.arrays), **common,
        )  # fmt: skip
    if sample["source"]:
        files, origin = files_of_source(raw, sample["files"]), sample["source"]
        paths = [raw.parent / f["path"] for f in files]
    else:
        paths, origin = [raw], sample["path"]
        files = [_own_file(raw, sample)]
    source = source or {}
    reader = sample["reader"] or source.get("reader") or _reader_by_name(raw)
    options = {**(source.get("options") or {}), **sample["options"]}
    frame, arrays, file, row = read_files(
        paths, reader, options, names=[f["path"] for f in files], text=text, user_code=user_code
    )
    facts = {k: source[k] for k in ("survey", "licence", "cite") if source.get(k)}
    return RawSample(
        name, frame, file, row, origin=origin, files=files,
        identity=[f["sha256"] for f in files], arrays=arrays, facts=facts, **common,
    )  # fmt: skip


def files_of_source(manifest: Path, pattern: str = "*") -> list[dict[str, Any]]:
    """Return the files of a manifest whose path fits a shell pattern, checked against it."""
    known = store.read_json(manifest)["files"]
    chosen = [f for f in known if fnmatch.fnmatchcase(f["path"], pattern)]
    if not chosen:
        raise BoxloopError(
            f"{manifest.parent.name}: no file fits {pattern!r}; the source has "
            f"{listed(f['path'] for f in known)}"
        )
    for file in chosen:
        path = manifest.parent / file["path"]
        if not path.is_file() or store.sha256(path) != file["sha256"]:
            state = "is not the file that was fetched" if path.is_file() else "is missing"
            raise BoxloopError(
                f"{path} {state}; raw data are never edited: delete {manifest} and run again"
            )
    return [{k: f[k] for k in ("path", "bytes", "sha256")} for f in chosen]


def read_files(
    paths: Sequence[Path],
    reader: str,
    options: Mapping[str, Any],
    *,
    names: Sequence[str] | None = None,
    text: Sequence[str] = (),
    user_code: Iterable[str] = (),
) -> tuple[pd.DataFrame, dict[str, Any], Any, Any]:
    """Read files and pool their rows.

    Returns
    -------
    frame : pandas.DataFrame
    arrays : dict
        Empty but for a reader of one's own that returns (table, arrays).
    file, row : ndarray
        File of each row and the row's number in it. A reader of one's own may say the file itself,
        in a column ``file``.

    Raises
    ------
    BoxloopError
        Unknown reader or options, files with different columns, or no rows.
    """
    names = list(names or [p.name for p in paths])
    if ":" in reader:
        return _read_own(paths, reader, options, names, user_code)
    if reader not in READERS:
        raise BoxloopError(
            f"reader: expected {listed(READERS)} or module:function; found {reader!r}"
        )
    frames = []
    for path in paths:
        try:
            frames.append(READERS[reader](path, text=text, **options))
        except TypeError as error:
            if "keyword argument" not in str(error):
                raise
            raise BoxloopError(f"options of the reader {reader}: {error}") from None
    _same_columns(frames, names)
    sizes = [len(f) for f in frames]
    file = np.repeat(np.asarray(names, dtype=object), sizes)
    row = np.concatenate([np.arange(n) for n in sizes])
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    return frame.reset_index(drop=True), {}, file, row


def read_fits(path: Path, *, text: Sequence[str] = (), hdu: int | str = 1) -> pd.DataFrame:
    """Read a table of a FITS file; bytes in native order, masked values as NaN."""
    from astropy.table import Table as AstropyTable

    try:
        table = AstropyTable.read(path, format="fits", hdu=hdu, unit_parse_strict="silent")
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise BoxloopError(f"{path}: hdu {hdu!r} cannot be read as a FITS table: {error}") from None
    columns: dict[str, Any] = {}
    for name in table.colnames:
        column = np.ma.asarray(table[name])
        mask = np.ma.getmaskarray(column)
        values = column.data
        if values.ndim > 1:
            columns[name] = list(values.astype(values.dtype.newbyteorder("=")))
        elif values.dtype.kind in "SU":
            decoded = np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values
            columns[name] = _blanked(np.char.strip(decoded), mask)
        elif values.dtype.kind == "O":
            columns[name] = [np.asarray(v) for v in values]
        else:
            native = values.astype(values.dtype.newbyteorder("="))
            if mask.any() and name in text and native.dtype.kind != "f":
                native = _blanked(native.astype(str), mask)
            elif mask.any() and native.dtype.kind == "f":
                native = np.where(mask, native.dtype.type(np.nan), native)
            elif mask.any():
                native = np.where(mask, np.nan, native.astype(np.float64))
            columns[name] = native
    return pd.DataFrame(columns)


def read_parquet(path: Path, *, text: Sequence[str] = ()) -> pd.DataFrame:
    """Read a Parquet file; floating-point numbers stay numbers, also where text is asked for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        content = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise BoxloopError(f"{path}: cannot be read as Parquet: {error}") from None
    for i, name in enumerate(content.column_names):
        # As text, a number that was rounded could not be told from one that was not.
        if name in text and not pa.types.is_floating(content.column(i).type):
            content = content.set_column(i, name, content.column(i).cast(pa.string()))
    return from_arrow(content)


def _blanked(text: "np.ndarray[Any, Any]", mask: "np.ndarray[Any, Any]") -> Any:
    blanked = text.astype(object)
    blanked[mask] = None
    return blanked


READERS: dict[str, Callable[..., pd.DataFrame]] = {
    "csv": read_delimited,
    "fits": read_fits,
    "parquet": read_parquet,
}


def _reader_by_name(path: Path) -> str:
    stem = path.name.lower().removesuffix(".gz")
    endings = {"fits": (".fits", ".fit"), "parquet": (".parquet", ".pq")}
    return next((r for r, ends in endings.items() if stem.endswith(ends)), "csv")


def _own_file(path: Path, sample: Mapping[str, Any]) -> dict[str, Any]:
    if not path.is_file():
        raise BoxloopError(f"there is no file {path}; correct path: of the sample")
    found = store.sha256(path)
    if found != sample["sha256"]:
        raise BoxloopError(
            f"{path} is not the file of the study: expected sha256 {sample['sha256']}, found "
            f"{found}; restore the file, or write the new checksum into the study"
        )
    return {"path": str(sample["path"]), "bytes": path.stat().st_size, "sha256": found}


def _read_own(
    paths: Sequence[Path],
    reader: str,
    options: Mapping[str, Any],
    names: Sequence[str],
    user_code: Iterable[str],
) -> tuple[pd.DataFrame, dict[str, Any], Any, Any]:
    function = user_function(reader, [Path(p) for p in user_code])
    result = function([str(p) for p in paths], **options)
    frame, arrays = nested(result, f"the reader {reader}")
    if "file" in frame:
        file = frame["file"].astype(str).to_numpy(dtype=object)
    else:
        file = np.full(len(frame), names[0] if len(names) == 1 else "", dtype=object)
    return frame, arrays, file, np.arange(len(frame))


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
