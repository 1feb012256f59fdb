"""Comparisons: tests against other libraries and hand calculations; equal models stay equal."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from boxloop.analyses.scores.comparisons import comparisons_of, mcnemar, rankings
from boxloop.metrics import Judged, Resamples, interval, scores
from boxloop.metrics.folds import corrected_error, corrected_t, holm, one_standard_error
from boxloop.metrics.interval import COVERAGE, Distribution, p_value
from boxloop.search import select_models


def _compare(judged: dict[str, Judged], metric: str, *, units=None, margin=0.0, folds=None) -> dict:
    n = len(next(iter(judged.values())).truth)
    units = np.arange(n) if units is None else units
    task = "classification" if next(iter(judged.values())).classes else "regression"
    resamples = Resamples(units, 0, "x")
    _, kept = scores(judged, resamples, task, names=[metric])
    return comparisons_of(
        {name: kept[name, metric] for name in judged},
        judged,
        resamples,
        folds or {},
        selected=next(iter(judged)),
        candidates=list(judged),
        split="test",
        metric=metric,
        margin=margin,
    )


def _numbers(n: int, seed: int, *noises: float) -> dict[str, Judged]:
    rng = np.random.default_rng(seed)
    truth = rng.uniform(size=n)
    return {f"m{i}": Judged(truth, truth + rng.normal(0, s, n)) for i, s in enumerate(noises)}


def test_all_pairs_are_compared_once_and_the_selected_model_with_each() -> None:
    found = _compare(_numbers(100, 0, 0.1, 0.2, 0.3), "mae")
    assert [(r["model"], r["other"]) for r in found["pairs"]] == [
        ("m0", "m1"),
        ("m0", "m2"),
        ("m1", "m2"),
    ]
    assert [r["other"] for r in found["comparisons"]] == ["m1", "m2"]
    assert all(r["verdict"] == "better" for r in found["pairs"])
    same = {k: v for k, v in found["pairs"][0].items() if k in found["comparisons"][0]}
    assert same == {k: v for k, v in found["comparisons"][0].items() if k != "candidate"}


def test_equivalent_is_said_only_where_the_interval_lies_within_the_margin() -> None:
    judged = _numbers(300, 1, 0.1, 0.1)
    low, high = (_compare(judged, "mae")["pairs"][0][end] for end in ("low", "high"))
    width = max(abs(low), abs(high))
    assert _compare(judged, "mae", margin=1.01 * width)["pairs"][0]["verdict"] == "equivalent"
    assert _compare(judged, "mae", margin=0.99 * width)["pairs"][0]["verdict"] == "undecided"


def test_mcnemars_test_is_the_binomial_one_of_statsmodels() -> None:
    """Six and one of seven discordant objects: 2 (1 + 7) / 2^7 = 0.125."""
    truth = np.zeros(20, int)
    first, second = np.zeros(20, int), np.zeros(20, int)
    second[:6] = 1
    first[6] = 1
    classes = ("a", "b")
    one, two = Judged(truth, first, None, classes), Judged(truth, second, None, classes)
    found = mcnemar(one, two, np.arange(20))
    assert found == {"p": pytest.approx(0.125), "only_first": 6, "only_second": 1, "reason": ""}
    assert mcnemar(one, one, np.arange(20))["p"] == 1.0


def test_mcnemars_test_is_not_given_for_groups_and_numbers() -> None:
    truth = np.zeros(20, int)
    one = Judged(truth, truth, None, ("a", "b"))
    assert mcnemar(one, one, np.arange(20) // 2)["p"] is None
    assert "not independent" in mcnemar(one, one, np.arange(20) // 2)["reason"]
    number = Judged(np.zeros(20), np.zeros(20))
    assert mcnemar(number, number, np.arange(20))["reason"] == "it is for classes"


def test_the_corrected_t_test_by_hand() -> None:
    """Differences 1, 2, 3 of three folds: mean 2, variance 1, error sqrt(1/3 + 1/2)."""
    found = corrected_t([2.0, 4.0, 6.0], [1.0, 2.0, 3.0], larger=True)
    error = np.sqrt(1 / 3 + 1 / 2)
    assert found.standard_error == pytest.approx(error, abs=1e-12)
    assert found.p == pytest.approx(2 * stats.t.sf(2 / error, 2), abs=1e-12)
    assert corrected_t([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], larger=False).difference == 2.0


@pytest.mark.parametrize("repeats", [1, 2, 5])
def test_but_for_the_correction_it_is_scipys_paired_t_test(repeats: int) -> None:
    """Of 10 folds in r repeats, n_test/n_train is 1 / (10/r - 1)."""
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=10), rng.normal(size=10)
    found = corrected_t(list(one), list(two), larger=True, repeats=repeats)
    wider = np.sqrt(1 + 10 / (10 / repeats - 1))
    t = stats.ttest_rel(one, two).statistic / wider
    assert found.t == pytest.approx(t, abs=1e-12)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(t), 9), abs=1e-12)


@pytest.mark.parametrize(
    ("first", "second", "p", "reason"),
    [
        ([1.0], [2.0], None, "two at least"),
        ([1.0, 2.0], [1.0], None, "equal folds"),
        ([1.0, np.nan], [1.0, 2.0], None, "no score"),
        ([1.0, 2.0], [1.0, 2.0], 1.0, ""),
        ([1.0, 2.0], [0.5, 1.5], None, "same in every fold"),
    ],
)
def test_folds_that_cannot_be_tested_say_why(
    first: list[float], second: list[float], p: float | None, reason: str
) -> None:
    found = corrected_t(first, second, larger=True)
    assert found.p == p and reason in found.reason


def test_holm_is_the_step_down_procedure() -> None:
    """Holm's own order: 0.01 * 3, then 0.03 * 2, then not below what was reached."""
    assert holm([0.04, 0.01, None, 0.03]) == pytest.approx([0.06, 0.03, None, 0.06])
    assert holm([]) == [] and holm([None]) == [None] and holm([0.9, 0.8]) == [1.0, 1.0]


