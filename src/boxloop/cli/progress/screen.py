"""Where a run is shown: one living line on a terminal, plain lines elsewhere."""

import os
from contextlib import suppress
from typing import TextIO

#: Back to the margin; erase to the end of the line.
BACK, ERASE = "\r", "\x1b[K"
#: Columns of a terminal that does not say.
WIDTH = 80
#: Characters of a line that are shown; the log has all.
LONGEST = 2_000


class Screen:
    """What the user sees.

    Parameters
    ----------
    out, err : text streams
        Results go to the first, what went wrong to the second; a living line only where both are
        terminals.

    Attributes
    ----------
    living : bool
        Whether a line can be rewritten.
    """

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out, self._err = out.fileno(), err.fileno()
        self._encoding = out.encoding
        self.living = os.isatty(self._out) and os.isatty(self._err) and _can_erase()
        self._shown = ""

    @property
    def width(self) -> int:
        """Columns that the line may have: in the last one some terminals begin a new line."""
        with suppress(OSError):
            if columns := os.get_terminal_size(self._out).columns:
                return columns - 1
        return WIDTH - 1

    def line(self, text: str) -> None:
        """Rewrite the living line; nothing where there is none, or it says the same."""
        if self.living and text != self._shown:
            self._write(self._out, BACK + text + ERASE)
            self._shown = text

    def say(self, text: str, *, error: bool = False) -> None:
        """Write lines that stay, above the living one."""
        if self._shown:
            self._write(self._out, BACK + ERASE)
            self._shown = ""
        lines = (_harmless(line) for line in text.split("\n"))
        self._write(self._err if error else self._out, "\n".join(lines) + "\n")

    def clear(self) -> None:
        """Take the living line away."""
        if self._shown:
            self._write(self._out, BACK + ERASE)
            self._shown = ""

    def _write(self, number: int, text: str) -> None:
        """Write at once; a run goes on though nobody looks any more."""
        left = text.encode(self._encoding, errors="replace")
        with suppress(OSError):
            while left:
                left = left[os.write(number, left) :]


def _harmless(line: str) -> str:
    """Return a line, which a job may have written, without what a terminal would obey."""
    shown = "".join(
        c if c == "\t" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line
    )
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]} ..."


def _can_erase() -> bool:
    return os.environ.get("TERM", "dumb") != "dumb"
