"""Read FITS tables, VOTables and ECSV through astropy, without its roundings."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.arrow_tables import EXACT
from boxloop.data.raw_text import raw_text
from boxloop.errors import BoxloopError
from boxloop.store.raw_bytes import opened, reading

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read_fits(
    path: Path, *, text: Sequence[str] = (), hdu: int | str | None = None
) -> pd.DataFrame:
    """Read a table of a FITS file: `hdu` by number or name, else the first table in it."""
    return _frame(fits_table(path, hdu), text)


def read_votable(path: Path, *, text: Sequence[str] = (), table: int = 0) -> pd.DataFrame:
    """Read a table of a VOTable file, the first where none is named (from 0)."""
    return _frame(votable(path, table), text)


def read_ecsv(path: Path, *, text: Sequence[str] = ()) -> pd.DataFrame:
    """Read an ECSV file; times and positions as the plain columns that the file has."""
    return _frame(ecsv_table(path), text)


def fits_table(path: Path, hdu: int | str | None = None) -> Any:
    """Return a table of a FITS file as an astropy table.

    Raises
    ------
    BoxloopError
        There is no such table, or the file is broken or cut off.
    """
    from astropy.io import fits
    from astropy.table import Table

    with reading(path, "FITS"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message=".*truncated.*")
        with fits.open(path, memmap=True) as content:
            tables = [
                i for i, h in enumerate(content) if isinstance(h, fits.BinTableHDU | fits.TableHDU)
            ]
            if not tables:
                raise BoxloopError(f"{path}: the FITS file has no table, only images")
            chosen = tables[0] if hdu is None else _hdu(content, hdu)
            if chosen not in tables:
                raise BoxloopError(
                    f"{path}: hdu {hdu!r} cannot be read as a FITS table; tables are the hdus "
                    f"{tables}"
                )
            found = Table.read(content[chosen], unit_parse_strict="silent", mask_invalid=True)
            found.meta["hdu"] = chosen
            return found.copy()


def votable(path: Path, table: int = 0) -> Any:
    """Return a table of a VOTable file as an astropy table."""
    from astropy.io.votable import parse

    with reading(path, "VOTable"), warnings.catch_warnings(), opened(path) as stream:
        warnings.simplefilter("ignore")
        content = list(parse(stream, verify="ignore").iter_tables())
        if not 0 <= table < len(content):
            raise BoxloopError(f"{path}: the file has {len(content)} tables; found table: {table}")
        return content[table].to_table(use_names_over_ids=True)


def ecsv_table(path: Path) -> Any:
    """Return an ECSV file as an astropy table."""
    from astropy.table import Table
    from astropy.table.serialize import represent_mixins_as_columns

    with reading(path, "ECSV"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with raw_text(path).lines() as stream:
            lines = stream.read().splitlines()
        content = Table.read(lines, format="ascii.ecsv")
        return represent_mixins_as_columns(content)


def _hdu(content: Any, hdu: int | str) -> int:
    try:
        return int(content.index_of(hdu)) % len(content)
    except (KeyError, IndexError):
        return -1


def _frame(table: Any, text: Sequence[str]) -> pd.DataFrame:
    columns = {}
    for name in table.colnames:
        column = table[name]
        values = np.ma.asarray(
            getattr(column, "value", column) if hasattr(column, "unit") else column
        )
        columns[str(name)] = _values(values, keep=name in text)
    return pd.DataFrame(columns, copy=False)


def _values(column: Any, *, keep: bool) -> Any:
    """Return a column in native byte order; what is masked is NaN, None in text."""
    mask, values = np.ma.getmaskarray(column), column.data
    kind = values.dtype.kind
    if kind == "O":
        return _objects(values, mask)
    if kind in "SU":
        words = np.char.strip(_decoded(values))
        return _blanked(words, mask | (words == ""))
    native = values.astype(values.dtype.newbyteorder("="))
    if native.ndim > 1:
        if kind in "iu" and mask.any():
            native = native.astype(np.float64)
        if native.dtype.kind in "fc":
            native[mask] = np.nan
        return pd.Series(list(native), dtype=object)
    if not mask.any():
        return native
    if kind == "f":
        return np.where(mask, native.dtype.type(np.nan), native)
    if kind in "iu" and not keep and _largest(native[~mask]) <= EXACT:
        return np.where(mask, np.nan, native.astype(np.float64))
    return _blanked(native.astype(str) if kind in "iu" else native, mask)


def _decoded(values: "NDArray[Any]") -> "NDArray[Any]":
    if values.dtype.kind == "U":
        return values
    try:
        return np.char.decode(values, "utf-8")
    except UnicodeDecodeError:
        return np.char.decode(values, "latin-1")


def _objects(values: "NDArray[Any]", mask: "NDArray[Any]") -> "pd.Series[Any]":
    """Return text or arrays of differing length, None where there is none."""
    gone: NDArray[Any] = np.all(mask.reshape(len(values), -1), axis=1)
    result: list[Any] = []
    for value, missing in zip(values, gone, strict=True):
        if missing or value is None:
            result.append(None)
        elif isinstance(value, str | bytes):
            word = value.decode("latin-1") if isinstance(value, bytes) else value
            result.append(word.strip() or None)
        else:
            result.append(np.asarray(value))
    return pd.Series(result, dtype=object)


def _blanked(text: "NDArray[Any]", mask: "NDArray[Any]") -> "pd.Series[Any]":
    blanked = text.astype(object)
    blanked[mask] = None
    return pd.Series(blanked, dtype=object, copy=False)


def _largest(values: "NDArray[Any]") -> int:
    return max(-int(values.min()), int(values.max())) if len(values) else 0
