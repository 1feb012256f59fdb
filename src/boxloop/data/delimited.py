"""Read delimited text: plain headers, headers in a comment, gzip; refuse ragged rows."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import pandas as pd

from boxloop.data.arrow_tables import from_arrow
from boxloop.data.raw_text import RawText, raw_text
from boxloop.data.typed_rows import Joined, read_typed
from boxloop.errors import BoxloopError, listed
from boxloop.store.raw_bytes import reading

#: A name may carry its type, as in ``F:MAG_U``: then all names of the header do.
_TYPED = re.compile(r"^[A-Z]{1,2}:(.+)$")
_QUOTED = re.compile(r'"[^"]*"')
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
        May be packed by gzip; UTF-8, UTF-16 with its mark, or Western (cp1252, latin-1).
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
    content = raw_text(path)
    header = header_of(content, delimiter=delimiter, names=names, comment=comment)
    return _read(content, header, text, comment)


def header_of(
    content: RawText,
    *,
    delimiter: str | None = None,
    names: Sequence[str] | None = None,
    comment: str = "#",
) -> Header:
    """Find names, delimiter and the number of lines before the data; see `read_delimited`."""
    path = content.path
    with content.lines() as stream:
        last, skip, first = _first_line(stream, comment)
        if not first:
            raise BoxloopError(f"{path}: the file has no data")
        separator = (_BLANKS if delimiter == " " else delimiter) or _sniff(first)
        fields = _split(first, separator)
        if names is None:
            if not any(_is_number(f) for f in fields):
                names, skip = [f.strip().strip('"').strip() for f in fields], skip + 1
                _, gap, first = _first_line(stream, comment)
                fields, skip = _split(first, separator), skip + gap
                if not first:
                    raise BoxloopError(f"{path}: the file has a header and no data")
            elif last:
                names = _comment_names(last.lstrip(comment).strip())
            else:
                raise BoxloopError(
                    f"{path}: the file has no header (its first line holds numbers: "
                    f"{first[:60]!r}); name its {len(fields)} columns in the sample: "
                    "options: {names: [...]}"
                )
    return Header(_checked(list(names), len(fields), path), separator, skip)


def names_by_number(path: Path, *, delimiter: str | None = None, comment: str = "#") -> list[str]:
    """Return ``column_1``, ``column_2`` ... for a file without a header.

    Raises
    ------
    BoxloopError
        The file has no data.
    """
    with raw_text(path).lines() as stream:
        _, _, first = _first_line(stream, comment)
    if not first:
        raise BoxloopError(f"{path}: the file has no data")
    separator = (_BLANKS if delimiter == " " else delimiter) or _sniff(first)
    return [f"column_{i + 1}" for i in range(len(_split(first, separator)))]


def has_header(path: Path, *, delimiter: str | None = None, comment: str = "#") -> bool:
    """Whether a file of delimited text names its columns, above the data or in a comment."""
    with raw_text(path).lines() as stream:
        last, _, first = _first_line(stream, comment)
    separator = (_BLANKS if delimiter == " " else delimiter) or _sniff(first)
    fields = _split(first, separator)
    if not any(_is_number(f) for f in fields):
        return True
    return bool(last) and len(_comment_names(last.lstrip(comment).strip())) == len(fields)


def _first_line(stream: TextIO, comment: str) -> tuple[str, int, str]:
    """Return the last comment, the lines before the first other line, and that line."""
    last, skip = "", 0
    for line in stream:
        line = line.lstrip("\ufeff").rstrip("\r\n")
        if line.strip() and not line.lstrip().startswith(comment):
            return last, skip, line
        last = line.strip() or last
        skip += 1
    return last, skip, ""


def _checked(names: list[str], fields: int, path: Path) -> list[str]:
    """Return names where they fit; a field of the header that is empty gets its number."""
    names = [name or f"column_{i + 1}" for i, name in enumerate(names)]
    if len(names) != fields:
        raise BoxloopError(
            f"{path}: the header has {len(names)} names ({listed(names)}) and the data have "
            f"{fields} columns; correct the file, or name its columns in the sample: "
            "options: {names: [...]}"
        )
    double = sorted({n for n in names if names.count(n) > 1})
    if double:
        raise BoxloopError(
            f"{path}: the header has {listed(double)} more than once; give each column a name of "
            "its own"
        )
    return names


def _sniff(line: str) -> str:
    bare = _QUOTED.sub("", line)
    counts = {d: bare.count(d) for d in (",", ";", "\t", "|")}
    best = max(counts, key=lambda d: counts[d])
    if counts[best]:
        return best
    return _BLANKS if len(_split(line, _BLANKS)) > 1 else ","


def _split(line: str, separator: str) -> list[str]:
    if '"' in line:
        blank = separator == _BLANKS
        line = line.replace("\t", " ").strip() if blank else line
        return next(
            csv.reader([line], delimiter=" " if blank else separator, skipinitialspace=blank)
        )
    return line.split() if separator == _BLANKS else line.split(separator)


def _is_number(field: str) -> bool:
    field = field.strip().strip('"')
    try:
        float(field)
    except ValueError:
        return False
    return any(c.isdigit() for c in field)


def _comment_names(line: str) -> list[str]:
    separator = next((d for d in (";", ",", "\t", "|") if d in line), None)
    names = [n.strip() for n in line.split(separator)]
    typed = [_TYPED.match(n) for n in names]
    return [t[1] if t else "" for t in typed] if all(typed) else names


def _read(content: RawText, header: Header, text: Sequence[str], comment: str) -> pd.DataFrame:
    import pyarrow as pa

    def joined() -> BinaryIO:
        return cast(BinaryIO, Joined(_fields(content, header, comment)))

    with reading(content.path, "delimited text"):
        if header.delimiter == _BLANKS:
            return from_arrow(read_typed(joined, header.names, text=text))
        try:
            return from_arrow(
                read_typed(
                    content.utf8,
                    header.names,
                    delimiter=header.delimiter,
                    skip=header.skip,
                    comment=comment,
                    quoted=content.quoted,
                    text=text,
                )
            )
        except pa.ArrowInvalid:
            _refuse_ragged(content, header, comment)
            raise


def _fields(content: RawText, header: Header, comment: str) -> Iterator[list[str]]:
    """Yield the fields of each row of a table in blanks.

    Raises
    ------
    BoxloopError
        A row has another number of fields.
    """
    with content.lines() as stream:
        for number, line in enumerate(stream, 1):
            if number <= header.skip or line.lstrip().startswith(comment):
                continue
            fields = _split(line, _BLANKS)
            if len(fields) == len(header.names):
                yield fields
            elif fields:
                raise _ragged(content.path, number, len(header.names), len(fields), line)


def _refuse_ragged(content: RawText, header: Header, comment: str) -> None:
    """Refuse the first row of another length, by its line."""
    with content.lines() as stream:
        for _ in range(header.skip):
            next(stream, "")
        rows = csv.reader(stream, delimiter=header.delimiter)
        for fields in rows:
            blank = not any(f.strip() for f in fields)
            if len(fields) == len(header.names) or (blank and len(fields) < 2):
                continue
            if not fields[0].lstrip().startswith(comment):
                number, line = header.skip + rows.line_num, header.delimiter.join(fields)
                raise _ragged(content.path, number, len(header.names), len(fields), line)


def _ragged(path: Path, number: int, expected: int, found: int, line: str) -> BoxloopError:
    return BoxloopError(
        f"{path}:{number}: expected {expected} fields; found {found}: {line.strip()[:60]!r}; "
        "correct this line"
    )
