"""How many trials a job of the search ought to hold where each job is sent to a cluster."""

import math
from pathlib import Path

from boxloop.cli.costs import JOB_SECONDS, is_network
from boxloop.cli.estimate import search_work
from boxloop.cli.searched import searched
from boxloop.study.load import StudyFile
from boxloop.study.model import Model, Study
from boxloop.study.rounds import round_sizes

#: What a job of SLURM takes on its node beyond its rule's imports and its fits [s]; measured
#: (docs/performance.md).
SENT_SECONDS = 7.0
#: The share of the jobs' time that may be spent on anything but fits, and the one that is aimed at
#: where it is more: what trials take is not known well.
SHARE, AIM = 0.1, 0.05


def advised(file: StudyFile, rows: float, project: Path) -> list[str]:
    """Say in a line which `search.chunk` would keep the jobs' overhead on a cluster under a tenth.

    Trials that have run count with the seconds they took, others with an estimate.

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
    found = [_trials(file, model, rows, project) for model in study.models if not model.given]
    known = [one for one in found if one]
    size = study.search.chunk
    longest = max((max(sizes) for sizes, _, _ in known), default=0)
    if study.budget.minutes:  # a larger chunk would leave trials out
        slowest = max((work for _, work, _ in known), default=0.0)
        longest = min(longest, int(study.budget.minutes * 60 / max(slowest, 1e-9)))
    share = overhead(known, size)
    sizes = range(size + 1, longest + 1)
    enough = next((n for n in sizes if overhead(known, n) <= AIM), longest)
    less = overhead(known, enough) if enough > size else share
    if share <= SHARE or less >= share:
        return []
    line = (
        f"On a cluster about {share:.0%} of the time of the search's jobs would go into anything "
        f"but fits; with `search: {{chunk: {enough}}}`, now {size}, about {less:.0%}."
    )
    return [line]


def overhead(models: list[tuple[list[int], float, float]], chunk: int) -> float:
    """Return the share of the jobs' time that is not spent on fits.

    Parameters
    ----------
    models : list of tuple
        For each model: trials of each round, seconds of a trial, seconds that a job of it costs.
    chunk : int
        Most trials of a job.
    """
    lost = sum(cost * sum(math.ceil(n / chunk) for n in sizes) for sizes, _, cost in models)
    fits = sum(work * sum(sizes) for sizes, work, _ in models)
    return lost / (lost + fits) if lost else 0.0


def _trials(
    file: StudyFile, model: Model, rows: float, project: Path
) -> tuple[list[int], float, float] | None:
    """Return what `overhead` takes of a model; None of one whose cost is not known yet."""
    study: Study = file.study
    sizes = round_sizes(study, model)
    network = model.registered is None or is_network(model.registered)
    cost = SENT_SECONDS + JOB_SECONDS["network" if network else "estimator"]
    seconds = searched(file, project / "results", model.name).seconds
    if seconds:
        return sizes, sum(seconds) / len(seconds), cost
    if model.registered is None or not rows:
        return None
    return sizes, search_work(study, model, rows) / sum(sizes), cost
