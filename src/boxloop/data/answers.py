"""The answer to a query as a table: types and units kept, one order, a hash of its content."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop.errors import BoxloopError
from boxloop.store import writing

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Rows hashed at a time; part of the definition of the hash.
BLOCK = 65_536
_ABOUT = b"boxloop"


def answer_table(votable: Any, *, ordered: bool) -> "pa.Table":
    """Return the table of a VOTable as an Arrow table.

    Parameters
    ----------
    votable : astropy.io.votable.tree.TableElement
    ordered : bool
        Whether the order of the rows means something. If not, they are sorted by their columns from
        left to right, so that a service which sends them in another order gives the same table.

    Returns
    -------
    pyarrow.Table
        Integers and truth values with nulls, floating-point numbers (NaN is null), text (without
        the blanks at its end; empty is null), lists. A field's metadata has ``unit`` as
        astropy writes it, ``description`` and ``ucd``.

    Raises
    ------
    BoxloopError
        A column has complex numbers.
    """
    import pyarrow as pa

    table = votable.to_table(use_names_over_ids=True)
    fields, arrays = [], []
    for name in table.colnames:
        column = table[name]
        array = _array(name, column)
        about = {
            "unit": "" if column.unit is None else str(column.unit),
            "description": " ".join(str(column.description or "").split()),
            "ucd": str(column.meta.get("ucd") or ""),
        }
        fields.append(pa.field(name, array.type, metadata={k: v for k, v in about.items() if v}))
        arrays.append(array)
    made = pa.table(arrays, schema=pa.schema(fields))
    return made if ordered else _sorted(made)


def content_sha256(table: "pa.Table") -> str:
    """Return a hash of names, types, units and values, rows in the order they have.

    It is defined on the values alone: neither the version of Parquet, nor compression, nor how rows
    are grouped in a file changes it. A negative zero counts as zero.
    """
    digest = hashlib.sha256()
    head = {"rows": table.num_rows, "columns": columns_of(table)}
    digest.update(json.dumps(head, sort_keys=True, ensure_ascii=False).encode())
    for start in range(0, table.num_rows, BLOCK):
        block = table.slice(start, BLOCK).combine_chunks()
        for column in block.columns:
            for part in _bytes(_one(column)):
                digest.update(part)
    return digest.hexdigest()


def columns_of(table: "pa.Table") -> list[dict[str, str]]:
    """Return name, type and unit of each column."""
    return [
        {"name": f.name, "type": _type(f.type), "unit": _metadata(f).get("unit", "")}
        for f in table.schema
    ]


def write_answer(table: "pa.Table", path: Path, about: Mapping[str, Any]) -> None:
    """Write an answer as Parquet.

    The schema's metadata under ``boxloop`` has ``columns`` {name: {role, unit, description}} as all
    tables here, ``ucd`` {name: UCD} and what `about` says of the origin.
    """
    import pyarrow.parquet as pq

    known = {f.name: _metadata(f) for f in table.schema}
    content = {
        "provenance": "real",
        "columns": {
            name: {"role": "keep", **{k: m.get(k, "") for k in ("unit", "description")}}
            for name, m in known.items()
        },
        "ucd": {name: m["ucd"] for name, m in known.items() if "ucd" in m},
        "origin": dict(about),
    }
    table = table.replace_schema_metadata({_ABOUT: json.dumps(content, ensure_ascii=False)})
    with writing(path) as beside:
        pq.write_table(table, beside, compression="zstd")


def read_answer(path: Path) -> "pa.Table | None":
    """Read an answer; None where the file is not there or is no Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path).read() if path.is_file() else None
    except (pa.ArrowInvalid, OSError):
        return None


def _metadata(field: "pa.Field") -> dict[str, str]:
    return {
        k.decode(): v.decode()
        for k, v in (field.metadata or {}).items()
        if k in (b"unit", b"description", b"ucd")
    }


