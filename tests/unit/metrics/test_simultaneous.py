"""Intervals that hold together: their coverage, exact cases, and Holm's correction."""

import numpy as np
import pytest
from scipy import stats

from boxloop.metrics.simultaneous import holm, proportion, proportions_apart, simultaneous


def _means(groups: int, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Means of groups of skewed numbers about zero, and 400 bootstrap resamples of them."""
    values = rng.gamma(4.0, 1.0, (groups, size)) - 4.0
    drawn = rng.integers(0, size, (400, size))
    return values.mean(axis=1), values[:, drawn].mean(axis=2).T


@pytest.mark.parametrize(("groups", "size"), [(1, 30), (5, 30), (12, 60)])
def test_all_intervals_hold_together_with_the_nominal_frequency(groups: int, size: int) -> None:
    rng = np.random.default_rng(groups)
    trials, held = 400, 0
    for _ in range(trials):
        value, resampled = _means(groups, size, rng)
        found = simultaneous(value, resampled, np.full(groups, size))
        held += bool(((found.low <= 0) & (found.high >= 0)).all())
    # Three standard errors, and a little for skewed means of few objects.
    assert held / trials > 0.95 - 3 * np.sqrt(0.95 * 0.05 / trials) - 0.01


def test_one_estimate_has_students_interval() -> None:
    rng = np.random.default_rng(0)
    sample = rng.normal(2.0, 1.0, 25)
    resampled = sample[rng.integers(0, 25, (40_000, 25))].mean(axis=1)[:, None]
    found = simultaneous(np.array([sample.mean()]), resampled, np.array([25]))
    half = stats.t.ppf(0.975, 24) * sample.std(ddof=1) / 5
    assert found.high[0] - sample.mean() == pytest.approx(half, rel=0.03)
    assert found.p[0] == pytest.approx(stats.ttest_1samp(sample, 0).pvalue, rel=1.0)


def test_independent_estimates_get_sidaks_critical_value() -> None:
    resampled = np.random.default_rng(1).normal(size=(50_000, 6))
    found = simultaneous(np.zeros(6), resampled, np.full(6, 10**6))
    assert found.critical == pytest.approx(stats.norm.isf((1 - 0.95 ** (1 / 6)) / 2), rel=0.02)


def test_equal_estimates_cost_nothing() -> None:
    resampled = np.repeat(np.random.default_rng(2).normal(size=(50_000, 1)), 6, axis=1)
    found = simultaneous(np.zeros(6), resampled, np.full(6, 10**6))
    assert found.critical == pytest.approx(1.96, rel=0.02)


def test_estimates_without_spread_or_units_have_no_interval() -> None:
    resampled = np.random.default_rng(3).normal(size=(500, 4))
    resampled[:, 1], resampled[:, 2] = 1.0, np.nan
    found = simultaneous(np.zeros(4), resampled, np.array([50, 50, 50, 9]))
    assert np.isfinite(found.low).tolist() == [True, False, False, False]
    nothing = simultaneous(np.zeros(2), np.zeros((0, 2)), np.array([50, 50]))
    assert np.isnan(nothing.low).all() and np.isnan(nothing.critical)


def test_differences_of_few_events_are_those_of_newcombes_paper() -> None:
    """Newcombe (1998), table II: 56/70 against 48/80 and 10/10 against 0/10, method 10."""
    low, high, _ = proportions_apart((56, 70), (48, 80), 0.05)
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    low, high, p = proportions_apart((10, 10), (0, 10), 0.05)
    assert (low, high) == pytest.approx((0.6075, 1.0), abs=1e-4)
    assert p == pytest.approx(stats.fisher_exact([[10, 0], [0, 10]]).pvalue)


def test_wilsons_interval_is_that_of_scipy_and_exists_without_events() -> None:
    low, high = proportion(0, 20, 0.05)
    z = stats.norm.isf(0.025)
    assert (low, high) == pytest.approx((0.0, z**2 / (20 + z**2)), abs=1e-12)


def test_holm_is_that_of_a_hand_calculation() -> None:
    """Of .01, .04, .03, .005 and one that is missing: 4 x .005, 3 x .01, 2 x .03, then not less."""
    found = holm([0.01, 0.04, np.nan, 0.03, 0.005])
    np.testing.assert_allclose(found, [0.03, 0.06, np.nan, 0.06, 0.02], atol=1e-15)
    assert holm([]).size == 0 and holm([0.9, 0.8]).tolist() == [1.0, 1.0]
