"""Simulated light curves and a small recurrent network, as a user would write them."""

import numpy as np
import pandas as pd


def stars(n, *, seed, noise=0.04):
    """Light curves of 12 to 30 epochs [d, mag]: a pulsation, or one flare that fades."""
    rng = np.random.default_rng(seed)
    flaring = rng.uniform(size=n) < 0.5
    mean = rng.normal(15.0, 0.1, n)
    rows = []
    for i in range(n):
        epochs = int(rng.integers(12, 31))
        time = np.sort(rng.uniform(0, 10, epochs))
        if flaring[i]:
            since = time - rng.uniform(1, 5)
            signal = np.where(since > 0, -1.2 * np.exp(-since / 1.5), 0.0)
        else:
            signal = 0.4 * np.sin(2 * np.pi * (time / rng.uniform(0.5, 2.0) + rng.uniform()))
        value = mean[i] + signal + rng.normal(0, noise, epochs)
        rows.append(pd.DataFrame({"row": i, "time": time, "value": value, "error": noise}))
    table = pd.DataFrame(
        {
            "star_id": [f"star{seed}-{i:04d}" for i in range(n)],
            "kind": np.where(flaring, "flaring", "pulsating"),
            "mean_magnitude": mean.round(3),
        }
    )
    return table, {"light_curve": pd.concat(rows, ignore_index=True)}


def recurrent(input_shape, output_shape, *, units=4):
    """A GRU that skips the padded epochs, and a softmax."""
    import keras

    inputs = keras.Input(input_shape)
    hidden = keras.layers.Masking(mask_value=0.0)(inputs)
    hidden = keras.layers.GRU(units, use_cudnn=False)(hidden)
    outputs = keras.layers.Dense(output_shape[0], activation="softmax")(hidden)
    return keras.Model(inputs, outputs)
