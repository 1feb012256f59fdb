"""The registered Keras networks, each built by one short function."""

from typing import Any


def dense(
    input_shape: tuple[int, ...],
    output_shape: tuple[int, ...],
    *,
    units: list[int],
    activation: str,
    dropout: float,
    output_activation: str,
) -> Any:
    """Fully connected layers of the given `units`, each followed by dropout.

    Parameters
    ----------
    input_shape, output_shape : tuple of int
        Shapes without the batch axis.
    units : list of int
        Width of each hidden layer.
    activation : str
        Keras name of the activation of the hidden layers.
    dropout : float
        Fraction of the outputs of each hidden layer that is dropped in training.
    output_activation : str
        ``linear`` for a number, ``softmax`` for probabilities.

    Returns
    -------
    keras.Model, uncompiled
    """
    import keras

    inputs = keras.Input(input_shape)
    hidden = inputs
    for width in units:
        hidden = keras.layers.Dense(width, activation=activation)(hidden)
        if dropout:
            hidden = keras.layers.Dropout(dropout)(hidden)
    outputs = keras.layers.Dense(output_shape[0], activation=output_activation)(hidden)
    return keras.Model(inputs, outputs, name="dense")