def test_a_p_value_of_5_per_cent_is_where_the_interval_ends_at_zero() -> None:
    rng = np.random.default_rng(0)
    resampled, left_out = rng.gamma(4, 1, 1000), rng.gamma(4, 0.01, 200)
    found = Distribution(3.7, resampled, left_out)
    limits = interval(found)
    assert limits is not None
    for end in limits:
        moved = Distribution(3.7 - end, resampled - end, left_out)
        assert p_value(moved) == pytest.approx(1 - COVERAGE, abs=0.003)


def test_p_values_of_one_side_of_nothing_and_of_no_difference() -> None:
    far = Distribution(10.0, np.random.default_rng(0).normal(10, 1, 1000), np.ones(50))
    assert p_value(far) is not None and p_value(far) < 1e-6
    assert p_value(Distribution(0.0, np.zeros(1000), np.zeros(50))) == 1.0
    assert p_value(Distribution(0.1, np.array([]), np.array([]))) is None


def test_the_standard_error_has_the_corrected_variance() -> None:
    scores = [0.7, 0.8, 0.9, 0.8, 0.8]
    assert corrected_error(scores) == pytest.approx(
        np.sqrt((1 / 5 + 1 / 4) * np.var(scores, ddof=1))
    )
    assert corrected_error([0.7]) is None


def _trials() -> list[dict]:
    scores = {
        "simple": [0.79, 0.78, 0.8],
        "middle": [0.81, 0.8, 0.82],
        "complex": [0.8, 0.82, 0.84],
    }
    common = {"purpose": "search", "status": "done", "reason": "", "seconds": 1.0, "epochs": None}
    about = {"function": None, "inputs": ["table"], "hyperparameters": {}, "train_scores": []}
    return [
        {
            **common,
            **about,
            "id": name,
            "model": name,
            "kind": name,
            "scores": of,
            "mean": float(np.mean(of)),
            "std": float(np.std(of, ddof=1)),
        }
        for name, of in scores.items()
    ]


@pytest.mark.parametrize(
    ("choose", "selected"), [("best", "complex"), ("one_standard_error", "middle")]
)
def test_the_study_says_which_rule_selects(choose: str, selected: str) -> None:
    """The best has 0.82 with an error of sqrt(1/3 + 1/2) 0.02 = 0.018: 0.81 is within, 0.79 not."""
    names = ["simple", "middle", "complex"]
    _, found = select_models(_trials(), "accuracy", names, None, choose)
    assert found["selected"] == selected and found["choose"] == choose
    near = found["one_standard_error"]
    assert near["standard_error"] == pytest.approx(np.sqrt(5 / 6) * 0.02)
    assert near["within"] == ["middle", "complex"] and near["best"] == "complex"


def test_only_candidates_are_simple_or_best() -> None:
    _, found = select_models(
        _trials(), "accuracy", ["simple", "middle", "complex"], ["simple", "middle"], "best"
    )
    assert found["one_standard_error"]["within"] == ["middle"]


def test_smaller_scores_are_better_where_the_metric_says_so() -> None:
    found = one_standard_error({"a": [0.2, 0.3], "b": [0.1, 0.11]}, larger=False)
    assert found["best"] == found["simplest"] == "b"


def test_rankings_know_which_way_each_metric_points() -> None:
    values = {
        "a": {"mae": 0.1, "r2": 0.9, "bias": -0.3, "coverage": 0.69, "crps": None},
        "b": {"mae": 0.2, "r2": 0.8, "bias": 0.1, "coverage": 0.99, "crps": 0.1},
        "c": {"mae": 0.1, "r2": 0.95, "bias": 0.2, "coverage": 0.60, "crps": None},
    }
    models = {
        name: {"test": {m: {"value": v} for m, v in of.items()}} for name, of in values.items()
    }
    assert rankings(models, "test") == {
        "mae": ["a", "c", "b"],
        "r2": ["c", "a", "b"],
        "bias": ["b", "c", "a"],
        "coverage": ["a", "c", "b"],
        "crps": ["b"],
    }


def test_permuting_the_objects_changes_no_comparison() -> None:
    judged, units = _numbers(120, 3, 0.1, 0.11), np.arange(120) // 4
    order = np.random.default_rng(0).permutation(120)
    one = _compare(judged, "nmad", units=units)["pairs"]
    again = {name: pair.take(order) for name, pair in judged.items()}
    two = _compare(again, "nmad", units=units[order])["pairs"]
    numbers = [(r["difference"], r["low"], r["high"], r["bootstrap"]["p"]) for r in (*one, *two)]
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-9)


def test_few_units_are_not_decided() -> None:
    (row,) = _compare(_numbers(9, 0, 0.1, 0.5), "mae")["pairs"]
    assert row["low"] is None and row["verdict"] == "undecided" and row["bootstrap"]["p"] is None


def test_tables_of_comparisons_are_plain_data() -> None:
    found = _compare(_numbers(50, 0, 0.1, 0.2), "mae", folds={"m0": [0.1, 0.2], "m1": [0.2, 0.4]})
    assert pd.json_normalize(found["pairs"])["folds.p_holm"].notna().all()
    assert found["one_standard_error"]["best"] == "m0"
