"""Predicted distributions: their metrics against scipy, closed forms, simulation and limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from boxloop.metrics import Judged, Mixture, Resamples, scores, value
from boxloop.metrics.predictive import NOMINAL


def _mixture(n: int = 200, k: int = 3, seed: int = 0) -> Mixture:
    rng = np.random.default_rng(seed)
    shape = (n, k)
    return Mixture(
        rng.dirichlet(np.ones(k), n), rng.normal(0, 2, shape), rng.uniform(0.2, 1.5, shape)
    )


def _draw(mixture: Mixture, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n = len(mixture.weight)
    part = (rng.random((n, 1)) > np.cumsum(mixture.weight, axis=1)).sum(axis=1)
    rows = np.arange(n)
    return rng.normal(mixture.mean[rows, part], mixture.sigma[rows, part])


def _judged(truth: np.ndarray, mixture: Mixture) -> Judged:
    return Judged(truth, mixture.quantile(0.5), mixture=mixture)


def _normal(mean: np.ndarray, sigma: float) -> Mixture:
    column = mean[:, None]
    return Mixture(np.ones_like(column), column, np.full_like(column, sigma))


def test_density_and_probability_of_one_component_are_scipys() -> None:
    mixture, at = _mixture(k=1), np.random.default_rng(2).normal(0, 3, 200)
    theirs = stats.norm(mixture.mean[:, 0], mixture.sigma[:, 0])
    np.testing.assert_allclose(mixture.log_density(at), theirs.logpdf(at), rtol=1e-10)
    np.testing.assert_allclose(mixture.cumulative(at), theirs.cdf(at), atol=1e-12)
    np.testing.assert_allclose(mixture.quantile(0.3), theirs.ppf(0.3), rtol=1e-9, atol=1e-9)


def test_a_quantile_is_where_the_probability_reaches_its_level() -> None:
    mixture = _mixture()
    for level in (0.01, 0.5, 0.9):
        np.testing.assert_allclose(mixture.cumulative(mixture.quantile(level)), level, atol=1e-9)


def test_the_density_far_from_all_components_has_a_finite_logarithm() -> None:
    mixture = _normal(np.zeros(1), 0.001)
    assert mixture.log_density(np.array([10.0]))[0] == pytest.approx(-5e7, rel=1e-3)


def test_the_score_of_one_gaussian_is_the_known_closed_form() -> None:
    truth, mean, sigma = np.array([0.3, 1.0, -2.0]), np.array([0.0, 1.0, 1.5]), 0.7
    z = (truth - mean) / sigma
    known = sigma * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - np.pi**-0.5)
    found = value("crps", _judged(truth, _normal(mean, sigma)))
    assert found == pytest.approx(known.mean(), abs=1e-12)


def test_the_score_of_a_mixture_is_the_integral_of_the_squared_step() -> None:
    mixture, truth = _mixture(3), np.array([0.4, -2.0, 3.0])
    for i in range(3):
        one = mixture.take(np.array([i]))

        def squared(x: float, one: Mixture = one, y: float = truth[i]) -> float:
            return float((one.cumulative(np.array([x]))[0] - (x >= y)) ** 2)

        known, _ = integrate.quad(squared, -20, 20, points=[truth[i]], limit=500)
        assert value("crps", _judged(truth[i : i + 1], one)) == pytest.approx(known, abs=1e-6)


def test_the_score_of_distributions_without_width_is_the_mean_absolute_error() -> None:
    rng = np.random.default_rng(3)
    truth, mean = rng.normal(size=100), rng.normal(size=100)
    narrow = _judged(truth, _normal(mean, 1e-9))
    assert value("crps", narrow) == pytest.approx(value("mae", narrow), abs=1e-7)


def test_the_likelihood_is_scipys() -> None:
    truth = np.array([0.1, 0.2])
    found = value("nll", _judged(truth, _normal(np.zeros(2), 0.5)))
    assert found == pytest.approx(-stats.norm.logpdf(truth, 0, 0.5).mean(), abs=1e-12)


def test_the_distance_from_uniform_is_scipys_kolmogorov_smirnov() -> None:
    mixture = _mixture()
    truth = np.random.default_rng(4).normal(0.5, 2, 200)
    known = stats.kstest(mixture.cumulative(truth), "uniform").statistic
    assert value("pit", _judged(truth, mixture)) == pytest.approx(known, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 4))
def test_distributions_that_made_the_truth_are_honest(seed: int, k: int) -> None:
    """Bounds that chance passes once in a million draws."""
    mixture = _mixture(2000, k, seed)
    judged = _judged(_draw(mixture, seed + 1), mixture)
    assert value("pit", judged) < 2.7 / np.sqrt(2000)
    assert value("coverage", judged) == pytest.approx(
        NOMINAL, abs=5 * np.sqrt(NOMINAL * (1 - NOMINAL) / 2000)
    )


@pytest.mark.parametrize(("factor", "covers"), [(0.5, 0.383), (2.0, 0.954)])
def test_too_narrow_and_too_wide_distributions_cover_less_and_more(
    factor: float, covers: float
) -> None:
    truth = np.random.default_rng(5).normal(size=20_000)
    judged = _judged(truth, _normal(np.zeros(20_000), factor))
    assert value("coverage", judged) == pytest.approx(covers, abs=0.015)
    assert value("pit", judged) > 0.1


def test_the_true_distribution_has_the_best_likelihood_and_score() -> None:
    truth = np.random.default_rng(6).normal(size=5000)
    for metric in ("nll", "crps"):
        found = {
            s: value(metric, _judged(truth, _normal(np.zeros(5000), s))) for s in (0.7, 1, 1.4)
        }
        assert min(found, key=lambda s: found[s]) == 1, metric


def test_scaling_the_unit_scales_the_score_and_shifts_the_likelihood() -> None:
    mixture = _mixture()
    truth = _draw(mixture)
    other = Mixture(mixture.weight, mixture.mean * 10, mixture.sigma * 10)
    one, ten = _judged(truth, mixture), _judged(truth * 10, other)
    assert value("crps", ten) == pytest.approx(10 * value("crps", one), rel=1e-9)
    assert value("nll", ten) == pytest.approx(value("nll", one) + np.log(10), rel=1e-9)
    assert value("pit", ten) == pytest.approx(value("pit", one), abs=1e-12)


def test_residuals_are_counted_in_the_error_on_the_side_of_the_prediction() -> None:
    truth, prediction = np.zeros(4), np.array([0.2, -0.2, 3.0, 1.0])
    error = np.array([[9.0, 0.1], [0.4, 9.0], [1.0, 0.0], [1.0, np.nan]])
    judged = Judged(truth, prediction, error=error)
    assert value("chi2", judged) == pytest.approx((2.0**2 + 0.5**2) / 2)


def test_noise_of_the_stated_size_gives_one() -> None:
    rng = np.random.default_rng(7)
    sigma = rng.uniform(0.1, 2, 40_000)
    judged = Judged(np.zeros(40_000), rng.normal(0, sigma), error=np.stack([sigma, sigma], 1))
    assert value("chi2", judged) == pytest.approx(1, abs=5 * np.sqrt(2 / 40_000))


def _score(judged: Judged, metric: str):
    units = np.arange(len(judged.truth))
    return scores({"m": judged}, Resamples(units, 0, "x"), "regression")[0]["m"][metric]


def test_objects_without_an_error_are_left_out_and_counted() -> None:
    rng = np.random.default_rng(8)
    truth, error = rng.normal(size=50), np.ones((50, 2))
    error[:8] = np.nan
    found = _score(Judged(truth, truth + rng.normal(size=50), error=error), "chi2")
    assert (found.n_units, found.left_out) == (42, 8)
    assert found.low < found.value < found.high


@pytest.mark.parametrize(
    ("error", "reason"),
    [(None, "the target has no error"), (np.zeros((20, 2)), "no object has a positive error")],
)
def test_without_errors_there_is_a_reason(error: np.ndarray | None, reason: str) -> None:
    truth = np.arange(20.0)
    found = _score(Judged(truth, truth + 1, error=error), "chi2")
    assert found.value is None and reason in found.reason


def test_a_model_without_distributions_says_so() -> None:
    truth = np.arange(20.0)
    for metric in ("nll", "crps", "pit", "coverage"):
        found = _score(Judged(truth, truth), metric)
        assert found.value is None and found.reason == "the model gives no distribution"
