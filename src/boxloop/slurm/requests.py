"""What a job asks a cluster for: memory and time, by what such jobs have taken before."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: A job gets so many times the memory and the time that were measured.
MEMORY_ROOM, TIME_ROOM = 1.5, 4.0
#: Least request, and that of a rule of which nothing is known: memory [MB] and minutes.
LEAST, UNKNOWN = (1000, 20), (4000, 120)
#: Least memory [MB] of a rule that may hold a network: whether it does is up to the study, and
#: those of which the past tells may have had none.
LEAST_FITTING = 1500
#: Memory [MB] of a job however small its table is: Python with its libraries, or TensorFlow's too.
BARE = 300.0
BARE_FITTING = 900.0
#: Memory [MB] of Snakemake, which runs twice around a script: a cluster counts it, but it is not in
#: what was measured.
AROUND = 400
#: What a row more takes at the least [MB], where less than that was seen of a small table.
ROW = 5e-4
#: Rules whose table is that of the target, or a part of it, and those that read theirs bit by bit.
OF_TARGET = ("target", "apply", "catalogue")
STREAMED = ("apply", "catalogue")
#: A rule does what many jobs of another one do, where it has not run itself.
LIKE = {"nested": "chunk"}
FITTING_RULES = (
    "chunk",
    "nested",
    "probe",
    "fit",
    "predict",
    "apply",
    "shift",
    "degrade",
    "understand",
)


@dataclass(frozen=True)
class Taken:
    """What the jobs of a rule took in a study: the most of them.

    Attributes
    ----------
    rule, study : str
    rows : int
        Objects of the table that a job reads: the study's or, for `OF_TARGET`, the target's.
    jobs : int
    memory_mb : float or None
        Peak of the resident memory; None where the jobs were too short to be sampled.
    seconds : float
        Wall time.
    trials : int
        Trials of a job of the search, at the most; 0 for other rules.
    """

    rule: str
    study: str
    rows: int
    jobs: int
    memory_mb: float | None
    seconds: float
    trials: int = 0


@dataclass(frozen=True)
class Request:
    """Memory [MB] and time [min] that a job asks for."""

    mem_mb: int
    runtime: int


def request(
    rule: str,
    study: str,
    rows: float | None,
    past: Iterable[Taken],
    attempt: int = 1,
    most: Request | None = None,
    trials: int = 0,
) -> Request:
    """Return what a job asks for at its first, second, ... attempt.

    What counts is what the same rule took in this study or, before it has run, in the study whose
    table is the next larger; from a smaller one memory and time grow with the rows, and the time of
    a search with the trials of a job. Each attempt asks for once more as much as the first.

    Parameters
    ----------
    rule, study : str
    rows : float or None
        Objects that the study's table has, or about; None where that is not known.
    past : iterable of Taken
    attempt : int
    most : Request, optional
        What no job may ask for more than: it would be refused, and not be tried again.
    trials : int
        Of a job of the search.
    """
    some, growth = _alike(rule, study, rows, past)
    mem_mb, runtime = _measured(rule, some, growth, trials) if some else UNKNOWN
    least = LEAST_FITTING if rule in FITTING_RULES else LEAST[0]
    mem_mb, runtime = attempt * max(mem_mb, least), attempt * max(runtime, LEAST[1])
    if most is None:
        return Request(mem_mb, runtime)
    return Request(min(mem_mb, most.mem_mb), min(runtime, most.runtime))


def usual_seconds(
    rule: str, study: str, rows: float | None, past: Iterable[Taken], trials: int = 0
) -> float | None:
    """Return what the longest job of a rule takes, by what counts for `request`; None if unknown.

    Parameters
    ----------
    rule, study, rows, past, trials
        As of `request`.
    """
    some, growth = _alike(rule, study, rows, past)
    return _seconds(some, growth, trials) if some else None


def _alike(
    rule: str, study: str, rows: float | None, past: Iterable[Taken]
) -> tuple[list[Taken], float]:
    """Return what counts for a table of so many rows, and how many times as large that is."""
    known = list(past)
    same = [taken for taken in known if taken.rule == rule]
    same = same or [taken for taken in known if taken.rule == LIKE.get(rule)]
    same = [taken for taken in same if taken.rows or not rows] or same
    same = [taken for taken in same if taken.study == study] or same
    if not same:
        return [], 1.0
    larger = [taken for taken in same if rows is not None and taken.rows >= rows]
    size = min(t.rows for t in larger) if larger else max(t.rows for t in same)
    return [taken for taken in same if taken.rows == size], max(1.0, (rows or 0) / max(size, 1))


def _measured(rule: str, some: Sequence[Taken], growth: float, trials: int) -> tuple[int, int]:
    """Return memory [MB] and minutes, with room."""
    memory = max((t.memory_mb or 0.0 for t in some), default=0.0)
    bare = min(memory, BARE_FITTING if rule in FITTING_RULES else BARE)
    if growth > 1 and rule not in STREAMED:
        memory = bare + max(memory - bare, ROW * some[0].rows) * growth
    seconds = _seconds(some, growth, trials)
    return _hundreds(MEMORY_ROOM * memory + AROUND), math.ceil(TIME_ROOM * seconds / 60)


def _seconds(some: Sequence[Taken], growth: float, trials: int) -> float:
    times = (t.seconds * max(1.0, trials / t.trials if t.trials else 1.0) for t in some)
    return max(times) * growth


def _hundreds(memory: float) -> int:
    return 100 * math.ceil(memory / 100)
