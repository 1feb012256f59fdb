"""Projects in which a study has run, once for the tests of the workflow and of its pages."""

import fcntl
import os
import shutil
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

# Tables of tests are small: threads would wait for each other, on a busy machine most of the time.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# What `make test` was called with is not for the `make` that a test calls.
for name in (
    "MAKEFLAGS",
    "MFLAGS",
    "MAKEOVERRIDES",
    "MAKELEVEL",
    "ARGS",
    "PACKAGE",
    "STUDY",
    "CORES",
):
    os.environ.pop(name, None)

for folder in ("workflow", "browser"):
    sys.path.append(str(Path(__file__).parent / folder))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long",
        choices=("none", "all", "0", "1", "2"),
        default="none",
        help="which tests marked long to run: none, all, or a third of them",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests that were not asked for."""
    asked = config.getoption("--long")

    def wanted(item: pytest.Item) -> bool:
        if asked == "all" or item.get_closest_marker("long") is None:
            return True
        return asked != "none" and zlib.crc32(item.nodeid.encode()) % 3 == int(asked)

    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable], Path]:
    """Make a folder that no worker has made yet; one that asks meanwhile waits for it."""
    mine = tmp_path_factory.getbasetemp()
    shared = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, whole = shared / name / "project", shared / name / "whole"
        folder.parent.mkdir(exist_ok=True)
        with (folder.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)  # what another worker failed to make
                folder.mkdir()
                make(folder)
                whole.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def table_ran(made_once):
    """A project in which toy_table has run; to be read, or copied."""
    from toy_project import REPOSITORY, ToyProject

    def run(folder: Path) -> None:
        shutil.copytree(REPOSITORY / "profiles", folder / "profiles")
        ToyProject(folder, "toy_table").run("toy_table")

    return ToyProject.at(made_once("table", run))


@pytest.fixture(scope="session")
def look_ran(made_once):
    """A project in which a study that only explores has run; to be read, or copied."""
    from toy_exploration import exploration_project
    from toy_project import ToyProject

    return ToyProject.at(made_once("look", lambda folder: exploration_project(folder).run("look")))


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A browser for all pages that a worker shows."""
    from window import Browser

    shows = Browser(tmp_path_factory.mktemp("browser"))
    yield shows
    shows.close()
