"""Scores of somebody else's predictions: worked out on the objects that they can be judged by."""

import numpy as np
import pandas as pd
import pytest

from boxloop.fitting.targets import judged
from boxloop.metrics import REGISTRY, Judged, Mixture, Resamples, on_common_objects, scores, value
from boxloop.metrics.interval import distributions
from boxloop.metrics.registry import metrics_for
from boxloop.metrics.score import statistics

N = 120
CLASSES = ("GALAXY", "QSO", "STAR")


def classes(seed: int = 1) -> Judged:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, N)
    probability = rng.dirichlet([1, 1, 1], N)
    known = rng.random(N) < 0.7
    prediction = np.where(known, probability.argmax(axis=1), -1)
    probability[~known] = np.nan
    return Judged(truth, prediction, probability, CLASSES, known=known)


def numbers(seed: int = 2) -> Judged:
    rng = np.random.default_rng(seed)
    truth = rng.normal(0.5, 0.2, N)
    known = rng.random(N) < 0.7
    point = np.where(known, truth + rng.normal(0, 0.1, N), np.nan)
    sigma = np.where(known, rng.uniform(0.05, 0.2, N), np.nan)
    mixture = Mixture(np.ones((N, 1)), point[:, None], sigma[:, None])
    return Judged(truth, point, error=np.full((N, 2), 0.1), mixture=mixture, known=known)


@pytest.mark.parametrize(
    ("pair", "task"), [(classes(), "classification"), (numbers(), "regression")]
)
def test_every_metric_is_that_of_the_known_objects_alone(pair: Judged, task: str) -> None:
    few = pair.take(np.flatnonzero(pair.known))
    assert few.known is None
    alone, _ = scores({"": few}, Resamples(np.arange(len(few.truth)), 0, "x"), task)
    found, _ = scores({"": pair}, Resamples(np.arange(N), 0, "x"), task)
    for metric in metrics_for(task):
        one, other = found[""][metric.name], alone[""][metric.name]
        assert one.value == pytest.approx(other.value, rel=1e-12), metric.name
        assert value(metric.name, pair) == pytest.approx(other.value, rel=1e-12), metric.name
        assert one.n_units == len(few.truth) and one.left_out == N - len(few.truth)


@pytest.mark.parametrize(
    ("pair", "task"), [(classes(), "classification"), (numbers(), "regression")]
)
def test_resamples_of_all_units_give_what_their_known_objects_give(pair: Judged, task: str) -> None:
    """The fast forms and the plain function agree on weights drawn for all objects."""
    unit = np.arange(N) // 3
    resamples = Resamples(unit, 0, "x")
    fast = statistics(pair, metrics_for(task))
    few = statistics(pair.take(pair.known), metrics_for(task))
    weights = np.concatenate(list(resamples.bootstrap()))[:50]
    with np.errstate(all="ignore"):
        spread = distributions(fast, resamples)
        for name, of in spread.items():
            expected = [float(few[name](row[pair.known])) for row in weights]
            np.testing.assert_allclose(of.resampled[:50], expected, rtol=1e-9, err_msg=name)


def test_what_is_written_for_unknown_objects_changes_nothing() -> None:
    pair = numbers()
    other = Judged(
        pair.truth,
        np.where(pair.known, pair.prediction, 1e6),
        error=pair.error,
        mixture=pair.mixture,
        known=pair.known,
    )
    resamples = Resamples(np.arange(N), 0, "x")
    assert (
        scores({"": pair}, resamples, "regression")[0]
        == scores({"": other}, resamples, "regression")[0]
    )


def test_an_object_that_lacks_a_probability_alone_still_counts_for_its_label() -> None:
    pair = classes()
    first = int(np.flatnonzero(pair.known)[0])
    pair.probability[first] = np.nan
    found, _ = scores({"": pair}, Resamples(np.arange(N), 0, "x"), "classification")
    assert found[""]["accuracy"].left_out + 1 == found[""]["log_loss"].left_out


def test_without_any_known_object_there_is_a_reason_and_no_score() -> None:
    pair = classes()
    nothing = Judged(pair.truth, pair.prediction, None, CLASSES, known=np.zeros(N, bool))
    found, spread = scores({"": nothing}, Resamples(np.arange(N), 0, "x"), "classification")
    score = found[""]["accuracy"]
    assert score.value is None and score.n_units == 0 and score.left_out == N
    assert "no object is left" in score.reason and not spread
    assert found[""]["log_loss"].reason == "the model gives no probability"


def test_two_models_are_compared_on_the_objects_of_both() -> None:
    theirs = classes()
    ours = Judged(theirs.truth, theirs.truth.copy(), None, CLASSES)
    metric = REGISTRY["accuracy"]
    first, second = on_common_objects(ours, theirs, metric)
    assert (first.known == theirs.known).all() and (second.known == theirs.known).all()
    assert value("accuracy", first) == 1.0
    assert value("accuracy", second) == value("accuracy", theirs)
    assert on_common_objects(ours, ours, metric) == (ours, ours)


def predicted(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"id": list("abcd"), **columns})


def test_objects_without_a_prediction_and_those_trained_on_are_not_known() -> None:
    frame = predicted(
        prediction=["QSO", None, "STAR", "QSO"], trained_on=[False, False, True, False]
    )
    pair = judged(frame, np.array([1, 1, 2, 2]), CLASSES)
    assert pair.known.tolist() == [True, False, False, True]
    assert value("accuracy", pair) == 0.5


def test_our_own_models_have_no_mask_beside_those_of_others() -> None:
    frame = predicted(prediction=["QSO"] * 4, trained_on=[None] * 4)
    assert judged(frame, np.array([1, 1, 2, 2]), CLASSES).known is None


def test_a_class_that_no_object_has_here_is_wrong() -> None:
    frame = predicted(prediction=["QSO", "NOVA", "NOVA", "NOVA"], trained_on=[False] * 4)
    pair = judged(frame, np.array([1, 0, 1, 2]), CLASSES)
    assert value("accuracy", pair) == 0.25


def test_a_missing_sigma_leaves_an_object_out_of_distributions_only() -> None:
    frame = predicted(
        prediction=[0.1, 0.2, 0.3, np.nan],
        trained_on=[False] * 4,
        pdf_weight_0=[1.0, 1.0, np.nan, np.nan],
        pdf_mean_0=[0.1, 0.2, np.nan, np.nan],
        pdf_sigma_0=[0.1, 0.1, np.nan, np.nan],
    )
    pair = judged(frame, np.array([0.1, 0.2, 0.3, 0.4]), ())
    found, _ = scores({"": pair}, Resamples(np.arange(4), 0, "x"), "regression")
    assert found[""]["rmse"].left_out == 1 and found[""]["crps"].left_out == 2
    # At the centre of a Gaussian CRPS is sigma (sqrt(2) - 1) / sqrt(pi).
    assert found[""]["crps"].value == pytest.approx(0.1 * (np.sqrt(2) - 1) / np.sqrt(np.pi))


def test_probabilities_of_a_frame_that_must_not_be_written_to_are_read() -> None:
    p = np.array([0.2, 0.9, np.nan, 0.5])
    frame = predicted(
        prediction=["STAR", "QSO", None, "QSO"], trained_on=[False] * 4, p_QSO=p, p_STAR=1 - p
    )
    frame["p_GALAXY"] = 0.0
    pair = judged(frame[[*frame]], np.array([2, 1, 1, 2]), CLASSES)
    assert np.isnan(pair.probability[2]).all() and pair.probability[0].tolist() == [0.0, 0.2, 0.8]
