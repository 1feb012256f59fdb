"""Every metric against scikit-learn or a hand calculation; weights against repeated rows."""

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.metrics import REGISTRY, Judged, Mixture, metrics_for, statistic, value
from boxloop.metrics import weighted as w
from boxloop.study.known_metrics import METRICS


def _classes(seed: int, n: int = 200, k: int = 3) -> Judged:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    probability = rng.dirichlet(np.ones(k), n)
    probability[np.arange(n), truth] += 0.5
    probability /= probability.sum(axis=1, keepdims=True)
    probability = np.round(probability, 2)
    probability /= probability.sum(axis=1, keepdims=True)
    return Judged(truth, probability.argmax(1), probability, tuple("abc"[:k]))


def _numbers(seed: int, n: int = 200) -> Judged:
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0, 1, n)
    prediction = truth + rng.normal(0.01, 0.05, n)
    error = rng.uniform(0.02, 0.1, (n, 2))
    mean = prediction[:, None] + rng.normal(0, 0.05, (n, 2))
    mixture = Mixture(rng.dirichlet(np.ones(2), n), mean, rng.uniform(0.02, 0.1, (n, 2)))
    return Judged(truth, prediction, error=error, mixture=mixture)


CLASSES = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "f1_macro": lambda t, p: sk.f1_score(t, p, average="macro"),
    "precision": lambda t, p: sk.precision_score(t, p, average="macro", zero_division=0),
    "recall": lambda t, p: sk.recall_score(t, p, average="macro"),
    "mcc": sk.matthews_corrcoef,
}


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("k", [2, 3])
def test_label_metrics_equal_scikit_learn(name: str, k: int) -> None:
    judged = _classes(1, k=k)
    assert value(name, judged) == pytest.approx(
        CLASSES[name](judged.truth, judged.prediction), abs=1e-12
    )


@pytest.mark.parametrize("k", [2, 3])
def test_probability_metrics_equal_scikit_learn(k: int) -> None:
    judged = _classes(2, k=k)
    truth, p = judged.truth, judged.probability
    onehot = np.eye(k)[truth]
    expected = {
        "roc_auc": sk.roc_auc_score(truth, p[:, 1])
        if k == 2
        else sk.roc_auc_score(truth, p, multi_class="ovr"),
        "average_precision": sk.average_precision_score(onehot, p, average="macro"),
        "log_loss": sk.log_loss(truth, p),
        "brier": float(np.mean(np.sum((p - onehot) ** 2, axis=1))),
    }
    for name, number in expected.items():
        assert value(name, judged) == pytest.approx(number, abs=1e-12), name


def test_specificity_is_the_recall_of_the_other_class_for_two_classes() -> None:
    judged = _classes(3, k=2)
    assert value("specificity", judged) == pytest.approx(value("recall", judged), abs=1e-12)
    three = _classes(3, k=3)
    by_hand = [
        sk.recall_score(three.truth != c, three.prediction != c, pos_label=True) for c in range(3)
    ]
    assert value("specificity", three) == pytest.approx(np.mean(by_hand), abs=1e-12)


def test_regression_metrics_equal_scikit_learn_and_hand_calculations() -> None:
    judged = _numbers(4)
    truth, prediction = judged.truth, judged.prediction
    d = (prediction - truth) / (1 + truth)
    residual = prediction - truth
    expected = {
        "mse": sk.mean_squared_error(truth, prediction),
        "rmse": sk.root_mean_squared_error(truth, prediction),
        "mae": sk.mean_absolute_error(truth, prediction),
        "r2": sk.r2_score(truth, prediction),
        "median_squared_error": np.median(residual**2),
        "mad": np.median(np.abs(residual - np.median(residual))),
        "nmad": 1.4826 * np.median(np.abs(d - np.median(d))),
        "bias": d.mean(),
        "outlier_fraction": np.mean(np.abs(d) > 0.15),
    }
    for name, number in expected.items():
        assert value(name, judged) == pytest.approx(number, abs=1e-12), name
    assert set(expected) == {m.name for m in metrics_for("regression") if m.needs == "point"}


@pytest.mark.parametrize(
    ("hits", "false_positives", "false_negatives", "accuracy", "precision", "recall"),
    [(9, 7, 0, 31 / 38, 9 / 16, 1.0), (8, 3, 1, 34 / 38, 8 / 11, 8 / 9)],
    ids=["boundary A", "boundary B"],
)
def test_the_course_example_of_38_points(
    hits: int,
    false_positives: int,
    false_negatives: int,
    accuracy: float,
    precision: float,
    recall: float,
) -> None:
    """Nine of 38 points are orange; the fractions are those of the course."""
    rest = 38 - hits - false_positives - false_negatives
    truth = np.repeat([1, 0, 1, 0], [hits, false_positives, false_negatives, rest])
    prediction = np.repeat([1, 1, 0, 0], [hits, false_positives, false_negatives, rest])
    from boxloop.metrics.classification import confusion

    judged = Judged(truth, prediction, None, ("blue", "orange"))
    assert value("accuracy", judged) == pytest.approx(accuracy, abs=1e-12)
    (_, fp), (fn, tp) = confusion(truth, prediction, np.ones(38), 2)
    assert tp / (tp + fp) == pytest.approx(precision, abs=1e-12)
    assert tp / (tp + fn) == pytest.approx(recall, abs=1e-12)


def test_what_a_model_cannot_give_is_nan() -> None:
    judged = Judged(np.array([0, 1]), np.array([0, 1]), None, ("a", "b"))
    assert np.isnan(value("roc_auc", judged))
    assert value("accuracy", judged) == 1.0


@pytest.mark.parametrize("task", ["classification", "regression"])
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), data=st.data())
def test_whole_number_weights_are_repeated_rows(task: str, seed: int, data: st.DataObject) -> None:
    judged = _classes(seed, 30) if task == "classification" else _numbers(seed, 30)
    counts = np.array(data.draw(st.lists(st.integers(0, 3), min_size=30, max_size=30)))
    if len(np.unique(judged.truth[counts > 0])) < 3:
        return
    repeated = judged.take(np.repeat(np.arange(30), counts))
    for metric in metrics_for(task):
        function = statistic(metric, judged)
        many = function(np.stack([counts, counts]).astype(float))
        assert many == pytest.approx(np.full(2, value(metric.name, repeated)), abs=1e-9), (
            metric.name
        )


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.integers(0, 2**32 - 1))
def test_median_is_numpys_for_any_order(values: list[float], seed: int) -> None:
    array = np.array(values)
    shuffled = np.random.default_rng(seed).permutation(array)
    assert w.median(shuffled, np.ones(len(array))) == np.median(array)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_permuting_the_rows_changes_no_metric(name: str) -> None:
    judged = _classes(5) if REGISTRY[name].task == "classification" else _numbers(5)
    order = np.random.default_rng(0).permutation(len(judged.truth))
    assert value(name, judged.take(order)) == pytest.approx(value(name, judged), abs=1e-12)


def test_registry_has_exactly_the_names_of_the_vocabulary() -> None:
    assert set(REGISTRY) == set(METRICS)


def test_chi_squared_leaves_out_what_has_no_error_on_one_side() -> None:
    truth, error = np.array([1.0, 1.0]), np.array([[0.1, 0.0], [0.1, 0.1]])
    chi2 = REGISTRY["chi2"].function
    for prediction in (1.5, 0.95):  # towards the unknown side, and towards the known one
        found = chi2(truth, np.array([prediction, 1.1]), np.ones(2), error=error)
        assert found == pytest.approx(1.0)
