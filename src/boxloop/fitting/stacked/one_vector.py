"""Optimisers that take all the variables of a member as one vector."""

import math
from typing import Any

#: They change each number by its own gradient alone, whatever variable it belongs to.
BY_NUMBER = frozenset(
    ["SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Nadam", "Lion"]
)


def built_for(optimizer: Any, model: Any) -> Any:
    """Build an optimiser for a model, for all its variables as one vector where that is the same.

    A step of Adam is a dozen small operations for each variable, and each costs more to start than
    to compute.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        Not built; is built here.
    model : keras.Model

    Returns
    -------
    keras.optimizers.Optimizer or OneVector
        What has ``stateless_apply``.
    """
    variables = list(model.trainable_variables)
    if not fits_one_vector(optimizer, model):
        optimizer.build(variables)
        return optimizer
    return OneVector(optimizer, variables)


def fits_one_vector(optimizer: Any, model: Any) -> bool:
    """Whether a step for one long vector gives each variable what a step of its own would."""
    import keras

    variables = model.trainable_variables
    return (
        type(optimizer).__name__ in BY_NUMBER
        # Averages and sums of gradients over steps are kept by variable.
        and not (optimizer.clipnorm or optimizer.use_ema or optimizer.gradient_accumulation_steps)
        and len({v.dtype for v in variables}) == 1
        and not any(v.constraint for v in variables)
        # Their gradients are sparse.
        and not any(isinstance(m, keras.layers.Embedding) for m in model._flatten_layers())
    )


class OneVector:
    """An optimiser built for one vector, applied to many variables.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
    variables : list of keras.Variable
    """

    def __init__(self, optimizer: Any, variables: list[Any]) -> None:
        import keras

        self.optimizer = optimizer
        self.shapes = [tuple(v.shape) for v in variables]
        self.sizes = [math.prod(shape) for shape in self.shapes]
        long = keras.Variable(
            lambda shape, dtype: keras.ops.zeros(shape, dtype),
            shape=(sum(self.sizes),),
            dtype=variables[0].dtype,
        )
        optimizer.build([long])

    def stateless_apply(
        self, ov: list[Any], gradient: list[Any], tv: list[Any]
    ) -> tuple[list[Any], list[Any]]:
        """Return the trainable variables and those of the optimiser after a step."""
        import tensorflow as tf

        known = [tf.zeros_like(v) if g is None else g for g, v in zip(gradient, tv, strict=True)]
        (after,), ov = self.optimizer.stateless_apply(ov, [_joined(known)], [_joined(tv)])
        parts = tf.split(after, self.sizes)
        shaped = [tf.reshape(p, shape) for p, shape in zip(parts, self.shapes, strict=True)]
        return shaped, list(ov)


def _joined(tensors: list[Any]) -> Any:
    import tensorflow as tf

    return tf.concat([tf.reshape(t, [-1]) for t in tensors], axis=0)
