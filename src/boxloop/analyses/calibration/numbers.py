"""Calibration of predicted distributions: PIT, and how often central intervals hold the truth."""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.analyses.calibration.sets import Predicted
from boxloop.analyses.scores.predicted_distributions import BINS, LEVELS, PER_BIN
from boxloop.metrics import Judged
from boxloop.metrics.clustered import ALARM, proportions
from boxloop.metrics.predictive import integral_transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.calibration import HonestDistributions, ModelCalibration, ToldProportion

#: Probabilities below which a quantile of the distributions lies: are so many truths below it?
QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def of_numbers(shown: Predicted) -> dict[str, "ModelCalibration"]:
    """Return ``models`` of evaluate/calibration.json for a regression, by model.

    Scores of the distributions (crps, nll, pit, coverage) stand in evaluate/metrics.json.
    """
    return {
        name: {"reason": "the model gives no distribution"}
        if pair.mixture is None
        else {"reason": None, **_honest(pair, shown.unit)}
        for name, pair in shown.judged.items()
    }


def _honest(pair: Judged, unit: "NDArray[np.intp]") -> "HonestDistributions":
    assert pair.mixture is not None
    transform = integral_transform(pair.truth, pair.mixture)
    bins = min(BINS, max(5, len(transform) // PER_BIN))
    edges = np.linspace(0, 1, bins + 1)
    inside = [np.abs(transform - 0.5) <= level / 2 for level in LEVELS]
    below = [transform < level for level in QUANTILES]
    looks = len(LEVELS) + len(QUANTILES)
    return {
        "pit": {
            "edges": edges.tolist(),
            "counts": np.histogram(transform, edges)[0].tolist(),
        },
        "coverage": [_share(e, n, unit, looks) for e, n in zip(inside, LEVELS, strict=True)],
        "quantiles": [_share(e, n, unit, looks) for e, n in zip(below, QUANTILES, strict=True)],
    }


def _share(
    event: "NDArray[np.bool_]", nominal: float, unit: "NDArray[np.intp]", looks: int
) -> "ToldProportion":
    every = np.zeros(len(event), np.intp)
    found = proportions(event.astype(float), every, unit, 1).plain(0)
    wide = proportions(event.astype(float), every, unit, 1, looks=ALARM * looks)
    off = bool(nominal < wide.low[0] or nominal > wide.high[0])
    return {"nominal": nominal, **found, "off": off}
