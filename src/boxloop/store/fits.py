"""Write a plain Parquet table as a FITS binary table, part by part."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from boxloop.store.files import writing

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: FITS files come in blocks of so many bytes.
BLOCK = 2880
#: Characters of a column's name; a line of a header leaves room for a number behind it.
LONGEST = 60


def write_fits(
    parquet: str | Path,
    path: str | Path,
    *,
    name: str = "PREDICTIONS",
    units: Mapping[str, str] | None = None,
    header: Mapping[str, tuple[Any, str]] | None = None,
    rows: int = 65_536,
) -> None:
    """Copy a Parquet file of numbers and text into the first extension of a FITS file.

    Parameters
    ----------
    parquet, path : paths of the file that is read and the one that is written
    name : str
        Name of the extension.
    units : mapping of str to str, optional
        Unit of each column that has one.
    header : mapping of str to (value, comment), optional
        Further keywords of the extension.
    rows : int
        Rows held in memory at a time.

    Notes
    -----
    FITS text is ASCII: other characters become question marks, in values, names of columns and
    units alike. Long names are cut, and one that then repeats another gets a number. Missing
    numbers are NaN.
    """
    from astropy.io import fits

    file = pq.ParquetFile(parquet)
    names = _names(file.schema_arrow.names)
    kinds = [_kind(file, f, rows) for f in file.schema_arrow]
    dtype = np.dtype(list(zip(names, kinds, strict=True)))
    table = fits.BinTableHDU(np.zeros(0, dtype), name=name)
    table.header["NAXIS2"] = file.metadata.num_rows
    for i, column in enumerate(file.schema_arrow.names, start=1):
        if (units or {}).get(column):
            table.header.set(f"TUNIT{i}", _ascii((units or {})[column]), after=f"TFORM{i}")
    for key, (value, comment) in (header or {}).items():
        table.header[key] = (value, comment)
    with writing(path) as beside, beside.open("wb") as stream:
        stream.write(fits.PrimaryHDU().header.tostring().encode("ascii"))
        stream.write(table.header.tostring().encode("ascii"))
        size = sum(stream.write(part.tobytes()) for part in _parts(file, dtype, rows))
        stream.write(b"\0" * (-size % BLOCK))


def _ascii(text: str) -> str:
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)


def _cut(text: str) -> str:
    """Cut text to what one line of a header holds, where a quote counts twice."""
    while len(text) + text.count("'") > LONGEST:
        text = text[:-1]
    return text


def _names(columns: Iterable[str]) -> list[str]:
    """Return names that a FITS header can hold; no two are equal in small letters."""
    names: list[str] = []
    taken: set[str] = set()
    for column in (_cut(_ascii(c)) for c in columns):
        name, n = column, 2
        while name.lower() in taken:
            name, n = f"{column}_{n}", n + 1
        names.append(name)
        taken.add(name.lower())
    return names


def _kind(file: pq.ParquetFile, field: pa.Field, rows: int) -> str:
    """Return the numpy type, big-endian as FITS wants it; text as wide as its longest value."""
    if pa.types.is_floating(field.type):
        return ">f8"
    if pa.types.is_integer(field.type):
        return ">i8" if field.type.bit_width > 32 else ">i4"
    widest = 1
    for batch in file.iter_batches(batch_size=rows, columns=[field.name]):
        longest = pc.max(pc.utf8_length(batch.column(0))).as_py()
        widest = max(widest, longest or 0)
    return f"S{widest}"


def _parts(file: pq.ParquetFile, dtype: "np.dtype[Any]", rows: int) -> "Iterator[NDArray[Any]]":
    for batch in file.iter_batches(batch_size=rows):
        part = np.zeros(batch.num_rows, dtype)
        frame = batch.to_pandas()
        for name, column in zip(dtype.names or (), frame, strict=True):
            part[name] = _values(frame[column], dtype[name])
        yield part


def _values(column: "pd.Series[Any]", dtype: "np.dtype[Any]") -> "NDArray[Any]":
    if dtype.kind == "S":
        text = column.astype(object).where(column.notna(), "")
        return np.array([str(v).encode("ascii", "replace") for v in text], dtype=dtype)
    return column.to_numpy()
