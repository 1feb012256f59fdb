"""Can classifiers tell training objects from target objects, and how well?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from boxloop.analyses.shift.drivers import compared_columns, driving_features
from boxloop.fitting.reweight import (
    CLIP,
    Apart,
    identities,
    tell_apart,
    too_little,
    units_of,
    weights_from,
)
from boxloop.metrics import wilson
from boxloop.metrics.interval import COVERAGE, FEWEST
from boxloop.modalities.usable import usable_numbers
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.shift import Auc, BothSamples, SampleComparison

    Floats = NDArray[np.float64]

#: Coverage of the interval whose lower limit a finding rests on: every study looks, and two chance
#: samples in a hundred differ beyond an interval of 95 per cent.
SURE = 0.995


@dataclass(frozen=True)
class TwoSample:
    """What came out.

    Attributes
    ----------
    content : dict
        Part ``two_sample`` of ``evaluate/shift.json``.
    apart : Apart or None
        Scores of the rows, training rows first; None where there is no test.
    domain : ndarray of bool, shape (n,)
    units : ndarray, shape (n,)
    """

    content: "SampleComparison"
    apart: Apart | None
    domain: "NDArray[np.bool_]"
    units: "NDArray[Any]"


def two_sample(training: Table, target: Table, *, group: str | None, seed: int) -> TwoSample:
    """Tell training objects from target objects by what models may use, each by others alone.

    Parameters
    ----------
    training, target : Table
        Labels are not looked at.
    group : str or None
        Column of the independent unit.
    seed : int
        The study's seed.

    References
    ----------
    Lopez-Paz, D. & Oquab, M. (2017), Revisiting classifier two-sample tests, ICLR.
    """
    here = usable_numbers(training)
    there = usable_numbers(target).named(here.names)
    units = np.concatenate([units_of(training, group), units_of(target, group)])
    names = np.concatenate([identities(training), identities(target)])
    domain = np.arange(len(units)) >= len(training)
    rows: BothSamples = {"training": len(training), "target": len(target)}
    n_units: BothSamples = {
        "training": len(set(units[~domain].tolist())),
        "target": len(set(units[domain].tolist())),
    }
    reason = too_little(domain, units) or ("" if here.names else "models use no columns to compare")
    if reason:
        nothing: SampleComparison = {
            "reason": reason,
            "rows": rows,
            "units": n_units,
            "columns": list(here.names),
            "auc": None,
            "linear": None,
            "effective": None,
            "drivers": [],
            "compared": [],
        }
        return TwoSample(nothing, None, domain, units)
    values = np.vstack([here.values, there])
    apart = tell_apart(values, domain, units, names, (seed, "shift"))
    weights = weights_from(apart.log_ratio[~domain])
    drivers = driving_features(values, here.names, domain, apart, names, seed)
    content: SampleComparison = {
        "reason": None,
        "rows": rows,
        "units": n_units,
        "columns": list(here.names),
        "auc": auc_interval(apart.boosted, domain, apart.part, units),
        "linear": auc_interval(apart.linear, domain, apart.part, units),
        "effective": {"value": weights.effective, "clipped": weights.clipped, "limit": CLIP},
        "drivers": drivers,
        "compared": compared_columns(values, here.names, domain, drivers),
    }
    return TwoSample(content, apart, domain, units)


def auc_interval(
    score: "Floats",
    domain: "NDArray[np.bool_]",
    part: "NDArray[Any]",
    units: "NDArray[Any]",
    *,
    weight: "Floats | None" = None,
    coverage: float = COVERAGE,
) -> "Auc":
    """Return the area under the ROC curve with an interval that respects units.

    Pairs of objects are compared within a part of the cross-fitting only, for every part has a
    classifier of its own. The variance is DeLong's, with the sums over objects taken by unit
    first (Obuchowski); the interval is Student's, of the logit. What each part's classifier has
    learnt by luck it has learnt from the other parts: the correction of Nadeau & Bengio allows for
    it, without which only 83 of 100 intervals held one half for equal samples.

    Parameters
    ----------
    score, domain, part, units : ndarray, shape (n,)
    weight : ndarray, shape (n,), optional
        1 by default.

    Returns
    -------
    dict
        ``value, low, high, surely`` (lower limit of the interval that holds `SURE`), ``n_units``
        (of the sample that has fewer), ``reason``.

    References
    ----------
    DeLong, E. R., DeLong, D. M. & Clarke-Pearson, D. L. (1988), Biometrics 44, 837.
    Obuchowski, N. A. (1997), Nonparametric analysis of clustered ROC curve data,
    Biometrics 53, 567.
    Nadeau, C. & Bengio, Y. (2003), Inference for the generalization error,
    Machine Learning 52, 239.
    """
    weight = np.ones(len(score)) if weight is None else weight
    placement, pairs = np.zeros(len(score)), np.zeros(len(score))
    for p in np.unique(part):
        rows = np.flatnonzero(part == p)
        x, y = rows[~domain[rows]], rows[domain[rows]]
        if weight[x].sum() <= 0 or weight[y].sum() <= 0:
            continue
        placement[y] = _share_below(score[y], score[x], weight[x])
        placement[x] = 1 - _share_below(score[x], score[y], weight[y])
        pairs[x], pairs[y] = weight[x] * weight[y].sum(), weight[y] * weight[x].sum()
    total = pairs[domain].sum()
    n = min(len(set(units[domain == d].tolist())) for d in (False, True))
    if total <= 0:
        return _auc(None, None, n, "no part of the cross-fitting has objects of both samples")
    value = float((pairs * placement)[domain].sum() / total)
    if n < FEWEST:
        return _auc(value, None, n, f"no interval below {FEWEST} units")
    variance = _variance(pairs * (placement - value) / total, domain, units)
    k = len(np.unique(part))
    variance *= 1 + k / (k - 1) if k > 1 else 1
    if not 0 < value < 1 or variance <= 0:
        low, high = wilson(value * n, n)
        return _auc(value, (low, high, low), n, "")
    error = np.sqrt(variance) / (value * (1 - value))
    usual, sure = (float(stats.t.ppf((1 + c) / 2, n - 1)) * error for c in (coverage, SURE))
    centre = np.log(value / (1 - value))
    low, high, surely = (float(1 / (1 + np.exp(-(centre + s)))) for s in (-usual, usual, -sure))
    return _auc(value, (low, high, surely), n, "")


def _auc(
    value: float | None, limits: tuple[float, float, float] | None, n: int, reason: str
) -> "Auc":
    low, high, surely = limits or (None, None, None)
    return {
        "value": value,
        "low": low,
        "high": high,
        "surely": surely,
        "n_units": n,
        "reason": reason,
    }


def _share_below(values: "Floats", others: "Floats", weight: "Floats") -> "Floats":
    """Return the share of the others below each value, those that are equal counted half."""
    order = np.argsort(others, kind="stable")
    cumulated = np.concatenate([[0.0], np.cumsum(weight[order])])
    left, right = (np.searchsorted(others[order], values, side) for side in ("left", "right"))
    found: Floats = (cumulated[left] + cumulated[right]) / (2 * cumulated[-1])
    return found


def _variance(influence: "Floats", domain: "NDArray[np.bool_]", units: "NDArray[Any]") -> float:
    """Return the variance of a sum over both samples, whose units may lie in both."""
    _, unit = np.unique(units.astype(str), return_inverse=True)
    of = [np.bincount(unit[domain == d], influence[domain == d], unit.max() + 1) for d in (0, 1)]
    counts = [len(np.unique(unit[domain == d])) for d in (0, 1)]
    found = sum(float((c**2).sum()) * n / (n - 1) for c, n in zip(of, counts, strict=True))
    every = len(of[0])
    return found + 2 * float((of[0] * of[1]).sum()) * every / (every - 1)
