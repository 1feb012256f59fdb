"""What a run costs besides the science: the demo from nothing, a second run, a dry run of all.

Clones what is committed here, sets the clone up (not counted), runs `make run` there from nothing
and again, and watches the memory of all its processes together. With a commit, the same is done at
that commit in turn, so that whatever else the machine does falls on both. Writes
benchmarks/results/overhead.json.

    make benchmark NAME=overhead
    make benchmark NAME=overhead ARGS="COMMIT"
    make benchmark NAME=overhead ARGS="COMMIT --repeats 5"
"""

import argparse
import ctypes
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from clones import REPOSITORY, Clone, clone_at, environment, git

RESULTS = REPOSITORY / "benchmarks/results/overhead.json"
#: Runs of each commit from nothing, runs after the last of them, and seconds between looks.
REPEATS, AGAIN, EVERY = 3, 5, 0.2
#: Seconds for which the machine is looked at before a run; after which what still runs was left.
BEFORE, GRACE = 1, 3
DEMO = "photoz_demo"
RUN = ("make", "run", f"STUDY={DEMO}")


@dataclass(frozen=True)
class Watched:
    """One run of a command.

    Attributes
    ----------
    seconds : float
    peak_memory_bytes : int
        The largest sum over all processes of their share (PSS).
    load_before : float
        Load average of the last minute when it began.
    busy_before : float
        Fraction of the cores that others kept busy in the seconds before.
    left : tuple of str
        Names of processes that it left behind.
    """

    seconds: float
    peak_memory_bytes: int
    load_before: float
    busy_before: float
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timed:
    """Several runs of a command: the median of their seconds, with the range."""

    seconds: float
    least: float
    most: float
    peak_memory_bytes: int
    runs: tuple[Watched, ...]

    @classmethod
    def of(cls, runs: Sequence[Watched]) -> "Timed":
        """Sum up runs."""
        seconds = [run.seconds for run in runs]
        peak = max(run.peak_memory_bytes for run in runs)
        middle = round(statistics.median(seconds), 3)
        return cls(middle, min(seconds), max(seconds), peak, tuple(runs))


def main() -> None:
    """Run the demo of both commits in turn and write the results."""
    told = arguments()
    adopt_orphans()
    with tempfile.TemporaryDirectory() as scratch:
        clones = {"here": clone_at("HEAD", Path(scratch) / "here")}
        if told.commit:
            clones["before"] = clone_at(told.commit, Path(scratch) / "before")
        found = compared(clones, told.repeats)
        here = clones["here"].folder
        plain = [here / ".venv/bin/snakemake", "--version"]
        dry = [here / ".venv/bin/snakemake", "-n", "studies", "all"]
        of_all = {
            "dry_run_of_all_studies": several(lambda: watched(dry, here), AGAIN),
            "snakemake_version": several(lambda: watched(plain, here), AGAIN),
        }
    content = described(clones, found, of_all)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(content, indent=1) + "\n")
    print(table(content))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="overhead", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("commit", nargs="?", help="run the demo at this commit too, in turn")
    parser.add_argument("--repeats", type=int, default=REPEATS, help=f"absent: {REPEATS}")
    return parser.parse_args()


def compared(clones: dict[str, Clone], repeats: int) -> dict[str, dict[str, Timed]]:
    """Run the demo from nothing in all clones in turn, then again in each.

    Returns
    -------
    dict
        By clone: ``demo`` and ``second_run``.
    """
    first: dict[str, list[Watched]] = {name: [] for name in clones}
    for number in range(repeats):
        for name, clone in clones.items():
            emptied(clone)
            first[name].append(watched(RUN, clone.folder))
            seconds = first[name][-1].seconds
            print(f"overhead: {name}, run {number + 1} of {repeats}: {seconds} s", flush=True)
    again: dict[str, list[Watched]] = {name: [] for name in clones}
    for _ in range(AGAIN):
        for name, clone in clones.items():
            again[name].append(watched(RUN, clone.folder))
    return {
        name: {"demo": Timed.of(first[name]), "second_run": Timed.of(again[name])}
        for name in clones
    }


