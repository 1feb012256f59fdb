"""Leave out rows of a delimited file that were commented out."""

import io
from typing import BinaryIO, cast


def without_comments(stream: BinaryIO, skip: int, comment: str) -> BinaryIO:
    """Return the lines of a file but for those that begin with a comment sign.

    A commented row may have as many fields as any other, so that no parser knows it by its length.

    Parameters
    ----------
    stream : binary file
    skip : int
        Lines at the head, which stay as they are: they are counted, not read.
    comment : str
    """
    return cast(BinaryIO, io.BufferedReader(_Uncommented(stream, skip, comment.encode())))


class _Uncommented(io.RawIOBase):
    """Reads blocks of whole lines, and looks at single lines only where there is a comment."""

    BLOCK = 1 << 20

    def __init__(self, stream: BinaryIO, skip: int, comment: bytes) -> None:
        self._stream, self._comment = stream, comment
        self._ahead = b"".join(stream.readline() for _ in range(skip))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        if not self._ahead:
            self._ahead = self._next()
        part, self._ahead = self._ahead[: len(buffer)], self._ahead[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def _next(self) -> bytes:
        while True:
            block = self._stream.read(self.BLOCK)
            if not block:
                return b""
            block += self._stream.readline()
            if self._comment not in block:
                return block
            lines = block.splitlines(keepends=True)
            kept = b"".join(x for x in lines if not x.lstrip().startswith(self._comment))
            if kept:
                return kept
