"""What a model is fitted to: inputs, targets and weights of the fitting rows and their copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.fitting.error_resampling import resampled_copies
from boxloop.fitting.recipe import fit_recipe
from boxloop.fitting.weights import object_weights
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.fitting.build import Builder
    from boxloop.fitting.recipe import FittedRecipe, Inputs
    from boxloop.results.prepare import Recipe
    from boxloop.store import Table


@dataclass(frozen=True)
class TrainingSet:
    """What a model learns from.

    Attributes
    ----------
    inputs : dict of str to ndarray
        First axis: the fitting rows, followed by their scattered copies.
    target : ndarray, shape (rows,)
    weights : ndarray, shape (rows,), or None
        Those of an object and its copies add up to what it would have alone; None where all count
        alike.
    """

    inputs: "Inputs"
    target: "NDArray[Any]"
    weights: "NDArray[np.float64] | None"


def training_set_of(
    recipe: "FittedRecipe",
    table: "Table",
    inputs: "Inputs",
    target: "NDArray[Any]",
    seed: tuple[Any, ...],
    user_code: Sequence[str] = (),
    given: "NDArray[np.float64] | None" = None,
) -> TrainingSet:
    """Return what a model learns from the fitting rows, with the study's use of errors.

    Parameters
    ----------
    recipe : FittedRecipe
        Fitted to these rows.
    table : Table
        The fitting rows.
    inputs : dict of str to ndarray
        What the recipe makes of them.
    target : ndarray, shape (rows,)
    seed : tuple
        Root seed and the names of its use.
    given : ndarray, shape (rows,), optional
        Weights of the rows, which multiply those that their errors give them.
    """
    weights = object_weights(recipe.unfitted, table)
    if given is not None:
        weights = given / given.mean() * (1.0 if weights is None else weights)
    copies = resampled_copies(recipe.unfitted, table, seed, user_code)
    if not copies:
        return TrainingSet(inputs, target, weights)
    further = [recipe.transform(copy) for copy in copies]
    times = 1 + len(copies)
    return TrainingSet(
        {k: np.concatenate([v, *(f[k] for f in further)]) for k, v in inputs.items()},
        np.tile(target, times),
        np.tile(np.ones(len(table)) if weights is None else weights, times) / times,
    )


@dataclass(frozen=True)
class NetworkTrainingSet(TrainingSet):
    """What a network learns from: targets scaled, weights of mean 1, and its inner slice.

    Attributes
    ----------
    recipe : FittedRecipe
        Fitted to the rows that teach.
    scaling : (float, float)
        Centre and scale that a regression's target was brought to; (0, 1) for classes.
    inner : (inputs, target) or None
        The slice by which training stops early.
    """

    recipe: "FittedRecipe"
    scaling: tuple[float, float]
    inner: "tuple[Inputs, NDArray[Any]] | None"


def network_training_set(
    builder: "Builder",
    unfitted: "Recipe",
    table: "Table",
    target: "NDArray[Any]",
    stopping: "NDArray[np.bool_] | None" = None,
    row_weights: "NDArray[np.float64] | None" = None,
) -> NetworkTrainingSet:
    """Return what a network learns from rows of a table.

    Parameters
    ----------
    builder : Builder
    unfitted : Recipe
        The model's recipe.
    table : Table
    target : ndarray, shape (rows,)
        Numbers, or codes of classes.
    stopping : ndarray of bool, shape (rows,), optional
        The inner slice; its rows teach nothing.
    row_weights : ndarray, shape (rows,), optional
    """
    learn = np.ones(len(table), bool) if stopping is None else ~stopping
    fitting = table.take(learn)
    recipe = fit_recipe(unfitted, fitting)
    goal, scaling = _scaled(target, learn, builder.task)
    given = None if row_weights is None else row_weights[learn]
    inputs = recipe.transform(fitting)
    training_set = training_set_of(
        recipe, fitting, inputs, goal[learn], builder.seed, builder.user_code, given
    )
    # The mean loss of an epoch then does not depend on the number of copies.
    weights = (
        None if training_set.weights is None else training_set.weights / training_set.weights.mean()
    )
    inner = None
    if stopping is not None and stopping.any():
        inner = recipe.transform(table.take(stopping)), goal[stopping]
    return NetworkTrainingSet(
        training_set.inputs, training_set.target, weights, recipe, scaling, inner
    )


def _scaled(
    target: "NDArray[Any]", learn: "NDArray[np.bool_]", task: str
) -> tuple["NDArray[Any]", tuple[float, float]]:
    """Bring a regression's target to mean 0 and spread 1 on the rows that teach."""
    if task_of(task).has_classes:
        return target.astype(np.int32), (0.0, 1.0)
    centre, scale = float(target[learn].mean()), float(target[learn].std()) or 1.0
    return ((target - centre) / scale).astype(np.float32), (centre, scale)
