"""What a draft takes columns for: identifiers, positions, groups, and what it leaves out."""

import numpy as np
import pandas as pd
import pytest

from boxloop.draft.keys import candidates_for_groups, rounded_ids
from boxloop.draft.looks import look
from boxloop.draft.roles import sort_columns
from boxloop.draft.sky import find_positions

RNG = np.random.default_rng(1)
N = 240


def looked(frame, units=None):
    return {n: look(n, frame[n], (units or {}).get(n, "")) for n in frame}


def sorted_columns(target=None, classes=None, units=None, **columns):
    frame = pd.DataFrame(columns)
    return sort_columns(frame, looked(frame, units), target, classes)


def measured(n=N):
    return RNG.normal(10, 1, n)


def test_a_column_of_different_whole_numbers_with_the_name_of_an_identifier_identifies():
    assert sorted_columns(objid=2**62 + np.arange(N), flux=measured()).id == ["objid"]


def test_text_that_differs_in_every_row_identifies():
    assert sorted_columns(label=[f"J{i:04d}" for i in range(N)], flux=measured()).id == ["label"]


def test_measurements_that_happen_to_differ_do_not_identify():
    roles = sorted_columns(teff=np.arange(N) * 3 + 4000, flux=measured())
    assert roles.id == [] and "teff" in roles.features


