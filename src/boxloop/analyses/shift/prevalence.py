"""How frequent the classes are among target objects: estimated from predictions, with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.errors import BoxloopError, listed
from boxloop.fitting.prior_shift import (
    Calibration,
    Recalibration,
    black_box,
    calibrate,
    expectation_maximisation,
)
from boxloop.fitting.reweight import one_thread
from boxloop.metrics.interval import COVERAGE, FEWEST
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.shift import ClassPrevalence, Estimated, Estimator, Frequency

    Floats = NDArray[np.float64]

#: Resamples of both samples.
RESAMPLES = 200
METHODS = ("em", "bbse")


@dataclass(frozen=True)
class Predicted:
    """What the selected model says about objects.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
        The predicted class.
    probability : ndarray, shape (n, k), or None
    units : ndarray, shape (n,)
    truth : ndarray of int, shape (n,), or None
        Of labelled objects, which the model has not learnt from.
    """

    codes: "NDArray[np.intp]"
    probability: "Floats | None"
    units: "NDArray[Any]"
    truth: "NDArray[np.intp] | None" = None


@dataclass(frozen=True)
class Estimates:
    """Frequencies of the classes, and what is needed to go on from them.

    Attributes
    ----------
    content : dict
        Part ``prevalence`` of ``evaluate/shift.json`` as far as it is estimated.
    training : ndarray, shape (k,)
        Among the labelled objects.
    calibration : Calibration or None
    values : mapping of str to ndarray, shape (k,)
        By method, where there is an estimate.
    """

    content: "Estimated"
    training: "Floats"
    calibration: Calibration | None
    values: Mapping[str, "Floats"]

    @property
    def best(self) -> "Estimator | None":
        """The method that is preferred, of those that give an estimate."""
        if "em" in self.values:
            return "em"
        return "bbse" if "bbse" in self.values else None


def estimate_prevalence(
    labelled: Predicted, target: Predicted | None, classes: tuple[str, ...], *, seed: int
) -> Estimates:
    """Estimate the frequency of every class in the target sample in two ways.

    Expectation-maximisation uses probabilities, calibrated on the labelled objects; black-box
    shift estimation uses the confusion matrix alone. Intervals come from `RESAMPLES` resamples of
    the units of both samples; calibration (by one Newton step) and confusion matrix follow them.

    Parameters
    ----------
    labelled : Predicted
        Objects the model has not learnt from, with their truth.
    target : Predicted or None
        None without a target sample.
    classes : tuple of str
    seed : int
        The study's seed.
    """
    k = len(classes)
    assert labelled.truth is not None
    training = np.bincount(labelled.truth, minlength=k) / max(len(labelled.truth), 1)
    counts = np.bincount(labelled.truth, minlength=k)
    calibration = None
    if labelled.probability is not None and (counts > 0).sum() > 1:
        calibration = calibrate(labelled.probability, labelled.truth)
    reason = _too_little(labelled, target, counts, classes)
    values: dict[str, Floats] = {}
    reasons, spread = dict.fromkeys(METHODS, reason), {}
    if target is not None and not reason:
        with one_thread():
            values, reasons = _once(labelled, target, None, None, calibration, k, None)
            spread = _resampled(labelled, target, calibration, values, k, seed)
    entries: list[ClassPrevalence] = [
        {
            "class": name,
            "training": float(training[c]),
            "n_training": int(counts[c]),
            "em": _estimate("em", c, values, spread),
            "bbse": _estimate("bbse", c, values, spread),
        }
        for c, name in enumerate(classes)
    ]
    content: Estimated = {
        "reason": reason or None,
        "labelled": {"rows": len(labelled.truth), "units": _n(labelled.units)},
        "target": None
        if target is None
        else {"rows": len(target.codes), "units": _n(target.units)},
        "reasons": {m: reasons.get(m, "") for m in METHODS},
        "classes": entries,
    }
    return Estimates(content, training, calibration, values)


def _n(units: "NDArray[Any]") -> int:
    return len(set(units.tolist()))


def _too_little(
    labelled: Predicted,
    target: Predicted | None,
    counts: "NDArray[np.intp]",
    classes: tuple[str, ...],
) -> str:
    if target is None:
        return "there is no target sample"
    if (counts > 0).sum() < 2:
        return "the labelled objects have one class only"
    if not counts.all():
        return f"no labelled object is of the class {classes[int(np.argmin(counts))]}"
    for of, name in ((labelled, "labelled"), (target, "target")):
        if _n(of.units) < FEWEST:
            return f"there are {_n(of.units)} independent units of {name} objects; {FEWEST} needed"
    return ""


def _once(
    labelled: Predicted,
    target: Predicted,
    here: "Floats | None",
    there: "Floats | None",
    calibration: Calibration | None,
    k: int,
    near: "Floats | None",
) -> tuple[dict[str, "Floats"], dict[str, str]]:
    """Return the estimates for weights of both samples, and why one is missing."""
    assert labelled.truth is not None
    here = np.ones(len(labelled.codes)) if here is None else here
    there = np.ones(len(target.codes)) if there is None else there
    cells = labelled.truth * k + labelled.codes
    confusion = np.bincount(cells, here, k * k).reshape(k, k).astype(float)
    prior = confusion.sum(axis=1) / confusion.sum()
    found: dict[str, Floats] = {}
    reasons = dict.fromkeys(METHODS, "")
    share = np.bincount(target.codes, there, k) / there.sum()
    box, reasons["bbse"] = black_box(confusion, share)
    if box is not None:
        found["bbse"] = box
    if calibration is None or target.probability is None:
        reasons["em"] = "the model gives no probability"
    elif (prior > 0).all():
        likelihood = calibration(target.probability) / prior
        begin = prior if near is None else near
        tolerance = 1e-9 if near is None else 1e-5
        found["em"] = expectation_maximisation(likelihood, begin, there, tolerance=tolerance)
    return found, reasons


def _resampled(
    labelled: Predicted,
    target: Predicted,
    calibration: Calibration | None,
    values: Mapping[str, "Floats"],
    k: int,
    seed: int,
) -> dict[str, "Floats"]:
    """Return by method the estimates (resamples, k), and under "prior" the training frequencies."""
    assert labelled.truth is not None
    rng = generator(seed, "shift", "prevalence")
    of = [np.unique(p.units.astype(str), return_inverse=True)[1] for p in (labelled, target)]
    again_for = None
    if calibration is not None and labelled.probability is not None:
        again_for = Recalibration(labelled.probability, labelled.truth, calibration)
    found: dict[str, list[Floats]] = {}
    for _ in range(RESAMPLES):
        here, there = (_drawn(rng, unit) for unit in of)
        prior = np.bincount(labelled.truth, here, k) / here.sum()
        own = again_for(here) if again_for else None
        again, _ = _once(labelled, target, here, there, own, k, values.get("em"))
        for method, value in again.items():
            found.setdefault(method, []).append(value)
            found.setdefault(f"{method} prior", []).append(prior)
    return {method: np.array(rows) for method, rows in found.items()}


def _drawn(rng: np.random.Generator, unit: "NDArray[np.intp]") -> "Floats":
    n = int(unit.max()) + 1
    return np.bincount(rng.integers(0, n, n), minlength=n)[unit].astype(float)


def _estimate(
    method: str, c: int, values: Mapping[str, "Floats"], spread: Mapping[str, "Floats"]
) -> "Frequency | None":
    """Return an estimate with its interval, and how many standard errors it is from training's."""
    if method not in values:
        return None
    value, found = float(values[method][c]), spread.get(method, np.empty((0, 0)))
    if len(found) < 0.9 * RESAMPLES:
        return {"value": value, "low": None, "high": None, "changed": False}
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(found[:, c], [tail, 1 - tail])
    difference = found[:, c] - spread[f"{method} prior"][:, c]
    # As many looks as there are classes.
    z = NormalDist().inv_cdf(1 - tail / found.shape[1])
    certain = abs(float(difference.mean())) > z * float(difference.std(ddof=1))
    return {
        "value": value,
        "low": float(min(low, value)),
        "high": float(max(high, value)),
        "changed": bool(certain),
    }


def stated_prevalence(
    stated: Mapping[str, float], classes: tuple[str, ...], training: "Floats"
) -> "Floats":
    """Return the frequency of every class; classes not named share the rest as in training.

    Raises
    ------
    BoxloopError
        A class is not one of the study's, or the fractions leave too little or too much.
    """
    strange = [c for c in stated if c not in classes]
    if strange:
        raise BoxloopError(
            f"prevalence: expected classes of the target ({listed(classes)}); found "
            f"{strange[0]!r}; correct its name in the study file"
        )
    found = np.array([stated.get(c, np.nan) for c in classes], float)
    open_, rest = np.isnan(found), 1 - float(np.nansum(found))
    weight = np.where(open_, training, 0.0)
    if abs(rest) < 1e-6 and not open_.any():
        return found / found.sum()
    if rest <= 1e-6 or not open_.any() or weight.sum() <= 0:
        left = listed([c for c, o in zip(classes, open_, strict=True) if o]) or "no class"
        raise BoxloopError(
            f"prevalence: expected fractions that leave something for the classes not named; found "
            f"{1 - rest:g} in all, and {left} not named; correct the fractions in the study file"
        )
    return np.where(open_, rest * weight / weight.sum(), found)
