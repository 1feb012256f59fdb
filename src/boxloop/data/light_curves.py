"""Read light curves that stand in one file an object."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.delimited import has_header, names_by_number
from boxloop.data.formats import TABLE_READERS, read_table_file, reader_of
from boxloop.data.object_files import object_files, told
from boxloop.data.simulate import LIGHT_CURVE
from boxloop.errors import BoxloopError, listed, suggest

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEY = "columns.light_curve"
_NAMES: dict[str, str | None] = {"time": "time", "value": "value", "error": None, "band": None}


def light_curves_of(
    frame: pd.DataFrame,
    file: "NDArray[Any]",
    row: "NDArray[Any]",
    wanted: Mapping[str, Any],
    *,
    folder: Path,
    id: str | list[str] | None,
) -> tuple[pd.DataFrame, "NDArray[np.bool_]", str]:
    """Read the light curve of each row of a table.

    Parameters
    ----------
    frame, file, row
        The table, and where each row stands.
    wanted : mapping
        The study's section ``columns.light_curve``, with a path.
    folder : Path
        What its path is counted from.
    id : str, list of str or None
        The study's columns of the identifier.

    Returns
    -------
    epochs : pandas.DataFrame
        List columns ``light_curve.time`` and so on of the rows that are kept.
    kept : ndarray of bool, shape (rows,)
    digest : str
        SHA-256 of the files' contents.

    Raises
    ------
    BoxloopError
        A file is missing or broken, or lacks a column.
    """
    files = object_files(
        frame, file, row, wanted["path"], folder, id=id, key=f"{_KEY}.path",
        drop=wanted["missing"] == "drop", what="light curves",
    )  # fmt: skip
    curves: list[dict[str, Any]] = []
    for i, path in files.each():
        try:
            curves.append(read_light_curve(path, wanted))
        except BoxloopError as error:
            files.refuse(i, str(error))
        else:
            files.note(path.read_bytes())
    kept = files.kept()
    return _columns(curves), kept, files.digest.hexdigest()


def read_light_curves(
    paths: Sequence[Path],
    names: Sequence[str],
    options: Mapping[str, Any],
    wanted: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return one row a file: ``name`` (without ending), ``path``, and its epochs as lists.

    Parameters
    ----------
    paths : sequence of Path
    names : sequence of str
        Paths as they are to stand in the table.
    options : mapping
        Passed to the reader of each file.
    wanted : mapping, optional
        Which column is ``time``, ``value``, ``error``, ``band``; a number counts columns from 1.
    """
    curves = [
        read_light_curve(path, wanted or _NAMES, options)
        for path in told(paths, len(paths), "light curves")
    ]
    about = pd.DataFrame({"name": [stem_of(p) for p in paths], "path": list(names)}, dtype=object)
    return pd.concat([about, _columns(curves)], axis=1)


def read_light_curve(
    path: Path, wanted: Mapping[str, Any], options: Mapping[str, Any] | None = None
) -> dict[str, "NDArray[Any]"]:
    """Read the epochs of one file in order of time; epochs without time or value are left out.

    Returns
    -------
    dict of ndarray, shape (epochs,)
        ``time``, ``value``, and where they are named ``error`` and ``band``.

    Raises
    ------
    BoxloopError
        The file is broken, lacks a column, or one of them is not made of numbers.
    """
    options = dict(options or {})
    reader = reader_of(path)
    if reader not in TABLE_READERS:
        raise BoxloopError(f"{path}: expected a table of epochs; found {reader}")
    if reader == "csv" and "names" not in options and not has_header(path, **options):
        options["names"] = names_by_number(path, **options)
    table = read_table_file(path, reader, options)
    parts: dict[str, NDArray[Any]] = {}
    for part in LIGHT_CURVE:
        if wanted.get(part):
            values = table[_named(table, str(wanted[part]), part, path)]
            parts[part] = _texts(values) if part == "band" else _numbers(values, part, path)
    usable = np.isfinite(parts["time"]) & np.isfinite(parts["value"])
    order = np.argsort(parts["time"][usable], kind="stable")
    return {part: values[usable][order] for part, values in parts.items()}


def stem_of(path: Path) -> str:
    """Return a file's name without its ending, that of a packed file included."""
    return Path(path.name.removesuffix(".gz")).stem


def _named(table: pd.DataFrame, name: str, part: str, path: Path) -> str:
    """Return the column of a name, or of a number counted from 1."""
    known = list(table.columns)
    if name in known:
        return name
    if name.isdigit() and 1 <= int(name) <= len(known):
        return str(known[int(name) - 1])
    raise BoxloopError(
        f"{_KEY}.{part}: {path} has no column {name!r}{suggest(name, known)}; it has "
        f"{listed(known)}; name one of them, or its number, counted from 1"
    )


def _numbers(values: "pd.Series[Any]", part: str, path: Path) -> "NDArray[np.float64]":
    numbers = np.array(pd.to_numeric(values, errors="coerce"), dtype=np.float64)
    strange = np.flatnonzero(np.isnan(numbers) & values.notna().to_numpy())
    if len(strange):
        raise BoxloopError(
            f"{_KEY}.{part}: {path}: expected numbers; found {values.iloc[strange[0]]!r} in epoch "
            f"{strange[0]}"
        )
    return numbers


def _texts(values: "pd.Series[Any]") -> "NDArray[Any]":
    return np.array([None if v is None else str(v) for v in values], dtype=object)


def _columns(curves: Sequence[Mapping[str, "NDArray[Any]"]]) -> pd.DataFrame:
    parts = [part for part in LIGHT_CURVE if curves and part in curves[0]]
    return pd.DataFrame(
        {f"light_curve.{p}": pd.Series([c[p] for c in curves], dtype=object) for p in parts}
    )