def _array(name: str, column: Any) -> "pa.Array":
    import numpy as np
    import pyarrow as pa

    values = np.ma.asarray(column)
    mask = np.ma.getmaskarray(values)
    kind = values.dtype.kind
    if kind == "c":
        raise BoxloopError(
            f"the column {name!r} holds complex numbers, which a table here cannot keep; leave it "
            "out of the query, or ask for its parts"
        )
    if values.ndim > 1:
        return pa.array([_listed(row) for row in values], type=_list_type(values.dtype))
    if kind in "SU":
        return _text(values.data.astype(object), mask)
    if kind == "O":
        lists = [v for v, m in zip(values.data, mask, strict=True) if not m and _is_list(v)]
        if lists:
            rows = [None if m else _listed(v) for v, m in zip(values.data, mask, strict=True)]
            return pa.array(rows, type=_list_type(np.ma.asarray(lists[0]).dtype))
        return _text(values.data, mask)
    data = values.data.astype(values.dtype.newbyteorder("="))
    if kind == "f":
        mask = mask | np.isnan(data)
    return pa.array(data, mask=mask)


def _is_list(value: Any) -> bool:
    return hasattr(value, "ndim") and value.ndim > 0


def _list_type(dtype: "np.dtype[Any]") -> "pa.DataType":
    import pyarrow as pa

    if dtype.kind in "SUO":
        return pa.list_(pa.string())
    return pa.list_(pa.from_numpy_dtype(dtype.newbyteorder("=")))


def _listed(row: Any) -> list[Any]:
    """Return an array of any shape as a flat list in which NaN and masked values are None."""
    import numpy as np

    flat = np.ma.asarray(row).reshape(-1).tolist()
    return [None if v is None or v != v else v for v in flat]


def _text(values: Any, mask: Any) -> "pa.Array":
    import pyarrow as pa

    text = [None if m or v is None else _word(v) or None for v, m in zip(values, mask, strict=True)]
    return pa.array(text, type=pa.string())


def _word(value: Any) -> str:
    text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
    return text.rstrip(" \x00")


def _sorted(table: "pa.Table") -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = {}
    for i, (field, column) in enumerate(zip(table.schema, table.columns, strict=True)):
        if pa.types.is_list(field.type):
            column = pa.chunked_array([pa.array([json.dumps(v) for v in column.to_pylist()])])
        elif pa.types.is_floating(field.type):
            column = pc.add(column, pa.scalar(0.0, field.type))
        keys[str(i)] = column
    order = pc.sort_indices(pa.table(keys), sort_keys=[(name, "ascending") for name in keys])
    return table.take(order)


def _one(column: "pa.ChunkedArray") -> "pa.Array":
    import pyarrow as pa

    return pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)


def _bytes(array: "pa.Array") -> Iterable[bytes]:
    """Yield which values are there, how long those of no fixed size are, and the values."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    yield array.is_valid().to_numpy(zero_copy_only=False).astype(np.uint8).tobytes()
    kind = array.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield pc.list_value_length(array).fill_null(0).to_numpy().astype("<i8").tobytes()
        yield from _bytes(array.flatten())
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        words = [w.encode() for w in array.fill_null("").to_pylist()]
        yield np.array([len(w) for w in words], dtype="<i8").tobytes()
        yield b"".join(words)
    elif pa.types.is_boolean(kind):
        yield array.fill_null(False).to_numpy(zero_copy_only=False).astype(np.uint8).tobytes()
    else:
        values = array.fill_null(0).to_numpy(zero_copy_only=False)
        if values.dtype.kind == "f":
            values = np.where(np.isnan(values), values.dtype.type("nan"), values + 0)
        yield values.astype(values.dtype.newbyteorder("<")).tobytes()


def _type(kind: "pa.DataType") -> str:
    import pyarrow as pa

    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"list<{_type(kind.value_type)}>"
    return "string" if pa.types.is_large_string(kind) else str(kind)
