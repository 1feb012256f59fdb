"""Arrow tables and Parquet files as pandas tables, 64-bit numbers exact."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from boxloop.store.raw_bytes import reading

#: Whole numbers up to here have a floating-point number each.
EXACT = 2**53


def read_parquet(path: Path, *, text: Sequence[str] = ()) -> pd.DataFrame:
    """Read a Parquet file; floating-point numbers stay numbers, also where text is asked for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with reading(path, "Parquet"):
        content = pq.ParquetFile(path).read()
        for i, name in enumerate(content.column_names):
            # As text, a number that was rounded could not be told from one that was not.
            if name in text and not pa.types.is_floating(content.column(i).type):
                content = content.set_column(i, name, content.column(i).cast(pa.string()))
        return from_arrow(content)


def from_arrow(content: Any) -> pd.DataFrame:
    """Return a pandas table: text as objects, None where it is missing, each value held once.

    Whole numbers beyond 2**53 stay exact: as integers, or as text where some are missing.
    """
    names, columns = list(content.column_names), list(content.columns)
    del content
    values = {}
    for name in names:  # each Arrow column is let go before the next is copied
        values[name] = _values(columns.pop(0))
    return pd.DataFrame(values, copy=False)


def _values(column: Any) -> Any:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_integer(kind) and column.null_count and _beyond(column):
        column = column.cast(pa.string())
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _texts(column)
    values = column.to_pandas()
    if isinstance(values.dtype, pd.StringDtype):
        values = values.astype(object).where(values.notna(), None)
    return values


def _beyond(column: Any) -> bool:
    import pyarrow.compute as pc

    ends = pc.min_max(column)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    return low is not None and max(-low, high) > EXACT


def _texts(column: Any) -> "pd.Series[Any]":
    """Return text as objects; words that come back are one object each."""
    known: dict[str | None, str | None] = {}
    parts = [np.empty(0, dtype=object)]
    for chunk in column.chunks:
        encoded = chunk.dictionary_encode()
        if 2 * len(encoded.dictionary) > len(chunk):
            parts.append(chunk.to_numpy(zero_copy_only=False))
            continue
        words = [known.setdefault(w, w) for w in encoded.dictionary.to_pylist()]
        codes = encoded.indices.fill_null(len(words)).to_numpy()
        parts.append(np.array([*words, None], dtype=object)[codes])
    # Said to be objects: pandas would make them text of its own, in which None is NaN.
    return pd.Series(np.concatenate(parts), dtype=object, copy=False)
