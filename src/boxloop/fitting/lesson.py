"""What a model is fitted to: inputs, targets and weights of the fitting rows and their copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.fitting.scatter import scattered_copies
from boxloop.fitting.weights import object_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.fitting.recipe import FittedRecipe, Inputs
    from boxloop.store import Table


@dataclass(frozen=True)
class Lesson:
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


def lesson_of(
    recipe: "FittedRecipe",
    table: "Table",
    target: "NDArray[Any]",
    seed: tuple[Any, ...],
    user_code: Sequence[str] = (),
    given: "NDArray[np.float64] | None" = None,
) -> Lesson:
    """Return what a model learns from the fitting rows, with the study's use of errors.

    Parameters
    ----------
    recipe : FittedRecipe
        Fitted to these rows.
    table : Table
        The fitting rows.
    target : ndarray, shape (rows,)
    seed : tuple
        Root seed and the names of its use.
    given : ndarray, shape (rows,), optional
        Weights of the rows, which multiply those that their errors give them.
    """
    inputs, weights = recipe.transform(table), object_weights(recipe.unfitted, table)
    if given is not None:
        weights = given / given.mean() * (1.0 if weights is None else weights)
    copies = scattered_copies(recipe.unfitted, table, seed, user_code)
    if not copies:
        return Lesson(inputs, target, weights)
    further = [recipe.transform(copy) for copy in copies]
    times = 1 + len(copies)
    return Lesson(
        {k: np.concatenate([v, *(f[k] for f in further)]) for k, v in inputs.items()},
        np.tile(target, times),
        np.tile(np.ones(len(table)) if weights is None else weights, times) / times,
    )
