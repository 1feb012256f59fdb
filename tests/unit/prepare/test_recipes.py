"""Unfitted recipes: which columns a model sees, and which errors its training uses."""

import numpy as np
import pytest
from samples import assembled, raw
from tables import resampled_table

from boxloop.errors import BoxloopError
from boxloop.prepare import make_recipes
from boxloop.study.parts import Columns

FEATURES = {
    "u": {"error": "u_e", "use_error": "weight"},
    "g": {"error": ["g_lo", "g_hi"], "use_error": "resample"},
    "r": {"error": "r_e", "use_error": "feature"},
    "i": {"error": ["i_lo", "i_hi"], "use_error": "feature"},
    "w": {"error": "w_e"},
}
DERIVED = {
    "ug": {"function": "colours", "bands": ["u", "g"]},
    "ri": {"function": "colours", "bands": ["r", "i", "w"]},
}


def recipes(*models, target=None):
    rng = np.random.default_rng(0)
    names = [*FEATURES, "u_e", "g_lo", "g_hi", "r_e", "i_lo", "i_hi", "w_e", "z_e", "z"]
    data = {name: rng.uniform(0.1, 1, 30) for name in names}
    content = {"features": FEATURES, "derived": DERIVED, "target": target or "z"}
    table = assembled(raw(data), **content).table
    section = Columns.model_validate(content).model_dump(mode="json", by_alias=True)
    base = {"kind": None, "function": None, "inputs": None, "features": None}
    return make_recipes(table, [{**base, **m} for m in models], section)


def test_a_model_that_names_no_features_sees_them_all_and_the_errors_it_is_offered():
    columns = recipes({"name": "forest"})["forest"]["table"]["columns"]
    given = ["u", "g", "r", "r_err", "i", "i_err_low", "i_err_high", "w"]
    assert columns == [*given, "u_g", "r_i", "i_w"]


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        (["w", "u"], ["u", "w"]),
        (["r"], ["r", "r_err"]),
        (["i"], ["i", "i_err_low", "i_err_high"]),
        (["ri"], ["r_i", "i_w"]),
        (["i_w", "ug"], ["u_g", "i_w"]),
    ],
)
def test_a_model_sees_the_features_it_names_with_their_offered_errors(features, expected):
    table = recipes({"name": "forest", "features": features})["forest"]["table"]
    assert table["columns"] == expected
    assert set(table["indicators"]) == {f"{c}__state" for c in expected}


@pytest.mark.parametrize(("wrong", "near"), [("i_v", "i_w"), ("uug", "ug"), ("r_err", None)])
def test_a_name_that_is_no_feature_is_refused_with_the_nearest(wrong, near):
    with pytest.raises(BoxloopError, match=rf"models\.mine\.features.*found '{wrong}'") as caught:
        recipes({"name": "mine", "kind": "forest", "features": [wrong]})
    assert near is None or f"did you mean {near!r}" in str(caught.value)


def test_errors_used_in_training_are_named_for_the_features_a_model_sees():
    made = recipes({"name": "forest"}, {"name": "linear", "features": ["u", "w"]})
    weight = {"use": "weight", "low": "u_err", "high": "u_err"}
    resample = {"use": "resample", "low": "g_err_low", "high": "g_err_high"}
    assert made["forest"]["table"]["errors"] == {"u": weight, "g": resample}
    assert made["linear"]["table"]["errors"] == {"u": weight}


def test_recipes_say_nothing_of_errors_that_training_does_not_use():
    made = recipes({"name": "linear", "features": ["w", "r"]})["linear"]
    assert "errors" not in made["table"]
    assert "target_error" not in made


@pytest.mark.parametrize("use", ["none", "weight"])
def test_the_error_of_the_target_is_in_every_recipe(use):
    target = {"name": "z", "error": "z_e", "use_error": use}
    made = recipes({"name": "dummy"}, {"name": "forest"}, target=target)
    expected = {"low": "z_err_low", "high": "z_err_high", "use": use}
    assert made["dummy"]["target_error"] == made["forest"]["target_error"] == expected


def test_a_model_of_derived_columns_alone_is_scattered_too() -> None:
    model = {"name": "forest", "kind": None, "function": None, "inputs": None, "features": ["own"]}
    feature = {"use_error": "resample", "error": "a_err"}
    columns = {"features": {"a": feature}, "derived": {"own": {"function": "own:total"}}}
    recipes = make_recipes(resampled_table(), [model], {**columns, "target": None})
    assert recipes["forest"]["table"]["columns"] == ["total"]
    assert list(recipes["forest"]["table"]["errors"]) == ["a"]
