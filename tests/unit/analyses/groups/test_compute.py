"""Groups of objects: planted faults, false alarms, permutations, odd input."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from groups_fixture import CLASSES, grouping, looked_at, made, row

from boxloop.analyses.scores.compute import Truth, judged_by_model
from boxloop.metrics import Judged
from boxloop.store import write_json


def _judged(about: dict) -> tuple[pd.DataFrame, Judged]:
    truth = Truth(about["truth"], tuple(about["metrics"]["classes"]))
    objects, judged = judged_by_model(about["predictions"], list(about["metrics"]["models"]), truth)
    return objects, judged["good"]


def test_a_small_table_is_that_of_a_hand_calculation() -> None:
    """Twelve of a, of which nine are right; twelve of b, of which six are right."""
    about = made(24)
    truth, predictions = about["truth"], about["predictions"]
    truth["target"] = ["A", "B", "C"] * 8
    truth["group:field"] = ["a"] * 12 + ["b"] * 12
    right = np.array([True] * 9 + [False] * 3 + [True] * 6 + [False] * 6)
    wrong = truth["target"].map({"A": "B", "B": "C", "C": "A"})
    said = np.where(right, truth["target"], wrong)
    predictions["prediction"] = np.tile(said, 2)
    found = looked_at(about, "field")
    a = row(found, "field", "a")
    assert a["score"]["value"] == 0.75 and a["difference"]["rest"] == 0.5
    assert a["difference"]["value"] == 0.25 and a["n"] == a["n_units"] == 12
    assert a["difference"]["low"] < 0 < a["difference"]["high"]
    # Fisher's exact test of (9, 3) against (6, 6); two looks.
    assert a["difference"]["p"] == pytest.approx(0.40026, abs=1e-4)
    assert a["difference"]["p_holm"] == pytest.approx(2 * a["difference"]["p"], abs=1e-12)
    recall = [a["errors"][c]["recall"] for c in CLASSES]
    assert recall == [0.75, 0.75, 0.75]


@pytest.mark.parametrize(
    ("task", "metric", "planted"),
    [
        ("classification", "accuracy", 0.25),
        ("classification", "f1_macro", 0.25),
        ("regression", "rmse", 1.0),
        ("regression", "nmad", 1.0),
    ],
)
def test_a_planted_unfair_group_is_found_and_named(task: str, metric: str, planted: float) -> None:
    found = looked_at(made(task=task, metric=metric, planted=planted), "mag", "field", "flag")
    (finding,) = found["findings"]
    assert finding["kind"] == "unfair_group" and finding["column"] == "field"
    assert finding["evidence"]["group"] == "c" and finding["evidence"]["also"] == []
    assert "where field is c" in finding["message"] and metric in finding["message"]
    entry = grouping(found, "field")
    assert entry["groups"][entry["worst"]]["label"] == "c"
    assert [r["stands_out"] for r in entry["groups"]] == [False, False, True, False, False]
    assert grouping(found, "mag")["worst"] is None


def test_what_crossed_columns_only_repeat_is_of_low_severity() -> None:
    found = looked_at(made(3000, planted=0.25), ["flag", "field"], "field")
    ranks = {f["evidence"]["grouping"]: f["severity"] for f in found["findings"]}
    assert ranks["field"] in ("medium", "high") and ranks["flag by field"] == "low"
    alone = looked_at(made(3000, planted=0.25), ["flag", "field"])["findings"]
    assert [f["severity"] for f in alone] in (["medium"], ["high"])
    assert "where flag and field are" in alone[0]["message"]


def test_clean_data_sets_raise_nothing(seeds: range) -> None:
    groups = ("mag", "field", ["flag", "number"])
    for seed in seeds:
        task, metric = (("classification", "accuracy"), ("regression", "rmse"))[seed % 2]
        about = made(400, seed, task=task, metric=metric) | {"margin": 0.0}
        protected = ("number",) if task == "classification" else ()
        assert looked_at(about, *groups, protected=protected)["findings"] == []


def test_permuted_rows_and_renamed_groups_change_nothing() -> None:
    about = made(400, metric="f1_macro", planted=0.2)
    first = looked_at(about, "field", "mag")
    rng = np.random.default_rng(3)
    shuffled = dict(about)
    shuffled["truth"] = about["truth"].sample(frac=1, random_state=1)
    shuffled["predictions"] = about["predictions"].sample(frac=1, random_state=2)
    second = looked_at(shuffled, "field", "mag")
    names = dict(zip("abcde", rng.permutation(list("vwxyz")), strict=True))
    renamed = dict(about)
    renamed["truth"] = about["truth"].assign(
        **{"group:field": about["truth"]["group:field"].map(names)}
    )
    third = looked_at(renamed, "field", "mag")
    for label in "abcde":
        mine = row(first, "field", label)
        for other in (row(second, "field", label), row(third, "field", names[label])):
            for part in ("score", "difference"):
                for key in ("value", "low", "high"):
                    assert other[part][key] == pytest.approx(mine[part][key], rel=1e-6)


def test_a_group_of_few_units_has_counts_only() -> None:
    about = made(300)
    about["truth"].loc[:6, "group:field"] = "tiny"
    found = looked_at(about, "field")
    tiny = row(found, "field", "tiny")
    assert tiny["n"] == tiny["n_units"] == 7
    assert tiny["score"]["low"] is None and "below 10 units" in tiny["score"]["reason"]
    assert tiny["difference"]["value"] is None and tiny["difference"]["reason"]
    assert not tiny["stands_out"]


def test_units_and_not_objects_are_counted() -> None:
    found = looked_at(made(300, units=12), "flag")
    assert {r["n_units"] for r in grouping(found, "flag")["groups"]} == {12}
    few = looked_at(made(300, units=5), "flag")
    assert {r["score"]["low"] for r in grouping(few, "flag")["groups"]} == {None}
    assert few["findings"] == []


def test_missing_values_are_a_group_of_their_own() -> None:
    about = made(400)
    about["truth"].loc[:99, "group:mag"] = np.nan
    about["truth"]["group:field"] = about["truth"]["group:field"].astype(object)
    about["truth"].loc[:99, "group:field"] = None
    found = looked_at(about, "mag", "field")
    assert row(found, "mag", "missing")["n"] == row(found, "field", "missing")["n"] == 100
    for name in ("mag", "field"):
        assert sum(r["n"] for r in grouping(found, name)["groups"]) == 400


def test_text_bool_and_whole_numbers_are_categories() -> None:
    found = looked_at(made(300), "field", "flag", "number")
    labels = {g["name"]: [r["label"] for r in g["groups"]] for g in found["groupings"]}
    assert labels == {"field": list("abcde"), "flag": ["False", "True"], "number": ["0", "1", "2"]}


def test_one_group_alone_has_no_rest() -> None:
    about = made(100)
    about["truth"]["group:field"] = "only"
    found = looked_at(about, "field")
    (only,) = grouping(found, "field")["groups"]
    assert only["score"]["low"] is not None
    assert only["difference"]["value"] is None
    assert only["difference"]["reason"] == "there are no other objects"


def test_classes_are_judged_by_their_recall() -> None:
    about = made(planted=0.0, metric="f1_macro")
    objects, judged = _judged(about)
    found = looked_at(about, "class", ["class", "flag"])
    entry = grouping(found, "class")
    assert entry["kind"] == "class" and entry["metric"] == "accuracy"
    for i, label in enumerate(CLASSES):
        right = (judged.prediction == i)[judged.truth == i].mean()
        assert row(found, "class", label)["score"]["value"] == pytest.approx(right, abs=1e-12)
    assert grouping(found, "class by flag")["kind"] == "class"
    assert len(objects) == 1500


def test_a_mean_over_classes_is_not_given_where_a_class_is_missing() -> None:
    about = made(900, metric="f1_macro")
    lacks = (about["truth"]["target"] == "C") & (about["truth"]["group:field"] == "a")
    about["truth"].loc[lacks, "group:field"] = "b"
    found = looked_at(about, "field")
    a = row(found, "field", "a")
    assert a["score"]["value"] is None and "class C" in a["score"]["reason"]
    assert a["difference"]["value"] is None and a["models"]["good"] is None
    assert a["errors"]["C"]["recall"] is None and a["errors"]["C"]["reason"]
    assert row(found, "field", "b")["score"]["low"] is not None


def test_where_nearly_every_group_lacks_a_class_accuracy_stands_in() -> None:
    about = made(300, metric="f1_macro")
    of = about["truth"]["target"].map({"A": "x", "B": "y", "C": "z"})
    about["truth"]["group:field"] = of
    about["truth"].loc[:20, "group:field"] = "x"
    entry = grouping(looked_at(about, "field"), "field")
    assert entry["metric"] == "accuracy" and "lacks a class" in entry["note"]


@pytest.mark.parametrize("n", [3, 12])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_very_few_objects_give_reasons_and_no_number_that_is_none(
    n: int, task: str, tmp_path: Path
) -> None:
    about = made(n, task=task, metric="f1_macro" if task == "classification" else "nmad")
    if n == 3 and task == "classification":
        about["truth"]["target"] = "A"
    protected = ("number",) if task == "classification" else ()
    found = looked_at(about, "mag", "field", "sky", ["flag", "number"], protected=protected)
    write_json(found, tmp_path / "groups.json")
    json.loads((tmp_path / "groups.json").read_text(), parse_constant=pytest.fail)
    for g in found["groupings"]:
        for r in g["groups"]:
            assert r["score"]["low"] is not None or r["score"]["reason"]
            assert r["difference"]["low"] is not None or r["difference"]["reason"]


def test_a_study_without_groups_has_an_empty_list() -> None:
    found = looked_at(made(50))
    assert found["groupings"] == [] and found["findings"] == []


def test_a_column_of_missing_values_alone_is_one_group() -> None:
    about = made(60)
    about["truth"]["group:mag"] = np.nan
    assert [r["label"] for r in grouping(looked_at(about, "mag"), "mag")["groups"]] == ["missing"]


def test_small_or_uncertain_differences_are_no_finding() -> None:
    """A tenth more errors, shown beyond doubt, is within a margin of five hundredths."""
    about = made(20_000, planted=0.04) | {"margin": 0.05}
    found = looked_at(about, "field")
    assert row(found, "field", "c")["difference"]["high"] < 0 and found["findings"] == []


def test_severity_is_high_only_for_errors_that_are_far_larger() -> None:
    mild = looked_at(made(6000, planted=0.06), "field")["findings"]
    grave = looked_at(made(3000, planted=0.3), "field")["findings"]
    assert [f["severity"] for f in mild] == ["medium"]
    assert [f["severity"] for f in grave] == ["high"]


def test_groups_of_a_grouping_hold_every_object_once() -> None:
    found = looked_at(made(500), "mag", "field", "sky", ["mag", "field"], ["flag", "number"])
    for g in found["groupings"]:
        assert sum(r["n"] for r in g["groups"]) == 500
        assert len({r["label"] for r in g["groups"]}) == len(g["groups"]) <= 16
