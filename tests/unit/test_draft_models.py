"""Which models of a study may see images and light curves."""

import pytest

from boxloop.study.checks import cross_checks
from boxloop.study.model import Study


def faults(*models, image=True):
    columns = {"target": "class", "image": {"path": "{a}.png", "shape": [8, 8, 1]}}
    if not image:
        columns = {"target": "class", "features": {"u": None}}
    study = Study.model_validate(
        {
            "schema": 2,
            "task": "classification",
            "question": {"what": "a", "why": "b"},
            "samples": {"train": {"source": "s", "provenance": "real"}},
            "columns": columns,
            "metric": "accuracy",
            "models": list(models),
            "report": {"title": "t", "authors": ["a"]},
        }
    )
    return [message for _, message in cross_checks(study)]


@pytest.mark.parametrize("kind", ["logistic", "forest", "tree", "boosting", "svm"])
def test_an_estimator_may_see_images_as_rows_of_numbers(kind):
    assert faults({"name": "dummy"}, {"name": kind, "inputs": ["image"]}) == []


def test_a_registered_network_sees_the_table_only():
    (message,) = faults({"name": "dense", "inputs": ["image"]})
    assert "sees the table only" in message


def test_a_model_that_sees_the_table_needs_features():
    (message,) = faults({"name": "forest", "inputs": ["table", "image"]})
    assert "needs columns.features" in message


def test_a_model_cannot_see_images_that_are_not_there():
    (message,) = faults({"name": "forest", "inputs": ["image"]}, image=False)
    assert "no columns.image" in message
