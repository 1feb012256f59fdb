"""The trials of a search, known from the study file alone and named by their content."""

import hashlib
import itertools
import json
from typing import Any

from boxloop.study.model import Model, Study, hyperparameters
from boxloop.study.points import random_points, sobol_points


def trials_of(study: Study, model: Model) -> list[dict[str, Any]]:
    """List the trials of a model that the study file gives, in an order that more only add to.

    Of a search in rounds these are the trials of the first one (`boxloop.study.rounds`).

    Returns
    -------
    list of dict
        ``id`` (a hash of model and hyperparameters), ``model``, ``hyperparameters``, ``purpose``.
    """
    fixed = hyperparameters(model)
    if not model.space:
        points: list[dict[str, Any]] = [{}]
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


def chunks_of(study: Study, model: Model) -> list[list[dict[str, Any]]]:
    """Cut the trials of a model into chunks, each for one job."""
    trials, size = trials_of(study, model), study.search.chunk
    return [trials[i : i + size] for i in range(0, len(trials), size)]


def about_model(model: Model) -> dict[str, Any]:
    """Return what a trial says of its model; its precision where it is not the usual one."""
    about = {
        "model": model.name,
        "kind": model.registered,
        "function": model.function,
        "inputs": model.inputs,
    }
    usual = model.precision == "float32"
    return about if usual else {**about, "precision": model.precision}


def named_trial(about: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return the trial of a model with some hyperparameters, named by a hash of both.

    Parameters
    ----------
    about : dict
        From `about_model`.
    values : dict
        All hyperparameters.
    """
    content = {**about, "hyperparameters": values, "purpose": "search"}
    text = json.dumps(content, sort_keys=True)
    return {"id": hashlib.sha256(text.encode()).hexdigest()[:12], **content}


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
