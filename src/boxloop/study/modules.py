"""The user's own modules: loaded from their files, under names that no path is part of.

A fitted model stores the names of its types, and has to be read in another folder. Own modules see
each other under their plain names (``import helper``); an installed module of that name wins.
"""

import hashlib
import importlib.util
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import FunctionType, ModuleType

from boxloop.errors import BoxloopError

PREFIX = "boxloop_user_"


def load_module(name: str, files: Iterable[Path]) -> ModuleType:
    """Return the user's own module of a name, loaded once.

    Parameters
    ----------
    name : str
        The stem of one of the files.
    files : iterable of Path
        All modules listed under ``code:``, for they may import each other.
    """
    _OWN.use(files)
    return _OWN.module(name)


def load_modules(files: Iterable[Path]) -> dict[str, type | FunctionType]:
    """Load the user's own modules, so that types and layers defined in them are known.

    Returns
    -------
    dict
        The classes and functions defined in them, by name.
    """
    _OWN.use(files)
    found: dict[str, type | FunctionType] = {}
    for name, path in _OWN.files.items():
        try:
            content = vars(_OWN.module(name))
        except Exception as error:
            raise BoxloopError(f"{path}: importing it failed: {error!r}") from error
        mine = {
            k: v
            for k, v in content.items()
            if isinstance(v, type | FunctionType) and v.__module__ == f"{PREFIX}{name}"
        }
        found = {**mine, **found}
    return found


def own_files(files: Iterable[Path]) -> dict[str, Path]:
    """Return the user's own files by the names of their modules."""
    found: dict[str, Path] = {}
    for path in files:
        other = found.setdefault(path.stem, path)
        if other.resolve() != path.resolve():
            raise BoxloopError(
                f"code: lists two modules {path.stem!r}: {other} and {path}; rename one of them"
            )
    return found


def installed(name: str) -> bool:
    """Return whether a module is part of Python or of an installed package."""
    if name in sys.stdlib_module_names or name in sys.builtin_module_names:
        return True
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return PathFinder.find_spec(name, folders) is not None


class _Own(MetaPathFinder):
    """The modules in use: those of one study at a time, as their files are now."""

    def __init__(self) -> None:
        self.files: dict[str, Path] = {}
        self.state: tuple[tuple[str, str], ...] = ()

    def use(self, files: Iterable[Path]) -> None:
        """Take these files; forget what was loaded from others, or before they were edited."""
        named = own_files(files)
        paths = [path.resolve() for path in named.values()]
        state = tuple((str(p), hashlib.sha256(p.read_bytes()).hexdigest()) for p in paths)
        if state == self.state:
            return
        for key in [k for k in sys.modules if k.startswith(PREFIX)]:
            plain = key.removeprefix(PREFIX)
            if sys.modules.get(plain) is sys.modules[key]:
                del sys.modules[plain]
            del sys.modules[key]
        self.files, self.state = named, state
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def module(self, name: str) -> ModuleType:
        key, path = f"{PREFIX}{name}", self.files[name]
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

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find an own module by its plain name; refuse one that lies beside and is not listed."""
        if path is not None or name.startswith(PREFIX):
            return None
        if name in self.files:
            return None if installed(name) else ModuleSpec(name, _SameModule(self))
        for folder in dict.fromkeys(p.resolve().parent for p in self.files.values()):
            beside = (folder / f"{name}.py", folder / name / "__init__.py")
            if any(p.is_file() for p in beside) and not installed(name):
                raise ModuleNotFoundError(
                    f"{name} lies in {folder} but not under 'code:'; list it there, for results "
                    "have to be made anew when it changes",
                    name=name,
                )
        return None


class _SameModule(Loader):
    """Give the one module again under its plain name."""

    def __init__(self, own: _Own) -> None:
        self.own = own

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = self.own.module(spec.name)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec  # the import has just replaced it


_OWN = _Own()
