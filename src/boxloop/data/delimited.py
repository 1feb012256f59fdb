"""Read delimited text: plain headers, headers in a comment, gzip; refuse ragged rows."""

import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pandas as pd

from boxloop.errors import BoxloopError, listed

#: A name may carry its type, as in ``F:MAG_U``: then all names of the header do.
_TYPED = re.compile(r"^[A-Z]{1,2}:(.+)$")
_BLANKS = r"\s+"


@dataclass(frozen=True)
class Header:
    """What the first lines of a file say.

    Attributes
    ----------
    names : list of str
    delimiter : str
        One character, or ``\\s+`` for blanks.
    skip : int
        Lines before the data.
    """

    names: list[str]
    delimiter: str
    skip: int


def read_delimited(
    path: Path,
    *,
    text: Sequence[str] = (),
    delimiter: str | None = None,
    names: Sequence[str] | None = None,
    comment: str = "#",
) -> pd.DataFrame:
    """Read a file of delimited text.

    The names stand in the first line that is not a comment, where no field of it is a number; else
    in the last comment before the data, separated by ``;``, ``,`` or blanks, whatever separates the
    data themselves.

    Parameters
    ----------
    path : Path
        May end in ``.gz``.
    text : sequence of str
        Columns to be read as the text they are, such as identifiers.
    delimiter : str, optional
        What separates the data: one character, or a blank for any number of blanks. Found in the
        first line of data where not given.
    names : sequence of str, optional
        For a file without a header.
    comment : str
        What a comment begins with.

    Raises
    ------
    BoxloopError
        No header, as many names as there are no columns, a name twice, or a row of another length.
    """
    with _open(path) as stream:
        header = read_header(stream, path, delimiter, names, comment)
    if header.delimiter == _BLANKS:
        return _read_blanks(path, header, text, comment)
    return _read_characters(path, header, text)


def read_header(
    stream: IO[str],
    path: Path,
    delimiter: str | None,
    names: Sequence[str] | None,
    comment: str,
) -> Header:
    """Find names, delimiter and the number of lines before the data."""
    last, skip, first = "", 0, ""
    for line in stream:
        line = line.lstrip("\ufeff").rstrip("\r\n")
        if line.strip() and not line.lstrip().startswith(comment):
            first = line
            break
        last = line.strip() or last
        skip += 1
    if not first:
        raise BoxloopError(f"{path}: the file has no data")
    separator = (_BLANKS if delimiter == " " else delimiter) or _sniff(first)
    fields = _split(first, separator)
    if names is None:
        if not any(_is_number(f) for f in fields):
            names, skip = [f.strip().strip('"') for f in fields], skip + 1
            fields = _split(next(stream, "").rstrip("\r\n"), separator) if stream else fields
            if fields in ([], [""]):
                raise BoxloopError(f"{path}: the file has a header and no data")
        elif last:
            names = _comment_names(last.lstrip(comment).strip())
        else:
            raise BoxloopError(
                f"{path}: the file has no header (its first line holds numbers: {first[:60]!r}); "
                "name its columns in the sample: options: {names: [...]}"
            )
    if len(names) != len(fields):
        raise BoxloopError(
            f"{path}: the header has {len(names)} names ({listed(names)}) and the data have "
            f"{len(fields)} columns; correct the file, or name its columns in the sample: "
            "options: {names: [...]}"
        )
    double = sorted({n for n in names if list(names).count(n) > 1})
    if double:
        raise BoxloopError(f"{path}: the header has {listed(double)} more than once")
    return Header(list(names), separator, skip)


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")


def _sniff(line: str) -> str:
    counts = {d: line.count(d) for d in (",", ";", "\t", "|")}
    best = max(counts, key=lambda d: counts[d])
    if counts[best]:
        return best
    return _BLANKS if len(line.split()) > 1 else ","


def _split(line: str, separator: str) -> list[str]:
    if separator == _BLANKS:
        return line.split()
    if '"' in line:
        import csv

        return next(csv.reader([line], delimiter=separator))
    return line.split(separator)


def _is_number(field: str) -> bool:
    try:
        float(field.strip().strip('"'))
    except ValueError:
        return False
    return True


def _comment_names(line: str) -> list[str]:
    separator = next((d for d in (";", ",", "\t", "|") if d in line), None)
    names = [n.strip() for n in line.split(separator)]
    typed = [_TYPED.match(n) for n in names]
    return [t[1] if t else "" for t in typed] if all(typed) else names


def _read_characters(path: Path, header: Header, text: Sequence[str]) -> pd.DataFrame:
    import pyarrow as pa
    from pyarrow import csv

    try:
        content = csv.read_csv(
            path,
            read_options=csv.ReadOptions(column_names=header.names, skip_rows=header.skip),
            parse_options=csv.ParseOptions(delimiter=header.delimiter),
            convert_options=csv.ConvertOptions(
                column_types={n: pa.string() for n in header.names if n in text},
            ),
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise BoxloopError(f"{path}: {error}") from None
    return from_arrow(content)


def from_arrow(content: Any) -> pd.DataFrame:
    """Return a pandas table; integers with gaps beyond 2**53 stay exact, as text."""
    import pyarrow as pa

    for i, column in enumerate(content.columns):
        if pa.types.is_integer(column.type) and column.null_count:
            values = column.drop_null().to_numpy()
            if len(values) and abs(values.astype(float)).max() > 2**53:
                content = content.set_column(i, content.column_names[i], column.cast(pa.string()))
    frame: pd.DataFrame = content.to_pandas(ignore_metadata=True)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.StringDtype):
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame


def _read_blanks(path: Path, header: Header, text: Sequence[str], comment: str) -> pd.DataFrame:
    with _open(path) as stream:
        for number, line in enumerate(stream, 1):
            n = len(line.split())
            if number > header.skip and n not in (0, len(header.names)):
                if line.lstrip().startswith(comment):
                    continue
                raise BoxloopError(
                    f"{path}:{number}: expected {len(header.names)} fields; found {n}: "
                    f"{line.strip()[:60]!r}"
                )
    frame = pd.read_csv(
        path,
        sep=header.delimiter,
        header=None,
        names=header.names,
        skiprows=header.skip,
        comment=comment,
        dtype={n: str for n in header.names if n in text},
    )
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.StringDtype):
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame
