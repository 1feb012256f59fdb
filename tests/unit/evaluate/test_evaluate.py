"""Evaluation: hand-checked scores, draft without test labels, paired comparisons, the ledger."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tables import numbers_table

from boxloop.analyses.scores.compute import evaluate, known_truth
from boxloop.analyses.scores.details import make_details
from boxloop.errors import BoxloopError
from boxloop.evaluate.ledger import Opening, opening_key, openings_of, read_ledger
from boxloop.store import Column, Table

RULES = {
    "study": "s",
    "task": "regression",
    "provenance": "simulated",
    "metric": "mae",
    "margin": 0.001,
    "selected": "good",
    "seed": 0,
}


def _table_and_predictions() -> tuple:
    table = numbers_table(300)
    truth = table.frame[["id", "redshift"]].copy()
    table.frame.loc[200:, "redshift"] = np.nan
    rng = np.random.default_rng(0)
    parts = []
    for model, noise in (("bad", 0.1), ("good", 0.02)):
        frame = truth[["id"]].assign(
            model=model, prediction=truth["redshift"] + rng.normal(0, noise, 300)
        )
        frame["set"] = np.repeat(["train", "calibration", "test"], [180, 20, 100])
        parts.append(frame)
    every = pd.concat(parts, ignore_index=True)
    cv = every[every["set"] == "train"].drop(columns="set").assign(fold=0)
    return table, truth, every, cv


def test_a_draft_scores_cross_validation_and_knows_no_test_label() -> None:
    table, _, every, cv = _table_and_predictions()
    truth = known_truth(table, None, group=None, groups=["field"])
    assert len(truth.frame) == 200
    predictions = every[every["set"] != "test"]
    found = evaluate(predictions, cv, truth, status="draft", published=[], **RULES)
    assert found.shown == "cv" and "test" not in found.metrics["models"]["good"]
    assert len(found.objects) <= 180


def test_scores_and_verdict_of_a_final_study_are_those_of_a_hand_calculation() -> None:
    table, truth, every, cv = _table_and_predictions()
    known = known_truth(table, truth[200:], group=None, groups=[])
    published = [{"cite": "x", "metric": "mae", "value": 0.1, "comparable": "other", "note": ""}]
    found = evaluate(every, cv, known, status="final", published=published, **RULES)
    test = every[(every["set"] == "test") & (every["model"] == "good")]
    by_hand = float(np.mean(np.abs(test["prediction"].to_numpy() - truth["redshift"][200:])))
    score = found.metrics["models"]["good"]["test"]["mae"]
    assert score["value"] == pytest.approx(by_hand, abs=1e-12)
    assert score["low"] < by_hand < score["high"] and score["n_units"] == 100
    (comparison,) = found.metrics["comparisons"]
    assert comparison["other"] == "bad" and comparison["verdict"] == "better"
    assert found.metrics["published"][0]["ours"] == score["value"]


def test_groups_are_the_independent_units() -> None:
    table, truth, every, cv = _table_and_predictions()
    known = known_truth(table, truth[200:], group="field", groups=[])
    found = evaluate(every, cv, known, status="final", published=[], **RULES)
    assert found.metrics["models"]["good"]["test"]["mae"]["n_units"] == 12


def test_a_prediction_without_truth_is_an_error() -> None:
    table, _, every, cv = _table_and_predictions()
    known = known_truth(table, None, group=None, groups=[])
    with pytest.raises(BoxloopError, match="100 predicted objects have no target"):
        evaluate(every, cv, known, status="final", published=[], **RULES)


def _with_errors(table: Table) -> tuple[Table, pd.DataFrame]:
    """Give the target errors; those of test objects stand in the sealed table only."""
    sigma = np.linspace(0.01, 0.05, len(table))
    own = {"redshift_err_low": sigma, "redshift_err_high": 2 * sigma}
    columns = {**table.columns, **{c: Column("target_error") for c in own}}
    sealed = pd.DataFrame({"id": table.frame["id"], **own})[200:]
    frame = table.frame.assign(**own)
    frame.loc[200:, list(own)] = np.nan
    return Table(frame, columns), sealed


def test_errors_of_the_target_come_from_the_table_and_the_sealed_one() -> None:
    table, truth, every, cv = _table_and_predictions()
    table, errors = _with_errors(table)
    sealed = truth[200:].merge(errors, on="id")
    found = evaluate(
        every,
        cv,
        known_truth(table, sealed, group=None, groups=[]),
        status="final",
        published=[],
        **RULES,
    )
    good = every[every["model"] == "good"]
    away = good["prediction"].to_numpy() - truth["redshift"].to_numpy()
    sigma = np.linspace(0.01, 0.05, 300) * np.where(away < 0, 1, 2)
    for split, rows in (("cv", slice(0, 180)), ("test", slice(200, 300))):
        score = found.metrics["models"]["good"][split]["chi2"]
        assert score["value"] == pytest.approx(np.mean((away / sigma)[rows] ** 2))


def test_in_a_draft_the_errors_of_test_objects_stay_unknown() -> None:
    table, _ = _with_errors(_table_and_predictions()[0])
    known = known_truth(table, None, group=None, groups=[])
    assert len(known.frame) == 200
    assert known.frame[["error_low", "error_high"]].notna().all(axis=None)


def _mixtures(frame: pd.DataFrame, sigma: float) -> pd.DataFrame:
    about = {"pdf_weight_0": 1.0, "pdf_mean_0": frame["prediction"], "pdf_sigma_0": sigma}
    return frame.assign(
        **{k: np.where(frame["model"] == "bad", v, np.nan) for k, v in about.items()}
    )


def test_details_show_the_distributions_of_the_best_model_that_gives_some() -> None:
    """The noise of the model is 0.1; distributions of that width are honest."""
    table, _, every, cv = _table_and_predictions()
    truth = known_truth(table, None, group=None, groups=[])
    every, cv = _mixtures(every[every["set"] != "test"], 0.1), _mixtures(cv, 0.1)
    found = evaluate(every, cv, truth, status="draft", published=[], **RULES)
    details = make_details(found, [], seed=0)
    assert details["distribution"] == "bad" and sum(details["pit"]["counts"]) == 180
    for row in details["coverage"]:
        assert row["low"] <= row["found"] <= row["high"]
        assert row["found"] == pytest.approx(row["nominal"], abs=0.15)
    for example in details["examples"]:
        assert np.trapezoid(example["density"], example["at"]) == pytest.approx(1, abs=0.02)
    assert (
        found.metrics["models"]["good"]["cv"]["crps"]["reason"] == "the model gives no distribution"
    )


def test_without_distributions_the_details_say_nothing_of_them() -> None:
    table, _, every, cv = _table_and_predictions()
    truth = known_truth(table, None, group=None, groups=[])
    predictions = every[every["set"] != "test"]
    found = evaluate(predictions, cv, truth, status="draft", published=[], **RULES)
    assert not {"pit", "coverage", "examples"} & set(make_details(found, [], seed=0))


def test_comparisons_say_who_could_not_be_selected() -> None:
    table, _, every, cv = _table_and_predictions()
    truth = known_truth(table, None, group=None, groups=[])
    predictions = every[every["set"] != "test"]
    rules = {**RULES, "candidates": ["good"]}
    found = evaluate(predictions, cv, truth, status="draft", published=[], **rules)
    assert found.metrics["candidates"] == ["good"]
    assert [c["candidate"] for c in found.metrics["comparisons"]] == [False]


def test_the_ledger_gets_one_line_a_key_and_is_completed_once(tmp_path: Path) -> None:
    path = tmp_path / "s.ledger.jsonl"
    first = Opening(path, opening_key("data", ["b", "a"], "sections"))
    first.begin("nmad")
    (entry,) = read_ledger(path)
    assert entry["score"] is None and entry["closed"] is None
    first.close(0.02)
    first.begin("nmad")
    first.close(0.03)
    (entry,) = read_ledger(path)
    assert entry["score"] == 0.02 and entry["closed"] >= entry["opened"]
    Opening(path, "another").begin("nmad")
    assert [e["key"] for e in read_ledger(path)] == [first.key, "another"]


def test_the_key_depends_on_data_split_and_science_but_not_on_order() -> None:
    key = opening_key("data", ["a", "b"], "s")
    assert key == opening_key("data", ["b", "a"], "s")
    others = {
        opening_key("other", ["a", "b"], "s"),
        opening_key("data", ["a", "c"], "s"),
        opening_key("data", ["a", "b"], "t"),
    }
    assert key not in others and len(others) == 3


def test_openings_of_one_test_set_are_counted_over_all_studies(tmp_path: Path) -> None:
    for study, key, test_set in (("a", "1", "T"), ("b", "2", "T"), ("c", "3", "other")):
        Opening(tmp_path / f"{study}.ledger.jsonl", key, test_set).begin("nmad")
    found = openings_of(tmp_path / "a.ledger.jsonl", "T")
    assert sorted(entry["study"] for entry in found) == ["a", "b"]


def test_a_group_column_cannot_stand_for_the_truth() -> None:
    table = numbers_table(50)
    table.frame["target"] = 9.0
    known = known_truth(table, None, group=None, groups=["target"])
    assert (known.frame["target"] == table.frame["redshift"]).all()


def test_where_the_ledger_cannot_be_written_the_test_set_stays_closed(tmp_path: Path) -> None:
    folder = tmp_path / "studies"
    folder.mkdir()
    pid = os.fork()
    if pid == 0:  # a child without root's rights, which ignore permissions
        try:
            folder.chmod(0o555)
            tmp_path.parent.chmod(0o755)
            os.setgid(65534)
            os.setuid(65534)
            Opening(folder / "s.ledger.jsonl", "k").begin("nmad")
        except BoxloopError as error:
            os._exit(0 if "the test set stays closed" in str(error) else 2)
        except BaseException:
            os._exit(3)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_damaged_ledger_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "s.ledger.jsonl"
    path.write_text(json.dumps({"key": "a"}) + "\n{broken\n")
    with pytest.raises(BoxloopError, match=r"s\.ledger\.jsonl:2"):
        read_ledger(path)
