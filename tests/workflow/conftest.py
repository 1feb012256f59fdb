"""Make the helpers beside the workflow tests importable; a project that has run, for all."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "browser"))

from commands import Project


@pytest.fixture
def finished_project(table_ran, tmp_path):
    """A project in which toy_table has run; a copy, so that a test may change it."""
    return Project(table_ran.copied(tmp_path / "project").folder)
