"""Maps that mend probabilities: known distortions, scikit-learn, laws."""

import json

import numpy as np
import pytest
from calibration_fixture import draw_classes, sharpened
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.metrics.calibration_line import fit_line, logits, newton_step, terms
from boxloop.metrics.recalibrate import METHODS, apply_map, learn_map, prior_of_balanced


def test_the_temperature_of_a_sharpened_model_is_found_again() -> None:
    probability, truth = draw_classes(np.random.default_rng(0), 40_000)
    for power in (0.5, 1.0, 3.0):
        mend = learn_map("temperature", truth, sharpened(probability, power))
        # Its standard error is about 1 % for so many objects.
        assert mend["temperature"] == pytest.approx(power, rel=0.04)
        assert np.abs(apply_map(mend, sharpened(probability, power)) - probability).max() < 0.03


def test_temperature_is_that_of_scikit_learn() -> None:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 3))
    y = (x @ [1.0, -1.0, 0.3] + rng.logistic(size=400) > 0) + 2 * (rng.random(400) < 0.2)
    y = np.minimum(y, 2)
    model = LogisticRegression(C=1e-3).fit(x[:100], y[:100])
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="temperature").fit(x, y)
    mend = learn_map("temperature", y, model.predict_proba(x))
    # scikit-learn stops at a tolerance of its own; ours is at the minimum.
    ours = apply_map(mend, model.predict_proba(x))
    np.testing.assert_allclose(ours, theirs.predict_proba(x), atol=1e-4)


def test_the_temperature_is_where_the_log_loss_is_least() -> None:
    probability, truth = draw_classes(np.random.default_rng(2), 500)
    mend = learn_map("temperature", truth, probability**2 / (probability**2).sum(1, keepdims=True))

    def loss(t: float) -> float:
        p = apply_map({**mend, "temperature": t}, sharpened(probability, 2.0))
        return float(-np.log(p[np.arange(500), truth]).mean())

    best = loss(mend["temperature"])
    assert best < min(loss(mend["temperature"] * f) for f in (0.99, 1.01))


def test_isotonic_of_two_classes_is_that_of_scikit_learn() -> None:
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(3)
    p = rng.random(2000)
    truth = (rng.random(2000) < p**2).astype(int)
    given_ = np.stack([1 - p, p], axis=1)
    mend = learn_map("isotonic", truth, given_)
    theirs = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(p, truth)
    inside = (theirs.predict(p) > 1e-3) & (theirs.predict(p) < 1 - 1e-3)
    ours = apply_map(mend, given_)[:, 1]
    np.testing.assert_allclose(ours[inside], theirs.predict(p)[inside], atol=1e-12)
    # And it finds the distortion again.
    assert np.abs(ours - p**2).mean() < 0.03


def test_no_frequency_becomes_impossible() -> None:
    truth = np.array([0] * 5 + [1] * 5)
    p = np.linspace(0, 1, 10)
    found = apply_map(learn_map("isotonic", truth, np.stack([1 - p, p], axis=1)), np.eye(2))
    np.testing.assert_allclose(found, [[11 / 12, 1 / 12], [1 / 12, 11 / 12]], atol=1e-12)


def test_the_prior_of_balanced_classes_is_taken_back_exactly() -> None:
    """Bayes by hand: with balanced classes 0.5 and 0.5 stands for the frequencies."""
    prior = prior_of_balanced(np.array([900.0, 100.0]))
    mend = learn_map("none", np.array([0]), np.array([[0.5, 0.5]]), prior)
    found = apply_map(mend, np.array([[0.5, 0.5], [0.1, 0.9]]))
    np.testing.assert_allclose(found, [[0.9, 0.1], [0.09 / 0.18, 0.09 / 0.18]], atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(METHODS), st.integers(0, 1000), st.booleans())
def test_a_map_survives_json_and_gives_probabilities_whatever_the_order(
    method: str, seed: int, with_prior: bool
) -> None:
    rng = np.random.default_rng(seed)
    probability, truth = draw_classes(rng, 60)
    prior = np.array([2.0, 0.5, 1.0]) if with_prior else None
    mend = learn_map(method, truth, probability, prior)
    found = apply_map(json.loads(json.dumps(mend, allow_nan=False)), probability)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)
    assert found.min() >= 0
    order = rng.permutation(60)
    again = learn_map(method, truth[order], probability[order], prior)
    np.testing.assert_allclose(apply_map(again, probability), found, atol=1e-9)
    if method == "temperature":
        assert (
            np.argsort(found, axis=1)
            == np.argsort(apply_map({**mend, "method": "none"}, probability), axis=1)
        ).all()


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_small_and_degenerate_lessons_give_a_map(method: str) -> None:
    for truth, p in (
        ([0], [[1.0, 0.0]]),
        ([0, 0], [[0.5, 0.5]] * 2),
        ([0, 1, 1], [[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]),
    ):
        mend = learn_map(method, np.array(truth), np.array(p))
        assert np.isfinite(apply_map(mend, np.array(p))).all()
    with pytest.raises(ValueError, match="expected objects"):
        learn_map(method, np.array([], int), np.zeros((0, 2)))


def test_the_line_is_the_logistic_regression_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    probability, truth = draw_classes(np.random.default_rng(5), 800)
    x, member = logits(sharpened(probability, 2.0)[:, 0]), (truth == 0).astype(float)
    line = fit_line(x, member)
    model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=500).fit(x[:, None], member)
    np.testing.assert_allclose(line, [model.intercept_[0], model.coef_[0, 0]], atol=1e-5)
    assert np.abs(terms(x, member, *line)[:, :2].sum(axis=0)).max() < 1e-8  # type: ignore[misc]


def test_one_step_is_nearly_the_line_of_a_resample() -> None:
    rng = np.random.default_rng(6)
    probability, truth = draw_classes(rng, 2000)
    x, member = logits(probability[:, 1]), (truth == 1).astype(float)
    line = np.array(fit_line(x, member))
    drawn = rng.integers(2000, size=2000)
    step = newton_step(terms(x, member, *line)[drawn].sum(axis=0))
    np.testing.assert_allclose(line + step, fit_line(x[drawn], member[drawn]), atol=0.01)


def test_there_is_no_line_where_there_can_be_none() -> None:
    x, member = np.linspace(-2, 2, 20), np.repeat([0.0, 1.0], 10)
    assert "separate" in fit_line(x, member)  # type: ignore[operator]
    assert "equal" in fit_line(np.zeros(20), member)  # type: ignore[operator]
    assert "none" in fit_line(x, np.zeros(20))  # type: ignore[operator]
