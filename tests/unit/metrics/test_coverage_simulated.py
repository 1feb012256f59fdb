"""Intervals cover the truth as often as they say, and equal models are not called different.

Simulated; the bounds are three Monte-Carlo errors around what is promised, plus one per cent for
samples of hundreds: a bootstrap is exact for many objects only.
"""

from collections.abc import Callable

import numpy as np
import pytest

from boxloop.analyses.scores.comparisons import mcnemar
from boxloop.metrics import Judged, Resamples, interval, scores, verdict
from boxloop.metrics.folds import corrected_t, holm
from boxloop.metrics.interval import Distribution, p_value

CLASSES = ("star", "galaxy", "quasar")


def _numbers(rng: np.random.Generator, units: np.ndarray) -> Judged:
    """Errors of which half the variance is shared within a unit."""
    truth = rng.gamma(3, 0.2, len(units))
    shared = rng.normal(0, 0.05, units.max() + 1)[units]
    return Judged(truth, truth + shared + 0.05 * rng.normal(size=len(units)))


def _classes(rng: np.random.Generator, units: np.ndarray, skill: float = 0.7) -> Judged:
    """Units that a model gets right or wrong as a whole more often than by chance."""
    truth = rng.integers(0, 3, len(units))
    hard = rng.normal(0, 1.0, units.max() + 1)[units]
    logits = 1.5 * skill * np.eye(3)[truth] + 0.6 * rng.normal(size=(len(units), 3))
    logits[np.arange(len(units)), truth] += 0.6 * hard
    probability = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Judged(truth, probability.argmax(axis=1), probability, CLASSES)


Simulated = Callable[[np.random.Generator, np.ndarray], Judged]
METRICS = {
    "regression": (_numbers, ["mae", "rmse", "nmad", "r2", "bias"]),
    "classification": (_classes, ["accuracy", "f1_macro", "mcc", "roc_auc", "log_loss"]),
}


@pytest.fixture(
    params=[
        pytest.param(30, id="few data sets"),
        pytest.param(200, id="many data sets", marks=pytest.mark.long),
    ]
)
def data_sets(request: pytest.FixtureRequest) -> int:
    """How many of them; more see smaller faults."""
    n: int = request.param
    return n


def _three_errors(data_sets: int) -> float:
    """Three Monte-Carlo errors of a share of 5 %."""
    return float(3 * np.sqrt(0.95 * 0.05 / data_sets))


def _coverage(
    task: str, units: np.ndarray, resampled: np.ndarray, data_sets: int
) -> dict[str, float]:
    simulated, names = METRICS[task]
    many = np.arange(100_000) // max(1, round(len(units) / (units.max() + 1)))
    known, _ = scores(
        {"": simulated(np.random.default_rng(1), many)},
        Resamples(many, 0, "truth"),
        task,
        intervals=False,
        names=names,
    )
    covered = dict.fromkeys(names, 0)
    for seed in range(data_sets):
        judged = simulated(np.random.default_rng(100 + seed), units)
        found, _ = scores({"": judged}, Resamples(resampled, seed, "x"), task, names=names)
        for name in names:
            score = found[""][name]
            covered[name] += score.low <= known[""][name].value <= score.high
    return {name: count / data_sets for name, count in covered.items()}


@pytest.mark.parametrize("grouped", [False, True], ids=["objects", "groups"])
@pytest.mark.parametrize("task", METRICS)
def test_intervals_cover_the_truth(task: str, grouped: bool, data_sets: int) -> None:
    units = np.repeat(np.arange(80), 4) if grouped else np.arange(250)
    low = 0.95 - _three_errors(data_sets) - 0.01
    for name, covered in _coverage(task, units, units, data_sets).items():
        assert covered >= low, (name, covered)


@pytest.mark.parametrize("task", METRICS)
def test_to_resample_objects_of_groups_would_cover_too_seldom(task: str) -> None:
    units = np.repeat(np.arange(40), 20)
    covered = _coverage(task, units, np.arange(len(units)), 25)
    assert np.mean(list(covered.values())) < 0.8, covered


def _judge(
    first: Judged, second: Judged, task: str, metric: str, units: np.ndarray
) -> Distribution:
    both = {"a": first, "b": second}
    _, kept = scores(both, Resamples(units, 0, "x"), task, names=[metric])
    sign = 1 if task == "classification" else -1
    one, two = kept["a", metric], kept["b", metric]
    return Distribution(
        sign * (one.value - two.value),
        sign * (one.resampled - two.resampled),
        sign * (one.left_out - two.left_out),
    )


