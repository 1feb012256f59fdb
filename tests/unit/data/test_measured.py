"""Errors on either side, errors of the target, declared missing values: read, sealed, counted."""

import numpy as np
import pytest
from samples import assembled, columns, numbers, raw

from boxloop.data.assemble import assemble_target
from boxloop.errors import BoxloopError


def four(**more):
    return raw({**numbers(4), "g": [20.0, 21.0, 22.0, 23.0], **more})


def feature(**more):
    return {"features": {"u": {}, "g": {"unit": "mag", **more}}}


def kinds(result) -> list[tuple[str, str, int]]:
    return [(f["kind"], f["column"], f["rows"]) for f in result.summary["findings"]]


def test_errors_of_two_sides_are_two_columns_and_no_third():
    sample = four(lo=[0.1, 0.2, 0.3, 0.4], hi=[0.5, 0.6, 0.7, 0.8])
    table = assembled(sample, **feature(error=["lo", "hi"])).table
    assert table.frame["g_err_low"].tolist() == [0.1, 0.2, 0.3, 0.4]
    assert table.frame["g_err_high"].tolist() == [0.5, 0.6, 0.7, 0.8]
    assert "g_err" not in table.frame
    assert {table.columns[f"g_err_{end}"].role for end in ("low", "high")} == {"error"}
    assert table.columns["g_err_low"].unit == "mag"


def test_errors_of_two_sides_offered_to_models_have_states_of_their_own():
    sample = four(lo=[0.1, np.nan, 0.3, 0.4], hi=[0.5, 0.6, np.inf, 0.8])
    content = feature(error=["lo", "hi"], use_error="feature", missing={23: "not_detected"})
    table = assembled(sample, **content).table
    assert table.of_role("feature_error") == ["g_err_low", "g_err_high"]
    assert table.frame["g_err_low__state"].tolist() == [0, 1, 0, 2]
    assert table.frame["g_err_high__state"].tolist() == [0, 0, 1, 2]


def test_an_error_downwards_that_is_written_with_its_sign_is_taken_by_its_size():
    sample = four(lo=[-0.1, -0.2, np.nan, -0.4], hi=[0.5, 0.6, 0.7, 0.8])
    result = assembled(sample, **feature(error=["lo", "hi"]))
    np.testing.assert_array_equal(result.table.frame["g_err_low"], [0.1, 0.2, np.nan, 0.4])
    assert kinds(result) == []


def test_an_error_downwards_of_mixed_signs_keeps_the_negative_ones_unknown():
    sample = four(lo=[-0.1, 0.2, 0.3, 0.4], hi=[0.5, 0.6, 0.7, 0.8])
    result = assembled(sample, **feature(error=["lo", "hi"]))
    np.testing.assert_array_equal(result.table.frame["g_err_low"], [np.nan, 0.2, 0.3, 0.4])
    assert kinds(result) == [("negative_error", "g_err_low", 1)]


def test_zero_and_negative_errors_are_unknown_and_counted_where_there_is_a_value():
    sample = four(e=[0.0, -0.5, 0.0, 0.2], g=[20.0, 21.0, 99.0, 23.0])
    result = assembled(sample, **feature(error="e", missing={99: "not_detected"}))
    np.testing.assert_array_equal(result.table.frame["g_err"], [np.nan, np.nan, np.nan, 0.2])
    assert sorted(kinds(result)) == [("negative_error", "g_err", 1), ("zero_error", "g_err", 1)]


def test_a_declared_missing_value_in_the_errors_is_unknown_and_no_negative_error():
    sample = four(e=[0.1, -9999.0, 0.3, np.inf])
    result = assembled(sample, **feature(error="e", missing={-9999: "masked"}))
    np.testing.assert_array_equal(result.table.frame["g_err"], [0.1, np.nan, 0.3, np.nan])
    assert kinds(result) == []


@pytest.mark.parametrize("use", ["none", "weight", "resample"])
def test_errors_that_are_no_feature_have_the_role_error(use):
    table = assembled(four(e=[0.1, 0.2, 0.3, 0.4]), **feature(error="e", use_error=use)).table
    assert table.columns["g_err"].role == "error"
    assert "g_err__state" not in table.frame


