"""Scores of every class for itself, which the averages over the classes hide."""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.metrics import Judged, Resamples, interval, wilson
from boxloop.metrics.classification import of_class as parts_of
from boxloop.metrics.fast import label_columns, of_class
from boxloop.metrics.interval import FEWEST, Distribution, distributions

if TYPE_CHECKING:
    from boxloop.metrics.weighted import Floats
    from boxloop.results.details import ClassScore, PerClass

SCORES = ("precision", "recall", "f1", "specificity")
#: Scores that are proportions of objects, whose interval is Wilson's where events are few.
PROPORTIONS = ("precision", "recall", "specificity")


def per_class(judged: Judged, resamples: Resamples) -> dict[str, "PerClass"]:
    """Score each class against the rest.

    Parameters
    ----------
    judged : Judged
        Of a classification; predictions of all objects.
    resamples : Resamples
        Of the same objects.

    Returns
    -------
    dict
        By class: ``n`` (its objects), ``named`` (objects put into it), and ``precision, recall,
        f1, specificity`` {value, low, high, n (the objects that it is a fraction of), reason}.
    """
    k, n = len(judged.classes), len(judged.truth)
    columns = label_columns(judged.truth, judged.prediction, k)
    statistics = {(c, s): of_class(s, c, columns) for c in range(k) for s in SCORES}
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = distributions(statistics, resamples)
    sums = columns.sum(axis=0)
    hit, members, named = sums[:k], sums[k : 2 * k], sums[2 * k :]

    def score(c: int, name: str) -> "ClassScore":
        part, whole, _ = (x[c] for x in parts_of(name, hit, members, named))
        return _score(name, spread[c, name], part, whole, resamples.n_units < n, resamples)

    return {
        name: {
            "n": int(members[c]),
            "named": int(named[c]),
            "precision": score(c, "precision"),
            "recall": score(c, "recall"),
            "f1": score(c, "f1"),
            "specificity": score(c, "specificity"),
        }
        for c, name in enumerate(judged.classes)
    }


def _score(
    score: str,
    spread: Distribution,
    part: "Floats",
    whole: "Floats",
    grouped: bool,
    resamples: Resamples,
) -> "ClassScore":
    row: ClassScore = {"value": None, "low": None, "high": None, "n": int(whole), "reason": ""}
    if not whole:
        return {**row, "reason": "there is no object that it could be a fraction of"}
    row["value"] = float(part / whole)
    limits = interval(spread)
    few = not grouped and min(part, whole - part) < FEWEST
    if resamples.n_units < FEWEST:
        row["reason"] = f"no interval below {FEWEST} units"
    elif score in PROPORTIONS and few:
        row["low"], row["high"] = wilson(float(part), int(whole))
    elif limits is None:
        row["reason"] = "the resamples are all equal, or too few are finite"
    else:
        row["low"], row["high"] = limits
    return row
