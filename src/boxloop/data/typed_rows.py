"""Give columns of written fields their types, and lose nothing on the way."""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from boxloop.data.arrow_tables import EXACT
from boxloop.data.comments import without_comments

#: What stands for a missing number; in text only the empty field does.
NULLS = (
    *("", "NaN", "nan", "NAN", "-NaN", "-nan", "NA", "N/A", "n/a", "#N/A", "<NA>"),
    *("NULL", "Null", "null", "None", "none", "--"),
)
_INTEGER = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})*(?:\.\d+)?")

#: What tells a comma between thousands from a decimal one: a second comma, a point, or leading
#: digits that no decimal comma would be written after, as in 12,000.
_SURE = re.compile(r",\d{3},|,\d{3}\.|,000$")


def read_typed(
    rows: Callable[[], BinaryIO],
    names: Sequence[str],
    *,
    delimiter: str = "\t",
    skip: int = 0,
    comment: str = "",
    quoted: bool = False,
    text: Sequence[str] = (),
) -> Any:
    """Read delimited rows into an Arrow table.

    A column of numbers becomes numbers, one of ``true`` and ``false`` logical values; any other
    stays text exactly as written, dates and mixtures of numbers and words included. Whole numbers
    beyond 2**53 never pass through floating-point ones.

    Parameters
    ----------
    rows : callable
        Opens the rows as UTF-8; called again where a column needs a second look.
    names : sequence of str
    delimiter, comment : str
    skip : int
        Lines before the data.
    quoted : bool
        Whether fields may hold line ends, in quotation marks.
    text : sequence of str
        Columns that stay text.

    Raises
    ------
    pyarrow.ArrowInvalid
        A row has another number of fields than there are names.
    """
    import pyarrow as pa

    kept = [n for n in names if n in text]

    def parsed(as_text: Iterable[str], only: Sequence[str] = ()) -> Any:
        with rows() as opened:
            stream = opened if quoted or not comment else without_comments(opened, skip, comment)
            return _parsed(stream, names, delimiter, skip, comment, quoted, as_text, only)

    content = parsed(kept)
    doubtful = [n for n in names if _doubtful(content.column(n))]
    second = parsed(doubtful, doubtful) if doubtful else content
    for i, name in enumerate(names):
        column = content.column(i)
        if name in doubtful:
            column = _exact(column, second.column(name))
        elif pa.types.is_string(column.type) and name not in kept:
            column = _numbers_in(column)
        if pa.types.is_string(column.type):
            column = _blank_is_missing(column)
        content = content.set_column(i, name, column)
    return content


def _parsed(
    stream: BinaryIO,
    names: Sequence[str],
    delimiter: str,
    skip: int,
    comment: str,
    quoted: bool,
    as_text: Iterable[str],
    only: Sequence[str],
) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    def idle(row: Any) -> str:
        line = row.text.strip()
        return "skip" if not line or (comment and line.startswith(comment)) else "error"

    return csv.read_csv(
        stream,
        read_options=csv.ReadOptions(column_names=list(names), skip_rows=skip),
        parse_options=csv.ParseOptions(
            delimiter=delimiter,
            quote_char='"' if quoted else False,
            newlines_in_values=quoted,
            invalid_row_handler=idle,
        ),
        convert_options=csv.ConvertOptions(
            column_types={n: pa.string() for n in as_text},
            include_columns=list(only) or None,
            null_values=list(NULLS),
            true_values=["true", "True", "TRUE"],
            false_values=["false", "False", "FALSE"],
        ),
    )


def _doubtful(column: Any) -> bool:
    """Whether a guessed type may have lost what was written: dates, and very large numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_temporal(column.type):
        return True
    if not pa.types.is_floating(column.type) or column.null_count == len(column):
        return False
    largest = pc.max(pc.abs(pc.filter(column, pc.is_finite(column)))).as_py()
    return largest is not None and largest >= EXACT


def _exact(guessed: Any, written: Any) -> Any:
    """Return whole numbers beyond 2**53 as such, or as text; other numbers as they were guessed."""
    import pyarrow as pa

    if pa.types.is_temporal(guessed.type):
        return written
    values = written.unique().to_pylist()
    if not all(_INTEGER.fullmatch(v.strip()) for v in values if v not in NULLS):
        return guessed
    return _numbers_in(written)


def _numbers_in(column: Any) -> Any:
    """Return a column of text as numbers where every field is one, perhaps by thousands."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if _numbers(column.slice(0, 1000).unique().to_pylist(), or_none=True) is None:
        return column  # most columns of text are told by their first rows
    written = column.unique()
    numbers = _numbers(written.to_pylist())
    if numbers is None:
        return column
    places = pc.index_in(column, value_set=written)
    return pa.chunked_array([numbers.take(chunk) for chunk in places.chunks])


def _numbers(values: Sequence[str], *, or_none: bool = False) -> Any:
    """Return written numbers as an Arrow array, or None where one of them is something else.

    With `or_none`, missing values alone count as numbers too.
    """
    import pyarrow as pa

    fields = [v.strip() for v in values]
    real = [f for f in fields if f not in NULLS]
    if not real:
        return pa.nulls(len(fields)) if or_none else None
    if all(_NUMBER.fullmatch(f) for f in real):
        plain = fields
    elif all(_THOUSANDS.fullmatch(f) for f in real) and any(_SURE.search(f) for f in real):
        plain = [f.replace(",", "") for f in fields]
    else:
        return None
    whole = all(_INTEGER.fullmatch(f) for f in plain if f not in NULLS)
    numbers = [None if f in NULLS else (int(f) if whole else float(f)) for f in plain]
    if not whole:
        return pa.array(numbers, pa.float64())
    known = [n for n in numbers if n is not None]
    for kind, low, high in ((pa.int64(), -(2**63), 2**63), (pa.uint64(), 0, 2**64)):
        if low <= min(known) and max(known) < high:
            return pa.array(numbers, kind)
    return None


def _blank_is_missing(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    blank = pc.equal(pc.utf8_trim_whitespace(column), "")
    return pc.if_else(blank, pa.scalar(None, column.type), column)


class Joined(io.RawIOBase):
    """Rows of fields as a stream of bytes, the fields separated by tabulators."""

    def __init__(self, rows: Iterator[Sequence[str]]) -> None:
        self._rows, self._left = rows, b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer, as a stream does."""
        if not self._left:
            some = [row for _, row in zip(range(4096), self._rows, strict=False)]
            self._left = "".join("\t".join(row) + "\n" for row in some).encode()
        part = self._left[: len(buffer)]
        buffer[: len(part)] = part
        self._left = self._left[len(part) :]
        return len(part)
