"""The plan of a search: content-addressed trials that a longer search only adds to."""

import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import RANGES, random, sobol, study, trials
from scipy.stats import qmc

from boxloop.study.known_models import MODELS
from boxloop.study.seeds import integer_seed
from boxloop.study.trials import chunks_of, trials_of


def test_a_model_without_a_space_has_one_trial_with_the_defaults():
    (only,) = trials({"name": "forest", "parameters": {"n_estimators": 7}})
    assert only["hyperparameters"] == {**MODELS["forest"].defaults, "n_estimators": 7}


def test_a_grid_has_every_combination_once():
    found = trials({"name": "tree", "space": {"max_depth": [2, 4], "min_samples_leaf": [1, 3, 5]}})
    points = {
        (t["hyperparameters"]["max_depth"], t["hyperparameters"]["min_samples_leaf"]) for t in found
    }
    assert points == {(d, m) for d in (2, 4) for m in (1, 3, 5)}
    assert len(found) == 6


def test_a_longer_random_search_begins_with_the_shorter_one():
    assert random(40)[:20] == random(20)


@pytest.mark.parametrize("draw", [random, sobol])
@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_extending_a_search_never_changes_what_came_before(draw, n, more, seed):
    assert draw(n + more, seed=seed)[:n] == draw(n, seed=seed)


def test_identifiers_are_unique_and_follow_from_content_alone():
    first, again = random(30), random(30)
    assert len({t["id"] for t in first}) == 30
    assert [t["id"] for t in first] == [t["id"] for t in again]
    one = trials({"name": "tree", "parameters": {"max_depth": 3}})[0]
    other = trials({"name": "tree", "space": {"max_depth": [2, 3]}})[1]
    assert one == other


@pytest.mark.parametrize(
    "change",
    [{"parameters": {"max_depth": 4}}, {"name": "second", "kind": "tree"}, {"name": "forest"}],
)
def test_another_model_or_value_is_another_trial(change):
    tree = {"name": "tree", "parameters": {"max_depth": 3}}
    assert trials(tree)[0]["id"] != trials({**tree, **change})[0]["id"]


@pytest.mark.parametrize("draw", [random, sobol])
def test_draws_stay_in_their_range(draw):
    for trial in draw(60):
        values = trial["hyperparameters"]
        assert 0.001 <= values["learning_rate"] <= 1.0
        assert 4 <= values["max_leaf_nodes"] <= 64
        assert isinstance(values["max_leaf_nodes"], int)
        assert -1 <= values["l2_regularization"] <= 1


def test_a_logarithmic_range_is_uniform_in_the_logarithm():
    logs = sorted(math.log10(t["hyperparameters"]["learning_rate"]) for t in random(900))
    ranks = [(i + 0.5) / len(logs) for i in range(len(logs))]
    distance = max(abs((x + 3) / 3 - r) for x, r in zip(logs, ranks, strict=True))
    assert distance < 1.95 / math.sqrt(len(logs))  # Kolmogorov-Smirnov, one in a thousand


@pytest.mark.parametrize("draw", [random, sobol])
def test_a_search_of_few_points_has_each_of_them_once(draw):
    found = draw(20, {"name": "tree", "space": {"max_depth": [1, 2, 3]}})
    assert sorted(t["hyperparameters"]["max_depth"] for t in found) == [1, 2, 3]


@pytest.mark.parametrize("draw", [random, sobol])
def test_models_of_one_kind_draw_different_points(draw):
    first = draw(5)
    second = draw(5, {**RANGES, "name": "other", "kind": "boosting"})
    assert all(
        a["hyperparameters"] != b["hyperparameters"] for a, b in zip(first, second, strict=True)
    )


def test_sobol_points_are_scipys_scrambled_by_the_seed_of_study_and_model():
    space = {"C": {"low": 2.0, "high": 4.0}, "epsilon": {"low": 0.01, "high": 1.0, "log": True}}
    found = sobol(8, {"name": "svm", "space": space}, seed=5)
    seed = integer_seed(5, "search", "plan", "svm")
    unit = qmc.Sobol(2, scramble=True, rng=seed).random(8)
    expected = np.column_stack([2 + 2 * unit[:, 0], 10 ** (2 * unit[:, 1] - 2)])
    values = [(t["hyperparameters"]["C"], t["hyperparameters"]["epsilon"]) for t in found]
    np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_sobol_points_lie_in_every_part_of_a_range_once():
    rates = [t["hyperparameters"]["learning_rate"] for t in sobol(64)]
    parts = sorted(int(64 * (math.log10(rate) + 3) / 3) for rate in rates)
    assert parts == list(range(64))


def test_scipy_is_imported_for_sobol_points_only():
    code = """
import sys
from boxloop.study.points import random_points, sobol_points
space = {"max_depth": [1, 2, 3]}
random_points(space, 3, 0, "tree")
print("scipy" in sys.modules)
sobol_points(space, 3, 0, "tree")
print("scipy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@given(st.integers(1, 40), st.integers(1, 15))
@settings(max_examples=25, deadline=None)
def test_chunks_hold_every_trial_once_and_in_order(n, size):
    made = study(RANGES, search={"strategy": "random", "chunk": size}, budget={"trials": n})
    chunks = chunks_of(made, made.models[0])
    assert [t for chunk in chunks for t in chunk] == trials_of(made, made.models[0])
    assert all(len(a) == size >= len(b) for a, b in pairwise(chunks))
