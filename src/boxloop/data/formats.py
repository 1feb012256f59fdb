"""The formats of raw files: which reader a file needs, and what it says about its columns."""

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from boxloop.data.arrow_tables import read_parquet
from boxloop.data.astropy_tables import (
    ecsv_table,
    fits_table,
    read_ecsv,
    read_fits,
    read_votable,
    votable,
)
from boxloop.data.byte_tables import DESCRIPTION, described, is_described, is_readme, read_cds
from boxloop.data.delimited import has_header, header_of, names_by_number, read_delimited
from boxloop.data.raw_text import raw_text
from boxloop.errors import BoxloopError, listed, suggest
from boxloop.store.raw_bytes import beginning, kind_of, reading, refuse_other_kind
from boxloop.study.quantities import unit_fault

#: Readers of one table file each: (path, *, text, **options) -> table.
TABLE_READERS: dict[str, Callable[..., pd.DataFrame]] = {
    "csv": read_delimited,
    "fits": read_fits,
    "parquet": read_parquet,
    "votable": read_votable,
    "ecsv": read_ecsv,
    "cds": read_cds,
}

_ENDINGS = {
    "fits": (".fits", ".fit", ".fts"),
    "parquet": (".parquet", ".pq"),
    "votable": (".vot", ".votable", ".vo.xml"),
    "ecsv": (".ecsv",),
    "cds": (".mrt",),
}


@dataclass(frozen=True)
class FileColumn:
    """What a file says about a column.

    Attributes
    ----------
    unit : str
        As astropy writes it; empty where none is known, or one that astropy does not know, which
        then stands at the end of the description.
    description : str
    """

    unit: str = ""
    description: str = ""


def reader_of(path: str | Path) -> str:
    """Return the reader for a file, by its first bytes, a ReadMe beside it, or its name.

    Raises
    ------
    BoxloopError
        There is no such file, or it is empty, broken, or may not be read.
    """
    path = Path(path)
    first = beginning(path, 1 << 16)
    kind = kind_of(first)
    if kind in (*TABLE_READERS, "images"):
        return str(kind)
    if kind is not None:
        raise BoxloopError(f"{path} is a {kind} file; unpack or convert it")
    start = first.lstrip(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"# %ECSV"):
        return "ecsv"
    if b"\n" + DESCRIPTION.lower().encode() in b"\n" + first.lower().replace(b"\r", b"\n"):
        if is_readme(path):
            raise BoxloopError(f"{path} describes tables and is none; name the tables themselves")
        return "cds"
    if is_described(path):
        return "cds"
    name = path.name.lower().removesuffix(".gz")
    return next((r for r, ends in _ENDINGS.items() if name.endswith(ends)), "csv")


def read_table_file(
    path: Path, reader: str, options: Mapping[str, Any], text: Any = ()
) -> pd.DataFrame:
    """Read one table by a built-in reader.

    Raises
    ------
    BoxloopError
        An option is unknown, the file is not what the reader reads, or has no rows.
    """
    function = TABLE_READERS[reader]
    known = [k for k in inspect.signature(function).parameters if k not in ("path", "text")]
    for key in options:
        if key not in known:
            raise BoxloopError(
                f"options of the reader {reader}: expected {listed(known) or 'none'}; found "
                f"{key!r}{suggest(key, known)}"
            )
    refuse_other_kind(path, reader)
    frame = function(path, text=text, **options)
    if frame.empty:
        raise BoxloopError(f"{path}: the table has no data ({len(frame.columns)} columns, no rows)")
    return frame


def read_any_table(path: Path, options: Mapping[str, Any], what: str) -> pd.DataFrame:
    """Read a table of some format; the columns of a text without header have numbers for names.

    Raises
    ------
    BoxloopError
        The file is no table of `what`, or broken.
    """
    options = dict(options)
    reader = reader_of(path)
    if reader not in TABLE_READERS:
        raise BoxloopError(f"{path}: expected a table of {what}; found {reader}")
    if reader == "csv" and "names" not in options and not has_header(path, **options):
        options["names"] = names_by_number(path, **options)
    return read_table_file(path, reader, options)


def read_columns(
    path: str | Path, reader: str | None = None, options: Mapping[str, Any] | None = None
) -> dict[str, FileColumn]:
    """Return the columns of a file in its order, with unit and description where it has them.

    Parameters
    ----------
    path : path
    reader : str, optional
        A built-in reader of tables; found by `reader_of` where not given.
    options : mapping, optional
        Of the reader.
    """
    path, options = Path(path), dict(options or {})
    reader = reader or reader_of(path)
    refuse_other_kind(path, reader)
    if reader == "csv":
        return {n: FileColumn() for n in header_of(raw_text(path), **options).names}
    if reader == "cds":
        found, _ = described(path, **options)
        return {c.name: _known(c.unit, c.description) for c in found}
    if reader == "parquet":
        return _of_parquet(path)
    if reader == "fits":
        return _of_fits(path, **options)
    if reader in ("votable", "ecsv"):
        table = votable(path, **options) if reader == "votable" else ecsv_table(path)
        return {
            str(n): _known(str(getattr(table[n], "unit", None) or ""), table[n].info.description)
            for n in table.colnames
        }
    raise BoxloopError(f"reader: expected {listed(TABLE_READERS)}; found {reader!r}")


def _of_fits(path: Path, hdu: int | str | None = None) -> dict[str, FileColumn]:
    from astropy.io import fits

    table = fits_table(path, hdu)
    with reading(path, "FITS"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        header = fits.getheader(path, table.meta["hdu"])
    columns = {}
    for i, name in enumerate(table.colnames, 1):
        comment = header.comments[f"TTYPE{i}"] if f"TTYPE{i}" in header else ""
        said = "" if comment.lower().startswith("label for") else comment
        columns[str(name)] = _known(str(header.get(f"TUNIT{i}", "")), header.get(f"TCOMM{i}", said))
    return columns


def _of_parquet(path: Path) -> dict[str, FileColumn]:
    import pyarrow.parquet as pq

    with reading(path, "Parquet"):
        schema = pq.read_schema(path)
    columns = {}
    for field in schema:
        said = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
        columns[field.name] = _known(said.get("unit", ""), said.get("description", ""))
    return columns


def _known(unit: str, description: str | None) -> FileColumn:
    unit, description = unit.strip(), str(description or "").strip()
    if unit and unit_fault(unit) is not None:
        return FileColumn("", f"{description} [{unit}]".strip())
    return FileColumn(unit, description)
