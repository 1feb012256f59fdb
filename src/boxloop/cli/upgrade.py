"""Upgrade study files in place: show what changes, keep the old file."""

import difflib
import shutil
from pathlib import Path

from boxloop.errors import BoxloopError
from boxloop.study.migrations import VERSION, upgraded


def upgrade(path: Path, *, check: bool = False) -> str:
    """Bring a study file to the present version; return what was done, with the difference.

    The file as it was is kept beside it as ``FILE.v1``.

    Parameters
    ----------
    path : Path
    check : bool
        Only show the difference.

    Raises
    ------
    BoxloopError
        The file cannot be read or upgraded, or the copy of an earlier upgrade is there.
    """
    from boxloop.store import writing

    old = _read(path)
    new = upgraded(old, str(path))
    if new == old:
        return f"{path}: has version {VERSION} already; nothing to do"
    shown = _difference(old, new, path)
    if check:
        return f"{shown}{path}: would be upgraded so; nothing is written"
    kept = path.with_name(f"{path.name}.v1")
    try:
        with kept.open("xb") as stream:
            stream.write(path.read_bytes())
    except FileExistsError:
        raise BoxloopError(
            f"{path}: not upgraded, for {kept} is there already and is not overwritten; "
            "move it away"
        ) from None
    with writing(path) as beside:
        shutil.copy2(path, beside)
        beside.write_bytes(new.encode())
    return f"{shown}{path}: upgraded to version {VERSION}; as it was it is kept in {kept}"


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise BoxloopError(f"{path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise BoxloopError(
            f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from None
    except OSError as error:
        raise BoxloopError(f"{path}: cannot be read: {error.strerror}") from None


def _difference(old: str, new: str, path: Path) -> str:
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), str(path), f"{path} (version {VERSION})", lineterm=""
    )
    return "".join(f"{line}\n" for line in lines)
