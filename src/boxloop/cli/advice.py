"""How many trials a job of the search ought to hold where each job is sent to a cluster."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from boxloop.cli.costs import JOB_SECONDS, is_network
from boxloop.cli.estimate import search_work
from boxloop.cli.searched import searched
from boxloop.study.load import StudyFile
from boxloop.study.model import Model
from boxloop.study.rounds import round_sizes

#: What a job of SLURM takes on its node beyond its rule's imports and its fits [s]; measured
#: (docs/performance.md).
SENT_SECONDS = 7.0
#: The share of the jobs' time that may be spent on anything but fits, and the one that is aimed at
#: where it is more: what trials take is not known well.
SHARE, AIM = 0.1, 0.05


@dataclass(frozen=True)
class Work:
    """The search of a model, as jobs see it.

    Attributes
    ----------
    rounds : list of int
        Trials of each round.
    trial, job : float
        Seconds of a trial, and what a job takes besides its trials.
    measured : bool
        Whether trials have run, or their seconds are an estimate.
    """

    rounds: list[int]
    trial: float
    job: float
    measured: bool


def advised(file: StudyFile, rows: float, project: Path) -> list[str]:
    """Say in a line which `search.chunk` would keep the jobs' overhead on a cluster under a tenth.

    Trials that have run count with the seconds they took, others with an estimate. Under halving
    the trials of a chunk compete: its size is no matter of cost alone, and nothing is said.

    Parameters
    ----------
    file : StudyFile
    rows : float
        Labelled rows; 0 where that is not known.
    project : Path
        The folder that holds results/.

    Returns
    -------
    list of str
        Empty where the study's own chunks do so, or no larger ones would help.
    """
    study = file.study
    if study.search.strategy == "halving":
        return []
    found = [_work(file, model, rows, project) for model in study.models if not model.given]
    known = [work for work in found if work]
    size = study.search.chunk
    longest = max((max(work.rounds) for work in known), default=0)
    if study.budget.minutes:  # a larger chunk would leave trials out
        slowest = max((work.trial for work in known), default=0.0)
        longest = min(longest, int(study.budget.minutes * 60 / max(slowest, 1e-9)))
    share = overhead(known, size)
    larger = range(size + 1, longest + 1)
    better = next((n for n in larger if overhead(known, n) <= AIM), longest)
    if share <= SHARE or better <= size or overhead(known, better) >= share:
        return []
    again = any(work.measured for work in known)
    line = (
        f"On a cluster about {share:.0%} of the time of the search's jobs would go into anything "
        f"but fits; with `search: {{chunk: {better}}}`, now {size}, about "
        f"{overhead(known, better):.0%}{' (what has run is then run again)' if again else ''}."
    )
    return [line]


def overhead(models: Sequence[Work], chunk: int) -> float:
    """Return the share of the jobs' time that is not spent on fits, with so many trials a job."""
    lost = sum(work.job * sum(math.ceil(n / chunk) for n in work.rounds) for work in models)
    fits = sum(work.trial * sum(work.rounds) for work in models)
    return lost / (lost + fits) if lost else 0.0


def _work(file: StudyFile, model: Model, rows: float, project: Path) -> Work | None:
    """Return the work of a model; None where it is not known yet."""
    rounds = round_sizes(file.study, model)
    network = model.registered is None or is_network(model.registered)
    job = SENT_SECONDS + JOB_SECONDS["network" if network else "estimator"]
    seconds = searched(file, project / "results", model.name).seconds
    if seconds:
        return Work(rounds, sum(seconds) / len(seconds), job, measured=True)
    if model.registered is None or not rows:
        return None
    return Work(rounds, search_work(file.study, model, rows) / sum(rounds), job, measured=False)
