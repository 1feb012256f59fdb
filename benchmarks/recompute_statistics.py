"""Metrics and intervals written without boxloop, for recompute.py: what they say is compared."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sklearn.metrics as sk
from scipy import stats
from scipy.special import ndtr

#: Resamples of the two bootstraps, expected errors that they may be apart, fewest units and events.
THEIRS, OURS, ALLOWED, FEWEST, SEED = 1000, 1000, 5.0, 10, 4711
#: Jackknives over blocks of units, and the most blocks.
JACKKNIVES, BLOCKS = 3, 200
NORMAL = stats.norm
Z = float(NORMAL.ppf(0.975))


@dataclass
class Sample:
    """A statistic of the data, of the resamples, and of three jackknives over blocks of units."""

    value: float
    resampled: Any
    jackknives: Any

    def less(self, other: "Sample", sign: float = 1.0) -> "Sample":
        """Return the difference on the same resamples, times a sign."""
        pairs = zip(self.jackknives, other.jackknives, strict=True)
        return Sample(
            sign * (self.value - other.value),
            sign * (self.resampled - other.resampled),
            [sign * (a - b) for a, b in pairs],
        )


def resample(units: Any, functions: dict[Any, Callable[[Any], dict[Any, float]]]) -> Any:
    """Evaluate functions of rows, each {name: value}, on the same resamples of units."""
    _, unit = np.unique(np.asarray(units).astype(str), return_inverse=True)
    n, rng = int(unit.max()) + 1, np.random.default_rng(SEED)
    every, parts = np.arange(len(unit)), min(BLOCKS, n)

    def rows() -> Iterator[Any]:
        yield every
        for _ in range(OURS if n >= FEWEST else 0):
            yield np.repeat(every, np.bincount(rng.integers(0, n, n), minlength=n)[unit])
        for _ in range(JACKKNIVES if n >= FEWEST else 0):
            part = (rng.permutation(n) % parts)[unit]
            yield from (every[part != k] for k in range(parts))

    found: dict[Any, list[float]] = defaultdict(list)
    with np.errstate(all="ignore"):
        for some in rows():
            for name, function in functions.items():
                for metric, value in function(some).items():
                    found[name, metric].append(value)
    samples = {}
    for key, values in found.items():
        drawn, left = np.array(values[1 : 1 + OURS]), np.array(values[1 + OURS :])
        samples[key] = Sample(float(values[0]), drawn, np.split(left, JACKKNIVES))
    return samples


def bca(of: Sample) -> Any:
    """Return both BCa limits (Efron 1987), each with the range for another bootstrap's.

    The level of a limit is off by the binomial error of a quantile and by that of the correction
    for bias, of THEIRS and of OURS; the acceleration by the spread of three jackknives.
    """
    finite = np.sort(of.resampled[np.isfinite(of.resampled)])
    if len(finite) < 0.9 * OURS or not np.isfinite(of.value) or all_equal(finite):
        return None
    shift, error, bent, noise = correction(of, finite)
    found = []
    for t in (shift - Z, shift + Z):
        z = shift + t / (1 - bent * t)
        own = np.sqrt(NORMAL.cdf(z) * NORMAL.sf(z)) / NORMAL.pdf(z)
        slope = 1 + 1 / (1 - bent * t) ** 2
        wide = ALLOWED * np.sqrt(1 / THEIRS + 1 / OURS) * np.hypot(own, slope * error)
        wide += 3 * noise * t**2
        found.append(
            (quantile(finite, z), [quantile(finite, z - wide), quantile(finite, z + wide)])
        )
    return found


def all_equal(values: Any) -> bool:
    """Whether only rounding tells sorted values apart."""
    return bool(values[-1] - values[0] <= 1e-13 * max(abs(values[0]), abs(values[-1])))


def correction(of: Sample, finite: Any) -> tuple[float, float, float, float]:
    """Return the correction for bias and its error (of one resample), acceleration and error."""
    below = (np.mean(finite < of.value) + np.mean(finite <= of.value)) / 2
    spreads = [j.mean() - j for j in of.jackknives]
    bent = [(s**3).sum() / (6 * (s**2).sum() ** 1.5) for s in spreads if (s**2).sum() > 0]
    if not 0 < below < 1 or not bent:
        return 0.0, 0.0, 0.0, 0.0
    shift = float(NORMAL.ppf(below))
    error = np.sqrt(below * (1 - below)) / NORMAL.pdf(shift)
    return shift, error, float(np.mean(bent)), float(np.std(bent))


def quantile(values: Any, z: float) -> float:
    """Return the value at a normal score, extended beyond the last one by the spread."""
    at = NORMAL.ppf((np.arange(len(values)) + 0.5) / len(values))
    beyond = min(z - at[0], 0.0) + max(z - at[-1], 0.0)
    return float(np.interp(z, at, values) + beyond * values.std())


def p_range(of: Sample) -> tuple[float, float, float]:
    """Return the p value that turns the BCa interval of a difference round, and its range."""
    finite = np.sort(of.resampled[np.isfinite(of.resampled)])
    below = (np.mean(finite < 0) + np.mean(finite <= 0)) / 2
    shift, error, bent, noise = correction(of, finite)
    normal = abs(of.value) / finite.std(ddof=1)
    if 0 < below < 1:
        t = float(NORMAL.ppf(below)) - shift
        z = abs(t / (1 + bent * t) - shift)
    else:
        z = max(float(NORMAL.isf(1 / (OURS + 1))), normal)
    edge = np.clip(below, 1 / OURS, 1 - 1 / OURS)
    own = np.sqrt(edge * (1 - edge)) / NORMAL.pdf(NORMAL.ppf(edge))
    wide = ALLOWED * np.sqrt(1 / THEIRS + 1 / OURS) * np.hypot(own, 2 * error) + 3 * noise * z**2
    # Near the last resample either bootstrap may take the normal distribution instead.
    high, low = max(z, normal) + wide, max(min(z, normal) - wide, 0.0)
    return tuple(2 * float(NORMAL.sf(x)) for x in (z, high, low))


def wilson(value: float, n: float, z: float = Z) -> tuple[float, float]:
    """Return Wilson's interval of a proportion."""
    centre = (value + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(value * (1 - value) / n + z**2 / (4 * n**2))
    return max(0.0, min(centre - half, value)), min(1.0, max(centre + half, value))


def by_unit(event: Any, units: Any, looks: int = 1) -> dict[str, Any]:
    """Return a proportion with Wilson's interval for as many objects as its units are worth."""
    of = pd.Series(np.asarray(event, float)).groupby(np.asarray(units).astype(str))
    hits, size = of.sum().to_numpy(), of.size().to_numpy()
    u, n, p = len(size), size.sum(), hits.sum() / size.sum()
    variance = ((hits - p * size) ** 2).sum() / n**2 * u / max(u - 1, 1)
    worth = np.clip(p * (1 - p) / variance, 1, n) if variance > 0 else u
    z = float(stats.t.isf(0.025 / looks, max(u - 1, 1)))
    low, high = wilson(p, max(worth, 1), z) if u >= FEWEST else (None, None)
    return {"value": p, "low": low, "high": high, "rows": int(n), "n_units": u}


def holm(p: Any) -> Any:
    """Return p values after Holm's correction; missing ones do not count."""
    found = np.array([np.nan if v is None else v for v in p], float)
    order = np.argsort(found)[: np.isfinite(found).sum()]
    steps = found[order] * np.arange(len(order), 0, -1)
    found[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return found


@dataclass
class Mixture:
    """Mixtures of Gaussians, one a row."""

    weight: Any
    mean: Any
    sigma: Any

    def below(self, x: Any) -> Any:
        """Return the probability below x (n,)."""
        return (self.weight * ndtr((x[:, None] - self.mean) / self.sigma)).sum(axis=1)

    def density(self, x: Any) -> Any:
        """Return the density at x (n,)."""
        return (self.weight * NORMAL.pdf(x[:, None], self.mean, self.sigma)).sum(axis=1)

    def quantile(self, level: float) -> Any:
        """Halve an interval that holds the quantile until nothing changes."""
        low = (self.mean - 12 * self.sigma).min(axis=1)
        high = (self.mean + 12 * self.sigma).max(axis=1)
        for _ in range(80):
            middle = (low + high) / 2
            left = self.below(middle) < level
            low, high = np.where(left, middle, low), np.where(left, high, middle)
        return (low + high) / 2

    def crps(self, x: Any) -> Any:
        """Return E|X - x| - E|X - X'| / 2 (Grimit et al. 2006)."""
        w, m, s = self.weight, self.mean, self.sigma
        found = (w * folded(x[:, None] - m, s)).sum(axis=1)
        for k in range(w.shape[1]):
            spread = np.hypot(s, s[:, [k]])
            found -= (w * w[:, [k]] * folded(m - m[:, [k]], spread)).sum(axis=1) / 2
        return found


def folded(mean: Any, sigma: Any) -> Any:
    """Return the mean absolute value of a normal variable."""
    safe = np.where(sigma > 0, sigma, 1.0)
    z = mean / safe
    normal = 2 * sigma * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) + mean * (2 * ndtr(z) - 1)
    return np.where(sigma > 0, normal, np.abs(mean))


def of_numbers(truth: Any, said: Any, errors: Any, mixture: Mixture | None) -> Any:
    """Return the metrics of a regression as a function of rows."""
    residual, relative = said - truth, (said - truth) / (1 + truth)
    columns = {"bias": relative, "mse": residual**2, "mae": np.abs(residual)}
    columns["outlier_fraction"] = (np.abs(relative) > 0.15).astype(float)
    known = None if errors is None else (errors > 0).all(axis=1)
    if known is not None and known.any():
        side = np.where(said < truth, errors[:, 0], errors[:, 1])
        columns["chi2"] = np.where(known, (residual / side) ** 2, np.nan)
    if mixture is not None:
        pit = mixture.below(truth)
        columns |= {"nll": -np.log(mixture.density(truth)), "crps": mixture.crps(truth)}
        columns["coverage"] = (np.abs(pit - 0.5) <= 0.6827 / 2).astype(float)

    def metrics(rows: Any) -> dict[str, float]:
        found = {name: float(np.nanmean(column[rows])) for name, column in columns.items()}
        some, of = residual[rows], relative[rows]
        found["rmse"] = np.sqrt(found["mse"])
        found["median_squared_error"] = np.median(columns["mse"][rows])
        found["mad"] = np.median(np.abs(some - np.median(some)))
        found["nmad"] = 1.4826 * np.median(np.abs(of - np.median(of)))
        found["r2"] = 1 - found["mse"] / truth[rows].var()
        if mixture is not None:
            level, n = np.sort(pit[rows]), len(rows)
            steps = np.arange(n + 1) / n
            found["pit"] = max((steps[1:] - level).max(), (level - steps[:-1]).max())
        return found

    return metrics


def of_classes(truth: Any, said: Any, probability: Any, k: int) -> Any:
    """Return the metrics of a classification, by codes of classes, as a function of rows."""
    if probability is not None:
        own = probability[np.arange(len(truth)), truth]
        surprise = -np.log(np.clip(own, np.finfo(float).eps, 1))
        distance = ((probability - np.eye(k)[truth]) ** 2).sum(axis=1)

    def metrics(rows: Any) -> dict[str, float]:
        t, p = truth[rows], said[rows]
        matrix = np.bincount(t * k + p, minlength=k * k).reshape(k, k)
        hit, members, named, n = matrix.diagonal(), matrix.sum(1), matrix.sum(0), len(rows)
        there, seen, other = members > 0, members + named > 0, members < n
        found = {"accuracy": hit.sum() / n, "recall": (hit / members)[there].mean()}
        found["balanced_accuracy"] = found["recall"]
        found["precision"] = (hit / np.maximum(named, 1))[seen].mean()
        found["f1_macro"] = (2 * hit / (members + named))[seen].mean()
        found["specificity"] = (1 - (named - hit) / (n - members))[seen & other].mean()
        spread = float(n**2 - (members**2).sum()) * float(n**2 - (named**2).sum())
        covariance = hit.sum() * n - (members * named).sum()
        found["mcc"] = covariance / np.sqrt(spread) if spread > 0 else 0.0
        if probability is not None:
            areas = [ranked(t == c, probability[rows, c]) for c in range(k)]
            found["roc_auc"], found["average_precision"] = np.nanmean(areas, axis=0)
            found["log_loss"], found["brier"] = surprise[rows].mean(), distance[rows].mean()
        return found

    return metrics


def ranked(member: Any, score: Any) -> tuple[float, float]:
    """Return the area under the ROC curve, and the average precision."""
    order = np.argsort(-score)
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    true = np.cumsum(member[order])[last]
    false = last + 1 - true
    if not true[-1]:
        return np.nan, np.nan
    area = np.trapezoid(np.append(0, true), np.append(0, false)) / true[-1]
    precise = (true / (last + 1) * np.diff(true, prepend=0)).sum() / true[-1]
    return area / false[-1] if false[-1] else np.nan, precise


def by_library(task: str, truth: Any, said: Any, probability: Any, k: int) -> dict[str, float]:
    """Return the metrics that scikit-learn and scipy have under their own definitions."""
    if task == "regression":
        relative = (said - truth) / (1 + truth)
        return {
            "mse": sk.mean_squared_error(truth, said),
            "rmse": sk.root_mean_squared_error(truth, said),
            "mae": sk.mean_absolute_error(truth, said),
            "r2": sk.r2_score(truth, said),
            "mad": stats.median_abs_deviation(said - truth),
            "nmad": 1.4826 * stats.median_abs_deviation(relative),
        }
    averaged = {"average": "macro", "zero_division": 0}
    found = {
        "accuracy": sk.accuracy_score(truth, said),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, said),
        "f1_macro": sk.f1_score(truth, said, **averaged),
        "precision": sk.precision_score(truth, said, **averaged),
        "mcc": sk.matthews_corrcoef(truth, said),
    }
    every = np.arange(k)
    if probability is not None and len(np.unique(truth)) == k > 2:
        member = np.eye(k)[truth]
        found["roc_auc"] = sk.roc_auc_score(member, probability, average="macro")
        found["average_precision"] = sk.average_precision_score(member, probability)
        found["log_loss"] = sk.log_loss(truth, probability, labels=every)
    return found


