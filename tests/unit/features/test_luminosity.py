"""Luminosity of a star, against astropy and by hand."""

import numpy as np
import pandas as pd
import pytest
from astropy import constants, units

from boxloop.errors import BoxloopError
from boxloop.features import luminosity
from boxloop.store import Column, Table


def stars(radius, teff, unit="solRad") -> Table:
    frame = pd.DataFrame({"radius": radius, "teff": teff}, dtype=float)
    states = {f"{n}__state": np.isnan(frame[n]).astype(np.int8) for n in frame}
    columns = {"radius": Column("feature", unit), "teff": Column("feature", "K")}
    columns |= {name: Column("state") for name in states}
    return Table(frame.assign(**states), columns)


def test_the_sun_has_the_luminosity_of_the_sun():
    found = luminosity(stars([1.0], [5772.0]), radius="radius", teff="teff")
    assert found.frame["log_luminosity"].tolist() == [0.0]
    assert found.columns["log_luminosity"].unit == "dex"


def test_it_is_the_law_of_stefan_and_boltzmann_with_astropys_constants():
    radius, teff = np.array([0.2, 1.0, 12.0]), np.array([3200.0, 6100.0, 4500.0])
    found = luminosity(stars(radius, teff), radius="radius", teff="teff")
    surface = 4 * np.pi * (radius * constants.R_sun) ** 2
    power = surface * constants.sigma_sb * (teff * units.K) ** 4
    expected = np.log10((power / constants.L_sun).decompose().value)
    # The nominal temperature of the Sun is rounded to 1 K.
    np.testing.assert_allclose(found.frame["log_luminosity"], expected, atol=5e-4)


def test_what_is_not_positive_or_missing_has_no_luminosity_and_a_state():
    table = stars([1.0, -1.0, np.nan], [np.nan, 5000.0, 5000.0])
    found = luminosity(table, radius="radius", teff="teff")
    assert found.frame["log_luminosity"].isna().all()
    assert found.frame["log_luminosity__state"].tolist() == [1, 1, 1]


def test_another_unit_and_an_unknown_feature_are_refused():
    with pytest.raises(BoxloopError, match="expected 'radius' in solRad; its unit is km"):
        luminosity(stars([1.0], [5000.0], unit="km"), radius="radius", teff="teff")
    with pytest.raises(BoxloopError, match="did you mean 'radius'"):
        luminosity(stars([1.0], [5000.0]), radius="radios", teff="teff")
