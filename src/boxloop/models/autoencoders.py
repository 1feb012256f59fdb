"""The registered autoencoder: a few numbers that say what the inputs are, and the target."""

from typing import Any

from boxloop.models.networks import full_precision, hidden_layers, output_layer


def autoencoder(
    input_shape: tuple[int, ...],
    output_shape: tuple[int, ...],
    *,
    units: list[int],
    latent_dim: int,
    reconstruction_weight: float,
    activation: str,
    dropout: float,
    output_activation: str,
) -> Any:
    """Encode a table in a bottleneck, from which its values and the target are predicted.

    Parameters
    ----------
    input_shape, output_shape : tuple of int
        Shapes without the batch axis; the output has one number more than the target.
    units : list of int
        Width of each hidden layer of the encoder; the decoder has them in reverse.
    latent_dim : int
        Width of the bottleneck.
    reconstruction_weight : float
        What the error of the reconstruction counts in the loss, where that of the target counts 1.
    activation, dropout, output_activation
        As of `boxloop.models.networks.dense`; the bottleneck is linear.

    Returns
    -------
    keras.Model, uncompiled
        Its outputs are those for the target, and behind them the mean squared error of the
        reconstruction times its weight, which `boxloop.fitting.losses` adds to the loss. So the
        model has plain layers only, and any Keras loads it.

    References
    ----------
    Hinton, G. E., Salakhutdinov, R. R. (2006), Reducing the dimensionality of data with neural
    networks, Science 313, 504. With a target: Le, L., Patterson, A., White, M. (2018), Supervised
    autoencoders, NeurIPS 31.
    """
    import keras
    from keras import layers

    inputs = keras.Input(input_shape)
    encoded = hidden_layers(inputs, units, activation, dropout)
    bottleneck = layers.Dense(latent_dim, name="bottleneck")(encoded)
    target = output_layer((output_shape[0] - 1,), output_activation, "target")(bottleneck)
    decoded = hidden_layers(bottleneck, units[::-1], activation, dropout)
    full = full_precision()
    decoded = layers.Dense(input_shape[0], name="reconstruction", dtype=full)(decoded)
    difference = layers.Subtract(dtype=full)([decoded, inputs])
    squares = layers.Dot(axes=1, dtype=full)([difference, difference])
    error = layers.Rescaling(reconstruction_weight / input_shape[0], dtype=full)(squares)
    outputs = layers.Concatenate(dtype=full)([target, error])
    return keras.Model(inputs, outputs, name="autoencoder")
