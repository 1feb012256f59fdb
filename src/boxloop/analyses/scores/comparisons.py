"""Compare the models: on the same objects, in the same folds, under every metric."""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.metrics import REGISTRY, Judged, Resamples, interval, on_common_objects, verdict
from boxloop.metrics.folds import corrected_t, holm, one_standard_error
from boxloop.metrics.interval import Distribution, distributions, p_value
from boxloop.metrics.registry import best_first
from boxloop.metrics.score import statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.metrics import (
        ComparedModels,
        Comparison,
        Comparisons,
        FoldsTest,
        McNemar,
        MetricScore,
        Pair,
        TestName,
    )

#: Tests of a pair whose p values are corrected for the number of pairs.
TESTS: "tuple[TestName, ...]" = ("bootstrap", "mcnemar", "folds")


#: Instead of a test by folds, where one of the two is not judged by every object of a fold.
_OTHER_OBJECTS: "FoldsTest" = {
    "difference": None,
    "standard_error": None,
    "t": None,
    "p": None,
    "folds": 0,
    "reason": "somebody else's predictions are not judged by every object of a fold",
}


def comparisons_of(
    kept: Mapping[str, Distribution],
    judged: Mapping[str, Judged],
    resamples: Resamples,
    folds: Mapping[str, Sequence[float]],
    *,
    selected: str,
    candidates: Collection[str],
    split: str,
    metric: str,
    margin: float,
    repeats: int = 1,
) -> "Comparisons":
    """Compare all pairs of models, and say which lie within one standard error of the best.

    Parameters
    ----------
    kept : mapping of str to Distribution
        Resampled values of the metric by model, from simple to complex, on the same resamples.
    judged : mapping of str to Judged
        Predictions of the same objects, by model.
    resamples : Resamples
        Those of `kept`. Somebody else's predictions are compared on the objects that they have and
        were not trained on, for both models, with the same resamples.
    folds : mapping of str to sequence of float
        Scores of each fold of the best trial, by model; empty where they are not known.
    selected : str
        The model that was chosen.
    candidates : collection of str
        Models that could be chosen.
    split : str
        The split that `kept` and `judged` are of.
    metric : str
    margin : float
        Differences of the metric that do not matter.
    repeats : int
        How often the objects were dealt into folds.

    Returns
    -------
    dict
        ``comparisons`` (the selected model against the others), ``pairs`` (each model against
        those after it, with tests) and ``one_standard_error``, as metrics.json has them.
    """
    rules = (split, metric, margin)
    others = [name for name in kept if name != selected]
    theirs = [name for name in kept if judged[name].partly]
    common = {
        pair: _on_common_objects(kept, judged, pair, resamples, metric)
        for pair in combinations(kept, 2)
    }
    against: list[Comparison] = []
    for name in others if selected in kept else []:
        some = common.get((selected, name)) or common[name, selected]
        compared = _pair(some, selected, name, rules)
        against.append({**compared, "candidate": name in candidates})
    pairs: list[Pair] = []
    for (first, second), some in common.items():
        own = first not in theirs and second not in theirs
        by_folds = _of_folds(folds, first, second, metric, repeats)
        pairs.append(
            {
                **_pair(some, first, second, rules),
                "candidates": first in candidates and second in candidates,
                "bootstrap": {"p": p_value(_difference(some, first, second, metric))},
                "mcnemar": mcnemar(judged[first], judged[second], resamples.unit),
                "folds": by_folds if own else _OTHER_OBJECTS.copy(),
            }
        )
    for test in TESTS:
        for row, p in zip(pairs, holm([row[test]["p"] for row in pairs]), strict=True):
            row[test]["p_holm"] = p
    rivals = {m: folds[m] for m in judged if m in candidates and m in folds}
    larger = REGISTRY[metric].larger_is_better
    return {
        "comparisons": against,
        "pairs": pairs,
        "one_standard_error": one_standard_error(rivals, larger=larger, repeats=repeats)
        if rivals
        else None,
    }


