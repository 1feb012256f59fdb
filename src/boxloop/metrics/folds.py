"""What scores of cross-validation folds say: corrected variance, t test, one-standard-error rule.

Folds share training objects, so that their scores are not independent: the variance of their mean
is larger than their variance over their number.

References
----------
Nadeau, C. & Bengio, Y. (2003), Inference for the generalization error, Mach. Learn. 52, 239.
Breiman, L. et al. (1984), Classification and Regression Trees, section 3.4.3 (one standard error).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from boxloop.results.search import NearlyBest


@dataclass(frozen=True)
class FoldTest:
    """The corrected resampled t test of two models' scores on the same folds.

    Attributes
    ----------
    difference : float or None
        Mean over the folds, positive where the first is better.
    standard_error, t, p : float or None
    folds : int
    reason : str
        Why there is no test; else empty.
    """

    difference: float | None
    standard_error: float | None
    t: float | None
    p: float | None
    folds: int
    reason: str = ""


def corrected_error(scores: Sequence[float], repeats: int = 1) -> float | None:
    """Return the corrected standard error of the mean of fold scores, or None below two folds.

    It is the root of (1/k + n_test/n_train) times the variance over the k folds, all repeats
    together; of f equal folds in a repeat, n_test/n_train is 1 / (f - 1).

    Parameters
    ----------
    scores : sequence of float
        One a fold.
    repeats : int
        How often the objects were dealt into folds.
    """
    k = len(scores)
    if k < 2 * repeats:
        return None
    ratio = 1 / (k / repeats - 1)
    return float(np.sqrt((1 / k + ratio) * np.var(np.asarray(scores, float), ddof=1)))


def corrected_t(
    first: Sequence[float], second: Sequence[float], *, larger: bool, repeats: int = 1
) -> FoldTest:
    """Test whether two models differ, by their scores on the same folds.

    Parameters
    ----------
    first, second : sequence of float
        Scores, fold by fold.
    larger : bool
        Whether larger scores are better.
    repeats : int
        How often the objects were dealt into folds.
    """
    from scipy.special import stdtr

    k = len(first)
    if k != len(second) or k < 2:
        found = f"{k} and {len(second)}" if k != len(second) else str(k)
        return FoldTest(None, None, None, None, k, f"it takes equal folds, two at least: {found}")
    differences = (1 if larger else -1) * (np.asarray(first, float) - np.asarray(second, float))
    if not np.isfinite(differences).all():
        return FoldTest(None, None, None, None, k, "a fold has no score")
    mean, error = float(differences.mean()), corrected_error(list(differences), repeats)
    scale = float(np.abs([first, second]).max())
    if not error or error <= 1e-12 * scale:
        if np.abs(differences).max() <= 1e-12 * scale:
            return FoldTest(0.0, 0.0, 0.0, 1.0, k)
        return FoldTest(mean, None, None, None, k, "the models differ by the same in every fold")
    t = mean / error
    return FoldTest(mean, error, t, float(2 * stdtr(k - 1, -abs(t))), k)


def one_standard_error(
    scores: Mapping[str, Sequence[float]], *, larger: bool, repeats: int = 1
) -> "NearlyBest":
    """Return the simplest model that is not worse than the best by more than one standard error.

    Parameters
    ----------
    scores : mapping
        Scores of the folds by model, from simple to complex.
    larger : bool
        Whether larger scores are better.
    repeats : int
        How often the objects were dealt into folds.

    Returns
    -------
    dict
        ``best, simplest, within`` (all models so near, from simple to complex),
        ``standard_error`` (corrected, of the best model's mean; None with one fold: then only
        equals are within).
    """
    sign = 1 if larger else -1
    means = {name: sign * float(np.mean(of)) for name, of in scores.items()}
    best = max(means, key=lambda name: means[name])
    error = corrected_error(scores[best], repeats)
    within = [name for name in means if means[name] >= means[best] - (error or 0.0)]
    return {"best": best, "simplest": within[0], "within": within, "standard_error": error}


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Correct p values for their number, step by step; missing ones stay and do not count.

    References
    ----------
    Holm, S. (1979), A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6, 65.
    """
    known = [(p, i) for i, p in enumerate(p_values) if p is not None]
    found: list[float | None] = [None] * len(p_values)
    reached = 0.0
    for rank, (p, i) in enumerate(sorted(known)):
        reached = max(reached, min(1.0, p * (len(known) - rank)))
        found[i] = reached
    return found
