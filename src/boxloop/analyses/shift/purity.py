"""Purity of each class at the frequency that the class has where the model is used."""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.metrics import Judged, Resamples, interval, wilson
from boxloop.metrics.classification import confusion
from boxloop.metrics.interval import FEWEST, Distribution
from boxloop.metrics.prevalence import purity_at, rates

if TYPE_CHECKING:
    from boxloop.metrics.weighted import Floats
    from boxloop.results.common import Score
    from boxloop.results.shift import ClassPurity


def purity_table(
    judged: Judged, resamples: Resamples, prevalence: "Floats", training: "Floats"
) -> list["ClassPurity"]:
    """Return purity and completeness of every class.

    Purity is pi TPR / (pi TPR + (1 - pi) FPR) at the frequency pi of the class. The false positive
    rate is that of the other classes as they are mixed here; where few negatives were taken for
    members, the interval follows from Wilson's intervals of both rates.

    Parameters
    ----------
    judged : Judged
        The objects that results are shown for.
    resamples : Resamples
        Of their units.
    prevalence, training : ndarray, shape (k,)
        Where the model is used, and among the labelled objects.
    """
    k = len(judged.classes)
    matrix = confusion(judged.truth, judged.prediction, np.ones(len(judged.truth)), k)
    every = [matrix] + [
        np.concatenate([confusion(judged.truth, judged.prediction, w, k) for w in blocks])
        if resamples.n_units >= FEWEST
        else np.empty((0, k, k))
        for blocks in (resamples.bootstrap(), resamples.jackknife())
    ]
    found = _found(every, prevalence)
    rows: list[ClassPurity] = []
    for c, name in enumerate(judged.classes):
        members, named, hit = matrix[c].sum(), matrix[:, c].sum(), matrix[c, c]
        others, wrong = matrix.sum() - members, named - hit
        limits = {m: interval(found[c, m]) for m in ("purity", "completeness")}
        objects = resamples.n_units == len(resamples.unit)
        if members and others and objects and min(wrong, hit, members - hit) < FEWEST:
            true, false = wilson(hit, int(members)), wilson(wrong, int(others))
            pi = float(prevalence[c])
            low, high = purity_at([true[0], true[1]], [false[1], false[0]], pi)
            limits = {"purity": (float(low), float(high)), "completeness": true}
        rows.append(
            {
                "class": name,
                "prevalence": float(prevalence[c]),
                "training": float(training[c]),
                "n_members": int(members),
                "n_negatives": int(others),
                "n_false": int(wrong),
                "purity": _score(found[c, "purity"].value, limits["purity"], resamples.n_units),
                "completeness": _score(
                    found[c, "completeness"].value, limits["completeness"], resamples.n_units
                ),
            }
        )
    return rows


def _score(value: float, limits: tuple[float, float] | None, n: int) -> "Score":
    if not np.isfinite(value):
        reason = "not defined: no object is a member, or none is taken for one"
        return {"value": None, "low": None, "high": None, "n_units": n, "reason": reason}
    if limits is None or n < FEWEST:
        reason = f"no interval below {FEWEST} units" if n < FEWEST else "all resamples are equal"
        return {"value": value, "low": None, "high": None, "n_units": n, "reason": reason}
    low, high = (float(np.clip(x, 0, 1)) for x in limits)
    return {"value": value, "low": low, "high": high, "n_units": n, "reason": ""}


def _found(matrices: "list[Floats]", prevalence: "Floats") -> dict[tuple[int, str], Distribution]:
    """Return both scores of every class, of the data, the resamples and the jackknife."""
    completeness, purity = [], []
    for matrix in matrices:
        tpr, fpr = rates(matrix)
        completeness.append(tpr)
        known = np.isfinite(tpr) & np.isfinite(fpr)
        at = purity_at(np.where(known, tpr, 0), np.where(known, fpr, 0), prevalence)
        purity.append(np.where(known, at, np.nan))
    return {
        (c, name): Distribution(float(of[0][c]), of[1][:, c], of[2][:, c])
        for name, of in (("purity", purity), ("completeness", completeness))
        for c in range(len(prevalence))
    }
