"""Calibration of probabilities: reliability curves, slopes, scores before and after mending."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.analyses.calibration.sets import CalibrationSet, Predicted
from boxloop.metrics import Judged, Resamples, interval
from boxloop.metrics.calibration_line import fit_line, logits, newton_step, terms
from boxloop.metrics.calibration_metrics import (
    brier_decomposition,
    ece,
    ece_sorted,
    equal_mass,
    top_label,
)
from boxloop.metrics.classification import negative_log_probability, squared_distance
from boxloop.metrics.clustered import ALARM, proportions
from boxloop.metrics.forms import Summed
from boxloop.metrics.interval import FEWEST, Distribution, distributions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats
    from boxloop.results.calibration import (
        ClassCalibration,
        CurvePoint,
        LineLimits,
        MethodCalibration,
        MethodDetail,
        ModelCalibration,
        Slope,
    )
    from boxloop.results.common import Interval

    Combine = Callable[[Floats, Floats], Floats]

#: Most bins of a reliability curve, and objects to a bin where there are fewer.
BINS, PER_BIN = 12, 30
SCORES = ("log_loss", "brier")
MENDED = ("temperature", "isotonic")
_NONE = "the model gives no probability"
_FEW = "there are too few units to learn a recalibration from"

LINE = ("intercept", "slope")

Variants = dict[tuple[str, str], Judged]
Line = tuple[float, float] | str
Spread = dict[tuple[tuple[str, str], str, str], Distribution]


def variants_of(
    shown: Predicted, calibration_set: CalibrationSet | None, priors: "Mapping[str, Floats | None]"
) -> Variants:
    """Return the predictions of all models as they are and mended, by (model, method).

    Methods are ``none``, ``temperature``, ``isotonic``, and for models whose classes were balanced
    ``prevalence``: brought back to the frequency of the classes among the training objects, from
    which the other two then start.

    Parameters
    ----------
    priors : mapping of str to ndarray (k,), or None
        Factors of the classes for models that were trained with balanced ones.
    """
    found: Variants = {}
    for name, pair in shown.judged.items():
        if pair.probability is None:
            continue
        found[name, "none"] = pair
        if calibration_set is None:
            continue
        prior = priors.get(name)
        for method in (*(["prevalence"] if prior is not None else []), *MENDED):
            how = "none" if method == "prevalence" else method
            mended = calibration_set.mended(name, how, prior, shown)
            if mended is not None:
                found[name, method] = Judged(
                    pair.truth, mended.argmax(axis=1), mended, pair.classes
                )
    return found


def of_classes(
    shown: Predicted,
    variants: Variants,
    *,
    recalibrate: str,
    balanced: Mapping[str, bool],
    seed: int,
) -> dict[str, "ModelCalibration"]:
    """Return ``models`` of evaluate/calibration.json for a classification, by model."""
    resamples = Resamples(shown.objects["unit"].to_numpy(), seed, "calibration")
    detailed = {key: pair for key, pair in variants.items() if key[1] in ("none", recalibrate)}
    fits = {key: _lines(pair) for key, pair in detailed.items()}
    spread = _resampled(variants, fits, resamples)
    found: dict[str, ModelCalibration] = {}
    for name, pair in shown.judged.items():
        if pair.probability is None:
            found[name] = {"reason": _NONE, "balanced": bool(balanced.get(name)), "methods": {}}
            continue
        methods: dict[str, MethodCalibration] = {}
        for method in [m for n, m in variants if n == name]:
            key = (name, method)
            about: MethodCalibration = {
                "log_loss": _with_ends(spread[key, "log_loss", ""]),
                "brier": _with_ends(spread[key, "brier", ""]),
                "ece": _error(variants[key]),
                "change": {
                    "log_loss": _change(spread, key, "log_loss"),
                    "brier": _change(spread, key, "brier"),
                },
            }
            if key in fits:
                about["slopes"] = {c: _slope(fits[key], c, spread, key) for c in pair.classes}
                about = {**about, **_detail(variants[key], shown.unit)}
            methods[method] = about
        used = recalibrate if recalibrate in methods else "none"
        reason = _FEW if len(methods) == 1 else None
        found[name] = {
            "reason": None,
            "balanced": bool(balanced.get(name)),
            "used": used,
            "not_mended": reason,
            "methods": methods,
        }
    return found


def _error(pair: Judged) -> float:
    """Return the debiased calibration error; evaluate/metrics.json has its interval."""
    assert pair.probability is not None
    ones = np.ones(len(pair.truth))
    return float(ece(pair.truth, pair.probability, ones, len(pair.classes)))


def _change(spread: "Spread", key: tuple[str, str], score: str) -> "Interval | None":
    """Return the paired difference to the probabilities as they are; None for these themselves."""
    first, second = spread[(key[0], "none"), score, ""], spread[key, score, ""]
    if key[1] == "none":
        return None
    return _with_ends(
        Distribution(
            second.value - first.value,
            second.resampled - first.resampled,
            second.left_out - first.left_out,
        )
    )


def _with_ends(of: Distribution) -> "Interval":
    ends = interval(of) if len(of.resampled) else None
    low, high = ends or (None, None)
    return {"value": of.value, "low": low, "high": high}


def _lines(pair: Judged) -> "dict[str, Line]":
    """Fit the logistic recalibration of every class: intercept and slope, or why there is none."""
    assert pair.probability is not None
    return {
        label: fit_line(logits(pair.probability[:, c]), (pair.truth == c).astype(float))
        for c, label in enumerate(pair.classes)
    }


def _resampled(
    variants: Variants, fits: "Mapping[tuple[str, str], dict[str, Line]]", resamples: Resamples
) -> "Spread":
    """Resample scores and lines, all on the same units, as sums over objects."""
    statistics: dict[tuple[tuple[str, str], str, str], Summed] = {}

    def add(columns: "Floats", combine: "Combine", *key: Any) -> None:
        statistics[key] = Summed(partial(_directly, columns, combine), columns, combine)

    for key, pair in variants.items():
        assert pair.probability is not None
        of = pair.truth, pair.probability, len(pair.classes)
        columns = np.stack([negative_log_probability(*of), squared_distance(*of)], axis=1)
        for place, score in enumerate(SCORES):
            add(columns, partial(_mean, place), key, score, "")
        for c, (label, line) in enumerate(fits.get(key, {}).items()):
            if isinstance(line, str):
                continue
            member = (pair.truth == c).astype(float)
            columns = terms(logits(pair.probability[:, c]), member, *line)
            for place, part in enumerate(LINE):
                add(columns, partial(_moved, line[place], place), key, part, label)
    return distributions(statistics, resamples)


def _slope(
    lines: "Mapping[str, Line]", label: str, spread: "Spread", key: tuple[str, str]
) -> "Slope":
    """Return intercept and slope of a class with their intervals, or the reason why not."""
    line = lines[label]
    if isinstance(line, str):
        return {"intercept": None, "slope": None, "reason": line}

    def limits(part: str) -> "LineLimits":
        of = spread[key, part, label]
        error = float(np.nanstd(of.resampled)) if len(of.resampled) else None
        return {**_with_ends(of), "error": error}

    few = any(not len(spread[key, part, label].resampled) for part in LINE)
    return {
        "reason": f"no interval below {FEWEST} units" if few else "",
        "intercept": limits("intercept"),
        "slope": limits("slope"),
    }


def _mean(place: int, sums: "Floats", total: "Floats") -> "Floats":
    return sums[..., place] / total


def _moved(value: float, place: int, sums: "Floats", total: "Floats") -> "Floats":
    moved: Floats = value + newton_step(sums)[..., place]
    return moved


def _directly(columns: "Floats", combine: "Combine", weight: "Floats") -> "Floats":
    return combine(weight @ columns, weight.sum(axis=-1))


def _detail(pair: Judged, unit: "NDArray[np.intp]") -> "MethodDetail":
    """Return reliability curves, Brier's parts, and what the findings look at."""
    probability, truth, k = pair.probability, pair.truth, len(pair.classes)
    assert probability is not None
    confidence, hit = top_label(truth, probability)
    # Each bin and, of every class, slope and frequency are looked at.
    bins = max(1, min(BINS, len(truth) // PER_BIN))
    looks = ALARM * (bins + 2 * k)
    classes: dict[str, ClassCalibration] = {}
    for c, label in enumerate(pair.classes):
        member = (truth == c).astype(float)
        given = probability[:, c]
        order = np.argsort(given, kind="stable")
        error = ece_sorted(given[order], member[order] > 0, np.ones(len(order)))
        whole = proportions(member, np.zeros(len(member), np.intp), unit, 1, looks=looks)
        classes[label] = {
            "frequency": whole.plain(0),
            "mean": float(given.mean()),
            "error": float(error),
            "curve": curve(given, member, unit, bins),
        }
    parts = brier_decomposition(truth, probability)
    top = curve(confidence, hit.astype(float), unit, bins, looks=looks)
    return {
        "looks": looks,
        "classes": classes,
        "top_label": top,
        "brier_parts": {
            "brier": parts.brier,
            "reliability": parts.reliability,
            "resolution": parts.resolution,
            "uncertainty": parts.uncertainty,
            "within_variance": parts.within_variance,
            "within_covariance": parts.within_covariance,
        },
    }


def curve(
    probability: "Floats", event: "Floats", unit: "NDArray[np.intp]", bins: int, looks: int = 1
) -> list["CurvePoint"]:
    """Return a reliability curve: bins of equal mass, each with its mean and its frequency.

    Each has ``mean``, ``value`` (the frequency), ``low``, ``high``, ``rows``, ``n_units``.
    """
    _, place = np.unique(equal_mass(probability, bins), return_inverse=True)
    m = int(place.max()) + 1
    mean = np.bincount(place, probability) / np.bincount(place)
    found = proportions(event, place, unit, m)
    rows: list[CurvePoint] = [{"mean": float(mean[i]), **found.plain(i)} for i in range(m)]
    if looks > 1:
        wide = proportions(event, place, unit, m, looks=looks)
        for i, row in enumerate(rows):
            row["off"] = bool(mean[i] < wide.low[i] or mean[i] > wide.high[i])
    return rows