def test_the_smallest_set_of_columns_that_identifies_is_taken():
    i = np.arange(N)
    roles = sorted_columns(plate=i // 20, mjd=51000 + i // 40, fiberid=i % 20 + 1, flux=measured())
    assert sorted(roles.id) == ["fiberid", "plate"]


def test_three_columns_identify_where_two_do_not():
    i = np.arange(N)
    columns = {"run": i // 60, "camcol": i // 10 % 6, "number": i % 10}
    assert sorted(sorted_columns(**columns, flux=measured()).id) == ["camcol", "number", "run"]


def test_no_identifier_is_invented():
    assert sorted_columns(plate=np.arange(N) // 3, flux=measured()).id == []


def test_identifiers_are_looked_for_after_repeated_rows_are_dropped():
    objid = np.append(np.arange(N) * 7, [0, 7])
    flux = measured(N)
    roles = sorted_columns(objid=objid, flux=np.append(flux, flux[:2]))
    assert roles.id == ["objid"] and roles.duplicates == 2


def test_a_rounded_identifier_is_refused_with_its_value_and_count():
    frame = pd.DataFrame({"objid": np.full(N, 1.24e18), "x": measured()})
    (found,) = rounded_ids(list(looked(frame).values()))
    assert found.name == "objid" and "1.24E+18 in 240 of 240 rows" in found.reason
    roles = sorted_columns(specobjid=np.repeat([3.72e18, 3.64e17], N // 2), flux=measured())
    assert roles.id == [] and "rounded" in roles.excluded["specobjid"]


def test_numbers_that_name_things_or_count_rows_are_no_features():
    roles = sorted_columns(
        objid=2**40 + np.arange(N), specobjid=np.arange(N) * 3, number=np.arange(N), flux=measured()
    )
    assert roles.features == ["flux"]
    assert set(roles.excluded) == {"specobjid", "number"}


@pytest.mark.parametrize(
    ("ra", "dec"),
    [("ra", "dec"), ("RA", "DEC"), ("RAJ2000", "DEJ2000"),
     ("ra_deg", "dec_deg"), ("RAdeg", "DEdeg"), ("raLIN", "decLIN")],
)  # fmt: skip
def test_a_position_in_degrees_is_found_and_no_feature(ra, dec):
    roles = sorted_columns(
        **{ra: RNG.uniform(0, 360, N), dec: RNG.uniform(-30, 80, N)}, flux=measured()
    )
    assert (roles.sky.ra, roles.sky.dec) == (ra, dec)
    assert roles.features == ["flux"]


def positions(units=None, **columns):
    frame = pd.DataFrame(columns)
    return find_positions(looked(frame, units))


@pytest.mark.parametrize(
    ("names", "units"),
    [(("RAh", "DEdeg"), {"RAh": "h"}), (("ra", "dec"), {})],
)
def test_hours_are_not_taken_for_degrees(names, units):
    found = positions(
        units, **{names[0]: np.linspace(0, 23.9, N), names[1]: np.linspace(-60, 80, N)}
    )
    assert found.ra == "" and "hours" in found.left_out[names[0]]


def test_sexagesimal_text_is_left_out_with_an_example():
    found = positions(ra=["12:30:49.4"] * N, dec=["+12:23:28"] * N)
    assert found.ra == "" and "12:30:49.4" in found.left_out["ra"]


def test_galactic_coordinates_alone_are_left_out():
    found = positions(glon=RNG.uniform(0, 360, N), glat=RNG.uniform(-90, 90, N), flux=measured())
    assert found.ra == "" and set(found.left_out) == {"glon", "glat"}


def test_a_second_position_is_left_out():
    found = positions(
        ra=RNG.uniform(0, 360, N), dec=RNG.uniform(-90, 90, N),
        raSDSS=RNG.uniform(0, 360, N), decSDSS=RNG.uniform(-90, 90, N),
    )  # fmt: skip
    assert found.ra == "ra" and set(found.left_out) == {"raSDSS", "decSDSS"}


def test_beta_and_lambda_that_are_no_angles_stay():
    assert positions(l=np.arange(N) * 100.0, b=measured()).left_out == {}


def test_errors_belong_to_their_columns_and_are_no_features():
    roles = sorted_columns(
        M=measured(), e_M=RNG.uniform(0, 1, N), E_M=RNG.uniform(0, 1, N),
        flux=measured(), flux_err=RNG.uniform(0, 1, N), x_err=RNG.uniform(0, 1, N),
    )  # fmt: skip
    assert roles.errors == {"M": ["e_M", "E_M"], "flux": ["flux_err"]}
    assert roles.features == ["M", "flux"] and "of no column here" in roles.excluded["x_err"]


def test_a_lower_error_with_a_minus_sign_leaves_the_upper_for_both_sides():
    roles = sorted_columns(
        teff=measured(), teff_err1=RNG.uniform(0, 1, N), teff_err2=-RNG.uniform(0, 1, N)
    )
    assert roles.errors == {"teff": ["teff_err1"]} and "teff_err2" in roles.excluded


def test_columns_without_content_are_left_out_each_with_its_reason():
    roles = sorted_columns(
        empty=np.full(N, np.nan), same=np.full(N, 301), marked=np.full(N, -9999.0),
        notes=[f"seen by {i}" for i in range(N)], when=["2020-01-01"] * (N - 1) + ["2020-01-02"],
        limit=["<0.1", "0.3"] * (N // 2), flux=measured(), objid=np.arange(N) * 2,
    )  # fmt: skip
    assert roles.features == ["flux"]
    assert "no value" in roles.excluded["empty"]
    assert roles.excluded["same"] == "301 in every row"
    assert "-9999" in roles.excluded["marked"]
    assert "dates" in roles.excluded["when"]
    assert "120 of 240" in roles.excluded["limit"] and "<0.1" in roles.excluded["limit"]


def test_text_of_few_values_is_carried_along():
    roles = sorted_columns(survey=["A", "B"] * (N // 2), flux=measured())
    assert roles.keep == ["survey"] and roles.features == ["flux"]


def groups(target=None, **columns):
    frame = pd.DataFrame(columns)
    return [n for n, _ in candidates_for_groups(frame, looked(frame), target, list(frame))]


def test_a_source_whose_class_never_changes_is_the_strongest_group():
    source = np.repeat([f"X-{i}" for i in range(24)], N // 24)
    classes = np.repeat(["BH", "NS"], N // 2)
    assert groups(classes, field=np.arange(N) % 30, column_1=source) == ["column_1", "field"]


def test_fields_come_before_nights_and_neither_measurements_nor_the_rest():
    i = np.arange(N)
    assert groups(night=i % 30, field=i // 10, nobs=i % 7) == ["field", "night"]


def test_a_group_of_more_than_half_the_rows_or_with_gaps_is_none():
    name = np.where(np.arange(N) < 150, "-9999", "A")
    gaps = np.where(np.arange(N) < 10, np.nan, np.arange(N) // 20)
    assert groups(star=name, field=gaps) == []


def test_dates_without_a_name_are_known_by_their_order_and_place():
    days = np.sort(RNG.uniform(55000, 57000, N))
    roles = sorted_columns(column_3=days, counts=RNG.permutation(days), flux=measured())
    assert set(roles.features) == {"counts", "flux"} and "dates" in roles.excluded["column_3"]
