"""Seeds: the same use gives the same numbers, another use independent ones."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from boxloop.study.seeds import generator, integer_seed, integer_seed_plain, seed_sequence

names = st.lists(st.one_of(st.text(max_size=8), st.integers(0, 99)), max_size=3).map(tuple)
seeds = st.integers(0, 2**32 - 1)


@given(seeds, names)
def test_a_use_gives_the_same_numbers_whatever_was_drawn_before(seed, use):
    first = generator(seed, *use).random(3)
    generator(seed, "something else").random(5)
    assert np.array_equal(first, generator(seed, *use).random(3))


@given(seeds, names, names)
def test_another_use_gives_other_numbers(seed, one, other):
    same = [str(n) for n in one] == [str(n) for n in other]
    equal = np.array_equal(generator(seed, *one).random(3), generator(seed, *other).random(3))
    assert equal == same


@given(seeds, seeds, names)
def test_another_seed_gives_other_numbers(one, other, use):
    equal = np.array_equal(generator(one, *use).random(3), generator(other, *use).random(3))
    assert equal == (one == other)


@given(seeds, names)
def test_integer_seeds_suit_libraries_that_want_31_bits(seed, use):
    assert 0 <= integer_seed(seed, *use) < 2**31
    assert integer_seed_plain(seed, *use) >= 0


def test_streams_of_a_thousand_uses_are_not_correlated():
    draws = np.array([generator(0, "fold", i).normal(size=50) for i in range(1000)])
    correlation = np.corrcoef(draws)[~np.eye(1000, dtype=bool)]
    assert abs(correlation.mean()) < 0.002
    assert abs(correlation.std() - 1 / np.sqrt(50)) < 0.01


def test_names_are_words_and_not_their_concatenation():
    assert seed_sequence(1, "a", "b").entropy != seed_sequence(1, "ab").entropy
