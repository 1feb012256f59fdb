"""Run any command of the environment in a project folder, as a user would at the prompt."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Project:
    """A project folder."""

    folder: Path

    def run(self, *command, check=True, timeout=1800, **environment):
        """Run a command in the project; what it prints comes as one text."""
        env = {
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "MLFLOW_TRACKING_URI": "",
            **environment,
        }
        done = subprocess.run(
            [str(c) for c in command],
            cwd=self.folder,
            env=env,
            text=True,
            timeout=timeout,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0 or not check, f"{command}: {done.returncode}\n{done.stdout}"
        return done

    def planned(self, study):
        """Return what a run would do: rules and how many jobs of each."""
        done = self.run("snakemake", "--cores", "2", "--dry-run", study)
        if "Nothing to be done" in done.stdout:
            return {}
        found = dict(re.findall(r"^(\w+) +(\d+)$", done.stdout, flags=re.MULTILINE))
        assert "total" in found, done.stdout
        return {rule: int(n) for rule, n in found.items() if rule not in ("total", study)}

    def results(self, study="toy_table"):
        """Return the folder of a study's results."""
        return self.folder / "results" / study
