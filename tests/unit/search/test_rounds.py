"""A search in rounds: jobs known from the file, trials planned from the results so far."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import RANGES, random, study
from searches import folds_of, recipes
from tables import numbers_table

from boxloop.search import SearchTask, plan_round
from boxloop.search.rounds import search_in_rounds
from boxloop.study.rounds import jobs_of, likely_chunks, round_sizes, rounds_of, space_of
from boxloop.study.trials import trials_of
from boxloop.study.vocabulary import SAMPLERS

DEPTHS = {"name": "tree", "space": {"max_depth": [1, 2, 3], "max_features": [None, "sqrt"]}}
KINDS = {
    "name": "dense",
    "space": {"units": [[8], [8, 8], [64]], "batch_size": [64, 32, 128], "dropout": [0.0, 0.5]},
}


def rounds(n: int, model: dict = RANGES, *, round: int = 5, chunk: int = 10, seed: int = 0):
    search = {"strategy": "tpe", "round": round, "chunk": chunk}
    return study(model, search=search, budget={"trials": n}, seed=seed)


def jobs(n: int, model: dict = RANGES, **search: int) -> list:
    made = rounds(n, model, **search)
    return jobs_of(made, made.models[0])


def result(trial: dict, mean: float | None, status: str = "done") -> dict:
    return {**trial, "status": status, "reason": "", "mean": mean}


def plan(results: list[dict], count: int = 5, model: dict = RANGES, **more: object) -> list[dict]:
    about = {"number": 1, "sampler": "TPESampler", "metric": "rmse", "seed": 0}
    search = space_of(study(model, search={"strategy": "random"}).models[0])
    return plan_round(search, results, count=count, **{**about, **more})


def distance(trial: dict) -> float:
    """How far a trial is from the best point there is."""
    values = trial["hyperparameters"]
    rate = math.log10(values["learning_rate"]) + 2
    return rate**2 + (values["max_leaf_nodes"] - 20) ** 2 / 400 + values["l2_regularization"] ** 2


def judged(trials: list[dict]) -> list[dict]:
    return [result(trial, distance(trial)) for trial in trials]


def test_the_first_round_is_that_of_a_random_search():
    made = rounds(20)
    assert trials_of(made, made.models[0]) == random(20)[:5]
    assert [j.trials for j in jobs(20)] == [random(20)[:5], None, None, None]


@given(st.integers(1, 30), st.integers(0, 30), st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_a_larger_budget_adds_jobs_at_the_end(n, more, size, chunk):
    few, many = (jobs(m, round=size, chunk=chunk) for m in (n * size, (n + more) * size))
    assert many[: len(few)] == few
    assert sum(stop - start for start, stop in (job.part for job in many)) == (n + more) * size
    assert all(stop - start <= chunk for start, stop in (job.part for job in many))


def test_there_are_no_more_rounds_than_lists_have_points():
    made = rounds(20, DEPTHS, round=4)
    assert round_sizes(made, made.models[0]) == [4, 2]


def test_a_model_without_a_space_has_one_round():
    assert [job.round for job in jobs(20, {"name": "linear"})] == [0]


def test_the_time_is_reckoned_for_all_trials_of_all_rounds():
    made = rounds(20, chunk=3)
    chunks = likely_chunks(made, made.models[0])
    assert [len(chunk) for chunk in chunks] == [3, 2] * 4
    assert [t for chunk in chunks for t in chunk] == random(20)


def test_the_same_results_give_the_same_plan():
    results = judged(random(10))
    assert plan(results) == plan(results)
    assert plan(results) != plan(results, seed=1)
    assert plan(results) != plan(results, number=2)
    assert plan(results) != plan([{**r, "mean": -r["mean"]} for r in results])


def test_a_longer_round_begins_with_the_shorter_one():
    results = judged(random(10))
    assert plan(results, 8)[:3] == plan(results, 3)


@pytest.mark.parametrize(("metric", "sign"), [("rmse", 1), ("r2", -1)])
def test_later_rounds_come_nearer_to_the_best_point_than_draws_do(metric, sign):
    near = []
    for seed in range(5):
        trials = random(10, seed=seed)
        for number in range(1, 5):
            results = [{**r, "mean": sign * r["mean"]} for r in judged(trials)]
            trials += plan(results, 10, number=number, metric=metric, seed=seed)
        near.append(np.median([distance(t) for t in trials[20:]]))
    assert np.mean(near) < 0.5 * np.median([distance(t) for t in random(500)])


@pytest.mark.parametrize("model", [RANGES, KINDS])
def test_planned_trials_are_new_and_of_the_space(model):
    results = [result(t, float(i % 7)) for i, t in enumerate(random(12, model))]
    planned = plan(results, 6, model)
    assert len({t["id"] for t in [*results, *planned]}) == len(results) + 6
    for trial in planned:
        assert trial["purpose"] == "search" and trial["kind"] == model["name"]
        for key, values in model["space"].items():
            value = trial["hyperparameters"][key]
            if isinstance(values, list):
                assert value in values
            else:
                assert values["low"] <= value <= values["high"]


def test_a_space_that_is_used_up_gives_fewer_trials():
    every = random(6, DEPTHS)
    assert len(every) == 6
    (last,) = plan([result(t, 1.0) for t in every[:5]], 4, DEPTHS)
    assert last == every[5]
    assert plan([result(t, 1.0) for t in every], 4, DEPTHS) == []


@pytest.mark.parametrize("status", ["failed", "not_run"])
def test_trials_without_a_score_are_not_planned_again(status):
    every = random(6, DEPTHS)
    planned = plan([result(t, None, status) for t in every[:4]], 4, DEPTHS)
    assert {t["id"] for t in planned} == {t["id"] for t in every[4:]}


def test_whole_numbers_in_the_logarithm_are_planned_in_their_range():
    space = {"max_iter": {"low": 0.6, "high": 200.4, "log": True, "integer": True}}
    model = {"name": "boosting", "space": space}
    results = [result(t, float(i)) for i, t in enumerate(random(8, model))]
    values = [t["hyperparameters"]["max_iter"] for t in plan(results, 8, model)]
    assert all(isinstance(v, int) and 1 <= v <= 200 for v in values)


def test_every_sampler_learns_from_trials_that_it_did_not_ask_for():
    for sampler, package in SAMPLERS.items():
        if package:
            continue
        results = judged(random(40))
        planned = plan(results, 10, sampler=sampler)
        drawn = np.median([distance(t) for t in results])
        assert np.median([distance(t) for t in planned]) < drawn


def test_a_nested_search_plans_its_own_rounds():
    made = rounds(6, DEPTHS, round=3)
    table = numbers_table(120)
    given = recipes(table, "tree")
    trials = trials_of(made, made.models[0])
    task = SearchTask("regression", "rmse", 0)
    found = search_in_rounds(trials, rounds_of(made), given, table, folds_of(table), task)
    assert [r["status"] for r in found] == ["done"] * 6
    assert found[:3] != [] and [r["id"] for r in found[:3]] == [t["id"] for t in trials]
    again = plan_round(
        space_of(made.models[0]), found[:3], number=1, count=3, sampler="TPESampler",
        metric="rmse", seed=0,
    )  # fmt: skip
    assert [r["id"] for r in found[3:]] == [t["id"] for t in again]


def test_optuna_is_imported_where_rounds_are_planned_only():
    code = "import sys, boxloop.search, boxloop.cli; print('optuna' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
