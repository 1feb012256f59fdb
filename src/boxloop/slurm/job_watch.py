"""Keep Snakemake from losing jobs, waiting for ever for them, and trying again without hope.

The plugin for SLURM (2.8.0) asks for the state of all jobs, a few times in a row. Where no answer
comes it hands back none of them, Snakemake takes them for dealt with, and waits for ever. It also
waits for ever for a job that was preempted and is not queued again, and for one that the queue has
forgotten. And it does not tell a job that was killed, which another attempt may save, from one that
has found an error in the study.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from boxloop.messages import tell
from boxloop.slurm.killed import hopeless
from boxloop.slurm.queue import QueueError, states
from boxloop.slurm.sending import last_attempt

#: A job that has been preempted for so many seconds is not queued again.
PREEMPTED = 60.0
#: A job that the queue has not listed for so many seconds is gone; accounting, where there is one,
#: has told of it by then.
GONE = 300.0


class Missing:
    """Which jobs of a run are gone for good, though nobody has said that they ended.

    Parameters
    ----------
    ask : callable
        Returns the state of each job of the queue by its number, or raises QueueError.
    clock : callable
        Returns seconds.
    """

    def __init__(
        self,
        ask: Callable[[], Mapping[str, str]] = states,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._clock = ask, clock
        self._since: dict[str, tuple[str, float]] = {}

    def reasons(self, numbers: Iterable[str]) -> dict[str, str]:
        """Return why jobs count as ended; those that the queue knows, or may know, are left out."""
        try:
            known, now = self._ask(), self._clock()
        except QueueError:  # what was missing before may be there
            self._since.clear()
            return {}
        found: dict[str, str] = {}
        since: dict[str, tuple[str, float]] = {}
        for number in numbers:
            what = known.get(number, "GONE")
            if what not in ("PREEMPTED", "GONE"):
                continue
            before = self._since.get(number, (what, now))
            since[number] = before if before[0] == what else (what, now)
            if what == "PREEMPTED" and now - since[number][1] >= PREEMPTED:
                found[number] = "it made room for others and is not queued again"
            elif what == "GONE" and now - since[number][1] >= GONE:
                found[number] = "the queue does not list it any more"
        self._since = since
        return found


def watch_jobs(executor: type[Any]) -> None:
    """Let an executor go on to watch each job of which it has neither said nor handed back a thing.

    Jobs that are gone for good have failed, so that Snakemake tries them again. One that ended
    with an error that the user has to mend is not tried again.

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
        failed, logs = getattr(job, "job", None), options.get("aux_logs") or ()
        rule = getattr(failed, "rule", None)
        if rule is not None and any(hopeless(_read(path), rule.name) for path in logs):
            last_attempt(failed)
        error(self, job, *more, **options)

    async def check_patiently(self: Any, active_jobs: Sequence[Any]) -> AsyncIterator[Any]:
        told = _told(self)
        told.clear()
        running = [job async for job in check(self, active_jobs)]
        seen = {id(job) for job in running} | told
        running += [job for job in active_jobs if id(job) not in seen]
        missing = self.__dict__.setdefault("_missing", Missing())
        gone = missing.reasons([_number(job) for job in running]) if running else {}
        for job in running:
            if why := gone.get(_number(job)):
                message = f"SLURM job {_number(job)} is gone: {why}"
                tell(message)
                self.report_job_error(job, msg=message)
            else:
                yield job

    executor.check_active_jobs = check_patiently
    executor.report_job_success = report_success
    executor.report_job_error = report_error
    executor.keeps_jobs = True


def _read(path: str) -> str:
    """What a log says; nothing where it is not there (yet)."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _number(job: Any) -> str:
    """The number that the queue knows a job by."""
    return str(getattr(job, "external_jobid", job))


def _told(executor: Any) -> set[int]:
    """The jobs of which an executor has told in its present check."""
    found: set[int] = executor.__dict__.setdefault("_told", set())
    return found
