"""Do decisions differ between groups of people? Demographic parity and equalised odds."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from boxloop.analyses.groups.errors import RATES, rates
from boxloop.analyses.groups.scores import FEWEST_OF_CLASS
from boxloop.metrics import Judged, interval
from boxloop.metrics.interval import COVERAGE, FEWEST, Distribution
from boxloop.metrics.simultaneous import holm, proportions_apart, simultaneous

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats
    from boxloop.results.common import Estimate
    from boxloop.results.groups import (
        ClassDecisions,
        Decisions,
        Disparities,
        Grouping,
        RateDifference,
        Rates,
    )

    Sums = tuple[Floats, Floats, Floats]

#: The measures of disparity, as fairlearn calls them.
DISPARITIES = (
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "equalized_odds_ratio",
)


def decisions_of(
    judged: Judged,
    codes: "NDArray[np.intp]",
    labels: Sequence[str],
    sums: "Sums",
    units: "NDArray[np.intp]",
    *,
    single: bool,
) -> "Decisions":
    """Compare how often each class is given to the groups of an attribute, and how often wrongly.

    Each class is taken as the decision in turn. Of two classes the second alone is looked at: the
    other is its mirror image.

    Parameters
    ----------
    judged : Judged
    codes : ndarray of int, shape (n,)
        The group of each object.
    labels : sequence of str, shape (g,)
    sums : tuple of ndarray
        Cells of the confusion matrix of each group, over all units, resamples and jackknife sets.
    units : ndarray of int, shape (g,)
    single : bool
        Whether every object is a unit of its own.

    Returns
    -------
    dict
        ``left_out``: groups of too few units; ``classes``: by class the disparities {value, low,
        high, reason} and, by group, the rates with their difference from the rest.
    """
    g, k = len(labels), len(judged.classes)
    whole, resampled, left_out = (s.reshape(*s.shape[:-1], k, k) for s in sums)
    kept = np.flatnonzero(units >= FEWEST)
    looked = range(1, k) if k == 2 else range(k)
    compared = _differences(whole, resampled, units, looked, single=single)
    found: dict[str, ClassDecisions] = {}
    for c in looked:
        members, others = whole.sum(axis=-1)[:, c], whole.sum(axis=(-2, -1))
        sizes = members[kept], (others - members)[kept]
        found[judged.classes[c]] = {
            **_disparities(judged, c, codes, kept, (whole, resampled, left_out), sizes),
            "groups": [
                {
                    "label": labels[i],
                    "share": float(members[i] / others[i]) if others[i] else None,
                    "rest_share": _ratio(members.sum() - members[i], others.sum() - others[i]),
                    **compared[i, c],
                }
                for i in range(g)
            ],
        }
    return {"left_out": [labels[i] for i in range(g) if i not in kept], "classes": found}


def _disparities(
    judged: Judged,
    c: int,
    codes: "NDArray[np.intp]",
    kept: "NDArray[np.intp]",
    cells: "Sums",
    sizes: tuple["Floats", "Floats"],
) -> "Disparities":
    """Return the four measures of one class over the groups that are large enough."""
    values: dict[str, float] = {}
    many: list[Floats] = []
    if len(kept) >= 2:
        values = _by_fairlearn(judged, c, codes, kept)
        many = [_measures(rates(part[..., kept, :, :])[..., c, :]) for part in cells[1:]]

    def measure(name: str) -> "Estimate":
        if len(kept) < 2:
            return _nothing(f"fewer than two groups of {FEWEST} units")
        if name.startswith("equalized") and min(map(np.min, sizes)) < FEWEST_OF_CLASS:
            return _nothing(
                f"a group has fewer than {FEWEST_OF_CLASS} objects inside or outside the class"
            )
        place = DISPARITIES.index(name)
        spread = Distribution(values[name], *(part[..., place] for part in many))
        limits = interval(spread) if np.isfinite(values[name]) else None
        low, high = limits or (None, None)
        reason = "" if limits else "the resamples are all equal, or too few are finite"
        value = values[name] if np.isfinite(values[name]) else None
        return {"value": value, "low": low, "high": high, "reason": reason}

    return {
        "demographic_parity_difference": measure("demographic_parity_difference"),
        "demographic_parity_ratio": measure("demographic_parity_ratio"),
        "equalized_odds_difference": measure("equalized_odds_difference"),
        "equalized_odds_ratio": measure("equalized_odds_ratio"),
    }


def _by_fairlearn(
    judged: Judged, c: int, codes: "NDArray[np.intp]", kept: "NDArray[np.intp]"
) -> dict[str, float]:
    """Return the disparities between groups, by one MetricFrame for all four of them."""
    from fairlearn import metrics

    rows = np.isin(codes, kept)
    said = (judged.prediction[rows] == c).astype(int)
    # Each pair of truth and decision once, with its number of objects: MetricFrame is slow by row.
    patterns = codes[rows] * 4 + (judged.truth[rows] == c) * 2 + said
    there, count = np.unique(patterns, return_counts=True)
    names = ("selection_rate", "true_positive_rate", "false_positive_rate")
    frame = metrics.MetricFrame(
        metrics={name: getattr(metrics, name) for name in names},
        y_true=there // 2 % 2,
        y_pred=there % 2,
        sensitive_features=there // 4,
        sample_params={name: {"sample_weight": count} for name in names},
    )
    apart, ratio = frame.difference(), frame.ratio()
    found = (apart[names[0]], ratio[names[0]], apart[[*names[1:]]].max(), ratio[[*names[1:]]].min())
    return {name: float(v) for name, v in zip(DISPARITIES, found, strict=True)}


def _measures(found: "Floats") -> "Floats":
    """Return the four measures (..., 4) from rates (..., groups, 3), as fairlearn defines them."""
    high, low = found.max(axis=-2), found.min(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, apart = low / high, high - low
    odds = apart[..., 1:].max(axis=-1), np.fmin(ratio[..., 1], ratio[..., 2])
    return np.stack([apart[..., 0], ratio[..., 0], *odds], axis=-1)


def _differences(
    whole: "Floats",
    resampled: "Floats",
    units: "NDArray[np.intp]",
    looked: Iterable[int],
    *,
    single: bool,
) -> dict[tuple[int, int], "Rates"]:
    """Compare each rate of each group with that of the others; all intervals hold together."""
    total, many = whole.sum(axis=0), resampled.sum(axis=1, keepdims=True)
    inside, outside = rates(whole), rates(total - whole)
    spread = rates(resampled) - rates(many - resampled)
    keys = list(product(range(len(units)), looked, range(len(RATES))))
    pairs = {
        key: (_counts(whole[key[0]], *key[1:]), _counts(total - whole[key[0]], *key[1:]))
        for key in keys
    }
    least = {key: min(n for _, n in pair) for key, pair in pairs.items()}
    usable = {key: least[key] >= FEWEST and units[key[0]] >= FEWEST for key in keys}
    few = [
        key
        for key in keys
        if usable[key] and single and min(min(e, n - e) for e, n in pairs[key]) < FEWEST
    ]
    regular = [key for key in keys if usable[key] and key not in set(few)]
    found = simultaneous(
        np.array([inside[key] - outside[key] for key in regular]),
        np.array([spread[:, *key] for key in regular]).T.reshape(len(spread), len(regular)),
        np.array([min(least[key], units[key[0]]) for key in regular], dtype=int),
        apart=len(few),
    )
    limits = {key: (found.low[i], found.high[i], found.p[i]) for i, key in enumerate(regular)}
    share = (1 - COVERAGE) / max(int(np.isfinite(found.low).sum()) + len(few), 1)
    limits |= {key: proportions_apart(*pairs[key], share) for key in few}

    def rate(i: int, c: int, which: int) -> "RateDifference":
        key = (i, c, which)
        low, high, p = limits.get(key, (np.nan,) * 3)
        known = bool(np.isfinite(low))
        return {
            "value": _finite(inside[key]),
            "rest": _finite(outside[key]),
            "difference": _finite(inside[key] - outside[key]) if len(units) > 1 else None,
            "low": _finite(low),
            "high": _finite(high),
            "p": _finite(p),
            "reason": "" if known else f"fewer than {FEWEST} objects or units, or all alike",
            "p_holm": None,
        }

    return {
        (i, c): {
            "selection_rate": rate(i, c, 0),
            "recall": rate(i, c, 1),
            "false_positive_rate": rate(i, c, 2),
        }
        for i, c in dict.fromkeys(key[:2] for key in keys)
    }


def _counts(matrix: "Floats", c: int, rate: int) -> tuple[int, int]:
    """Return events and objects of a rate of a class."""
    total, members, named = matrix.sum(), matrix[c].sum(), matrix[:, c].sum()
    hit = matrix[c, c]
    pair = ((named, total), (hit, members), (named - hit, total - members))[rate]
    return round(float(pair[0])), round(float(pair[1]))


def equalise(entries: Iterable["Grouping"]) -> None:
    """Correct the p values of all rates of all attributes for the number of looks."""
    found = [
        row[rate]
        for entry in entries
        if "decisions" in entry
        for of in entry["decisions"]["classes"].values()
        for row in of["groups"]
        for rate in RATES
    ]
    corrected = holm([np.nan if r["p"] is None else r["p"] for r in found])
    for row, p in zip(found, corrected, strict=True):
        row["p_holm"] = _finite(p)


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _nothing(reason: str) -> "Estimate":
    return {"value": None, "low": None, "high": None, "reason": reason}


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
