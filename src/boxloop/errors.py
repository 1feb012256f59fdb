"""Errors that a user can act on, and the nearest valid name for a misspelt one."""

import difflib
from collections.abc import Iterable


class BoxloopError(Exception):
    """Something the user can mend; the message says where, what was found and what to do.

    A script or the command line shows the message alone, without a traceback.
    """


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest known name, or nothing."""
    close = difflib.get_close_matches(str(name), [str(k) for k in known], n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return names as a short comma-separated list, cut after `most` of them."""
    every = [str(n) for n in names]
    tail = f", ... ({len(every)} in all)" if len(every) > most else ""
    return ", ".join(every[:most]) + tail
