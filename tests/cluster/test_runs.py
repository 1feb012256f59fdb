"""A study runs through the profile, and the numbers are those of a run without a cluster."""

import json
from pathlib import Path

import pytest
from local_cluster import SHORT, sent
from slurm_project import SlurmProject
from toy_project import REPOSITORY

from boxloop.fitting import gpu
from boxloop.fitting.backend import prepare_backend
from boxloop.slurm import OF_TARGET, Request, Taken, request

#: Rules that stay where Snakemake runs.
LOCAL = {
    "split",
    "folds",
    "recipes",
    "admit",
    "select",
    "checklist",
    "tex",
    "pdf",
    "page",
    "record",
}
LOCAL |= {"log_run", "plan", "gate", "fetch", "outer_folds"}


@pytest.fixture(scope="module")
def finished(cluster, tmp_path_factory) -> SlurmProject:
    """A project whose study has run on the cluster, networks on a node with a GPU."""
    resources = {
        "chunk": {  # as docs/cluster.md says: estimators need no GPU
            "gpu": "1 if wildcards.model == 'dense' else 0",
            "slurm_partition": "'gpu' if wildcards.model == 'dense' else 'cpu'",
        },
        "fit": {"gres": "gpu:1", "slurm_partition": "gpu", "mem_mb": "1500 * attempt"},
        "evaluate": {"slurm_partition": "short"},
    }
    profile = {"set-resources": resources, "set-threads": {"chunk": 2}}
    made = SlurmProject(tmp_path_factory.mktemp("finished"), **profile)
    made.run("trained")
    return made


def shipped() -> list[Taken]:
    content = json.loads((REPOSITORY / "workflow/requests.json").read_text())
    return [Taken(**row) for row in content["rules"]]


def rule(job: dict[str, str]) -> str:
    return job["Comment"].removeprefix("rule_").partition("_wildcards_")[0]


def minutes(limit: str) -> int:
    days, _, clock = limit.rpartition("-")
    hours, minute, _ = clock.split(":")
    return int(days or 0) * 1440 + int(hours) * 60 + int(minute)


def test_each_job_asks_for_what_its_rule_says(finished):
    jobs = sent(finished.folder)
    rules = {rule(job) for job in jobs}
    assert {"simulate", "assemble", "chunk", "fit", "predict", "evaluate", "apply"} <= rules
    assert not rules & LOCAL
    for job in jobs:
        rows, trials = (50 if rule(job) in OF_TARGET else 200), 2 * (rule(job) == "chunk")
        asked = request(rule(job), "trained", rows, shipped(), trials=trials)
        if rule(job) == "fit":
            asked = Request(1500, asked.runtime)
        if rule(job) == "evaluate":  # nothing that its partition does not have
            asked = Request(asked.mem_mb, min(asked.runtime, SHORT))
        assert job["MinMemoryNode"] in (f"{asked.mem_mb}M", f"{asked.mem_mb / 1024:g}G"), job
        assert minutes(job["TimeLimit"]) == asked.runtime, job
        dense = "dense" in job["Comment"]
        on_gpu = rule(job) == "fit" or (rule(job) == "chunk" and dense)
        partition = "short" if rule(job) == "evaluate" else "gpu" if on_gpu else "cpu"
        assert job["Partition"] == partition, job
        tres = {"chunk": "TresPerJob", "fit": "TresPerNode"}.get(rule(job), "") if on_gpu else ""
        assert job.get(tres) == ("gres:gpu:1" if on_gpu else None), job
        assert job["NumCPUs"] == ("2" if rule(job) in ("chunk", "evaluate") else "1"), job
        assert job["JobName"].startswith("boxloop_"), job
        assert job["JobState"] == "COMPLETED", job


def test_the_numbers_are_those_of_a_run_on_one_machine(finished, undisturbed):
    assert finished.numbers() == undisturbed


def test_the_report_lists_what_the_jobs_took(finished):
    run = json.loads((finished.folder / "results/trained/track/run.json").read_text())
    assert run["rules"]["chunk"]["jobs"] == 2 and run["rules"]["fit"]["longest_seconds"] > 1
    page = (finished.folder / "results/trained/report/report.html").read_text()
    assert "What the jobs took" in page and '<th scope="row">chunk</th>' in page


def test_the_next_run_asks_for_what_this_one_took(finished):
    taken = {t.rule: t for t in past(finished.folder)}
    assert taken["fit"].memory_mb > 300 and taken["fit"].rows == 200
    asked = request("fit", "trained", 200, [*taken.values(), *shipped()])
    assert asked.mem_mb == max(1500, -(-int(1.5 * taken["fit"].memory_mb + 400) // 100) * 100)


def past(folder: Path) -> list[Taken]:
    from boxloop.slurm import past_usage

    return past_usage(folder / "results")


def test_the_log_says_whether_the_gpu_is_used(finished):
    logs = finished.folder / "results/trained/logs"
    said = " ".join(p.read_text() for p in (logs / "fit-dense.log", logs / "chunk-dense-0.log"))
    used, missed = said.count("TensorFlow computes on "), said.count("this job has a GPU, but")
    prepare_backend()
    assert (used, missed) == ((2, 0) if gpu.name() else (0, 2)), said


def test_nothing_is_done_twice(finished):
    before = len(sent(finished.folder))
    finished.run("trained")
    assert len(sent(finished.folder)) == before
    assert "Nothing to be done" in finished.said()


def test_logs_of_jobs_that_ended_well_are_gone(finished):
    assert not list((finished.folder / "logs/slurm").rglob("*.log"))
