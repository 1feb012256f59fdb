"""Simulated images and a small convolutional network, as a user would write them."""

import numpy as np
import pandas as pd


def sources(n, *, seed, size=16, noise=0.08):
    """Images (n, size, size, 1) of one Gaussian source, or of two half as bright."""
    rng = np.random.default_rng(seed)
    double = rng.uniform(size=n) < 0.4
    centre = (size - 1) / 2 + rng.uniform(-1, 1, (n, 2))
    angle, apart = rng.uniform(0, np.pi, n), np.where(double, rng.uniform(2.2, 4.0, n), 0.0)
    offset = np.column_stack([np.cos(angle), np.sin(angle)]) * apart[:, None]
    y, x = np.mgrid[:size, :size]
    image = np.zeros((n, size, size))
    for sign in (-1, 1):
        at = (centre + sign * offset)[:, :, None, None]
        image += 0.5 * np.exp(-((x - at[:, 0]) ** 2 + (y - at[:, 1]) ** 2) / (2 * 1.3**2))
    image += rng.normal(0, noise, image.shape)
    table = pd.DataFrame(
        {
            "object_id": [f"img{seed}-{i:04d}" for i in range(n)],
            "kind": np.where(double, "double", "single"),
            "peak": image.max(axis=(1, 2)).round(3),
        }
    )
    return table, {"image": image[..., None].astype(np.float32)}


def convolutional(input_shape, output_shape, *, filters=4):
    """Two convolutions and a softmax."""
    import keras

    inputs = keras.Input(input_shape)
    hidden = keras.layers.Conv2D(filters, 3, activation="relu")(inputs)
    hidden = keras.layers.MaxPooling2D(2)(hidden)
    hidden = keras.layers.Conv2D(filters, 3, activation="relu")(hidden)
    hidden = keras.layers.Flatten()(hidden)
    outputs = keras.layers.Dense(output_shape[0], activation="softmax")(hidden)
    return keras.Model(inputs, outputs)
