"""Fit one model, whatever its kind, to rows of a table."""

import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.fitting import gpu
from boxloop.fitting.backend import prepare_backend
from boxloop.fitting.build import Builder, is_network, shape_of
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
    from boxloop.results.prepare import Recipe
    from boxloop.results.search import SelectedModel
    from boxloop.results.train import FitDescription, FittedTrial
    from boxloop.store import Table
    from boxloop.study.trials import Fittable


def fit_model(
    trial: "Fittable",
    unfitted: "Recipe",
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
    trial : Fittable
        As the plan of the search says.
    unfitted : Recipe
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
        fitted = _Fit(model, recipe)
    columns = fitted.recipe.columns
    network = is_network(fitted.model)
    description: FitDescription = {
        **_trial(trial),
        "classes": list(classes),
        "rows": len(table),
        "epochs": fitted.epochs,
        "seconds": time.perf_counter() - started,
        "parameters": int(fitted.model.count_params()) if network else None,
        "importances": _importances(fitted.model, columns),
        "final_loss": fitted.history[-1]["loss"] if fitted.history else None,
        "scaling": list(fitted.scaling),
    }
    if fitted.gpu:
        description["gpu"] = fitted.gpu
    if builder.components:
        description["components"] = builder.components
        description["point"] = point
    nodes = nodes_of(fitted.model, columns, copies_of(fitted.recipe.unfitted) + 1)
    if nodes:
        description["tree"] = nodes
    return Fitted(
        trial["model"],
        fitted.model,
        fitted.recipe,
        tuple(classes),
        fitted.scaling,
        description,
        fitted.history,
    )


def chosen_trial(name: str, chosen: "SelectedModel") -> "Fittable":
    """Return the trial that a search has chosen for a model, to be fitted again."""
    trial: Fittable = {
        "id": chosen["trial"],
        "model": name,
        "kind": chosen["kind"],
        "function": chosen["function"],
        "inputs": chosen["inputs"],
        "hyperparameters": chosen["hyperparameters"],
    }
    if "precision" in chosen:
        trial["precision"] = chosen["precision"]
    return trial


@dataclass(frozen=True)
class _Fit:
    """What training gave, before it is described.

    Attributes
    ----------
    scaling : (float, float)
        Centre and scale that the target was brought to.
    history : list of dict
        By epoch, networks only.
    epochs : int or None
    gpu : str or None
        Name of the GPU that it was trained on.
    """

    model: Any
    recipe: FittedRecipe
    scaling: tuple[float, float] = (0.0, 1.0)
    history: list[dict[str, float]] = field(default_factory=list)
    epochs: int | None = None
    gpu: str | None = None


def _trial(trial: "Fittable") -> "FittedTrial":
    found: FittedTrial = {
        "model": trial["model"],
        "kind": trial.get("kind"),
        "function": trial.get("function"),
        "inputs": trial.get("inputs"),
        "hyperparameters": trial["hyperparameters"],
    }
    if trial.get("precision"):
        found["precision"] = trial["precision"]
    return found


def _given(trial: "Fittable", classes: "Sequence[str]", rows: int) -> Fitted:
    """Return somebody else's predictions in the place of a fitted model."""
    model = ExternalModel(trial["model"], tuple(classes))
    description: FitDescription = {
        **_trial(trial),
        "classes": list(classes),
        "rows": rows,
        "seconds": 0.0,
        "epochs": None,
        "parameters": None,
        "importances": None,
        "final_loss": None,
        "scaling": [0.0, 1.0],
    }
    recipe = FittedRecipe({"inputs": []})
    return Fitted(trial["model"], model, recipe, tuple(classes), (0.0, 1.0), description)


def _fit_network(
    builder: Builder,
    unfitted: "Recipe",
    table: "Table",
    target: "NDArray[Any]",
    stopping: "NDArray[np.bool_] | None",
    epochs: int | None,
    checkpoint: Checkpoint,
    row_weights: "NDArray[np.float64] | None" = None,
) -> _Fit:
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
    return _Fit(
        trained.model,
        training_set.recipe,
        training_set.scaling,
        trained.history,
        trained.epochs,
        gpu.name(),
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


def _importances(model: Any, columns: list[str]) -> dict[str, float] | None:
    values = getattr(model, "feature_importances_", None)
    if values is None or len(values) != len(columns):
        return None
    return dict(zip(columns, (float(v) for v in values), strict=True))
