"""Kinds of error by group: rates of each class, or bias and spread of a number."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from boxloop.metrics import Judged
from boxloop.metrics.simultaneous import simultaneous

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats
    from boxloop.results.groups import ClassErrors, NumberErrors, RateName

    Sums = tuple[Floats, Floats, Floats]

#: Rates of a class in a group, in this order wherever they are arrays.
RATES: "tuple[RateName, ...]" = ("selection_rate", "recall", "false_positive_rate")


def rates(confusion: "Floats") -> "Floats":
    """Return selection rate, recall and false-positive rate of each class from confusion matrices.

    Parameters
    ----------
    confusion : ndarray, shape (..., k, k)
        Rows are the truth.

    Returns
    -------
    ndarray, shape (..., k, 3)
        NaN where a rate is of no object.
    """
    total = confusion.sum(axis=(-2, -1))[..., None]
    hit = np.diagonal(confusion, axis1=-2, axis2=-1)
    members, named = confusion.sum(axis=-1), confusion.sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = (named / total, hit / members, (named - hit) / (total - members))
    return np.stack(pairs, axis=-1)


def errors_of(
    sums: "Sums", judged: Judged, codes: "NDArray[np.intp]", units: "NDArray[np.intp]"
) -> Sequence["dict[str, ClassErrors] | NumberErrors"]:
    """Return how each group errs.

    Parameters
    ----------
    sums : tuple of ndarray
        Over all units, resamples and jackknife sets, by group: cells of the confusion matrix
        (..., g, k * k), or count and sum of residuals (..., g, 2).
    judged : Judged
    codes : ndarray of int, shape (n,)
        The group of each object.
    units : ndarray of int, shape (g,)

    Returns
    -------
    list of dict
        For a classification by class: ``members``, ``share`` (true), the rates. For a regression
        ``bias`` {value, low, high} (mean of prediction minus truth; intervals hold together) and
        ``spread`` (its standard deviation), in the target's unit.
    """
    if judged.classes:
        return _of_classes(sums[0], judged.classes, len(units))
    away = judged.prediction - judged.truth
    spread = [_finite(away[codes == g].std()) for g in range(len(units))]
    return _of_numbers(sums, spread, units)


def _of_classes(
    cells: "Floats", classes: Sequence[str], groups: int
) -> list[dict[str, "ClassErrors"]]:
    k = len(classes)
    confusion = cells.reshape(groups, k, k)
    found: list[dict[str, ClassErrors]] = []
    for matrix, of_group in zip(confusion, rates(confusion), strict=True):
        members = matrix.sum(axis=1)
        total = matrix.sum()
        found.append(
            {
                name: {
                    "members": int(members[c]),
                    "share": float(members[c] / total) if total else None,
                    "selection_rate": _finite(of_group[c, 0]),
                    "recall": _finite(of_group[c, 1]),
                    "false_positive_rate": _finite(of_group[c, 2]),
                    "reason": _missing(members[c], total),
                }
                for c, name in enumerate(classes)
            }
        )
    return found


def _missing(members: float, total: float) -> str:
    if not members:
        return "no object of the class in this group"
    return "no object of another class in this group" if members == total else ""


def _of_numbers(
    sums: "Sums", spread: Sequence[float | None], units: "NDArray[np.intp]"
) -> list["NumberErrors"]:
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, resampled = (part[..., 1] / part[..., 0] for part in sums[:2])
    limits = simultaneous(mean, resampled, units)
    return [
        {
            "bias": {
                "value": _finite(mean[i]),
                "low": _finite(limits.low[i]),
                "high": _finite(limits.high[i]),
                "reason": "" if np.isfinite(limits.low[i]) else "too few units, or all equal",
            },
            "spread": spread[i],
        }
        for i in range(len(units))
    ]


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
