import numpy as np
import pytest
from domains import drawn

from boxloop.analyses.shift.findings import about_prevalence
from boxloop.analyses.shift.prevalence import Predicted, estimate_prevalence, stated_prevalence
from boxloop.analyses.shift.purity import purity_table
from boxloop.errors import BoxloopError
from boxloop.metrics import Judged, Resamples, wilson

CLASSES = ("other", "variable")


def predicted(n, prior, rng, bend=None, units=None, labelled=False):
    truth, p = drawn(n, prior, rng)
    p = p if bend is None else bend(p)
    units = np.arange(n) if units is None else units
    return Predicted(p.argmax(axis=1), p, units, truth if labelled else None)


def estimated(here, there, seed=0, n=600, m=500, **more):
    rng = np.random.default_rng(seed)
    labelled = predicted(n, here, rng, labelled=True, **more)
    target = predicted(m, there, rng, **more)
    return estimate_prevalence(labelled, target, CLASSES, seed=seed)


def entry(found, name="variable"):
    return next(e for e in found.content["classes"] if e["class"] == name)


def test_both_methods_hold_the_known_prevalence_within_their_intervals():
    inside = {"em": 0, "bbse": 0}
    for seed in range(12):
        found = entry(estimated(0.5, 0.15, seed))
        for method in inside:
            inside[method] += found[method]["low"] <= 0.15 <= found[method]["high"]
    assert min(inside.values()) >= 10


def test_a_model_with_bent_probabilities_is_calibrated_first():
    found = entry(estimated(0.5, 0.15, n=3000, m=3000, bend=lambda p: _bent(p)))
    assert found["em"]["value"] == pytest.approx(0.15, abs=0.03)


def _bent(p):
    raw = p**3 * np.array([1.0, 4.0])
    return raw / raw.sum(axis=1, keepdims=True)


def test_a_planted_change_is_found_and_equal_samples_say_nothing(seeds):
    found = estimated(0.5, 0.15)
    (finding,) = about_prevalence({**found.content, "remaining": None}, "forest")
    assert finding.kind == "prevalence_shift" and finding.severity == "high"
    assert "variable" in finding.message and "forest" in finding.message
    told = 0
    for seed in seeds:
        equal = estimated(0.3, 0.3, seed, n=300, m=200)
        told += len(about_prevalence({**equal.content, "remaining": None}, "forest"))
    assert told == 0


def test_where_samples_differ_otherwise_too_the_finding_is_a_note_that_says_so():
    content = {**estimated(0.5, 0.15).content, "remaining": {"low": 0.7}}
    (finding,) = about_prevalence(content, "forest")
    assert finding.severity == "low" and "may be wrong" in finding.message


def test_units_widen_the_intervals():
    rng = np.random.default_rng(0)
    objects = [predicted(600, q, rng, labelled=lab) for q, lab in ((0.5, True), (0.2, False))]
    widths = []
    for size in (1, 20):
        # Objects of a unit are of one class where sorted by it.
        of = []
        for p in objects:
            order = np.argsort(p.codes, kind="stable")
            truth = None if p.truth is None else p.truth[order]
            units = np.arange(600) // size
            of.append(Predicted(p.codes[order], p.probability[order], units, truth))
        found = entry(estimate_prevalence(*of, CLASSES, seed=0))
        widths.append(found["em"]["high"] - found["em"]["low"])
    assert widths[1] > 2 * widths[0]


def test_without_probabilities_only_the_black_box_answers():
    rng = np.random.default_rng(0)
    labelled, target = predicted(400, 0.5, rng, labelled=True), predicted(400, 0.2, rng)
    labelled = Predicted(labelled.codes, None, labelled.units, labelled.truth)
    found = estimate_prevalence(
        labelled, Predicted(target.codes, None, target.units), CLASSES, seed=0
    )
    assert entry(found)["em"] is None and entry(found)["bbse"]["value"] < 0.35
    assert "probability" in found.content["reasons"]["em"] and found.calibration is None


@pytest.mark.parametrize(
    ("n", "m", "prior", "why"),
    [(600, None, 0.5, "target"), (600, 5, 0.5, "units"), (600, 300, 0.0, "one class")],
)
def test_what_cannot_be_estimated_has_a_reason(n, m, prior, why):
    rng = np.random.default_rng(0)
    labelled = predicted(n, prior, rng, labelled=True)
    target = None if m is None else predicted(m, 0.5, rng)
    found = estimate_prevalence(labelled, target, CLASSES, seed=0)
    assert why in found.content["reason"] and entry(found)["em"] is None
    assert about_prevalence(found.content, "forest") == []


def test_stated_prevalences_leave_the_rest_to_the_other_classes():
    training = np.array([0.2, 0.3, 0.5])
    found = stated_prevalence({"b": 0.6}, ("a", "b", "c"), training)
    assert found == pytest.approx([0.4 * 2 / 7, 0.6, 0.4 * 5 / 7])
    every = stated_prevalence({"a": 0.5, "b": 0.25, "c": 0.25}, ("a", "b", "c"), training)
    assert every.tolist() == [0.5, 0.25, 0.25]


@pytest.mark.parametrize(
    ("stated", "words"),
    [({"x": 0.5}, "'x'"), ({"a": 0.5, "b": 0.1}, "0.6"), ({"a": 1.0}, "not named")],
)
def test_prevalences_that_cannot_be_are_refused_with_what_was_found(stated, words):
    with pytest.raises(BoxloopError, match=words):
        stated_prevalence(stated, ("a", "b"), np.array([0.5, 0.5]))


def judged(matrix):
    truth = np.repeat([0, 1], matrix.sum(axis=1))
    prediction = np.concatenate([np.repeat([0, 1], row) for row in matrix])
    return Judged(truth, prediction, None, CLASSES)


def test_purity_at_a_prevalence_is_the_formula():
    # TPR 80/100, FPR 30/300; at one in a hundred: .008 / (.008 + .099) = .0748.
    found = judged(np.array([[270, 30], [20, 80]]))
    rows = purity_table(
        found, Resamples(np.arange(400), 0), np.array([0.99, 0.01]), np.array([0.75, 0.25])
    )
    row = rows[1]
    assert row["purity"]["value"] == pytest.approx(0.008 / (0.008 + 0.099))
    assert row["purity"]["low"] < row["purity"]["value"] < row["purity"]["high"]
    assert row["completeness"]["value"] == pytest.approx(0.8)
    assert (row["n_negatives"], row["n_false"], row["n_members"]) == (300, 30, 100)


def test_no_false_positive_among_few_negatives_is_not_called_pure():
    found = judged(np.array([[50, 0], [20, 30]]))
    row = purity_table(
        found, Resamples(np.arange(100), 0), np.array([0.99, 0.01]), np.array([0.5, 0.5])
    )[1]
    assert row["purity"]["value"] == 1.0
    worst = wilson(0, 50)[1]
    low = 0.01 * wilson(30, 50)[0] / (0.01 * wilson(30, 50)[0] + 0.99 * worst)
    assert row["purity"]["low"] == pytest.approx(low)


def test_a_class_without_members_has_no_purity_and_a_reason():
    rows = purity_table(
        judged(np.array([[50, 0], [0, 0]])), Resamples(np.arange(50), 0), np.ones(2) / 2, np.ones(2)
    )
    assert rows[1]["completeness"]["value"] is None and rows[1]["completeness"]["reason"]
    assert rows[0]["purity"]["value"] is None
