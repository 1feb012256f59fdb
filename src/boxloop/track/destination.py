"""Where MLflow writes, and how not to wait for it."""

import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

_PATIENCE = 15.0  # seconds within which a living server answers, on a busy machine too


def described(uri: str) -> str:
    """Return a tracking URI without the name and password it may hold."""
    parts = urlsplit(uri)
    if "@" not in parts.netloc:
        return uri
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def prepared(uri: str) -> None:
    """Set MLflow's patience and silence its telemetry; ask a server for a sign of life.

    Raises
    ------
    ConnectionError
        The server does not answer within seconds; MLflow's own retries take minutes.
    """
    for name, value in {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    }.items():
        os.environ.setdefault(name, value)
    if urlsplit(uri).scheme not in ("http", "https"):
        return
    try:
        urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=_PATIENCE).close()
    except urllib.error.HTTPError:
        return  # it answers; whether it lets us in, the first request will say
    except (OSError, ValueError) as error:
        raise ConnectionError(f"no answer from {described(uri)}: {error}") from error


@contextmanager
def waiting_for_turn(uri: str) -> Iterator[None]:
    """Let one process at a time write to a local database: two cannot both create its tables."""
    parts = urlsplit(uri)
    if parts.scheme != "sqlite":
        yield
        return
    import fcntl

    database = Path(parts.path.removeprefix("/"))
    database.parent.mkdir(parents=True, exist_ok=True)
    with database.with_name(f"{database.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
