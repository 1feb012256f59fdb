"""Values that cannot be, and markers for missing values, are found; honest values are not."""

import numpy as np
import pytest

from boxloop.analyses.exploration.values import about_errors, about_markers, about_values

N = 1000


def normal(seed=0, n=N):
    return np.random.default_rng(seed).normal(size=n)


def kinds_of(values, unit="", role="feature", description="", name="x"):
    about = {"unit": unit, "role": role, "description": description}
    return {(f.severity, f.kind) for f in about_values(name, about, np.asarray(values, float))}


@pytest.mark.parametrize(
    ("value", "about"),
    [
        (60.0, {"unit": "mag"}),
        (-0.5, {"description": "photometric redshift"}),
        (-3.0, {"unit": "K", "description": "effective temperature"}),
        (1.7, {"description": "fraction of votes for a spiral"}),
        (120.0, {"unit": "deg", "name": "dec", "role": "sky"}),
        (400.0, {"unit": "deg", "name": "ra", "role": "sky"}),
    ],
)
def test_a_value_that_cannot_be_is_grave(value, about):
    good = 0.5 + 0.1 * np.tanh(normal())
    assert ("high", "impossible_value") not in kinds_of(good, **about)
    assert ("high", "impossible_value") in kinds_of([*good, value], **about)


def test_negative_fluxes_are_only_noted():
    found = kinds_of(normal(), description="flux at 1.4 GHz", unit="Jy")
    assert found == {("low", "impossible_value")}


def test_few_large_errors_are_less_grave_than_many():
    few = np.where(np.arange(N) < 2, 33.0, 0.1 + 0.01 * normal() ** 2)
    many = np.where(np.arange(N) < 50, 33.0, 0.1 + 0.01 * normal() ** 2)
    assert kinds_of(few, "mag", "error") == {("medium", "impossible_value")}
    assert kinds_of(many, "mag", "error") == {("high", "impossible_value")}


def test_errors_far_beyond_value_and_spread_are_found():
    errors = np.where(np.arange(N) < 3, 1e4, 0.1)
    about = {"unit": "Jy", "role": "error"}
    (found,) = about_errors("x_err", about, errors, normal())
    assert found.evidence["rows"] == 3
    assert about_errors("x_err", about, np.full(N, 0.1), normal()) == []


@pytest.mark.parametrize("marker", [-9999.0, -999.0, -99.0, 99.0, 99.99, 999.0, 9999.0])
def test_an_undeclared_marker_is_grave(marker):
    assert ("high", "marker_value") in kinds_of([*(5 + normal()), marker, marker], "Jy")


def test_minus_one_among_positive_numbers_is_a_marker():
    positive = np.exp(normal())
    assert ("high", "marker_value") in kinds_of([*positive, -1, -1, -1])
    assert kinds_of(normal().round(0)) == set()


def test_zero_far_outside_the_rest_is_a_marker_and_zero_at_the_end_is_none():
    assert ("high", "marker_value") in kinds_of([*(20 + normal()), 0, 0, 0])
    assert kinds_of([*np.abs(normal()), 0, 0, 0]) == set()


def test_a_count_of_99_among_counts_is_no_marker():
    assert kinds_of(np.random.default_rng(0).integers(0, 300, N)) == set()


def test_a_marker_in_errors_is_found():
    assert ("high", "marker_value") in kinds_of([*(1 + 0.1 * normal()), 999, 999], "K", "error")


def test_an_upper_cap_is_found_and_is_only_a_question():
    assert kinds_of(np.minimum(normal(), 1.5)) == {("medium", "capped")}


def test_rounded_values_are_noted():
    assert kinds_of(normal(n=3000).round(1) + 0.05) == {("low", "rounded")}


def test_declared_markers_are_told_with_their_number():
    markers = {"u": [{"value": -9999.0, "meaning": "not_observed", "rows": 37}]}
    (found,) = about_markers(markers)
    assert (found.severity, found.column, found.evidence["rows"]) == ("low", "u", 37)
    assert "37 values of u are -9999.0, read as not observed" in found.message
