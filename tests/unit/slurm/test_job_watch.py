"""Snakemake neither loses its jobs on a cluster nor waits for those that are gone."""

import asyncio
from types import SimpleNamespace

import pytest

from boxloop import slurm
from boxloop.slurm import job_watch


class Answers:
    """An executor whose check hands back, tells of, or loses jobs."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def report_job_success(self, job: str) -> None:
        self.told.append(job)

    def report_job_error(self, job: str, msg: str = "") -> None:
        self.told.append(f"{job} {msg}")

    async def check_active_jobs(self, active_jobs):
        for job in active_jobs:
            if job == "runs":
                yield job
            elif job == "done":
                self.report_job_success(job)
            elif job == "fails":
                self.report_job_error(job, msg="why")


def test_jobs_that_no_answer_came_of_are_watched_on():
    async def checked(executor, jobs):
        return [job async for job in executor.check_active_jobs(jobs)]

    slurm.watch_jobs(Answers)
    slurm.watch_jobs(Answers)  # once is enough
    executor = Answers()
    assert asyncio.run(checked(executor, ["runs", "done", "lost", "fails"])) == ["runs", "lost"]
    assert executor.told == ["done", "fails why"]
    assert asyncio.run(checked(executor, ["lost", "done"])) == ["lost"]
    assert asyncio.run(checked(executor, [])) == []


def test_jobs_that_the_queue_has_lost_for_good_have_failed():
    known: dict[str, str] | None = {"1": "RUNNING", "2": "PREEMPTED"}
    now = 0.0

    def ask():
        if known is None:
            raise slurm.QueueError("no answer")
        return known

    missing = job_watch.Missing(ask, lambda: now)
    assert missing.reasons(["1", "2", "3"]) == {}
    now = job_watch.PREEMPTED + 1
    assert list(missing.reasons(["1", "2", "3"])) == ["2"]
    known = {"1": "RUNNING", "2": "PENDING", "3": "RUNNING"}  # queued again; listed late
    assert missing.reasons(["1", "2", "3"]) == {}
    known = {}
    assert missing.reasons(["1"]) == {}
    known = None  # the controller is down: what it does not list it may know
    now += 10 * job_watch.GONE
    assert missing.reasons(["1"]) == {}
    known = {}
    assert missing.reasons(["1"]) == {}
    now += job_watch.GONE
    assert missing.reasons(["1"]) == {"1": "the queue does not list it any more"}


def test_a_lost_job_is_told_of_once_and_not_handed_back(monkeypatch):
    class Executor(Answers):
        pass

    async def checked(executor, jobs):
        return [job async for job in executor.check_active_jobs(jobs)]

    now = 0.0
    slurm.watch_jobs(Executor)
    executor = Executor()
    executor._missing = job_watch.Missing(lambda: {"lost": "RUNNING"}, lambda: now)
    assert asyncio.run(checked(executor, ["runs", "lost"])) == ["runs", "lost"]
    now = job_watch.GONE
    assert asyncio.run(checked(executor, ["runs", "lost"])) == ["lost"]
    assert executor.told == ["runs SLURM job runs is gone: the queue does not list it any more"]


@pytest.mark.parametrize(
    ("log", "left"),
    [
        ("boxloop: audit toy: the table has no column x\n", 0),
        ("boxloop: audit toy: /tmp/x: the disk is full; free some space (on node7)\n", 2),
        ("slurmstepd: error: *** JOB 13 ON box CANCELLED AT 2026-11-29 ***\n", 2),
        ("Traceback (most recent call last):\nOSError: stale file handle\n", 2),
        (None, 2),
    ],
)
def test_an_error_that_the_user_has_to_mend_is_not_tried_again(log, left, tmp_path):
    class Executor(Answers):
        keeps_jobs = False  # what it inherits may have been changed already

        def report_job_error(self, job, msg="", aux_logs=None) -> None:
            self.told.append(msg)

    slurm.watch_jobs(Executor)
    path = tmp_path / "13.log"
    if log is not None:
        path.write_text(log)
    failed = SimpleNamespace(
        rule=SimpleNamespace(name="audit"), restart_times=2, attempt=1, _attempt=1
    )
    job = SimpleNamespace(job=failed, external_jobid="13")
    executor = Executor()
    executor.report_job_error(job, msg="failed", aux_logs=[str(path)])
    assert executor.told == ["failed"]
    assert failed.restart_times - (failed._attempt - 1) == left  # as Snakemake counts
