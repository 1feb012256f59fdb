"""Rows close to each other on the sky are one object, wherever on the sphere and in any order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.errors import BoxloopError
from boxloop.sampling.sky import join_labels, sky_objects

ARCSEC = 1 / 3600


def separation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Angle [deg] of all pairs by the formula of Vincenty: another way than the code's chords."""
    ra1, dec1, ra2, dec2 = (
        np.radians(v) for v in (a[:, None, 0], a[:, None, 1], b[None, :, 0], b[None, :, 1])
    )
    d = ra1 - ra2
    x = np.hypot(
        np.cos(dec2) * np.sin(d),
        np.cos(dec1) * np.sin(dec2) - np.sin(dec1) * np.cos(dec2) * np.cos(d),
    )
    y = np.sin(dec1) * np.sin(dec2) + np.cos(dec1) * np.cos(dec2) * np.cos(d)
    return np.degrees(np.arctan2(x, y))


def flooded(positions: np.ndarray, radius: float) -> list[frozenset[int]]:
    """Connected sets of rows, by walking from neighbour to neighbour."""
    near = separation(positions, positions) <= radius
    left, found = set(range(len(positions))), []
    while left:
        waiting, here = [left.pop()], set()
        while waiting:
            row = waiting.pop()
            here.add(row)
            fresh = left & set(np.flatnonzero(near[row]))
            left -= fresh
            waiting += fresh
        found.append(frozenset(here))
    return sorted(found, key=min)


def parts(labels: np.ndarray) -> list[frozenset[int]]:
    found = [frozenset(np.flatnonzero(labels == k).tolist()) for k in np.unique(labels)]
    return sorted(found, key=min)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([(0.0, 0.0), (359.9999, 30.0), (10.0, 89.9995)]))
def test_objects_are_the_connected_sets_of_a_search_by_hand(seed, centre):
    rng = np.random.default_rng(seed)
    offsets = rng.normal(0, 3 * ARCSEC, (60, 2))
    offsets[:, 0] /= np.cos(np.radians(centre[1]))
    positions = np.asarray(centre) + offsets
    positions[:, 1] = np.clip(positions[:, 1], -90, 90)
    labels = sky_objects(positions[:, 0], positions[:, 1], ARCSEC)
    assert parts(labels) == flooded(positions, ARCSEC)


def test_the_meridian_and_the_poles_are_no_borders():
    ra = np.array([359.99995, 0.00005, 0.0, 120.0, 240.0, 200.0])
    dec = np.array([0.0, 0.0, 89.99995, 89.99995, 89.99995, -10.0])
    labels = sky_objects(ra, dec, 0.5 * ARCSEC)
    assert parts(labels) == [
        frozenset({0, 1}),
        frozenset({2, 3, 4}),
        frozenset({5}),
    ]


def test_a_chain_of_neighbours_is_one_object():
    dec = np.arange(50) * 0.9 * ARCSEC
    assert len(set(sky_objects(np.zeros(50), dec, ARCSEC))) == 1
    assert len(set(sky_objects(np.zeros(50), dec, 0.8 * ARCSEC))) == 50


def test_a_row_without_a_position_is_an_object_of_its_own():
    ra = np.array([10.0, np.nan, 10.0, np.nan])
    dec = np.array([5.0, 5.0, 5.0, np.inf])
    labels = sky_objects(ra, dec, ARCSEC)
    assert parts(labels) == [frozenset({0, 2}), frozenset({1}), frozenset({3})]


def test_labels_are_whole_numbers_from_zero_by_first_appearance():
    labels = sky_objects(np.array([1.0, 50.0, 1.0, 3.0]), np.zeros(4), ARCSEC)
    assert labels.dtype == np.int64
    assert labels.tolist() == [0, 1, 0, 2]


def test_many_epochs_at_one_place_are_one_object():
    rng = np.random.default_rng(0)
    ra, dec = np.repeat(rng.uniform(0, 360, 3), 1500), np.repeat(rng.uniform(-60, 60, 3), 1500)
    labels = sky_objects(ra + rng.normal(0, 0.05 * ARCSEC, ra.size), dec, ARCSEC)
    assert np.array_equal(labels, np.repeat([0, 1, 2], 1500))


def test_many_pairs_are_joined_in_blocks_as_they_are_at_once(monkeypatch):
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 1, 400), rng.uniform(0, 1, 400)
    at_once = sky_objects(ra, dec, 0.03)
    monkeypatch.setattr("boxloop.sampling.sky.BLOCK", 50)
    assert 10 < at_once.max() < 390
    assert np.array_equal(sky_objects(ra, dec, 0.03), at_once)


def test_a_declination_beyond_the_pole_is_refused_with_its_value():
    with pytest.raises(BoxloopError, match=r"between -90 and 90.*found -9999\.0 in row 1"):
        sky_objects(np.array([1.0, 2.0]), np.array([0.0, -9999.0]), ARCSEC)


def test_an_angle_that_joins_most_of_the_catalogue_is_refused(monkeypatch):
    monkeypatch.setattr("boxloop.sampling.sky.PAIRS", 1000)
    rng = np.random.default_rng(0)
    with pytest.raises(BoxloopError, match=r"columns\.sky\.match.*pairs.*smaller angle"):
        sky_objects(rng.uniform(0, 1, 500), rng.uniform(0, 1, 500), 5.0)


def test_rows_that_share_either_label_are_joined():
    sky = np.array([0, 0, 1, 2, 3])
    field = np.array(["a", "b", "b", "c", "d"], dtype=object)
    assert join_labels(sky, field).tolist() == [0, 0, 0, 1, 2]
