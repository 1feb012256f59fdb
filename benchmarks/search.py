"""A k-fold hyperparameter search, by boxloop and by what one would use instead.

The ways, all with the same rows, folds, rates, epochs, batches and stopping rule: boxloop (the rule
`chunk`, all trials in one job); Keras in a loop, its network rebuilt for every fit; Keras in a loop
tuned by hand (compiled once, weights reset); scikeras with scikit-learn's GridSearchCV on all
cores; KerasTuner; Optuna. Each run is a fresh process; the seconds are those of the search, imports
are given apart. The runs of the ways take turns.

    make benchmark NAME=search
    make benchmark NAME=search ARGS="--runs 1 --architectures dense --ways boxloop rebuilt"

What is not installed is left out, and said: pip install scikeras keras-tuner optuna
Writes benchmarks/results/search.json.
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results/search.json"
WAYS = ("boxloop", "rebuilt", "tuned", "scikeras", "keras_tuner", "optuna")
CASES = {"dense": ("whole", "early"), "cnn": ("whole",), "gru": ("whole",)}


def main() -> None:
    """Time all ways and write the results."""
    options = _options()
    ways = [way for way in options.ways if _is_there(way)]
    cases = [(a, stop) for a in options.architectures for stop in CASES[a]]
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for run in range(options.runs):
        for architecture, stop in cases:
            for way in ways:
                one = timed(way, architecture, stop, options.size)
                print(f"run {run + 1}: {way} {architecture} {stop}: {one['seconds']:.1f} s")
                found.setdefault((way, architecture, stop), []).append(one)
    rows = [summary(runs) for runs in found.values()]
    for row in rows:
        own = next(r for r in rows if r["way"] == "boxloop" and _case(r) == _case(row))
        row["times_boxloop"] = row["seconds"] / own["seconds"]
    content = {"machine": machine(), "runs": options.runs, "rows": rows}
    RESULTS.write_text(json.dumps(content, indent=1) + "\n")
    print(table(rows))


def timed(way: str, architecture: str, stop: str, size: float) -> dict[str, Any]:
    """Run a way in a process of its own."""
    command = [sys.executable, str(HERE / "search_ways.py"), way, architecture, stop, str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3600)
    if done.returncode:
        raise SystemExit(f"{way} {architecture}:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians of some runs."""
    seconds = [one["seconds"] for one in runs]
    return {
        **runs[0],
        "seconds": statistics.median(seconds),
        "seconds_of_runs": [round(s, 2) for s in seconds],
        "imports": statistics.median(one["imports"] for one in runs),
    }


def machine() -> dict[str, Any]:
    """What the seconds were taken on."""
    return {
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "platform": platform.platform(terse=True),
        # Well above the number of cores where others used the machine: the seconds then say little.
        "load_average_15_minutes": round(os.getloadavg()[2], 1),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return the results as a table in Markdown."""
    lines = ["| network | stopping | way | fits | seconds | times boxloop | best loss |"]
    lines.append("|---|---|---|---|---|---|---|")
    for row in sorted(rows, key=lambda r: (*_case(r), r["seconds"])):
        stop = "early" if row["early"] else "none"
        lines.append(
            f"| {row['architecture']} | {stop} | {row['way']} | {row['fits']} | "
            f"{row['seconds']:.1f} | {row['times_boxloop']:.1f} | {row['best']:.4f} |"
        )
    return "\n".join(lines)


def _case(row: dict[str, Any]) -> tuple[str, bool]:
    return row["architecture"], row["early"]


def _is_there(way: str) -> bool:
    there = way in ("boxloop", "rebuilt", "tuned") or importlib.util.find_spec(way) is not None
    if not there:
        print(f"{way} is not installed and is left out")
    return there


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--size", type=float, default=1.0, help="share of the rows")
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--architectures", nargs="+", default=list(CASES), choices=list(CASES))
    return parser.parse_args()


if __name__ == "__main__":
    main()
