"""Tables that know what their columns mean, as Parquet with roles, units and descriptions."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.store.files import writing

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEY = b"boxloop"


@dataclass(frozen=True)
class Column:
    """What a column is.

    Attributes
    ----------
    role : str
        id, sample, file, sky, feature, derived, error, feature_error, state, limit, target,
        target_error, group, time, keep, prediction (somebody else's), or a modality.
    unit : str
        As astropy writes it; empty for a dimensionless number or text.
    description : str
    made_by : str
        Of a derived column, the key of `columns.derived` that made it.
    """

    role: str
    unit: str = ""
    description: str = ""
    made_by: str = ""


@dataclass(frozen=True)
class Table:
    """Objects in rows.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row an object, with a default index.
    columns : mapping of str to Column
        What each column of the frame is.
    provenance : str
        real, simulated or mixed.
    arrays : mapping of str to ndarray
        Arrays whose first axis runs over the rows, for example ``image`` with the shape
        (rows, height, width, channels). May be memory maps.
    own : mapping of str to mapping
        The class, ``modality``, the ``options`` and the ``code`` of what is of a kind of the
        study's own.
    """

    frame: pd.DataFrame
    columns: Mapping[str, Column]
    provenance: str = "real"
    arrays: Mapping[str, "NDArray[Any]"] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    def of_role(self, *roles: str) -> list[str]:
        """Return the names of the columns that have one of the roles, in table order."""
        return [
            n for n in self.frame.columns if n in self.columns and self.columns[n].role in roles
        ]

    def named(self, role: str) -> str | None:
        """Return the name of the one column of a role, or None.

        Raises
        ------
        ValueError
            Several columns have the role: `of_role` returns them.
        """
        names = self.of_role(role)
        if len(names) > 1:
            raise ValueError(f"{len(names)} columns have the role {role}: {listed(names)}")
        return names[0] if names else None

    @property
    def id_name(self) -> str:
        """Name of the column of identifiers."""
        return self.named("id") or "id"

    @property
    def ids(self) -> "NDArray[Any]":
        """Identifiers of the objects, (n,)."""
        return self.column(self.id_name)

    def take(self, rows: "NDArray[Any]") -> "Table":
        """Return the rows of a mask or an index array, arrays included."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        frame = self.frame.iloc[rows].reset_index(drop=True)
        return replace(self, frame=frame, arrays={k: a[rows] for k, a in self.arrays.items()})

    def column(self, name: str) -> "NDArray[Any]":
        """Return a column as an array; the error for an unknown one names the nearest."""
        if name not in self.frame:
            raise BoxloopError(
                f"there is no column {name!r}; the table has {listed(self.frame.columns)}"
                f"{suggest(name, self.frame.columns)}"
            )
        return self.frame[name].to_numpy()


def write_table(table: Table, path: str | Path, arrays: str | Path | None = None) -> None:
    """Write a table as Parquet, and its arrays as ``<name>.npy`` into a folder.

    Raises
    ------
    ValueError
        A column has no description of its role, or arrays are given and no folder for them.
    """
    missing = [n for n in table.frame.columns if n not in table.columns]
    if missing:
        raise ValueError(f"columns without a role: {missing}")
    if table.arrays and arrays is None:
        raise ValueError("the table has arrays; say where they go")
    content = pa.Table.from_pandas(table.frame, preserve_index=False)
    metadata: dict[str, Any] = {
        "provenance": table.provenance,
        "columns": {n: asdict(table.columns[n]) for n in table.frame.columns},
    }
    if table.own:
        metadata["own"] = table.own
    content = content.replace_schema_metadata(
        {**(content.schema.metadata or {}), _KEY: json.dumps(metadata).encode()}
    )
    if arrays is not None:
        with writing(arrays) as folder:
            folder.mkdir()
            for name, array in table.arrays.items():
                np.save(folder / f"{name}.npy", np.asarray(array), allow_pickle=False)
    with writing(path) as beside:
        pq.write_table(content, beside, compression="zstd")


def read_table(
    path: str | Path,
    arrays: str | Path | None = None,
    columns: Sequence[str] | None = None,
) -> Table:
    """Read a table; arrays come as memory maps.

    Parameters
    ----------
    path : path of the Parquet file
    arrays : path of the folder of arrays, optional
    columns : names of the columns wanted, optional; others are not read from disk
    """
    file = pq.ParquetFile(path)
    frame = _frame(file.read(columns=list(columns) if columns is not None else None))
    return _table(frame, file.schema_arrow.metadata, _maps(arrays))


def read_parts(paths: Sequence[str | Path], arrays: Sequence[str | Path] = ()) -> Iterator[Table]:
    """Yield the tables of several files in batches, one file after the other.

    Parameters
    ----------
    paths : paths of Parquet files
    arrays : paths of their folders of arrays, as many or none
    """
    for i, path in enumerate(paths):
        yield from read_batches(path, arrays[i] if arrays else None)


def count_rows(paths: Sequence[str | Path]) -> int:
    """Return how many rows some Parquet files have, without reading them."""
    return sum(pq.read_metadata(path).num_rows for path in paths)


def joined(tables: Iterable[Table]) -> Table:
    """Put tables of the same columns below each other.

    Raises
    ------
    ValueError
        There is none.
    """
    every = list(tables)
    if not every:
        raise ValueError("no tables to join")
    frame = pd.concat([t.frame for t in every], ignore_index=True)
    arrays = {k: np.concatenate([t.arrays[k] for t in every]) for k in every[0].arrays}
    return replace(every[0], frame=frame, arrays=arrays)


def read_batches(
    path: str | Path, arrays: str | Path | None = None, rows: int = 65_536
) -> Iterator[Table]:
    """Yield a table in consecutive parts of at most `rows` rows; memory does not grow with it."""
    file = pq.ParquetFile(path)
    maps = _maps(arrays)
    start = 0
    for batch in file.iter_batches(batch_size=rows):
        frame = _frame(pa.Table.from_batches([batch]))
        part = {name: array[start : start + len(frame)] for name, array in maps.items()}
        yield _table(frame, file.schema_arrow.metadata, part)
        start += len(frame)


def read_frame(path: str | Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a plain Parquet file (predictions, folds, trials)."""
    return _frame(pq.read_table(path, columns=list(columns) if columns is not None else None))


def write_frame(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a plain Parquet file without an index."""
    with writing(path) as beside:
        pq.write_table(
            pa.Table.from_pandas(frame, preserve_index=False), beside, compression="zstd"
        )


def _frame(content: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = content.to_pandas(ignore_metadata=True)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.StringDtype):
            frame[name] = frame[name].astype(object)
    return frame


def _table(frame: pd.DataFrame, metadata: Any, arrays: Mapping[str, Any]) -> Table:
    known = json.loads((metadata or {}).get(_KEY, b"{}"))
    columns = {n: Column(**c) for n, c in known.get("columns", {}).items() if n in frame}
    return Table(frame, columns, known.get("provenance", "real"), arrays, known.get("own", {}))


def _maps(folder: str | Path | None) -> dict[str, "NDArray[Any]"]:
    if folder is None:
        return {}
    return {
        p.stem: np.load(p, mmap_mode="r", allow_pickle=False)
        for p in sorted(Path(folder).glob("*.npy"))
    }
