"""Scores of degraded data: laws, and a model that gives way is named."""

import json

import numpy as np
import pandas as pd
import pytest
from degraded import (
    ALL,
    DERIVED,
    Brightness,
    Weights,
    bands,
    degrade,
    fitted,
    fragile,
    of,
    simple_and_good,
    stamps,
    values,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.analyses.degraders import compute as degraders
from boxloop.store import Table, plain


def test_a_fragile_model_is_overtaken_and_both_are_named() -> None:
    table, *models = fragile(bands(800))
    found = degrade(models, table, degraders=[{"name": "noise"}])
    noise = of(found, "noise")
    assert noise["overtaken"]["by"] == "robust"
    assert noise["overtaken"]["strength"] == 1.0
    (finding,) = found["findings"]
    assert (finding["severity"], finding["kind"]) == ("medium", "degrades")
    for word in ("robust", "fragile", "rmse", "noise of 1 times"):
        assert word in finding["message"]
    assert finding["evidence"]["low"] > 0


def test_a_model_that_falls_to_the_dummy_is_named() -> None:
    table, dummy, _, fragile_one = fragile(bands(800), weight=40.0)
    frame = table.frame.copy()
    frame["z"] = frame["z"] * 0.3
    models = [dummy, fitted("fragile", Weights([12.0, -12.0, 0.0]), table, ALL)]
    found = degrade(models, Table(frame, table.columns), degraders=[{"name": "noise"}])
    assert fragile_one.name == found["selected"]
    noise = of(found, "noise")
    assert noise["at_dummy"] is not None
    found = degrade(models, Table(_with_errors(frame, 0.03), table.columns))
    (finding,) = [f for f in found["findings"] if f["evidence"]["degrader"] == "noise"]
    assert "learnt nothing" in finding["message"]


def _with_errors(frame: pd.DataFrame, error: float) -> pd.DataFrame:
    frame = frame.copy()
    for name in ("g_mag_err", "r_mag_err_low", "r_mag_err_high"):
        frame[name] = error
    return frame


@pytest.mark.parametrize("seed", range(5))
def test_a_sound_model_on_clean_data_raises_no_finding(seed: int) -> None:
    table = bands(600, seed)
    found = degrade(simple_and_good(table), table, derived=DERIVED, seed=seed)
    assert found["findings"] == []
    assert [about["name"] for about in found["degraders"]] == ["noise", "fainter", "missing"]


def test_two_equal_models_never_overtake_each_other() -> None:
    table = bands(500)
    twins = [fitted(name, Weights([1.0, 0.1]), table, ["g_r", "size"]) for name in "ab"]
    found = degrade(twins, table, derived=DERIVED)
    for about in found["degraders"]:
        assert about["overtaken"] is None
        assert {row["value"] for row in about["differences"]["a"]} == {0.0}


def test_strength_0_is_the_score_of_the_data_as_they_are() -> None:
    table = bands()
    found = degrade(simple_and_good(table), table, derived=DERIVED)
    residual = np.nan_to_num(table.column("g_r")) + 0.1 * table.column("size") - table.column("z")
    for about in found["degraders"]:
        expected = float(np.sqrt((residual**2).mean()))
        assert about["strengths"][0] == 0
        assert about["scores"]["law"][0]["value"] == pytest.approx(expected, rel=1e-6)
        assert about["falls"][0]["value"] == 0


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000))
def test_more_noise_never_raises_the_score_for_long(seed: int) -> None:
    table = bands(300, seed)
    entries = [{"name": "noise", "strengths": [0.5, 1, 2, 4, 8]}]
    found = degrade(simple_and_good(table), table, derived=DERIVED, seed=seed, degraders=entries)
    errors = values(found, "noise", "law")
    assert (np.diff(errors[1:]) > -0.02 * errors[1:-1]).all()
    assert errors[-1] > errors[0]


def test_the_noise_of_a_known_law_raises_its_error_as_it_must() -> None:
    """rmse^2 grows by the variances of the noise times the squared weights."""
    table = bands(5000)
    entries = [{"name": "noise", "columns": ["size"], "strengths": [4]}]
    models = [fitted("law", Weights([0.1]), table, ["size"])]
    target = Table(table.frame.assign(z=0.1 * table.frame["size"]), table.columns)
    found = degrade(models, target, degraders=entries)
    width = 0.1 * 4 * 0.1 * degraders_spread(table)
    assert values(found, "noise", "law")[1] == pytest.approx(width, rel=0.05)


def degraders_spread(table: Table) -> float:
    from boxloop.modalities.table.degraders import spread

    return spread(table.column("size"))


def test_the_order_of_the_rows_changes_nothing() -> None:
    table = bands(300)
    rows = np.random.default_rng(2).permutation(len(table))
    models = simple_and_good(table)
    one = degrade(models, table, derived=DERIVED, unit="field")
    other = degrade(models, table.take(rows), derived=DERIVED, unit="field")
    assert json.dumps(plain(one)) == json.dumps(plain(other))


