"""Degraders of features: what they leave, what they change and by how much."""

import inspect
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from degraded import DERIVED, bands
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.analyses.degraders.plan import REGISTRY, planned
from boxloop.features import derived_anew
from boxloop.modalities.registry import modality
from boxloop.modalities.table.degraders import (
    fainter,
    magnitudes_of,
    missing,
    noisier_features,
    spread,
)
from boxloop.store import Table
from boxloop.study.known_degraders import DEGRADERS

MANY = bands(20_000)


def rng(seed: int = 99) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", DEGRADERS)
def test_a_line_has_functions_its_parameters_and_strengths_in_order(name: str) -> None:
    about = DEGRADERS[name]
    functions = [modality(part).degraders[name] for part in about.touches]
    assert any(set(about.parameters) <= set(inspect.signature(f).parameters) for f in functions)
    strengths = list(about.strengths)
    assert strengths == sorted(set(strengths))
    assert strengths[0] <= about.mild < strengths[-1]
    assert about.said.format(number="2", percent="200 %") != about.said


@pytest.mark.parametrize("degrade", [REGISTRY["noise"], fainter, missing])
def test_strength_0_changes_nothing(degrade) -> None:
    table = bands()
    pd.testing.assert_frame_equal(degrade(table, 0.0, rng=rng()).frame, table.frame)


@pytest.mark.parametrize("degrade", [REGISTRY["noise"], fainter, missing])
def test_the_table_that_is_given_stays_as_it_was(degrade) -> None:
    table, before = bands(), bands()
    degrade(table, 0.7, rng=rng())
    pd.testing.assert_frame_equal(table.frame, before.frame)


def test_noise_has_the_width_of_the_errors_times_the_strength() -> None:
    moved = noisier_features(MANY, 2.0, rng=rng()).frame["g_mag"] - MANY.frame["g_mag"]
    moved = moved.dropna()
    assert moved.std() == pytest.approx(0.1, rel=4 / np.sqrt(2 * len(moved)))
    assert moved.mean() == pytest.approx(0, abs=4 * 0.1 / np.sqrt(len(moved)))


def test_noise_of_errors_of_two_sides_has_two_widths() -> None:
    moved = (noisier_features(MANY, 1.0, rng=rng()).frame["r_mag"] - MANY.frame["r_mag"]).to_numpy()
    for half, width in ((moved[moved < 0], 0.05), (moved[moved > 0], 0.15)):
        assert np.sqrt((half**2).mean()) == pytest.approx(width, rel=4 / np.sqrt(2 * len(half)))
    assert (moved > 0).mean() == pytest.approx(0.75, abs=4 * np.sqrt(0.1875 / len(moved)))


def test_noise_of_a_feature_without_errors_is_a_tenth_of_its_spread() -> None:
    moved = noisier_features(MANY, 3.0, rng=rng()).frame["size"] - MANY.frame["size"]
    assert moved.std() == pytest.approx(3 * 0.1 * spread(MANY.column("size")), rel=0.02)
    half = noisier_features(MANY, 3.0, rng=rng(), of_spread=0.05).frame["size"]
    assert (half - MANY.frame["size"]).to_numpy() == pytest.approx(moved.to_numpy() / 2)


def test_noise_adds_in_quadrature_to_the_errors() -> None:
    noisier = noisier_features(MANY, 2.0, rng=rng()).frame
    for name in ("g_mag_err", "r_mag_err_low", "r_mag_err_high"):
        expected = MANY.frame[name] * np.sqrt(5)
        np.testing.assert_allclose(noisier[name], expected, rtol=1e-12)


def test_noise_touches_only_the_columns_that_are_named() -> None:
    noisier = REGISTRY["noise"](bands(), 1.0, rng=rng(), columns=["size"]).frame
    changed = [c for c in noisier if not noisier[c].equals(bands().frame[c])]
    assert changed == ["size"]


def test_spread_is_robust_and_known_where_most_values_are_equal() -> None:
    values = np.r_[rng().normal(0, 2, 10_000), [1e9] * 10]
    assert spread(values) == pytest.approx(2, rel=0.05)
    assert spread(np.array([1.0, 1.0, 1.0, 2.0])) == pytest.approx(np.std([1, 1, 1, 2]))
    assert spread(np.array([np.nan, np.nan])) == 0.0


def test_fainter_moves_all_bands_together_and_neither_sizes_nor_extinctions() -> None:
    table = bands(error=1e-9)
    darker = fainter(table, 0.5, rng=rng()).frame
    assert magnitudes_of(table) == ["g_mag", "r_mag"]
    seen = darker["g_mag"].notna().to_numpy()
    for name in ("g_mag", "r_mag"):
        moved = darker[name][seen] - table.frame[name][seen]
        np.testing.assert_allclose(moved, 0.5, atol=1e-7)
    for name in ("size", "dust"):
        assert darker[name].equals(table.frame[name])


