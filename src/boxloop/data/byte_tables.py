"""Read fixed-width tables by their byte-by-byte description: CDS with a ReadMe, AAS with a head."""

import fnmatch
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import pandas as pd

from boxloop.data.arrow_tables import from_arrow
from boxloop.data.raw_text import raw_text
from boxloop.data.typed_rows import Joined, read_typed
from boxloop.errors import BoxloopError, listed
from boxloop.store.raw_bytes import reading

DESCRIPTION = "Byte-by-byte Description"
_FILE = re.compile(rf"{DESCRIPTION} of file:\s*(\S.*?)\s*$", re.IGNORECASE)
_RULE = re.compile(r"^[-=]{40,}\s*$")


@dataclass(frozen=True)
class Described:
    """A column as the description has it.

    Attributes
    ----------
    name, unit, description : str
    start, end : int
        Bytes of each line, counted from 0, the end not included.
    text : bool
    null : str or None
        What is written where there is no value; blanks always mean that.
    """

    name: str
    unit: str
    description: str
    start: int
    end: int
    text: bool
    null: str | None


def read_cds(
    path: Path,
    *,
    text: Sequence[str] = (),
    readme: str | None = None,
    table: str | None = None,
) -> pd.DataFrame:
    """Read a fixed-width table.

    Parameters
    ----------
    path : Path
    text : sequence of str
        Columns that stay text whatever their format.
    readme : str, optional
        Name of the description, in the file's folder. By itself: the head of the file, else a file
        there that begins with ReadMe.
    table : str, optional
        Name of the table in the description, where it is not that of the file.

    Raises
    ------
    BoxloopError
        No description is found, none of this table, or it does not fit the file.
    """
    columns, skip = described(path, readme, table)
    names = [c.name for c in columns]
    content = raw_text(path)

    def fields() -> Iterator[list[str]]:
        with content.lines() as stream:
            for number, line in enumerate(stream, 1):
                if number > skip and line.strip():
                    yield [_field(line, c, content.encoding) for c in columns]

    def rows() -> BinaryIO:
        return cast(BinaryIO, Joined(fields()))

    as_text = [c.name for c in columns if c.text or c.name in text]
    with reading(path, "a table of fixed width"):
        return from_arrow(read_typed(rows, names, text=as_text))


def described(
    path: Path, readme: str | None = None, table: str | None = None
) -> tuple[list[Described], int]:
    """Return the columns of a fixed-width table, and the lines before its data."""
    lines = _lines(path)
    if readme is None and _describes_itself(lines):
        return _columns(path, lines, None), _last_rule(lines)
    described_in = readme_of(path, readme)
    if described_in is None:
        raise BoxloopError(
            f"{path}: no byte-by-byte description, neither at its head nor in a file ReadMe beside "
            "it; put it there, or name it: options: {readme: FILE}"
        )
    text = _lines(described_in)
    name = _table_name(path, described_in, text, table)
    return _columns(described_in, text, name), 0


def readme_of(path: Path, readme: str | None = None) -> Path | None:
    """Return the file beside a table that describes it, if there is one."""
    if readme is not None:
        if not (path.parent / readme).is_file():
            raise BoxloopError(f"options: readme: there is no file {path.parent / readme}")
        return path.parent / readme
    beside = sorted(p for p in path.parent.iterdir() if is_readme(p) and p.is_file())
    return beside[0] if beside else None


def is_readme(path: Path) -> bool:
    """Whether a file describes tables, by its name."""
    return path.name.lower().startswith("readme")


def is_described(path: Path) -> bool:
    """Whether a ReadMe beside a file has a byte-by-byte description of it."""
    found = None if is_readme(path) else readme_of(path)
    if found is None:
        return False
    return any(_same_file(path, name) for name in _described_files(_lines(found)))


def _lines(path: Path) -> list[str]:
    with raw_text(path).lines() as stream:
        return stream.read().split("\n")


def _describes_itself(lines: Sequence[str]) -> bool:
    return any(line.lower().startswith(DESCRIPTION.lower()) for line in lines[:2000])


def _described_files(lines: Sequence[str]) -> list[str]:
    found = [_FILE.match(line) for line in lines]
    return [name for f in found if f for name in f[1].replace(",", " ").split()]


def _same_file(path: Path, name: str) -> bool:
    return fnmatch.fnmatchcase(path.name.removesuffix(".gz").lower(), name.lower())


def _table_name(path: Path, readme: Path, lines: Sequence[str], table: str | None) -> str:
    known = _described_files(lines)
    chosen = [n for n in known if (n == table if table else _same_file(path, n))]
    if not chosen:
        raise BoxloopError(
            f"{readme} describes no {table or path.name}; it describes {listed(known)}; say which "
            "it is: options: {table: NAME}"
        )
    return chosen[0]


def _last_rule(lines: Sequence[str]) -> int:
    """Return the number of lines up to the last ruled line of the head."""
    rules = [i for i, line in enumerate(lines) if _RULE.match(line)]
    return rules[-1] + 1


def _columns(path: Path, lines: Sequence[str], table: str | None) -> list[Described]:
    from astropy.io import ascii as astropy_ascii

    with reading(path, "a byte-by-byte description"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = astropy_ascii.Cds(list(lines) if table else None)
        reader.data.table_name = table
        reader.header.get_cols(list(lines))
        nulls = {c: null for null, _, c in _nulls(reader)}
        columns = [_described(c, nulls) for c in reader.header.cols if set(c.name) != {"-"}]
    names = [c.name for c in columns]
    double = sorted({n for n in names if names.count(n) > 1})
    if double:
        raise BoxloopError(f"{path}: the description has {listed(double)} more than once")
    return columns


def _nulls(reader: Any) -> list[tuple[str, Any, str]]:
    """Return (as written, fill, column) of the values that mean missing."""
    return [f for f in getattr(reader.data, "fill_values", []) if len(f) == 3 and f[0] != ""]


def _described(column: Any, nulls: dict[str, str]) -> Described:
    unit = column.unit.to_string() if column.unit is not None else ""
    return Described(
        name=column.name,
        unit=unit,
        description=(column.description or "").strip(),
        start=column.start,
        end=column.end,
        text=column.raw_type.upper().startswith("A"),
        null=nulls.get(column.name),
    )


def _field(line: str, column: Described, encoding: str) -> str:
    """Return what stands at a column's bytes; a tabulator there would be read as a delimiter."""
    field = line[column.start : column.end]
    if not line.isascii():  # a letter may be more than one byte
        field = line.encode(encoding)[column.start : column.end].decode(encoding, "replace")
    field = field.replace("\t", " ").strip()
    return "" if column.null is not None and _same(field, column.null) else field


def _same(field: str, null: str) -> bool:
    if field == null:
        return True
    try:
        return float(field) == float(null)
    except ValueError:
        return False
