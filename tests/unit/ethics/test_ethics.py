"""Items are answered by evidence, by persons, or not; the gate names what is open."""

from copy import deepcopy
from dataclasses import replace

import pytest
from ethics_fixture import BARE, REGRESSION, RESULTS

from boxloop.errors import BoxloopError
from boxloop.ethics import make_checklist, require_complete
from boxloop.study.vocabulary import CHECKLIST

MEASURED = [name for name, (_, measured) in CHECKLIST.items() if measured]
PERSONS = [name for name in CHECKLIST if name not in MEASURED]
BOTH = ("boxloop", "deon")


def answer(text="no persons", **more):
    return {"answer": text, "by": "A. Person", "date": "2026-01-02", **more}


def item(checklist, name):
    return next(i for i in checklist["items"] if i["id"] == name)


def said(name, results=RESULTS, given=None):
    return item(make_checklist(given or {}, results, BOTH), name)


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
        assert item(checklist, name)["answer"] is None


def test_answers_say_the_numbers_they_rest_on():
    sentences = {
        "representative": ["most of all g", "0.60", "0.71 [0.68, 0.74]", "worth 31% of", "5 of 50"],
        "bias_sources": ["u is not measured", "Two objects stand in two sets."],
        "group_fairness": ["0.5 (faint) to 0.9 (bright)", "beyond chance and margin: faint"],
        "group_errors": ["a: 20.0% missed, 10.0% of the other", "a missed: from 10.0% (bright)"],
        "drift": ["it is g (4 objects)", "under the ROC curve of 0.71"],
        "C.3": ["the data are real", "too sure of itself"],
        "C.5": ["opened once", "Two objects stand in two sets"],
        "D.1": ["age and the decision a", "how often it is given differs by 0.25 [0.20, 0.30]"],
        "D.3": ["forest was chosen by accuracy", "Of 2 other metrics", "dummy under recall"],
    }
    for name, parts in sentences.items():
        for part in parts:
            assert part in said(name)["answer"], (name, part)


def test_frequencies_of_classes_and_a_large_difference_are_said():
    text = said("representative")["answer"]
    assert "a 20.0% against 50.0%" in text
    assert "a large difference" in text
    alike = deepcopy(RESULTS.shift)
    alike["two_sample"]["auc"] = {"value": 0.51, "low": 0.48, "high": 0.54}
    for row in alike["prevalence"]["classes"]:
        row["em"]["changed"] = False
    text = said("representative", replace(RESULTS, shift=alike))["answer"]
    assert "large" not in text and "No class is of clearly another frequency" in text


def test_evidence_points_at_the_finding_by_what_it_is_about():
    found = said("representative")["evidence"]
    pointed = {e["key"]: e["value"] for e in found if e["file"] == "explore/all.json"}
    assert pointed == {
        "findings[shift:r].evidence": {"distance": 0.4},
        "findings[shift:g].evidence": {"distance": 0.6},
    }


def test_errors_of_a_regression_are_told_by_their_direction_and_by_group():
    text = said("group_errors", REGRESSION)["answer"]
    assert "70.0% of the predictions are too high" in text
    assert "dz/(1+z)" in text
    assert "runs from -0.02 (bright) to 0.03 (faint)" in text
    mass = replace(REGRESSION, metrics={**REGRESSION.metrics, "metric": "rmse"})
    assert "dz/(1+z)" not in said("group_errors", mass)["answer"]


def test_what_cannot_be_measured_waits_for_a_person_and_says_why():
    expected = {
        "representative": "Not known: the study names no target sample",
        "drift": "Not watched: the study names no target sample",
        "group_fairness": "Not measured: the study names no groups",
        "group_errors": "By group nothing is measured",
        "D.1": "Not measured: the study names no attributes of people",
        "D.3": "No other metric compares the models",
    }
    for name, why in expected.items():
        found = said(name, BARE)
        assert why in found["answer"]
        assert found["status"] == "unanswered" and found["hash"]
        given = {name: answer("I looked", evidence=found["hash"])}
        assert said(name, BARE, given)["status"] == "answered"
        assert said(name, BARE, given)["answer"].endswith("A. Person adds: I looked")


def test_what_was_not_looked_at_is_not_praised():
    assert "could not be measured" in said("C.3", BARE)["answer"]
    assert "was not looked at" in said("C.5", BARE)["answer"]
    fine = replace(RESULTS, calibration={**RESULTS.calibration, "findings": []})
    assert "as sure as it says (calibration error 0.040)" in said("C.3", fine)["answer"]
    clean = replace(RESULTS, audit={"findings": []})
    assert "No object and no group was found in two sets" in said("C.5", clean)["answer"]


def test_groups_that_are_too_small_answer_nothing():
    groups = deepcopy(RESULTS.groups)
    for grouping in groups["groupings"]:
        for row in grouping["groups"]:
            row["score"]["low"] = None
    found = said("group_fairness", replace(RESULTS, groups=groups))
    assert found["status"] == "unanswered" and "too small" in found["answer"]


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


def test_the_gate_names_what_is_open_and_how_to_answer_it():
    checklist = make_checklist({n: answer() for n in PERSONS[1:]}, RESULTS)
    with pytest.raises(BoxloopError) as caught:
        require_complete(checklist, "config/studies/mine.yaml")
    message = str(caught.value)
    assert message.startswith("1 item of the checklist")
    assert PERSONS[0] in message and CHECKLIST[PERSONS[0]][0] in message
    assert PERSONS[1] not in message
    assert f"boxloop answer config/studies/mine.yaml {PERSONS[0]}" in message
    assert "--not-applicable" in message


def test_the_gate_says_whose_answer_is_stale_what_changed_and_what_is_measured_now():
    given = {n: answer() for n in PERSONS}
    given["drift"] = answer(evidence=said("drift")["hash"])
    other = replace(RESULTS, shift={**RESULTS.shift, "two_sample": {"auc": {"value": 0.9}}})
    checklist = make_checklist(given, other)
    assert item(checklist, "drift")["changed"] == ["evaluate/shift.json"]
    with pytest.raises(BoxloopError) as caught:
        require_complete(checklist, "config/studies/mine.yaml")
    message = str(caught.value)
    assert "drift (stale)" in message
    assert "A. Person answered on 2026-01-02" in message
    assert "the evidence changed in evaluate/shift.json. Now: " in message and "0.90" in message
    assert "boxloop answer config/studies/mine.yaml drift" in message


def test_the_gate_passes_once_everything_is_answered():
    checklist = make_checklist({n: answer() for n in PERSONS}, RESULTS)
    complete = require_complete(checklist, "x")
    assert complete["complete"] is True
    assert complete["statuses"] == {"answered": 8, "measured": 5}
    stale = deepcopy(checklist)
    stale["items"][0] |= {"status": "stale", "changed": ["a.json"], "measured": None}
    with pytest.raises(BoxloopError, match="stale"):
        require_complete(stale, "x")