def test_fainter_adds_the_noise_of_a_flux_that_fell_below_the_same_sky() -> None:
    """Flux 1 with error e; at flux 10^-0.4 s the same error is a relative one of e 10^(0.4 s)."""
    darker = fainter(MANY, 1.0, rng=rng()).frame
    growth = 10**0.4
    np.testing.assert_allclose(darker["r_mag_err_low"], MANY.frame["r_mag_err_low"] * growth)
    near = MANY.frame["g_mag"] < 19.5  # none of them is lost
    moved = (darker["g_mag"] - MANY.frame["g_mag"] - 1.0)[near]
    width = 0.05 * np.sqrt(growth**2 - 1)
    assert moved.std() == pytest.approx(width, rel=4 / np.sqrt(2 * len(moved)))


def test_what_is_fainter_than_its_limit_is_not_detected() -> None:
    table = bands()
    darker = fainter(table, 0.8, rng=rng()).frame
    lost = (darker["g_mag__state"] == 2).to_numpy()
    assert lost.any()
    assert darker["g_mag"][lost].isna().all()
    assert darker["g_mag_err"][lost].isna().all()
    assert (darker["g_mag_err__state"][lost] == 2).all()
    assert (darker["g_mag"][~lost].dropna() <= 21.5).all()
    before = (table.frame["g_mag__state"] == 1).to_numpy()
    assert (darker["g_mag__state"][before] == 1).all()


def test_missing_takes_one_feature_from_the_fraction_of_objects() -> None:
    table = bands(1000)
    holes = missing(table, 0.3, rng=rng()).frame
    names = table.of_role("feature")
    lost = holes[names].isna().to_numpy() & table.frame[names].notna().to_numpy()
    assert (lost.sum(axis=1) <= 1).all()
    had_all = table.frame[names].notna().all(axis=1).to_numpy()
    assert lost.any(axis=1)[had_all].sum() <= 300
    assert lost.any(axis=1).sum() >= 300 - (~had_all).sum()
    for i, name in enumerate(names):
        assert (holes[f"{name}__state"][lost[:, i]] == 1).all()


@pytest.mark.parametrize("degrade", [fainter, missing])
@settings(max_examples=15, deadline=None)
@given(strength=st.floats(0, 1), seed=st.integers(0, 100))
def test_states_say_what_the_values_are(degrade, strength: float, seed: int) -> None:
    worse = degrade(bands(80, seed), strength, rng=rng(seed))
    for name in ["g_mag", "r_mag", "size", "dust", "g_mag_err"]:
        gone = worse.frame[name].isna().to_numpy()
        assert ((worse.column(f"{name}__state") > 0) == gone).all()


@settings(max_examples=15, deadline=None)
@given(less=st.floats(0, 1), more=st.floats(0, 1), seed=st.integers(0, 100))
def test_what_is_lost_at_a_smaller_strength_is_lost_at_a_larger_one(less, more, seed) -> None:
    less, more = sorted([less, more])
    table = bands(80, seed)
    for degrade in (missing, fainter):
        few, many = (degrade(table, s, rng=rng(seed)).frame["dust"].isna() for s in (less, more))
        assert (many | ~few).all()


def test_derived_columns_are_those_of_the_degraded_values() -> None:
    table = bands()
    for degrade, strength in ((REGISTRY["noise"], 2.0), (missing, 0.5), (fainter, 0.5)):
        worse = derived_anew(degrade(table, strength, rng=rng()), DERIVED)
        expected = worse.frame["g_mag"] - worse.frame["r_mag"]
        np.testing.assert_array_equal(worse.frame["g_r"], expected)
        gone = worse.frame["g_r"].isna()
        assert ((worse.frame["g_r__state"] > 0) == gone).all()
        assert list(worse.frame) == list(table.frame)


def test_a_study_without_a_list_gets_the_degraders_that_fit_its_data() -> None:
    found, left_out = planned(bands(), None)
    assert [d.name for d in found] == ["noise", "fainter", "missing"]
    assert left_out == []
    assert found[1].columns == ("g_mag", "r_mag")
    assert found[0].strengths == DEGRADERS["noise"].strengths


def test_a_degrader_that_is_wanted_and_does_not_fit_is_named_with_the_reason() -> None:
    table = bands()
    dull = Table(table.frame[["id", "dust", "z"]], table.columns)
    found, left_out = planned(dull, [{"name": "fainter"}, {"name": "blur"}, {"name": "missing"}])
    assert [d.name for d in found] == ["missing"]
    assert [row["name"] for row in left_out] == ["fainter", "blur"]
    assert all(row["reason"] for row in left_out)


def test_columns_and_parameters_of_a_degrader_are_passed_on() -> None:
    entry = {"name": "noise", "columns": ["size"], "strengths": [0, 1, 3], "parameters": {}}
    degrader = planned(bands(), [{**entry, "parameters": {"of_spread": 0.5}}])[0][0]
    assert (degrader.strengths, degrader.columns) == ((1.0, 3.0), ("size",))
    moved = degrader.degrade(MANY, 1.0, rng=rng()).frame["size"] - MANY.frame["size"]
    assert moved.std() == pytest.approx(0.5 * spread(MANY.column("size")), rel=0.05)


def test_a_table_without_states_is_degraded_too() -> None:
    table = bands()
    plain = replace(table, frame=table.frame[[c for c in table.frame if "__state" not in c]])
    for degrade in (REGISTRY["noise"], fainter, missing):
        worse = degrade(plain, 0.5, rng=rng())
        assert list(worse.frame) == list(plain.frame)
