"""Memory and time that each rule took in the studies that have run here.

What a project asks a cluster for where it has not run yet (`boxloop.slurm.request`).

    make studies && make benchmark NAME=job_requests

Writes workflow/requests.json from results/*/logs/*.tsv; Snakemake samples the memory of all
processes of a job every few seconds.
"""

import json
from dataclasses import asdict
from pathlib import Path

from boxloop.slurm import past_usage
from search import machine

REPOSITORY = Path(__file__).resolve().parents[1]
WRITTEN = REPOSITORY / "workflow/requests.json"


def main() -> None:
    """Write what was taken by rule and study, and print it as a table."""
    found = sorted(past_usage(REPOSITORY / "results"), key=lambda t: (t.rule, t.rows))
    rows = [asdict(taken) for taken in found]
    for row in rows:
        row["memory_mb"] = None if row["memory_mb"] is None else round(row["memory_mb"])
        row["seconds"] = round(row["seconds"], 1)
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    text = f'{{\n "machine": {json.dumps(machine())},\n "rules": [\n  {lines}\n ]\n}}\n'
    WRITTEN.write_text(text, encoding="utf-8")
    print("| rule | study | rows | jobs | memory [MB] | seconds |\n|---|---|---|---|---|---|")
    for row in rows:
        print("|", " | ".join(str(row[key]) for key in row), "|")


if __name__ == "__main__":
    main()
