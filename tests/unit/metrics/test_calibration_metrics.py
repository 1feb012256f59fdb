"""Calibration error and Brier's parts: hand calculations, laws, planted faults; purity."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, precision_score

from boxloop.metrics import Judged, Resamples, Score, scores
from boxloop.metrics.calibration_metrics import (
    BINS,
    brier_decomposition,
    ece,
    ece_limits,
    equal_mass,
)
from boxloop.metrics.classification import confusion
from boxloop.metrics.prevalence import purity_at, rates


def _calibrated(n: int, seed: int, k: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probability = rng.dirichlet(np.full(k, 0.7), n)
    truth = (rng.random((n, 1)) > np.cumsum(probability, axis=1)).sum(axis=1)
    return np.minimum(truth, k - 1), probability


def test_one_bin_by_hand() -> None:
    """Ten objects are one bin: confidence 0.8, accuracy 0.5, noise sqrt(0.25 / 10)."""
    truth = np.repeat([0, 1], 5)
    probability = np.tile([0.8, 0.2], (10, 1))
    drawn = np.random.default_rng(0).normal(-0.3, np.sqrt(0.25 / 10), 2_000_000)
    expected = 2 * 0.3 - np.abs(drawn).mean()
    assert ece(truth, probability, np.ones(10), 2) == pytest.approx(expected, abs=5e-4)


def test_many_bins_by_hand() -> None:
    """Bins of equal mass, and the debiasing by draws as in the authors' own code."""
    truth, probability = _calibrated(600, 1)
    rng = np.random.default_rng(2)
    confidence, hit = probability.max(axis=1), probability.argmax(axis=1) == truth
    order = np.argsort(confidence)
    expected = 0.0
    for start, stop in pairwise(np.linspace(0, 600, BINS + 1).astype(int)):
        rows = order[start:stop]
        mean, accuracy = confidence[rows].mean(), hit[rows].mean()
        sigma = np.sqrt(accuracy * (1 - accuracy) / len(rows))
        gap = abs(mean - accuracy)
        drawn = np.abs(rng.normal(accuracy, sigma, 200_000) - mean).mean()
        expected += len(rows) / 600 * (2 * gap - drawn)
    assert ece(truth, probability, np.ones(600), 3) == pytest.approx(expected, abs=2e-4)


def test_of_pure_noise_the_known_share_stays() -> None:
    """Of a gap that is all noise, E(2 |d| - E|N(d, s)|) is 2 - sqrt(2) of E|d|."""
    found, plain = [], []
    for seed in range(60):
        truth, probability = _calibrated(1500, seed)
        found.append(float(ece(truth, probability, np.ones(1500), 3)))
        hit, top = probability.argmax(axis=1) == truth, probability.max(axis=1)
        gaps = np.bincount(equal_mass(top, BINS), top - hit) / 1500
        plain.append(np.abs(gaps).sum())
    error = np.std(np.array(found) / np.mean(plain)) / np.sqrt(60)
    assert np.mean(found) / np.mean(plain) == pytest.approx(2 - np.sqrt(2), abs=3 * error)


def test_an_overconfident_model_has_the_error_that_was_planted() -> None:
    rng = np.random.default_rng(3)
    confidence = rng.uniform(0.7, 0.99, 20_000)
    truth = (rng.random(20_000) > confidence - 0.15).astype(int)
    probability = np.stack([confidence, 1 - confidence], axis=1)
    assert ece(truth, probability, np.ones(20_000), 2) == pytest.approx(0.15, abs=0.01)


def _scored(truth: np.ndarray, probability: np.ndarray, units: np.ndarray) -> Score:
    judged = Judged(truth, probability.argmax(axis=1), probability, ("a", "b", "c"))
    resamples = Resamples(units, 0, "x")
    return scores({"": judged}, resamples, "classification", names=["ece"])[0][""]["ece"]


