"""Fit one model, whatever its kind, to rows of a table."""

import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.fitting import gpu
from boxloop.fitting.backend import prepare_backend
from boxloop.fitting.build import Builder, shape_of
from boxloop.fitting.checkpoint import Checkpoint, fingerprint
from boxloop.fitting.error_resampling import copies_of
from boxloop.fitting.estimator import fit_estimator
from boxloop.fitting.external import ExternalModel, is_external
from boxloop.fitting.fitted import Fitted
from boxloop.fitting.network import train_network
from boxloop.fitting.recipe import FittedRecipe, fit_recipe
from boxloop.fitting.training_set import NetworkTrainingSet, network_training_set, training_set_of
from boxloop.fitting.trees import nodes_of
from boxloop.study.known_model import FITTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from boxloop.fitting.recipe_cache import RecipeCache
    from boxloop.store import Table


def fit_model(
    trial: dict[str, Any],
    unfitted: dict[str, Any],
    table: "Table",
    target: "NDArray[Any]",
    *,
    task: str,
    classes: "Sequence[str]" = (),
    seed: tuple[Any, ...],
    point: str = "median",
    stopping: "NDArray[np.bool_] | None" = None,
    epochs: int | None = None,
    weights: "NDArray[np.float64] | None" = None,
    checkpoint: Path | None = None,
    checkpoint_key: str = "",
    user_code: "Sequence[str]" = (),
    threads: int = 1,
    cache: "RecipeCache | None" = None,
) -> Fitted:
    """Fit a model with its recipe.

    Parameters
    ----------
    trial : dict
        ``model, kind, function, hyperparameters`` as the plan of the search says.
    unfitted : dict
        The model's recipe; it says how errors are used as well.
    table : Table
        The rows to learn from.
    target : ndarray, shape (rows,)
        Numbers, or codes of `classes`.
    seed : tuple
        Root seed and the names of its use.
    point : {"median", "mean"}
        What is predicted of a distribution, where the model gives one.
    stopping : ndarray of bool, shape (rows,), optional
        The inner slice for a network's early stopping; its rows teach nothing else.
    epochs : int, optional
        Train a network exactly so long.
    weights : ndarray, shape (rows,), optional
        How much each row teaches, beside what the recipe says of errors.
    checkpoint : Path, optional
        Where a network's training is kept while it lasts.
    checkpoint_key : str
        Hash of the code that trains: a checkpoint of other code is not used.
    cache : RecipeCache, optional
        What other estimators have made of the same rows by the same recipe.
    """
    started = time.perf_counter()
    if is_external(trial):
        return _given(trial, classes, len(table))
    builder = Builder(trial, tuple(classes), task, seed, threads, tuple(user_code))
    slice_ = stopping if stopping is not None and epochs is None else None
    recipe = None
    if not builder.registered_network:
        recipe = cache.recipe(unfitted) if cache else fit_recipe(unfitted, table)
    model = None if recipe is None else builder.estimator(recipe, table)
    if recipe is None or model is None:
        kept = Checkpoint(checkpoint, checkpoint_key)
        fitted = _fit_network(builder, unfitted, table, target, slice_, epochs, kept, weights)
    else:
        inputs = cache.inputs(recipe) if cache else recipe.transform(table)
        training_set = training_set_of(recipe, table, inputs, target, seed, user_code, weights)
        fit_estimator(trial["model"], model, training_set)
        if builder.threads > 1 and trial["kind"] == "forest":
            model.n_jobs = 1  # several threads add its trees up in any order, other each time
        fitted = Fitted(trial["model"], model, recipe, tuple(classes), (0.0, 1.0), {})
    description = {
        **{k: trial.get(k) for k in ("model", "kind", "function", "inputs", "hyperparameters")},
        **({"precision": trial["precision"]} if trial.get("precision") else {}),
        "classes": list(classes),
        "rows": len(table),
        "epochs": fitted.description.get("epochs"),
        "seconds": time.perf_counter() - started,
        "parameters": int(fitted.model.count_params()) if fitted.network else None,
        "importances": _importances(fitted),
        "final_loss": fitted.history[-1]["loss"] if fitted.history else None,
        "scaling": list(fitted.scaling),
    }
    if fitted.description.get("gpu"):
        description["gpu"] = fitted.description["gpu"]
    if builder.components:
        description |= {"components": builder.components, "point": point}
    nodes = nodes_of(fitted.model, fitted.recipe.columns, copies_of(fitted.recipe.unfitted) + 1)
    if nodes:
        description["tree"] = nodes
    return replace(fitted, description=description)


def _given(trial: dict[str, Any], classes: "Sequence[str]", rows: int) -> Fitted:
    """Return somebody else's predictions in the place of a fitted model."""
    model = ExternalModel(trial["model"], tuple(classes))
    description = {
        **{k: trial.get(k) for k in ("model", "kind", "function", "inputs", "hyperparameters")},
        "classes": list(classes),
        "rows": rows,
        "seconds": 0.0,
        **dict.fromkeys(("epochs", "parameters", "importances", "final_loss")),
        "scaling": [0.0, 1.0],
    }
    recipe = FittedRecipe({"inputs": []})
    return Fitted(trial["model"], model, recipe, tuple(classes), (0.0, 1.0), description)


def _fit_network(
    builder: Builder,
    unfitted: dict[str, Any],
    table: "Table",
    target: "NDArray[Any]",
    stopping: "NDArray[np.bool_] | None",
    epochs: int | None,
    checkpoint: Checkpoint,
    row_weights: "NDArray[np.float64] | None" = None,
) -> Fitted:
    prepare_backend(builder.threads)
    training_set = network_training_set(builder, unfitted, table, target, stopping, row_weights)
    hyperparameters = {**FITTING, **builder.trial["hyperparameters"]}
    trained = train_network(
        partial(builder.build, shape_of(training_set.inputs)),
        training_set.inputs,
        training_set.target,
        hyperparameters=hyperparameters,
        loss=builder.loss,
        weights=training_set.weights,
        seed=builder.seed,
        epochs=epochs,
        stopping=training_set.inner,
        checkpoint=_of_this_fit(checkpoint, builder, epochs, training_set),
    )
    return Fitted(
        builder.trial["model"],
        trained.model,
        training_set.recipe,
        builder.classes,
        training_set.scaling,
        {"epochs": trained.epochs, "gpu": gpu.name()},
        trained.history,
    )


def _of_this_fit(
    checkpoint: Checkpoint, builder: Builder, epochs: int | None, training_set: NetworkTrainingSet
) -> Checkpoint:
    """Return a checkpoint whose key knows everything that the training depends on."""
    if checkpoint.path is None:
        return checkpoint
    used = {
        "trial": builder.trial,
        "seed": builder.seed,
        "epochs": epochs,
        "code": checkpoint.key,
    }
    weights = [] if training_set.weights is None else [training_set.weights]
    arrays = [training_set.target, *training_set.inputs.values(), *weights]
    return Checkpoint(checkpoint.path, fingerprint(used, *arrays))


def _importances(fitted: Fitted) -> dict[str, float] | None:
    values = getattr(fitted.model, "feature_importances_", None)
    if values is None or len(values) != len(fitted.recipe.columns):
        return None
    return dict(zip(fitted.recipe.columns, (float(v) for v in values), strict=True))
