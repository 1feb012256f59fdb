from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from tables import classes_table, numbers_table

from boxloop.analyses.exploration.classes import about_samples
from boxloop.analyses.exploration.describe import SAMPLE_ROWS, flat, histogram
from boxloop.analyses.exploration.overview import explore_all, explore_training
from boxloop.analyses.exploration.shift import ks_distance
from boxloop.sampling.rows import sample_rows
from boxloop.store import Column, Table, plain

SUMMARY = {"rows": 300, "rows_read": 305, "duplicates_dropped": 5, "target_rows_missing": 0}


def kinds(content, column=None):
    return {f["kind"] for f in content["findings"] if column in (None, f["column"])}


def split_of(table, training):
    sets = np.where(np.arange(len(table)) < training, "train", "test")
    return pd.DataFrame({"id": table.frame["id"], "set": sets})


def with_column(table, name, values, **column):
    frame = table.frame.assign(**{name: values})
    return replace(table, frame=frame, columns={**table.columns, name: Column(**column)})


def test_numbers_agree_with_numpy_and_states_add_up():
    table = numbers_table(missing=0.3)
    content = explore_all(table, SUMMARY, seed=0)
    a, entry = table.frame["a"].dropna(), content["columns"]["a"]
    assert entry["mean"] == pytest.approx(a.mean())
    assert entry["std"] == pytest.approx(a.std(ddof=0))
    assert entry["q05"] == pytest.approx(np.quantile(a, 0.05))
    assert (entry["min"], entry["max"]) == (a.min(), a.max())
    assert entry["measured"] + entry["not_detected"] == entry["n"] == 300
    assert entry["measured"] == entry["n_finite"] == len(a)
    shown = entry["histogram"]
    assert sum(shown["counts"]) + shown["below"] + shown["above"] == len(a)


def test_correlations_agree_with_scipy_over_the_rows_both_have():
    table = numbers_table(missing=0.2)
    found = explore_all(table, SUMMARY, seed=0)["correlation"]
    both = table.frame[["a", "b"]].dropna()
    expected = scipy.stats.spearmanr(both["a"], both["b"]).statistic
    assert found["columns"] == ["a", "b"]
    assert found["spearman"][0][1] == pytest.approx(expected)
    assert found["spearman"][0][0] == 1


def test_all_says_nothing_of_the_target():
    table = numbers_table()
    other = replace(table, frame=table.frame.assign(redshift=np.nan))
    assert plain(explore_all(table, SUMMARY, seed=0)) == plain(explore_all(other, SUMMARY, seed=0))
    assert "redshift" not in explore_all(table, SUMMARY, seed=0)["columns"]


def test_test_rows_cannot_change_what_is_said_of_training():
    table = numbers_table(missing=0.1)
    frame = table.frame.copy()
    frame.loc[200:, ["a", "b", "redshift"]] = [1e9, -1e9, np.nan]
    frame.loc[200:, "a__state"] = 3
    one, other = (
        explore_training(t, split_of(table, 200), task="regression", seed=0)
        for t in (table, replace(table, frame=frame))
    )
    assert one["rows"] == 200
    assert plain(one) == plain(other)


def test_with_target_finds_the_signs_of_the_law():
    table = numbers_table()
    found = explore_training(table, split_of(table, 250), task="regression", seed=0)
    assert found["with_target"]["a"] > 0.5 > -0.5 > found["with_target"]["b"]
    assert found["target"]["name"] == "redshift"
    assert sum(found["target"]["histogram"]["counts"]) > 200


def test_classes_are_counted_in_training_only():
    table = classes_table()
    found = explore_training(table, split_of(table, 250), task="classification", seed=0)
    expected = table.frame["class"].iloc[:250].value_counts().to_dict()
    assert found["target"]["classes"] == expected
    assert found["with_target"] == {"a": None, "b": None}


def test_clean_data_give_no_findings():
    content = explore_all(numbers_table(), {"rows": 300}, seed=0)
    assert content["findings"] == []


