"""How far a run is, from the events that Snakemake has told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from boxloop.events import Began, Cores, Ended, Event, Failed, NothingToDo, Planned, Refused


@dataclass(frozen=True)
class Job:
    """A job that has begun.

    Attributes
    ----------
    rule : str
    wildcards : mapping of str to str
    began : float
        Seconds of the clock that the events are timed by.
    log : tuple of str
        Paths of its logs.
    reason : str
        What Snakemake said as it failed.
    """

    rule: str
    wildcards: Mapping[str, str]
    began: float
    log: tuple[str, ...] = ()
    reason: str = ""

    @property
    def study(self) -> str | None:
        """Name of its study; None where it serves all."""
        return self.wildcards.get("study")

    @property
    def label(self) -> str:
        """Rule and wildcards, as `boxloop.job` begins its messages."""
        return " ".join([self.rule, *self.wildcards.values()])

    @property
    def file(self) -> str:
        """Stem of the files in logs/ that are its own."""
        own = [value for name, value in self.wildcards.items() if name != "study"]
        return "-".join([self.rule, *own])


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    began : float
        When Snakemake was started.
    planned : mapping of str to int
        Jobs by rule; empty until they are known.
    cores : int or None
        None on a cluster.
    running, failed : mapping of int to Job
        By number; a job that is tried again is no longer among the failed.
    ended : mapping of str to tuple
        Of the jobs of each rule that have ended well: each with the seconds it took.
    refused : tuple of Refused
    nothing : bool
        There is nothing to do.
    last : Job or None
        Which began last.
    """

    began: float
    planned: Mapping[str, int] = field(default_factory=dict)
    cores: int | None = None
    running: Mapping[int, Job] = field(default_factory=dict)
    failed: Mapping[int, Job] = field(default_factory=dict)
    ended: Mapping[str, tuple[tuple[Job, float], ...]] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()
    nothing: bool = False
    last: Job | None = None

    @property
    def total(self) -> int:
        """Jobs in all."""
        return sum(self.planned.values())

    @property
    def done(self) -> int:
        """Jobs that have ended well."""
        return sum(map(len, self.ended.values()))


def after(progress: Progress, event: Event, now: float) -> Progress:
    """Return how far a run is after an event.

    Parameters
    ----------
    progress : Progress
    event : Event
    now : float
        When it was told [s].
    """
    match event:
        case Planned(jobs):
            return replace(progress, planned=dict(jobs))
        case Cores(number):
            return replace(progress, cores=number)
        case Began(number, rule, wildcards, log):
            job = Job(rule, dict(wildcards), now, tuple(log))
            running, failed = {**progress.running, number: job}, _without(progress.failed, number)
            return replace(progress, running=running, failed=failed, last=job)
        case Ended(number) if number in progress.running:
            job = progress.running[number]
            same = (*progress.ended.get(job.rule, ()), (job, now - job.began))
            running = _without(progress.running, number)
            return replace(progress, running=running, ended={**progress.ended, job.rule: same})
        case Failed(number, log) if number in progress.running:
            reason = progress.refused[-1].text if progress.refused else ""
            job = replace(progress.running[number], log=tuple(log), reason=reason)
            running = _without(progress.running, number)
            return replace(progress, running=running, failed={**progress.failed, number: job})
        case Refused():
            return replace(progress, refused=(*progress.refused, event))
        case NothingToDo():
            return replace(progress, nothing=True)
    return progress


def _without(jobs: Mapping[int, Job], number: int) -> dict[int, Job]:
    return {n: job for n, job in jobs.items() if n != number}
