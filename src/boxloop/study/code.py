"""What code a rule rests on: a hash that ignores comments, docstrings and layout.

A rule with ``params: code=code("split")`` reruns when the syntax tree of its script, or of any
boxloop module that the script imports, directly or not, has changed; and only then.
"""

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from boxloop.errors import BoxloopError, listed, suggest

PACKAGE = Path(__file__).resolve().parents[1]


def code_hash(files: Iterable[Path], package: Path = PACKAGE) -> str:
    """Return a hash of the syntax trees of files and of all boxloop modules they import.

    Parameters
    ----------
    files : iterable of Path
        Python files: a script and, where the study has some, the user's own modules.
    package : Path
        The folder of the boxloop package.
    """
    seen: dict[Path, tuple[str, str]] = {}
    waiting = [(f.resolve(), f.name) for f in files]
    while waiting:
        path, name = waiting.pop()
        if path in seen:
            continue
        digest, imported = _parsed(path, name, package)
        seen[path] = (name, digest)
        waiting += [(m, _module_name(m, package)) for m in imported]
    lines = "\n".join(f"{name} {digest}" for name, digest in sorted(seen.values()))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


@cache
def _parsed(path: Path, name: str, package: Path) -> tuple[str, tuple[Path, ...]]:
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        raise BoxloopError(f"{path}:{error.lineno}: not valid Python: {error.msg}") from None
    imported = tuple(_imports(tree, name, package))
    for node in ast.walk(tree):
        documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imported


def _imports(tree: ast.Module, name: str, package: Path) -> Iterable[Path]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files(alias.name, package)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                parts = name.split(".")
                is_package = (package.parent / Path(*parts) / "__init__.py").is_file()
                keep = len(parts) - node.level + (1 if is_package else 0)
                module = ".".join([*parts[:keep], *([module] if module else [])])
            yield from _files(module, package)
            for alias in node.names:
                yield from _files(f"{module}.{alias.name}", package)


def _files(module: str, package: Path) -> Iterable[Path]:
    """Yield the file of a boxloop module and the ``__init__`` of every package above it."""
    parts = module.split(".")
    if parts[0] != package.name:
        return
    for i in range(1, len(parts) + 1):
        folder = package.joinpath(*parts[1:i])
        for path in (folder / "__init__.py", folder.with_suffix(".py") if i > 1 else None):
            if path and path.is_file():
                yield path


def _module_name(path: Path, package: Path) -> str:
    parts = list(path.relative_to(package.parent).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def user_function(reference: str, files: Iterable[Path]) -> Callable[..., Any]:
    """Return the function ``module:function`` of the user's own files, boxloop, or a library.

    Parameters
    ----------
    reference : str
    files : iterable of Path
        The study's own modules; they win over installed ones.

    Raises
    ------
    BoxloopError
        The module cannot be imported or has no such function.
    """
    module_name, _, function_name = reference.partition(":")
    own = {path.stem: path for path in files}
    try:
        if module_name in own:
            module = _load(module_name, own[module_name])
        else:
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise BoxloopError(
            f"{reference}: cannot be imported: {error}; expected a module of 'code:' "
            f"({listed(own) or 'empty'}) or an installed one{suggest(module_name, own)}"
        ) from None
    except Exception as error:
        raise BoxloopError(f"{reference}: importing it failed: {error!r}") from error
    function = getattr(module, function_name, None)
    if not callable(function):
        names = [n for n in dir(module) if not n.startswith("_") and callable(getattr(module, n))]
        raise BoxloopError(
            f"{reference}: {module_name} has no function {function_name!r}"
            f"{suggest(function_name, names)}"
        )
    return function


def _load(name: str, path: Path) -> Any:
    """Import a file once, under a name that cannot hide an installed module."""
    key = f"boxloop_user_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}_{name}"
    if key in sys.modules:
        return sys.modules[key]
    spec = importlib.util.spec_from_file_location(key, path)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"no module in {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[key] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[key]
        raise
    return module


def load_modules(files: Iterable[Path]) -> None:
    """Import the user's own modules, so that layers registered in them are known."""
    for path in files:
        _load(path.stem, path)
