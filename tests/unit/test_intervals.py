"""Intervals: coverage by simulation, another implementation, units, verdicts."""

import numpy as np
import pytest
from scipy import stats

from boxloop.metrics import Judged, Resamples, distribution, interval, scores, verdict, wilson
from boxloop.metrics.interval import Distribution


def _mean_interval(values: np.ndarray, units: np.ndarray, seed: int) -> tuple[float, float]:
    found = distribution(lambda w: w @ values / w.sum(-1), Resamples(units, seed, "test"))
    limits = interval(found)
    assert limits is not None
    return limits


def test_intervals_agree_with_scipys_bca() -> None:
    values = np.random.default_rng(0).exponential(size=150)
    ours = _mean_interval(values, np.arange(150), 1)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="BCa", rng=1
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.02)


@pytest.mark.parametrize("grouped", [False, True], ids=["objects", "groups"])
def test_intervals_cover_the_truth_as_often_as_they_say(grouped: bool) -> None:
    """95 % nominal; 200 data sets give a Monte-Carlo error of 1.5 %."""
    rng = np.random.default_rng(2)
    covered = 0
    for seed in range(200):
        units = np.repeat(np.arange(60), 5) if grouped else np.arange(120)
        shared = rng.normal(size=60)[units] if grouped else 0.0
        values = shared + rng.normal(size=len(units))
        low, high = _mean_interval(values, units, seed)
        covered += low <= 0 <= high
    assert 0.90 <= covered / 200 <= 0.985


def test_ignoring_groups_would_give_too_short_an_interval() -> None:
    units = np.repeat(np.arange(30), 20)
    values = np.random.default_rng(3).normal(size=30)[units]
    by_unit, by_object = (
        _mean_interval(values, units, 0),
        _mean_interval(values, np.arange(600), 0),
    )
    assert np.diff(by_unit) > 3 * np.diff(by_object)


def test_wilson_equals_scipy() -> None:
    for events, n in [(0, 20), (3, 50), (50, 50)]:
        theirs = stats.binomtest(events, n).proportion_ci(0.95, method="wilson")
        assert wilson(events, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_few_units_get_a_value_and_a_reason_but_no_interval() -> None:
    judged = Judged(np.arange(9.0), np.arange(9.0) + 0.1)
    every, _ = scores({"m": judged}, Resamples(np.arange(9), 0, "x"), "regression")
    found = every["m"]
    assert found["mae"].value == pytest.approx(0.1)
    assert found["mae"].low is None and "10 units" in found["mae"].reason


def test_few_outliers_get_wilsons_interval() -> None:
    truth = np.zeros(200)
    prediction = np.where(np.arange(200) < 3, 1.0, 0.01)
    judged = {"m": Judged(truth, prediction)}
    every, _ = scores(judged, Resamples(np.arange(200), 0, "x"), "regression")
    score = every["m"]["outlier_fraction"]
    assert (score.low, score.high) == pytest.approx(wilson(3, 200))


def test_the_same_seed_gives_the_same_interval_and_another_does_not() -> None:
    values = np.random.default_rng(0).normal(size=50)
    one, two = _mean_interval(values, np.arange(50), 1), _mean_interval(values, np.arange(50), 1)
    assert one == two != _mean_interval(values, np.arange(50), 2)


@pytest.mark.parametrize(
    ("difference", "low", "high", "margin", "said"),
    [
        (0.03, 0.02, 0.04, 0.01, "better"),
        (-0.03, -0.04, -0.02, 0.01, "worse"),
        (0.001, -0.005, 0.006, 0.01, "equivalent"),
        (0.02, -0.01, 0.05, 0.01, "undecided"),
        (0.005, 0.001, 0.02, 0.01, "undecided"),
        (0.02, None, None, 0.01, "undecided"),
    ],
)
def test_verdicts(
    difference: float, low: float | None, high: float | None, margin: float, said: str
) -> None:
    assert verdict(difference, low, high, margin) == said


def test_a_constant_statistic_has_a_degenerate_interval() -> None:
    found = Distribution(1.0, np.ones(1000), np.ones(50))
    assert interval(found) == (1.0, 1.0)
