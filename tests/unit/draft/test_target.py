"""What a draft takes a target for, and which it refuses."""

import numpy as np
import pandas as pd
import pytest

from boxloop.draft.looks import look
from boxloop.draft.models import Size, choose_models, choose_models_for_arrays
from boxloop.draft.target import understand_target
from boxloop.errors import BoxloopError
from boxloop.study.known_models import MODELS

RNG = np.random.default_rng(5)


def understood(values, task=None, unit="", name="t"):
    return understand_target(name, [look("t", pd.Series(values))], task, unit)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["STAR", "QSO"] * 50, "classification"),
        ([1, 2, 5] * 50, "classification"),
        ([1.0, 2.0, np.nan] * 50, "classification"),
        ([True, False] * 50, "classification"),
        (RNG.normal(size=100), "regression"),
        (np.arange(100), "regression"),
        (RNG.integers(0, 50, 1000), "regression"),
    ],
)
def test_the_task_follows_from_the_target(values, task):
    assert understood(values).task == task


def test_the_task_asked_for_is_taken():
    assert understood([1, 2, 5] * 50, "regression").task == "regression"


def test_there_are_no_more_folds_than_objects_of_the_smallest_class():
    assert understood(["A"] * 50 + ["B"] * 3).folds == 3
    assert understood(["A"] * 50 + ["B"] * 2).folds == 2
    assert understood(["A"] * 50 + ["B"] * 40).folds == 5


def test_classes_of_unlike_size_are_told_from_balanced_ones():
    assert understood(["A"] * 50 + ["B"] * 40).balanced
    assert not understood(["A"] * 50 + ["B"] * 20).balanced


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["A"] * 50 + ["B"], "single object.*B.*A 50"),
        (["A"] * 50, "nothing to learn"),
        ([np.nan] * 50, "no value"),
        (["1.0", "<0.3", "2", "3"] * 20, "not numbers.*<0.3"),
        ([f"J{i}" for i in range(300)], "300 values"),
        (["2020-01-01", "2020-01-02"] * 9, "dates"),
    ],
)
def test_a_target_that_nothing_can_be_learnt_of_is_refused_with_the_reason(values, words):
    with pytest.raises(BoxloopError, match=words):
        understood(values)


def test_an_unknown_target_is_refused_with_the_nearest_column():
    looks = [look("redshift", pd.Series([1.0, 2.0])), look("class", pd.Series(["a", "b"]))]
    with pytest.raises(BoxloopError, match="did you mean 'redshift'"):
        understand_target("redshft", looks, None, "")


def test_text_cannot_be_regressed():
    with pytest.raises(BoxloopError, match="numbers"):
        understood(["A", "B"] * 20, "regression")


def test_markers_in_the_target_are_cut_off():
    values = [*RNG.uniform(0.1, 0.9, 50), -9999.0, 99.0]
    target = understood(values)
    low, below = target.where["low"], target.where["below"]
    assert low == min(values[:50]) and below == 99.0


def test_a_code_for_unknown_is_no_class():
    assert understood([1, 2] * 40 + [-9999]).classes == {"1": 40, "2": 40}


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("rows", [100, 40_000, 2_000_000])
def test_models_go_from_simple_to_complex_and_their_grids_fit_the_budget(task, rows):
    models = choose_models(task, Size(rows, 20, 3 if task == "classification" else 0))
    names = [m["name"] for m in models]
    assert names[0] == "dummy" and names[-1] == "boosting" and set(names) <= set(MODELS)
    for model in models:
        space = model.get("space", {})
        assert np.prod([len(v) for v in space.values()]) <= 8
        assert {*space, *model.get("parameters", {})} <= set(MODELS[model["name"]].defaults)


def test_small_classes_are_weighed_up():
    models = choose_models("classification", Size(100, 3, 2), balanced=False)
    assert {m["name"] for m in models if m.get("parameters", {}).get("class_weight")} == {
        "logistic",
        "tree",
        "forest",
    }


def test_models_of_images_see_images_and_the_table_only_where_it_is_offered():
    models = choose_models_for_arrays("classification", "image", table=False)
    assert [m.get("inputs") for m in models] == [None, ["image"], ["image"], None]
    assert models[-1]["name"] == "cnn"  # which sees images whatever else there is
