"""Columns get names, roles, states and identifiers, or are refused with a reason."""

import numpy as np
import pandas as pd
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


@pytest.mark.parametrize(
    ("values", "limit"),
    [
        (np.float32(2**24) + 2 * np.arange(20, dtype=np.float32), 24),
        (2.0**53 + 2 * np.arange(20), 53),
        (np.float16(2**11) + 2 * np.arange(20, dtype=np.float16), 11),
        (np.array([2.0**60 + 2**12 * i for i in range(20)], dtype=object), 53),
    ],
)
def test_identifiers_that_floating_point_may_have_rounded_are_refused(values, limit):
    with pytest.raises(BoxloopError, match=rf"below 2\*\*{limit} "):
        assembled(raw({**numbers(), "objid": values}), id="objid")


def test_whole_floating_point_identifiers_below_the_limit_are_their_integers():
    for kind, top in ((np.float32, 2**24), (np.float64, 2**53)):
        values = (top - 1 - np.arange(20)).astype(kind)
        ids = assembled(raw({**numbers(), "objid": values}), id="objid").table.frame["id"]
        assert ids.tolist() == [str(top - 1 - i) for i in range(20)]


def test_a_missing_floating_point_identifier_is_called_missing():
    values = np.arange(20.0)
    values[3] = np.nan
    with pytest.raises(BoxloopError, match=r"1 rows.*have no 'objid'.*row 3"):
        assembled(raw({**numbers(), "objid": values}), id="objid")


GROUPS = [
    ([None, *"abcdefghijklmnopqrs"], "1 rows have no 'field'"),
    ([np.nan, *range(19)], "1 rows have no 'field'"),
    (["", *"abcdefghijklmnopqrs"], "1 rows have no 'field'"),
    ([1, "1"] * 10, "numbers and text"),
    ([[1], [2]] * 10, "list"),
]


@pytest.mark.parametrize(("values", "message"), GROUPS)
def test_a_group_that_is_missing_or_of_mixed_types_is_refused(values, message):
    data = {**numbers(), "field": pd.Series(values, dtype=object)}
    with pytest.raises(BoxloopError, match=rf"split\.group.*{message}"):
        assembled(raw(data), split={**SPLIT, "group": "field"})


def test_a_group_that_is_a_feature_is_held_to_the_same():
    data = {**numbers(), "field": [np.nan, *range(19)]}
    with pytest.raises(BoxloopError, match=r"split\.group.*1 rows have no 'field'"):
        assembled(raw(data), features={"field": {}}, split={**SPLIT, "group": "field"})


def test_groups_of_whole_numbers_are_drawn_alike_whatever_their_type():
    drawn = []
    for kind in (np.int64, np.float32, np.float64, str):
        data = {**numbers(), "field": (np.arange(20) % 7).astype(kind)}
        drawn.append(assembled(raw(data), split={**SPLIT, "group": "field"}).sealed["id"].tolist())
    assert drawn[0] == drawn[1] == drawn[2] == drawn[3]