def bins_of(values: Any, bins: int, *, exact: bool = False) -> Any:
    """Return bins of equally many values; equal values are together, in that of their middle.

    Values that only a rounding tells apart are equal. A middle at an edge belongs above it; curves
    leave that to the rounding of the quotient, the calibration error does not.
    """
    size = 10.0 ** np.floor(np.log10(np.maximum(np.abs(values), 1e-300)))
    middle = stats.rankdata(np.round(values / size, 14) * size, "average") - 0.5
    place = middle * bins / len(values) if exact else middle / len(values) * bins
    return np.unique(np.minimum(np.floor(place), bins - 1), return_inverse=True)[1]


def gaps_of(values: Any, hit: Any) -> tuple[Any, Any, Any]:
    """Return share, mean value less frequency, and its error, of the calibration error's bins."""
    place = bins_of(values, int(np.clip(len(values) // 20, 1, 15)), exact=True)
    size = np.bincount(place)
    frequency = np.bincount(place, hit) / size
    gap = np.bincount(place, values) / size - frequency
    return size / len(values), gap, np.sqrt(frequency * (1 - frequency) / size)


def calibration_error(values: Any, hit: Any) -> float:
    """Return the debiased calibration error (Kumar et al. 2019, in the mean of their draws)."""
    share, gap, noise = gaps_of(values, hit)
    return float(share @ (2 * np.abs(gap) - folded(gap, noise)))
