"""Units: whole, balanced, and the same whatever the order of the rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.sampling import deal, deal_inner, draw_fraction, unit_hashes

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


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.integers(0, 10_000))
def test_classes_of_few_sources_are_drawn_and_dealt_as_classes(seed: int, order: int) -> None:
    # Seven, six and three sources; every source is of one class and has rows of its own number.
    source = np.repeat([f"s{i}" for i in range(16)], 10 + np.arange(16))
    classes = np.array(["a"] * 7 + ["b"] * 6 + ["c"] * 3)
    labels = np.repeat(classes, 10 + np.arange(16))
    options = {"strata": labels, "grouped": True}
    drawn = draw_fraction(source, 0.2, seed, "t", **options)
    assert set(labels[drawn]) == {"a", "b", "c"} == set(labels[~drawn])
    parts = deal(source, 3, seed, "t", **options)
    assert all(set(parts[labels == c]) == {0, 1, 2} for c in "abc")
    rows = np.random.default_rng(order).permutation(len(source))
    again = {"strata": labels[rows], "grouped": True}
    assert (draw_fraction(source[rows], 0.2, seed, "t", **again) == drawn[rows]).all()
    assert (deal(source[rows], 3, seed, "t", **again) == parts[rows]).all()


def test_groups_of_mixed_classes_are_drawn_without_regard_to_them() -> None:
    names, labels = np.arange(200) % 20, np.where(np.arange(200) % 3 == 0, "a", "b")
    plain = draw_fraction(names, 0.3, 1, "t", grouped=True)
    assert (draw_fraction(names, 0.3, 1, "t", strata=labels, grouped=True) == plain).all()
    dealt = deal(names, 4, 1, "t", grouped=True)
    assert (deal(names, 4, 1, "t", strata=labels, grouped=True) == dealt).all()


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


def test_whole_numbers_are_the_same_unit_in_every_type() -> None:
    expected = unit_hashes(np.arange(10), 1)
    for kind in (np.float64, np.float32, np.int8, object, str):
        assert (unit_hashes(np.arange(10).astype(kind), 1) == expected).all()
    assert (unit_hashes(np.arange(10.0).astype(object), 1) == expected).all()


def _shares(sizes, folds_, seed=0):
    """Share of each fold's training rows that its inner slice takes."""
    names = np.repeat([f"g{i}" for i in range(len(sizes))], sizes)
    parts = deal(names, folds_, seed, "folds", grouped=True)
    slices = deal_inner(names, parts, seed, "slices")
    assert all(len(set(slices[names == g])) == 1 for g in np.unique(names))
    kinds = slices.max() + 1
    return [
        (slices[parts != k] == k % kinds).mean() if (parts != k).any() else 0 for k in range(folds_)
    ]


@pytest.mark.parametrize(
    "sizes",
    [
        7 * np.arange(1, 41),
        7 * np.arange(1, 201),
        np.ceil(np.random.default_rng(1).lognormal(3, 1, 60)).astype(int),
        np.ceil(np.random.default_rng(2).lognormal(3, 1.5, 500)).astype(int),
        np.full(100, 12),
    ],
)
@pytest.mark.parametrize("k", [2, 3, 5, 10, 13])
def test_every_fold_has_an_inner_slice_of_a_tenth_of_its_training_rows(sizes, k) -> None:
    shares = _shares(sizes, k)
    assert min(shares) > 0.07 and max(shares) < 0.13


@pytest.mark.parametrize("n", [5, 6, 8])
@pytest.mark.parametrize("kind", ["equal", "distinct"])
@pytest.mark.parametrize("seed", range(5))
def test_few_groups_still_leave_each_fold_one_to_stop_by_and_one_to_learn_from(
    n, kind, seed
) -> None:
    sizes = np.full(n, 10) if kind == "equal" else 7 * np.arange(1, n + 1)
    shares = _shares(sizes, min(5, n), seed)
    assert min(shares) > 0 and max(shares) < 0.6


def test_a_single_group_outside_a_fold_stays_for_learning() -> None:
    assert _shares([10, 20], 2) == [0, 0]


def test_the_inner_slices_do_not_depend_on_the_order_of_the_rows() -> None:
    names = np.random.default_rng(0).integers(0, 40, 2000)
    parts = deal(names, 5, 1, "folds", grouped=True)
    rows = np.random.default_rng(1).permutation(2000)
    slices = deal_inner(names, parts, 1, "slices")
    assert (deal_inner(names[rows], parts[rows], 1, "slices") == slices[rows]).all()
    assert (deal_inner(names, parts, 2, "slices") != slices).any()


@settings(max_examples=60, deadline=None)
@given(
    singles=st.integers(0, 60),
    larger=st.lists(st.integers(2, 30), max_size=12),
    k=st.integers(2, 7),
    seed=st.integers(0, 1000),
)
def test_groups_go_one_after_the_other_to_the_part_with_the_fewest_rows(
    singles, larger, k, seed
) -> None:
    sizes = [*larger, *[1] * singles]
    names = np.repeat([f"g{i}" for i in range(len(sizes))], sizes)
    if not len(names):
        return
    hashes, counts = np.unique(unit_hashes(names, seed, "t"), return_counts=True)
    filled, expected = [0] * k, {}
    for i in sorted(range(len(hashes)), key=lambda i: (-counts[i], hashes[i])):
        expected[hashes[i]] = filled.index(min(filled))
        filled[expected[hashes[i]]] += counts[i]
    dealt = deal(names, k, seed, "t", grouped=True)
    assert dealt.tolist() == [expected[h] for h in unit_hashes(names, seed, "t")]
