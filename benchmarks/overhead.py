"""What a run costs besides the science: the demo from scratch, a second run, a dry run of all.

Runs `make run` in a fresh clone of this repository (what is committed), with this environment, and
watches the memory of all its processes together. Writes benchmarks/results/overhead.json.

    make benchmark NAME=overhead
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
REPEATS = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        clone = Path(scratch) / "boxloop"
        subprocess.run(["git", "clone", "-q", REPOSITORY, clone], check=True)
        (clone / ".venv").symlink_to(REPOSITORY / ".venv")
        for name in ("requirements.lock", "pyproject.toml"):
            os.utime(clone / name, (0, 0))  # older than the environment: nothing to set up
        first = watched(["make", "run"], clone)
        rows = {
            "demo": first,
            "second_run": median(["make", "run"], clone),
            "dry_run_of_all_studies": median([BIN / "snakemake", "-n", "studies", "all"], clone),
            "snakemake_version": median([BIN / "snakemake", "--version"], clone),
        }
    more = rows["dry_run_of_all_studies"]["seconds"] - rows["snakemake_version"]["seconds"]
    content = {
        "machine": {
            "cores": os.cpu_count(),
            "memory_bytes": psutil.virtual_memory().total,
            "platform": platform.platform(terse=True),
        },
        "rows": rows,
        "dry_run_beyond_version_seconds": round(more, 2),
    }
    out = REPOSITORY / "benchmarks/results/overhead.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(content, indent=1) + "\n")
    print(json.dumps(content, indent=1))


def watched(command: list, folder: Path) -> dict:
    """Run a command once; return its time and the largest memory of its processes together."""
    started = time.perf_counter()
    running = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    peak = 0
    stop = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not stop.wait(0.2):
            peak = max(peak, memory(running.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = running.wait()
    stop.set()
    watcher.join()
    if code:
        sys.exit(f"{command} ended with {code}")
    return {"seconds": round(time.perf_counter() - started, 1), "peak_memory_bytes": peak}


def memory(pid: int) -> int:
    """Memory of a process and all below it; shared pages are counted once, by their share."""
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return total


def median(command: list, folder: Path) -> dict:
    """Time a command several times."""
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return {"seconds": round(statistics.median(times), 2), "all": [round(t, 2) for t in times]}


if __name__ == "__main__":
    main()
