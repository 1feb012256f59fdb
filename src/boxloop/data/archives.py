"""Unpack archives from outside: plain files only, inside one folder, within limits."""

import hashlib
import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from boxloop.errors import BoxloopError
from boxloop.store import sha256, writing

if TYPE_CHECKING:
    from boxloop.results.data import SampleFile

#: Most files in an archive, and most bytes that they may have together when unpacked.
MOST_FILES = 500_000
MOST_BYTES = 200 * 2**30
_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True)
class _Member:
    """A plain file in an archive."""

    path: PurePosixPath
    size: int
    open: Callable[[], IO[bytes] | None]


def is_archive(name: str) -> bool:
    """Whether a file is an archive by its name."""
    return name.lower().endswith(_ENDINGS)


def folder_of(name: str) -> str:
    """Return the folder that an archive is unpacked into: its name without the ending."""
    ending = max((e for e in _ENDINGS if name.lower().endswith(e)), key=len)
    return name[: -len(ending)] or "archive"


def unpack(archive: Path) -> Path:
    """Unpack an archive into the folder of its name beside it; all of it or nothing.

    Raises
    ------
    BoxloopError
        The archive is broken, encrypted, or has a link, a device, a path that leads out, a path
        twice, or more files or bytes than the limits.
    """
    goal = archive.with_name(folder_of(archive.name))
    if goal.exists() and not goal.is_dir():
        raise BoxloopError(f"{archive} unpacks into {goal}, and there is a file of that name")
    seen: set[str] = set()
    files = size = 0
    with writing(goal) as beside, _opened(archive) as members:
        beside.mkdir()
        for member in members:
            files, size = files + 1, size + member.size
            _refuse_too_much(archive, files, size)
            path = str(member.path)
            if path.casefold() in seen:
                raise BoxloopError(f"{archive} has {path!r} twice; nothing was unpacked")
            seen.add(path.casefold())
            _copy(archive, member, beside / member.path)
        if not files:
            raise BoxloopError(f"{archive} has no files")
    return goal


def unpacked(folder: Path, name: str) -> "tuple[list[SampleFile], str]":
    """Return the files that an archive was unpacked into, and a hash of all of them.

    Parameters
    ----------
    folder : Path
        ``data/raw/<source>``; paths are relative to it.
    name : str
        Name of the archive.

    Returns
    -------
    members : list of dict
        ``path``, ``bytes``, ``sha256``.
    digest : str
        SHA-256 of the lines ``<sha256>  <path>``.
    """
    inside = folder / folder_of(name)
    found = sorted(p for p in inside.rglob("*") if p.is_file() and not p.is_symlink())
    members: list[SampleFile] = [
        {"path": p.relative_to(folder).as_posix(), "bytes": p.stat().st_size, "sha256": sha256(p)}
        for p in found
    ]
    lines = "".join(f"{m['sha256']}  {m['path']}\n" for m in members)
    return members, hashlib.sha256(lines.encode()).hexdigest()


@contextmanager
def _opened(archive: Path) -> Iterator[Iterator[_Member]]:
    broken = (
        zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError,
        NotImplementedError, RuntimeError,
    )  # fmt: skip
    try:
        if archive.name.lower().endswith(".zip"):
            with zipfile.ZipFile(archive) as content:
                yield _zip_members(archive, content)
        else:
            with tarfile.open(archive) as content:
                yield _tar_members(archive, content)
    except broken as error:
        raise BoxloopError(f"{archive} cannot be unpacked: {error}; nothing was kept") from None


def _zip_members(archive: Path, content: zipfile.ZipFile) -> Iterator[_Member]:
    for info in content.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir():
            continue
        if kind not in (0, stat.S_IFREG):
            _refuse_member(archive, info.filename, "is a link or a device")
        if info.flag_bits & 1:
            _refuse_member(archive, info.filename, "is encrypted")
        path = _inside(archive, info.filename)
        yield _Member(path, info.file_size, partial(content.open, info))


def _tar_members(archive: Path, content: tarfile.TarFile) -> Iterator[_Member]:
    for info in content:
        if info.isdir():
            continue
        if not info.isreg():
            _refuse_member(archive, info.name, "is a link or a device")
        path = _inside(archive, info.name)
        yield _Member(path, info.size, partial(content.extractfile, info))
    # The end of a compressed stream has its checksum, and tarfile does not read so far.
    while content.fileobj is not None and content.fileobj.read(1 << 20):
        pass


def _inside(archive: Path, name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    parts = [p for p in path.parts if p != "."]
    if path.is_absolute() or ".." in parts or not parts or "\\" in name or "\0" in name:
        _refuse_member(archive, name, "leads out of the folder")
    if len(parts[0]) > 1 and parts[0][1] == ":":
        _refuse_member(archive, name, "leads to a drive")
    return PurePosixPath(*parts)


def _refuse_member(archive: Path, name: str, why: str) -> None:
    raise BoxloopError(
        f"{archive}: its member {name!r} {why}; nothing was unpacked. Leave unpack out, and look "
        "at the archive yourself"
    )


def _refuse_too_much(archive: Path, files: int, size: int) -> None:
    if files > MOST_FILES or size > MOST_BYTES:
        raise BoxloopError(
            f"{archive} has more than {MOST_FILES} files or {MOST_BYTES / 2**30:g} GiB when "
            "unpacked; nothing was unpacked. Leave unpack out, and unpack what you need yourself"
        )
    free = shutil.disk_usage(archive.parent).free
    if size > free:
        raise BoxloopError(
            f"{archive} needs more than the {free / 2**30:.1f} GiB that are free; nothing was kept"
        )


def _copy(archive: Path, member: _Member, goal: Path) -> None:
    goal.parent.mkdir(parents=True, exist_ok=True)
    source = member.open()
    if source is None:
        raise BoxloopError(f"{archive}: its member {member.path} is no file")
    with source, goal.open("xb") as copy:
        while block := source.read(1 << 20):
            copy.write(block)
