"""Plan a round of trials from the results of earlier ones; search in rounds in one process."""

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from boxloop.search.cross_validate import cross_validate
from boxloop.search.plan import SearchTask
from boxloop.search.progress import Progress
from boxloop.search.sampled import asked_points
from boxloop.store import Table
from boxloop.study.points import random_points
from boxloop.study.rounds import Rounds, SearchSpace
from boxloop.study.searching import Hyperparameters, Range
from boxloop.study.seeds import integer_seed
from boxloop.study.trials import Trial, named_trial

if TYPE_CHECKING:
    from boxloop.results.prepare import Recipes
    from boxloop.results.search import TrialResult

#: How often a sampler is asked for a point that has not been tried before one is drawn instead.
ASKED = 20


def plan_round(
    search: SearchSpace,
    results: "Sequence[TrialResult]",
    *,
    number: int,
    count: int,
    sampler: str,
    metric: str,
    seed: int,
) -> list[Trial]:
    """Plan the trials of a round; more of them begin with the same ones.

    A point that was tried is asked for again a bounded number of times; then one is drawn at
    random.

    Parameters
    ----------
    search : SearchSpace
        From `boxloop.study.rounds.space_of`.
    results : sequence of TrialResult
        Those of all earlier rounds of the model.
    number : int
        Of the round.
    count : int
        How many trials to plan.
    sampler : str
        Class of ``optuna.samplers``.
    metric : str
    seed : int
        The study's seed.

    Returns
    -------
    list of Trial
        Fewer trials than asked for where the space has no more points.
    """
    use = ("search", "plan", search["about"]["model"], "round", number)
    asked = asked_points(search["space"], results, sampler, metric, integer_seed(seed, *use))
    drawn = _drawn(search["space"], len(results) + count, seed, *use)
    tried = {result["id"] for result in results}
    planned: list[Trial] = []
    for _ in range(count):
        trial = _new(search, tried, asked) or _left(search, tried, drawn)
        if trial is None:
            break
        tried.add(trial["id"])
        planned.append(trial)
    return planned


def _new(
    search: SearchSpace, tried: set[str], asked: Iterator[tuple[Hyperparameters, Any]]
) -> Trial | None:
    """Return the first trial that a sampler asks for and that was not tried."""
    for point, drop in itertools.islice(asked, ASKED):
        trial = named_trial(search["about"], {**search["fixed"], **point})
        if trial["id"] not in tried:
            return trial
        drop()
    return None


def _left(search: SearchSpace, tried: set[str], drawn: Iterator[Hyperparameters]) -> Trial | None:
    """Return the next of some points that was not tried."""
    trials = (named_trial(search["about"], {**search["fixed"], **point}) for point in drawn)
    return next((trial for trial in trials if trial["id"] not in tried), None)


def _drawn(space: dict[str, Any], n: int, seed: int, *use: str | int) -> Iterator[Hyperparameters]:
    """Yield points at random; of lists alone, in the end all there are."""
    axes = {k: v if isinstance(v, list) else Range.model_validate(v) for k, v in space.items()}
    yield from random_points(axes, n, seed, *use)
    lists = [v for v in axes.values() if isinstance(v, list)]
    if len(lists) == len(axes):
        yield from (dict(zip(axes, point, strict=True)) for point in itertools.product(*lists))


def search_in_rounds(
    trials: Sequence[Trial],
    rounds: Rounds | None,
    recipes: "Recipes",
    table: Table,
    folds: pd.DataFrame,
    task: SearchTask,
    progress: Progress | None = None,
) -> "list[TrialResult]":
    """Cross-validate trials, then plan and run round after round of each model.

    Parameters
    ----------
    trials : sequence of Trial
        Those that the study file gives.
    rounds : Rounds or None
        None where all trials are given.
    recipes, table, folds, task, progress
        As of `boxloop.search.cross_validate`.

    Returns
    -------
    list of TrialResult
        Of all trials.
    """
    results, _ = cross_validate(trials, recipes, table, folds, task, None, progress)
    sampler, models = (rounds["sampler"], rounds["models"]) if rounds else ("", {})
    for number in range(1, max((len(one["sizes"]) for one in models.values()), default=0)):
        planned: list[Trial] = []
        for name, one in models.items():
            if number < len(one["sizes"]):
                planned += plan_round(
                    one["search"],
                    [r for r in results if r["model"] == name],
                    number=number,
                    count=one["sizes"][number],
                    sampler=sampler,
                    metric=task.metric,
                    seed=task.seed,
                )
        results += cross_validate(planned, recipes, table, folds, task, None, progress)[0]
    return results
