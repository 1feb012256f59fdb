from copy import deepcopy
from dataclasses import replace

import pytest

from boxloop.errors import BoxloopError
from boxloop.ethics import Results, make_checklist, require_complete
from boxloop.study.vocabulary import CHECKLIST

MEASURED = [name for name, (_, measured) in CHECKLIST.items() if measured]
PERSONS = [name for name in CHECKLIST if name not in MEASURED]


def score(value, low=None, high=None):
    return {"value": value, "low": low, "high": high}


RESULTS = Results(
    summary={"provenance": "real", "samples": {"train": {"rows": 100}}},
    explore={
        "findings": [
            {"kind": "missing", "column": "u", "message": "u is not measured", "evidence": {}},
            {"kind": "shift", "column": "r", "message": "r", "evidence": {"distance": 0.4}},
            {"kind": "shift", "column": "g", "message": "g", "evidence": {"distance": 0.6}},
        ]
    },
    metrics={"metric": "accuracy", "selected": "forest", "models": {}},
    details={
        "split": "test",
        "confusion": {"classes": ["a", "b"], "matrix": [[8, 2], [1, 9]]},
        "groups": {
            "r": [
                {"label": "bright", "metric": score(0.9, 0.85, 0.95)},
                {"label": "faint", "metric": score(0.5, 0.45, 0.55)},
                {"label": "none", "metric": score(None)},
            ]
        },
    },
    apply={
        "target": True,
        "rows": 50,
        "outside_rows": 5,
        "columns": {"u": {"outside": 1}, "g": {"outside": 4}, "r": {"outside": 0}},
    },
)
REGRESSION = replace(
    RESULTS,
    metrics={
        "metric": "nmad",
        "selected": "forest",
        "models": {"forest": {"test": {"bias": score(0.01), "outlier_fraction": score(0.02)}}},
    },
    details={
        "split": "test",
        "groups": {},
        "residuals": {"edges": [-2, -1, 0, 1, 2], "counts": [1, 2, 3, 4]},
    },
)


def answer(text="no persons", **more):
    return {"answer": text, "by": "A. Person", "date": "2026-01-02", **more}


def item(checklist, name):
    return next(i for i in checklist["items"] if i["id"] == name)


def test_every_item_is_there_once_in_order_with_its_question():
    items = make_checklist({}, RESULTS)["items"]
    assert [i["id"] for i in items] == list(CHECKLIST)
    assert len(items) == 13
    assert all(i["question"] == CHECKLIST[i["id"]][0] for i in items)


def test_measured_items_have_evidence_and_the_others_wait_for_a_person():
    checklist = make_checklist({}, RESULTS)
    for name in MEASURED:
        found = item(checklist, name)
        assert found["status"] == "measured" and found["answer"] and found["hash"]
        assert all(set(e) == {"file", "key", "value"} for e in found["evidence"])
    for name in PERSONS:
        assert item(checklist, name)["status"] == "unanswered"
        assert item(checklist, name)["hash"] is None


def test_answers_say_the_numbers_they_rest_on():
    checklist = make_checklist({}, RESULTS)
    said = {name: item(checklist, name)["answer"] for name in MEASURED}
    assert "most of all g" in said["representative"] and "0.60" in said["representative"]
    assert "5 of 50" in said["representative"] and "10.0%" in said["representative"]
    assert "u is not measured" in said["bias_sources"]
    assert "0.5 (faint) to 0.9 (bright)" in said["group_fairness"]
    assert "do not overlap" in said["group_fairness"]
    assert "a: 20.0% missed, 10.0% of the other" in said["group_errors"]
    assert "it is g (4 objects)" in said["drift"]


def test_evidence_points_at_the_finding_in_its_file():
    found = item(make_checklist({}, RESULTS), "representative")["evidence"]
    pointed = {e["key"]: e["value"] for e in found if e["file"] == "explore/all.json"}
    assert pointed == {"findings[1]": 0.4, "findings[2]": 0.6}


def test_errors_of_a_regression_are_told_by_their_direction():
    said = item(make_checklist({}, REGRESSION), "group_errors")["answer"]
    assert "70.0% of the predictions are too high" in said
    assert "dz/(1+z)" in said
    mass = replace(REGRESSION, metrics={**REGRESSION.metrics, "metric": "rmse"})
    assert "dz/(1+z)" not in item(make_checklist({}, mass), "group_errors")["answer"]
    assert "names no groups" in item(make_checklist({}, REGRESSION), "group_fairness")["answer"]


def test_without_a_target_sample_it_is_said_that_nothing_is_known():
    results = replace(RESULTS, apply={"target": False, "rows": 0, "outside_rows": 0, "columns": {}})
    checklist = make_checklist({}, results)
    assert item(checklist, "representative")["answer"].startswith("Not known")
    assert item(checklist, "drift")["answer"].startswith("Not watched")


def test_a_person_answers_or_says_that_it_does_not_apply():
    given = {"misuse": answer(), "team": answer(not_applicable=True)}
    checklist = make_checklist(given, RESULTS)
    assert item(checklist, "misuse")["status"] == "answered"
    assert item(checklist, "misuse")["by"] == "A. Person"
    assert item(checklist, "team")["status"] == "not_applicable"


def test_a_person_adds_to_what_was_measured_and_cannot_replace_it():
    plain = item(make_checklist({}, RESULTS), "drift")
    both = item(make_checklist({"drift": answer("I look monthly.")}, RESULTS), "drift")
    assert both["status"] == "measured"
    assert both["answer"] == f"{plain['answer']} A. Person adds: I look monthly."


def test_the_hash_changes_with_the_evidence_and_with_nothing_else():
    def hash_of(results, given=None):
        return item(make_checklist(given or {}, results), "drift")["hash"]

    other = deepcopy(RESULTS.apply)
    other["columns"]["g"]["outside"] = 3
    assert hash_of(RESULTS) == hash_of(RESULTS, {"drift": answer()})
    assert hash_of(RESULTS) != hash_of(replace(RESULTS, apply=other))
    assert hash_of(RESULTS) == hash_of(
        replace(RESULTS, summary={**RESULTS.summary, "provenance": "mixed"})
    )


def test_the_gate_names_what_is_open_and_how_to_answer_it():
    checklist = make_checklist({n: answer() for n in PERSONS[1:]}, RESULTS)
    with pytest.raises(BoxloopError) as caught:
        require_complete(checklist, "config/studies/mine.yaml")
    said = str(caught.value)
    assert said.startswith("1 item of the checklist")
    assert PERSONS[0] in said and CHECKLIST[PERSONS[0]][0] in said
    assert PERSONS[1] not in said
    assert "config/studies/mine.yaml" in said and "not_applicable" in said


def test_the_gate_passes_once_everything_is_answered():
    checklist = make_checklist({n: answer() for n in PERSONS}, RESULTS)
    complete = require_complete(checklist, "x")
    assert complete["complete"] is True
    assert complete["statuses"] == {"answered": 8, "measured": 5}
    stale = deepcopy(checklist)
    stale["items"][0]["status"] = "stale"
    with pytest.raises(BoxloopError, match="stale"):
        require_complete(stale, "x")
