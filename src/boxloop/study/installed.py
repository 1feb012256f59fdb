"""Where the workflow of the installed package lies, and which study a project means."""

from collections.abc import Iterable
from pathlib import Path

from boxloop.errors import BoxloopError, listed
from boxloop.study.code import PACKAGE
from boxloop.study.vocabulary import STAGES


def project_files() -> Path:
    """Return the folder that holds ``workflow``, ``profiles`` and ``config`` of the package.

    A wheel carries them inside the package; in an editable installation they stand in the clone.
    """
    inside = PACKAGE / "_project"
    folder = inside if inside.is_dir() else PACKAGE.parents[1]
    if not (folder / "workflow/rules/common.smk").is_file():
        raise BoxloopError(
            f"{folder}: expected the rules of the workflow there, in workflow/rules; found none; "
            "install boxloop again"
        )
    return folder


def rule_files() -> list[str]:
    """Return the paths of all rules, in the order in which a Snakefile includes them."""
    folder = project_files() / "workflow/rules"
    shared = ("common", "common_search", "common_report", "common_cluster")
    return [str(folder / f"{name}.smk") for name in (*shared, *STAGES, "targets")]


def default_study(named: str | None, studies: Iterable[str]) -> str:
    """Return the study that runs when none is named: that of config.yaml, else the only one.

    Parameters
    ----------
    named : str or None
        ``study`` of config/config.yaml.
    studies : iterable of str
        Names of the study files there are.

    Raises
    ------
    BoxloopError
        There is none yet, or there are several.
    """
    there = sorted(studies)
    if named:
        return named
    if not there:
        raise BoxloopError(
            "there is no study yet; put a table into data/own and draft one: "
            "boxloop new NAME --table data/own/FILE --target COLUMN"
        )
    if len(there) > 1:
        raise BoxloopError(
            f"there are several studies: {listed(there)}; say which: make run STUDY={there[0]}, or "
            "name one as `study` in config/config.yaml"
        )
    return there[0]
