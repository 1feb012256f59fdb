"""Intervals: coverage by simulation, another implementation, units, verdicts."""

import numpy as np
import pytest
from scipy import stats

from boxloop.metrics import Judged, Resamples, distribution, interval, scores, verdict, wilson
from boxloop.metrics.interval import Distribution, distributions


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


def test_resamples_that_are_all_equal_give_no_interval_and_no_verdict() -> None:
    assert interval(Distribution(1.0, np.ones(1000), np.ones(50))) is None
    assert verdict(0.0, None, None, 0.1) == "undecided"


@pytest.mark.parametrize("grouped", [False, True])
def test_no_outlier_at_all_gets_wilsons_interval_by_unit(grouped: bool) -> None:
    units = np.arange(500) // 10 if grouped else np.arange(500)
    judged = {"m": Judged(np.zeros(500), np.full(500, 0.01))}
    every, _ = scores(judged, Resamples(units, 0, "x"), "regression")
    score = every["m"]["outlier_fraction"]
    assert (score.low, score.high) == pytest.approx(wilson(0, 50 if grouped else 500))


def test_perfect_recall_has_no_interval_but_a_reason() -> None:
    codes = np.arange(60) % 2
    judged = {"m": Judged(codes, codes, None, ("a", "b"))}
    every, _ = scores(judged, Resamples(np.arange(60), 0, "x"), "classification")
    assert every["m"]["recall"].low is None and "all equal" in every["m"]["recall"].reason
    assert every["m"]["accuracy"].low == pytest.approx(wilson(60, 60)[0])


def test_large_tables_are_resampled_in_small_blocks() -> None:
    resamples = Resamples(np.arange(300_000), 0, "x")
    assert next(resamples.jackknife()).nbytes < 200e6
    assert next(resamples.bootstrap()).nbytes < 200e6


def test_many_statistics_share_their_resamples() -> None:
    values = np.random.default_rng(0).normal(size=40)
    resamples = Resamples(np.arange(40), 0, "x")
    both = distributions(
        {"a": lambda w: w @ values / w.sum(-1), "b": lambda w: w @ (values + 1) / w.sum(-1)},
        resamples,
    )
    assert both["b"].resampled - both["a"].resampled == pytest.approx(np.ones(1000))
    alone = distribution(lambda w: w @ values / w.sum(-1), resamples)
    assert (alone.resampled == both["a"].resampled).all()


def test_a_spread_too_small_for_its_powers_still_has_an_interval() -> None:
    """That of a model whose probabilities are all but certain."""
    rng = np.random.default_rng(0)
    resampled = rng.random(1000) * 1e-110
    found = interval(Distribution(resampled.mean(), resampled, rng.random(200) * 1e-110))
    assert found is not None and 0 <= found[0] < found[1] < 1e-110
