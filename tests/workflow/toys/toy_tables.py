"""A simulator of small tables, as a user would write one."""

import numpy as np
import pandas as pd


def straight_law(n, *, seed, shift=0.0, fields=20):
    """Objects whose distance [Mpc] is linear in their features, with noise, gaps and fields."""
    rng = np.random.default_rng(seed)
    colour, size = rng.normal(0.8, 0.3, n), rng.lognormal(0.0, 0.4, n)
    brightness = rng.normal(20.0 + shift, 1.0, n)
    distance = 100 + 20 * (brightness - 20) - 30 * (colour - 0.8) - 15 * (size - 1)
    table = pd.DataFrame(
        {
            "object_id": [f"toy{seed}-{i:04d}" for i in range(n)],
            "brightness": np.where(brightness > 21.8, 99.0, brightness),
            "brightness_err": np.where(brightness > 21.8, np.nan, rng.uniform(0.01, 0.1, n)),
            "brightness_limit": 21.8,
            "colour": np.where(rng.uniform(size=n) < 0.05, -9999.0, colour),
            "size": size,
            "distance": distance + rng.normal(0, 3.0, n),
            "field": rng.integers(fields, size=n),
            "night": rng.integers(3, size=n).astype(str),
        }
    )
    return table, {}


def judged_law(n, *, seed):
    """The same objects, near or far, with what three catalogues made up of them say."""
    rng = np.random.default_rng(seed + 1)
    table, _ = straight_law(n, seed=seed)
    far = table["distance"].to_numpy() > 100
    kind = np.where(far, "far", "near")
    taught = rng.uniform(size=n) < 0.3
    wrong = (rng.uniform(size=n) < 0.2) & ~taught
    gap = rng.uniform(size=n) < 0.1
    sigma = rng.uniform(4, 8, n)
    own = {
        "kind": kind,
        "oracle": pd.Series(kind).mask(gap),
        "survey_class": np.where(far != wrong, 2, 1),
        "survey_p_far": np.clip(np.where(far != wrong, 0.8, 0.2) + rng.normal(0, 0.05, n), 0, 1),
        "survey_training": taught.astype(int),
        "old_distance": np.where(gap, -99.0, table["distance"] + rng.normal(0, 1, n) * sigma),
        "old_error": sigma,
    }
    return table.assign(**own), {}
