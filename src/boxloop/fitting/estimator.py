"""Fit a scikit-learn estimator, with weights where the study asks for them."""

from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.errors import BoxloopError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.fitting.recipe import Inputs
    from boxloop.fitting.training_set import TrainingSet


def fit_estimator(name: str, model: Any, training_set: "TrainingSet") -> None:
    """Fit an estimator to a training_set.

    Raises
    ------
    BoxloopError
        There are weights, and the estimator does not take any.
    """
    matrix = matrix_of(training_set.inputs)
    if training_set.weights is None:
        model.fit(matrix, training_set.target)
    else:
        model.fit(matrix, training_set.target, **{_keyword(name, model): training_set.weights})


def matrix_of(inputs: "Inputs") -> "NDArray[np.float32]":
    """Return the one matrix an estimator sees; images and padded light curves are flattened."""
    parts = [v.reshape(len(v), -1) for v in inputs.values()]
    return parts[0] if len(parts) == 1 else np.hstack(parts)


def _keyword(name: str, model: Any) -> str:
    """Return the argument of `fit` that takes the weights; in a pipeline, of its last step."""
    from sklearn.pipeline import Pipeline
    from sklearn.utils.validation import has_fit_parameter

    inside, prefix = model, ""
    while isinstance(inside, Pipeline):
        prefix += f"{inside.steps[-1][0]}__"
        inside = inside.steps[-1][1]
    if not (has_fit_parameter(inside, "sample_weight") or _passes_on(inside)):
        raise BoxloopError(
            f"the model {name}: use_error asks for weights, and the fit of {type(inside).__name__} "
            "takes no sample_weight; leave use_error out, or let the model take them"
        )
    return f"{prefix}sample_weight"


def _passes_on(model: Any) -> bool:
    """Return whether a wrapper of a registered model hands its arguments on to an estimator."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.utils.validation import has_fit_parameter

    wraps = isinstance(model, TransformedTargetRegressor)
    return wraps and has_fit_parameter(model.regressor, "sample_weight")
