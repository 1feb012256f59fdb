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

REPOSITORY = Path(__file__).resolve().parents[2]
TOYS = Path(__file__).parent / "toys"
SNAKEMAKE = Path(sys.executable).with_name("snakemake")


class ToyProject:
    """A project folder with toy studies.

    Parameters
    ----------
    folder : Path
    studies : names of toy studies; all toy modules are copied
    own_source : bool
        Copy the package, the rules and the scripts too, so that a test may edit them.
    """

    def __init__(self, folder: Path, *studies: str, own_source: bool = False) -> None:
        self.folder = folder
        source = REPOSITORY
        self.environment = {**os.environ, "MLFLOW_TRACKING_URI": ""}
        if own_source:
            source = folder
            for name in ("src", "workflow"):
                shutil.copytree(REPOSITORY / name, folder / name)
            self.environment["PYTHONPATH"] = str(folder / "src")
        (folder / "config/studies").mkdir(parents=True)
        text = (REPOSITORY / "Snakefile").read_text()
        text = text.replace('include: "workflow', f'include: "{source}/workflow')
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

    def copied(self, folder: Path) -> "ToyProject":
        """Copy the project, what has run in it included, so that a test may change it."""
        shutil.copytree(self.folder, folder, symlinks=True)
        made = copy(self)
        made.folder = folder
        return made

    def command(self, *arguments: str, cores: int = 2) -> list[str]:
        """The command line of a run with the repository's profile."""
        profile = str(REPOSITORY / "profiles/default")
        return [str(SNAKEMAKE), "--workflow-profile", profile, "--cores", str(cores), *arguments]

    def snakemake(
        self, *arguments: str, seconds: float = 1500, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run snakemake in the project and wait for it."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def run(self, *arguments: str, **variables: str) -> str:
        """Run a study, or some files, to the end; else fail the test with the output."""
        done = self.snakemake(*arguments, **variables)
        output = done.stdout + done.stderr
        assert done.returncode == 0, output[-6000:]
        return output

    def to_do(self, study: str) -> set[str]:
        """Names of the rules that would run."""
        done = self.snakemake("--dry-run", "--quiet", "rules", "--", study, seconds=100)
        output = done.stdout + done.stderr
        assert done.returncode == 0, output[-6000:]
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
