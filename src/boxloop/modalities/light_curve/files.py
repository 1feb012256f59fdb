"""Read light curves that stand in one file an object."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.modalities.modality import Part, TableReader
from boxloop.modalities.object_files import stem_of, told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.modalities.object_files import ObjectFiles

#: Columns of a light curve, the first two always there.
LIGHT_CURVE = ("time", "value", "error", "band")
_KEY = "columns.light_curve"
_NAMES: dict[str, str | None] = {"time": "time", "value": "value", "error": None, "band": None}


def light_curves_of(files: "ObjectFiles", wanted: Mapping[str, Any], table_of: TableReader) -> Part:
    """Read the light curve of each row of a table.

    Parameters
    ----------
    files : ObjectFiles
    wanted : mapping
        The study's section ``columns.light_curve``, with a path.
    table_of : callable
        Reads a table whatever its format.

    Returns
    -------
    Part
        List columns ``light_curve.time`` and so on.

    Raises
    ------
    BoxloopError
        A file is missing or broken, or lacks a column.
    """
    curves: list[dict[str, Any]] = []
    for i, path in files.each():
        try:
            curves.append(read_light_curve(path, wanted, table_of))
        except BoxloopError as error:
            files.refuse(i, str(error))
        else:
            files.note(path.read_bytes())
    return Part(files.kept(), files.digest.hexdigest(), _columns(curves))


def read_light_curves(
    paths: Sequence[Path],
    names: Sequence[str],
    options: Mapping[str, Any],
    wanted: Mapping[str, Any] | None,
    table_of: TableReader,
) -> pd.DataFrame:
    """Return one row a file: ``name`` (without ending), ``path``, and its epochs as lists.

    Parameters
    ----------
    paths : sequence of Path
    names : sequence of str
        Paths as they are to stand in the table.
    options : mapping
        Passed to the reader of each file.
    wanted : mapping or None
        Which column is ``time``, ``value``, ``error``, ``band``; a number counts columns from 1.
    table_of : callable
        Reads a table whatever its format.
    """
    curves = [
        read_light_curve(path, wanted or _NAMES, table_of, options)
        for path in told(paths, len(paths), "light curves")
    ]
    about = pd.DataFrame({"name": [stem_of(p) for p in paths], "path": list(names)}, dtype=object)
    return pd.concat([about, _columns(curves)], axis=1)


def light_curve_columns(long: pd.DataFrame, rows: int, who: str) -> pd.DataFrame:
    """Turn one row an epoch into one row an object, its epochs in order of time.

    Parameters
    ----------
    long : pandas.DataFrame
        ``row`` (number of the object's row in the table), ``time``, ``value``, and where known
        ``error`` and ``band``.
    rows : int
        Number of objects; one without any epoch gets empty lists.
    """
    missing = [c for c in ("row", *LIGHT_CURVE[:2]) if c not in long]
    if missing:
        raise BoxloopError(f"{who}: the light curves have no column {missing[0]!r}")
    row = long["row"].to_numpy()
    if len(row) and (row.min() < 0 or row.max() >= rows):
        raise BoxloopError(
            f"{who}: light curves belong to rows 0 to {rows - 1} of the table; found "
            f"{row.min()} to {row.max()}"
        )
    order = np.lexsort((long["time"].to_numpy(), row))
    ends = np.cumsum(np.bincount(row.astype(np.int64), minlength=rows))[:-1]
    columns: dict[str, pd.Series[Any]] = {}
    for name in LIGHT_CURVE:
        if name in long:
            kind: Any = object if name == "band" else np.float64
            values = long[name].to_numpy(dtype=kind)[order]
            parts = np.split(values, ends)
            columns[f"light_curve.{name}"] = pd.Series(parts, dtype=object)
    return pd.DataFrame(columns)


def read_light_curve(
    path: Path,
    wanted: Mapping[str, Any],
    table_of: TableReader,
    options: Mapping[str, Any] | None = None,
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
    table = table_of(path, options or {}, "epochs")
    parts: dict[str, NDArray[Any]] = {}
    for part in LIGHT_CURVE:
        if wanted.get(part):
            values = table[_named(table, str(wanted[part]), part, path)]
            parts[part] = _texts(values) if part == "band" else _numbers(values, part, path)
    usable = np.isfinite(parts["time"]) & np.isfinite(parts["value"])
    order = np.argsort(parts["time"][usable], kind="stable")
    return {part: values[usable][order] for part, values in parts.items()}


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
