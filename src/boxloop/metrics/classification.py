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
    cells = np.zeros((len(truth), k * k), dtype=weight.dtype)
    cells[np.arange(len(truth)), truth * k + prediction] = 1
    return (weight @ cells).reshape(*weight.shape[:-1], k, k)


def accuracy(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Fraction of objects given their class."""
    return weighted.mean((truth == prediction).astype(float), weight)


def balanced_accuracy(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Mean over the classes of the fraction of their objects that is found."""
    return recall(truth, prediction, weight, k)


def recall(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Recall (sensitivity, completeness): found members of a class over its members."""
    matrix = confusion(truth, prediction, weight, k)
    hit, members = _diagonal(matrix), matrix.sum(axis=-1)
    return _macro(hit, members, members > 0)


def precision(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Precision (purity): true members among those said to be; 0 where none is said to be."""
    matrix = confusion(truth, prediction, weight, k)
    hit, named = _diagonal(matrix), matrix.sum(axis=-2)
    return _macro(hit, named, (matrix.sum(axis=-1) > 0) | (named > 0))


def specificity(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Specificity: objects outside a class and not put into it, over objects outside it."""
    matrix = confusion(truth, prediction, weight, k)
    total = matrix.sum(axis=(-2, -1))[..., None]
    members, named = matrix.sum(axis=-1), matrix.sum(axis=-2)
    outside, false = total - members, named - _diagonal(matrix)
    return _macro(outside - false, outside, (outside > 0) & (members + named > 0))


def f1_macro(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Harmonic mean of precision and recall of each class, averaged over the classes."""
    matrix = confusion(truth, prediction, weight, k)
    both = matrix.sum(axis=-1) + matrix.sum(axis=-2)
    return _macro(2 * _diagonal(matrix), both, both > 0)


def mcc(truth: "Codes", prediction: "Codes", weight: "Floats", k: int) -> "Floats":
    """Matthews correlation coefficient for any number of classes (Gorodkin 2004); 0 by chance."""
    matrix = confusion(truth, prediction, weight, k)
    true, named = matrix.sum(axis=-1), matrix.sum(axis=-2)
    total = true.sum(axis=-1)
    covariance = _diagonal(matrix).sum(axis=-1) * total - (true * named).sum(axis=-1)
    spread = (total**2 - (true**2).sum(axis=-1)) * (total**2 - (named**2).sum(axis=-1))
    return np.where(spread > 0, covariance / np.sqrt(np.maximum(spread, _TINY)), 0.0)


def roc_auc(truth: "Codes", prediction: "Floats", weight: "Floats", k: int) -> "Floats":
    """Area under the ROC curve of each class against the rest, averaged over the classes."""
    return _over_classes(_roc_auc, truth, prediction, weight, k)


def average_precision(truth: "Codes", prediction: "Floats", weight: "Floats", k: int) -> "Floats":
    """Precision averaged over the steps of recall, class against rest, averaged."""
    return _over_classes(_average_precision, truth, prediction, weight, k)


def log_loss(truth: "Codes", prediction: "Floats", weight: "Floats", k: int) -> "Floats":
    """Mean negative logarithm of the probability given to the true class."""
    epsilon = np.finfo(prediction.dtype).eps
    safe = np.clip(prediction, epsilon, 1 - epsilon)
    safe = safe / safe.sum(axis=1, keepdims=True)
    return weighted.mean(-np.log(safe[np.arange(len(truth)), truth]), weight)


def brier(truth: "Codes", prediction: "Floats", weight: "Floats", k: int) -> "Floats":
    """Brier score: squared distance of the probabilities from the truth, summed over classes."""
    return weighted.mean(((prediction - np.eye(k)[truth]) ** 2).sum(axis=1), weight)


def _diagonal(matrix: "Floats") -> "Floats":
    return np.diagonal(matrix, axis1=-2, axis2=-1)


def _macro(part: "Floats", whole: "Floats", counted: "NDArray[np.bool_]") -> "Floats":
    ratio = np.where(whole > 0, part / np.where(whole > 0, whole, 1), 0.0)
    return (ratio * counted).sum(axis=-1) / counted.sum(axis=-1)


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
