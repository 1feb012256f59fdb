"""The degrader `noise`: of all kinds of data that a study has."""

from collections.abc import Sequence

import numpy as np

from boxloop.analyses.degraders.images import noisier_images
from boxloop.analyses.degraders.light_curves import noisier_light_curves
from boxloop.analyses.degraders.table import noisier_features
from boxloop.store import Table


def noise(
    table: Table,
    strength: float,
    *,
    rng: np.random.Generator,
    columns: Sequence[str] | None = None,
    of_spread: float = 0.1,
) -> Table:
    """Add noise to features, and, where no `columns` are named, to light curves and images."""
    noisier = noisier_features(table, strength, rng=rng, columns=columns, of_spread=of_spread)
    if columns is None and "light_curve.value" in table.frame:
        noisier = noisier_light_curves(noisier, strength, rng=rng)
    if columns is None and "image" in table.arrays:
        noisier = noisier_images(noisier, strength, rng=rng)
    return noisier