def test_injected_faults_are_found_and_the_serious_ones_come_first():
    table = numbers_table()
    n, a = len(table), table.frame["a"].to_numpy()
    rng = np.random.default_rng(0)
    tail = rng.normal(size=n)
    tail[0] = 500
    error = np.full(n, 0.1)
    error[:4] = 33.0
    marked = a.copy()
    marked[:3] = 99.0
    table = with_column(table, "marked", marked, role="feature", unit="mag")
    table = with_column(table, "a_err", error + rng.uniform(0, 1e-3, n), role="error", unit="mag")
    table = with_column(table, "bad_err", -error, role="feature_error", unit="K")
    table = with_column(table, "same", 10 ** (a / 5), role="feature", unit="Jy")
    table = with_column(table, "constant", 1.0, role="feature")
    table = with_column(table, "empty", np.nan, role="feature")
    table = with_column(table, "tail", tail, role="feature")
    summary = {**SUMMARY, "target_rows_missing": 2, "classes": {"common": 290, "rare": 3}}
    content = explore_all(table, summary, seed=0)
    assert kinds(content, "marked") >= {"impossible_value"}
    assert kinds(content, "a_err") == {"impossible_value"}
    assert kinds(content, "bad_err") == {"negative_error"}
    assert kinds(content, "constant") == {"constant"}
    assert kinds(content, "empty") == {"empty", "missing"}
    assert kinds(content, "tail") == {"heavy_tail"}
    assert kinds(content) >= {"same_column", "duplicates", "no_target", "small_class"}
    severities = [f["severity"] for f in content["findings"]]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)
    rows = next(f for f in content["findings"] if f["column"] == "a_err")["evidence"]["rows"]
    assert rows == 4


def test_a_feature_that_gives_the_target_away_is_a_finding():
    table = numbers_table()
    leaking = table.frame["redshift"] ** 3
    table = with_column(table, "copy", leaking, role="feature")
    found = explore_training(table, split_of(table, 250), task="regression", seed=0)
    assert kinds(found, "copy") == {"leak"}


def test_classes_that_come_from_one_sample_each_are_a_finding():
    classes = np.array(["a", "a", "b", "b"])
    assert about_samples(classes, np.array(["one", "one", "two", "two"]))
    assert not about_samples(classes, np.array(["one", "two", "two", "one"]))
    assert not about_samples(classes, np.array(["one"] * 4))


def test_a_shifted_target_sample_is_a_finding_and_an_equal_one_is_none():
    table = numbers_table(2000)
    same, shifted = numbers_table(2000, seed=1), numbers_table(2000, seed=2, missing=0.4)
    shifted = replace(shifted, frame=shifted.frame.assign(b=shifted.frame["b"] + 1.5))
    assert "shift" not in kinds(explore_all(table, SUMMARY, same, seed=0))
    content = explore_all(table, SUMMARY, shifted, seed=0)
    assert kinds(content, "b") == {"shift"}
    assert kinds(content, "a") == {"missing_shift"}
    assert content["target_sample"]["rows"] == 2000
    assert content["target_sample"]["columns"]["b"]["mean"] == pytest.approx(20.5, abs=0.1)


def test_distance_of_distributions_agrees_with_scipy():
    rng = np.random.default_rng(3)
    one, other = rng.normal(size=200), rng.normal(0.4, 1.3, 130)
    expected = scipy.stats.ks_2samp(one, other).statistic
    assert ks_distance(np.append(one, np.nan), other) == pytest.approx(expected)


def test_histograms_count_everything_whatever_the_values():
    for values in (np.zeros(5), np.array([1.0]), np.append(np.arange(1000.0), 1e30)):
        found = histogram(values)
        assert sum(found["counts"]) + found["below"] + found["above"] == len(values)
        assert np.all(np.diff(found["edges"]) > 0)


def test_large_tables_are_sampled_the_same_way_each_time():
    assert sample_rows(5, 10, 0, "x").tolist() == [0, 1, 2, 3, 4]
    drawn = sample_rows(10 * SAMPLE_ROWS, SAMPLE_ROWS, 0, "x")
    assert len(set(drawn)) == SAMPLE_ROWS
    assert np.array_equal(drawn, sample_rows(10 * SAMPLE_ROWS, SAMPLE_ROWS, 0, "x"))


def test_light_curves_and_images_are_described_by_a_few_numbers():
    frame = pd.DataFrame({"id": ["x", "y"]})
    frame["light_curve.time"] = [np.array([1.0, 3.0]), np.array([0.0, 1.0, 5.0])]
    frame["light_curve.value"] = [np.array([10.0, 12.0]), np.array([1.0, np.nan, 3.0])]
    columns = {
        "id": Column("id"),
        "light_curve.time": Column("light_curve", "d"),
        "light_curve.value": Column("light_curve", "mag"),
    }
    images = np.stack([np.zeros((4, 4, 1)), np.eye(4)[..., None]])
    found = flat(Table(frame, columns, arrays={"image": images}), seed=0)
    assert found.frame["light_curve.epochs"].tolist() == [2, 3]
    assert found.frame["light_curve.span"].tolist() == [2, 5]
    assert found.frame["light_curve.middle"].tolist() == [11, 2]
    assert found.columns["light_curve.span"].unit == "d"
    assert found.frame["image.brightest"].tolist() == [0, 1]
    assert found.frame["image.mean"].tolist() == [0, 0.25]
    content = explore_all(Table(frame, columns, arrays={"image": images}), SUMMARY, seed=0)
    assert "light_curve.time" not in content["columns"]
    assert content["columns"]["light_curve.middle"]["unit"] == "mag"
