"""Write beside, then rename: a file is either whole or not there."""

import fnmatch
import glob
import hashlib
import json
import math
import os
import platform
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from boxloop.errors import BoxloopError


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success rename it over `path`.

    The temporary path has the same suffix, on the same file system. It may become a file or a
    folder. If the block raises, or the process dies, `path` is as it was before; what a dead
    process of this machine left beside it is removed by the next writer.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    mine = f"{platform.node()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    beside = path.with_name(f".{path.stem}.{mine}.part{path.suffix}")
    try:
        yield beside
        if beside.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        beside.replace(path)
    finally:
        _remove(beside)


def _sweep(path: Path) -> None:
    """Remove what dead processes of this machine left beside a path."""
    start = f".{path.stem}.{platform.node()}-"
    for left in path.parent.glob(f"{glob.escape(start)}*.part{glob.escape(path.suffix)}"):
        pid = left.name.removeprefix(start).split("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            _remove(left)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_text(text: str, path: str | Path) -> None:
    """Write text as UTF-8."""
    with writing(path) as beside:
        beside.write_text(text, encoding="utf-8")


def read_json(path: str | Path) -> Any:
    """Read a JSON file."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise BoxloopError(f"{path}: not valid JSON ({error}); delete it and run again") from None


def write_json(content: Any, path: str | Path) -> None:
    """Write plain data as JSON; NaN and infinities become null, numpy scalars plain numbers."""
    write_text(json.dumps(plain(content), indent=1, ensure_ascii=False) + "\n", path)


def write_yaml(content: Any, path: str | Path) -> None:
    """Write plain data as YAML, in the order of their keys."""
    import yaml

    text = yaml.safe_dump(plain(content), sort_keys=False, allow_unicode=True, width=100)
    write_text(text, path)


def plain(value: Any) -> Any:
    """Turn numpy scalars and arrays, paths, tuples and mappings into what JSON can hold."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Path):
        return str(value)
    return value


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_folder(path: str | Path, pattern: str = "**") -> str:
    """Return the SHA-256 of a folder: over a line ``<sha256>  <relative path>`` a file.

    Files are in the order of their paths; hidden files and folders are left out.

    Parameters
    ----------
    path : path
    pattern : str
        Only files whose path in the folder fits this shell pattern; ``*`` fits ``/`` too.

    Raises
    ------
    BoxloopError
        There is no such folder, no file fits, or a link leads out of it.
    """
    return sha256_of(sha256_files(path, pattern))


def sha256_of(sums: Mapping[str, str]) -> str:
    """Return the SHA-256 of a folder from the checksums of its files, by their paths."""
    lines = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    return hashlib.sha256(lines.encode()).hexdigest()


def sha256_files(path: str | Path, pattern: str = "**") -> dict[str, str]:
    """Return the checksums of the files in a folder by their paths in it, in their order."""
    folder = Path(path)
    if not folder.is_dir():
        raise BoxloopError(f"there is no folder {folder}; correct its path")
    root = folder.resolve()
    names = sorted(name for name in _names_in(folder, root) if fits_pattern(name, pattern))
    if not names:
        raise BoxloopError(f"{folder}: no file fits {pattern!r}; correct the folder or the pattern")
    return {name: sha256(folder / name) for name in names}


def fits_pattern(name: str, pattern: str) -> bool:
    """Whether a relative path fits a shell pattern; ``**/`` fits no folder as well."""
    patterns = (pattern, pattern.removeprefix("**/"), pattern.replace("/**/", "/"))
    return any(fnmatch.fnmatchcase(name, p) for p in patterns)


def _names_in(folder: Path, root: Path) -> Iterator[str]:
    """Yield the relative paths of all files that are not hidden."""
    for where, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".")]
        for name in [*folders, *files]:
            found = Path(where, name)
            if found.is_symlink() and not found.resolve().is_relative_to(root):
                raise BoxloopError(
                    f"{found} is a link that leads out of {folder}; put the file itself there"
                )
            if name in files and not name.startswith(".") and found.is_file():
                yield found.relative_to(folder).as_posix()
