"""Begin a project of one's own, which runs with the installed boxloop, outside any clone."""

import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path
from string import Template

from boxloop import __version__
from boxloop.errors import BoxloopError, listed
from boxloop.study.installed import project_files

TEMPLATES = Path(__file__).parent / "project"
#: Files of a project by the template they are made from.
WRITTEN: dict[str, str] = {
    "Snakefile": "Snakefile.txt",
    "Makefile": "Makefile.txt",
    "README.md": "README.md.txt",
    "dvc.yaml": "dvc.yaml.txt",
    ".gitignore": "gitignore.txt",
    "config/config.yaml": "config.yaml.txt",
}
#: Files that are the package's own.
COPIED = (
    "config/sources.yaml",
    "config/references.bib",
    "profiles/default/config.yaml",
    "profiles/slurm/config.yaml",
)
FOLDERS = ("config/studies", "data/own")
#: Where the Makefile finds the environment; git ignores it.
ENVIRONMENT = ".boxloop.mk"


def init(folder: Path, name: str | None = None) -> str:
    """Write a new project, all of it or nothing; return what to do next.

    Parameters
    ----------
    folder : Path
        It need not exist; files of other names may be in it.
    name : str, optional
        By default the folder's.

    Raises
    ------
    BoxloopError
        A file of the project is there already, or the folder cannot be written to.
    """
    names = [*WRITTEN, *COPIED, ENVIRONMENT]
    if folder.exists() and not folder.is_dir():
        raise BoxloopError(f"{folder}: expected a folder; found a file")
    if there := [n for n in names if (folder / n).exists()]:
        raise BoxloopError(
            f"{folder}: has {listed(there)} already, and nothing is overwritten; "
            "choose another folder, or move them away"
        )
    name = name if name is not None else folder.resolve().name
    if not name.strip() or "\n" in name:
        raise BoxloopError(f"--name: expected a name in one line; found {name!r}")
    try:
        _place(folder, names, name)
    except OSError as error:
        raise BoxloopError(f"{folder}: cannot be written to: {error.strerror}") from None
    steps = "  boxloop new NAME --table FILE --target COLUMN\n  make run"
    first = "" if folder.resolve() == Path.cwd() else f"  cd {folder}\n"
    return f"{folder}: a project of boxloop {__version__}. Next:\n{first}{steps}"


def _place(folder: Path, names: list[str], name: str) -> None:
    """Write all files beside the folder, then move them in; on an error take them out again."""
    made: list[Path] = []
    parents = [p for p in (folder, *folder.resolve().parents) if p.is_dir()]
    with tempfile.TemporaryDirectory(dir=parents[0], prefix=".boxloop-init-") as scratch:
        _write(Path(scratch), name)
        try:
            for file in names:
                _make_folder((folder / file).parent, made)
                Path(scratch, file).rename(folder / file)
                made.append(folder / file)
            for empty in FOLDERS:
                _make_folder(folder / empty, made)
        except OSError:
            for path in reversed(made):
                path.rmdir() if path.is_dir() else path.unlink()
            raise


def _make_folder(folder: Path, made: list[Path]) -> None:
    for path in reversed([folder, *folder.parents]):
        if not path.is_dir():
            path.mkdir()
            made.append(path)


def _write(scratch: Path, name: str) -> None:
    shipped = project_files()
    words = {"name": name, "version": __version__}
    for file in COPIED:
        (scratch / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shipped / file, scratch / file)
    for file, template in WRITTEN.items():
        text = Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(words)
        (scratch / file).write_text(text, encoding="utf-8")
    (scratch / ENVIRONMENT).write_text(f"BIN ?= {_programs()}\n", encoding="utf-8")


def _programs() -> Path:
    """Return the folder of this environment's programs."""
    beside = Path(sys.executable).parent
    return beside if (beside / "snakemake").exists() else Path(sysconfig.get_path("scripts"))
