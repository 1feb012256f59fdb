"""A project that has run, for each test of commands."""

import pytest
from commands import Project


@pytest.fixture
def finished_project(table_ran, tmp_path):
    """A project in which toy_table has run; a copy, so that a test may change it."""
    return Project(table_ran.copied(tmp_path / "project").folder)
