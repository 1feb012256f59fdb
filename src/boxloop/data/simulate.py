"""Call a simulator and keep what it made."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.store import Column, Table
from boxloop.study.code import code_hash, user_function
from boxloop.study.seeds import integer_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Columns of a light curve, the first two always there.
LIGHT_CURVE = ("time", "value", "error", "band")


def simulate_sample(
    sample: Mapping[str, Any], name: str, *, seed: int, user_code: Sequence[str] = ()
) -> Table:
    """Simulate a sample.

    Parameters
    ----------
    sample : mapping
        ``simulator`` (module:function), ``n`` and ``parameters`` of the study's sample.
    name : str
        The sample's name: each sample has its own random stream.
    seed : int
        The study's seed.
    user_code : sequence of str
        Paths of the study's own modules.

    Returns
    -------
    Table
        What the simulator returned, all columns with the role ``keep``; light curves as list
        columns ``light_curve.time`` and so on.

    Raises
    ------
    BoxloopError
        The simulator did not return a table and its arrays.
    """
    function = user_function(sample["simulator"], [Path(p) for p in user_code])
    stream = integer_seed(seed, "simulate", name)
    frame, arrays = nested(
        function(sample["n"], seed=stream, **sample["parameters"]),
        f"the simulator {sample['simulator']}",
    )
    return Table(frame, {c: Column("keep") for c in frame.columns}, "simulated", arrays)


def nested(result: Any, who: str) -> "tuple[pd.DataFrame, dict[str, NDArray[Any]]]":
    """Check a table, or (table, arrays); turn a long light-curve table into list columns."""
    table, arrays = result if isinstance(result, tuple) and len(result) == 2 else (result, {})
    frame = table.frame if isinstance(table, Table) else table
    if not isinstance(frame, pd.DataFrame) or not isinstance(arrays, Mapping):
        raise BoxloopError(
            f"{who}: expected a pandas.DataFrame, or a pair of it and a dict of arrays; found "
            f"{type(result).__name__}"
        )
    if frame.empty:
        raise BoxloopError(f"{who}: the table has no rows")
    frame = frame.reset_index(drop=True)
    frame.columns = frame.columns.astype(str).astype(object)
    rest: dict[str, NDArray[Any]] = {}
    for key, value in {**(table.arrays if isinstance(table, Table) else {}), **arrays}.items():
        if key == "light_curve":
            frame = pd.concat([frame, light_curve_columns(value, len(frame), who)], axis=1)
        elif len(value) != len(frame):
            raise BoxloopError(
                f"{who}: the array {key!r} has {len(value)} rows and the table {len(frame)}"
            )
        else:
            rest[key] = np.asarray(value)
    return frame, rest


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


def simulation_identity(
    sample: Mapping[str, Any], name: str, seed: int, user_code: Sequence[str]
) -> list[str]:
    """Return what a simulated sample is known by: its code, size, parameters and seed."""
    function = user_function(sample["simulator"], [Path(p) for p in user_code])
    module = sample["simulator"].partition(":")[0]
    own = [Path(p) for p in user_code if Path(p).stem == module]
    code = getattr(function, "__code__", None)
    files = own or ([Path(code.co_filename)] if code else [])
    what = (code_hash(files), sample["n"], sorted(sample["parameters"].items()), seed, name)
    return [sample["simulator"], *map(repr, what)]
