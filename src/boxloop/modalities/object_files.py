"""One file an object: which it is, whether it is there, and how far reading has come."""

import hashlib
import logging
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed, suggest

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIELD = re.compile(r"\{([^{}]+)\}")
_SECONDS_BETWEEN_LINES = 5.0


@dataclass
class ObjectFiles:
    """The files of the rows of a table, one each.

    Attributes
    ----------
    paths : list of Path
    labels : list of str
        Row and file of the table, for messages.
    key : str
        The key of the study that names them.
    drop : bool
        Whether a row whose file is missing or broken is left out; else it is an error.
    what : str
        ``images`` or ``light curves``.
    """

    paths: list[Path]
    labels: list[str]
    key: str
    drop: bool
    what: str
    reasons: dict[int, str] = field(default_factory=dict)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def each(self) -> Iterator[tuple[int, Path]]:
        """Yield row and path of every file that is there; log how far it is every few seconds."""
        for i, path in told(enumerate(self.paths), len(self.paths), self.what):
            if not path.is_file():
                self.refuse(i, f"there is no file {path}")
                continue
            yield i, path

    def refuse(self, row: int, reason: str) -> None:
        """Note that the file of a row cannot be used, or end with an error."""
        if not self.drop:
            raise BoxloopError(
                f"{self.key}: {self.labels[row]}: {reason}; bring the file, correct the pattern, "
                "or leave such rows out: missing: drop"
            )
        if not self.reasons:
            logging.getLogger("boxloop").info("left out: %s: %s", self.labels[row], reason)
        self.reasons[row] = reason

    def note(self, content: bytes) -> None:
        """Take the content of a file into what the data are known by."""
        self.digest.update(hashlib.sha256(content).digest())

    def kept(self) -> "NDArray[np.bool_]":
        """Return which rows have a file that could be read.

        Raises
        ------
        BoxloopError
            None has.
        """
        kept = np.ones(len(self.paths), dtype=bool)
        kept[list(self.reasons)] = False
        if not kept.any():
            raise BoxloopError(
                f"{self.key}: no row has a file that can be read; the first: {self.labels[0]}: "
                f"{self.reasons[0]}"
            )
        if self.reasons:
            logging.getLogger("boxloop").info(
                "%d of %d rows left out: their %s are missing or broken",
                len(self.reasons), len(kept), self.what,
            )  # fmt: skip
        return kept


def object_files(
    frame: pd.DataFrame,
    file: "NDArray[Any]",
    row: "NDArray[Any]",
    pattern: str,
    folder: Path,
    *,
    id: str | list[str] | None,
    key: str,
    drop: bool,
    what: str,
) -> ObjectFiles:
    """Return the files that a pattern names, one for each row of a table.

    Parameters
    ----------
    frame : pandas.DataFrame
    file, row : ndarray, shape (rows,)
        Where each row stands, for messages.
    pattern : str
        For example ``images/{GalaxyID}.jpg``: columns of the table in braces, or ``{id}``.
    folder : Path
        What the pattern is counted from; nothing outside it is read.
    id : str, list of str or None
        The study's columns of the identifier.
    key, drop, what
        See `ObjectFiles`.

    Raises
    ------
    BoxloopError
        The pattern names an unknown column or leads out of the folder, or a value is missing.
    """
    labels = [f"row {n} of {name}" for n, name in zip(row, file, strict=True)]
    found = ObjectFiles([], labels, key, drop, what)
    fields = {name: _texts(frame, name, id, key) for name in _FIELD.findall(pattern)}
    root = folder.resolve()
    for i in range(len(frame)):
        path = folder / _FIELD.sub(lambda f, i=i: fields[f[1]][i] or "", pattern)  # type: ignore[misc]
        if any(values[i] is None for values in fields.values()):
            path = folder / "\0missing"
            found.refuse(i, "the value that names its file is missing")
        elif not path.resolve().is_relative_to(root):
            raise BoxloopError(
                f"{key}: {labels[i]}: {path} lies outside {folder}; files are read from the folder "
                "of the sample only"
            )
        found.paths.append(path)
    return found


def told(items: Iterable[Any], total: int, what: str) -> Iterator[Any]:
    """Yield items; every few seconds log how many are done."""
    last = time.monotonic()
    for done, item in enumerate(items):
        now = time.monotonic()
        if now - last > _SECONDS_BETWEEN_LINES:
            logging.getLogger("boxloop").info("%s: %d of %d read", what, done, total)
            last = now
        yield item


def stem_of(path: Path) -> str:
    """Return a file's name without its ending, that of a packed file included."""
    return Path(path.name.removesuffix(".gz")).stem


def _texts(
    frame: pd.DataFrame, name: str, id: str | list[str] | None, key: str
) -> list[str | None]:
    """Return a column as it stands in the names of files."""
    if name not in frame and name == "id" and id:
        parts = [_texts(frame, n, None, key) for n in ([id] if isinstance(id, str) else id)]
        return [None if None in p else ":".join(map(str, p)) for p in zip(*parts, strict=True)]
    if name not in frame:
        known = list(frame.columns)
        raise BoxloopError(
            f"{key}: there is no column {name!r}{suggest(name, known)}; the table has "
            f"{listed(known, 30)}"
        )
    return [_text(value) for value in frame[name].tolist()]


def _text(value: Any) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None
