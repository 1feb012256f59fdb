"""Talk to a service: every request ends, a busy service is asked again, its words are kept."""

import json
import re
from contextlib import suppress
from html import unescape
from typing import IO, Any

from boxloop.errors import BoxloopError

#: Seconds for connecting, and until the next block of an answer; a query may take its time.
TIMEOUT = (10.0, 600.0)
#: Times that a service which is busy or does not let us in is asked again, and the seconds between.
AGAIN = 2
BACKOFF = 1.0
#: Most characters of what a service says about a fault.
WORDS = 600

_FAULT = re.compile(
    r"<(?:\w+:)?INFO\b(?=[^>]*name=\"QUERY_STATUS\")(?=[^>]*value=\"ERROR\")[^>]*>(.*?)</(?:\w+:)?INFO>",
    re.DOTALL | re.IGNORECASE,
)


def session() -> Any:
    """Return a requests session in which every request has a time limit.

    What was refused for the moment (429, 502, 503, 504) is asked again where that does no harm, a
    connection that was not made in any case.
    """
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class Limited(HTTPAdapter):
        """Send requests with a time limit, though the caller gives none."""

        def send(self, *args: Any, **kwargs: Any) -> Any:
            kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT
            return super().send(*args, **kwargs)

    again = Retry(
        total=AGAIN, read=False, backoff_factor=BACKOFF, status_forcelist=(429, 502, 503, 504),
        raise_on_status=False, respect_retry_after_header=False,
    )  # fmt: skip
    made = requests.Session()
    made.headers["User-Agent"] = "boxloop"
    for scheme in ("http://", "https://"):
        made.mount(scheme, Limited(max_retries=again))
    return made


def why_silent(error: Exception) -> str:
    """Return in words why no answer came."""
    import requests

    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT[1]:g} s"
    if isinstance(error, requests.ConnectionError) and "broken" not in str(error).lower():
        return "no connection"
    return f"the answer broke off ({type(error).__name__})"


def take(response: Any, into: IO[bytes]) -> None:
    """Copy the body of an answer into a file, decoded, and go back to its beginning."""
    for block in response.iter_content(1 << 18):
        into.write(block)
    into.seek(0)


def words_of(body: bytes) -> str:
    """Return what a service says about a fault, from VOTable, JSON, HTML or plain text."""
    text = body[:100_000].decode("utf-8", errors="replace").strip()
    if found := _FAULT.search(text):
        text = found[1]
    elif text.startswith("{"):
        with suppress(ValueError):
            text = str(json.loads(text).get("message", text))
    text = re.sub(r"(?is)<(script|style|head)\b.*?</\1>", " ", text)
    text = re.sub(r"<!\[CDATA\[(.*?)\]\]>", r"\1", text, flags=re.DOTALL)
    text = unescape(re.sub(r"<[^>]*>", " ", text))
    text = " ".join(text.split())
    return text if len(text) <= WORDS else f"{text[:WORDS]} ..."


def refuse_status(response: Any, body: bytes, asked: str) -> None:
    """Refuse an answer that says by its status that it is none.

    Raises
    ------
    BoxloopError
        With the status and the words of the service.
    """
    if response.status_code >= 400:
        words = words_of(body)
        raise BoxloopError(
            f"{asked}: the service answered {response.status_code} {response.reason}"
            f"{': ' + words if words else ''}"
        )
