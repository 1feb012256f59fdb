"""The registered recurrent network, for light curves."""

from typing import Any

from boxloop.models.networks import output_layer


def gru(
    input_shape: tuple[int, ...],
    output_shape: tuple[int, ...],
    *,
    units: list[int],
    dropout: float,
    output_activation: str,
) -> Any:
    """Gated recurrent units that read a light curve epoch by epoch, each layer with dropout.

    Epochs that are zero in all channels, those after the end of the curve, are skipped.

    Parameters
    ----------
    input_shape : tuple of int
        Epochs and channels.
    output_shape : tuple of int
    units : list of int
        Width of each recurrent layer; what the last one has after the last epoch is the output's
        input.
    dropout : float
        Fraction of the outputs of each layer that is dropped in training.
    output_activation : str
        As of `boxloop.models.networks.dense`.

    Returns
    -------
    keras.Model, uncompiled

    References
    ----------
    Cho, K. et al. (2014), Learning phrase representations using RNN encoder-decoder for statistical
    machine translation, EMNLP.
    """
    import keras

    inputs = keras.Input(input_shape)
    hidden = keras.layers.Masking(mask_value=0.0)(inputs)
    for place, width in enumerate(units, start=1):
        sequences = place < len(units)
        # cuDNN breaks off where a curve has no epochs, or one of zeros in its middle.
        hidden = keras.layers.GRU(width, return_sequences=sequences, use_cudnn=False)(hidden)
        if dropout:
            hidden = keras.layers.Dropout(dropout)(hidden)
    outputs = output_layer(output_shape, output_activation)(hidden)
    return keras.Model(inputs, outputs, name="gru")
