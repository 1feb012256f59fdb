import numpy as np
import pytest
from domains import drawn

from boxloop.fitting.prior_shift import (
    Adjustment,
    Calibration,
    adjustment_of,
    black_box,
    calibrate,
    expectation_maximisation,
)

RATES = np.array([[0.9, 0.1], [0.2, 0.8]])


def plain_em(likelihood, start, steps=20_000):
    """Saerens's iteration, word by word."""
    now = start
    for _ in range(steps):
        posterior = likelihood * now / (likelihood @ now)[:, None]
        now = posterior.mean(axis=0)
    return now


def test_black_box_estimation_of_two_classes_is_the_hand_calculation():
    # Predicted share .55 with TPR .8 and FPR .1: (.55 - .1) / (.8 - .1) = 9/14.
    found, reason = black_box(100 * RATES, np.array([0.45, 0.55]))
    assert reason == ""
    assert found == pytest.approx([5 / 14, 9 / 14], abs=1e-12)


def test_black_box_estimates_are_frequencies_even_where_the_solution_is_none():
    found, _ = black_box(100 * RATES, np.array([1.0, 0.0]))
    assert found == pytest.approx([1.0, 0.0])


def test_a_confusion_matrix_without_an_inverse_has_a_reason():
    assert black_box(np.full((2, 2), 5.0), np.array([0.5, 0.5]))[0] is None
    found, reason = black_box(np.array([[5.0, 1.0], [0.0, 0.0]]), np.array([0.5, 0.5]))
    assert found is None and "no members" in reason


def test_expectation_maximisation_ends_where_the_plain_iteration_does():
    rng = np.random.default_rng(0)
    likelihood = rng.dirichlet(np.ones(4), 300) * np.array([1.0, 2.0, 0.5, 0.1])
    start = np.full(4, 0.25)
    found = expectation_maximisation(likelihood, start)
    assert found == pytest.approx(plain_em(likelihood, start), abs=1e-6)


def test_expectation_maximisation_of_a_perfect_model_counts():
    truth = np.array([0, 1, 1, 1])
    found = expectation_maximisation(np.eye(2)[truth], np.array([0.5, 0.5]))
    assert found == pytest.approx([0.25, 0.75], abs=1e-6)


def test_whole_weights_stand_for_repeated_objects():
    rng = np.random.default_rng(1)
    likelihood, weight = rng.dirichlet(np.ones(3), 60), rng.integers(0, 4, 60)
    start = np.full(3, 1 / 3)
    one = expectation_maximisation(likelihood, start, weight.astype(float))
    assert one == pytest.approx(
        expectation_maximisation(np.repeat(likelihood, weight, axis=0), start), abs=1e-6
    )


def test_calibration_mends_what_was_bent_and_gives_back_the_frequencies():
    rng = np.random.default_rng(2)
    truth, p = drawn(8000, 0.5, rng)
    bent = Calibration(1.5, np.array([0.0, 1.0]))(p)
    found = calibrate(bent, truth)
    assert found.slope == pytest.approx(1 / 1.5, rel=0.05)
    assert np.abs(found(bent) - p).mean() < 0.01
    assert found(bent).mean(axis=0) == pytest.approx(np.bincount(truth) / 8000, abs=1e-3)


def test_calibration_agrees_with_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(3)
    truth, p = drawn(500, 0.4, rng)
    found = calibrate(p, truth)
    # Two classes: the log-odds are linear in the logarithm of the ratio.
    ratio = np.log(p[:, 1] / p[:, 0])[:, None]
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(ratio, truth)
    assert found.slope == pytest.approx(model.coef_[0, 0], rel=1e-3)
    assert found.bias[1] - found.bias[0] == pytest.approx(model.intercept_[0], abs=1e-3)


def test_adjusted_probabilities_are_bayes_rule():
    adjustment = Adjustment(("a", "b"), Calibration(1.0, np.zeros(2)), np.array([0.5, 2.0]))
    found = adjustment(np.array([[0.8, 0.2], [np.nan, np.nan]]))
    assert found[0] == pytest.approx([0.4 / 0.8, 0.4 / 0.8])
    assert np.isnan(found[1]).all()


def test_an_adjustment_comes_back_from_its_file_and_none_is_none():
    content = {"classes": ["a", "b"], "slope": 1.5, "bias": [0.1, -0.1], "ratio": [1.0, 2.0]}
    found = adjustment_of({"prevalence": {"adjustment": content}})
    assert found is not None and found.classes == ("a", "b") and found.calibration.slope == 1.5
    assert adjustment_of({"prevalence": {"reason": "no classes"}}) is None
    assert adjustment_of({"findings": []}) is None