@pytest.mark.parametrize("error", ["e", ["e", "f"]])
def test_errors_of_the_target_are_two_columns_and_sealed_with_it(error):
    data = {**numbers(40), "e": np.arange(1, 41.0), "f": np.arange(101, 141.0)}
    result = assembled(raw(data), target={"name": "z", "unit": "Mpc", "error": error})
    frame, sealed = result.table.frame.set_index("id"), result.sealed.set_index("id")
    assert list(sealed) == ["z", "z_err_low", "z_err_high"]
    assert result.table.of_role("target_error") == ["z_err_low", "z_err_high"]
    assert result.table.columns["z_err_high"].unit == "Mpc"
    high = data["e"] if error == "e" else data["f"]
    for name, expected in (("z_err_low", data["e"]), ("z_err_high", high)):
        assert frame[name].isna().tolist() == frame["z"].isna().tolist()
        whole = frame[name].fillna(sealed[name]).to_numpy()
        np.testing.assert_array_equal(whole, expected)


def test_an_unknown_error_of_the_target_keeps_its_row():
    data = {**numbers(8), "e": [0.1, 0.0, np.nan, np.inf, -1.0, 0.2, 0.3, 0.4]}
    result = assembled(raw(data), target={"name": "z", "error": "e"})
    assert len(result.table) == 8
    low = result.table.frame["z_err_low"].fillna(result.sealed.set_index("id")["z_err_low"])
    assert low.notna().sum() <= 4
    assert ("zero_error", "z_err_low", 1) in kinds(result)


def test_a_derived_column_never_sees_or_takes_the_place_of_the_targets_error(tmp_path):
    own = tmp_path / "own.py"
    own.write_text(
        "def seen(frame):\n    frame['sees'] = float(any(c.startswith('z') for c in frame))\n"
        "    return frame\ndef taken(frame):\n    return frame.assign(z_err_low=1.0)\n"
    )
    from boxloop.data.assemble import assemble
    from boxloop.study.splitting import Split

    def derived(function):
        content = {"function": f"own:{function}"}
        section = columns(target={"name": "z", "error": "e"}, derived={"d": content})
        split = Split(test=0.25, folds=2).model_dump(mode="json")
        data = raw({**numbers(), "e": 0.1})
        code = [str(own)]
        return assemble(
            [data], columns=section, split=split, task="regression", seed=1, user_code=code
        )

    assert (derived("seen").table.frame["sees"] == 0).all()
    with pytest.raises(BoxloopError, match="'z_err_low' is the target's error"):
        derived("taken")


def test_the_target_sample_needs_no_error_of_the_target():
    section = columns(target={"name": "z", "error": "e"})
    table = assemble_target(raw({"u": [1.0, 2.0]}, "target"), columns=section)
    assert table.of_role("target", "target_error") == []


def test_the_targets_error_cannot_be_carried_past_the_seal():
    data = {**numbers(), "e": np.arange(20.0)}
    with pytest.raises(BoxloopError, match=r"columns\.keep: 'e' is the target's error"):
        assembled(raw(data), target={"name": "z", "error": "e"}, keep=["e"])


def test_declared_missing_values_are_counted_over_all_samples_found_or_not():
    missing = {-9999: "masked", 99: "not_detected", float("nan"): "not_observed"}
    content = {"features": {"u": {}, "g": {"missing": missing}}}
    first = four(g=[-9999.0, 99.0, 99.0, 20.0])
    second = raw({**numbers(5), "g": [99.0, 1.0, 2.0, 3.0, 4.0]}, "more")
    assert assembled(first, second, **content).summary["markers"] == {
        "g": [
            {"value": -9999.0, "meaning": "masked", "rows": 1},
            {"value": 99.0, "meaning": "not_detected", "rows": 3},
            {"value": "nan", "meaning": "not_observed", "rows": 0},
        ]
    }


def test_what_was_excluded_and_cut_is_in_the_summary_with_its_reason():
    sample = raw({**numbers(), "leak": 1.0}, rows_cut=7)
    summary = assembled(sample, raw(numbers(4), "deep", rows_cut=2), excluded={"leak": "a copy"})
    assert summary.summary["excluded"] == {"leak": "a copy"}
    assert summary.summary["rows_cut"] == 9
