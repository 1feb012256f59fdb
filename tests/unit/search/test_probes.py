"""Probes: trials of the selected model that test the result; each against a known answer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tables import classes_table, numbers_table, trial

from boxloop.prepare import assign_folds, make_recipes
from boxloop.search import SearchTask, cross_validate, run_probe
from boxloop.store import Column, Table
from boxloop.study.judging import Probes

SETTINGS = Probes(seeds=2, shuffled=2, learning_curve=[0.5, 0.1]).model_dump()


def probe(purpose, table, *, kind="linear", task="regression", metric="rmse", group=None, **more):
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    folds = assign_folds(
        table, split, folds=3, group=group, stratify=group is None, task=task, seed=0
    )
    models = [{"name": kind, "kind": None, "function": None, "inputs": None}]
    recipes, about = make_recipes(table, models), SearchTask(task, metric, 0)
    results, found = cross_validate([trial(kind)], recipes, table, folds, about)
    best = results[0]
    chosen = {**best, "trial": best["id"], "candidate": True}
    selected = {"selected": kind, "models": {kind: chosen}}
    return run_probe(
        purpose,
        selected,
        recipes,
        table,
        folds,
        about,
        out_of_fold=found.assign(model=kind),
        settings=SETTINGS,
        group=group,
        **more,
    )


def test_shuffled_labels_score_like_chance():
    for table, task, metric in (
        (numbers_table(), "regression", "rmse"),
        (classes_table(), "classification", "f1_macro"),
    ):
        kind = "linear" if task == "regression" else "logistic"
        found = probe("shuffled", table, kind=kind, task=task, metric=metric)
        assert len(found["runs"]) == 2
        for run in found["runs"]:
            assert run["p"] > 0.01
            assert abs(run["score"] - found["score"]) > 3 * abs(run["high"] - run["low"])


def test_an_object_under_two_names_betrays_shuffled_labels():
    """Twins exchange one label as a group, and stand in two folds as they are dealt without it."""
    half = numbers_table(150)
    frame = pd.concat([half.frame, half.frame.assign(id="t" + half.frame["id"])])
    twins = Table(frame.reset_index(drop=True), half.columns, "simulated")
    twins.frame["source"] = np.tile(np.arange(150), 2)
    table = replace(twins, columns={**twins.columns, "source": Column("group")})
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    folds = assign_folds(
        table, split, folds=3, group=None, stratify=True, task="regression", seed=0
    )
    recipes = make_recipes(
        table, [{"name": "tree", "kind": None, "function": None, "inputs": None}]
    )
    task = SearchTask("regression", "rmse", 0)
    results, found = cross_validate([trial("tree")], recipes, table, folds, task)
    chosen = {**results[0], "trial": results[0]["id"]}
    beaten = run_probe(
        "shuffled",
        {"selected": "tree", "models": {"tree": chosen}},
        recipes,
        table,
        folds,
        task,
        out_of_fold=found.assign(model="tree"),
        settings=SETTINGS,
        group="source",
    )
    assert all(run["p"] <= 1 / 401 for run in beaten["runs"])


def test_fewer_objects_never_teach_more_for_long():
    found = probe("learning_curve", numbers_table(600), kind="forest")
    small, large = found["runs"]
    assert [small["fraction"], large["fraction"]] == [0.1, 0.5]
    assert small["rows"] == pytest.approx(40, abs=1) and large["rows"] == pytest.approx(200, abs=1)
    assert small["mean"] > large["mean"] > found["score"]


def test_groups_are_kept_whole_in_a_learning_curve():
    found = probe("learning_curve", numbers_table(600), group="field")
    assert found["reason"] == "" and len(found["runs"]) == 2


def test_a_model_without_chance_gives_the_same_score_from_every_seed():
    same = probe("seeds", numbers_table())
    assert [run["mean"] for run in same["runs"]] == [same["score"]] * 2
    other = probe("seeds", numbers_table(), kind="forest")
    assert len({run["mean"] for run in other["runs"]} | {other["score"]}) == 3


def in_time(drift: float, n: int = 600, seed: int = 0) -> Table:
    """A target that drifts with time in steps, which a feature of the night betrays."""
    rng = np.random.default_rng(seed)
    night = np.repeat(np.arange(n // 10), 10)
    level = drift * rng.normal(size=n // 10)[night]
    a = rng.normal(size=n)
    frame = pd.DataFrame(
        {
            "id": [f"o{i:04d}" for i in rng.permutation(n)],
            "a": a,
            "airmass": rng.normal(size=n // 10)[night] + 1e-3 * rng.normal(size=n),
            "mjd": night + rng.random(n),
            "target": a + level + 0.3 * rng.normal(size=n),
        }
    )
    roles = {"id": "id", "a": "feature", "airmass": "feature", "mjd": "time", "target": "target"}
    return Table(frame, {k: Column(v) for k, v in roles.items()}, "simulated")


def test_a_score_from_neighbours_in_time_is_lost_when_the_past_predicts_the_future():
    leak = probe("time_order", in_time(1.5), kind="forest", time="mjd")["runs"][0]
    assert leak["high"] < 0 and leak["past"] > 1.2 * leak["any_time"]
    clean = probe("time_order", in_time(0.0), kind="forest", time="mjd")["runs"][0]
    assert clean["low"] < 0 < clean["high"]


def test_weights_towards_the_target_sample_help_a_model_that_is_too_simple():
    """A straight line fitted to a parabola: weighted, it fits where the target objects are."""
    rng = np.random.default_rng(0)

    def parabola(x, name):
        frame = pd.DataFrame({"id": [f"{name}{i}" for i in range(len(x))], "x": x, "y": x**2})
        roles = {"id": Column("id"), "x": Column("feature"), "y": Column("target")}
        return Table(frame, roles, "simulated")

    target = parabola(rng.uniform(1.2, 2, 400), "t")
    found = probe("reweight", parabola(rng.uniform(-1, 2, 600), "l"), target=target)
    run = found["runs"][0]
    assert run["low"] > 0 and run["reweighted"] < 0.7 * run["plain"]
    assert 0 < run["effective"] < 0.6


def test_what_a_probe_cannot_do_is_said_and_nothing_fails():
    found = probe("reweight", numbers_table(60), target=None)
    assert found["runs"] == [] and found["reason"]
