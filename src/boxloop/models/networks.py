"""The registered Keras networks for tables, each built by one short function."""

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
    hidden = hidden_layers(inputs, units, activation, dropout)
    outputs = output_layer(output_shape, output_activation)(hidden)
    return keras.Model(inputs, outputs, name="dense")


def mdn(
    input_shape: tuple[int, ...],
    output_shape: tuple[int, ...],
    *,
    units: list[int],
    activation: str,
    dropout: float,
    components: int,
) -> Any:
    """Mixture density network: a distribution of the target, as a mixture of Gaussians.

    Parameters
    ----------
    input_shape, output_shape : tuple of int
        Shapes without the batch axis; the output has three numbers for each component.
    units, activation, dropout
        As of `dense`.
    components : int
        Number of Gaussians.

    Returns
    -------
    keras.Model, uncompiled
        Its outputs are the logarithms of the weights (up to a constant), the means, and the widths
        before they are made positive, each of the shape (components,), one after the other.
        `boxloop.fitting.mixtures` says what they mean; the model itself has plain layers only, so
        that any Keras loads it.

    References
    ----------
    Bishop, C. M. (1994), Mixture density networks, Aston University NCRG/94/004.
    """
    import keras

    if output_shape[0] != 3 * components:
        raise ValueError(f"expected {3 * components} outputs; found {output_shape[0]}")
    inputs = keras.Input(input_shape)
    hidden = hidden_layers(inputs, units, activation, dropout)
    # Components that begin at different places take different parts of the target.
    apart = keras.initializers.RandomUniform(-1.5, 1.5)
    full = full_precision()
    weights = keras.layers.Dense(components, name="weights", dtype=full)(hidden)
    means = keras.layers.Dense(components, bias_initializer=apart, name="means", dtype=full)(hidden)
    widths = keras.layers.Dense(components, name="widths", dtype=full)(hidden)
    outputs = keras.layers.Concatenate(dtype=full)([weights, means, widths])
    return keras.Model(inputs, outputs, name="mdn")


def hidden_layers(inputs: Any, units: list[int], activation: str, dropout: float) -> Any:
    """Return what fully connected layers of the given `units` make of a Keras tensor.

    Parameters
    ----------
    inputs : keras.KerasTensor, shape (batch, width)
    units, activation, dropout
        As of `dense`.
    """
    import keras

    hidden = inputs
    for width in units:
        hidden = keras.layers.Dense(width, activation=activation)(hidden)
        if dropout:
            hidden = keras.layers.Dropout(dropout)(hidden)
    return hidden


def output_layer(output_shape: tuple[int, ...], activation: str, name: str | None = None) -> Any:
    """Return the last layer, which computes in full precision whatever the others do."""
    import keras

    dtype = full_precision()
    return keras.layers.Dense(output_shape[0], activation=activation, name=name, dtype=dtype)


def full_precision() -> str:
    """Return the type that weights are kept in, also where layers compute in another."""
    import keras

    return str(keras.config.dtype_policy().variable_dtype)
