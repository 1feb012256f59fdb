# What jobs ask a cluster for, and what is said when a run begins and fails.
import json
import time
from os import environ, stat

from boxloop.slurm import (
    OF_TARGET,
    Taken,
    hold,
    watch_jobs,
    keep_sending,
    largest,
    past_usage,
    reasons,
    refusals,
    request,
)
from boxloop.study.rounds import round_sizes

BEGAN = time.time()
# A row of raw data takes about so many bytes: before there is a table, its length is guessed by it.
RAW_BYTES = 100


@cache
def _past():
    """What rules took in this project and, where it has run nothing yet, in the shipped studies."""
    shipped = json.loads((SCRIPTS.parent / "requests.json").read_text(encoding="utf-8"))
    return [*past_usage("results"), *(Taken(**row) for row in shipped["rules"])]


def _rows(name, job):
    """Objects of a job's table; before it is there a guess from its raw data, or None."""
    if job in OF_TARGET:
        return _of_target(name, parts=job != "catalogue")
    summary = Path(f"results/{owner(study_file(name), 'data')}/data/summary.json")
    return _counted(summary) if summary.is_file() else _guessed(name)


@cache
def _counted(summary):
    return json.loads(summary.read_text(encoding="utf-8"))["rows"]


@cache
def _guessed(name):
    study = study_file(name).study
    known = [_raw_rows(study.samples[sample]) for sample in study.labelled()]
    return sum(n for n in known if n is not None) or None


@cache
def _of_target(name, parts):
    sample = study_file(name).study.samples.get("target")
    rows = _raw_rows(sample) if sample else 0
    return rows / sample.parts if rows and parts else rows


@cache
def _trials(name, job):
    """Trials of the largest job of a search; 0 for other rules."""
    if job not in ("chunk", "nested"):
        return 0
    study = study_file(name).study
    sizes = [round_sizes(study, m) for m in study.models if not m.given]
    if job == "nested":
        return sum(map(sum, sizes))
    return min(study.search.chunk, max(map(max, sizes)))


def _raw_rows(sample):
    if sample.n is not None:
        return sample.n
    if sample.source:
        files = _sources().get(sample.source, {}).get("files") or []
        return sum(item["bytes"] for item in files) / RAW_BYTES
    path = Path(sample.path or "")
    return stat(path).st_size / RAW_BYTES if path.is_file() else None


_LIMITS = {}
SILENCE = 60  # seconds until a cluster that did not answer is asked again


def _largest(partition):
    """What the largest job of a partition may have; None while nobody answers."""
    limit, asked = _LIMITS.get(partition, (None, -SILENCE))
    if limit is None and time.monotonic() - asked >= SILENCE:
        limit = largest(partition)
        _LIMITS[partition] = limit, time.monotonic()
    return limit


def _partition(name, wildcards, **job):
    """The partition that the profile gives a job; "" the cluster's own; None any, chosen later."""
    given = workflow.get_rule(name).resources.get("slurm_partition")
    if given is not None:
        job.update(rulename=name, async_run=workflow.async_run)
        given = given.evaluate(wildcards, **job).value
    if given:
        return str(given)
    chosen = getattr(workflow.executor_settings, "partition_config", None)
    return None if chosen or environ.get("SNAKEMAKE_SLURM_PARTITIONS") else ""


def _request(rule, wildcards, **job):
    rows, trials = _rows(wildcards.study, rule), _trials(wildcards.study, rule)
    most = _largest(_partition(rule, wildcards, **job))
    return request(rule, wildcards.study, rows, _past(), job["attempt"], most, trials)


def memory(rule):
    """Memory [MB] that a job of a rule asks for; more at each attempt."""
    return _asked(rule, "mem_mb")


def minutes(rule):
    """Time [min] that a job of a rule asks for; more at each attempt."""
    return _asked(rule, "runtime")


def _asked(name, what):
    def asked(wildcards, input, attempt, threads):
        job = {"input": input, "attempt": attempt, "threads": threads}
        return getattr(_request(name, wildcards, **job), what)

    return asked


# Snakemake has imported the executors that are installed before it reads this.
if "snakemake_executor_plugin_slurm" in sys.modules:
    watch_jobs(sys.modules["snakemake_executor_plugin_slurm"].Executor)
    keep_sending(sys.modules["snakemake_executor_plugin_slurm"].Executor)


onstart:
    targets = [a for a in sys.argv[1:] if a in STUDIES or a == "studies"]
    profile = dict(zip(sys.argv, sys.argv[1:])).get("--workflow-profile", "")
    hold(Path.cwd(), targets, Path(profile).name, sends=workflow.non_local_exec)


onerror:
    for line in [*refusals(), *reasons(Path.cwd(), BEGAN)]:
        tell(line)
