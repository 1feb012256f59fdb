"""A small project in a temporary folder: the repository's workflow, the toys as its studies."""

import json
import os
import re
import shutil
import subprocess
import sys
from copy import copy
from pathlib import Path
from typing import Any

from in_process import snakemake_here

REPOSITORY = Path(__file__).resolve().parents[2]
TOYS = Path(__file__).parent / "toys"
SNAKEMAKE = Path(sys.executable).with_name("snakemake")


class ToyProject:
    """A project folder with toy studies.

    Parameters
    ----------
    folder : Path
    studies : names of toy studies; all toy modules are copied
    """

    def __init__(self, folder: Path, *studies: str) -> None:
        self.folder, self.own_source = folder, False
        self.environment = {**os.environ, "MLFLOW_TRACKING_URI": ""}
        (folder / "config/studies").mkdir(parents=True)
        text = (REPOSITORY / "Snakefile").read_text()
        text = text.replace('include: "workflow', f'include: "{REPOSITORY}/workflow')
        (folder / "Snakefile").write_text(text)
        (folder / "config/config.yaml").write_text(
            f"study: {studies[0]}\nstudies: []\nmirror: null\n"
        )
        for name in ("sources.yaml", "references.bib"):
            shutil.copy(REPOSITORY / "config" / name, folder / "config")
        for path in TOYS.glob("*.py"):
            shutil.copy(path, folder / "config/studies")
        for study in studies:
            shutil.copy(TOYS / f"{study}.yaml", folder / "config/studies")

    @classmethod
    def at(cls, folder: Path) -> "ToyProject":
        """A project that is there already."""
        made = cls.__new__(cls)
        made.folder, made.own_source = folder, False
        made.environment = {**os.environ, "MLFLOW_TRACKING_URI": ""}
        return made

    def copied(self, folder: Path, *, own_source: bool = False) -> "ToyProject":
        """Copy the project, what has run in it included, so that a test may change it."""
        shutil.copytree(self.folder, folder, symlinks=True)
        made = copy(self)
        made.folder = folder
        if own_source:
            made.take_source()
        return made

    def take_source(self) -> None:
        """Copy the package, the rules and the scripts, and run those from now on."""
        for name in ("src", "workflow"):
            shutil.copytree(REPOSITORY / name, self.folder / name)
        self.edit("Snakefile", str(REPOSITORY / "workflow"), str(self.folder / "workflow"))
        self.environment = {**self.environment, "PYTHONPATH": str(self.folder / "src")}
        self.own_source = True

    def arguments(self, *arguments: str, cores: int = 2) -> list[str]:
        """The arguments of a run with the repository's profile."""
        profile = str(REPOSITORY / "profiles/default")
        return ["--workflow-profile", profile, "--cores", str(cores), *arguments]

    def command(self, *arguments: str, cores: int = 2) -> list[str]:
        """The command line of such a run."""
        return [str(SNAKEMAKE), *self.arguments(*arguments, cores=cores)]

    def snakemake(
        self, *arguments: str, seconds: float = 1800, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run Snakemake in the project as a user does, each job in a process, and wait for it."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def here(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Snakemake in the project with all its jobs in this process."""
        if self.own_source:
            return self.snakemake(*arguments, **variables)
        environment = {**self.environment, **variables}
        return snakemake_here(self.arguments(*arguments), self.folder, environment)

    def run(self, *arguments: str, **variables: str) -> str:
        """Run a study, or some files, to the end; else fail the test with the output."""
        done = self.here(*arguments, **variables)
        output = done.stdout + done.stderr
        assert done.returncode == 0, output[-6000:]
        return output

    def to_do(self, study: str, **variables: str) -> set[str]:
        """Names of the rules that would run."""
        output = self.run("--dry-run", "--quiet", "rules", "--", study, **variables)
        table = re.findall(r"^(\w+) +\d+$", output, flags=re.MULTILINE)
        return set(table) - {"total", study}

    def json(self, path: str) -> Any:
        """Content of a JSON file of the project."""
        return json.loads((self.folder / path).read_text())

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in a file; the text must be there."""
        file = self.folder / path
        text = file.read_text()
        assert old in text, f"{old!r} is not in {path}"
        file.write_text(text.replace(old, new))
