"""What code a rule rests on: a hash that ignores comments, docstrings and layout.

A rule with ``params: code=code("split")`` reruns when the syntax tree of its script, or of any
boxloop module that the script imports, directly or not, has changed; and only then.
"""

import hashlib
import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from boxloop.errors import BoxloopError, listed, suggest
from boxloop.study.known_model import FITTING
from boxloop.study.modules import load_module, own_files
from boxloop.study.searching import Hyperparameters
from boxloop.study.syntax import read_syntax

PACKAGE = Path(__file__).resolve().parents[1]


def code_hash(
    files: Iterable[Path],
    package: Path = PACKAGE,
    sources: Iterable[Path | str] = (),
    memory: Path | None = None,
    instead: Mapping[str, str] | None = None,
    loaded: Mapping[str, Sequence[Path | str]] | None = None,
) -> str:
    """Return a hash of the syntax trees of files and of all boxloop modules they import.

    Parameters
    ----------
    files : iterable of Path
        Python files: a script and, where the study has some, the user's own modules.
    package : Path
        The folder of the boxloop package.
    sources : iterable of Path or str
        What functions named in the study rest on (`boxloop.study.references.source_of`): further
        files, or name and version of an installed package.
    memory : Path, optional
        A folder that keeps what files of Python gave (`boxloop.study.syntax.read_syntax`).
    instead : mapping of str to str, optional
        What counts in the place of a boxloop module that is a table: the lines that are used.
    loaded : mapping of str to sequence of Path or str
        What a boxloop module loads by name: it counts where that module is imported.
    """
    further, lines_of, by_name = list(sources), instead or {}, loaded or {}
    versions = {s for s in further if isinstance(s, str)}
    seen: dict[Path, tuple[str, str]] = {}
    waiting = [(f.resolve(), f.name) for f in files]
    waiting += [(f.resolve(), _name(f.resolve(), package)) for f in further if isinstance(f, Path)]
    while waiting:
        path, name = waiting.pop()
        if path in seen:
            continue
        digest, imports = read_syntax(path, name, memory)
        imports = (*imports, name)  # and the packages above it
        seen[path] = (name, lines_of.get(name, digest))
        waiting += _modules(imports, package)
        for source in by_name.get(name, ()):
            if isinstance(source, str):
                versions.add(source)
            else:
                waiting.append((source.resolve(), _name(source.resolve(), package)))
    digests = (f"{name} {digest}" for name, digest in sorted(seen.values()))
    lines = "\n".join([*digests, *sorted(versions)])
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


@cache
def _modules(imports: tuple[str, ...], package: Path) -> tuple[tuple[Path, str], ...]:
    """Return file and name of the boxloop modules that are meant by what a file imports."""
    files = {path for name in imports for path in _files(name.split("."), package)}
    return tuple((path, _module_name(path, package)) for path in files)


def _files(parts: Sequence[str], package: Path) -> Iterable[Path]:
    """Yield the file of a boxloop module and the ``__init__`` of every package above it."""
    if parts[0] != package.name:
        return
    for i in range(1, len(parts) + 1):
        folder = package.joinpath(*parts[1:i])
        for path in (folder / "__init__.py", folder.with_suffix(".py") if i > 1 else None):
            if path and path.is_file():
                yield path


def _name(path: Path, package: Path) -> str:
    inside = path.is_relative_to(package)
    return _module_name(path, package) if inside else path.name


def _module_name(path: Path, package: Path) -> str:
    parts = list(path.relative_to(package.parent).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def accepted(function: Callable[..., Any], values: Hyperparameters) -> Hyperparameters:
    """Return which hyperparameters a user's model is given.

    What belongs to training goes to the training of a network; a function is given such a value
    only if it names it.
    """
    try:
        named = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some compiled functions have no signature to look at
        return {k: v for k, v in values.items() if k not in FITTING}
    return {k: v for k, v in values.items() if k not in FITTING or _by_name(named.get(k))}


def _by_name(parameter: inspect.Parameter | None) -> bool:
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return parameter is not None and parameter.kind in kinds


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
    own = own_files(files)
    try:
        if module_name in own:
            module = load_module(module_name, own.values())
        else:
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if module_name in own:
            raise BoxloopError(f"{reference}: importing it failed: {error}") from error
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
