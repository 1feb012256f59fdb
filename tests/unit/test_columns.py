"""Columns get names, roles, states and identifiers, or are refused with a reason."""

import numpy as np
import pytest
from samples import SPLIT, assembled, numbers, raw

from boxloop.errors import BoxloopError


def test_missing_values_get_their_meaning_and_never_stay_as_numbers():
    data = numbers(6)
    data["MAG"] = [20.0, -9999.0, 99.0, np.nan, 21.0, 22.0]
    data["lim"] = [23.0] * 6
    feature = {
        "from": "MAG",
        "unit": "mag",
        "limit": "lim",
        "missing": {-9999: "masked", 99: "not_detected"},
    }
    result = assembled(raw(data), features={"u": {}, "g": feature})
    frame = result.table.frame
    assert frame["g__state"].tolist() == [0, 3, 2, 1, 0, 0]
    assert frame["g__state"].dtype == np.int8
    np.testing.assert_array_equal(frame["g"], [20.0, np.nan, np.nan, np.nan, 21.0, 22.0])
    assert frame["g__limit"].tolist() == [23.0] * 6
    assert result.table.columns["g"].unit == "mag"
    assert result.table.of_role("limit") == ["g__limit"]


def test_a_sentinel_in_single_precision_is_recognised():
    data = numbers(6)
    data["g"] = np.array([99.99, 20, 21, 22, 23, 24], dtype=np.float32)
    result = assembled(raw(data), features={"g": {"missing": {99.99: "not_detected"}}})
    assert result.table.frame["g__state"].tolist() == [2, 0, 0, 0, 0, 0]


def test_errors_follow_their_feature():
    data = numbers(4)
    data["g"], data["dg"] = [20.0, 99.0, 21.0, 22.0], [0.1, 0.5, -1.0, 0.2]
    feature = {"error": "dg", "missing": {99: "not_detected"}}
    kept = assembled(raw(data), features={"g": feature}).table
    np.testing.assert_array_equal(kept.frame["g_err"], [0.1, np.nan, np.nan, 0.2])
    assert kept.columns["g_err"].role == "error"
    offered = assembled(raw(data), features={"g": {**feature, "use_error": "feature"}}).table
    assert offered.columns["g_err"].role == "feature_error"
    assert offered.frame["g_err__state"].tolist() == [0, 2, 1, 0]


@pytest.mark.parametrize("wanted", ["objid", ["plate", "objid"]])
def test_identifiers_of_64_bits_are_exact(wanted):
    big = 2**63 - 1 - np.arange(20)
    data = {**numbers(), "objid": big, "plate": 7}
    ids = assembled(raw(data), id=wanted).table.frame["id"]
    prefix = "" if wanted == "objid" else "7:"
    assert ids.tolist() == [f"{prefix}{i}" for i in big]


def test_without_an_identifier_source_file_and_row_take_its_place():
    ids = assembled(raw(numbers())).table.frame["id"]
    assert ids.iat[3] == "stars:train.csv:3"


def test_repeated_or_rounded_identifiers_are_refused_with_examples():
    data = {**numbers(), "objid": ["1.24E+18"] * 20}
    with pytest.raises(BoxloopError, match=r"20 rows share.*1\.24E\+18"):
        assembled(raw(data), id="objid")
    data["objid"] = 1.24e18 + np.arange(20)
    with pytest.raises(BoxloopError, match="rounded"):
        assembled(raw(data), id="objid")


def test_nan_and_infinity_can_be_given_a_meaning():
    data = {**numbers(4), "g": [np.nan, np.inf, 1.0, 2.0]}
    missing = {float("nan"): "not_detected", float("inf"): "masked"}
    frame = assembled(raw(data), features={"g": {"missing": missing}}).table.frame
    assert frame["g__state"].tolist() == [2, 3, 0, 0]
    assert frame["g"].isna().tolist() == [True, True, False, False]


def test_light_curves_come_as_lists_beside_their_objects():
    curves = [np.array([1.0, 2.0]), np.array([3.0])] * 5
    data = {"z": np.arange(10.0), "light_curve.time": curves, "light_curve.value": curves}
    result = assembled(raw(data), features={}, light_curve={})
    assert result.table.of_role("light_curve") == ["light_curve.time", "light_curve.value"]
    assert result.table.frame["light_curve.value"].iat[1].tolist() == [3.0]


@pytest.mark.parametrize(
    ("content", "split"),
    [
        ({"keep": ["Z"]}, {}),
        ({"features": {"u": {}, "again": {"from": "Z"}}}, {}),
        ({"features": {"u": {"error": "Z"}}}, {}),
        ({}, {"group": "Z"}),
    ],
)
def test_the_target_cannot_be_carried_past_the_seal(content, split):
    data = {**numbers(), "Z": np.arange(20.0)}
    with pytest.raises(BoxloopError, match="give the answer away"):
        assembled(raw(data), target={"name": "z", "from": "Z"}, split={**SPLIT, **split}, **content)


REFUSED = [
    ({"features": {"uu": {}}}, {}, "no column 'uu'; did you mean 'u'"),
    ({"target": "redshift"}, {}, "columns.target.*no column 'redshift'"),
    ({}, {"z": [0.5] * 20}, "is 0.5 in all 20 rows"),
    ({}, {"z": [np.nan] * 20}, "no row has a finite value"),
    ({}, {"z": ["STAR"] * 20}, "not numbers.*classification"),
    ({}, {"u": [np.nan] * 20}, "'u' has a value in none"),
    ({}, {"u": [np.inf] + [1.0] * 19}, r"infinite.*row 0 of train\.csv.*\.inf: masked"),
    ({}, {"u": ["bright"] + ["1"] * 19}, "1 values.*not numbers, for example 'bright'"),
]


@pytest.mark.parametrize(("content", "data", "message"), REFUSED)
def test_what_nothing_can_be_learnt_from_is_refused(content, data, message):
    with pytest.raises(BoxloopError, match=message):
        assembled(raw({**numbers(), **data}), **content)


@pytest.mark.parametrize(
    ("classes", "message"),
    [(["a"] * 20, "one class 'a'"), (["a"] * 19 + ["rare"], r"\(2\): rare \(1\)")],
)
def test_one_class_or_a_tiny_class_is_refused_by_name(classes, message):
    with pytest.raises(BoxloopError, match=message):
        assembled(raw({**numbers(), "z": classes}), task="classification")


def test_an_empty_table_is_refused():
    with pytest.raises(BoxloopError, match="no rows"):
        assembled(raw({"u": np.zeros(0), "z": np.zeros(0)}))
