"""A table with everything in it that a draft has to notice."""

import numpy as np
import pandas as pd


def planted(rows=1500, noise=8, seed=0):
    """Return a simulated catalogue: markers, identifiers, positions, errors, a group, and leaks.

    ``redshift`` follows from the magnitudes with a wide scatter. ``distance`` is a copy of it with
    one per cent of noise; ``ratio`` times ``factor`` is it exactly, and neither says it alone.
    """
    rng = np.random.default_rng(seed)
    redshift = rng.gamma(4, 0.12, rows)
    g, r, i = (20 + k * redshift + rng.normal(0, 0.5, rows) for k in (1.4, 0.8, 0.5))
    factor = 10 ** rng.normal(0, 0.8, rows)
    table = {
        "objid": 2**61 + rng.permutation(rows),
        "ra": rng.uniform(0, 360, rows),
        "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, rows))),
        "field": rng.integers(100, 130, rows),
        "g": g,
        "e_g": rng.uniform(0.01, 0.1, rows),
        "r": r,
        "i": i,
        "g_r": g - r,
        "same": np.full(rows, 301),
        "distance": redshift * rng.normal(1, 0.01, rows),
        "ratio": redshift / factor,
        "factor": factor,
        **{f"noise_{k}": rng.normal(k, 1, rows) for k in range(noise)},
        "redshift": redshift,
    }
    frame = pd.DataFrame(table).round({"g_r": 3})
    frame.loc[rng.random(rows) < 0.05, "g"] = 99.0
    frame.loc[rng.random(rows) < 0.03, "noise_0"] = -9999.0
    return frame
