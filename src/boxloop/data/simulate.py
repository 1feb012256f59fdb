"""Call a simulator and keep what it made."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.modalities.registry import modality
from boxloop.store import Column, Table
from boxloop.study.code import code_hash, user_function
from boxloop.study.seeds import integer_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
        made = modality(key).given(value, len(frame), who)
        if isinstance(made, pd.DataFrame):
            frame = pd.concat([frame, made], axis=1)
        else:
            rest[key] = made
    return frame, rest


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
