"""What the jobs of a long search cost on SLURM besides their fits.

The study photoz (real survey files: set BOXLOOP_MIRROR) with its dense network over a space of
rates, widths and more (benchmarks/search_studies.py), searched through profiles/slurm. Where this
machine belongs to no cluster, root gets one of one node as in tests/cluster. One chunk of two
trials is run; then `boxloop check` is asked which chunk would be enough, and that is taken.
For each chunk of the search are compared the seconds that SLURM says its job ran, all attempts
together, and those that its trials took; `besides` is the time before the first began and after
the last had ended.

    make benchmark NAME=cluster_search ARGS="--trials 200 --jobs 2"

Writes benchmarks/results/cluster_search.json.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from search import machine
from search_studies import REPOSITORY, project, run

sys.path.insert(0, str(REPOSITORY / "tests/cluster"))

from local_cluster import LocalCluster, sent

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = REPOSITORY / "benchmarks/results/cluster_search.json"
STUDY = "photoz"
#: Trials of a job before `boxloop check` is asked.
SMALL = 2
#: Seconds between two looks at the jobs; SLURM forgets those that ended long ago.
LOOKS = 20
BINARIES = Path(sys.executable).parent


def main() -> None:
    """Search, and write what the jobs took."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder)):
        found = searched(Path(folder).resolve(), options.trials, options.jobs)
    RESULTS.write_text(json.dumps({"machine": machine(), **found}, indent=1) + "\n")
    print(json.dumps({key: found[key] for key in found if key != "jobs"}, indent=1))


@contextmanager
def cluster(folder: Path) -> "Iterator[None]":
    """A SLURM cluster: the one that is there, or one of one node."""
    if Path("/etc/slurm/slurm.conf").exists():
        yield
        return
    made = LocalCluster(folder / "slurm")
    try:
        made.start()
        yield
    finally:
        made.stop()


def searched(folder: Path, trials: int, jobs: int) -> dict[str, Any]:
    """Search in a project of its own, so many jobs at a time."""
    project(STUDY, folder)
    path = folder / f"config/studies/{STUDY}.yaml"
    study = yaml.safe_load(path.read_text())
    study["models"] = [model for model in study["models"] if model["name"] == "searched"]
    study["budget"] = {"trials": trials}
    study["search"]["chunk"] = SMALL
    path.write_text(yaml.safe_dump(study, sort_keys=False))
    profile = yaml.safe_load((REPOSITORY / "profiles/slurm/config.yaml").read_text())
    (folder / "profiles/slurm").mkdir(parents=True)
    (folder / "profiles/slurm/config.yaml").write_text(yaml.safe_dump({**profile, "jobs": jobs}))
    run(folder, *(f"results/{STUDY}/prepare/{file}" for file in ("folds.parquet", "recipes.json")))
    first = checked(path)
    pilot, _ = watched(folder, f"results/{STUDY}/search/chunks/searched-0.json")
    said = checked(path)
    chunk = re.search(r"chunk: (\d+)}", said)
    study["search"]["chunk"] = int(chunk[1]) if chunk else SMALL
    path.write_text(yaml.safe_dump(study, sort_keys=False))
    taken, wall = watched(folder, f"results/{STUDY}/search/selected.json")
    rows = chunks(folder, [taken[n] for n in sorted(taken.keys() - pilot.keys(), key=int)])
    lost = sum(row["seconds"] - row["trials_took"] for row in rows)
    return {
        "study": STUDY,
        "trials": sum(row["trials"] for row in rows),
        "at_a_time": jobs,
        "advice_before_any_run": first.splitlines()[-1],
        "advice": said.splitlines()[-1],
        "advice_afterwards": checked(path).splitlines()[-1],
        "chunk": study["search"]["chunk"],
        "fitting": sum(row["trials_took"] for row in rows),
        "on_nodes": sum(row["seconds"] for row in rows),
        "overhead_of_a_job": lost / len(rows),
        "overhead_share": lost / sum(row["seconds"] for row in rows),
        "wall": wall,
        "besides": wall - (max(row["end"] for row in rows) - min(row["begin"] for row in rows)),
        "jobs": rows,
    }


def checked(path: Path) -> str:
    """What `boxloop check` says of the study."""
    command = [str(BINARIES / "boxloop"), "check", path.stem]
    done = subprocess.run(
        command, cwd=path.parents[2], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.strip()


def watched(folder: Path, target: str) -> tuple[dict[str, dict[str, str]], float]:
    """Run on the cluster; return what SLURM says of each job, and the seconds."""
    began, taken = time.time(), {}
    command = [str(BINARIES / "snakemake"), "--workflow-profile", "profiles/slurm", "--", target]
    with (folder / "run.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        while True:
            try:
                process.wait(timeout=LOOKS)
            except subprocess.TimeoutExpired:
                taken.update({job["JobId"]: job for job in sent(folder)})
                continue
            break
    if process.returncode:
        raise SystemExit((folder / "run.log").read_text()[-4000:])
    seconds = time.time() - began
    taken.update({job["JobId"]: job for job in sent(folder)})
    return taken, seconds


def chunks(folder: Path, jobs: list[dict[str, str]]) -> list[dict[str, Any]]:
    """What the jobs of each chunk of the search took."""
    of_chunk: dict[str, list[dict[str, str]]] = {}
    for job in jobs:
        label = job["Comment"].removeprefix("rule_chunk_wildcards_")
        if label != job["Comment"]:
            of_chunk.setdefault(label, []).append(job)
    rows = []
    for label, attempts in of_chunk.items():
        number = label.rpartition("_")[2]
        file = folder / f"results/{STUDY}/search/chunks/searched-{number}.json"
        trials = json.loads(file.read_text())
        spans = [[_seconds(job[k]) for k in ("StartTime", "EndTime")] for job in attempts]
        rows.append({
            "job": label,
            "trials": len(trials),
            "states": [job["JobState"] for job in attempts],
            "begin": spans[0][0],
            "end": spans[-1][1],
            "seconds": sum(end - begin for begin, end in spans),
            "trials_took": sum(trial["seconds"] for trial in trials),
        })  # fmt: skip
    return rows


def _seconds(date: str) -> float:
    return datetime.fromisoformat(date).timestamp()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2, help="at a time")
    return parser.parse_args()


if __name__ == "__main__":
    main()
