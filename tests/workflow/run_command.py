"""Start `boxloop run` in a toy project."""

import subprocess
from pathlib import Path

from commands import BIN
from toy_project import ToyProject

#: Seconds after which a run is taken to hang.
HANGING = 600
#: Log of a run of the study `look`.
LOG = Path("logs/run-look.log")


def command(*arguments: str) -> list[str]:
    return [str(BIN / "boxloop"), "run", *arguments]


def environment(project: ToyProject) -> dict[str, str]:
    return {**project.environment, "TERM": "xterm"}


def run(project: ToyProject, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run where there is no terminal."""
    return subprocess.run(
        command(*arguments), cwd=project.folder, env=environment(project),
        capture_output=True, text=True, timeout=HANGING, check=False,
    )  # fmt: skip
