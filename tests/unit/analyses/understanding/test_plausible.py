"""Plausibility: counts by hand, intervals, rules from the training targets, faults in rules."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from understood import table_with

from boxloop.analyses.understanding.findings import implausible
from boxloop.analyses.understanding.plausible import Shown, automatic_rules, plausibility, said
from boxloop.errors import BoxloopError
from boxloop.metrics import wilson
from boxloop.store import Column, Table


def _rule(name: str = "r", **content: Any) -> dict[str, Any]:
    empty = {"low": None, "high": None, "classes": None, "where": {}, "function": None}
    return {"name": name, **empty, **content}


def _shown(
    predicted: Any, *, units: Any = None, classes: tuple[str, ...] = (), **columns: Any
) -> Shown:
    n = len(predicted)
    table = table_with(**(columns or {"x": np.arange(float(n))}), target=np.full(n, np.nan))
    ids = table.frame["id"]
    objects = pd.DataFrame({"id": ids, "unit": ids if units is None else units})
    frame = pd.DataFrame({"id": ids, "prediction": predicted})
    return Shown(table, objects, {"m": frame}, classes)


def _judge(rules: list, shown: Shown, targets: Any = (), **options: Any) -> dict[str, Any]:
    return plausibility(rules, np.asarray(targets, float), shown, split="cv", seed=0, **options)


def test_violations_of_limits_are_counted() -> None:
    shown = _shown([-1.0, 0.0, 0.5, 1.0, 1.5, np.nan] * 10)
    found = _judge([_rule(low=0, high=1)], shown)["rules"][0]["models"]["m"]
    assert (found["violations"], found["objects"]) == (30, 60)
    assert found["examples"] == ["o0000", "o0004", "o0005"]
    assert (found["low"], found["high"]) == pytest.approx(wilson(30, 60))
    (above,) = _judge([_rule(low=0)], shown)["rules"]
    assert above["models"]["m"]["violations"] == 20


def test_a_rule_holds_where_its_limits_on_columns_say() -> None:
    x = np.array([1.0, 2.0, 3.0, np.nan])
    shown = _shown([5.0, 5.0, 5.0, 5.0], x=x)
    found = _judge([_rule(high=4, where={"x": {"low": 2, "below": 3}})], shown)["rules"][0]
    assert found["models"]["m"]["objects"] == found["models"]["m"]["violations"] == 1
    assert found["models"]["m"]["low"] is None and "10 units" in found["models"]["m"]["reason"]
    none = _judge([_rule(high=4, where={"x": {"low": 9}})], shown)["rules"][0]["models"]["m"]
    assert none["share"] is None and "none of the objects" in none["reason"]


def test_classes_that_a_rule_does_not_allow_are_counted() -> None:
    shown = _shown(
        np.array(["STAR", "QSO", "QSO", "GALAXY"] * 5, object), classes=("GALAXY", "QSO", "STAR")
    )
    found = _judge([_rule(classes=["STAR", "GALAXY"])], shown)["rules"][0]["models"]["m"]
    assert found["violations"] == 10
    with pytest.raises(BoxloopError, match=r"plausible.0.classes.*'STRA'.*STAR"):
        _judge([_rule(classes=["STRA"])], shown)


def test_an_own_function_sees_the_table_without_its_target(tmp_path: Path) -> None:
    module = tmp_path / "law.py"
    module.write_text(
        "def possible(table, predictions):\n"
        "    assert 'y' not in table\n"
        "    return (predictions['prediction'] <= table['x']).to_numpy()\n"
        "def wrong(table, predictions):\n"
        "    return 1\n"
    )
    shown = _shown(np.full(20, 4.0))
    rules = [_rule(function="law:possible")]
    found = _judge(rules, shown, user_code=[str(module)])["rules"][0]["models"]["m"]
    assert found["violations"] == 4 and found["objects"] == 20
    with pytest.raises(BoxloopError, match=r"plausible.0.function.*20 values.*law:wrong"):
        _judge([_rule(function="law:wrong")], shown, user_code=[str(module)])


def test_a_column_that_is_not_there_or_no_number_is_refused() -> None:
    shown = _shown(np.zeros(20))
    with pytest.raises(BoxloopError, match=r"plausible.0.where.xx.*expected a column.*'xx'"):
        _judge([_rule(low=0, where={"xx": {"low": 1}})], shown)
    with pytest.raises(BoxloopError, match=r"plausible.0.where.y"):
        _judge([_rule(low=0, where={"y": {"low": 1}})], shown)
    frame = shown.table.frame.assign(x=["a"] * 20)
    text = Shown(Table(frame, {**shown.table.columns, "x": Column("keep")}), *_rest(shown))
    with pytest.raises(BoxloopError, match="expected a column of numbers"):
        _judge([_rule(low=0, where={"x": {"low": 1}})], text)


def _rest(shown: Shown) -> tuple:
    return shown.objects, shown.predictions, shown.classes


def test_rules_follow_from_the_training_targets_where_none_is_written() -> None:
    positive = automatic_rules(np.array([1.0, 2.0, 11.0, np.nan]))
    assert [(r["name"], r["low"], r["high"]) for r in positive] == [
        ("positive", 0.0, None),
        ("range", 0.0, 12.0),
    ]
    fractions = automatic_rules(np.linspace(0, 1, 50))
    assert [(r["name"], r["low"], r["high"]) for r in fractions] == [
        ("fraction", 0.0, 1.0),
        ("range", pytest.approx(-0.1), pytest.approx(1.1)),
    ]
    assert [r["name"] for r in automatic_rules(np.array([-1.0, 1.0]))] == ["range"]
    assert automatic_rules(np.array([np.nan])) == []
    shown = _shown(np.zeros(20))
    assert [r["name"] for r in _judge([], shown, [1.0, 2.0])["rules"]] == ["positive", "range"]
    assert [r["name"] for r in _judge([_rule(low=0)], shown, [1.0, 2.0])["rules"]] == ["r"]
    classes = _shown(np.array(["a"] * 20, object), classes=("a",))
    assert _judge([], classes)["rules"] == [] and _judge([], classes)["reason"]


def test_a_planted_violation_is_a_finding_and_clean_predictions_are_none() -> None:
    rng = np.random.default_rng(0)
    predicted = rng.uniform(0.1, 1, 2000)
    rules = [_rule("burns", low=0.08), _rule("cold", high=2)]
    assert list(implausible(_judge(rules, _shown(predicted)), "m")) == []
    predicted[:30] = 0.01
    (finding,) = implausible(_judge(rules, _shown(predicted)), "m")
    assert finding.kind == "implausible" and finding.severity in ("medium", "high")
    assert "30 of 2000" in finding.message and "at least 0.08" in finding.message
    assert 0.001 < finding.evidence["low"] < 0.015
    predicted[3:] = 1.0
    assert list(implausible(_judge(rules, _shown(predicted)), "m")) == []


def test_a_rule_that_nobody_wrote_is_a_finding_only_where_it_is_broken_often() -> None:
    targets = np.linspace(1, 3, 100)
    predicted = np.full(1000, 2.0)
    predicted[:8] = -1.0
    found = _judge([], _shown(predicted), targets)
    assert found["rules"][0]["models"]["m"]["violations"] == 8
    assert list(implausible(found, "m")) == []
    predicted[:80] = -1.0
    kinds = [f.evidence["rule"] for f in implausible(_judge([], _shown(predicted), targets), "m")]
    assert kinds == ["positive", "range"]


def test_objects_of_a_unit_count_once() -> None:
    predicted = np.zeros(1000)
    predicted[:100] = -1.0
    units = np.arange(1000) // 100
    rules = [_rule(low=0)]
    found = _judge(rules, _shown(predicted, units=units))["rules"][0]["models"]["m"]
    assert (found["low"], found["high"]) == pytest.approx(wilson(1, 10))
    spread = _judge(rules, _shown(predicted, units=np.arange(1000) % 100))["rules"][0]
    # Every unit has one object of ten that breaks the rule: nothing varies between units.
    assert spread["models"]["m"]["n_units"] == 100


def test_the_order_of_the_rows_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    predicted, units = rng.normal(size=200), rng.integers(0, 40, 200)
    shown = _shown(predicted, units=units)
    order = rng.permutation(200)
    frame = shown.predictions["m"].iloc[order].reset_index(drop=True)
    objects = shown.objects.iloc[order].reset_index(drop=True)
    again = Shown(shown.table.take(order), objects, {"m": frame})
    ours, theirs = (_judge([_rule(low=0)], s)["rules"][0]["models"]["m"] for s in (shown, again))
    assert ours == {
        **theirs,
        "low": pytest.approx(ours["low"]),
        "high": pytest.approx(ours["high"]),
    }


def test_rules_are_said_in_words() -> None:
    rule = _rule("bright", classes=["STAR"], where={"r": {"low": 10, "below": 15}})
    assert said({**rule, "automatic": False}) == (
        "against the rule bright, which allows only STAR where r 10 to 15"
    )
    assert said({**_rule("m", low=0.08), "automatic": False}).endswith("which allows at least 0.08")
