"""Ask VizieR for a table: all its rows, which are counted first."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from boxloop.data.tap import ask_tap
from boxloop.errors import BoxloopError
from boxloop.study.frozen import Request

if TYPE_CHECKING:
    import pyarrow as pa


def ask_vizier(request: Request, folder: Path, *, asked: str, log: logging.Logger) -> "pa.Table":
    """Ask VizieR for all rows of a table within limits, and see that all of them came.

    Parameters
    ----------
    request : Request
        ``service``, ``query`` and ``count`` (the query for the number of rows).
    folder, asked, log
        As of `boxloop.data.tap.ask_tap`.

    Raises
    ------
    BoxloopError
        As `ask_tap`, or another number of rows came than VizieR counts.
    """
    count: Request = {**request, "query": request["count"], "mode": "sync", "maxrec": None}
    expected = int(ask_tap(count, folder, asked=asked, log=log).column(0)[0].as_py())
    if not expected:
        raise BoxloopError(
            f"{asked}: no row of the table is within the limits; correct where of the source"
        )
    # One more than there are, so that no default of the service cuts the answer off.
    table = ask_tap(request, folder, asked=asked, log=log, maxrec=expected + 1)
    if table.num_rows != expected:
        raise BoxloopError(
            f"{asked}: the service counts {expected} rows and sent {table.num_rows}; nothing was "
            "kept. Run again, or ask for fewer rows with where"
        )
    return table
