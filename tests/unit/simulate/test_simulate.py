import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.errors import BoxloopError
from boxloop.simulate.photoz import galaxies
from boxloop.simulate.spectra import BANDS, magnitudes, transmission

MAGNITUDES = list(BANDS)


@pytest.fixture(scope="module")
def bright():
    return galaxies(3000, seed=11, limit=20.0)[0]


@pytest.fixture(scope="module")
def faint():
    return galaxies(3000, seed=12, limit=21.5)[0]


def test_the_same_seed_gives_the_same_galaxies_and_another_seed_others(bright):
    again, arrays = galaxies(3000, seed=11, limit=20.0)
    pd.testing.assert_frame_equal(again, bright)
    assert arrays == {}
    other = galaxies(3000, seed=12, limit=20.0)[0]
    assert not np.allclose(other["redshift"], bright["redshift"])
    assert not set(other["galaxy_id"]) & set(bright["galaxy_id"])


def test_the_table_has_its_columns_and_unique_text_ids(bright):
    errors, limits = ([f"{b}_{what}" for b in MAGNITUDES] for what in ("err", "limit"))
    assert list(bright) == ["galaxy_id", *MAGNITUDES, *errors, *limits, "redshift", "field"]
    assert bright["galaxy_id"].is_unique
    assert all(isinstance(i, str) for i in bright["galaxy_id"])
    assert bright["field"].between(0, 39).all()


def test_r_is_brighter_than_the_limit_and_the_faint_sample_reaches_further(bright, faint):
    assert bright["r"].max() < 20.0
    assert 20.0 < faint["r"].max() < 21.5
    assert faint["redshift"].median() > bright["redshift"].median() + 0.05


def test_what_is_not_detected_is_99_without_error_and_fainter_than_its_limit(faint):
    for band in MAGNITUDES:
        gone = faint[band] == 99
        assert (faint[f"{band}_err"].isna() == gone).all()
        assert (faint.loc[~gone, band] < faint.loc[~gone, f"{band}_limit"] + 0.2).all()
    assert 0.05 < (faint["u"] == 99).mean() < 0.9
    assert not (faint["r"] == 99).any()


def test_errors_follow_from_the_depth():
    table = galaxies(2000, seed=1, limit=21.5, depth=(22, 23, 22, 22, 21), zero_point=0)[0]
    near = table[(table["r"] - 21.4).abs() < 0.05]
    expected = 2.5 / np.log(10) / 5 * 10 ** (0.4 * (21.4 - 22))
    assert near["r_err"].median() == pytest.approx(np.hypot(expected, 0.02), rel=0.03)


def test_without_noise_a_galaxy_keeps_its_colours_and_errors_are_the_floor():
    deep = galaxies(500, seed=3, limit=20.0, depth=(40,) * 5, floor=0.0, zero_point=0.0)[0]
    assert not (deep[MAGNITUDES] == 99).any().any()
    assert (deep[[f"{b}_err" for b in MAGNITUDES]] < 1e-3).all().all()


def test_the_zero_points_of_fields_differ_as_much_as_asked():
    quiet, loud = (
        galaxies(8000, seed=4, limit=20.0, fields=10, zero_point=z)[0] for z in (0.0, 0.3)
    )
    spread = [(t["g"] - t["r"]).groupby(t["field"]).median().std() for t in (quiet, loud)]
    assert spread[0] < 0.05
    assert spread[1] > 0.2


def test_redshifts_can_be_learnt_but_not_perfectly(bright):
    from sklearn.ensemble import RandomForestRegressor

    limits = bright[[f"{b}_limit" for b in MAGNITUDES]].to_numpy()
    x = np.where(bright[MAGNITUDES] == 99, limits, bright[MAGNITUDES])
    x, z = np.column_stack([x, np.diff(x, axis=1)]), bright["redshift"].to_numpy()
    model = RandomForestRegressor(30, min_samples_leaf=3, random_state=0)
    model.fit(x[:2000], z[:2000])
    d = (model.predict(x[2000:]) - z[2000:]) / (1 + z[2000:])
    nmad = 1.4826 * np.median(np.abs(d - np.median(d)))
    assert 0.01 < nmad < 0.05


def test_a_flat_spectrum_in_frequency_has_colour_zero():
    wavelength = np.linspace(3000, 10000, 20001)
    for band, (centre, width) in BANDS.items():
        through = transmission(wavelength, band)
        assert transmission(np.array(centre), band) == 1
        assert transmission(np.array(centre + width / 2), band) == pytest.approx(0.5)
        photons = (wavelength**-2.0 * wavelength * through).sum()
        assert -2.5 * np.log10(photons / (through / wavelength).sum()) == pytest.approx(0)


@settings(max_examples=30, deadline=None)
@given(z=st.floats(0, 1), young=st.floats(0, 1), dust=st.floats(0.01, 1))
def test_dust_makes_galaxies_fainter_and_redder(z, young, dust):
    z, young, strength = np.array([z]), np.array([young]), np.array([1.8])
    clean, dusty = (magnitudes(z, young, strength, np.array([a])) for a in (0.0, dust))
    assert all(dusty[b] > clean[b] for b in BANDS)
    assert dusty["u"] - dusty["z"] > clean["u"] - clean["z"]


def test_the_break_moves_from_the_blue_bands_into_the_red_ones():
    z, old = np.array([0.05, 0.35, 0.75]), np.zeros(3)
    strong, weak = (magnitudes(z, old, np.full(3, s), old) for s in (3.0, 1.0))
    dimmed = {b: strong[b] - weak[b] for b in BANDS}
    assert dimmed["u"][0] > 0.5 and abs(dimmed["r"][0]) < 0.01
    assert dimmed["g"][1] > 0.3 and abs(dimmed["i"][1]) < 0.01
    assert dimmed["r"][2] > 0.3 and abs(dimmed["z"][2]) < 0.01


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"limit": 30.0}, "faintest that is detected"),
        ({"limit": 20.0, "depth": (22, 23)}, "five magnitudes"),
        ({"limit": 20.0, "fields": 0}, "fields of at least 1"),
    ],
)
def test_impossible_surveys_are_refused(wrong, said):
    with pytest.raises(BoxloopError, match=said):
        galaxies(10, seed=0, **wrong)
