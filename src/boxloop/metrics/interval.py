"""Intervals that resample the independent unit, and verdicts on paired differences."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from boxloop.metrics.forms import evaluated
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.forms import Counts
    from boxloop.metrics.weighted import Floats
    from boxloop.results.common import Verdict

#: Resamples of a bootstrap, and the most blocks of a jackknife.
RESAMPLES = 1000
BLOCKS = 200
#: Weights that are held together.
TOGETHER = 8_000_000
#: No interval is given for fewer units.
FEWEST = 10
#: Two-sided coverage of all intervals.
COVERAGE = 0.95

_NORMAL = NormalDist()
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Score:
    """A metric's value with its interval.

    Attributes
    ----------
    value, low, high : float or None
    n_units : int
        Number of independent units it rests on.
    reason : str
        Why a number is None; else empty.
    left_out : int
        Objects that could not be judged: without an error, where the metric is in units of it.
    """

    value: float | None
    low: float | None
    high: float | None
    n_units: int
    reason: str = ""
    left_out: int = 0


class Resamples:
    """The same bootstrap and jackknife weights for every model scored on the same objects.

    Parameters
    ----------
    units : ndarray, shape (n,)
        The unit of each object; objects of a unit are drawn together.
    seed : int
    *use : str
        Name of the random stream.
    """

    def __init__(self, units: "NDArray[Any]", seed: int, *use: str) -> None:
        _, self.unit = np.unique(units, return_inverse=True)
        self.n_units = int(self.unit.max()) + 1 if len(self.unit) else 0
        self._seed, self._use = seed, use

    def bootstrap(self) -> Iterator["Floats"]:
        """Yield blocks of weights (b, n): how often each object was drawn."""
        for counts in self.drawn(len(self.unit)):
            yield counts[:, self.unit].astype(float)

    def jackknife(self) -> Iterator["Floats"]:
        """Yield blocks of weights (b, n): each row leaves out one block of units."""
        for counts in self.kept(len(self.unit)):
            yield counts[:, self.unit].astype(float)

    def drawn(self, width: int | None = None) -> "Iterator[Counts]":
        """Yield blocks (b, units): how often each unit was drawn; never 256 times of so many."""
        rng = generator(self._seed, "bootstrap", *self._use)
        n = self.n_units
        for rows in self._blocks(RESAMPLES, width):
            counts = np.empty((len(rows), n), np.uint8)
            for row, drawn in zip(counts, rng.integers(0, n, size=counts.shape), strict=True):
                row[:] = np.bincount(drawn, minlength=n)
            yield counts

    def kept(self, width: int | None = None) -> "Iterator[Counts]":
        """Yield blocks (b, units) of 0 and 1: each row leaves out one block of units."""
        parts = min(BLOCKS, self.n_units)
        part = np.arange(self.n_units) % max(parts, 1)
        for rows in self._blocks(parts, width):
            yield (part != rows[:, None]).astype(np.uint8)

    def _blocks(self, total: int, width: int | None) -> Iterator["NDArray[np.intp]"]:
        """Cut rows into blocks that stay small however many objects there are."""
        width = self.n_units if width is None else width
        size = max(1, min(total, TOGETHER // max(width, 1)))
        for start in range(0, total, size):
            yield np.arange(start, min(start + size, total))


@dataclass(frozen=True)
class Distribution:
    """A statistic of all objects, of each resample and of each jackknife set."""

    value: float
    resampled: "Floats"
    left_out: "Floats"


def distribution(statistic: Callable[["Floats"], "Floats"], resamples: Resamples) -> Distribution:
    """Evaluate a statistic of weights (..., n) on the data, its resamples and its jackknife."""
    return distributions({"": statistic}, resamples)[""]


def distributions(
    statistics: Mapping[Key, Callable[["Floats"], "Floats"]], resamples: Resamples
) -> dict[Key, Distribution]:
    """Evaluate many statistics on the same resamples, which are drawn once for all of them."""
    ones = np.ones(len(resamples.unit))
    values = {key: float(statistic(ones)) for key, statistic in statistics.items()}
    if resamples.n_units < FEWEST:
        nothing = np.array([])
        return {key: Distribution(value, nothing, nothing) for key, value in values.items()}
    resampled = evaluated(statistics, resamples.unit, resamples.drawn())
    left_out = evaluated(statistics, resamples.unit, resamples.kept())
    return {key: Distribution(values[key], resampled[key], left_out[key]) for key in statistics}


def interval(found: Distribution) -> tuple[float, float] | None:
    """Return the bias-corrected and accelerated (BCa) bootstrap interval, or None.

    None stands for too few finite resamples, and for resamples that are all equal: they tell
    nothing about how far the truth may be.

    The acceleration comes from a jackknife over at most 200 blocks of units. Where BCa does not
    exist (all resamples on one side of the value), the percentile interval is returned.

    References
    ----------
    Efron, B. (1987), Better bootstrap confidence intervals, J. Am. Stat. Assoc. 82, 171.
    """
    finite = _finite(found)
    if finite is None:
        return None
    tail = (1 - COVERAGE) / 2
    levels = [tail, 1 - tail]
    shift, acceleration = _correction(found, finite)
    quantiles = [shift + _NORMAL.inv_cdf(p) for p in levels]
    if all(abs(acceleration * q) < 1 for q in quantiles):
        levels = [_NORMAL.cdf(shift + q / (1 - acceleration * q)) for q in quantiles]
    low, high = np.quantile(finite, levels)
    return float(low), float(high)


def p_value(found: Distribution) -> float | None:
    """Return the two-sided p value of a difference: one minus the coverage that just reaches 0.

    It is that of the interval of `interval`, turned round. Where all resamples lie on one side of
    0, it is not above 2 in as many as there are, and smaller where a normal distribution of their
    spread says so. None where there is no interval, but 1 where nothing differs at all.
    """
    finite = _finite(found)
    if finite is None:
        resampled = found.resampled
        return 1.0 if found.value == 0 and len(resampled) and not resampled.any() else None
    below = (np.mean(finite < 0) + np.mean(finite <= 0)) / 2
    if 0 < below < 1:
        shift, acceleration = _correction(found, finite)
        reached = _NORMAL.inv_cdf(float(below)) - shift
        if 1 + acceleration * reached > 0:
            z = reached / (1 + acceleration * reached) - shift
            return 2 * _NORMAL.cdf(-abs(z))
    z = found.value / float(finite.std(ddof=1))
    return min(2 / (len(finite) + 1), 2 * _NORMAL.cdf(-abs(z)))


def _finite(found: Distribution) -> "Floats | None":
    """Return the finite resamples, or None where they tell nothing."""
    finite = found.resampled[np.isfinite(found.resampled)]
    if len(finite) < 0.9 * RESAMPLES or not np.isfinite(found.value):
        return None
    return None if finite.min() == finite.max() else finite


def _correction(found: Distribution, finite: "Floats") -> tuple[float, float]:
    """Return the correction for bias and the acceleration; zeros where they do not exist."""
    below = (np.mean(finite < found.value) + np.mean(finite <= found.value)) / 2
    spread = found.left_out.mean() - found.left_out
    cubed, squared = float((spread**3).sum()), float((spread**2).sum())
    if 0 < below < 1 and squared**1.5 > 0:  # it may be too small for a number
        return _NORMAL.inv_cdf(float(below)), cubed / (6 * squared**1.5)
    return 0.0, 0.0


def wilson(events: float, n: int) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion, for few events.

    References
    ----------
    Wilson, E. B. (1927), Probable inference, J. Am. Stat. Assoc. 22, 209.
    """
    z = _NORMAL.inv_cdf(1 - (1 - COVERAGE) / 2)
    p = events / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))


def verdict(difference: float, low: float | None, high: float | None, margin: float) -> "Verdict":
    """Judge a paired difference, positive where the first model is better.

    Returns
    -------
    str
        ``better`` or ``worse``: the interval excludes zero, on that side, and the difference
        exceeds the margin; ``equivalent``: the whole interval lies within the margin;
        ``undecided``: neither was shown.
    """
    if low is None or high is None:
        return "undecided"
    if -margin <= low and high <= margin and (margin > 0 or low == high == 0):
        return "equivalent"
    if low > 0 and difference > margin:
        return "better"
    if high < 0 and -difference > margin:
        return "worse"
    return "undecided"
