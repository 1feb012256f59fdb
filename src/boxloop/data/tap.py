"""Ask a service of the Virtual Observatory, by TAP, and take no answer that was cut off."""

import logging
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from boxloop.data.answers import answer_table
from boxloop.data.network import refuse_status, session, take, why_silent, words_of
from boxloop.errors import BoxloopError
from boxloop.study.adql import says_order
from boxloop.study.frozen import Request

if TYPE_CHECKING:
    import pyarrow as pa

#: Seconds between two looks at a job in the service's queue: the first, the longest.
LOOK = (0.5, 20.0)
#: Seconds that a job may take in all, and between two messages about it.
MOST = 6 * 3600.0
REPORT_EVERY = 15.0
_WORKING = ("PENDING", "QUEUED", "EXECUTING", "RUN", "SUSPENDED", "UNKNOWN")


def ask_tap(
    request: Request,
    folder: Path,
    *,
    asked: str,
    log: logging.Logger,
    maxrec: int | None = None,
) -> "pa.Table":
    """Ask a query and return the whole answer.

    Parameters
    ----------
    request : Request
        ``service``, ``query``, ``mode`` (sync or async), ``maxrec``.
    folder : Path
        Where the answer is kept while it comes; nothing of it stays.
    asked : str
        What is asked for, to begin a message with.
    maxrec : int, optional
        Most rows to send, if the request does not say.

    Returns
    -------
    pyarrow.Table
        As `boxloop.data.answers.answer_table` makes it.

    Raises
    ------
    BoxloopError
        The service does not answer, refuses, fails, cuts the answer off, or has no rows.
    """
    maxrec = request["maxrec"] or maxrec
    with _said_plainly(asked, request), tempfile.TemporaryFile(dir=folder) as body:
        if request["mode"] == "sync":
            _ask(request, maxrec, body, asked)
        else:
            _ask_in_queue(request, maxrec, body, asked, log)
        results = _results(body, request, asked)
    rows = len(results.resultstable.array)
    if results.status[0].lower() == "overflow":
        raise BoxloopError(
            f"{asked}: the service cut the answer off after {rows} rows, so it is not the answer "
            f"to the query; raise maxrec (now {maxrec or 'that of the service'}), ask for less, or "
            "take the first rows in a stated order with SELECT TOP N ... ORDER BY"
        )
    if not rows:
        raise BoxloopError(f"{asked}: the answer has no rows; is the query what you meant?")
    if maxrec == rows == request["maxrec"]:
        log.warning("%s: exactly maxrec = %d rows came; are there more?", asked, rows)
    return answer_table(results.resultstable, ordered=says_order(request["query"]))


@contextmanager
def _said_plainly(asked: str, request: Request) -> Iterator[None]:
    import requests
    from pyvo.dal import DALQueryError, DALServiceError

    try:
        yield
    except requests.RequestException as error:
        raise BoxloopError(f"{asked}: {why_silent(error)}") from None
    except DALQueryError as error:
        raise BoxloopError(_refused(asked, str(error.reason), request)) from None
    except DALServiceError as error:
        cause = error.cause
        if isinstance(cause, requests.RequestException) and cause.response is None:
            raise BoxloopError(f"{asked}: {why_silent(cause)}") from None
        raise BoxloopError(f"{asked}: the service failed: {error.reason}") from None


def _refused(asked: str, words: str, request: Request) -> str:
    words = " ".join(words.split()) or "it gives no reason"
    return f"{asked}: the service refused the query: {words}\nquery: {request['query']}"


def _submit(request: Request, maxrec: int | None, asked: str, mode: str) -> Any:
    """Send the query; return the response, of which the body is not yet read, and the session."""
    from pyvo.dal import TAPQuery

    connection = session()
    query = TAPQuery(
        request["service"], request["query"], mode=mode, maxrec=maxrec, session=connection
    )
    response = query.submit()
    if response.status_code >= 400:
        _refuse(response, request, asked)
    return response, connection


def _refuse(response: Any, request: Request, asked: str) -> None:
    body = response.raw.read(100_000)
    if b"QUERY_STATUS" in body:
        raise BoxloopError(_refused(asked, words_of(body), request))
    refuse_status(response, body, asked)


def _ask(request: Request, maxrec: int | None, body: IO[bytes], asked: str) -> None:
    response, _ = _submit(request, maxrec, asked, "sync")
    take(response, body)


def _ask_in_queue(
    request: Request,
    maxrec: int | None,
    body: IO[bytes],
    asked: str,
    log: logging.Logger,
) -> None:
    """Submit a job, wait until it is done, take its result, and remove it from the service."""
    from pyvo.dal import AsyncTAPJob, DALServiceError

    response, connection = _submit(request, maxrec, asked, "async")
    if response.url.rstrip("/").endswith("/async"):
        raise BoxloopError(f"{asked}: the service made no job of the query; try mode: sync")
    response.close()
    try:
        job = AsyncTAPJob(response.url, session=connection)
    except ValueError as error:
        raise BoxloopError(_lost(asked, error)) from None
    try:
        job.run()
        _wait(job, request, asked, log)
        if not job.result_uri:
            raise BoxloopError(f"{asked}: the job {job.url} is done and has no result")
        result = connection.get(job.result_uri, stream=True)
        if result.status_code >= 400:
            _refuse(result, request, asked)
        take(result, body)
    finally:
        try:
            job.delete()
        except DALServiceError as error:
            log.debug("%s: the job could not be removed: %s", asked, error)


def _wait(job: Any, request: Request, asked: str, log: logging.Logger) -> None:
    began = reported = time.monotonic()
    pause = LOOK[0]
    while (phase := _phase(job, asked)) in _WORKING:
        now = time.monotonic()
        if now - began > MOST:
            raise BoxloopError(f"{asked}: the job is still {phase} after {MOST / 3600:g} hours")
        if now - reported > REPORT_EVERY:
            reported = now
            log.info("%s: %s for %.0f s", asked, phase.lower(), now - began)
        time.sleep(pause)
        pause = min(LOOK[1], pause * 1.4)
    if phase == "COMPLETED":
        return
    summary = job.job.errorsummary
    words = str(summary.message.content or "") if summary and summary.message else ""
    if phase == "ERROR":
        raise BoxloopError(_refused(asked, words, request))
    raise BoxloopError(f"{asked}: the job ended as {phase}{': ' + words if words else ''}")


def _phase(job: Any, asked: str) -> str:
    try:
        phase = job.phase
    except ValueError as error:
        raise BoxloopError(_lost(asked, error)) from None
    if not phase:
        raise BoxloopError(_lost(asked, "its page names no phase"))
    return str(phase)


def _lost(asked: str, why: object) -> str:
    return f"{asked}: the job of the query cannot be followed ({why}); try mode: sync"


def _results(body: IO[bytes], request: Request, asked: str) -> Any:
    from astropy.io.votable import parse
    from pyvo.dal import DALFormatError, DALQueryError, TAPResults

    start = body.read(2000)
    body.seek(0)
    try:
        return TAPResults(parse(body, verify="ignore"), url=request["service"])
    except DALQueryError:
        raise
    except (ValueError, TypeError, OSError, IndexError, DALFormatError) as error:
        # Whatever a parser of XML says about a page that is no table, or about half of one.
        raise BoxloopError(
            f"{asked}: the answer is no whole VOTable ({type(error).__name__}: "
            f"{' '.join(str(error).split())[:200]}); it begins: {words_of(start)[:200]}"
        ) from None
