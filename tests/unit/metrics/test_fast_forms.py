"""The fast forms of all metrics give, on every resample, what the plain functions give."""

from importlib import import_module

import numpy as np
import pytest

from boxloop.metrics import REGISTRY, Judged, Mixture, Resamples, metrics_for
from boxloop.metrics import fast as fast_forms
from boxloop.metrics.fast import label_columns, mean_of, of_class
from boxloop.metrics.forms import Sorted, Summed, evaluated
from boxloop.metrics.interval import distributions
from boxloop.metrics.score import statistic, statistics


@pytest.fixture(autouse=True)
def _compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the compiled loops for these few objects too."""
    monkeypatch.setattr(fast_forms, "MANY", 0)


def _classes(n: int, k: int, *, tied: bool) -> Judged:
    rng = np.random.default_rng(n + k)
    truth = rng.integers(0, k, n)
    probability = rng.dirichlet(np.ones(k), n)
    probability[np.arange(n), truth] += 0.4
    probability /= probability.sum(axis=1, keepdims=True)
    if tied:
        probability = np.round(probability, 1)
    return Judged(truth, probability.argmax(1), probability, tuple("abcde"[:k]))


def _numbers(n: int, *, tied: bool) -> Judged:
    rng = np.random.default_rng(n)
    truth = rng.gamma(2, 0.3, n)
    prediction = truth + rng.standard_t(3, n) * 0.1
    if tied:
        truth, prediction = np.round(truth, 1), np.round(prediction, 1)
    error = np.where(rng.random((n, 2)) < 0.1, np.nan, rng.uniform(0.02, 0.1, (n, 2)))
    mean = prediction[:, None] + rng.normal(0, 0.05, (n, 2))
    mixture = Mixture(rng.dirichlet(np.ones(2), n), mean, rng.uniform(0.02, 0.2, (n, 2)))
    return Judged(truth, prediction, error=error, mixture=mixture)


JUDGED = {
    "two classes": _classes(60, 2, tied=False),
    "five classes, tied": _classes(80, 5, tied=True),
    "a class that hardly occurs": Judged(
        np.array([0] * 30 + [1] * 30 + [2]),
        np.arange(61) % 3,
        np.random.default_rng(0).dirichlet(np.ones(3), 61),
        ("a", "b", "c"),
    ),
    "numbers": _numbers(70, tied=False),
    "numbers, tied": _numbers(71, tied=True),
    "constant numbers": Judged(np.full(20, 0.5), np.full(20, 0.5)),
}


@pytest.mark.parametrize("grouped", [False, True], ids=["objects", "groups"])
@pytest.mark.parametrize("name", JUDGED)
def test_every_resample_has_the_value_of_the_plain_function(name: str, grouped: bool) -> None:
    judged = JUDGED[name]
    n = len(judged.truth)
    units = np.random.default_rng(1).integers(0, 15, n) if grouped else np.arange(n)[::-1]
    resamples = Resamples(units, 0, "x")
    metrics = metrics_for("classification" if judged.classes else "regression")
    fast = statistics(judged, metrics)
    with np.errstate(invalid="ignore", divide="ignore"):
        for blocks, counts in (
            (resamples.bootstrap(), resamples.drawn()),
            (resamples.jackknife(), resamples.kept()),
        ):
            found = evaluated(fast, resamples.unit, counts)
            weights = np.concatenate(list(blocks))
            for metric in (REGISTRY[m] for m in fast):
                plain = statistic(metric, judged)
                assert plain is not None
                np.testing.assert_allclose(
                    found[metric.name], plain(weights), rtol=1e-9, atol=1e-12, err_msg=metric.name
                )


@pytest.mark.parametrize("name", ["two classes", "numbers"])
def test_every_metric_has_a_fast_form(name: str) -> None:
    judged = JUDGED[name]
    metrics = metrics_for("classification" if judged.classes else "regression")
    fast = statistics(judged, metrics)
    assert set(fast) == {m.name for m in metrics}
    assert all(isinstance(f, Summed | Sorted) for f in fast.values())


def test_neither_threads_nor_the_size_of_blocks_change_a_digit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged, resamples = _classes(500, 3, tied=False), Resamples(np.arange(500), 0, "x")
    fast = statistics(judged, metrics_for("classification"))
    ranked = {k: f for k, f in fast.items() if isinstance(f, Sorted)}
    first = distributions(ranked, resamples)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr("boxloop.metrics.forms.TOGETHER", 5000)
    monkeypatch.setattr(import_module("boxloop.metrics.interval"), "TOGETHER", 20_000)
    second = distributions(ranked, resamples)
    for key in ranked:
        assert (first[key].resampled == second[key].resampled).all()


def test_the_order_of_the_rows_changes_no_resample() -> None:
    judged, units = _numbers(90, tied=False), np.arange(90) // 3
    order = np.random.default_rng(3).permutation(90)
    metrics = metrics_for("regression")
    first = distributions(statistics(judged, metrics), Resamples(units, 0, "x"))
    second = distributions(statistics(judged.take(order), metrics), Resamples(units[order], 0, "x"))
    for key in first:
        np.testing.assert_allclose(first[key].resampled, second[key].resampled, rtol=1e-9)


def test_plain_functions_and_means_share_the_resamples() -> None:
    values, resamples = np.random.default_rng(0).normal(size=40), Resamples(np.arange(40), 0, "x")
    found = distributions(
        {"mean": mean_of(values), "plain": lambda w: w @ values / w.sum(axis=-1)}, resamples
    )
    assert found["mean"].resampled == pytest.approx(found["plain"].resampled, abs=1e-12)


def test_scores_of_one_class_are_those_of_the_course() -> None:
    """Nine of 38 points are orange; boundary B finds eight of them and names three more."""
    truth, named = np.repeat([1, 0, 1, 0], [8, 3, 1, 26]), np.repeat([1, 1, 0, 0], [8, 3, 1, 26])
    columns = label_columns(truth, named, 2)
    for score, known in (
        ("precision", 8 / 11),
        ("recall", 8 / 9),
        ("f1", 0.8),
        ("specificity", 26 / 29),
    ):
        assert of_class(score, 1, columns)(np.ones(38)) == pytest.approx(known, abs=1e-12)
