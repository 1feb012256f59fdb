"""A search in rounds: their number and their sizes follow from the study file alone."""

import math
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypedDict

from boxloop.study.model import Model, Study, hyperparameters
from boxloop.study.searching import Hyperparameters
from boxloop.study.trials import AboutModel, Trial, about_model, chunks_of, trials_of


class SearchSpace(TypedDict):
    """What a round of a model is planned from, as plain data.

    ``about`` is what a trial says of the model, ``fixed`` its hyperparameters where nothing is
    searched, ``space`` lists and ranges by hyperparameter.
    """

    about: AboutModel
    fixed: Hyperparameters
    space: dict[str, Any]


class ModelRounds(TypedDict):
    """The sizes of a model's rounds, and what they are planned from."""

    sizes: list[int]
    search: SearchSpace


class Rounds(TypedDict):
    """What all rounds of a study are planned from: the sampler, and the models by name."""

    sampler: str
    models: dict[str, ModelRounds]


@dataclass(frozen=True)
class Job:
    """The trials that one job runs.

    Attributes
    ----------
    round : int
        From 0; only a search in rounds has more than one.
    part : tuple of int
        Where its trials begin and end among those of the round.
    trials : list of Trial or None
        None where they are planned only when all earlier rounds are done.
    """

    round: int
    part: tuple[int, int]
    trials: list[Trial] | None


def jobs_of(study: Study, model: Model) -> list[Job]:
    """Return the jobs of the search of a model; a larger budget adds to them at the end."""
    size, jobs = study.search.chunk, []
    known = trials_of(study, model)
    for number, trials in enumerate(round_sizes(study, model)):
        for start in range(0, trials, size):
            part = start, min(start + size, trials)
            jobs.append(Job(number, part, None if number else known[slice(*part)]))
    return jobs


def round_sizes(study: Study, model: Model) -> list[int]:
    """Return how many trials each round of the search of a model has, at the most."""
    first = len(trials_of(study, model))
    if not (study.search.plans_by and model.space):
        return [first]
    left = study.budget.trials - first
    lists = [len(v) for v in model.space.values() if isinstance(v, list)]
    if len(lists) == len(model.space):
        left = min(left, math.prod(lists) - first)
    size = study.search.round
    return [first, *(min(size, left - begun) for begun in range(0, left, size))]


def space_of(model: Model) -> SearchSpace:
    """Return what a round of a model is planned from."""
    space = model.model_dump(mode="json", include={"space"})["space"]
    return {"about": about_model(model), "fixed": hyperparameters(model), "space": space}


def rounds_of(study: Study) -> Rounds | None:
    """Return what all rounds of a study are planned from; None where the file gives all trials."""
    if not study.search.plans_by:
        return None
    found: dict[str, ModelRounds] = {
        m.name: {"sizes": round_sizes(study, m), "search": space_of(m)} for m in study.models
    }
    return {"sampler": study.search.plans_by, "models": found}


def likely_chunks(study: Study, model: Model) -> list[list[Trial]]:
    """Return trials by chunk to reckon with; draws stand for what is not planned yet."""
    if not study.search.plans_by:
        return chunks_of(study, model)
    drawn = study.search.model_copy(update={"strategy": "random", "sampler": None})
    ahead = iter(trials_of(study.model_copy(update={"search": drawn}), model))
    parts = [job.part for job in jobs_of(study, model)]
    chunks = [list(islice(ahead, stop - start)) for start, stop in parts]
    return [chunk for chunk in chunks if chunk]
