"""Are probabilities, errors and distributions what they say? Sets and intervals that are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.analyses.calibration.classes import of_classes, variants_of
from boxloop.analyses.calibration.conformal import conformal_of, to_apply
from boxloop.analyses.calibration.findings import findings_of
from boxloop.analyses.calibration.numbers import of_numbers
from boxloop.analyses.calibration.sets import (
    CalibrationSet,
    Predicted,
    calibration_set_for,
    calibration_set_to_apply,
    predicted_sets,
)
from boxloop.analyses.evaluated import Evaluated
from boxloop.findings import ranked
from boxloop.metrics.recalibrate import prior_of_balanced
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from boxloop.metrics.weighted import Floats
    from boxloop.results.calibration import Calibration, Judgement, Learnt, Mending


#: Why predictions of somebody else are left out.
LACKING = "it has no prediction of some objects"


def compute(
    evaluated: Evaluated, *, recalibrate: str, conformal: float, seed: int
) -> "Calibration":
    """Return the content of ``evaluate/calibration.json``.

    Parameters
    ----------
    evaluated : Evaluated
    recalibrate : {"none", "temperature", "isotonic"}
        The map that new objects get.
    conformal : float
        Probability with which conformal sets and intervals hold the truth.
    seed : int
    """
    metrics, level = evaluated.metrics, conformal
    shown, task = evaluated.shown, metrics["task"]
    names, selected = evaluated.names, evaluated.selected
    classes = task_of(task).has_classes
    balanced = _balanced(evaluated.selection)
    sets = predicted_sets(evaluated.every, names, evaluated.truth)
    calibration_set, final = (
        calibration_set_for(shown, sets, seed),
        calibration_set_to_apply(sets, seed),
    )
    objects = sets[shown]
    priors = {
        name: prior_of_balanced(_counts(sets, len(metrics["classes"])))
        if classes and balanced.get(name)
        else None
        for name in names
    }
    rules: dict[str, Any] = {"level": level, "recalibrate": recalibrate, "seed": seed}
    if classes:
        variants = variants_of(objects, calibration_set, priors)
        models = of_classes(
            objects, variants, recalibrate=recalibrate, balanced=balanced, seed=seed
        )
    else:
        models = of_numbers(objects)
    regions = conformal_of(objects, calibration_set, task, priors=priors, **rules)
    for name in names:
        if name not in objects.judged:
            models[name], regions[name] = {"reason": LACKING}, {}
    found: Judgement = {
        "schema": 1,
        "task": task,
        "split": shown,
        "selected": selected,
        "recalibrate": recalibrate,
        "level": level,
        "rows": len(objects.objects),
        "n_units": objects.n_units,
        "learnt": {"shown": _told(calibration_set), "applied": _told(final)},
        "models": models,
        "conformal": regions,
        "apply": _apply(final, selected, task, priors[selected], rules),
    }
    return {**found, "findings": ranked(findings_of(found, selected, level))}


def _balanced(chosen: Mapping[str, Any]) -> dict[str, bool]:
    """Return which models were trained with balanced classes."""
    return {
        name: (best.get("hyperparameters") or {}).get("class_weight") == "balanced"
        for name, best in chosen["models"].items()
    }


def _told(calibration_set: CalibrationSet | None) -> "Learnt | None":
    return None if calibration_set is None else calibration_set.plain()


def _counts(sets: Mapping[str, Predicted], k: int) -> "Floats":
    """Return how many training objects of each class there are."""
    of = sets.get("cv") or next(iter(sets.values()))
    pair = next(iter(of.judged.values()))
    return np.bincount(pair.truth, minlength=k).astype(float)


def _apply(
    calibration_set: CalibrationSet | None,
    name: str,
    task: str,
    prior: "Floats | None",
    rules: Mapping[str, Any],
) -> "Mending":
    """Return what the predictions of new objects are mended by."""
    if calibration_set is not None and name not in calibration_set.scores.judged:
        calibration_set = None
    mend = None
    mends = task_of(task).has_classes and rules["recalibrate"] != "none"
    if mends and calibration_set is not None:
        mend = calibration_set.to_apply(name, rules["recalibrate"], prior)
    return {
        "model": name,
        "recalibration": mend,
        "conformal": to_apply(calibration_set, name, task, prior=prior, **rules),
    }
