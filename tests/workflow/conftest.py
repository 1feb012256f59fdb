"""Make the helpers beside the workflow tests importable; a project that has run, for all."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "browser"))

from commands import Project
from toy_project import REPOSITORY, ToyProject


@pytest.fixture(scope="session")
def _ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ran") / "project"
    folder.mkdir()
    shutil.copytree(REPOSITORY / "profiles", folder / "profiles")
    ToyProject(folder, "toy_table").run("toy_table")
    return folder


@pytest.fixture
def finished_project(_ran, tmp_path):
    """A project in which toy_table has run; a copy, so that a test may change it."""
    shutil.copytree(_ran, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")
