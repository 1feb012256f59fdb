"""Write predictions part by part, so that memory does not grow with a catalogue."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from boxloop.store.files import writing


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
