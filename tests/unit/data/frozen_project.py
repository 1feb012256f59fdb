"""A project folder that fetches from the local services: what to call and what to look at."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_services import Services

from boxloop.data.fetch import fetch_source
from boxloop.store import read_json

QUERY = "SELECT source_id, name FROM stars"

_FETCH = """
import json, sys
from boxloop.data.fetch import fetch_source
fetch_source(json.loads(sys.argv[1]), sys.argv[2] + "/raw/stars", frozen=sys.argv[2] + "/frozen")
"""


def query(services: Services, **more: object) -> dict[str, Any]:
    """Return an entry of the sources that asks the local TAP service."""
    asked = {"service": f"{services.address}/tap", "adql": QUERY, "mode": "sync", "maxrec": None}
    return {"query": {**asked, **more}}


def fetch(project: Path, entry: dict[str, Any], mirror: Path | None = None) -> dict[str, Any]:
    """Fetch the source stars of a project; return the manifest."""
    place = str(mirror) if mirror else None
    return fetch_source(entry, project / "raw" / "stars", mirror=place, frozen=project / "frozen")


def refetched(project: Path, entry: dict[str, Any], mirror: Path | None = None) -> dict[str, Any]:
    """Fetch an answer on a machine that has the record and not the bytes."""
    (project / "raw/stars/answer.parquet").unlink()
    return fetch(project, entry, mirror)


def record(project: Path) -> dict[str, Any]:
    """Return the freeze record."""
    return read_json(project / "frozen/stars.json")


def everything(folder: Path) -> list[str]:
    """Return all files below a folder but the empty locks."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")
    return sorted(p.relative_to(folder).as_posix() for p in found)


def start(project: Path, entry: dict[str, Any]) -> "subprocess.Popen[bytes]":
    """Fetch in a process of its own."""
    command = [sys.executable, "-c", _FETCH, json.dumps(entry), str(project)]
    return subprocess.Popen(command, env={**os.environ}, stderr=subprocess.PIPE)


def wait_for(what: Callable[[], object], seconds: float = 1800.0) -> None:
    """Wait until something is so, and fail if it never is."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
