"""Where two files of results differ: JSON key by key, tables column by column and to the bit."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Difference:
    """Two values at one place of a file.

    Attributes
    ----------
    place : str
        Keys of JSON joined by points, or the column of a table.
    before, after : str
        The values, as text.
    row : int, optional
        First row of the column that differs.
    count : int
        How many values differ there.
    largest : float, optional
        Largest absolute difference of numbers there.
    """

    place: str
    before: str
    after: str
    row: int | None = None
    count: int = 1
    largest: float | None = None

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row is not None else ""
        count = f" and {self.count - 1} more" if self.count > 1 else ""
        largest = f"; at most by {self.largest:.3g}" if self.largest is not None else ""
        return f"{self.place}{row}: {self.before} → {self.after}{count}{largest}"


def differences(before: Path, after: Path) -> list[Difference]:
    """Return where two files differ; nowhere where tables of other bytes have the same content."""
    if before.suffix == ".parquet":
        return list(differences_of_tables(pq.read_table(before), pq.read_table(after)))
    if before.suffix in (".json", ".jsonl"):
        found = list(differences_of_values(values_of(before), values_of(after)))
    else:
        found = difference_of_lines(before, after)
    return found or [Difference("the text", "other bytes", "the same values")]


def values_of(path: Path) -> Any:
    """Read a file of JSON, or of a line of JSON each."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text)


def differences_of_values(before: Any, after: Any, place: str = "") -> Iterator[Difference]:
    """Go through two values of JSON side by side, in their order."""
    if isinstance(before, dict) and isinstance(after, dict):
        pairs = [
            (key, before.get(key, _NONE), after.get(key, _NONE)) for key in {**before, **after}
        ]
    elif isinstance(before, list) and isinstance(after, list):
        longest = range(max(len(before), len(after)))
        pairs = [
            (str(i), *(v[i] if i < len(v) else _NONE for v in (before, after))) for i in longest
        ]
    else:
        if repr(before) != repr(after):  # NaN is itself, 1 is neither 1.0 nor true
            yield Difference(
                place or "the value", said(before), said(after), None, 1, gap(before, after)
            )
        return
    for key, one, other in pairs:
        yield from differences_of_values(one, other, f"{place}.{key}" if place else str(key))


#: What stands where a key or an element is missing.
_NONE = object()


def said(value: Any) -> str:
    """Return a value as text that fits a line."""
    if value is _NONE:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:37]}..."


def gap(before: Any, after: Any) -> float | None:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (before, after))
    return abs(after - before) if numbers else None


def differences_of_tables(before: pa.Table, after: pa.Table) -> Iterator[Difference]:
    """Compare two tables: columns, their types and metadata, rows, then values to the bit."""
    if before.num_rows != after.num_rows:
        yield Difference("rows", str(before.num_rows), str(after.num_rows))
    for name in dict.fromkeys([*before.column_names, *after.column_names]):
        kinds = [
            str(t.schema.field(name).type) if name in t.column_names else "nothing"
            for t in (before, after)
        ]
        if kinds[0] != kinds[1]:
            yield Difference(name, *kinds)
        elif before.num_rows == after.num_rows:
            yield from differences_of_columns(name, before[name], after[name])
    if not before.schema.equals(after.schema, check_metadata=True):
        if before.column_names != after.column_names:
            yield Difference("order of columns", *(said(t.column_names) for t in (before, after)))
        yield from differences_of_metadata(before.schema, after.schema)


def differences_of_columns(
    name: str, before: pa.ChunkedArray, after: pa.ChunkedArray
) -> Iterator[Difference]:
    """Compare the values of a column; numbers by their bits: NaN is itself, and −0 is not 0."""
    if pa.types.is_floating(before.type):
        one, other = (column.to_numpy() for column in (before, after))
        bits = f"u{one.dtype.itemsize}"
        unlike = (one.view(bits) != other.view(bits)) & ~(np.isnan(one) & np.isnan(other))
        unlike |= before.is_null().to_numpy() != after.is_null().to_numpy()
        largest = (
            float(np.nanmax(np.abs(other - one)[unlike], initial=0.0)) if unlike.any() else None
        )
    elif pa.types.is_nested(before.type):
        pairs = zip(before.to_pylist(), after.to_pylist(), strict=True)
        unlike, largest = np.array([repr(a) != repr(b) for a, b in pairs], bool), None
    else:
        equal = pc.fill_null(pc.equal(before, after), False)
        nothing = pc.and_(before.is_null(), after.is_null())
        unlike, largest = ~pc.or_(equal, nothing).to_numpy(), None
    rows = np.flatnonzero(unlike)
    if len(rows):
        row = int(rows[0])
        values = (said(column[row].as_py()) for column in (before, after))
        yield Difference(name, *values, row, len(rows), largest)


def differences_of_metadata(before: pa.Schema, after: pa.Schema) -> Iterator[Difference]:
    """Compare what a table's file says about the table and its columns."""
    pairs = [("metadata", before.metadata, after.metadata)]
    pairs += [
        (f"metadata of {name}", before.field(name).metadata, after.field(name).metadata)
        for name in before.names
        if name in after.names
    ]
    for place, *both in pairs:
        one, other = ({k.decode(): text_or_json(v) for k, v in (m or {}).items()} for m in both)
        yield from differences_of_values(one, other, place)


def text_or_json(value: bytes) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value.decode(errors="replace")


def difference_of_lines(before: Path, after: Path) -> list[Difference]:
    """Return the first line in which two texts differ."""
    one, other = (path.read_text(encoding="utf-8").splitlines() for path in (before, after))
    longest = max(len(one), len(other))
    padded = ([*lines, *["nothing"] * (longest - len(lines))] for lines in (one, other))
    unlike = [(i, *pair) for i, pair in enumerate(zip(*padded, strict=True)) if pair[0] != pair[1]]
    if not unlike:
        return []
    line, *values = unlike[0]
    return [Difference("the text", *map(said, values), line, len(unlike))]