def _on_common_objects(
    kept: Mapping[str, Distribution],
    judged: Mapping[str, Judged],
    pair: tuple[str, str],
    resamples: Resamples,
    metric: str,
) -> Mapping[str, Distribution]:
    """Return the resampled values of two models on the objects that either can be judged by."""
    if not any(judged[name].partly for name in pair):
        return kept
    of, (first, second) = REGISTRY[metric], pair
    both = on_common_objects(judged[first], judged[second], of)
    found = {
        name: statistics(some, [of]).get(metric) for name, some in zip(pair, both, strict=True)
    }
    return distributions({name: f or _undefined for name, f in found.items()}, resamples)


def _undefined(weight: "NDArray[Any]") -> "NDArray[Any]":
    return np.full(weight.shape[:-1], np.nan)


def rankings(
    models: Mapping[str, Mapping[str, Mapping[str, "MetricScore"]]], split: str
) -> dict[str, list[str]]:
    """Return the models under every metric of a split, the best first; equals as they are listed.

    Parameters
    ----------
    models : mapping
        ``models`` of metrics.json. Models that have no value of a metric are left out of its list.
    split : str
    """
    found: dict[str, dict[str, float]] = {}
    for name, of in models.items():
        for metric, score in of.get(split, {}).items():
            if score["value"] is not None:
                found.setdefault(metric, {})[name] = score["value"]
    return {metric: best_first(metric, values) for metric, values in found.items()}


def mcnemar(first: Judged, second: Judged, units: "NDArray[Any]") -> "McNemar":
    """Test whether two classifiers are right equally often, by the objects that only one has right.

    The exact test takes objects as independent: it is not given where they come in groups.

    Returns
    -------
    dict
        ``p`` (two-sided), ``only_first``, ``only_second`` (objects that only that model has right),
        ``reason`` (why p is None; else empty).

    References
    ----------
    McNemar, Q. (1947), Note on the sampling error of the difference between correlated proportions
    or percentages, Psychometrika 12, 153.
    """
    if not first.classes:
        nothing = "it is for classes"
        return {"p": None, "only_first": None, "only_second": None, "reason": nothing}
    first, second = on_common_objects(first, second, REGISTRY["accuracy"])
    if first.known is not None and second.known is not None:
        units = units[first.known]
        first, second = first.take(first.known), second.take(second.known)
    right = first.prediction == first.truth, second.prediction == second.truth
    only = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    p, reason = None, "objects of one group are not independent"
    if len(np.unique(units)) == len(units):
        reason = ""
        p = _binomial(*only)
    return {"p": p, "only_first": only[0], "only_second": only[1], "reason": reason}


def _binomial(first: int, second: int) -> float:
    """Return how probable a split as uneven is by chance."""
    from scipy.stats import binomtest

    return float(binomtest(first, first + second).pvalue) if first + second else 1.0


def _of_folds(
    folds: Mapping[str, Sequence[float]], first: str, second: str, metric: str, repeats: int
) -> "FoldsTest":
    larger = REGISTRY[metric].larger_is_better
    scores = folds.get(first, ()), folds.get(second, ())
    found = corrected_t(*scores, larger=larger, repeats=repeats)
    return {
        "difference": found.difference,
        "standard_error": found.standard_error,
        "t": found.t,
        "p": found.p,
        "folds": found.folds,
        "reason": found.reason,
    }


def _difference(
    kept: Mapping[str, Distribution], first: str, second: str, metric: str
) -> Distribution:
    """Return the paired difference on the same resamples, positive where the first is better."""
    sign = 1.0 if REGISTRY[metric].larger_is_better else -1.0
    one, two = kept[first], kept[second]
    return Distribution(
        sign * (one.value - two.value),
        sign * (one.resampled - two.resampled),
        sign * (one.left_out - two.left_out),
    )


def _pair(
    kept: Mapping[str, Distribution], first: str, second: str, rules: tuple[str, str, float]
) -> "ComparedModels":
    split, metric, margin = rules
    difference = _difference(kept, first, second, metric)
    low, high = interval(difference) or (None, None)
    known = bool(np.isfinite(difference.value))
    return {
        "model": first,
        "other": second,
        "split": split,
        "metric": metric,
        "difference": difference.value if known else None,
        "low": low,
        "high": high,
        "margin": margin,
        "verdict": verdict(difference.value, low, high, margin),
    }
