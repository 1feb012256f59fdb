"""Medians by bisection of running sums are those of the values written out, to the last bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from boxloop.metrics import weighted
from boxloop.metrics.repeated import Repeated

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
#: Few different values, so that many are equal and many lie as far from a centre as others.
coarse = st.integers(-3, 3).map(lambda i: i / 10)


@st.composite
def drawn(draw):
    """Values in increasing order, and rows of how often each was drawn; some rows drew nothing."""
    n = draw(st.integers(1, 25))
    values = draw(st.lists(st.one_of(coarse, numbers), min_size=n, max_size=n))
    counts = draw(hnp.arrays(np.uint8, (draw(st.integers(1, 6)), n), elements=st.integers(0, 4)))
    return np.sort(np.array(values)), counts


def written_out(values, counts):
    return [np.repeat(values, row) for row in counts]


def exactly(found, expected):
    np.testing.assert_array_equal(found, np.array(expected, float))


@given(drawn())
def test_medians_are_those_of_the_values_written_out(case):
    values, counts = case
    rows = written_out(values, counts)
    exactly(Repeated(values, counts).median(), [np.median(r) if len(r) else np.nan for r in rows])


@given(drawn(), st.data())
def test_median_distances_are_those_of_the_values_written_out(case, data):
    values, counts = case
    centre = np.array(
        [data.draw(st.one_of(coarse, numbers, st.sampled_from(values))) for _ in counts]
    )
    rows = written_out(values, counts)
    exactly(
        Repeated(values, counts).median_distance(centre),
        [np.median(np.abs(r - c)) if len(r) else np.nan for r, c in zip(rows, centre, strict=True)],
    )


@given(drawn())
def test_the_deviation_of_whole_numbered_weights_is_that_of_the_values_written_out(case):
    values, counts = case
    counts = counts[counts.any(axis=1)]
    rows = written_out(values, counts)
    mixed = np.random.default_rng(0).permutation(len(values))
    found = weighted.median_deviation(values[mixed], counts[:, mixed].astype(float))
    exactly(found, [np.median(np.abs(r - np.median(r))) for r in rows])


def test_counts_that_do_not_fit_a_byte_are_counted():
    values = np.arange(5.0)
    counts = np.array([[70_000, 1, 1, 1, 70_000], [1, 0, 0, 0, 10**10]])
    exactly(Repeated(values, counts).median(), [2.0, 4.0])


def test_a_number_that_is_none_makes_only_the_resamples_nan_that_drew_it():
    values = np.array([1.0, np.nan, 2.0, 4.0])
    weight = np.array([[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    exactly(weighted.median_deviation(values, weight), [1.0, np.nan])


@pytest.mark.parametrize("size", [1, 2, 999, 3000])
def test_a_thousand_resamples_agree_with_numpy(size):
    rng = np.random.default_rng(size)
    values = np.sort(np.round(rng.standard_t(2, size), 2))
    counts = rng.multinomial(size, np.full(size, 1 / size), 50).astype(np.uint8)
    repeated = Repeated(values, counts)
    centre = repeated.median()
    rows = written_out(values, counts)
    exactly(centre, [np.median(r) for r in rows])
    expected = [np.median(np.abs(r - c)) for r, c in zip(rows, centre, strict=True)]
    exactly(repeated.median_distance(centre), expected)


@given(drawn(), st.integers(0, 2**32 - 1))
def test_weights_that_are_no_whole_numbers_count_as_a_sorted_list_of_distances_does(case, seed):
    values, counts = case
    weight = counts * np.random.default_rng(seed).uniform(0.1, 3.0, len(values))
    weight = weight[weight.any(axis=1)]
    found = weighted.median_deviation(values, weight)
    centre = weighted.median(values, weight)
    exactly(
        found,
        [weighted.median(np.abs(values - c), w) for c, w in zip(centre, weight, strict=True)],
    )
