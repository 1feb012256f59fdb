# What jobs ask a cluster for, and what is said when a run begins and fails.
import json
import time
from os import stat

from boxloop.cluster import (
    Taken,
    hold,
    keep_jobs,
    largest,
    past_usage,
    reasons,
    request,
)

BEGAN = time.time()
# A row of raw data takes about so many bytes: before there is a table, its length is guessed by it.
RAW_BYTES = 100


@cache
def _past():
    """What rules took in this project and, where it has run nothing yet, in the shipped studies."""
    shipped = json.loads((SCRIPTS.parent / "requests.json").read_text(encoding="utf-8"))
    return [*past_usage("results"), *(Taken(**row) for row in shipped["rules"])]


def _rows(name):
    """Objects of a study's table; before it is there a guess from its raw data, or None."""
    summary = Path(f"results/{owner(study_file(name), 'data')}/data/summary.json")
    return _counted(summary) if summary.is_file() else _guessed(name)


@cache
def _counted(summary):
    return json.loads(summary.read_text(encoding="utf-8"))["rows"]


@cache
def _guessed(name):
    samples = study_file(name).study.samples.values()
    known = [n for n in map(_raw_rows, samples) if n is not None]
    return sum(known) or None


def _raw_rows(sample):
    if sample.n is not None:
        return sample.n
    if sample.source:
        files = _sources().get(sample.source, {}).get("files") or []
        return sum(item["bytes"] for item in files) / RAW_BYTES
    path = Path(sample.path or "")
    return stat(path).st_size / RAW_BYTES if path.is_file() else None


_largest = cache(largest)


def _request(rule, wildcards, attempt):
    rows = _rows(wildcards.study)
    return request(rule, wildcards.study, rows, _past(), attempt, _largest())


def memory(rule):
    """Memory [MB] that a job of a rule asks for; more at each attempt."""
    return lambda wildcards, attempt: _request(rule, wildcards, attempt).mem_mb


def minutes(rule):
    """Time [min] that a job of a rule asks for; more at each attempt."""
    return lambda wildcards, attempt: _request(rule, wildcards, attempt).runtime


# Snakemake has imported the executors that are installed before it reads this.
if "snakemake_executor_plugin_slurm" in sys.modules:
    keep_jobs(sys.modules["snakemake_executor_plugin_slurm"].Executor)


onstart:
    hold(Path.cwd(), [a for a in sys.argv[1:] if a in STUDIES or a == "studies"])


onerror:
    for line in reasons(Path.cwd(), BEGAN):
        print(f"boxloop: {line}", file=sys.stderr, flush=True)
