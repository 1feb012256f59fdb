"""evaluate/calibration.json: planted faults are found, clean data raise none, nothing leaks."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from calibration_fixture import BALANCED, CLASSES, RULES, classes_study, numbers_study
from computed import computed

from boxloop.analyses.calibration.compute import compute
from boxloop.metrics import REGISTRY
from boxloop.study.checks.judging import judging_checks
from boxloop.study.examples import EXAMPLES
from boxloop.study.model import Study


def _found(study: dict[str, Any], **rules: Any) -> dict[str, Any]:
    found = computed(compute, **study, **{**RULES, **rules})
    json.dumps(found, allow_nan=False)
    return found


@pytest.fixture(scope="module")
def sharp() -> dict[str, Any]:
    return classes_study(1, powers={"sharp": 3.0, "honest": 1.0})


def test_clean_data_raise_no_finding_whatever_the_seed(seeds: range) -> None:
    small = {"cv": 250, "calibration": 220, "test": 300}
    for seed in seeds:
        about: dict[str, Any] = {"sizes": small, "status": "draft" if seed % 4 < 2 else "final"}
        about["per_unit"] = 5 if seed % 2 else 1
        assert _found(classes_study(seed, **about))["findings"] == []
        assert _found(numbers_study(seed, shared=0.3 * (seed % 2), **about))["findings"] == []


def test_a_sharpened_model_is_found_and_what_mends_it_is_named(sharp: dict[str, Any]) -> None:
    (finding,) = _found(sharp)["findings"]
    assert (finding["severity"], finding["kind"]) == ("high", "miscalibrated")
    for words in ("too near to 0 and 1", "slope 0.3", "recalibrate: ", "log loss"):
        assert words in finding["message"]


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_a_recalibrated_model_is_judged_by_what_is_used(method: str) -> None:
    sizes = {"cv": 300, "calibration": 3000, "test": 1000}
    found = _found(classes_study(1, sizes=sizes, powers={"sharp": 3.0}), recalibrate=method)
    assert found["findings"] == []
    methods = found["models"]["sharp"]["methods"]
    assert methods[method]["ece"] < methods["none"]["ece"] / 3
    assert methods[method]["change"]["log_loss"]["high"] < 0


@pytest.mark.parametrize(("width", "word"), [(0.4, "narrow"), (2.5, "wide")])
def test_distributions_of_a_wrong_width_are_found(width: float, word: str) -> None:
    found = _found(numbers_study(2, widths={"wrong": width}))
    (finding,) = found["findings"]
    assert finding["kind"] == "miscalibrated" and word in finding["message"]
    # Conformal intervals mend them.
    assert found["conformal"]["wrong"]["cqr"]["coverage"]["value"] == pytest.approx(0.9, abs=0.07)


def test_a_shifted_distribution_is_found() -> None:
    study = numbers_study(3)
    for part in ("predictions", "cross_validated"):
        study[part] = study[part].assign(pdf_mean_0=study[part]["pdf_mean_0"] + 1.0)
    (finding,) = _found(study)["findings"]
    assert "below the value that the distributions state" in finding["message"]


def test_a_calibration_set_unlike_the_test_set_is_found() -> None:
    study = numbers_study(4, widths={"number": 0.0})
    test = study["truth"]["unit"].str.startswith("test")
    study["truth"].loc[test, "target"] *= 3
    (finding,) = _found(study)["findings"]
    assert "Conformal intervals of number hold" in finding["message"]


def test_balanced_classes_are_brought_back_to_their_frequency() -> None:
    """A model that Bayes' rule made balanced is calibrated again, and said to be balanced."""
    study = classes_study(5)
    names = [f"p_{c}" for c in CLASSES]
    known = study["truth"]["target"].value_counts().reindex(CLASSES).to_numpy(float)
    for part in ("predictions", "cross_validated"):
        p = study[part][names] / (known / known.sum()) ** 2
        study[part][names] = p.div(p.sum(axis=1), axis=0)
    # Squared, for the shift of classes of like size to be one that matters.
    found = _found(study, selection=BALANCED)
    methods = found["models"]["honest"]["methods"]
    assert found["models"]["honest"]["balanced"]
    assert set(methods) == {"none", "prevalence", "temperature", "isotonic"}
    assert methods["prevalence"]["log_loss"]["value"] < methods["none"]["log_loss"]["value"]
    (finding,) = found["findings"]
    assert "balanced classes" in finding["message"]


