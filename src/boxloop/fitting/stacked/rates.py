"""Rates that differ from member to member: of learning, of weight decay, of dropout."""

from collections.abc import Sequence
from typing import Any

from boxloop.fitting.network import rate_of
from boxloop.fitting.stacked.members import Member


def learning_rate(member: Member, epoch: int) -> float:
    """Return the rate of the epoch after so many."""
    return rate_of(member.hyperparameters, epoch, member.longest)


def decays_of(members: Sequence[Member], optimizer: Any) -> list[float]:
    """Return each member's weight decay: its own, or else that of the optimiser."""
    default = optimizer.weight_decay or 0.0
    found = [m.hyperparameters.get("weight_decay") for m in members]
    return [float(default if decay is None else decay) for decay in found]


def give_weight_decay(optimizer: Any) -> Any:
    """Turn the weight decay of an optimiser that is not built yet into one of its variables.

    Returns
    -------
    keras.Variable
    """
    import keras

    decay = float(optimizer.weight_decay or 0.0)
    optimizer.weight_decay = keras.Variable(decay, trainable=False, name="weight_decay")
    return optimizer.weight_decay


def dropouts(model: Any) -> list[Any]:
    """Return the plain dropout layers of a model that drop anything, in the order it holds them."""
    import keras

    return [
        layer
        for layer in model._flatten_layers()
        if type(layer) is keras.layers.Dropout and layer.rate > 0 and layer.noise_shape is None
    ]


def rates_of(model: Any) -> list[float]:
    """Return the rate of each of a model's `dropouts`."""
    return [float(layer.rate) for layer in dropouts(model)]


class MemberDropout:
    """Lets the dropout layers of a model take their rates from tensors.

    Parameters
    ----------
    model : keras.Model
        Its plain dropout layers are changed for good; it is never saved.
    """

    def __init__(self, model: Any) -> None:
        self._rates: Sequence[Any] = ()
        self.layers = dropouts(model)
        for place, layer in enumerate(self.layers):
            layer.call = self._call(layer, place)

    def use(self, rates: Any) -> None:
        """Take the rates for what is traced next, a tensor of shape (layers,)."""
        self._rates = rates

    def _call(self, layer: Any, place: int) -> Any:
        import tensorflow as tf
        from keras.src.random.seed_generator import draw_seed

        def call(inputs: Any, training: bool = False) -> Any:
            if not training:
                return inputs
            # The same draw as keras.random.dropout, whose rate must be a number of Python.
            seed = tf.math.floormod(draw_seed(layer.seed_generator), tf.int32.max - 1)
            rate = tf.cast(self._rates[place], inputs.dtype)
            return tf.nn.experimental.stateless_dropout(
                inputs, rate=rate, seed=tf.cast(seed, tf.int32)
            )

        return call