def _verdict(difference: Distribution) -> str:
    return verdict(difference.value, *(interval(difference) or (None, None)), 0.0)


def _rival(rng: np.random.Generator, judged: Judged, right: float) -> Judged:
    """Return a model that names the right class of each object with some probability."""
    n = len(judged.truth)
    wrong = (judged.truth + rng.integers(1, 3, n)) % 3
    return Judged(judged.truth, np.where(rng.random(n) < right, judged.truth, wrong), None, CLASSES)


def test_two_equal_classifiers_are_called_different_in_5_per_cent_at_most(
    data_sets: int,
) -> None:
    by_interval = by_mcnemar = 0
    units = np.arange(300)
    for seed in range(data_sets):
        rng = np.random.default_rng(seed)
        judged = Judged(rng.integers(0, 3, 300), np.zeros(300, int), None, CLASSES)
        one, two = _rival(rng, judged, 0.8), _rival(rng, judged, 0.8)
        difference = _judge(one, two, "classification", "accuracy", units)
        by_interval += _verdict(difference) in ("better", "worse")
        by_mcnemar += mcnemar(one, two, units)["p"] < 0.05
    assert by_interval / data_sets <= 0.05 + _three_errors(data_sets)
    assert by_mcnemar / data_sets <= 0.05 + _three_errors(data_sets)


def test_two_equal_regressions_of_grouped_objects_are_called_different_as_seldom(
    data_sets: int,
) -> None:
    called, units = 0, np.repeat(np.arange(80), 4)
    for seed in range(data_sets):
        rng = np.random.default_rng(seed)
        one = _numbers(rng, units)
        two = _numbers(rng, units)
        two = Judged(one.truth, one.truth + (two.prediction - two.truth))
        called += _verdict(_judge(one, two, "regression", "mae", units)) in ("better", "worse")
    assert called / data_sets <= 0.05 + _three_errors(data_sets)


def test_of_four_equal_models_no_pair_is_called_different_more_often_after_holm(
    data_sets: int,
) -> None:
    called, units = 0, np.arange(200)
    for seed in range(data_sets):
        rng = np.random.default_rng(seed)
        truth = rng.normal(size=200)
        models = {m: Judged(truth, truth + rng.normal(size=200)) for m in "abcd"}
        _, kept = scores(models, Resamples(units, 0, "x"), "regression", names=["mae"])
        found = [kept[m, "mae"] for m in models]
        p_values = [
            p_value(
                Distribution(
                    one.value - two.value,
                    one.resampled - two.resampled,
                    one.left_out - two.left_out,
                )
            )
            for i, one in enumerate(found)
            for two in found[:i]
        ]
        called += min(p for p in holm(p_values) if p is not None) < 0.05
    assert called / data_sets <= 0.05 + _three_errors(data_sets)


def _fold_scores(columns: np.ndarray, y: np.ndarray) -> list[float]:
    """Mean squared error of least squares in each of ten folds."""
    fold, found = np.arange(len(y)) % 10, []
    for k in range(10):
        inside = fold != k
        fitted = np.linalg.lstsq(columns[inside], y[inside], rcond=None)[0]
        found.append(float(np.mean((y[~inside] - columns[~inside] @ fitted) ** 2)))
    return found


@pytest.mark.parametrize("second", [1.0, 0.3])
def test_the_corrected_t_test_of_folds(second: float, data_sets: int) -> None:
    """Two models see one of two columns each, of equal weight or of weights 1 and 0.3."""
    called = 0
    for seed in range(data_sets):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(200, 2))
        y = x @ [1.0, second] + 0.3 * rng.normal(size=200)
        one, two = (_fold_scores(x[:, [i]], y) for i in range(2))
        found = corrected_t(one, two, larger=False)
        assert found.p is not None
        called += found.p < 0.05
    if second == 1.0:
        assert called / data_sets <= 0.05 + _three_errors(data_sets)
    else:
        assert called / data_sets >= 0.95


def test_a_planted_difference_is_found() -> None:
    by_interval = by_mcnemar = 0
    units = np.arange(600)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        judged = Judged(rng.integers(0, 3, 600), np.zeros(600, int), None, CLASSES)
        one, two = _rival(rng, judged, 0.9), _rival(rng, judged, 0.8)
        by_interval += _verdict(_judge(one, two, "classification", "accuracy", units)) == "better"
        by_mcnemar += mcnemar(one, two, units)["p"] < 0.05
    assert by_interval >= 18 and by_mcnemar >= 18
