"""Split, folds and recipes: whole groups, sealed test, nothing learnt from labels."""

import numpy as np
import pandas as pd
import pytest
from tables import classes_table, numbers_table

from boxloop.errors import BoxloopError
from boxloop.prepare import assign_folds, assign_split, make_recipes
from boxloop.store import Column, Table

RULES = {"calibration": 0.1, "group": None, "stratify": True, "task": "regression", "seed": 1}


def _model(name: str, **more: object) -> dict:
    return {"name": name, "kind": None, "function": None, "inputs": None, **more}


def test_the_sealed_objects_test_and_no_others() -> None:
    table = numbers_table()
    sealed = set(table.frame["id"][:60])
    split = assign_split(table, sealed, **RULES)
    assert set(split.loc[split["set"] == "test", "id"]) == sealed
    assert list(split["id"]) == list(table.frame["id"])
    assert (split["set"] == "calibration").sum() == 30


def test_groups_stay_in_one_set_and_one_fold() -> None:
    table = numbers_table()
    sealed = set(table.frame.loc[table.frame["field"] < 3, "id"])
    rules = {**RULES, "group": "field"}
    split = assign_split(table, sealed, **rules)
    fields = table.frame["field"]
    for group in np.unique(fields):
        assert split.loc[fields == group, "set"].nunique() == 1
    folds = assign_folds(
        table, split, folds=3, group="field", stratify=True, task="regression", seed=1
    )
    joined = folds.merge(table.frame[["id", "field"]], on="id")
    assert (joined.groupby("field")[["fold", "slice"]].nunique() == 1).all(axis=None)


def test_a_group_on_both_sides_of_the_seal_is_refused() -> None:
    table = numbers_table()
    with pytest.raises(BoxloopError, match="values of 'field' have objects in two sets"):
        assign_split(table, set(table.frame["id"][:60]), **{**RULES, "group": "field"})


def test_an_object_on_the_sky_in_two_sets_is_refused_whatever_the_units() -> None:
    table = numbers_table()
    rules = {**RULES, "together": ["field"]}
    with pytest.raises(BoxloopError, match=r"'field' have objects in two sets.*test, train"):
        assign_split(table, set(table.frame["id"][:60]), **rules)
    sealed = set(table.frame.loc[table.frame["field"] < 3, "id"])
    with pytest.raises(BoxloopError, match=r"'field' have objects in two sets.*calibration, train"):
        assign_split(table, sealed, **rules)


def test_a_group_in_two_folds_is_refused() -> None:
    table = numbers_table()
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    rules = {"folds": 3, "group": None, "stratify": True, "task": "regression", "seed": 1}
    with pytest.raises(BoxloopError, match=r"12 values of 'field' have objects in two folds"):
        assign_folds(table, split, together=["field"], **rules)


def test_too_few_groups_to_train_and_calibrate_are_refused() -> None:
    table = numbers_table()
    table.frame["field"] = np.where(np.arange(300) < 60, "a", "b")
    rules = {**RULES, "group": "field"}
    with pytest.raises(BoxloopError, match=r"no object is left to train on.*2 units.*split\.calib"):
        assign_split(table, set(table.frame["id"][:60]), **rules)


def test_too_few_objects_to_calibrate_are_refused() -> None:
    table = numbers_table(4)
    with pytest.raises(BoxloopError, match=r"no object is left to calibrate: 4 objects"):
        assign_split(table, {"g00000"}, **RULES)


def test_folds_keep_class_fractions() -> None:
    table = classes_table(600)
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    folds = assign_folds(
        table, split, folds=5, group=None, stratify=True, task="classification", seed=0
    )
    counts = pd.crosstab(folds["fold"], table.frame["class"])
    assert (counts.max() - counts.min() <= 1).all()


def test_fewer_groups_than_folds_is_an_error_that_says_so() -> None:
    table = numbers_table()
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    with pytest.raises(BoxloopError, match=r"13 folds.*has 12 groups of 'field'"):
        assign_folds(
            table, split, folds=13, group="field", stratify=True, task="regression", seed=0
        )


def test_trees_keep_missing_values_and_networks_impute() -> None:
    table = numbers_table(missing=0.1)
    recipes = make_recipes(table, [_model("dummy"), _model("forest"), _model("dense")])
    assert recipes["dummy"] == {"inputs": []}
    assert recipes["forest"]["table"] == {
        "columns": ["a", "b"],
        "indicators": ["a__state", "b__state"],
        "impute": False,
    }
    assert recipes["dense"]["table"]["impute"]


def test_recipes_do_not_look_at_the_target() -> None:
    table = numbers_table()
    models = [_model("linear"), _model("tree")]
    poisoned = numbers_table()
    poisoned.frame["redshift"] = np.nan
    assert make_recipes(table, models) == make_recipes(poisoned, models)


@pytest.mark.parametrize("group", [None, "field"])
@pytest.mark.parametrize("n", [40, 300])
def test_each_fold_has_an_inner_slice_for_early_stopping(group: str | None, n: int) -> None:
    table = numbers_table(n)
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    folds = assign_folds(
        table, split, folds=5, group=group, stratify=True, task="regression", seed=1
    )
    for k in range(5):
        share = (folds.loc[folds["fold"] != k, "slice"] == k).mean()
        assert 0.04 < share < 0.2


def test_classes_stand_in_the_inner_slices_in_their_proportions() -> None:
    table = classes_table(600)
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    folds = assign_folds(
        table, split, folds=5, group=None, stratify=True, task="classification", seed=0
    )
    counts = pd.crosstab(folds["slice"], table.frame["class"])
    assert (counts.max() - counts.min() <= 1).all()


def test_an_inner_slice_that_cannot_be_made_is_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    table = numbers_table()
    table.frame["field"] = np.where(np.arange(300) % 3, "a", "b")
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    rules = {"folds": 2, "stratify": True, "task": "regression", "seed": 1}
    assign_folds(table, split, group="field", **rules)
    assert "early stopping" in caplog.text and "fold 0" in caplog.text
    caplog.clear()
    assign_folds(table, split, group=None, **rules)
    assert caplog.text == ""


def test_indicators_are_candidates_whatever_the_rows_hold() -> None:
    models = [_model("forest"), _model("dense")]
    recipes = make_recipes(numbers_table(missing=0.0), models)
    assert recipes == make_recipes(numbers_table(missing=0.3), models)
    assert recipes["dense"]["table"]["indicators"] == ["a__state", "b__state"]


def test_derived_columns_go_with_errors_that_are_resampled_and_only_with_those() -> None:
    table = numbers_table()
    table = Table(table.frame.assign(a_err=0.1), {**table.columns, "a_err": Column("error")})
    derived = {"colours": {"function": "colours", "bands": ["a", "b"]}}
    found = {}
    for use in ("weight", "resample"):
        features = {"a": {"use_error": use}, "b": {"use_error": "none"}}
        columns = {"features": features, "target": None, "derived": derived}
        found[use] = make_recipes(table, [_model("linear")], columns)["linear"]["table"]
    assert found["resample"]["derived"] == derived and "derived" not in found["weight"]
