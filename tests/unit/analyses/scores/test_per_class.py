"""Scores of each class: the course's 38 points, scikit-learn, intervals, classes of nothing."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from boxloop.analyses.scores.per_class import per_class
from boxloop.metrics import Judged, Resamples, wilson


def _judged(truth: np.ndarray, prediction: np.ndarray, *classes: str) -> Judged:
    return Judged(truth, prediction, None, classes)


def _of(judged: Judged, units: np.ndarray | None = None) -> dict:
    units = np.arange(len(judged.truth)) if units is None else units
    return per_class(judged, Resamples(units, 0, "classes"))


@pytest.mark.parametrize(
    ("counts", "precision", "recall"),
    [([9, 7, 0, 22], 9 / 16, 1.0), ([8, 3, 1, 26], 8 / 11, 8 / 9)],
    ids=["boundary A", "boundary B"],
)
def test_the_orange_points_of_the_course(
    counts: list[int], precision: float, recall: float
) -> None:
    """38 points of which nine are orange: counts of hits, false alarms, missed, the rest."""
    truth, named = np.repeat([1, 0, 1, 0], counts), np.repeat([1, 1, 0, 0], counts)
    orange = _of(_judged(truth, named, "blue", "orange"))["orange"]
    assert orange["n"] == 9 and orange["named"] == counts[0] + counts[1]
    assert orange["precision"]["value"] == pytest.approx(precision, abs=1e-12)
    assert orange["recall"]["value"] == pytest.approx(recall, abs=1e-12)
    hit, whole = counts[0], counts[0] + counts[1]
    assert (orange["precision"]["low"], orange["precision"]["high"]) == wilson(hit, whole)


def test_scores_of_many_classes_are_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 500)
    named = np.where(rng.random(500) < 0.7, truth, rng.integers(0, 4, 500))
    found = _of(_judged(truth, named, *"abcd"))
    theirs = precision_recall_fscore_support(truth, named, average=None)
    for i, of in enumerate(found.values()):
        for score, values in zip(("precision", "recall", "f1"), theirs, strict=False):
            assert of[score]["value"] == pytest.approx(values[i], abs=1e-12)
            assert of[score]["low"] < of[score]["value"] < of[score]["high"]
        assert of["n"] == theirs[3][i]


def test_what_no_object_tells_is_null_with_a_reason() -> None:
    truth = np.repeat([0, 1], 20)
    found = _of(_judged(truth, truth, "a", "b", "never"))
    for score in ("precision", "recall", "f1"):
        assert found["never"][score]["value"] is None and found["never"][score]["reason"]
    assert found["never"]["specificity"]["value"] == 1.0


def test_groups_are_resampled_and_few_of_them_have_no_interval() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 400)
    wrong = (rng.random(40) < 0.3)[np.arange(400) // 10]
    judged = _judged(truth, np.where(wrong, 1 - truth, truth), "a", "b")
    by_unit, by_object = _of(judged, np.arange(400) // 10), _of(judged)
    width = [f["a"]["recall"]["high"] - f["a"]["recall"]["low"] for f in (by_unit, by_object)]
    assert width[0] > 1.5 * width[1]
    few = _of(judged, np.arange(400) // 50)["a"]["recall"]
    assert few["low"] is None and "10 units" in few["reason"]
