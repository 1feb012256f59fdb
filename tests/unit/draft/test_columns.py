"""What a draft says of single columns: names, units, kinds, markers of missing values, errors."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from boxloop.draft.looks import look
from boxloop.draft.markers import find_markers, only_markers
from boxloop.draft.names import RESERVED, guess_unit, valid_name, words
from boxloop.draft.paired import error_columns
from boxloop.draft.units import unit_of
from boxloop.study.parts import Name

VALID = TypeAdapter(Name)


def seen(values, name="x", unit="", description=""):
    return look(name, pd.Series(values), unit, description)


@given(st.text(), st.sets(st.sampled_from(["a", "b", "x_1"])))
def test_any_text_becomes_a_name_that_the_format_takes_and_that_is_free(text, taken):
    name = valid_name(text, taken)
    assert VALID.validate_python(name) == name
    assert name not in taken and name not in RESERVED


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("MAG_U", "MAG_U"),
        ("[Fe/H]", "Fe_H"),
        ("M*", "M_star"),
        ("flux (Jy)", "flux_Jy"),
        ("α_GHz", "alpha_GHz"),
        ("2MASS", "column_2MASS"),
        ("id", "id_of_file"),
        ("Größe", "Grosse"),
    ],
)
def test_what_a_name_says_survives_its_cleaning(text, name):
    assert valid_name(text) == name


def test_names_that_become_equal_are_told_apart():
    assert valid_name("a b", {"a_b"}) == "a_b_2"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("psfMagErr_u", ["psf", "mag", "err", "u"]),
        ("e_[Fe/H]", ["e", "fe", "h"]),
        ("RAJ2000", ["raj2000"]),
    ],
)
def test_a_name_is_parted_into_its_words(name, parts):
    assert words(name) == parts


@pytest.mark.parametrize(
    ("name", "unit"),
    [("MAG_U", "mag"), ("Teff", "K"), ("logg", "dex"), ("period", "d"), ("pmRA", "mas/yr"),
     ("ug", "mag"),
     ("image", ""), ("colour", ""), ("temperament", ""), ("size", "")],
)  # fmt: skip
def test_units_are_guessed_from_names_of_the_field_only(name, unit):
    assert guess_unit(name) == unit


def test_a_letter_is_a_filter_only_beside_other_filters():
    assert guess_unit("z", ["u", "g", "r", "i", "z"]) == "mag"
    assert guess_unit("z", ["ra", "dec", "z"]) == ""


def test_values_that_are_no_magnitudes_get_no_unit_of_magnitudes():
    assert unit_of(seen([500.0, 900.0, 4000.0], "mag_x"), []).unit == ""
    assert unit_of(seen([17.0, 18.0, -9999.0], "mag_x"), []).unit == "mag"


@pytest.mark.parametrize(
    ("written", "unit", "about"),
    [("Msun", "solMass", "mass"), ("---", "", "mass"),
     ("[cm/s2]", "dex", "mass (logarithm of cm/s2)"),
     ("[Sun]", "dex", "mass"), ("furlong/fortnights", "", "mass (furlong/fortnights)"),
     ("days", "d", "mass")],
)  # fmt: skip
def test_the_file_s_unit_is_taken_as_astropy_writes_it_or_put_into_words(written, unit, about):
    found = unit_of(seen([1.0, 2.0], "m", written, "mass"), [])
    assert (found.unit, found.description) == (unit, about)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, 3], "number"),
        ([1.5, np.nan], "number"),
        (["1", "2.5", ""], "number"),
        (["1.0", "<0.0017", "2.0", "3.0"], "mixed"),
        (["<0.1", "<0.2", "<0.3", "1.0"], "mixed"),
        (["A", "B", None], "text"),
        (["-9999", "-9999", "-9999", "FRB1"], "text"),
        (["2020-01-01", "2021-05-07"], "date"),
        ([None, None], "empty"),
        ([np.nan, np.nan], "empty"),
        ([[1, 2], [3]], "list"),
    ],
)
def test_a_column_is_known_by_what_it_holds(values, kind):
    assert seen(values).kind == kind


def test_a_mixed_column_says_how_many_are_no_numbers_and_which():
    assert seen(["1", "2", "<3", "4"]).strange == (1, ("<3",))


RNG = np.random.default_rng(3)
MAGNITUDES = RNG.normal(19, 1, 300)


@pytest.mark.parametrize(
    ("marker", "unit", "rest", "meaning"),
    [
        (-9999.0, "mag", MAGNITUDES, "not_observed"),
        (99.0, "mag", MAGNITUDES, "not_detected"),
        (99.99, "mag", MAGNITUDES, "not_detected"),
        (0.0, "mag", MAGNITUDES, "not_observed"),
        (99.0, "", RNG.normal(0, 1, 300), "not_observed"),
        (-1.0, "", RNG.uniform(0, 50, 300), "not_observed"),
        (-99.0, "", RNG.uniform(0, 1e6, 300), "not_observed"),
        (9999.0, "", RNG.normal(5, 1, 300), "not_observed"),
        (np.inf, "", RNG.normal(5, 1, 300), "masked"),
    ],
)
def test_a_marker_apart_from_all_values_is_found_with_its_meaning(marker, unit, rest, meaning):
    assert find_markers(seen([*rest, marker, marker]), unit) == {marker: (meaning, 2)}


@pytest.mark.parametrize(
    "values",
    [
        np.arange(200.0),
        RNG.normal(0, 100, 300).round(),
        np.linspace(-120, -80, 401).round(1),
        RNG.integers(-5, 5, 300).astype(float),
        MAGNITUDES,
        np.append(RNG.uniform(0, 5000, 200), [99.0, 999.0]),
    ],
)
def test_numbers_among_others_are_no_markers(values):
    assert find_markers(seen(values), "") == {}


def test_two_markers_of_one_column_do_not_hide_each_other():
    found = find_markers(seen([*MAGNITUDES, 99.0, -9999.0, -9999.0]), "mag")
    assert found == {99.0: ("not_detected", 1), -9999.0: ("not_observed", 2)}


def test_a_column_of_markers_alone_is_known():
    assert only_markers(seen([-9999.0] * 3)) and not only_markers(seen([-9999.0, 3.0]))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["M", "e_M", "E_M"], {"e_M": ("M", "down"), "E_M": ("M", "up")}),
        (["[Fe/H]", "e_[Fe/H]"], {"e_[Fe/H]": ("[Fe/H]", "both")}),
        (["MAG_U", "MAGERR_U"], {"MAGERR_U": ("MAG_U", "both")}),
        (["psfMag_u", "psfMagErr_u"], {"psfMagErr_u": ("psfMag_u", "both")}),
        (["flux", "flux_err"], {"flux_err": ("flux", "both")}),
        (["flux", "fluxerr"], {"fluxerr": ("flux", "both")}),
        (["flux", "err_flux"], {"err_flux": ("flux", "both")}),
        (["flux", "sigma_flux"], {"sigma_flux": ("flux", "both")}),
        (["X", "X_ERR_LOW", "X_ERR_HIGH"], {"X_ERR_LOW": ("X", "down"), "X_ERR_HIGH": ("X", "up")}),
        (["koi_teff", "koi_teff_err1", "koi_teff_err2"],
         {"koi_teff_err1": ("koi_teff", "up"), "koi_teff_err2": ("koi_teff", "down")}),
        (["exp_low", "exp_low_err", "exp_up"], {"exp_low_err": ("exp_low", "both")}),
        (["sigma", "ferret", "energy", "terra"], {}),
        (["flux", "e_other"], {"e_other": ("", "both")}),
    ],
)  # fmt: skip
def test_errors_are_paired_with_what_they_are_the_errors_of(names, found):
    assert {e.name: (e.of, e.side) for e in error_columns(names)} == found