def emptied(clone: Clone) -> None:
    """Remove everything that runs have left in a clone; its environment stays."""
    git(clone.folder, "clean", "-xdff", "--quiet", "--exclude=/.venv")
    git(clone.folder, "checkout", "--quiet", "--", ".")


def several(run: Callable[[], Watched], times: int) -> Timed:
    """Run something several times."""
    return Timed.of([run() for _ in range(times)])


def watched(command: Sequence[str | Path], folder: Path) -> Watched:
    """Run a command once; watch the memory of its processes together, orphans included."""
    me = psutil.Process()
    mine = {process.pid for process in me.children(recursive=True)}
    busy = psutil.cpu_percent(interval=BEFORE) / 100
    load = round(os.getloadavg()[0], 1)
    peak = 0
    stop = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not stop.wait(EVERY):
            peak = max(peak, memory(below(me, mine)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        code = subprocess.call(
            command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=said
        )
        seconds = round(time.perf_counter() - started, 3)
        stop.set()
        watcher.join()
        if code:
            said.seek(0)
            last = said.read().decode(errors="replace")[-3000:]
            sys.exit(f"{last}\n{command} ended with {code}")
    _, left = psutil.wait_procs(below(me, mine), timeout=GRACE)
    return Watched(seconds, peak, load, round(busy, 2), names(left))


def adopt_orphans() -> None:
    """Become the parent of processes whose own has ended, so that none escapes the count."""
    if sys.platform == "linux":
        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def below(process: psutil.Process, known: set[int]) -> list[psutil.Process]:
    """Return all processes below one, without those that were there before."""
    return [child for child in process.children(recursive=True) if child.pid not in known]


def memory(processes: Sequence[psutil.Process]) -> int:
    """Return the memory of processes together; shared pages are counted once, by their share."""
    total = 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return total


def names(processes: Sequence[psutil.Process]) -> tuple[str, ...]:
    """Return the names of processes that still run."""
    found = []
    for process in processes:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.name())
        except psutil.NoSuchProcess:
            continue
    return tuple(sorted(found))


def described(
    clones: dict[str, Clone],
    found: dict[str, dict[str, Timed]],
    of_all: dict[str, Timed],
) -> dict:
    """Return everything that was found as plain data."""
    more = of_all["dry_run_of_all_studies"].seconds - of_all["snakemake_version"].seconds
    rows = {**found["here"], **of_all}
    content = {
        "machine": {
            "cores": os.cpu_count(),
            "memory_bytes": psutil.virtual_memory().total,
            "platform": platform.platform(terse=True),
        },
        "commit": clones["here"].commit,
        "rows": {name: asdict(row) for name, row in rows.items()},
        "dry_run_beyond_version_seconds": round(more, 2),
    }
    if "before" in found:
        content["before"] = {
            "commit": clones["before"].commit,
            "rows": {name: asdict(row) for name, row in found["before"].items()},
            "ratio": {
                name: round(row.seconds / found["before"][name].seconds, 3)
                for name, row in found["here"].items()
            },
        }
    return content


def table(content: dict) -> str:
    """Return the seconds and memory of both commits as text, and how busy the machine was."""
    lines = [f"{'':<24}{'seconds':>9}{'range':>16}{'peak GB':>9}{'busy before':>13}"]
    before = content.get("before", {"rows": {}, "ratio": {}})
    for which, rows in (("", content["rows"]), ("before: ", before["rows"])):
        for name, row in rows.items():
            range_ = f"{row['least']} to {row['most']}"
            busy = max(run["busy_before"] for run in row["runs"])
            peak = row["peak_memory_bytes"] / 1e9
            lines.append(
                f"{which + name:<24}{row['seconds']:>9}{range_:>16}{peak:>9.2f}{busy:>13.0%}"
            )
            left = sorted({process for run in row["runs"] for process in run["left"]})
            lines += [f"    left behind: {', '.join(left)}"] if left else []
    lines += [f"{name}: {ratio} of the seconds before" for name, ratio in before["ratio"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
