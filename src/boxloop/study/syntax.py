"""What of a Python file counts: the hash of its syntax tree, and what it imports.

To read a tree takes milliseconds, and Snakemake asks for hundreds of them at each start; so what
a file gave can be kept in a folder, under the hash of the file's bytes.
"""

import ast
import hashlib
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from boxloop.errors import BoxloopError

#: The last line of what is kept: without it, the rest may be lacking.
_END = "."
_DOCUMENTED = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


class Syntax(NamedTuple):
    """What of a Python file counts.

    Attributes
    ----------
    digest : str
        SHA-256 of its syntax tree without docstrings, in hexadecimal digits.
    imports : tuple of str
        What it imports, by dotted name; the last part may be a name inside of a module.
    """

    digest: str
    imports: tuple[str, ...]


@cache
def read_syntax(path: Path, name: str, memory: Path | None = None) -> Syntax:
    """Read a Python file.

    Parameters
    ----------
    path : Path
    name : str
        Dotted name of the module, by which it imports its neighbours.
    memory : Path, optional
        A folder that keeps what was read for the next process; one that cannot be written keeps
        nothing.

    Raises
    ------
    BoxloopError
        The file is not valid Python.
    """
    content = path.read_bytes()
    if memory is None:
        return _parsed(content, path, name)
    kept = memory / hashlib.sha256(f"{path}\n{name}".encode()).hexdigest()[:32]
    # Python writes trees otherwise from version to version.
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    key = f"{hashlib.sha256(content).hexdigest()} {version} {_own()}"
    with suppress(OSError, ValueError):
        about, digest, *imports, end = kept.read_text(encoding="utf-8").splitlines()
        if about == key and end == _END:
            return Syntax(digest, tuple(imports))
    found = _parsed(content, path, name)
    beside = kept.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        memory.mkdir(parents=True, exist_ok=True)
        lines = [key, found.digest, *found.imports, _END]
        beside.write_text("\n".join(lines), encoding="utf-8")
        beside.replace(kept)
    with suppress(OSError):  # where a folder stands in its place
        beside.unlink(missing_ok=True)
    return found


@cache
def _own() -> str:
    """Return a hash of this module: what it kept before it was changed counts no more."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]


def _parsed(content: bytes, path: Path, name: str) -> Syntax:
    try:
        tree = ast.parse(content, filename=str(path))
    except SyntaxError as error:
        raise BoxloopError(f"{path}:{error.lineno}: not valid Python: {error.msg}") from None
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    imports: dict[str, None] = {}
    typed = {id(line) for node in ast.walk(tree) for line in _typing_only(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            if id(node) in typed:
                continue
            imports.update(dict.fromkeys(_names(node, package)))
        elif isinstance(node, ast.ClassDef):  # its docstring, and those of its attributes
            node.body = [line for line in node.body if not _is_text(line)]
        elif isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return Syntax(hashlib.sha256(ast.dump(tree).encode()).hexdigest(), tuple(imports))


def _typing_only(node: ast.AST) -> list[ast.stmt]:
    """Return what stands under ``if TYPE_CHECKING``, which no job imports."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name):
        return node.body if node.test.id == "TYPE_CHECKING" else []
    return []


def _is_text(line: ast.stmt) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def _names(node: ast.Import | ast.ImportFrom, package: str) -> Iterable[str]:
    """Yield the dotted names of an import; `package` is what a leading dot stands for."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    module = node.module or ""
    if node.level:
        parts = package.split(".")
        above = parts[: len(parts) - node.level + 1]
        module = ".".join([*above, *([module] if module else [])])
    yield module
    yield from (f"{module}.{alias.name}" for alias in node.names)
