"""The trials of a search, known from the study file alone and named by their content."""

import hashlib
import itertools
import json
from typing import NotRequired

from typing_extensions import TypedDict

from boxloop.study.model import Model, Study, hyperparameters
from boxloop.study.points import random_points, sobol_points
from boxloop.study.searching import Hyperparameters


class TrialName(TypedDict):
    """What a trial is known by."""

    id: str
    """A hash of model and hyperparameters."""


class AboutModel(TypedDict):
    """What a trial says of its model."""

    model: str
    """Its name in the study."""
    kind: str | None
    """The registered model; null for a function of one's own."""
    function: str | None
    """One's own function; null for a registered model."""
    inputs: list[str] | None
    """Which data it sees; null where the study does not say."""
    precision: NotRequired[str]
    """In what a network computes, where it is not float32."""


class Fittable(TrialName, AboutModel):
    """What is needed to fit a model."""

    hyperparameters: Hyperparameters
    """Values by hyperparameter."""


class Trial(Fittable):
    """A trial of a search."""

    purpose: str
    """What it is for: search."""


def trials_of(study: Study, model: Model) -> list[Trial]:
    """List the trials of a model that the study file gives, in an order that more only add to.

    Of a search in rounds these are the trials of the first one (`boxloop.study.rounds`).

    Returns
    -------
    list of Trial
    """
    fixed = hyperparameters(model)
    if not model.space:
        points: list[Hyperparameters] = [{}]
    elif study.search.strategy == "grid":
        lists = [v if isinstance(v, list) else [] for v in model.space.values()]
        points = [dict(zip(model.space, p, strict=True)) for p in itertools.product(*lists)]
    else:
        draw = sobol_points if study.search.strategy == "sobol" else random_points
        use = ("search", "plan", model.name)
        points = draw(model.space, study.budget.trials, study.seed, *use)
    most = study.budget.trials
    if study.search.plans_by:
        most = min(most, study.search.round)
    about = about_model(model)
    return [named_trial(about, {**fixed, **point}) for point in points[:most]]


def chunks_of(study: Study, model: Model) -> list[list[Trial]]:
    """Cut the trials of a model into chunks, each for one job."""
    trials, size = trials_of(study, model), study.search.chunk
    return [trials[i : i + size] for i in range(0, len(trials), size)]


def about_model(model: Model) -> AboutModel:
    """Return what a trial says of its model; its precision where it is not the usual one."""
    about: AboutModel = {
        "model": model.name,
        "kind": model.registered,
        "function": model.function,
        "inputs": None if model.inputs is None else list(model.inputs),
    }
    if model.precision != "float32":
        about["precision"] = model.precision
    return about


def named_trial(about: AboutModel, values: Hyperparameters) -> Trial:
    """Return the trial of a model with some hyperparameters, named by a hash of both.

    Parameters
    ----------
    about : AboutModel
    values : dict
        All hyperparameters.
    """
    content = {**about, "hyperparameters": values, "purpose": "search"}
    text = json.dumps(content, sort_keys=True)
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    return {"id": name, **about, "hyperparameters": values, "purpose": "search"}


def probes_of(study: Study) -> list[str]:
    """Return the purposes of the probes that a study asks for, known from its file alone."""
    asked = study.probes
    wanted = {
        "shuffled": asked.shuffled > 0,
        "learning_curve": bool(asked.learning_curve),
        "seeds": asked.seeds > 0,
        "reweight": asked.reweight and "target" in study.samples and bool(study.columns.features),
        "time_order": study.columns.time is not None and study.split.by == "chance",
    }
    return [purpose for purpose, there in wanted.items() if there]