def test_scores_are_those_of_the_registry(sharp: dict[str, Any]) -> None:
    found = _found(sharp)["models"]["sharp"]["methods"]["none"]
    rows = sharp["predictions"].query("model == 'sharp' and set == 'test'")
    truth = sharp["truth"].set_index("id").loc[rows["id"], "target"]
    codes = pd.Index(CLASSES).get_indexer(truth)
    p = rows[[f"p_{c}" for c in CLASSES]].to_numpy()
    for metric in ("log_loss", "brier", "ece"):
        value = found[metric] if metric == "ece" else found[metric]["value"]
        by_hand = REGISTRY[metric].function(codes, p, np.ones(len(p)), 3)
        assert value == pytest.approx(float(by_hand), abs=1e-12)
    parts = found["brier_parts"]
    assert parts["brier"] == pytest.approx(found["brier"]["value"], abs=1e-12)
    curve = found["classes"]["STAR"]["curve"]
    assert sum(b["rows"] for b in curve) == len(p)
    assert sum(b["rows"] * b["value"] for b in curve) == pytest.approx((codes == 2).sum())


@pytest.mark.parametrize("make", [classes_study, numbers_study])
def test_the_order_of_the_rows_changes_nothing(make: Any) -> None:
    study = make(6, sizes={"cv": 200, "calibration": 220, "test": 150}, per_unit=2)
    before = _found(study, recalibrate="isotonic")
    mixed = {
        k: v.sample(frac=1, random_state=1) if isinstance(v, pd.DataFrame) else v
        for k, v in study.items()
    }
    assert json.dumps(_found(mixed, recalibrate="isotonic")) == json.dumps(before)


def test_a_final_study_learns_from_two_halves_of_the_calibration_set_and_never_from_test() -> None:
    study = classes_study(7)
    before = _found(study, recalibrate="temperature")
    assert before["learnt"]["shown"] == before["learnt"]["applied"]
    halves = before["learnt"]["shown"]
    assert halves["source"] == "calibration" and not halves["cross_fitted"]
    assert halves["maps"]["rows"] + halves["conformal"]["rows"] == 600
    test = study["predictions"].query("set == 'test'")["id"]
    inside = study["truth"]["id"].isin(test)
    study["truth"].loc[inside, "target"] = study["truth"].loc[inside, "target"].to_numpy()[::-1]
    assert _found(study, recalibrate="temperature")["apply"] == before["apply"]


def test_a_draft_learns_and_is_judged_without_the_test_set() -> None:
    study = classes_study(8, status="draft")
    sealed = classes_study(8)["predictions"].query("set == 'test'")["id"]
    assert not study["truth"]["id"].isin(sealed).any()
    found = _found(study, recalibrate="isotonic")
    assert found["split"] == "cv" and found["learnt"]["shown"]["cross_fitted"]
    assert found["learnt"]["applied"]["source"] == "calibration"


def test_without_a_calibration_set_parts_of_whole_units_teach_each_other() -> None:
    for status in ("final", "draft"):
        study = classes_study(9, sizes={"cv": 1000, "test": 500}, status=status, per_unit=4)
        found = _found(study, recalibrate="temperature")
        assert found["learnt"]["shown"]["source"] == "cv"
        assert found["apply"]["recalibration"]["temperature"] == pytest.approx(1.0, abs=0.2)
        held = found["conformal"]["honest"]["lac"]["of_units"]
        assert held["low"] - 0.02 < 0.9 < held["high"] + 0.02


