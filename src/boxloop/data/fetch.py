"""Fetch a source: files by their addresses, or what a service answers, frozen at first fetch."""

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop.data.download import Mirror, check_path, obtain
from boxloop.data.services import fetch_frozen
from boxloop.study.frozen import FOLDER, request_of

if TYPE_CHECKING:
    from boxloop.results.data import FetchedFile, Manifest

#: Seconds between two messages about progress.
REPORT_EVERY = 5.0


def fetch_source(
    entry: Mapping[str, Any],
    folder: str | Path,
    *,
    mirror: str | None = None,
    frozen: str | Path = FOLDER,
    log: logging.Logger | None = None,
) -> "Manifest":
    """Fetch and verify a source; what is there and right is kept, and asks no network.

    Parameters
    ----------
    entry : mapping
        An entry of config/sources.yaml: ``base_url`` and ``files`` (path, bytes, sha256,
        url_path), or one of ``query``, ``vizier``, ``zenodo``.
    folder : path
        ``data/raw/<source>``; its name is the name of the source.
    mirror : str, optional
        A folder, or a file or http(s) address, laid out as ``<mirror>/<source>/<path>``.
    frozen : path
        Folder of the freeze records, for what a service answers.
    log : logging.Logger, optional

    Returns
    -------
    dict
        The manifest: ``source`` and ``files`` [{path, bytes, sha256, address}]; of a service also
        ``frozen`` {kind, service, query or record, date}, and of an answer ``content_sha256``
        with the file.

    Raises
    ------
    BoxloopError
        A file cannot be had anywhere, or what came is not what was promised or frozen; then nothing
        of it is kept.
    """
    log = log or logging.getLogger("boxloop")
    folder = Path(folder)
    request = request_of(entry)
    if request is not None:
        record = Path(frozen) / f"{folder.name}.json"
        return fetch_frozen(request, folder, record, mirror=Mirror(mirror), log=log)
    for file in entry["files"]:
        check_path(file["path"], folder)
    found = _fetch_files(entry, folder, Mirror(mirror), log)
    return {"source": folder.name, "files": found}


def _fetch_files(
    entry: Mapping[str, Any], folder: Path, mirror: Mirror, log: logging.Logger
) -> "list[FetchedFile]":
    found: list[FetchedFile] = []
    total = sum(file["bytes"] for file in entry["files"])
    done, reported = 0, time.monotonic()
    for i, file in enumerate(entry["files"], 1):
        address = entry["base_url"].rstrip("/") + "/" + file["url_path"].lstrip("/")
        obtain(file, address, folder, mirror, log)
        found.append(
            {
                "path": file["path"],
                "bytes": file["bytes"],
                "sha256": file["sha256"],
                "address": address,
            }
        )
        done += file["bytes"]
        if time.monotonic() - reported > REPORT_EVERY:
            reported = time.monotonic()
            log.info(
                "%d of %d files, %.1f of %.1f MB", i, len(entry["files"]), done / 1e6, total / 1e6
            )
    log.info("%s: %d files, %.1f MB, verified", folder.name, len(found), total / 1e6)
    return found
