"""Keras optimisers as pure functions of tensors, which TensorFlow's own refuse to be."""

from typing import Any

#: Methods that TensorFlow's optimiser replaces by ones that need tf.Variable.
_PLAIN = (
    "assign",
    "assign_add",
    "assign_sub",
    "stateless_apply",
    "_apply_weight_decay",
    "_backend_increment_gradient_accumulators",
    "_backend_reset_gradient_accumulators",
    "_backend_update_step",
    "_overwrite_model_variables_with_average_value",
    "_var_key",
)


def stateless(optimizer: Any) -> Any:
    """Return an optimiser of the same kind and settings whose ``stateless_apply`` works.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer

    Returns
    -------
    keras.optimizers.Optimizer
        Not built. On other backends than TensorFlow a plain copy.
    """
    import keras

    kind = type(optimizer)
    if keras.backend.backend() == "tensorflow":
        backend, base = (
            next(c for c in kind.__mro__ if c.__name__ == name)
            for name in ("TFOptimizer", "BaseOptimizer")
        )
        # As a child of TensorFlow's class it comes right before it: what an optimiser itself
        # replaces, such as Nadam its step, stays.
        plain = type("Plain", (backend,), {name: getattr(base, name) for name in _PLAIN})
        kind = type(kind.__name__, (kind, plain), {})
    return kind.from_config(optimizer.get_config())


def place_of(optimizer: Any, variable: Any) -> int:
    """Return which of the variables of a built optimiser one is."""
    return next(i for i, v in enumerate(optimizer.variables) if v is variable)
