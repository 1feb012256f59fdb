"""Outer folds: every object tests once, predicted by a search that never saw it."""

import numpy as np
import pandas as pd
import pytest
from tables import classes_table, numbers_table, trial

from boxloop.analyses.scores.compute import Truth
from boxloop.analyses.scores.nested import procedure
from boxloop.errors import BoxloopError
from boxloop.metrics import value
from boxloop.metrics.score import Judged
from boxloop.prepare import assign_split, make_recipes, outer_plan
from boxloop.search import SearchTask, nested_fold

ABOUT = {"outer": 3, "folds": 2, "stratify": True, "seed": 0}
NAMES = ["dummy", "linear", "tree"]


def plan_of(table, group=None, task="regression", **changes):
    about = {**ABOUT, **changes}
    return outer_plan(table, group=group, task=task, **about)


@pytest.mark.parametrize("group", [None, "field"])
def test_groups_stay_whole_and_inner_folds_never_hold_their_outer_fold(group):
    table = numbers_table(300)
    plan = plan_of(table, group)
    assert np.array_equal(plan["id"], table.column("id"))
    assert set(plan["outer"]) == {0, 1, 2}
    for o in range(3):
        inside = plan["outer"] == o
        assert (plan[f"fold_{o}"][inside] == -1).all()
        assert set(plan[f"fold_{o}"][~inside]) == {0, 1}
        if group:
            fields = table.frame.loc[~inside].groupby("field").groups
            for rows in fields.values():
                assert plan.loc[rows, f"fold_{o}"].nunique() == 1
    if group:
        assert (plan.groupby(table.frame["field"])["outer"].nunique() == 1).all()


def test_classes_have_their_share_in_every_outer_fold():
    table = classes_table(300)
    plan = plan_of(table, task="classification")
    counts = pd.crosstab(plan["outer"], table.frame["class"])
    assert (counts.max() - counts.min() <= 1).all()


def test_every_object_trains_the_final_models():
    table = numbers_table(30)
    split = assign_split(
        table,
        table.column("id"),
        calibration=0.1,
        group=None,
        protocol="outer_folds",
        stratify=True,
        task="regression",
        seed=0,
    )
    assert set(split["set"]) == {"train"}


def test_too_few_units_are_counted():
    with pytest.raises(BoxloopError, match="3 outer folds with 2 folds inside need at least 5"):
        plan_of(numbers_table(4))


def nested(table, seed=0):
    recipes = make_recipes(
        table, [{"name": n, "kind": None, "function": None, "inputs": None} for n in NAMES]
    )
    trials = [trial("dummy"), trial("linear"), trial("tree", min_samples_leaf=5)]
    plan, task = plan_of(table), SearchTask("regression", "rmse", seed)
    about = {"models": NAMES, "candidates": NAMES}
    return plan, [
        nested_fold(o, trials, recipes, table, plan, task, **about) for o in range(ABOUT["outer"])
    ]


def test_labels_of_an_outer_fold_do_not_reach_its_predictions():
    """Poisoned labels of a fold change nothing that is predicted for it."""
    table = numbers_table(150)
    plan, clean = nested(table)
    poisoned = numbers_table(150)
    poisoned.frame.loc[plan["outer"] == 1, "redshift"] = 1e6
    _, found = nested(poisoned)
    pd.testing.assert_frame_equal(found[1][0], clean[1][0])
    assert found[1][1] == clean[1][1]
    assert not found[0][0].equals(clean[0][0])


def test_the_procedure_is_scored_by_what_each_fold_chose_without_itself():
    table = numbers_table(150)
    plan, folds = nested(table)
    predictions = pd.concat([frame for frame, _ in folds], ignore_index=True)
    assert sorted(predictions["id"]) == sorted([*table.column("id")] * 3)
    chosen = [{**about, "selected": NAMES[about["outer"]]} for _, about in folds]
    frame = pd.DataFrame(
        {"id": table.column("id"), "target": table.column("redshift"), "unit": table.column("id")}
    )
    found = procedure(predictions, chosen, Truth(frame, ()), task="regression", seed=0)
    by_model = predictions.pivot(index="id", columns="model", values="prediction")
    names = np.array(NAMES)[plan.set_index("id")["outer"]]
    guess = np.array([by_model.loc[i, n] for i, n in zip(plan["id"], names, strict=True)])
    expected = value("rmse", Judged(table.column("redshift"), guess))
    assert found["scores"]["rmse"]["value"] == pytest.approx(expected, rel=1e-12)
    assert found["selected"] == NAMES


def test_other_protocols_have_no_nested_score():
    assert procedure(pd.DataFrame(), [], Truth(pd.DataFrame(), ()), task="x", seed=0) is None
