"""Metrics for a predicted class.

Functions of truth (n,), the code of the true class; prediction, either codes (n,) or probabilities
(n, k); weights (..., n); and the number of classes. Precision, recall, specificity, F1, the area
under the ROC curve and average precision are computed for each class against the rest and averaged
over the classes that occur (macro).
"""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.metrics import weighted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

    Codes = NDArray[np.intp]

_TINY = np.finfo(float).tiny


def confusion(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Confusion matrix (..., k, k): rows are the truth, columns the prediction."""
    cell, size = truth * k + prediction, k * k
    rows = weight.reshape(-1, weight.shape[-1])
    found = [np.bincount(cell, row, minlength=size) for row in rows]
    return np.array(found, dtype=float).reshape(*weight.shape[:-1], k, k)


def margins(matrix: "Floats") -> tuple["Floats", "Floats", "Floats"]:
    """Return what a class's scores are made of: hits, members and named, each (..., k)."""
    return np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-1), matrix.sum(axis=-2)


def accuracy(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Fraction of objects given their class."""
    return weighted.mean((truth == prediction).astype(float), weight)


def recall(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Recall (sensitivity, completeness): found members of a class over its members."""
    return macro("recall", *margins(confusion(truth, prediction, weight, k)))


def precision(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Precision (purity): true members among those said to be; 0 where none is said to be."""
    return macro("precision", *margins(confusion(truth, prediction, weight, k)))


def specificity(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Specificity: objects outside a class and not put into it, over objects outside it."""
    return macro("specificity", *margins(confusion(truth, prediction, weight, k)))


def f1_macro(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Harmonic mean of precision and recall of each class, averaged over the classes."""
    return macro("f1", *margins(confusion(truth, prediction, weight, k)))


def mcc(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Matthews correlation coefficient for any number of classes (Gorodkin 2004); 0 by chance."""
    return correlation(*margins(confusion(truth, prediction, weight, k)))


def correlation(hit: "Floats", members: "Floats", named: "Floats") -> "Floats":
    """Matthews coefficient of hits, members and named of all classes, each (..., k)."""
    total = members.sum(axis=-1)
    covariance = hit.sum(axis=-1) * total - (members * named).sum(axis=-1)
    spread = (total**2 - (members**2).sum(axis=-1)) * (total**2 - (named**2).sum(axis=-1))
    return np.where(spread > 0, covariance / np.sqrt(np.maximum(spread, _TINY)), 0.0)


def of_class(
    score: str, hit: "Floats", members: "Floats", named: "Floats"
) -> tuple["Floats", "Floats", "NDArray[np.bool_]"]:
    """Return a score of every class as part and whole (..., k), and whether the class counts.

    Parameters
    ----------
    score : {"precision", "recall", "f1", "specificity"}
    hit, members, named : ndarray, shape (..., k)
    """
    seen = members + named > 0
    if score == "recall":
        return hit, members, members > 0
    if score == "precision":
        return hit, named, seen
    if score == "f1":
        return 2 * hit, members + named, seen
    outside = members.sum(axis=-1)[..., None] - members
    return outside - (named - hit), outside, (outside > 0) & seen


def macro(score: str, hit: "Floats", members: "Floats", named: "Floats") -> "Floats":
    """Return the mean of a score over the classes that count."""
    part, whole, counted = of_class(score, hit, members, named)
    ratio = np.where(whole > 0, part / np.where(whole > 0, whole, 1), 0.0)
    return (ratio * counted).sum(axis=-1) / counted.sum(axis=-1)


def roc_auc(truth: "Codes", prediction: "Floats", weight: "Floats", k: int) -> "Floats":
    """Area under the ROC curve of each class against the rest, averaged over the classes."""
    return _over_classes(_roc_auc, truth, prediction, weight, k)


def average_precision(truth: "Codes", prediction: "Floats", weight: "Floats", k: int) -> "Floats":
    """Precision averaged over the steps of recall, class against rest, averaged."""
    return _over_classes(_average_precision, truth, prediction, weight, k)


def log_loss(truth: "Codes", prediction: "Floats", weight: "Floats", k: int) -> "Floats":
    """Mean negative logarithm of the probability given to the true class."""
    return weighted.mean(negative_log_probability(truth, prediction, k), weight)


def negative_log_probability(truth: "Codes", prediction: "Floats", k: int) -> "Floats":
    """Negative natural logarithm of the probability (n,) of each object's class."""
    epsilon = np.finfo(prediction.dtype).eps
    safe = np.clip(prediction, epsilon, 1 - epsilon)
    safe = safe / safe.sum(axis=1, keepdims=True)
    return -np.log(safe[np.arange(len(truth)), truth])


def brier(truth: "Codes", prediction: "Floats", weight: "Floats", k: int) -> "Floats":
    """Brier score: squared distance of the probabilities from the truth, summed over classes."""
    return weighted.mean(squared_distance(truth, prediction, k), weight)


def squared_distance(truth: "Codes", prediction: "Floats", k: int) -> "Floats":
    """Squared distance (n,) of each object's probabilities from its class."""
    return ((prediction - np.eye(k)[truth]) ** 2).sum(axis=1)


def _over_classes(
    score: object, truth: "Codes", prediction: "Floats", weight: "Floats", k: int
) -> "Floats":
    scores = np.array([score(truth == c, prediction[:, c], weight) for c in range(k)])  # type: ignore[operator]
    return np.nanmean(scores, axis=0)


def _ranked(
    member: "NDArray[np.bool_]", score: "Floats", weight: "Floats"
) -> tuple["Floats", "Floats"]:
    """Cumulated weights of members and others from the highest score down, at distinct scores."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    inside = np.cumsum(weight[..., order] * member[order], axis=-1)[..., last]
    outside = np.cumsum(weight[..., order] * ~member[order], axis=-1)[..., last]
    return inside, outside


def _roc_auc(member: "NDArray[np.bool_]", score: "Floats", weight: "Floats") -> "Floats":
    inside, outside = _ranked(member, score, weight)
    zero = np.zeros_like(inside[..., :1])
    area = np.trapezoid(np.concatenate([zero, inside], -1), np.concatenate([zero, outside], -1))
    whole = inside[..., -1] * outside[..., -1]
    return np.where(whole > 0, area / np.maximum(whole, _TINY), np.nan)


def _average_precision(member: "NDArray[np.bool_]", score: "Floats", weight: "Floats") -> "Floats":
    inside, outside = _ranked(member, score, weight)
    named = inside + outside
    purity = inside / np.where(named > 0, named, 1)
    steps = np.diff(inside, axis=-1, prepend=0)
    members = inside[..., -1]
    return np.where(members > 0, (purity * steps).sum(-1) / np.maximum(members, _TINY), np.nan)
