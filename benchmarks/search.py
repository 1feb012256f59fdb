"""A k-fold hyperparameter search, by boxloop and by what one would use instead.

The ways, all with the same rows, folds, rates, epochs, batches and stopping rule: boxloop (the rule
`chunk`, all trials in one job); Keras in a loop, its network rebuilt for every fit; Keras in a loop
tuned by hand (compiled once, weights reset); scikeras with scikit-learn's GridSearchCV on all
cores; KerasTuner; Optuna. Each run is a fresh process; the seconds are those of the search, imports
are given apart. The runs of the ways take turns.

    make benchmark NAME=search
    make benchmark NAME=search ARGS="--runs 1 --architectures dense --ways boxloop rebuilt"

What is not installed is left out, and said: pip install scikeras keras-tuner optuna
Writes benchmarks/results/search.json; with --add what is there is kept and the medians are of all.
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results/search.json"
WAYS = ("boxloop", "rebuilt", "tuned", "scikeras", "keras_tuner", "optuna")
#: Ways by architecture and stopping. KerasTuner and Optuna call the same loop as `rebuilt`; what
#: early stopping changes is shown without them.
CASES = {
    ("dense", "whole"): WAYS,
    ("dense", "early"): ("boxloop", "rebuilt", "tuned"),
    ("cnn", "whole"): WAYS,
    ("gru", "whole"): WAYS,
}


def main() -> None:
    """Time all ways and write the results after each."""
    options = _options()
    earlier = json.loads(RESULTS.read_text())["runs"] if options.add else []
    runs: list[dict[str, Any]] = list(earlier)
    ways = [way for way in options.ways if _is_there(way)]
    for run in range(options.runs):
        for (architecture, stop), wanted in CASES.items():
            for way in [w for w in ways if w in wanted and architecture in options.architectures]:
                one = timed(way, architecture, stop, options.more)
                print(
                    f"run {run + 1}: {way} {architecture} {stop}: {one['seconds']:.1f} s",
                    flush=True,
                )
                runs.append(one)
                save(runs)
    print(table(json.loads(RESULTS.read_text())["rows"]))


def save(runs: list[dict[str, Any]]) -> None:
    """Write all runs, and their medians by way and case."""
    grouped: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in runs:
        grouped.setdefault((one["way"], one["rows"], *_case(one)), []).append(one)
    rows = [summary(group) for group in grouped.values()]
    own = {(r["rows"], *_case(r)): r["seconds"] for r in rows if r["way"] == "boxloop"}
    for row in rows:
        if (key := (row["rows"], *_case(row))) in own:
            row["times_boxloop"] = row["seconds"] / own[key]
    content = {"machine": machine(), "rows": rows, "runs": runs}
    RESULTS.write_text(json.dumps(content, indent=1) + "\n")


def timed(way: str, architecture: str, stop: str, more: Sequence[str] = ()) -> dict[str, Any]:
    """Run a way in a process of its own."""
    command = [sys.executable, str(HERE / "search_ways.py"), way, architecture, stop, *more]
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
        "taken": len(runs),
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
    lines = ["| network | stopping | way | fits | runs | seconds | times boxloop | best loss |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for row in sorted(rows, key=lambda r: (*_case(r), r["seconds"])):
        stop = "early" if row["early"] else "none"
        lines.append(
            f"| {row['architecture']} | {stop} | {row['way']} | {row['fits']} | "
            f"{row['taken']} | {row['seconds']:.1f} | {row.get('times_boxloop', 0):.1f} | "
            f"{row['best']:.4f} |"
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
    parser.add_argument("--more", nargs="*", default=[], help="as rows=1000 trials=2, for a try")
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    networks = list(dict.fromkeys(architecture for architecture, _ in CASES))
    parser.add_argument("--architectures", nargs="+", default=networks, choices=networks)
    parser.add_argument("--add", action="store_true", help="to the runs that are there already")
    return parser.parse_args()


if __name__ == "__main__":
    main()
