"""Bring one file: what is there, else the mirror, else its address; keep nothing that is wrong."""

import hashlib
import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from boxloop.errors import BoxloopError
from boxloop.store import writing

#: Times that one address is tried, and seconds for connecting and between two blocks.
ATTEMPTS = 3
TIMEOUT = (5, 30)


class WrongContentError(BoxloopError):
    """What came is not the file that was promised."""


class _MissingError(Exception):
    """An address answered, and does not have the file."""


class _SilentError(Exception):
    """An address did not answer."""


@dataclass
class Mirror:
    """The mirror, and why it is asked no more once it did not answer."""

    address: str | None
    silent: str = ""


@dataclass
class Tried:
    """The addresses that were tried for a file, and what each said."""

    addresses: list[str] = field(default_factory=list)

    def add(self, address: str, why: object) -> None:
        """Note an address and why it did not serve."""
        self.addresses.append(f"  {address}: {why}")


def obtain(
    file: Mapping[str, Any],
    address: str,
    folder: Path,
    mirror: Mirror,
    log: logging.Logger,
    *,
    promised: str = "config/sources.yaml",
) -> None:
    """Have one file in a folder, right.

    Parameters
    ----------
    file : mapping
        ``path``, ``bytes`` and ``sha256`` or ``md5``.
    address : str
        Where it is published.
    promised : str
        Where its size and checksum stand, for messages.

    Raises
    ------
    BoxloopError
        The file cannot be had anywhere, or what came is another; then nothing of it is kept.
    """
    goal = folder / file["path"]
    if goal.is_file():
        if is_file(goal, file):
            return
        log.warning("%s is not the file of %s; fetching it anew", goal, promised)
    tried = Tried()
    if from_mirror(file, folder, mirror, tried, log, promised=promised):
        return
    from_address(file, address, folder, mirror, tried, promised=promised)


def from_mirror(
    file: Mapping[str, Any],
    folder: Path,
    mirror: Mirror,
    tried: Tried,
    log: logging.Logger,
    *,
    promised: str,
) -> bool:
    """Bring a file from the mirror, if there is one that has it."""
    if not mirror.address or mirror.silent:
        return False
    address = _at_mirror(mirror.address, folder.name, file["path"])
    try:
        _bring(address, folder / file["path"], file, promised)
        return True
    except _MissingError as error:
        tried.add(address, error)
    except _SilentError as error:
        tried.add(address, error)
        mirror.silent = str(error)
        log.warning("the mirror %s does not answer (%s)", mirror.address, error)
    return False


def from_address(
    file: Mapping[str, Any],
    address: str,
    folder: Path,
    mirror: Mirror,
    tried: Tried,
    *,
    promised: str,
) -> None:
    """Bring a file from where it is published; the error says what was tried before."""
    goal = folder / file["path"]
    try:
        _bring(address, goal, file, promised)
        return
    except (_MissingError, _SilentError) as error:
        tried.add(address, error)
    raise BoxloopError(
        f"{folder.name}: {file['path']} cannot be fetched; tried\n"
        + "\n".join(tried.addresses)
        + f"\n{advice(mirror, folder, file['path'])}, or put the file at {goal}"
    )


def advice(mirror: Mirror, folder: Path, path: str) -> str:
    """Return what to do about a file that cannot be had."""
    skipped = f" (asked before, silent: {mirror.silent})" if mirror.silent else ""
    return (
        f"mirror: {mirror.address or 'none'}{skipped}. Run again with a network, or "
        f"set BOXLOOP_MIRROR (or `mirror:` in config/config.yaml) to a folder or address that has "
        f"{folder.name}/{path}"
    )


def check_path(path: str, folder: Path) -> None:
    """Refuse a path that leads out of the source's folder, or hides what is boxloop's own there."""
    parts = PurePosixPath(path)
    unsafe = parts.is_absolute() or ".." in parts.parts or "\\" in path or not parts.parts
    if unsafe or not (folder / path).resolve().is_relative_to(folder.resolve()):
        raise BoxloopError(
            f"{folder.name}: the path {path!r} leads out of the source's folder; "
            "expected a relative path without '..'"
        )
    if path == "MANIFEST.json":
        raise BoxloopError(f"{folder.name}: MANIFEST.json is boxloop's own; rename the file")


def is_file(path: Path, file: Mapping[str, Any]) -> bool:
    """Whether a file has the size and the checksum that were promised."""
    if not path.is_file() or path.stat().st_size != file["bytes"]:
        return False
    kind = _checksum(file)
    return kind is None or _digest(path, kind) == file[kind]


def _checksum(file: Mapping[str, Any]) -> str | None:
    """Return the kind of checksum that a file has: the stronger one."""
    return next((k for k in ("sha256", "md5") if file.get(k)), None)


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, kind).hexdigest()


def _at_mirror(mirror: str, source: str, path: str) -> str:
    if urlsplit(mirror).scheme in ("http", "https", "file"):
        return f"{mirror.rstrip('/')}/{quote(source)}/{quote(path)}"
    return str(Path(mirror).expanduser() / source / path)


def _bring(address: str, goal: Path, file: Mapping[str, Any], promised: str) -> None:
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
            raise WrongContentError(
                f"{file['path']} from {address} is {fault}: expected {file['bytes']} bytes, "
                f"found {size}; nothing was kept. Run again; if "
                f"it stays so, the address no longer has the file of {promised}"
            )
        kind = _checksum(file)
        found = _digest(beside, kind) if kind else ""
        if kind and found != file[kind]:
            raise WrongContentError(
                f"{file['path']} from {address} has the wrong checksum: expected {kind} "
                f"{file[kind]}, found {found}; nothing was kept. Do not use this copy: correct "
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
