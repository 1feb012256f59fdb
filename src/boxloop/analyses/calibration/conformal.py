"""Conformal sets and intervals of all models: how often do they hold the truth, and for whom?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from boxloop.analyses.calibration.sets import CalibrationSet, Predicted, taught
from boxloop.analyses.groups.grouping import groupings
from boxloop.metrics import Judged
from boxloop.metrics.clustered import proportions
from boxloop.metrics.conformal import (
    aps_scores,
    central,
    conformal_quantile,
    fewest_units,
    lac_scores,
    outside,
    sets_of,
    widths,
)
from boxloop.sampling import unit_hashes
from boxloop.study.vocabulary import SKY_GROUP
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats
    from boxloop.results.calibration import (
        ConformalCoverage,
        ConformalGroup,
        ConformalRule,
        Limited,
    )

_LACKS = {
    "lac": "the model gives no probability",
    "aps": "the model gives no probability",
    "cqr": "the model gives no distribution",
}
_FEW = "there are too few units to learn a quantile from"

Priors = Mapping[str, "Floats | None"]


def conformal_of(
    shown: Predicted,
    calibration_set: CalibrationSet | None,
    task: str,
    *,
    level: float,
    recalibrate: str,
    priors: Priors,
    seed: int,
) -> dict[str, dict[str, "ConformalCoverage"]]:
    """Return the coverage of every model's sets or intervals, by model and method.

    Methods are ``lac`` and ``aps`` (sets of classes), ``absolute`` (the same width for all objects)
    and ``cqr`` (central intervals of distributions, all widened by one factor). Each has
    ``coverage`` (of the objects), ``of_units`` (the mean over units, which is what the method
    promises), ``size`` (mean classes of a set or width of an interval), ``groups``, or the
    ``reason`` why not.
    """
    conformal = task_of(task).conformal
    found: dict[str, dict[str, ConformalCoverage]] = {}
    parts = _groups(shown, task)
    for name in shown.judged:
        found[name] = {}
        for method in conformal.methods:
            reason = _lacking(shown.judged[name], method) or ("" if calibration_set else _FEW)
            if reason or calibration_set is None:
                found[name][method] = {"reason": reason}
                continue
            how = _Scored(calibration_set, name, method, level, recalibrate, priors.get(name), seed)
            held, size, finite = how.judge(shown)
            if not finite:
                least = fewest_units(level)
                reason = f"a coverage of {level:g} takes at least {least} units to learn from"
                found[name][method] = {"reason": reason}
                continue
            found[name][method] = _table(held, size, shown.unit, parts)
    return found


def to_apply(
    calibration_set: CalibrationSet | None,
    name: str,
    task: str,
    *,
    level: float,
    recalibrate: str,
    prior: "Floats | None",
    seed: int,
) -> "ConformalRule":
    """Return what new objects need for their sets or intervals, as plain data.

    Returns
    -------
    dict
        ``method``, ``level``, ``quantile``; a quantile of null with its ``reason``.
    """
    nothing: ConformalRule = {"method": None, "level": level, "quantile": None, "reason": None}
    if calibration_set is None:
        return {**nothing, "reason": _FEW}
    pair = calibration_set.scores.judged[name]
    conformal = task_of(task).conformal
    able = [m for m in conformal.applied if not _lacking(pair, m)]
    if not able:
        return {**nothing, "reason": _LACKS[conformal.applied[0]]}
    how = _Scored(calibration_set, name, able[0], level, recalibrate, prior, seed)
    quantile = conformal_quantile(how.of_truth, calibration_set.scores.unit, level)
    if not np.isfinite(quantile):
        least = fewest_units(level)
        reason = f"a coverage of {level:g} takes at least {least} units to learn from"
        return {**nothing, "method": able[0], "reason": reason}
    return {"method": able[0], "level": level, "quantile": quantile, "reason": None}


def _lacking(pair: Judged, method: str) -> str:
    lacks = pair.probability is None if method in ("lac", "aps") else pair.mixture is None
    return _LACKS.get(method, "") if lacks else ""


class _Scored:
    """The scores of one model under one method, and what they say of other objects."""

    def __init__(
        self,
        calibration_set: CalibrationSet,
        name: str,
        method: str,
        level: float,
        recalibrate: str,
        prior: "Floats | None",
        seed: int,
    ) -> None:
        self.calibration_set, self.name, self.method, self.level = (
            calibration_set,
            name,
            method,
            level,
        )
        self.recalibrate, self.prior, self.seed = recalibrate, prior, seed
        pair = calibration_set.scores.judged[name]
        if method in ("lac", "aps"):
            scores, _ = self._of_classes(calibration_set.scores)
            self.of_truth = scores[np.arange(len(scores)), pair.truth]
        else:
            ends = self._ends(pair)
            self.of_truth = outside(pair.truth, *ends) / widths(*ends)

    def judge(self, shown: Predicted) -> tuple["Floats", "Floats", bool]:
        """Return whether each truth is held (n,), the sizes (n,), and whether all are finite."""
        calibration_set = self.calibration_set
        quantile = np.empty(len(shown.objects))
        units = calibration_set.scores.unit
        for rows, use in taught(
            calibration_set.part(shown), calibration_set.part(calibration_set.scores)
        ):
            quantile[rows] = conformal_quantile(self.of_truth[use], units[use], self.level)
        pair = shown.judged[self.name]
        if self.method in ("lac", "aps"):
            scores, probability = self._of_classes(shown)
            kept = sets_of(scores, probability, quantile)
            held, size = kept[np.arange(len(kept)), pair.truth], kept.sum(axis=1)
        else:
            low, high = self._ends(pair)
            unit = widths(low, high)
            held = outside(pair.truth, low, high) / unit <= quantile
            size = np.maximum(high - low + 2 * quantile * unit, 0.0)
        return held.astype(float), size.astype(float), bool(np.isfinite(quantile).all())

    def _of_classes(self, of: Predicted) -> tuple["Floats", "Floats"]:
        probability = of.judged[self.name].probability
        if self.recalibrate != "none":
            probability = self.calibration_set.mended(self.name, self.recalibrate, self.prior, of)
        assert probability is not None
        if self.method == "lac":
            return lac_scores(probability), probability
        hashes = unit_hashes(of.objects["id"].to_numpy(), self.seed, "aps")
        return aps_scores(probability, hashes / 2.0**64), probability

    def _ends(self, pair: Judged) -> tuple["Floats", "Floats"]:
        if self.method == "absolute":
            return pair.prediction, pair.prediction
        assert pair.mixture is not None
        return central(pair.mixture, self.level)


def _groups(shown: Predicted, task: str) -> list[tuple[str, list["Limited"], "NDArray[np.intp]"]]:
    """Return by what coverage is broken down: name, groups, and the group of each object."""
    objects = shown.objects
    named: list[str | list[str]] = [
        str(c).removeprefix("group:") for c in objects if str(c).startswith("group:")
    ]
    if "sky:ra" in objects:
        named.append(SKY_GROUP)
    found: list[tuple[str, list[Limited], NDArray[np.intp]]] = []
    about: list[Limited]
    for cut in groupings(objects, named, [], task):
        if cut.kind != "class":
            about = [{"label": g.label, "from": g.low, "to": g.high} for g in cut.groups]
            found.append((cut.name, about, cut.codes))
    if task_of(task).has_classes:
        pair = next(iter(shown.judged.values()))
        about = [{"label": c, "from": None, "to": None} for c in pair.classes]
        found.append(("class", about, np.asarray(pair.truth, np.intp)))
    return found


def _table(
    held: "Floats",
    size: "Floats",
    unit: "NDArray[np.intp]",
    parts: list[tuple[str, list["Limited"], "NDArray[np.intp]"]],
) -> "ConformalCoverage":
    every = np.zeros(len(held), np.intp)
    by_unit = np.bincount(unit, held) / np.bincount(unit)
    whole = np.zeros(len(by_unit), np.intp)
    groups: dict[str, list[ConformalGroup]] = {}
    for name, about, codes in parts:
        m = len(about)
        found = proportions(held, codes, unit, m, looks=m)
        n = np.maximum(np.bincount(codes, minlength=m), 1)
        mean = np.bincount(codes, size, minlength=m) / n
        groups[name] = [
            {**about[i], **found.plain(i), "size": float(mean[i])}
            for i in range(m)
            if found.rows[i]
        ]
    return {
        "reason": None,
        "coverage": proportions(held, every, unit, 1).plain(0),
        "of_units": proportions(by_unit, whole, np.arange(len(by_unit)), 1).plain(0),
        "size": {"mean": float(size.mean()), "median": float(np.median(size))},
        "single": float((size == 1).mean()),
        "groups": groups,
    }
