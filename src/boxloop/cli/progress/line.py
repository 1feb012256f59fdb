"""The words of the living line, and those of the plain lines that stand for it in a file."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from boxloop.cli.progress.state import Job, Progress

#: Between two parts of the line.
GAP = "  "


@dataclass(frozen=True)
class Search:
    """How far a search is.

    Attributes
    ----------
    finished, trials : int
        Trials that have ended, and all.
    metric : str
    best : float or None
        Mean score of the best trial so far.
    model : str
        Whose trial that is.
    """

    finished: int
    trials: int
    metric: str
    best: float | None = None
    model: str = ""


def living(
    progress: Progress,
    stages: Mapping[str, str],
    now: float,
    width: int,
    search: Search | None = None,
    left: float | None = None,
    ending: str = "",
) -> str:
    """Return the line that says how far a run is, no longer than a terminal is wide.

    Parameters
    ----------
    progress : Progress
    stages : mapping of str to str
        The stage of each rule.
    now : float
        Of the clock that events are timed by [s].
    width : int
        Characters. Where there are too few, what is needed least is left out first.
    search : Search, optional
    left : float, optional
        Seconds until the end.
    ending : str
        Why the run comes to an end before all is done.
    """
    if not progress.planned:
        begin = ending or "reading the study"
        return _fit([(0, begin), (1, clock(now - progress.began))], width)
    parts = [(0, ending or doing(progress, stages))]
    parts += [(1, f"{progress.done} of {progress.total} jobs")]
    if progress.failed and not ending:
        parts += [(0, f"{len(progress.failed)} failed")]
    if ending or progress.failed:
        search = left = None
        parts += [(2, f"{len(progress.running)} still running")] if progress.running else []
    if search and search.finished < search.trials:
        parts += [(3, f"trials {search.finished} of {search.trials}")]
    if search and search.best is not None:
        parts += [(4, f"best {search.metric} {search.best:.4g} ({search.model})")]
    parts += [(2, clock(now - progress.began))]
    if left is not None and progress.done < progress.total:
        parts += [(1, f"about {duration(left)} left")]
    return _fit(parts, width)


def doing(progress: Progress, stages: Mapping[str, str]) -> str:
    """Return which stages run, each with its study where there are several."""
    jobs = list(progress.running.values()) or ([progress.last] if progress.last else [])
    known = [job.study for pairs in progress.ended.values() for job, _ in pairs]
    several = len({*known, *(job.study for job in jobs)} - {None}) > 1
    order = {stage: number for number, stage in enumerate(dict.fromkeys(stages.values()))}
    names = sorted({_stage(job, stages) for job in jobs}, key=lambda s: order.get(s, len(order)))
    studies = sorted({job.study for job in jobs if job.study}) if several else []
    return " ".join(
        [*([", ".join(studies) + ":"] if studies else []), ", ".join(names) or "waiting"]
    )


def _stage(job: Job, stages: Mapping[str, str]) -> str:
    return stages.get(job.rule, job.rule)


def clock(seconds: float) -> str:
    """Write how long a run has taken: minutes and seconds, or hours, too."""
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def duration(seconds: float) -> str:
    """Write a time that is known about, in the unit that fits it."""
    if seconds < 120:
        step = 5 if seconds <= 55 else 10
        return f"{step * max(1, math.ceil(seconds / step))} s"
    if seconds < 90 * 60:
        return f"{max(1, round(seconds / 60))} min"
    return f"{round(seconds / 3600)} h"


def _fit(parts: Sequence[tuple[int, str]], width: int) -> str:
    """Join parts; leave out those of the highest number until they fit, then cut."""
    kept = list(parts)
    while len(text := GAP.join(part for _, part in kept)) > width and kept:
        least = max(number for number, _ in kept)
        if least == 0:
            break
        kept = [part for part in kept if part[0] != least]
    return text[:width]


def stages_ended(before: Progress, after: Progress, stages: Mapping[str, str]) -> list[str]:
    """Return the stages whose last job has ended between two states."""
    planned: dict[str, int] = {}
    for rule, jobs in after.planned.items():
        if rule in stages:
            planned[stages[rule]] = planned.get(stages[rule], 0) + jobs
    ended = [s for s, jobs in planned.items() if _ended(after, s, stages) == jobs]
    return [s for s in ended if _ended(before, s, stages) < planned[s]]


def _ended(progress: Progress, stage: str, stages: Mapping[str, str]) -> int:
    return sum(len(pairs) for rule, pairs in progress.ended.items() if stages.get(rule) == stage)


def plain_plan(progress: Progress, stages: Mapping[str, str]) -> str:
    """Return the line that says what is going to run."""
    jobs: dict[str, int] = {}
    for rule in sorted(
        progress.planned, key=lambda r: list(stages).index(r) if r in stages else -1
    ):
        if rule in stages:
            jobs[stages[rule]] = jobs.get(stages[rule], 0) + progress.planned[rule]
    named = ", ".join(f"{stage} {number}" for stage, number in jobs.items())
    return f"{progress.total} jobs: {named}" if named else f"{progress.total} jobs"


def plain_stage(
    stage: str,
    progress: Progress,
    now: float,
    search: Search | None = None,
    left: float | None = None,
) -> str:
    """Return the line that says that a stage has ended."""
    parts = [f"{stage} done", f"{progress.done} of {progress.total} jobs"]
    if search and search.best is not None:
        parts += [f"best {search.metric} {search.best:.4g} ({search.model})"]
    parts += [clock(now - progress.began)]
    if left is not None and progress.done < progress.total:
        parts += [f"about {duration(left)} left"]
    return GAP.join(parts)
