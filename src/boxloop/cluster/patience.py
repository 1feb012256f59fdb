"""Keep Snakemake from losing its jobs while the controller of a cluster does not answer.

The plugin for SLURM (2.8.0) asks for the state of all jobs, a few times in a row. Where no answer
comes it hands back none of them, Snakemake takes them for dealt with, and waits for ever.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any


def keep_jobs(executor: type[Any]) -> None:
    """Let an executor go on to watch each job of which it has neither said nor handed back a thing.

    Parameters
    ----------
    executor : type
        Class of the plugin: its coroutine ``check_active_jobs`` yields the jobs that still run, and
        calls ``report_job_success`` or ``report_job_error`` of the others.
    """
    if getattr(executor, "keeps_jobs", False):
        return
    check, success, error = (
        getattr(executor, name)
        for name in ("check_active_jobs", "report_job_success", "report_job_error")
    )

    def report_success(self: Any, job: Any, *more: Any, **options: Any) -> None:
        _told(self).add(id(job))
        success(self, job, *more, **options)

    def report_error(self: Any, job: Any, *more: Any, **options: Any) -> None:
        _told(self).add(id(job))
        error(self, job, *more, **options)

    async def check_patiently(self: Any, active_jobs: Sequence[Any]) -> AsyncIterator[Any]:
        told = _told(self)
        told.clear()
        async for job in check(self, active_jobs):
            told.add(id(job))
            yield job
        for job in active_jobs:
            if id(job) not in told:
                yield job

    executor.check_active_jobs = check_patiently
    executor.report_job_success = report_success
    executor.report_job_error = report_error
    executor.keeps_jobs = True


def _told(executor: Any) -> set[int]:
    """The jobs of which an executor has told in its present check."""
    found: set[int] = executor.__dict__.setdefault("_told", set())
    return found
