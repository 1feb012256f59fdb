"""Projects in which a study has run, once for the tests of the workflow and of its pages."""

import os
import shutil
import sys
from pathlib import Path

import pytest

# Tables of tests are small: threads would wait for each other, on a busy machine most of the time.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

sys.path.append(str(Path(__file__).parent / "workflow"))


@pytest.fixture(scope="session")
def table_ran(tmp_path_factory):
    """A project in which toy_table has run; to be read, or copied."""
    from toy_project import REPOSITORY, ToyProject

    folder = tmp_path_factory.mktemp("ran") / "project"
    folder.mkdir()
    shutil.copytree(REPOSITORY / "profiles", folder / "profiles")
    made = ToyProject(folder, "toy_table")
    made.run("toy_table")
    return made


@pytest.fixture(scope="session")
def look_ran(tmp_path_factory):
    """A project in which a study that only explores has run."""
    from toy_exploration import exploration_project

    made = exploration_project(tmp_path_factory.mktemp("look"))
    made.run("look")
    return made