@pytest.mark.parametrize("sharpened", [1.0, 1.6], ids=["calibrated", "overconfident"])
def test_the_interval_of_the_error_covers_it_as_often_as_it_says(sharpened: float) -> None:
    """Bias alone, about the size of the interval here, would make a bootstrap's miss it."""

    def predicted(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        truth, probability = _calibrated(n, seed)
        sharper = probability**sharpened
        return truth, sharper / sharper.sum(axis=1, keepdims=True)

    known = float(ece(*predicted(400_000, 999), np.ones(400_000), 3))
    covered = 0
    for seed in range(20):
        found = _scored(*predicted(400, seed), np.arange(400))
        assert found.low is not None and found.high is not None
        covered += found.low <= known <= found.high
    assert covered >= 17  # 19 expected; two standard errors


def test_the_error_of_objects_in_groups_has_no_interval_but_a_reason() -> None:
    found = _scored(*_calibrated(200, 0), np.arange(200) // 4)
    assert found.value is not None and found.low is None and "groups" in found.reason


def test_the_cautious_end_is_the_mean_over_halves_of_the_data() -> None:
    """One bin: the sign of one half times the size of the other, drawn."""
    truth, probability = np.repeat([0, 1], [7, 3]), np.tile([0.8, 0.2], (10, 1))
    sigma = np.sqrt(0.7 * 0.3 / 10)
    e = np.random.default_rng(0).normal(0, sigma, 2_000_000)
    gap = 0.8 - 0.7
    expected = np.mean(np.sign(gap + e) * (gap - e))
    low, high = ece_limits(truth, probability, -1.0, 1.0)
    assert low - 1 == pytest.approx(expected, abs=5e-4) and high + 1 == pytest.approx(gap)


@given(st.integers(0, 1000), st.integers(1, 30))
def test_brier_parts_add_up_and_do_not_depend_on_the_order(seed: int, bins: int) -> None:
    truth, probability = _calibrated(200, seed)
    probability = np.round(probability, 1)
    found = brier_decomposition(truth, probability, bins)
    total = found.reliability - found.resolution + found.uncertainty
    total += found.within_variance - found.within_covariance
    assert total == pytest.approx(found.brier, abs=1e-12)
    order = np.random.default_rng(seed).permutation(200)
    again = brier_decomposition(truth[order], probability[order], bins)
    assert vars(again) == pytest.approx(vars(found), abs=1e-12)


def test_brier_parts_by_hand() -> None:
    """Four objects at 0.25, one a member, and four at 0.75, all members: two classes."""
    probability = np.repeat([0.25, 0.75], 4)
    truth = np.array([1, 0, 0, 0, 1, 1, 1, 1])
    found = brier_decomposition(truth, np.stack([1 - probability, probability], axis=1), 2)
    assert found.reliability == pytest.approx(2 * (0.5 * 0 + 0.5 * 0.25**2))
    assert found.resolution == pytest.approx(2 * 0.375**2)
    assert found.uncertainty == pytest.approx(2 * 0.625 * 0.375)
    assert found.within_variance == found.within_covariance == 0
    assert found.brier == pytest.approx(2 * brier_score_loss(truth, probability), abs=1e-12)


def test_bins_hold_equally_many_and_equal_values_stay_together() -> None:
    assert np.bincount(equal_mass(np.random.default_rng(0).random(90), 9)).tolist() == [10] * 9
    assert len(set(equal_mass(np.array([0.1, 0.5, 0.5, 0.5, 0.5, 0.9]), 6)[1:5])) == 1


def test_nothing_to_decompose_is_refused() -> None:
    with pytest.raises(ValueError, match="found 0 and 5"):
        brier_decomposition(np.array([], int), np.empty((0, 2)), 5)


def test_purity_at_the_samples_own_prevalence_is_the_precision() -> None:
    truth, probability = _calibrated(500, 4)
    named = probability.argmax(axis=1)
    tpr, fpr = rates(confusion(truth, named, np.ones(500), 3))
    own = np.bincount(truth, minlength=3) / 500
    theirs = precision_score(truth, named, average=None)
    assert purity_at(tpr, fpr, own) == pytest.approx(theirs, abs=1e-12)


def test_purity_of_a_rare_class_by_hand() -> None:
    """At one in a thousand, 99 % found and 1 % of the others taken for members: 9 % are right."""
    assert purity_at(0.99, 0.01, 0.001) == pytest.approx(0.00099 / (0.00099 + 0.00999))
    assert np.isnan(purity_at(0.0, 0.0, 0.5))


@pytest.mark.parametrize("wrong", [(1.2, 0.1, 0.5), (0.9, -0.1, 0.5), (0.9, 0.1, 3.0)])
def test_rates_are_fractions(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="expected a fraction"):
        purity_at(*wrong)


def test_a_class_without_members_has_no_rate_of_finding() -> None:
    tpr, fpr = rates(np.array([[3.0, 1.0], [0.0, 0.0]]))
    assert np.isnan(tpr[1]) and fpr[1] == 0.25 and np.isnan(fpr[0])
