"""Fetch the files of a source: what is there, else the mirror, else the original address."""

import logging
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from boxloop.errors import BoxloopError
from boxloop.store import sha256, writing

#: Times that one address is tried, and seconds for connecting and between two blocks.
ATTEMPTS = 3
TIMEOUT = (5, 30)
#: Seconds between two messages about progress.
REPORT_EVERY = 5.0


class _MissingError(Exception):
    """An address answered, and does not have the file."""


class _SilentError(Exception):
    """An address did not answer."""


@dataclass
class _Mirror:
    """The mirror, and why it is asked no more once it did not answer."""

    address: str | None
    silent: str = ""


@dataclass
class _Tried:
    addresses: list[str] = field(default_factory=list)

    def add(self, address: str, why: Exception) -> None:
        self.addresses.append(f"  {address}: {why}")


def fetch_source(
    entry: dict[str, Any],
    folder: str | Path,
    *,
    mirror: str | None = None,
    log: logging.Logger | None = None,
) -> dict[str, Any]:
    """Fetch and verify the files of a source; files that are there and right are kept.

    Parameters
    ----------
    entry : dict
        An entry of config/sources.yaml with ``base_url`` and ``files`` (path, bytes, sha256,
        url_path).
    folder : path
        ``data/raw/<source>``; its name is the name of the source.
    mirror : str, optional
        A folder, or a file or http(s) address, laid out as ``<mirror>/<source>/<path>``.
    log : logging.Logger, optional

    Returns
    -------
    dict
        The manifest: ``source`` and ``files`` [{path, bytes, sha256, address}].

    Raises
    ------
    BoxloopError
        A file cannot be had anywhere, or what came is not the file that was promised; then nothing
        of it is kept.
    """
    log = log or logging.getLogger("boxloop")
    folder = Path(folder)
    for file in entry["files"]:
        _check_path(file["path"], folder)
    source = _Mirror(mirror)
    found = []
    total = sum(file["bytes"] for file in entry["files"])
    done, reported = 0, time.monotonic()
    for i, file in enumerate(entry["files"], 1):
        address = _fetch_file(file, entry["base_url"], folder, source, log)
        found.append({**{k: file[k] for k in ("path", "bytes", "sha256")}, "address": address})
        done += file["bytes"]
        if time.monotonic() - reported > REPORT_EVERY:
            reported = time.monotonic()
            log.info(
                "%d of %d files, %.1f of %.1f MB", i, len(entry["files"]), done / 1e6, total / 1e6
            )
    log.info("%s: %d files, %.1f MB, verified", folder.name, len(found), total / 1e6)
    return {"source": folder.name, "files": found}


def _check_path(path: str, folder: Path) -> None:
    parts = PurePosixPath(path)
    unsafe = parts.is_absolute() or ".." in parts.parts or "\\" in path or not parts.parts
    if unsafe or not (folder / path).resolve().is_relative_to(folder.resolve()):
        raise BoxloopError(
            f"{folder.name}: the path {path!r} leads out of the source's folder; "
            "expected a relative path without '..'"
        )
    if path == "MANIFEST.json":
        raise BoxloopError(f"{folder.name}: MANIFEST.json is boxloop's own; rename the file")


def _fetch_file(
    file: dict[str, Any], base_url: str, folder: Path, mirror: _Mirror, log: logging.Logger
) -> str:
    """Bring one file; return the address it has, wherever it came from."""
    goal = folder / file["path"]
    original = base_url.rstrip("/") + "/" + file["url_path"].lstrip("/")
    if goal.is_file():
        if goal.stat().st_size == file["bytes"] and sha256(goal) == file["sha256"]:
            return original
        log.warning("%s is not the file of config/sources.yaml; fetching it anew", goal)
    tried = _Tried()
    if mirror.address and not mirror.silent:
        address = _at_mirror(mirror.address, folder.name, file["path"])
        try:
            _bring(address, goal, file)
            return original
        except _MissingError as error:
            tried.add(address, error)
        except _SilentError as error:
            tried.add(address, error)
            mirror.silent = str(error)
            log.warning("the mirror %s does not answer (%s)", mirror.address, error)
    try:
        _bring(original, goal, file)
        return original
    except (_MissingError, _SilentError) as error:
        tried.add(original, error)
    skipped = f" (asked before, silent: {mirror.silent})" if mirror.silent else ""
    raise BoxloopError(
        f"{folder.name}: {file['path']} cannot be fetched; tried\n"
        + "\n".join(tried.addresses)
        + f"\nmirror: {mirror.address or 'none'}{skipped}. Run again with a network, or "
        f"set BOXLOOP_MIRROR (or `mirror:` in config/config.yaml) to a folder or address that has "
        f"{folder.name}/{file['path']}, or put the file at {goal}"
    )


def _at_mirror(mirror: str, source: str, path: str) -> str:
    if urlsplit(mirror).scheme in ("http", "https", "file"):
        return f"{mirror.rstrip('/')}/{quote(source)}/{quote(path)}"
    return str(Path(mirror).expanduser() / source / path)


def _bring(address: str, goal: Path, file: dict[str, Any]) -> None:
    """Copy or download beside the goal, check, and rename; on any failure keep nothing."""
    with writing(goal) as beside:
        scheme = urlsplit(address).scheme
        if scheme in ("http", "https"):
            _download(address, beside)
        else:
            path = Path(unquote(urlsplit(address).path)) if scheme == "file" else Path(address)
            if not path.is_file():
                raise _MissingError("there is no such file")
            shutil.copyfile(path, beside)
        size = beside.stat().st_size
        if size != file["bytes"]:
            fault = "truncated" if size < file["bytes"] else "too long"
            raise BoxloopError(
                f"{file['path']} from {address} is {fault}: expected {file['bytes']} bytes, "
                f"found {size}; nothing was kept. Run again; if "
                "it stays so, the address no longer has the file of config/sources.yaml"
            )
        found = sha256(beside)
        if found != file["sha256"]:
            raise BoxloopError(
                f"{file['path']} from {address} has the wrong checksum: expected sha256 "
                f"{file['sha256']}, found {found}; nothing was kept. Do not use this copy: correct "
                "the mirror, or find out why the file changed"
            )


def _download(address: str, beside: Path) -> None:
    import pooch
    import requests

    downloader = pooch.HTTPDownloader(timeout=TIMEOUT, chunk_size=1 << 18)
    for attempt in range(ATTEMPTS):
        try:
            downloader(address, str(beside), None)
            return
        except requests.HTTPError as error:
            why = "the server refused"
            if error.response is not None:
                status = error.response.status_code
                why = f"the server answered {status} {error.response.reason}"
                if status < 500 and status != 429:
                    raise _MissingError(why) from None
        except requests.ConnectionError:
            why = "no connection"
        except requests.Timeout:
            why = "no answer in time"
        except requests.RequestException as error:
            why = f"the download broke off ({type(error).__name__})"
        if attempt < ATTEMPTS - 1:
            time.sleep(2**attempt)
    raise _SilentError(f"{why}, {ATTEMPTS} times")
