"""The registered convolutional networks, for images and for light curves."""

from collections.abc import Callable
from typing import Any

from boxloop.models.networks import hidden_layers, output_layer

#: What values of epochs that were not seen are lowered by, so that no maximum is one of them; half
#: precision can hold it, and inputs have a spread of 1.
LOWERED = 1e4


def cnn(
    input_shape: tuple[int, ...],
    output_shape: tuple[int, ...],
    *,
    filters: list[int],
    kernel_size: int,
    units: list[int],
    activation: str,
    dropout: float,
    output_activation: str,
) -> Any:
    """Convolutions of an image, each followed by max pooling, and fully connected layers.

    Between the two stands the average over the whole image: the number of weights does not grow
    with the image, and a source may lie anywhere in it.

    Parameters
    ----------
    input_shape : tuple of int
        Height, width [pixel] and channels.
    output_shape : tuple of int
    filters : list of int
        Number of filters of each convolution; pooling halves the image after it.
    kernel_size : int
        Side of the filters [pixel].
    units : list of int
        Width of each fully connected layer.
    activation : str
        Keras name of the activation of all layers but the last.
    dropout : float
        Fraction of the outputs of each fully connected layer that is dropped in training.
    output_activation : str
        As of `boxloop.models.networks.dense`.

    Returns
    -------
    keras.Model, uncompiled

    References
    ----------
    LeCun, Y. et al. (1998), Gradient-based learning applied to document recognition, Proceedings of
    the IEEE 86, 2278. The average: Lin, M., Chen, Q., Yan, S. (2014), Network in network, ICLR.
    """
    import keras

    inputs = keras.Input(input_shape)
    hidden = inputs
    for width in filters:
        hidden = keras.layers.Conv2D(width, kernel_size, padding="same", activation=activation)(
            hidden
        )
        hidden = keras.layers.MaxPooling2D(2, padding="same")(hidden)
    hidden = keras.layers.GlobalAveragePooling2D()(hidden)
    hidden = hidden_layers(hidden, units, activation, dropout)
    outputs = output_layer(output_shape, output_activation)(hidden)
    return keras.Model(inputs, outputs, name="cnn")


def cnn1d(
    input_shape: tuple[int, ...],
    output_shape: tuple[int, ...],
    *,
    filters: list[int],
    kernel_size: int,
    units: list[int],
    activation: str,
    dropout: float,
    output_activation: str,
) -> Any:
    """Convolutions of a light curve, each followed by max pooling, and fully connected layers.

    Between the two stand the average and the maximum over the epochs that were seen. Where nothing
    was seen, because the curve has ended or its value is no number, all layers give zeros: how far
    a curve is padded changes nothing.

    Parameters
    ----------
    input_shape : tuple of int
        Epochs and channels; the last channel is 1 where the epoch was seen, else 0.
    output_shape : tuple of int
    filters : list of int
        Number of filters of each convolution; pooling halves the number of epochs after it.
    kernel_size : int
        Length of the filters [epoch].
    units, activation, dropout, output_activation
        As of `cnn`.

    Returns
    -------
    keras.Model, uncompiled
    """
    import keras
    from keras import layers

    inputs = keras.Input(input_shape)
    hidden, seen = inputs, inputs[:, :, -1:]
    for width in filters:
        hidden = layers.Conv1D(width, kernel_size, padding="same", activation=activation)(hidden)
        hidden, seen = _maximum(lambda: layers.MaxPooling1D(2, padding="same"), hidden, seen)
    maximum, _ = _maximum(layers.GlobalMaxPooling1D, hidden, seen)
    epochs = keras.ops.maximum(keras.ops.sum(seen, axis=1), 1.0)
    average = keras.ops.sum(hidden, axis=1) / epochs
    hidden = layers.Concatenate()([average, maximum])
    hidden = hidden_layers(hidden, units, activation, dropout)
    outputs = output_layer(output_shape, output_activation)(hidden)
    return keras.Model(inputs, outputs, name="cnn1d")


def _maximum(pooling: Callable[[], Any], hidden: Any, seen: Any) -> tuple[Any, Any]:
    """Pool what was seen; return the maxima, 0 where nothing was, and where something was."""
    from keras import layers

    lowered = layers.Add()([hidden, layers.Rescaling(LOWERED, offset=-LOWERED)(seen)])
    there = pooling()(seen)
    return layers.Multiply()([pooling()(lowered), there]), there
