"""Intervals of the scores of groups, and of their differences from the rest, that hold together."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.analyses.groups.compared import Compared
from boxloop.metrics.interval import COVERAGE, FEWEST
from boxloop.metrics.score import PROPORTIONS
from boxloop.metrics.simultaneous import proportion, proportions_apart, simultaneous

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats
    from boxloop.results.common import Estimate
    from boxloop.results.groups import Difference


#: Metrics that are sizes of errors: their intervals are symmetric in the logarithm, for an estimate
#: that is small by chance seems to vary less too.
SCALES = (
    *("mse", "rmse", "mae", "median_squared_error", "mad", "nmad", "crps", "chi2"),
    *("log_loss", "brier"),
)
#: Metrics between 0 and 1, whose intervals are symmetric in the logit.
FRACTIONS = (
    *("accuracy", "balanced_accuracy", "f1_macro", "precision", "recall", "specificity"),
    *("roc_auc", "average_precision", "outlier_fraction"),
)


def scores_of(of: Compared, counts: "NDArray[np.intp]") -> list["Estimate"]:
    """Return the score of each group with an interval that holds for all of them together."""
    value = of.scores.group
    few = _few(of, value, counts)
    scale, fraction = of.metric in SCALES, of.metric in FRACTIONS
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high, _ = _together(
            np.log(value) if scale else value,
            np.log(of.scores.groups) if scale else of.scores.groups,
            np.where([bool(c) for c in of.lacks], 0, of.units),
            {i: (lambda share, i=i: (*proportion(*few[i], share), np.nan)) for i in few},
        )
    if scale:
        low, high = np.exp(low), np.exp(high)
    if fraction:
        regular = [i for i in range(len(value)) if i not in few]
        low[regular], high[regular] = _inside(value[regular], high[regular] - value[regular])
    rows: list[Estimate] = []
    for i, number in enumerate(value):
        if of.lacks[i]:
            rows.append(_nothing(_few_of(of.lacks[i])))
        elif not np.isfinite(number):
            rows.append(_nothing("not defined for these objects"))
        elif of.units[i] < FEWEST:
            reason = f"no interval below {FEWEST} units"
            rows.append({"value": float(number), "low": None, "high": None, "reason": reason})
        else:
            rows.append(_limits(number, low[i], high[i]))
    return rows


def differences_of(of: Compared, counts: "NDArray[np.intp]") -> list["Difference"]:
    """Return group minus rest, with intervals that hold together, and p before any correction."""
    group, rest = of.scores.group, of.scores.rest
    lack = np.array([bool(a or b) for a, b in zip(of.lacks, of.rest_lacks, strict=True)], bool)
    units = np.where(lack, 0, np.minimum(of.units, of.rest_units))
    inside, outside = _few(of, group, counts), _few(of, rest, counts.sum() - counts)
    every = _few(of, group, counts, most=None), _few(of, rest, counts.sum() - counts, most=None)
    few = {
        i: (every[0][i], every[1][i])
        for i in {*inside, *outside}
        if i in every[0] and i in every[1]
    }
    low, high, p = _together(
        group - rest,
        of.scores.groups - of.scores.rests,
        units,
        {i: (lambda share, i=i: proportions_apart(*few[i], share)) for i in few},
    )
    rows: list[Difference] = []
    for i in range(len(group)):
        if len(group) < 2:
            row = _nothing("there are no other objects")
        elif of.units[i] < FEWEST or of.rest_units[i] < FEWEST:
            row = _nothing(f"fewer than {FEWEST} units inside or outside the group")
        elif lack[i]:
            row = _nothing(_few_of(of.lacks[i] or of.rest_lacks[i]))
        elif not np.isfinite(group[i] - rest[i]):
            row = _nothing("not defined for these objects")
        else:
            row = _limits(group[i] - rest[i], low[i], high[i])
        known = _finite(p[i]) if row["value"] is not None else None
        rows.append({"rest": _finite(rest[i]), **row, "p": known, "p_holm": None})
    return rows


def _inside(value: "Floats", half: "Floats") -> tuple["Floats", "Floats"]:
    """Return limits that stay between 0 and 1: `half` to both sides, stretched as the logit is."""
    slope = value * (1 - value)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        odds, wide = value / (1 - value), half / slope
        low, high = (1 / (1 + np.exp(sign * wide) / odds) for sign in (1, -1))
    plain = slope <= 0
    low, high = np.where(plain, value - half, low), np.where(plain, value + half, high)
    return low, high


def _few(
    of: Compared, value: "Floats", counts: "NDArray[np.intp]", most: int | None = FEWEST
) -> dict[int, tuple[int, int]]:
    """Return events and objects of groups with few events, where objects are independent."""
    if of.metric not in PROPORTIONS or of.metric == "coverage" or not of.single:
        return {}
    found = {}
    for i, n in enumerate(counts):
        if n >= FEWEST and np.isfinite(value[i]):
            events = round(float(value[i]) * int(n))
            if most is None or min(events, n - events) < most:
                found[i] = (events, int(n))
    return found


def _together(
    value: "Floats", resampled: "Floats", units: "NDArray[np.intp]", few: Mapping[int, Any]
) -> tuple["Floats", "Floats", "Floats"]:
    """Return low, high and p; estimates with few events get their share of the error apart."""
    left = np.where(np.isin(np.arange(len(value)), list(few)), 0, units)
    found = simultaneous(value, resampled, left, apart=len(few))
    low, high, p = found.low.copy(), found.high.copy(), found.p.copy()
    share = (1 - COVERAGE) / max(int(np.isfinite(low).sum()) + len(few), 1)
    for i, limits in few.items():
        low[i], high[i], p[i] = limits(share)
    return low, high, p


def _limits(value: float, low: float, high: float) -> "Estimate":
    if not (np.isfinite(low) and np.isfinite(high)):
        reason = "the resamples are all equal, or too few are finite"
        return {"value": float(value), "low": None, "high": None, "reason": reason}
    return {"value": float(value), "low": float(low), "high": float(high), "reason": ""}


def _nothing(reason: str) -> "Estimate":
    return {"value": None, "low": None, "high": None, "reason": reason}


def _few_of(classes: list[str]) -> str:
    return f"too few objects of the class {', '.join(classes)} for a mean over the classes"


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
