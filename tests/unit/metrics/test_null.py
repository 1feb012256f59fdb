"""Shuffled labels and the chance they stand for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.metrics import Judged
from boxloop.metrics.null import permutation_null
from boxloop.sampling.shuffle import Shuffler


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 40), st.integers(1, 8))
def test_a_shuffle_is_a_permutation_and_units_of_one_value_stay_of_one_value(seed, n, groups):
    rng = np.random.default_rng(seed)
    names, units = np.array([f"n{i}" for i in range(n)]), rng.integers(0, groups, n)
    values = rng.normal(size=n)
    found = Shuffler(names, units, values).draw(np.random.default_rng(1))
    assert sorted(found) == sorted(values)
    constant = rng.normal(size=groups)[units]
    moved = Shuffler(names, units, constant).draw(np.random.default_rng(1))
    assert set(moved) <= set(constant)
    for unit in np.unique(units):
        assert len(set(moved[units == unit])) == 1


def test_a_shuffle_does_not_depend_on_the_order_of_the_rows():
    rng = np.random.default_rng(0)
    names, units = np.array([f"n{i}" for i in range(30)]), rng.integers(0, 7, 30)
    values, order = rng.normal(size=30), rng.permutation(30)
    one = Shuffler(names, units, values).draw(np.random.default_rng(5))
    other = Shuffler(names[order], units[order], values[order]).draw(np.random.default_rng(5))
    assert np.array_equal(one[order], other)


def test_values_that_differ_within_units_keep_their_neighbours():
    names = np.array([f"n{i:02d}" for i in range(12)])
    units, values = np.repeat([0, 1, 2, 3], 3), np.arange(12)
    found = Shuffler(names, units, values).draw(np.random.default_rng(2))
    assert all((np.diff(found[units == u]) == 1).all() for u in range(4))
    assert not np.array_equal(found, values)


def test_p_values_of_chance_are_uniform_and_a_real_relation_has_the_smallest():
    rng = np.random.default_rng(4)
    small = []
    for _ in range(300):
        truth, guess = rng.integers(0, 2, 40), rng.integers(0, 2, 40)
        pair = Judged(truth, guess, None, ("a", "b"))
        null = permutation_null("accuracy", pair, lambda r: r.permutation(40), rng, 60)
        small.append(null.p <= 0.1)
    assert np.mean(small) < 0.1 + 3 * np.sqrt(0.09 / 300)
    pair = Judged(truth, truth, None, ("a", "b"))
    null = permutation_null("accuracy", pair, lambda r: r.permutation(40), rng, 60)
    assert null.p == pytest.approx(1 / 61) and null.score == 1.0 and null.high < 0.8


def test_smaller_is_better_where_the_metric_says_so():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=50)
    null = permutation_null("rmse", Judged(truth, truth + 0.01), lambda r: r.permutation(50), rng)
    assert null.p == pytest.approx(1 / 401) and null.low > null.score


def test_a_score_that_is_not_defined_has_no_null():
    pair = Judged(np.zeros(5), np.zeros(5))
    rng = np.random.default_rng(0)
    assert permutation_null("r2", pair, lambda r: r.permutation(5), rng) is None
