"""The rows that benchmarks/search_ways.py searches on."""

import os
from pathlib import Path

import numpy as np
import pandas as pd


def rows(architecture: str, n: int, *, repeat: bool = False) -> tuple[np.ndarray, np.ndarray, str]:
    """Inputs and target, scaled: galaxies of BOSS where the mirror is there, else simulated.

    Sequences have the shape of images, (rows, epochs, 1, channels).

    Parameters
    ----------
    architecture : {"dense", "cnn", "gru"}
    n : int
        Rows at the most; with `repeat` exactly, some of them several times.

    Returns
    -------
    x, y, origin
    """
    rng = np.random.default_rng(0)
    if architecture == "dense":
        mirror = Path(os.environ.get("BOXLOOP_MIRROR", "?"))
        files = sorted((mirror / "sdss_boss_photoz").glob("*.csv"))
        if files:
            frames = [pd.read_csv(f, comment="#", header=None) for f in files]
            values = pd.concat(frames).drop_duplicates().to_numpy(float)
            times = -(-n // len(values)) if repeat else 1
            values = np.tile(values, (times, 1))[:n]
            x, y, origin = np.clip(values[:, :10], -5, 30), values[:, 10], "real"
        else:
            from boxloop.simulate.photoz import galaxies

            frame, _ = galaxies(n, seed=0, limit=20.5)
            bands = list("ugriz")
            x = frame[[c for b in bands for c in (b, f"{b}_err")]].to_numpy(float)
            x, y, origin = np.clip(x, -5, 30), frame["redshift"].to_numpy(float), "simulated"
        x = np.c_[x, x[:, 0:8:2] - x[:, 2:10:2]]
        x = (x - x.mean(0)) / x.std(0)
        y = (y - y.mean()) / y.std()
    elif architecture == "cnn":
        width = rng.uniform(1.5, 5, n)
        grid = np.arange(32) - 15.5
        x = np.exp(-(grid[:, None] ** 2 + grid**2) / (2 * width[:, None, None] ** 2))
        x = (x + rng.normal(0, 0.2, x.shape))[..., None]
        y, origin = (width - 3.25) / 1.01, "simulated"
    else:
        period = rng.uniform(5, 40, n)
        phase = np.arange(60) / period[:, None] + rng.uniform(size=(n, 1))
        flux = np.sin(2 * np.pi * phase) + rng.normal(0, 0.2, (n, 60))
        time_step = np.broadcast_to(np.arange(60) / 60, (n, 60))
        x = np.stack([flux, time_step, np.full((n, 60), 0.2)], axis=-1)[:, :, None]
        y, origin = (period - 22.5) / 10.1, "simulated"
    if architecture != "dense":
        # As boxloop's recipe does in each fold, so that all ways learn from the same numbers.
        axes = tuple(range(x.ndim - 1))
        spread = x.std(axes)
        x = (x - x.mean(axes)) / np.where(spread > 0, spread, 1.0)
    return x.astype(np.float32), y.astype(np.float32), origin
