"""Write predictions part by part, so that memory does not grow with a catalogue."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from boxloop.store.files import writing
from boxloop.store.table import read_frame


def write_stream(
    frames: Iterable[pd.DataFrame], path: str | Path, about: dict[str, Any] | None = None
) -> int:
    """Write tables of equal columns one after the other into one Parquet file.

    Parameters
    ----------
    frames : iterable of pandas.DataFrame
        At least one, which may be empty; the first decides the types.
    path : path of the file
    about : dict, optional
        Plain data for the schema metadata under ``boxloop``.

    Returns
    -------
    int
        Number of rows written.

    Raises
    ------
    ValueError
        There is no table, hence nothing to know the columns from.
    """
    rows = 0
    writer: pq.ParquetWriter | None = None
    with writing(path) as beside:
        try:
            for frame in frames:
                if writer is None:
                    schema = _schema(frame, about or {})
                    writer = pq.ParquetWriter(beside, schema, compression="zstd")
                writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))
                rows += len(frame)
        finally:
            if writer is not None:
                writer.close()
        if writer is None:
            raise ValueError("no tables to write")
    return rows


@dataclass(frozen=True)
class Frames:
    """Some columns of Parquet files, a file at a time, as often as is asked."""

    paths: Sequence[str | Path]
    columns: Sequence[str]

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return (read_frame(path, self.columns) for path in self.paths)


def concatenate(paths: Sequence[str | Path], path: str | Path) -> None:
    """Put Parquet files of equal columns one after the other; of a single one make a link.

    Parameters
    ----------
    paths : paths of the files, at least one, in their order; the first decides the types
    path : path of the whole
    """
    if len(paths) == 1:
        with writing(path) as beside:
            try:
                os.link(paths[0], beside)
            except OSError:  # a file system without links
                shutil.copyfile(paths[0], beside)
        return
    schema = pq.read_schema(paths[0])
    with writing(path) as beside, pq.ParquetWriter(beside, schema, compression="zstd") as writer:
        for one in paths:
            for batch in pq.ParquetFile(one).iter_batches():
                if batch.num_rows:
                    writer.write_batch(batch.cast(schema))


def _schema(frame: pd.DataFrame, about: dict[str, Any]) -> pa.Schema:
    """Return the types of a table; a column of objects without a value is text."""
    found = pa.Table.from_pandas(frame, preserve_index=False).schema
    fields = [
        pa.field(f.name, pa.string() if pa.types.is_null(f.type) or _is_text(f.type) else f.type)
        for f in found
    ]
    return pa.schema(fields, metadata={b"boxloop": json.dumps(about).encode()})


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
