"""The text of a raw file, whatever its encoding and line ends."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from boxloop.errors import BoxloopError
from boxloop.store.raw_bytes import opened, reading

_BLOCK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Tried in this order; the last takes every byte. Both agree on letters such as Å.
_WESTERN = ("cp1252", "latin-1")


@dataclass(frozen=True)
class RawText:
    """A file of text.

    Attributes
    ----------
    path : Path
    encoding : str
    quoted : bool
        Whether there is a quotation mark anywhere, so that a field may hold a line end.
    """

    path: Path
    encoding: str
    quoted: bool

    def lines(self) -> TextIO:
        """Open the text; every kind of line end reads as ``\\n``."""
        return io.TextIOWrapper(opened(self.path), encoding=self.encoding)

    def utf8(self) -> BinaryIO:
        """Open the text as bytes of UTF-8."""
        if self.encoding in ("utf-8", "utf-8-sig"):
            return opened(self.path)
        text = io.TextIOWrapper(opened(self.path), encoding=self.encoding, newline="")
        return cast(BinaryIO, _Encoded(text))


def raw_text(path: Path) -> RawText:
    """Look through a file and find its encoding: UTF-8, UTF-16 with its mark, else Western.

    Raises
    ------
    BoxloopError
        The file cannot be read, or is no text.
    """
    with reading(path, "text"), opened(path) as stream:
        first = stream.read(4)
        marked = next((name for mark, name in _MARKS if first.startswith(mark)), None)
        stream.seek(0)
        if marked == "utf-16":
            quoted = any(b'"' in block for block in _blocks(stream))
            return RawText(path, marked, quoted)
        fits = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", _WESTERN[0])}
        quoted = False
        for block in _blocks(stream):
            if b"\0" in block:
                raise BoxloopError(f"{path} is not text: it holds zero bytes; name its reader")
            quoted = quoted or b'"' in block
            for name in list(fits):
                if not _decodes(fits[name], block):
                    del fits[name]
        if "utf-8" in fits and not _decodes(fits["utf-8"], b"", final=True):
            del fits["utf-8"]
        found = next(iter(fits), _WESTERN[1])
        return RawText(path, marked if marked and found == "utf-8" else found, quoted)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


class _Encoded(io.RawIOBase):
    """Text of another encoding, read as bytes of UTF-8."""

    def __init__(self, text: TextIO) -> None:
        self._text, self._left = text, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._left:
            self._left = self._text.read(_BLOCK).encode()
        part = self._left[: len(buffer)]
        buffer[: len(part)] = part
        self._left = self._left[len(part) :]
        return len(part)

    def close(self) -> None:
        self._text.close()
        super().close()
