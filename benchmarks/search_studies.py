"""Sixty trials of the dense network in two studies: how long they take, and what they buy.

photoz and star_galaxy_qso (real survey files: set BOXLOOP_MIRROR) with two models: the dense
network of the study with the default width and rate, and the same over a space of rates and widths,
60 draws, 5 folds, all in one job. Timed is the run from prepared data to the selection. Gained is
the mean score over folds, tested by the corrected t test on the same folds; as the best of 60 is
picked by these very scores, it is a little too good.

    make benchmark NAME=search_studies
    make benchmark NAME=search_studies ARGS=photoz

Writes benchmarks/results/search_studies.json; studies that are not named keep their rows.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from boxloop.metrics import REGISTRY
from boxloop.metrics.folds import corrected_t
from search import machine

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = REPOSITORY / "benchmarks/results/search_studies.json"
STUDIES = ("photoz", "star_galaxy_qso")
TRIALS = 60
SPACE = {
    "units": [[64, 64], [128, 128]],
    "learning_rate": {"low": 0.0003, "high": 0.01, "log": True},
    "dropout": {"low": 0.0, "high": 0.3},
    "weight_decay": {"low": 1e-6, "high": 1e-2, "log": True},
}


def main() -> None:
    """Search both studies, or those that the command line names."""
    names = sys.argv[1:] or list(STUDIES)
    earlier = json.loads(RESULTS.read_text())["rows"] if RESULTS.is_file() else []
    found = [row for row in earlier if row["study"] not in names]
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            found.append(searched(name, Path(folder)))
        print(json.dumps(found[-1]), flush=True)
        found[-1]["machine"] = machine()
        RESULTS.write_text(json.dumps({"rows": found}, indent=1) + "\n")


def searched(name: str, folder: Path) -> dict[str, Any]:
    """Search one study in a project of its own."""
    metric = project(name, folder)
    run(folder, *(f"results/{name}/prepare/{file}" for file in ("folds.parquet", "recipes.json")))
    began = time.perf_counter()
    run(folder, f"results/{name}/search/selected.json")
    seconds = time.perf_counter() - began
    chosen = json.loads((folder / f"results/{name}/search/selected.json").read_text())["models"]
    chunk = json.loads((folder / f"results/{name}/search/chunks/searched-0.json").read_text())
    done = [trial for trial in chunk if trial["status"] == "done"]
    larger = REGISTRY[metric].larger_is_better
    test = corrected_t(chosen["searched"]["scores"], chosen["plain"]["scores"], larger=larger)
    return {
        "study": name,
        "metric": metric,
        "trials": len(done),
        "fits": sum(len(trial["scores"]) for trial in done),
        "seconds": seconds,
        "seconds_of_trials": sum(trial["seconds"] for trial in chunk),
        "default": {key: chosen["plain"][key] for key in ("mean", "std")},
        "best": {key: chosen["searched"][key] for key in ("mean", "std", "hyperparameters")},
        "gain": test.difference,
        "standard_error": test.standard_error,
        "p": test.p,
    }


def project(name: str, folder: Path) -> str:
    """Write a project with the changed study; return its metric."""
    shutil.copytree(REPOSITORY / "config", folder / "config")
    text = (REPOSITORY / "Snakefile").read_text()
    (folder / "Snakefile").write_text(
        text.replace('include: "workflow', f'include: "{REPOSITORY}/workflow')
    )
    path = folder / f"config/studies/{name}.yaml"
    study = yaml.safe_load(path.read_text())
    dense = next(model for model in study["models"] if model["name"] == "dense")
    plain = {**dense, "name": "plain", "kind": "dense"}
    plain.pop("space", None)
    study["models"] = [plain, {**plain, "name": "searched", "space": SPACE}]
    study["search"] = {"strategy": "random", "chunk": TRIALS}
    study["budget"] = {"trials": TRIALS}
    study["status"] = "draft"
    for key in ("published", "degraders", "gates"):
        study.pop(key, None)
    path.write_text(yaml.safe_dump(study, sort_keys=False))
    for other in (folder / "config/studies").glob("*.yaml"):
        if other != path:
            other.unlink()
    (folder / "config/config.yaml").write_text(f"study: {name}\nstudies: []\nmirror: null\n")
    return str(study["metric"])


def run(folder: Path, *targets: str) -> None:
    """Run Snakemake on all cores."""
    snakemake = Path(sys.executable).with_name("snakemake")
    done = subprocess.run(
        [str(snakemake), "--cores", "all", "--quiet", "all", "--", *targets],
        cwd=folder, capture_output=True, text=True, check=False, timeout=3000,
        env={**os.environ, "MLFLOW_TRACKING_URI": ""},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])


if __name__ == "__main__":
    main()
