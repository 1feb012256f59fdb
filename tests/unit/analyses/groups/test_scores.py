"""Scores of groups, against fairlearn and scikit-learn, and as sums and medians on resamples."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from groups_fixture import grouping, looked_at, made, row

from boxloop.analyses.groups.medians import Medians, ordered
from boxloop.analyses.groups.scores import by_group, by_metric_frame, error_of, plain_value
from boxloop.analyses.groups.sums import sums_of
from boxloop.analyses.scores.compute import Truth, judged_by_model
from boxloop.metrics import REGISTRY, Judged, metrics_for, value


def _judged(about: dict) -> tuple[pd.DataFrame, Judged]:
    truth = Truth(about["truth"], tuple(about["metrics"]["classes"]))
    objects, judged = judged_by_model(about["predictions"], list(about["metrics"]["models"]), truth)
    return objects, judged["good"]


@pytest.mark.parametrize("metric", ["accuracy", "f1_macro", "balanced_accuracy", "mcc", "log_loss"])
def test_scores_of_groups_are_those_of_fairlearn_with_scikit_learn(metric: str) -> None:
    from fairlearn.metrics import MetricFrame
    from sklearn import metrics as sk

    about = made(metric=metric)
    objects, judged = _judged(about)
    own = {
        "accuracy": sk.accuracy_score,
        "f1_macro": lambda t, p: sk.f1_score(t, p, average="macro"),
        "balanced_accuracy": sk.balanced_accuracy_score,
        "mcc": sk.matthews_corrcoef,
    }
    rows = np.arange(len(objects))
    frame = MetricFrame(
        metrics=(
            (lambda t, r: sk.log_loss(t, judged.probability[np.asarray(r)], labels=[0, 1, 2]))
            if metric == "log_loss"
            else own[metric]
        ),
        y_true=judged.truth,
        y_pred=rows if metric == "log_loss" else judged.prediction,
        sensitive_features=objects["group:field"],
    )
    found = looked_at(about, "field")
    for label, expected in frame.by_group.items():
        assert row(found, "field", str(label))["score"]["value"] == pytest.approx(
            expected, abs=1e-12
        )
        assert row(found, "field", str(label))["models"]["good"] == pytest.approx(
            expected, abs=1e-12
        )
    assert grouping(found, "field")["overall"] == pytest.approx(frame.overall, abs=1e-12)


@pytest.mark.parametrize("metric", ["rmse", "mae", "nmad", "outlier_fraction"])
def test_scores_of_numbers_by_group_are_those_of_fairlearn(metric: str) -> None:
    from fairlearn.metrics import MetricFrame

    about = made(task="regression", metric=metric)
    objects, judged = _judged(about)
    frame = MetricFrame(
        metrics=lambda t, p: value(metric, Judged(np.asarray(t), np.asarray(p))),
        y_true=judged.truth,
        y_pred=judged.prediction,
        sensitive_features=objects["group:field"],
    )
    found = looked_at(about, "field")
    for label, expected in frame.by_group.items():
        assert row(found, "field", str(label))["score"]["value"] == pytest.approx(
            expected, abs=1e-12
        )


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_metrics_made_of_sums_equal_the_registrys_on_any_resample(task: str) -> None:
    about = made(300, task=task)
    _, judged = _judged(about)
    judged = replace(judged, error=np.full((300, 2), 0.1)) if task == "regression" else judged
    weights = np.random.default_rng(1).multinomial(300, np.full(300, 1 / 300), 20).astype(float)
    checked = set()
    for metric in metrics_for(task):
        found = None if judged.lacks(metric) else sums_of(metric, judged)
        if found is None:
            continue
        codes, unit = np.zeros(300, int), np.arange(300)
        sums = (found.by_group(codes, 1, unit) @ weights.T).T
        if metric.name == "r2":
            spread = judged.truth.var()
            mse = REGISTRY["mse"].function(judged.truth, judged.prediction, weights)
            expected = 1 - mse / spread
        else:
            from boxloop.metrics.score import statistic

            expected = statistic(metric, judged)(weights)  # type: ignore[misc]
        np.testing.assert_allclose(found.finish(sums), expected, rtol=1e-10, atol=1e-12)
        checked.add(metric.name)
    assert {"f1_macro", "log_loss", "roc_auc"} <= checked or {"rmse", "chi2", "r2"} <= checked


@pytest.mark.parametrize("name", ["nmad", "mad", "median_squared_error"])
@pytest.mark.parametrize("n", [7, 60, 401])
def test_medians_of_groups_equal_those_of_the_registry(name: str, n: int) -> None:
    rng = np.random.default_rng(n)
    truth = np.round(rng.gamma(3, 0.2, n), 2)
    judged = Judged(truth, np.round(truth + rng.normal(0, 0.1, n), 2))
    codes = rng.integers(3, size=n)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=30).astype(float)
    median = ordered(name, judged)
    assert median is not None
    inside, outside = Medians(median, codes, 3)(weights)
    for g in range(3):
        for rows, found in ((codes == g, inside[:, g]), (codes != g, outside[:, g])):
            part = judged.take(rows)
            there = weights[:, rows].sum(axis=1) > 0
            expected = REGISTRY[name].function(part.truth, part.prediction, weights[there][:, rows])
            np.testing.assert_allclose(found[there], expected, rtol=1e-9, atol=1e-12)
            assert np.isnan(found[~there]).all()


def test_r2_of_groups_counts_in_the_spread_of_all_objects() -> None:
    about = made(600, task="regression", metric="r2")
    objects, judged = _judged(about)
    found = looked_at(about, "field")
    inside = (objects["group:field"] == "a").to_numpy()
    mse = np.mean((judged.prediction - judged.truth)[inside] ** 2)
    assert row(found, "field", "a")["score"]["value"] == pytest.approx(1 - mse / judged.truth.var())
    assert plain_value("r2", judged, judged) == pytest.approx(value("r2", judged), abs=1e-12)


def test_bias_and_spread_are_told_for_numbers() -> None:
    about = made(task="regression", metric="rmse")
    objects, judged = _judged(about)
    away = (judged.prediction - judged.truth)[(objects["group:field"] == "b").to_numpy()]
    errors = row(looked_at(about, "field"), "field", "b")["errors"]
    assert errors["bias"]["value"] == pytest.approx(away.mean(), abs=1e-12)
    assert errors["bias"]["low"] < away.mean() < errors["bias"]["high"]
    assert errors["spread"] == pytest.approx(away.std(), abs=1e-12)


def test_the_error_of_a_score_is_its_distance_from_a_perfect_one() -> None:
    assert error_of("accuracy", 0.9) == pytest.approx(0.1)
    assert error_of("rmse", 0.2) == 0.2
    assert np.isnan(error_of("nll", -3.0))


def test_metric_frame_and_masks_give_the_same_scores() -> None:
    _, judged = _judged(made(400))
    codes = np.arange(400) % 7
    found = by_metric_frame("f1_macro", judged, codes, 7)
    masks = [value("f1_macro", judged.take(codes == g)) for g in range(7)]
    np.testing.assert_allclose(found, masks, rtol=0, atol=1e-12)
    np.testing.assert_allclose(by_group("f1_macro", judged, codes, 7), masks, rtol=0, atol=0)
