"""What a score is worth: the scores that the same predictions get for shuffled truths."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.metrics.registry import REGISTRY
from boxloop.metrics.score import Judged, value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.audit import Chance

#: Shuffles of the truth.
SHUFFLES = 400


@dataclass(frozen=True)
class Null:
    """A score beside those of chance.

    Attributes
    ----------
    score : float
    low, median, high : float
        2.5 %, 50 % and 97.5 % of the scores for shuffled truths.
    p : float
        Probability of a score at least as good by chance, not below 1 / (shuffles + 1).
    shuffles : int
    """

    score: float
    low: float
    median: float
    high: float
    p: float
    shuffles: int

    def record(self) -> "Chance":
        """Return it as files have it."""
        return {
            "score": self.score,
            "low": self.low,
            "median": self.median,
            "high": self.high,
            "p": self.p,
            "shuffles": self.shuffles,
        }


def permutation_null(
    metric: str,
    judged: Judged,
    draw: "Callable[[np.random.Generator], NDArray[np.intp]]",
    rng: np.random.Generator,
    shuffles: int = SHUFFLES,
) -> Null | None:
    """Score predictions against shuffled truths; they stay as they are, so nothing is fitted.

    Parameters
    ----------
    metric : str
    judged : Judged
    draw : callable
        rng -> the order (n,) in which the truths are taken, for example a shuffle among units of
        row numbers.
    rng : numpy.random.Generator
    shuffles : int

    Returns
    -------
    Null or None
        None where the metric is not defined for these predictions.

    References
    ----------
    Ojala, M. & Garriga, G. C. (2010), Permutation tests for studying classifier performance,
    J. Mach. Learn. Res. 11, 1833.
    """
    score = value(metric, judged)
    if not np.isfinite(score):
        return None
    scores = np.array([value(metric, _with_truth(judged, draw(rng))) for _ in range(shuffles)])
    scores = scores[np.isfinite(scores)]
    if not len(scores):
        return None
    sign = 1 if REGISTRY[metric].larger_is_better else -1
    as_good = int((sign * scores >= sign * score - 1e-12).sum())
    low, median, high = np.quantile(scores, [0.025, 0.5, 0.975])
    p = (1 + as_good) / (len(scores) + 1)
    return Null(float(score), float(low), float(median), float(high), p, len(scores))


def _with_truth(judged: Judged, order: "NDArray[np.intp]") -> Judged:
    error: NDArray[Any] | None = None if judged.error is None else judged.error[order]
    return replace(judged, truth=judged.truth[order], error=error)
