"""Which models of a study may see images and light curves."""

import pytest

from boxloop.study.checks.study import cross_checks
from boxloop.study.model import Study

IMAGE = {"image": {"path": "{a}.png", "shape": [8, 8, 1]}}
LIGHT_CURVE = {"light_curve": {"time": "t", "value": "v"}}
FEATURES = {"features": {"u": None}}


def faults(*models, columns=IMAGE):
    study = Study.model_validate(
        {
            "schema": 2,
            "task": "classification",
            "question": {"what": "a", "why": "b"},
            "samples": {"train": {"source": "s", "provenance": "real"}},
            "columns": {"target": "class", **columns},
            "metric": "accuracy",
            "models": list(models),
            "report": {"title": "t", "authors": ["a"]},
        }
    )
    return [message for _, message in cross_checks(study)]


@pytest.mark.parametrize("kind", ["logistic", "forest", "tree", "boosting", "svm"])
def test_an_estimator_may_see_images_as_rows_of_numbers(kind):
    assert faults({"name": "dummy"}, {"name": kind, "inputs": ["image"]}) == []


@pytest.mark.parametrize(
    ("kind", "inputs", "only"),
    [
        ("dense", ["image"], "table"),
        ("autoencoder", ["image"], "table"),
        ("cnn", ["table"], "image"),
        ("cnn", ["table", "image"], "image"),
        ("gru", ["image"], "light_curve"),
        ("cnn1d", ["image"], "light_curve"),
    ],
)
def test_a_registered_network_sees_one_kind_of_data_only(kind, inputs, only):
    (message,) = faults({"name": kind, "inputs": inputs}, columns=IMAGE | FEATURES)
    assert f"{kind} sees the {only} only; expected [{only}], or leave inputs out" in message
    assert message.endswith(f"found {', '.join(inputs)}")


@pytest.mark.parametrize("kind", ["cnn1d", "gru"])
def test_networks_for_light_curves_see_them_without_being_told(kind):
    assert faults({"name": "dummy"}, {"name": kind}, columns=LIGHT_CURVE) == []
    assert (
        faults({"name": "mine", "kind": kind, "inputs": ["light_curve"]}, columns=LIGHT_CURVE) == []
    )


def test_a_network_for_images_sees_them_without_being_told():
    assert faults({"name": "dummy"}, {"name": "cnn"}) == []


@pytest.mark.parametrize(
    ("kind", "only"), [("cnn", "image"), ("cnn1d", "light_curve"), ("gru", "light_curve")]
)
def test_a_network_whose_data_the_study_lacks_is_refused(kind, only):
    (message,) = faults({"name": kind}, columns=FEATURES)
    assert message.startswith(f"{kind} needs columns.{only}; this study has none. Describe")
    (message,) = faults({"name": kind, "inputs": [only]}, columns=FEATURES)
    assert f"no columns.{only}" in message


def test_features_cannot_be_chosen_for_a_network_that_sees_none():
    (message,) = faults({"name": "cnn", "features": ["u"]}, columns=IMAGE | FEATURES)
    assert message == "features stand in the table, and cnn sees image; leave features out"


def test_a_model_that_sees_the_table_needs_features():
    (message,) = faults({"name": "forest", "inputs": ["table", "image"]})
    assert "needs columns.features" in message


def test_a_model_cannot_see_images_that_are_not_there():
    (message,) = faults({"name": "forest", "inputs": ["image"]}, columns=FEATURES)
    assert "no columns.image" in message
