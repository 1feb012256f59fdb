"""A small study in a project with the profile for SLURM, and what a test does to its jobs."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import yaml
from toy_project import REPOSITORY, ToyProject

from boxloop.slurm import QueuedJob, queued

STUDY = """\
schema: 2
status: draft
seed: 3
task: regression
question: {{what: "Can a law be found?", why: "To test the cluster.", use: predictions}}
code: [toy_tables.py]
samples:
  train: {{simulator: "toy_tables:straight_law", n: 200, provenance: simulated}}
  target: {{simulator: "toy_tables:straight_law", n: 50, provenance: simulated}}
columns:
  id: object_id
  features:
    brightness: {{unit: mag, missing: {{99: not_detected}}}}
    size: {{unit: arcsec}}
  target: {{name: distance, unit: Mpc}}
split: {{test: 0.2, calibration: 0.1, folds: 2}}
metric: rmse
models:
  - {{name: dummy}}
  - name: dense
    parameters: {{units: [8], epochs: {epochs}, patience: {epochs}, batch_size: 32}}
    space: {{learning_rate: [0.0002, 0.0004]}}
probes: {{shuffled: 0, learning_curve: [], seeds: 0, reweight: false}}
report: {{title: A toy on a cluster, authors: [boxloop tests]}}
"""


#: Up to the numbers; the report takes as many jobs again.
NUMBERS = ("results/trained/evaluate/metrics.json", "results/trained/apply/summary.json")

#: Runs that tests have begun.
RUNS: list["subprocess.Popen[bytes]"] = []


class SlurmProject:
    """A project with the study ``trained``, whose network trains for some time.

    Parameters
    ----------
    folder : Path
    epochs : int
        Of the network; about ten in a second in the final fit.
    profile : mapping
        What differs from the repository's profile.
    """

    def __init__(self, folder: Path, epochs: int = 300, **profile: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.toy = ToyProject(folder, "toy_table")
        self.folder = folder
        self.study("trained", epochs)
        self.profile(**profile)

    def copied(self, folder: Path, *without: str) -> "SlurmProject":
        """Copy the project and what has run in it, some stages apart."""
        made = copy(self)
        made.toy = self.toy.copied(folder)
        made.folder = folder
        for stage in without:
            shutil.rmtree(folder / "results/trained" / stage)
        return made

    def study(self, name: str, epochs: int = 300, text: str = STUDY) -> None:
        """Write a study file."""
        content = text.format(epochs=epochs)
        (self.folder / f"config/studies/{name}.yaml").write_text(content)

    def profile(self, **changes: Any) -> None:
        """Write the profile: the repository's, made quick, on the test's partition."""
        path = self.folder / "profiles/slurm/config.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = yaml.safe_load((REPOSITORY / "profiles/slurm/config.yaml").read_text())
        content["default-resources"]["slurm_partition"] = "cpu"
        content["slurm-init-seconds-before-status-checks"] = 3
        content["latency-wait"] = 10
        content.update(changes)
        path.write_text(yaml.safe_dump(content))

    def command(self, *targets: str) -> list[str]:
        """The command line of a run on the cluster."""
        snakemake = str(Path(sys.executable).with_name("snakemake"))
        return [snakemake, "--workflow-profile", "profiles/slurm", "--", *targets]

    def start(self, *targets: str) -> "subprocess.Popen[bytes]":
        """Begin a run in its own process group; what it prints goes to run.log."""
        log = (self.folder / "run.log").open("ab")
        run = subprocess.Popen(
            self.command(*(targets or NUMBERS)),
            cwd=self.folder, env=self.toy.environment, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        RUNS.append(run)
        return run

    def said(self) -> str:
        """What the runs have printed so far."""
        return (self.folder / "run.log").read_text()

    def finish(self, run: "subprocess.Popen[bytes]", seconds: float = 3600) -> int:
        """Wait for a run to end."""
        return run.wait(timeout=seconds)

    def run(self, *targets: str, seconds: float = 3600) -> str:
        """Run to the end; else fail the test with what was printed."""
        code = self.finish(self.start(*targets), seconds)
        assert code == 0, self.said()[-6000:]
        return self.said()

    def boxloop(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the command boxloop in the project."""
        program = str(Path(sys.executable).with_name("boxloop"))
        return subprocess.run(
            [program, *arguments], cwd=self.folder, env=self.toy.environment,
            capture_output=True, text=True, check=False, timeout=1800,
        )  # fmt: skip

    def job(self, label: str, *, running: bool = True) -> QueuedJob | None:
        """The job of a rule and its wildcards in the queue."""
        fit = (j for j in queued(self.folder) if j.label == label and j.waits != running)
        return next(fit, None)

    def cancel(self, label: str, when: Callable[[], bool] = lambda: True) -> None:
        """Cancel a job once it runs and something holds."""
        found = wait_for(lambda: when() and self.job(label), f"{label} does not run")
        subprocess.run(["scancel", found.id], check=True, timeout=600)

    def numbers(self, study: str = "trained") -> dict[str, bytes]:
        """The files of results whose bytes have to be the same however the run went."""
        results = self.folder / "results" / study
        names = ("evaluate/metrics.json", "evaluate/predictions.parquet")
        names += ("apply/predictions.parquet", "search/predictions.parquet")
        return {name: (results / name).read_bytes() for name in names}

    def slurm_logs(self, rule: str) -> str:
        """What SLURM wrote of the failed jobs of a rule."""
        folder = self.folder / "logs/slurm" / f"rule_{rule}"
        return "\n".join(path.read_text() for path in sorted(folder.rglob("*.log")))


def wait_for(condition: Callable[[], Any], trouble: str, seconds: float = 3600) -> Any:
    """Return what a condition gives once that counts as true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError(trouble)
