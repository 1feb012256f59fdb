"""Every metric of the registry against a library or a hand calculation, with and without weights.

A metric without an entry in REFERENCES fails.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import sklearn.metrics as sk
from scipy import special, stats

from boxloop.metrics import REGISTRY, Judged, Mixture, statistic
from boxloop.metrics.calibration_metrics import BINS
from boxloop.metrics.predictive import NOMINAL

Reference = Callable[[Judged, np.ndarray], float]


def _again(judged: Judged, weight: np.ndarray) -> Judged:
    """The objects, each as often as its weight says."""
    return judged.take(np.repeat(np.arange(len(weight)), weight.astype(int)))


def _labels(score: Callable, **options: object) -> Reference:
    return lambda j, w: score(j.truth, j.prediction, sample_weight=w, **options)


def _specificity(judged: Judged, weight: np.ndarray) -> float:
    return np.mean(
        [
            sk.recall_score(judged.truth != c, judged.prediction != c, sample_weight=weight)
            for c in range(len(judged.classes))
        ]
    )


def _roc_auc(judged: Judged, weight: np.ndarray) -> float:
    two = len(judged.classes) == 2
    score = judged.probability[:, 1] if two else judged.probability
    options = {} if two else {"multi_class": "ovr"}
    return sk.roc_auc_score(judged.truth, score, sample_weight=weight, **options)


def _average_precision(judged: Judged, weight: np.ndarray) -> float:
    members = np.eye(len(judged.classes))[judged.truth]
    return sk.average_precision_score(members, judged.probability, sample_weight=weight)


def _ece(judged: Judged, weight: np.ndarray) -> float:
    """Bins of equally many objects by hand; what noise adds from scipy's folded normal."""
    judged = _again(judged, weight)
    confidence, hit = judged.probability.max(1), judged.probability.argmax(1) == judged.truth
    values, counts = np.unique(confidence, return_counts=True)
    place = (np.cumsum(counts) - counts / 2) / counts.sum() * min(BINS, counts.sum() // 20)
    edges = [values[np.floor(place) == b].min() for b in np.unique(np.floor(place))]
    found = 0.0
    for low, high in pairwise([*edges, np.inf]):
        rows = (confidence >= low) & (confidence < high)
        n, accuracy = rows.sum(), hit[rows].mean()
        gap = abs(confidence[rows].mean() - accuracy)
        sigma = np.sqrt(accuracy * (1 - accuracy) / n)
        noisy = stats.foldnorm.mean(gap / sigma, scale=sigma) if sigma else gap
        found += n / len(hit) * (2 * gap - noisy)
    return found


def _scaled(judged: Judged) -> np.ndarray:
    return (judged.prediction - judged.truth) / (1 + judged.truth)


def _median_deviation(values: Callable[[Judged], np.ndarray], scale: float) -> Reference:
    return lambda j, w: stats.median_abs_deviation(values(_again(j, w)), scale=scale)


def _chi2(judged: Judged, weight: np.ndarray) -> float:
    away = judged.prediction - judged.truth
    sigma = np.where(away < 0, judged.error[:, 0], judged.error[:, 1])
    known = np.isfinite(judged.error).all(axis=1)
    return np.average((away / sigma)[known] ** 2, weights=weight[known])


def _cumulative(judged: Judged) -> np.ndarray:
    m = judged.mixture
    return (m.weight * stats.norm.cdf(judged.truth[:, None], m.mean, m.sigma)).sum(axis=1)


def _nll(judged: Judged, weight: np.ndarray) -> float:
    m = judged.mixture
    log = stats.norm.logpdf(judged.truth[:, None], m.mean, m.sigma)
    return np.average(-special.logsumexp(log, axis=1, b=m.weight), weights=weight)


def _crps(judged: Judged, weight: np.ndarray) -> float:
    """Mean distance from the truth less half that of two draws, by scipy's folded normal."""
    m = judged.mixture

    def distance(mean: np.ndarray, sigma: np.ndarray) -> np.ndarray:
        return stats.foldnorm.mean(np.abs(mean) / sigma, scale=sigma)

    from_truth = (m.weight * distance(judged.truth[:, None] - m.mean, m.sigma)).sum(axis=1)
    pairs = m.weight[:, :, None] * m.weight[:, None, :]
    apart = m.mean[:, :, None] - m.mean[:, None, :]
    between = distance(apart, np.hypot(m.sigma[:, :, None], m.sigma[:, None, :]))
    return np.average(from_truth - 0.5 * (pairs * between).sum(axis=(1, 2)), weights=weight)


def _covered(judged: Judged, weight: np.ndarray) -> float:
    tail = (1 - NOMINAL) / 2
    below = _cumulative(judged)
    return np.average((below >= tail) & (below <= 1 - tail), weights=weight)


REFERENCES: dict[str, Reference] = {
    "accuracy": _labels(sk.accuracy_score),
    "balanced_accuracy": _labels(sk.balanced_accuracy_score),
    "f1_macro": _labels(sk.f1_score, average="macro"),
    "precision": _labels(sk.precision_score, average="macro"),
    "recall": _labels(sk.recall_score, average="macro"),
    "specificity": _specificity,
    "mcc": _labels(sk.matthews_corrcoef),
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "log_loss": lambda j, w: sk.log_loss(j.truth, j.probability, sample_weight=w),
    "brier": lambda j, w: sk.brier_score_loss(
        j.truth,
        j.probability if len(j.classes) > 2 else j.probability[:, 1],
        sample_weight=w,
        scale_by_half=False,
    ),
    "ece": _ece,
    "mse": _labels(sk.mean_squared_error),
    "rmse": _labels(sk.root_mean_squared_error),
    "mae": _labels(sk.mean_absolute_error),
    "median_squared_error": lambda j, w: np.median(
        (_again(j, w).prediction - _again(j, w).truth) ** 2
    ),
    "mad": _median_deviation(lambda j: j.prediction - j.truth, 1.0),
    "r2": _labels(sk.r2_score),
    "nmad": _median_deviation(_scaled, 1 / 1.4826),
    "bias": lambda j, w: np.average(_scaled(j), weights=w),
    "outlier_fraction": lambda j, w: np.average(np.abs(_scaled(j)) > 0.15, weights=w),
    "chi2": _chi2,
    "nll": _nll,
    "crps": _crps,
    "pit": lambda j, w: stats.kstest(_cumulative(_again(j, w)), "uniform").statistic,
    "coverage": _covered,
}


def _classes(k: int) -> Judged:
    rng = np.random.default_rng(k)
    truth = rng.integers(0, k, 400)
    probability = rng.dirichlet(np.ones(k), 400)
    probability[np.arange(400), truth] += 0.5
    probability = np.round(probability / probability.sum(axis=1, keepdims=True), 2)
    probability /= probability.sum(axis=1, keepdims=True)
    return Judged(truth, probability.argmax(1), probability, tuple("abcd"[:k]))


def _numbers(components: int) -> Judged:
    rng = np.random.default_rng(components)
    truth = rng.gamma(2, 0.3, 401)
    prediction = truth + 0.1 * rng.standard_t(3, 401)
    error = np.where(rng.random((401, 2)) < 0.1, np.nan, rng.uniform(0.02, 0.1, (401, 2)))
    shape = (401, components)
    mean = prediction[:, None] + rng.normal(0, 0.1, shape)
    mixture = Mixture(rng.dirichlet(np.ones(components), 401), mean, rng.uniform(0.05, 0.3, shape))
    return Judged(truth, prediction, error=error, mixture=mixture)


@pytest.mark.parametrize("weighted", [False, True], ids=["", "weighted"])
@pytest.mark.parametrize("size", [2, 3], ids=["two", "three"])
@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_metric_is_that_of_its_reference(name: str, size: int, weighted: bool) -> None:
    """Two or three classes; mixtures of two or three components."""
    metric = REGISTRY[name]
    judged = _classes(size) if metric.task == "classification" else _numbers(size)
    n = len(judged.truth)
    weight = np.random.default_rng(9).integers(0, 4, n).astype(float) if weighted else np.ones(n)
    function = statistic(metric, judged)
    assert function is not None
    expected = REFERENCES[name](judged, weight)
    assert float(function(weight)) == pytest.approx(expected, abs=1e-12, rel=1e-12)


def test_no_reference_is_left_of_a_metric_that_is_gone() -> None:
    assert set(REFERENCES) == set(REGISTRY)