def test_too_few_units_say_so_and_nothing_breaks() -> None:
    sizes = {"cv": 8, "calibration": 4, "test": 3}
    found = _found(classes_study(10, sizes=sizes), recalibrate="isotonic")
    of = found["models"]["honest"]
    assert of["not_mended"] and of["used"] == "none" and found["findings"] == []
    assert found["apply"]["recalibration"] is None
    assert "too few units" in found["apply"]["conformal"]["reason"]
    assert "too few units" in found["conformal"]["honest"]["lac"]["reason"]
    found = _found(numbers_study(10, sizes={**sizes, "cv": 25}), conformal=0.98)
    assert "at least 49 units" in found["apply"]["conformal"]["reason"]


def test_models_without_probabilities_or_distributions_have_a_reason() -> None:
    study = classes_study(11, powers={"honest": 1.0, "labels": 1.0})
    for part in ("predictions", "cross_validated"):
        labels = study[part]["model"] == "labels"
        study[part].loc[labels, [f"p_{c}" for c in CLASSES]] = np.nan
    study["metrics"]["selected"] = "labels"
    found = _found(study, recalibrate="isotonic")
    assert found["models"]["labels"]["reason"] == "the model gives no probability"
    assert found["apply"]["recalibration"] is None
    assert found["apply"]["conformal"]["reason"] == "the model gives no probability"
    found = _found(numbers_study(11, widths={"number": 0.0, "honest": 1.0}))
    assert found["models"]["number"]["reason"] == "the model gives no distribution"
    assert found["conformal"]["number"]["cqr"]["reason"] == "the model gives no distribution"
    assert found["apply"]["conformal"]["method"] == "absolute"


def test_constant_probabilities_and_a_single_class_give_reasons() -> None:
    study = classes_study(12)
    for part in ("predictions", "cross_validated"):
        study[part].loc[:, [f"p_{c}" for c in CLASSES]] = [0.45, 0.3, 0.25]
    line = _found(study)["models"]["honest"]["methods"]["none"]["slopes"]["STAR"]
    assert line["slope"] is None and "all equal" in line["reason"]
    study["truth"]["target"] = "STAR"
    found = _found(study, recalibrate="isotonic")
    line = found["models"]["honest"]["methods"]["none"]["slopes"]["STAR"]
    assert "all objects are members" in line["reason"]


def test_coverage_is_broken_down_by_groups_and_class() -> None:
    found = _found(classes_study(13))["conformal"]["honest"]["lac"]["groups"]
    assert set(found) == {"brightness", "class"}
    assert [g["label"] for g in found["class"]] == list(CLASSES)
    assert sum(g["rows"] for g in found["brightness"]) == 1000


def test_predictions_of_somebody_else_that_lack_objects_are_left_out() -> None:
    study = classes_study(14, powers={"honest": 1.0, "theirs": 1.0})
    for part in ("predictions", "cross_validated"):
        theirs = study[part]["model"] == "theirs"
        late = study[part]["id"] > "o002600"
        study[part]["trained_on"] = pd.Series(pd.NA, study[part].index, dtype=object)
        study[part].loc[theirs, "trained_on"] = False
        study[part].loc[theirs & late, "prediction"] = None
    found = _found(study, recalibrate="temperature")
    assert found["models"]["theirs"]["reason"] == "it has no prediction of some objects"
    assert found["conformal"]["theirs"] == {} and found["models"]["honest"]["reason"] is None


def test_a_study_without_classes_cannot_recalibrate_them() -> None:
    text = yaml.safe_load(EXAMPLES["masses"][1])
    study = Study.model_validate({**text, "checklist": {}, "recalibrate": "isotonic"})
    faults = dict(judging_checks(study))
    assert "probabilities of classes" in faults["recalibrate",]
