"""Files of one version of a Zenodo record, checked by its checksums, frozen at first fetch."""

import fnmatch
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlsplit

from boxloop.data.archives import folder_of, is_archive, unpack, unpacked
from boxloop.data.download import (
    Mirror,
    Tried,
    WrongContentError,
    check_path,
    from_address,
    from_mirror,
    is_file,
    obtain,
)
from boxloop.data.network import refuse_status, session, why_silent
from boxloop.errors import BoxloopError, listed
from boxloop.store import sha256
from boxloop.study.frozen import Frozen, FrozenFile, Request, timestamp

if TYPE_CHECKING:
    from boxloop.results.data import FetchedFile, SampleFile


class _Listed(TypedDict):
    """A file of a record."""

    path: str
    bytes: int
    md5: str
    address: str


def fetch_zenodo(
    request: Request,
    folder: Path,
    path: Path,
    record: Frozen | None,
    mirror: Mirror,
    log: logging.Logger,
) -> "tuple[Frozen, list[FetchedFile]]":
    """Have the files of a record, unpacked if that is asked.

    Parameters
    ----------
    request : Request
        ``service``, ``record``, ``pattern``, ``unpack``.
    folder : Path
        ``data/raw/<source>``.
    path : Path
        The freeze record, for messages.
    record : Frozen or None
        What was frozen before.

    Returns
    -------
    record : Frozen
    files : list of dict
        The files for samples to read: path, bytes, sha256, address. Of an archive that is unpacked
        its members, in a folder of its name, and not the archive.

    Raises
    ------
    BoxloopError
        There is no such record or file, or a file is not the one of the record or of the freeze.
    """
    if record is None:
        record = _first(request, folder, mirror, log)
    else:
        _again(request, folder, path, record, mirror, log)
    files: list[FetchedFile] = [
        {"path": f.path, "bytes": f.bytes, "sha256": f.sha256, "address": f.address}
        for f in record.files
        if f.members is None
    ]
    for file in record.files:
        if file.members is not None:
            files += [{**m, "address": file.address} for m in _members(folder, file, path)]
    total = sum(f["bytes"] for f in files)
    log.info("%s: %d files, %.1f MB, verified", folder.name, len(files), total / 1e6)
    return record, files


def _first(request: Request, folder: Path, mirror: Mirror, log: logging.Logger) -> Frozen:
    about = _listing(request, folder)
    chosen = _chosen(about, request, folder)
    found = []
    for i, file in enumerate(chosen, 1):
        log.info("%s: %d of %d, %s", folder.name, i, len(chosen), file["path"])
        promised = f"record {request['record']}"
        obtain(file, file["address"], folder, mirror, log, promised=promised)
        frozen = FrozenFile(**file, sha256=sha256(folder / file["path"]))
        if request["unpack"] and is_archive(file["path"]):
            frozen = _unpacked_anew(folder, frozen)
        found.append(frozen)
    return Frozen.model_validate(
        {
            "schema": 1,
            "source": folder.name,
            "kind": request["kind"],
            "service": request["service"],
            "record": request["record"],
            "pattern": request["pattern"],
            "unpack": request["unpack"],
            "doi": about.get("doi"),
            "title": (about.get("metadata") or {}).get("title"),
            "date": timestamp(),
            "files": found,
        }
    )


def _again(
    request: Request,
    folder: Path,
    path: Path,
    record: Frozen,
    mirror: Mirror,
    log: logging.Logger,
) -> None:
    """Bring what is missing: from the mirror, else from where the service has it today."""
    addresses: dict[str, str] | None = None
    for frozen in record.files:
        file, tried = frozen.model_dump(), Tried()
        check_path(frozen.path, folder)
        if is_file(folder / frozen.path, file):
            continue
        if from_mirror(file, folder, mirror, tried, log, promised=str(path)):
            continue
        if addresses is None:
            addresses = {f["path"]: f["address"] for f in _files(_listing(request, folder), folder)}
        try:
            address = addresses.get(frozen.path, frozen.address)
            from_address(file, address, folder, mirror, tried, promised=str(path))
        except WrongContentError as error:
            raise BoxloopError(
                f"{folder.name}: a file of record {record.record} has changed since it was frozen "
                f"on {record.date[:10]}: {error}. Bring the frozen file back (dvc pull "
                f"{folder}, or a mirror), or delete {path} and run again to freeze the new one"
            ) from None


def _listing(request: Request, folder: Path) -> dict[str, Any]:
    """Ask for the record; refuse one that stands for all its versions."""
    import requests

    number = request["record"]
    address = f"{request['service']}/api/records/{number}"
    asked = f"{folder.name}: asked {address}"
    try:
        response = session().get(address, headers={"Accept": "application/json"})
    except requests.RequestException as error:
        raise BoxloopError(
            f"{asked}: {why_silent(error)}. Run again with a network, or, once the source is "
            "frozen, set a mirror that has its files"
        ) from None
    refuse_status(response, response.content, asked)
    try:
        about = response.json()
        found = int(about["id"])
    except (ValueError, TypeError, KeyError):
        raise BoxloopError(f"{asked}: the answer describes no record; is service right?") from None
    if found != number:
        raise BoxloopError(
            f"{asked}: {number} stands for all versions, the latest of which is {found}; name one "
            f"version, for example record: {found}"
        )
    return dict(about)


def _files(about: Mapping[str, Any], folder: Path) -> list[_Listed]:
    """Return path, bytes, md5 and address of the files of a record."""
    files = about.get("files") or []
    if isinstance(files, Mapping):
        files = list((files.get("entries") or {}).values())
    found: list[_Listed] = []
    for file in files:
        kind, _, digest = str(file.get("checksum") or "").partition(":")
        links = file.get("links") or {}
        address = str(links.get("content") or links.get("self") or "")
        if kind != "md5" or urlsplit(address).scheme not in ("http", "https"):
            raise BoxloopError(
                f"{folder.name}: the record gives no md5 or no address for {file.get('key')!r}; "
                "fetch it by base_url and files instead"
            )
        check_path(str(file["key"]), folder)
        found.append(
            {"path": file["key"], "bytes": int(file["size"]), "md5": digest, "address": address}
        )
    return found


def _chosen(about: Mapping[str, Any], request: Request, folder: Path) -> list[_Listed]:
    files = _files(about, folder)
    if not files:
        access = (about.get("metadata") or {}).get("access_right") or "open"
        raise BoxloopError(
            f"{folder.name}: record {request['record']} shows no files (access: {access}); "
            "restricted files cannot be fetched"
        )
    chosen = [f for f in files if fnmatch.fnmatchcase(f["path"], request["pattern"])]
    if not chosen:
        raise BoxloopError(
            f"{folder.name}: no file of record {request['record']} fits {request['pattern']!r}; it "
            f"has {listed(f['path'] for f in files)}"
        )
    return chosen


def _unpacked_anew(folder: Path, file: FrozenFile) -> FrozenFile:
    unpack(folder / file.path)
    members, digest = unpacked(folder, file.path)
    return file.model_copy(update={"members": len(members), "members_sha256": digest})


def _members(folder: Path, file: FrozenFile, path: Path) -> "list[SampleFile]":
    """Return the members of an archive, unpacked again if they are not those of the freeze."""
    members, digest = unpacked(folder, file.path)
    if digest != file.members_sha256:
        unpack(folder / file.path)
        members, digest = unpacked(folder, file.path)
    if digest != file.members_sha256:
        raise BoxloopError(
            f"{folder / folder_of(file.path)}: the files unpacked from {file.path} are not those "
            f"of {path}; restore the record from git, or delete it to freeze anew"
        )
    return members
