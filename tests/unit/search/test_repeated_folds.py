"""Objects dealt into folds again: scores of all repeats, predictions of the first."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from searches import recipes
from tables import numbers_table, trial

from boxloop.analyses.audit.leakage import check_leakage
from boxloop.prepare import assign_folds
from boxloop.search import SearchTask, cross_validate, select_models
from boxloop.search.cross_validate import planned
from boxloop.store import Table
from boxloop.study.splitting import Split

TASK = SearchTask("regression", "rmse", 0)


def dealt(table: Table, repeats: int, group: str | None = None) -> pd.DataFrame:
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    how = {"folds": 3, "group": group, "stratify": True, "task": "regression", "seed": 0}
    return assign_folds(table, split, **how, repeats=repeats)


def test_the_first_repeat_is_that_of_plain_folds_and_the_others_are_others() -> None:
    table = numbers_table(90)
    folds = dealt(table, 3)
    assert list(folds) == ["id", "fold", "slice", "fold_2", "slice_2", "fold_3", "slice_3"]
    pd.testing.assert_frame_equal(folds[["id", "fold", "slice"]], dealt(table, 1))
    for name in ("fold", "fold_2", "fold_3"):
        assert folds[name].value_counts().to_dict() == {0: 30, 1: 30, 2: 30}
    assert (folds["fold"] != folds["fold_2"]).any() and (folds["fold_2"] != folds["fold_3"]).any()


def test_groups_stay_whole_in_every_repeat() -> None:
    table = numbers_table(120)
    table.frame["field"] = np.arange(120) // 6
    folds = dealt(table, 4, "field").merge(table.frame[["id", "field"]], on="id")
    for name in ("fold", "fold_2", "fold_3", "fold_4"):
        assert (folds.groupby("field")[name].nunique() == 1).all()


@pytest.mark.parametrize("model", ["tree", "dense"])
def test_repeats_add_scores_and_change_none(model: str) -> None:
    small = {"units": [4], "epochs": 2, "batch_size": 32} if model == "dense" else {"max_depth": 3}
    table, trials = numbers_table(120), [trial(model, **small)]
    about = recipes(table, model), table
    (once,), alone = cross_validate(trials, *about, dealt(table, 1), TASK)
    (twice,), predictions = cross_validate(trials, *about, dealt(table, 2), TASK)
    assert len(once["scores"]) == 3 and len(twice["scores"]) == 6
    np.testing.assert_allclose(twice["scores"][:3], once["scores"], rtol=1e-3)
    assert twice["mean"] == pytest.approx(np.mean(twice["scores"]))
    assert list(predictions["id"]) == list(alone["id"])
    assert sorted(predictions["fold"].unique()) == [0, 1, 2]


def test_no_fold_of_any_repeat_learns_from_what_it_is_scored_on() -> None:
    table = numbers_table(60)
    training, plan = planned(table, dealt(table, 2))
    assert [fold.number for fold in plan] == list(range(6))
    for fold in plan:
        assert not set(fold.inside) & set(fold.scored)
        assert len(fold.inside) + len(fold.scored) == len(training)


def test_the_standard_error_knows_that_repeats_share_their_objects() -> None:
    scores = {"plain": [1.0, 1.2, 1.1, 1.3], "better": [0.9, 1.0, 1.1, 0.8]}
    about = {"kind": "k", "function": None, "inputs": None, "hyperparameters": {}, "epochs": None}
    trials = [
        {
            **about, "id": name, "model": name, "purpose": "search", "status": "done", "reason": "",
            "scores": of, "mean": float(np.mean(of)), "std": float(np.std(of, ddof=1)),
            "seconds": 0.0,
        }
        for name, of in scores.items()
    ]  # fmt: skip
    _, selected = select_models(trials, "rmse", list(scores), repeats=2)
    assert selected["repeats"] == 2
    expected = np.sqrt((1 / 4 + 1) * np.var(scores["better"], ddof=1))
    assert selected["one_standard_error"]["standard_error"] == pytest.approx(expected)


@pytest.mark.parametrize("other", [{"by": "time"}, {"protocol": "outer_folds"}])
def test_repeats_do_not_go_with_an_order_of_time_nor_with_outer_folds(other: dict) -> None:
    with pytest.raises(ValidationError, match="repeats: 2 goes with folds that are drawn by"):
        Split(repeats=2, **other)


def test_a_group_that_was_cut_in_a_later_repeat_is_found() -> None:
    table = numbers_table(60)
    table.frame["field"] = np.arange(60) // 6
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    folds = dealt(table, 2, "field")
    assert not check_leakage(table, split, folds, ["field"])[1]
    folds.loc[0, "fold_2"] = (folds.loc[0, "fold_2"] + 1) % 3
    about, found = check_leakage(table, split, folds, ["field"])
    assert about["groups"]["field"]["crossing"] == 1
    assert [one.kind for one in found] == ["group_across_sets"]
