"""Intervals and tests that hold for many estimates at once, such as those of several groups."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from boxloop.metrics.interval import COVERAGE, FEWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Simultaneous:
    """Intervals that all hold together with the stated coverage.

    Attributes
    ----------
    low, high : ndarray, shape (m,)
        NaN where there is no interval.
    p : ndarray, shape (m,)
        Two-sided, against zero, not yet corrected for the number of looks; NaN where there is none.
    critical : float
        What multiplies standard errors where units are many; NaN where no estimate has one.
    """

    low: "Floats"
    high: "Floats"
    p: "Floats"
    critical: float


def simultaneous(
    value: "Floats",
    resampled: "Floats",
    units: "NDArray[np.intp]",
    *,
    apart: int = 0,
    coverage: float = COVERAGE,
) -> Simultaneous:
    """Return max-|t| intervals from the resamples of a bootstrap over units.

    The critical value is the quantile of the largest absolute deviation over all estimates, each in
    units of its standard error, among the resamples; so estimates that move together cost less than
    by Bonferroni's rule. Few units widen an interval as Student's t does.

    Parameters
    ----------
    value : ndarray, shape (m,)
    resampled : ndarray, shape (resamples, m)
        The same estimates, on the same resamples.
    units : ndarray, shape (m,)
        Independent units that each rests on; fewer than 10 give no interval.
    apart : int
        So many further estimates of the same family get their intervals elsewhere (`proportion`,
        `proportions_apart`), each with its equal share of the error.
    coverage : float
        Of all intervals together.

    References
    ----------
    Romano, J. P. & Wolf, M. (2005), Exact and approximate stepdown methods for multiple hypothesis
    testing, J. Am. Stat. Assoc. 100, 94.
    """
    from scipy import stats

    enough = np.isfinite(resampled).mean(axis=0) >= 0.9 if len(resampled) else value != value
    usable = np.isfinite(value) & enough & (units >= FEWEST)
    with np.errstate(invalid="ignore"):
        error = np.array([_spread(resampled[:, i]) if ok else 0.0 for i, ok in enumerate(usable)])
    usable &= error > 0
    low, high, p = (np.full(len(value), np.nan) for _ in range(3))
    if not usable.any():
        return Simultaneous(low, high, p, float("nan"))
    m = int(usable.sum())
    scaled = np.abs(resampled[:, usable] - value[usable]) / error[usable]
    farthest = np.nanmax(np.where(np.isfinite(scaled), scaled, 0.0), axis=1)
    level = 1 - (1 - coverage) * m / (m + apart)
    critical = max(float(np.quantile(farthest, level)), _NORMAL.inv_cdf((1 + level) / 2))
    freedom = units[usable] - 1
    error = error[usable] * np.sqrt(units[usable] / freedom)
    # The tail of one estimate that the critical value stands for, for so many units.
    half = stats.t.isf(stats.norm.sf(critical), freedom) * error
    low[usable], high[usable] = value[usable] - half, value[usable] + half
    p[usable] = 2 * stats.t.sf(np.abs(value[usable]) / error, freedom)
    return Simultaneous(low, high, p, critical)


def _spread(resampled: "Floats") -> float:
    finite = resampled[np.isfinite(resampled)]
    return 0.0 if finite.min() == finite.max() else float(finite.std(ddof=1))


def proportion(events: int, n: int, share: float) -> tuple[float, float]:
    """Return Wilson's interval of a proportion that errs with the probability `share`."""
    from scipy import stats

    found = stats.binomtest(events, n).proportion_ci(1 - share, method="wilson")
    return float(found.low), float(found.high)


def proportions_apart(
    first: tuple[int, int], second: tuple[int, int], share: float
) -> tuple[float, float, float]:
    """Return the interval of a difference of two independent proportions, and Fisher's exact p.

    The interval joins the Wilson intervals of the two (Newcombe's hybrid score method), and so
    exists where none or all of few objects are events.

    Parameters
    ----------
    first, second : tuple of int
        Events, and how many objects.
    share : float
        Probability with which the interval may err.

    References
    ----------
    Newcombe, R. G. (1998), Interval estimation for the difference between independent proportions,
    Stat. Med. 17, 873.
    """
    from scipy import stats

    (low_1, high_1), (low_2, high_2) = (proportion(*pair, share) for pair in (first, second))
    one, two = first[0] / first[1], second[0] / second[1]
    difference = one - two
    low = difference - np.hypot(one - low_1, high_2 - two)
    high = difference + np.hypot(high_1 - one, two - low_2)
    table = [[e, n - e] for e, n in (first, second)]
    return float(low), float(high), float(stats.fisher_exact(table).pvalue)


def holm(p: "Sequence[float]") -> "Floats":
    """Return p values corrected for the number of looks by Holm's step-down rule; NaN stay NaN.

    References
    ----------
    Holm, S. (1979), A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6, 65.
    """
    found = np.array(p, dtype=float)
    known = np.flatnonzero(np.isfinite(found))
    order = known[np.argsort(found[known], kind="stable")]
    m = len(order)
    found[order] = np.minimum(1.0, np.maximum.accumulate(found[order] * (m - np.arange(m))))
    return found
