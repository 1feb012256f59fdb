"""Units: whole, balanced, and the same whatever the order of the rows."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.units import deal, draw_fraction, unit_hashes

IDS = np.array([f"star{i}" for i in range(1000)])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), grouped=st.booleans(), order=st.integers(0, 10_000))
def test_permuting_the_rows_changes_no_draw(seed: int, grouped: bool, order: int) -> None:
    names = np.array([f"f{i % 37}" for i in range(300)]) if grouped else IDS[:300]
    rows = np.random.default_rng(order).permutation(300)
    drawn = draw_fraction(names, 0.3, seed, "t", grouped=grouped)
    assert (draw_fraction(names[rows], 0.3, seed, "t", grouped=grouped) == drawn[rows]).all()
    dealt = deal(names, 5, seed, "t", grouped=grouped)
    assert (deal(names[rows], 5, seed, "t", grouped=grouped) == dealt[rows]).all()


def test_groups_stay_whole() -> None:
    names = np.random.default_rng(0).integers(0, 40, 2000)
    drawn = draw_fraction(names, 0.2, 1, "t", grouped=True)
    assert not set(names[drawn]) & set(names[~drawn])
    assert 0.15 < drawn.mean() < 0.25
    parts = deal(names, 5, 1, "t", grouped=True)
    assert all(len(set(parts[names == g])) == 1 for g in np.unique(names))
    assert np.bincount(parts).min() > 300


def test_strata_keep_their_fractions() -> None:
    labels = np.where(np.arange(1000) % 10 == 0, "rare", "common")
    drawn = draw_fraction(IDS, 0.2, 3, "t", strata=labels)
    assert drawn[labels == "rare"].sum() == 20 and drawn[labels == "common"].sum() == 180
    parts = deal(IDS, 5, 3, "t", strata=labels)
    assert (np.bincount(parts[labels == "rare"]) == 20).all()


def test_another_seed_or_use_draws_others() -> None:
    first = draw_fraction(IDS, 0.5, 1, "t")
    assert 0.3 < (first == draw_fraction(IDS, 0.5, 2, "t")).mean() < 0.7
    assert 0.3 < (first == draw_fraction(IDS, 0.5, 1, "u")).mean() < 0.7


def test_adding_rows_leaves_most_draws_as_they_were() -> None:
    before = draw_fraction(IDS[:900], 0.2, 1, "t")
    after = draw_fraction(IDS, 0.2, 1, "t")[:900]
    assert (before == after).mean() > 0.97


def test_numbers_and_their_text_are_the_same_unit() -> None:
    assert (unit_hashes(np.arange(10), 1) == unit_hashes(np.arange(10).astype(str), 1)).all()
