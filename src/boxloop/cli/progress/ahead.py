"""When a run will end: by what such jobs took before, scaled by what this run has seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from boxloop.cli.progress.state import Job, Progress
from boxloop.slurm import FITTING_RULES

#: A rule that nothing is known of takes so many seconds; of these none is guessed.
SHORT = 2.0
UNKNOWN = {*FITTING_RULES, "fetch", "simulate"}
#: What was expected counts as so many seconds of this run when both are compared.
WEIGHT = 5.0
#: Share of the expected work that has to be done before an end is named.
SEEN = 0.1
#: An end that was named stands until what is left differs by this share of it, or these seconds.
STEADY, LEAST = 0.2, 10.0


@dataclass(frozen=True)
class Usual:
    """What jobs of a study take [s].

    Attributes
    ----------
    by_file : mapping of str to float
        By study and stem of a job's log: from an earlier run of the study, or from what fits cost.
    by_rule : mapping of str to float
        By rule, from studies that have run in this project, or that are shipped.
    """

    by_file: Mapping[str, float] = field(default_factory=dict)
    by_rule: Mapping[str, float] = field(default_factory=dict)

    def of(self, job: Job) -> float | None:
        """Return what a job takes; None where only this run can tell."""
        return self.by_file.get(f"{job.study}/{job.file}", self.of_rule(job.rule))

    def of_rule(self, rule: str) -> float | None:
        """Return what a job of a rule takes; None where only this run can tell."""
        return self.by_rule.get(rule, None if rule in UNKNOWN else SHORT)


def merged(one: Usual, other: Usual) -> Usual:
    """Return what is known of both; of a rule the longer time."""
    rules = {*one.by_rule, *other.by_rule}
    by_rule = {r: max(one.by_rule.get(r, 0.0), other.by_rule.get(r, 0.0)) for r in rules}
    return Usual({**one.by_file, **other.by_file}, by_rule)


def seconds_left(progress: Progress, usual: Usual, now: float) -> float | None:
    """Return the seconds that a run still takes; None while too little is known to say.

    Parameters
    ----------
    progress : Progress
    usual : Usual
    now : float
        Of the clock that events are timed by [s].
    """
    seen = [pair for pairs in progress.ended.values() for pair in pairs]
    known = [(took, s) for job, took in seen if (s := usual.of(job)) is not None]
    expected = sum(s for _, s in known)
    scale = (sum(took for took, _ in known) + WEIGHT) / (expected + WEIGHT)
    running = [_rest(progress, usual, job, scale, now) for job in progress.running.values()]
    waiting = [_waiting(progress, usual, rule, scale) for rule in progress.planned]
    if not seen or None in running or None in waiting:
        return None
    rest = [s for s in running if s is not None]
    ahead = [s for some in waiting for s in some or []]
    work = sum(ahead) + sum(rest)
    if scale * expected < SEEN * (scale * expected + work):
        return None
    return max([work / _at_a_time(progress, seen, now), *rest, *ahead])


def _rest(progress: Progress, usual: Usual, job: Job, scale: float, now: float) -> float | None:
    """Return the seconds that a running job still takes; one that takes long goes on a while."""
    took = now - job.began
    each = usual.of(job)
    whole = _mean_seen(progress, job.rule) if each is None else scale * each
    return None if whole is None else max(whole - took, 0.1 * took)


def _waiting(progress: Progress, usual: Usual, rule: str, scale: float) -> list[float] | None:
    """Return what each job of a rule takes that has not begun; of several, all the mean."""
    begun = [job for job, _ in progress.ended.get(rule, ())]
    begun += [job for job in progress.running.values() if job.rule == rule]
    begun += [job for job in progress.failed.values() if job.rule == rule]
    left = progress.planned[rule] - len(begun)
    if left <= 0:
        return []
    files = {f"{job.study}/{job.file}" for job in begun}
    others = {f: s for f, s in usual.by_file.items() if f not in files}
    named = [s for f, s in others.items() if f.partition("/")[2].split("-")[0] == rule]
    each = sum(named) / len(named) if named else usual.of_rule(rule)
    each = _mean_seen(progress, rule) if each is None else scale * each
    return None if each is None else [each] * left


def _mean_seen(progress: Progress, rule: str) -> float | None:
    took = [seconds for _, seconds in progress.ended.get(rule, ())]
    return sum(took) / len(took) if took else None


def _at_a_time(progress: Progress, seen: list[tuple[Job, float]], now: float) -> float:
    """Return how many jobs ran at a time so far: stages wait for each other."""
    running = list(progress.running.values())
    work = sum(took for _, took in seen) + sum(now - job.began for job in running)
    first = min(job.began for job in [*running, *(job for job, _ in seen)])
    mean = work / max(now - first, 1e-9)
    return max(1.0, min(mean, progress.cores or mean))


@dataclass(frozen=True)
class End:
    """An end that was named: it does not jump about.

    Attributes
    ----------
    at : float
        When [s].
    """

    at: float

    def left(self, now: float) -> float:
        """Return the seconds until then."""
        return max(0.0, self.at - now)


def steady(named: End | None, left: float | None, now: float) -> End | None:
    """Return the end to name: the one that was, unless it has proved wrong."""
    if left is None:
        return None
    if named is None or abs(named.left(now) - left) > max(STEADY * left, LEAST):
        return End(now + left)
    return named
