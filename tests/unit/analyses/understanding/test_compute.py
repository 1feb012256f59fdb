"""The whole of evaluate/understanding.json, for models that were fitted."""

import json
from typing import Any

import numpy as np
import pytest
from computed import computed
from understood import NAMES, study_of

from boxloop.analyses.understanding.compute import compute, models_to_understand
from boxloop.store.files import plain


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [x for v in value.values() for x in _numbers(v)]
    if isinstance(value, list):
        return [x for v in value for x in _numbers(v)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_a_draft_knows_no_test_label_and_a_final_study_uses_the_test_objects(task: str) -> None:
    for status, which in (("draft", "calibration"), ("final", "test")):
        study = study_of(task, status)
        found = computed(compute, **study)
        assert found["importance"]["set"] == which
        assert list(found["importance"]["models"]) == ["forest", "tree"]
        assert found["worst"]["split"] == ("cv" if status == "draft" else "test")
        test = set(study["split"].loc[study["split"]["set"] == "test", "id"])
        shown = {o["id"] for o in found["worst"]["objects"]}
        assert bool(shown & test) == (status == "final")
        assert {g["name"] for g in found["importance"]["groups"]} == {"a", "b"}
        assert [f["feature"] for f in found["dependence"]["features"]]
        content = json.loads(json.dumps(plain(found), allow_nan=False))
        assert np.isfinite(_numbers(content)).all()
        assert found["findings"] == []


def test_the_order_of_the_rows_changes_nothing() -> None:
    study = study_of("classification", "final")
    found = computed(compute, **study)
    order = np.random.default_rng(0).permutation(500)
    again = computed(
        compute,
        **{
            **study,
            "table": study["table"].take(order),
            "truth": study["truth"].sample(frac=1, random_state=1),
            "split": study["split"].sample(frac=1, random_state=2),
            "predictions": study["predictions"].sample(frac=1, random_state=3),
        },
    )
    assert json.dumps(plain(again["worst"])) == json.dumps(plain(found["worst"]))
    ours, theirs = (_numbers(plain(f["importance"])) for f in (found, again))
    assert ours == pytest.approx(theirs, abs=1e-12)
    ours, theirs = (_numbers(plain(f["dependence"])) for f in (found, again))
    assert ours == pytest.approx(theirs, abs=1e-12)


def test_the_best_simpler_candidate_stands_beside_the_selected_model() -> None:
    scores = {"dummy": 9.0, "linear": 3.0, "tree": 2.0, "peek": 1.0, "forest": 1.5, "net": 1.0}
    metrics = {
        "metric": "rmse",
        "selected": "forest",
        "models": {n: {"cv": {"rmse": {"value": v}}} for n, v in scores.items()},
        "candidates": [n for n in scores if n != "peek"],
    }
    assert models_to_understand(metrics) == ["forest", "tree"]
    assert models_to_understand(
        {
            **metrics,
            "metric": "r2",
            "models": {n: {"cv": {"r2": {"value": v}}} for n, v in scores.items()},
        }
    ) == ["forest", "linear"]
    assert models_to_understand({**metrics, "selected": "linear"}) == ["linear"]
    assert models_to_understand({**metrics, "selected": "dummy"}) == ["dummy"]


def test_rules_that_the_study_states_are_judged_for_every_model() -> None:
    study = study_of("regression", "draft")
    rule = {
        "name": "near",
        "low": None,
        "high": 0.4,
        "classes": None,
        "where": {},
        "function": None,
    }
    found = computed(compute, **{**study, "plausible": [rule]})
    (judged,) = found["plausible"]["rules"]
    assert set(judged["models"]) == set(NAMES)
    assert found["findings"][0]["kind"] == "implausible"
    assert "forest" in found["findings"][0]["message"]


def test_without_calibration_objects_a_draft_has_no_importance_but_all_the_rest() -> None:
    study = study_of("regression", "draft")
    split = study["split"].assign(set=lambda s: s["set"].replace("calibration", "test"))
    found = computed(compute, **{**study, "split": split})
    assert found["importance"]["reason"] and found["importance"]["models"] == {}
    assert [f["feature"] for f in found["dependence"]["features"]] == ["a", "b"]
    assert found["worst"]["objects"] and found["plausible"]["rules"]
