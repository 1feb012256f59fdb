"""What data, explore and prepare cost for a catalogue of two million rows and twelve columns.

Makes the catalogue, simulated and said so, as Parquet and as CSV in a temporary project, runs the
rules one after the other with this repository's workflow, and watches the memory of snakemake and
all its jobs together. Rows of one source stay together by `columns.sky.match`.

    make benchmark NAME=two_million_rows
    make benchmark NAME=two_million_rows ARGS="csv"      (one format only)

Writes benchmarks/results/two_million_rows.json, a format at a time.
"""

import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from boxloop.store import sha256
from overhead import watched

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = REPOSITORY / "benchmarks/results/two_million_rows.json"
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
ROWS = 2_000_000
BANDS = "ugriz"
#: The rules in the order of the workflow, each by the file that asks for it.
RULES = {
    "assemble": "data/summary.json",
    "explore_all": "explore/all.json",
    "split": "prepare/split.parquet",
    "folds": "prepare/folds.parquet",
    "explore_training": "explore/training.json",
    "recipes": "prepare/recipes.json",
}
STUDY = """\
schema: 2
task: regression
question: {{what: what do two million rows cost, why: to say so}}
samples: {{train: {{path: data/own/{name}, sha256: {sha256}, provenance: simulated}}}}
columns:
  id: objid
  sky: {{ra: ra, dec: dec, match: 1 arcsec}}
  features:
{features}
  target: redshift
  keep: [field]
metric: nmad
models: [{{name: dummy}}, {{name: linear}}]
report: {{title: Two million rows, authors: [boxloop benchmarks]}}
"""


def main(formats: list[str]) -> None:
    content = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    content["machine"] = {
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "platform": platform.platform(terse=True),
    }
    content["rows"], content["columns"] = ROWS, catalogue(10).shape[1]
    content.setdefault("runs", {})
    for name in formats or ["parquet", "csv"]:
        with tempfile.TemporaryDirectory() as scratch:
            content["runs"][name] = run(Path(scratch), name)
        RESULTS.write_text(json.dumps(content, indent=1) + "\n")
        print(json.dumps(content["runs"][name], indent=1))


def catalogue(rows: int) -> pd.DataFrame:
    """Stars of which one in twenty is listed twice, with gaps, fields and 64-bit identifiers."""
    rng = np.random.default_rng(0)
    ra, dec = rng.uniform(0, 360, rows), np.degrees(np.arcsin(rng.uniform(-1, 1, rows)))
    again = rng.permutation(rows)[: rows // 20]
    ra[again], dec[again] = ra[again - 1] + 5e-5, dec[again - 1]
    columns: dict[str, object] = {"objid": 2**60 + np.arange(rows), "ra": ra, "dec": dec}
    for band in BANDS:
        magnitude = rng.normal(20, 1, rows).round(3)
        magnitude[rng.random(rows) < 0.02] = -9999
        columns[band] = magnitude
    for band in ("u", "r"):
        columns[f"{band}_err"] = rng.uniform(0.01, 0.2, rows).round(4)
    columns["field"] = np.char.add("F", rng.integers(0, 5000, rows).astype(str)).astype(object)
    columns["redshift"] = rng.gamma(2, 0.2, rows).round(5)
    return pd.DataFrame(columns)


def run(folder: Path, kind: str) -> dict:
    """Make a project with the catalogue in one format and run the rules."""
    path = folder / f"data/own/catalogue.{kind}"
    path.parent.mkdir(parents=True)
    frame = catalogue(ROWS)
    if kind == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    del frame
    project(folder, path)
    os.environ["MLFLOW_TRACKING_URI"] = ""
    profile = REPOSITORY / "profiles/default"
    command = [SNAKEMAKE, "--workflow-profile", profile, "--cores", "1", "--quiet", "all"]
    rules = {
        rule: asdict(watched([*command, "--", f"results/large/{file}"], folder))
        for rule, file in RULES.items()
    }
    return {
        "file_bytes": path.stat().st_size,
        "seconds": round(sum(r["seconds"] for r in rules.values()), 1),
        "peak_memory_bytes": max(r["peak_memory_bytes"] for r in rules.values()),
        # Well above 1 where others used the machine: the seconds then say little.
        "load_average_5_minutes": round(os.getloadavg()[1], 1),
        "rules": rules,
    }


def project(folder: Path, path: Path) -> None:
    """Write the study and what a project needs beside it."""
    (folder / "config/studies").mkdir(parents=True)
    text = (REPOSITORY / "Snakefile").read_text()
    text = text.replace('include: "workflow', f'include: "{REPOSITORY}/workflow')
    (folder / "Snakefile").write_text(text)
    (folder / "config/config.yaml").write_text("study: large\nstudies: []\nmirror: null\n")
    for name in ("sources.yaml", "references.bib"):
        (folder / "config" / name).write_text((REPOSITORY / "config" / name).read_text())
    lines = [
        f"    {b}: {{unit: mag, missing: {{-9999: not_observed}}"
        + (f", error: {b}_err}}" if b in "ur" else "}")
        for b in BANDS
    ]
    (folder / "config/studies/large.yaml").write_text(
        STUDY.format(name=path.name, sha256=sha256(path), features="\n".join(lines))
    )


if __name__ == "__main__":
    main(sys.argv[1:])