def test_a_part_of_many_objects_is_drawn_in_whole_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(degraders, "MOST", 100)
    table = bands(400)
    seen: list[pd.Series] = []

    class Watch(Weights):
        def predict(self, matrix: np.ndarray) -> np.ndarray:
            seen.append(pd.Series(matrix[:, 0]))
            return super().predict(matrix)

    models = [fitted("watch", Watch([1.0]), table, ["r_mag"])]
    found = degrade(models, table, unit="field", degraders=[{"name": "missing"}])
    drawn = table.frame[table.frame["r_mag"].astype(np.float32).isin(seen[0])]
    assert found["rows"] == len(drawn) < 130
    assert found["of_rows"] == 400
    whole = table.frame["field"].value_counts()
    mine = drawn["field"].value_counts()
    assert mine.sort_index().equals(whole[mine.index].sort_index())


def test_a_draft_degrades_calibration_objects_and_says_why_there_are_none() -> None:
    table = bands(100)
    models = simple_and_good(table)
    ids = table.column("id")
    sets = pd.DataFrame({"id": ids, "set": np.where(np.arange(100) < 60, "train", "calibration")})
    found = degrade(models, table, derived=DERIVED, split=sets, metrics={"shown": "cv"})
    assert (found["set"], found["rows"]) == ("calibration", 40)
    nothing = degrade(
        models, table, split=sets.assign(set="train"), metrics={"shown": "cv"}, derived=DERIVED
    )
    assert nothing["set"] is None
    assert "calibration" in nothing["reason"]
    assert nothing["degraders"] == nothing["findings"] == []


def test_an_empty_list_asks_for_nothing() -> None:
    table = bands(50)
    found = degrade(simple_and_good(table), table, degraders=[])
    assert found["set"] is None
    assert "no degraders" in found["reason"]


@pytest.mark.parametrize("n", [1, 3, 9])
def test_few_objects_give_scores_without_intervals_and_no_verdict(n: int) -> None:
    table = bands(n)
    found = degrade(simple_and_good(table), table, derived=DERIVED)
    json.dumps(plain(found), allow_nan=False)
    for about in found["degraders"]:
        assert about["overtaken"] is about["fallen"] is about["at_dummy"] is None
        row = about["scores"]["law"][0]
        assert row["low"] is None
        assert row["reason"]


def test_images_get_worse_with_blur_and_a_model_of_the_table_does_not_notice() -> None:
    table = stamps(60)
    frame = table.frame.assign(size=table.frame["light"] + 1.0)
    columns = {**table.columns, "size": bands(1).columns["size"]}
    both = Table(frame, columns, "simulated", table.arrays)
    models = [
        fitted("plain", Weights([1.0]), both, ["size"]),
        fitted("peak", Brightness(), both, kind="peak"),
    ]
    found = degrade(models, both, target="light")
    assert [a["name"] for a in found["degraders"]] == ["noise", "missing", "blur", "shift"]
    assert (np.diff(values(found, "blur", "peak")) > 0).all()
    assert len(set(values(found, "blur", "plain"))) == 1
    assert len(set(values(found, "missing", "peak"))) == 1
    assert of(found, "blur")["overtaken"]["by"] == "plain"


def test_no_model_is_called_more_than_once_a_degrader() -> None:
    table, calls = bands(100), []

    class Counted(Weights):
        def predict(self, matrix: np.ndarray) -> np.ndarray:
            calls.append(len(matrix))
            return super().predict(matrix)

    degrade([fitted("counted", Counted([1.0]), table, ["size"])], table, derived=DERIVED)
    assert calls == [100, 400, 400, 400]


def test_classes_are_judged_too() -> None:
    table = bands(300)
    kinds = np.where(table.column("z") > 1, "far", "near")

    class Near(Weights):
        classes_ = np.array([0, 1])

        def predict_proba(self, matrix: np.ndarray) -> np.ndarray:
            p = 1 / (1 + np.exp(-5 * (self.predict(matrix) - 1)))
            return np.column_stack([p, 1 - p])

    model = fitted("law", Near([1.0, 0.1]), table, ["g_r", "size"])
    model = type(model)(**{**model.__dict__, "classes": ("far", "near")})
    about = {"metric": "f1_macro", "task": "classification", "classes": ["far", "near"]}
    frame = table.frame.assign(z=kinds)
    found = degrade([model], Table(frame, table.columns), derived=DERIVED, metrics=about)
    scores = values(found, "noise", "law")
    assert scores[0] > 0.8
    assert scores[-1] < scores[0]
    assert of(found, "noise")["falls"][-1]["value"] > 0


def test_every_number_is_null_or_finite() -> None:
    table = bands(40)
    frame = table.frame.assign(z=1.0)
    found = degrade(simple_and_good(table), Table(frame, table.columns), metrics={"metric": "r2"})
    json.dumps(found, allow_nan=False)
