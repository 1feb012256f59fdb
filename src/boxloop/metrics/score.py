"""Score predictions: every metric of the task, each with its interval or the reason it has none."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.metrics.calibration_metrics import ece_limits
from boxloop.metrics.fast import classified, measured
from boxloop.metrics.interval import (
    FEWEST,
    Distribution,
    Resamples,
    Score,
    distributions,
    interval,
    wilson,
)
from boxloop.metrics.mixture import Mixture
from boxloop.metrics.partial import of_all
from boxloop.metrics.registry import REGISTRY, Metric, metrics_for
from boxloop.metrics.regression import error_towards

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

#: Metrics that are proportions of objects, whose interval is Wilson's where events are few.
PROPORTIONS = ("accuracy", "outlier_fraction", "coverage")


@dataclass(frozen=True)
class Judged:
    """Truth and prediction of the same objects.

    Attributes
    ----------
    truth : ndarray, shape (n,)
        Numbers, or codes of the classes.
    prediction : ndarray, shape (n,)
        Numbers, or codes of the classes.
    probability : ndarray, shape (n, k), or None
    classes : tuple of str
        Empty for a regression.
    error : ndarray, shape (n, 2), or None
        Standard error of the truth, downwards and upwards; NaN where it is not known.
    mixture : Mixture or None
        The predicted distributions.
    known : ndarray of bool, shape (n,), or None
        Of predictions that are not ours: which objects they are judged by, those that they have and
        were not trained on. All where None. What stands for the others means nothing, and a
        probability or a distribution may be NaN where it alone is missing.
    """

    truth: "NDArray[Any]"
    prediction: "NDArray[Any]"
    probability: "NDArray[Any] | None" = None
    classes: tuple[str, ...] = ()
    error: "NDArray[Any] | None" = None
    mixture: Mixture | None = None
    known: "NDArray[np.bool_] | None" = None

    def take(self, rows: "NDArray[Any]") -> "Judged":
        """Return some of the objects, by mask or index."""
        probability, error, mixture = self.probability, self.error, self.mixture
        known = None if self.known is None else self.known[rows]
        return Judged(
            self.truth[rows],
            self.prediction[rows],
            None if probability is None else probability[rows],
            self.classes,
            None if error is None else error[rows],
            None if mixture is None else mixture.take(rows),
            None if known is None or known.all() else known,
        )

    @property
    def partly(self) -> bool:
        """Whether it may lack objects: it is then none of our models."""
        return self.known is not None

    def usable(self, metric: Metric) -> "NDArray[np.bool_] | None":
        """Return which objects (n,) a metric is worked out on; None where all are."""
        if self.known is None:
            return None
        found = self.known
        if metric.needs == "probability" and self.probability is not None:
            found = found & np.isfinite(self.probability).all(axis=1)
        if metric.needs == "distribution" and self.mixture is not None:
            found = found & np.isfinite(self.mixture.sigma).all(axis=1)
        return found

    def lacks(self, metric: Metric) -> str:
        """Say what a metric needs and is not there; empty where nothing is missing."""
        if metric.needs == "probability" and self.probability is None:
            return "the model gives no probability"
        if metric.needs == "distribution" and self.mixture is None:
            return "the model gives no distribution"
        if metric.needs == "error" and self.error is None:
            return "the target has no error"
        if metric.needs == "error" and not self.with_error().any():
            return "no object has a positive error of its target"
        usable = self.usable(metric)
        if usable is not None and not usable.any():
            return "no object is left that it predicts and was not trained on"
        return ""

    def with_error(self) -> "NDArray[np.bool_]":
        """Return which objects (n,) have a positive error of the truth towards the prediction."""
        if self.error is None:
            return np.zeros(len(self.truth), bool)
        return error_towards(self.truth, self.prediction, self.error)[1]


def statistic(metric: Metric, judged: Judged) -> Callable[["Floats"], "Floats"] | None:
    """Return a metric as a function of weights (..., n), or None where it lacks what it needs."""
    if judged.lacks(metric):
        return None
    usable = judged.usable(metric)
    if usable is not None:
        inner = statistic(metric, judged.take(usable))
        return None if inner is None else of_all({"": inner}, usable)[""]
    if metric.needs == "probability" and judged.probability is not None:
        return partial(_of_classes, metric, judged.truth, judged.probability, len(judged.classes))
    if metric.needs == "label":
        return partial(_of_classes, metric, judged.truth, judged.prediction, len(judged.classes))
    if metric.needs == "distribution" and metric.each is not None:
        return partial(metric.function, metric.each(judged.truth, judged.mixture))
    if metric.needs == "error":
        return partial(metric.function, judged.truth, judged.prediction, error=judged.error)
    return partial(metric.function, judged.truth, judged.prediction)


def statistics(
    judged: Judged, metrics: Collection[Metric]
) -> dict[str, Callable[["Floats"], "Floats"]]:
    """Return the metrics that predictions can give, by name, in the forms that are fast."""
    if judged.known is not None:
        return _of_known(judged, metrics)
    plain = _as_written(judged, metrics)
    if judged.classes:
        k = len(judged.classes)
        return classified(plain, judged.truth, judged.prediction, judged.probability, k)
    each = {}
    for name in plain:
        of_each = REGISTRY[name].each
        if of_each is not None:
            each[name] = of_each(judged.truth, judged.mixture)
    return measured(plain, judged.truth, judged.prediction, judged.error, each)


def _of_known(
    judged: Judged, metrics: Collection[Metric]
) -> dict[str, Callable[["Floats"], "Floats"]]:
    """Work metrics out on the objects that have what each needs, as functions of all weights."""
    found: dict[str, Callable[[Floats], Floats]] = {}
    for need in dict.fromkeys(metric.needs for metric in metrics):
        mine = [m for m in metrics if m.needs == need and not judged.lacks(m)]
        usable = judged.usable(mine[0]) if mine else None
        if usable is not None:
            found |= of_all(statistics(judged.take(usable), mine), usable)
    return {m.name: found[m.name] for m in metrics if m.name in found}


def on_common_objects(first: Judged, second: Judged, metric: Metric) -> tuple[Judged, Judged]:
    """Return both for the objects that either can be judged by, which a fair comparison needs.

    Where both predict every object they are returned as they are.
    """
    masks = [m for m in (first.usable(metric), second.usable(metric)) if m is not None]
    if not masks:
        return first, second
    common = np.logical_and.reduce(masks)
    return replace(first, known=common), replace(second, known=common)


def _as_written(
    judged: Judged, metrics: Collection[Metric]
) -> dict[str, Callable[["Floats"], "Floats"]]:
    found = {metric.name: statistic(metric, judged) for metric in metrics}
    return {name: function for name, function in found.items() if function is not None}


def value(name: str, judged: Judged) -> float:
    """Return one metric's value, NaN where the predictions cannot give it."""
    found = statistic(REGISTRY[name], judged)
    if found is None or not len(judged.truth):
        return float("nan")
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(found(np.ones(len(judged.truth))))


def scores(
    judged: Mapping[str, Judged],
    resamples: Resamples,
    task: str,
    *,
    intervals: bool = True,
    names: Collection[str] | None = None,
) -> tuple[dict[str, dict[str, Score]], dict[tuple[str, str], Distribution]]:
    """Score the predictions of several models for the same objects.

    Parameters
    ----------
    judged : mapping of str to Judged
        By model; all in the order of ``resamples.unit``.
    resamples : Resamples
    task : str
    intervals : bool
        Whether to resample; not done for training objects.
    names : collection of str, optional
        Metrics wanted; all of the task by default.

    Returns
    -------
    scores : dict
        By model and metric.
    distributions : dict
        By (model, metric): the resampled values, for paired differences; empty without intervals.
    """
    found: dict[str, dict[str, Score]] = {model: {} for model in judged}
    every: dict[tuple[str, str], Callable[[Floats], Floats]] = {}
    metrics = [m for m in metrics_for(task) if names is None or m.name in names]
    for model, pair in judged.items():
        of = (statistics if intervals else _as_written)(pair, metrics)
        every |= {(model, name): function for name, function in of.items()}
    ones = np.ones(len(resamples.unit))
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = distributions(every, resamples) if intervals else {}
        for model, pair in judged.items():
            for metric in metrics:
                key = (model, metric.name)
                n, left_out = _units(metric, pair, resamples)
                if key not in every:
                    score = Score(None, None, None, n, pair.lacks(metric))
                elif intervals:
                    objects = len(resamples.unit) - left_out
                    score = _with_interval(metric, kept[key], objects, n)
                    if metric.name == "ece":
                        score = _of_calibration(score, pair, kept[key], objects)
                else:
                    number = float(every[key](ones))
                    score = _score(number, None, n, "no interval on training objects")
                found[model][metric.name] = replace(score, left_out=left_out)
    return found, kept


def _units(metric: Metric, judged: Judged, resamples: Resamples) -> tuple[int, int]:
    """Return the units a score rests on, and the objects left out: without error or prediction."""
    known = judged.usable(metric)
    if metric.needs == "error" and judged.error is not None:
        known = judged.with_error() if known is None else known & judged.with_error()
    if known is None:
        return resamples.n_units, 0
    return len(np.unique(resamples.unit[known])), int((~known).sum())


def _with_interval(metric: Metric, found: Distribution, objects: int, n: int) -> Score:
    """Choose the interval: none for few units, Wilson's for few events, else the bootstrap's."""
    if n < FEWEST:
        return _score(found.value, None, n, f"no interval below {FEWEST} units")
    limits = interval(found)
    if metric.name in PROPORTIONS:
        events = found.value * n
        if limits is None or (n == objects and min(events, n - events) < FEWEST):
            low, high = wilson(events, n)
            # Wilson's ends at 0 and 1 miss these values by a rounding.
            return _score(found.value, (min(low, found.value), max(high, found.value)), n, "")
    return _score(found.value, limits, n, "the resamples are all equal, or too few are finite")


def _of_calibration(score: Score, judged: Judged, found: Distribution, objects: int) -> Score:
    """Give the calibration error its own interval: its resamples are biased against it."""
    if score.low is None:
        return score
    if score.n_units < objects:
        return _score(found.value, None, score.n_units, "no interval for objects in groups")
    usable = judged.usable(REGISTRY["ece"])
    some = judged if usable is None else judged.take(usable)
    assert some.probability is not None
    limits = ece_limits(some.truth, some.probability, float(np.nanstd(found.resampled, ddof=1)))
    return _score(found.value, limits, score.n_units, "")


def _score(number: float, limits: tuple[float, float] | None, n: int, reason: str) -> Score:
    if not np.isfinite(number):
        return Score(None, None, None, n, "not defined for these objects")
    if limits is None:
        return Score(number, None, None, n, reason)
    return Score(number, limits[0], limits[1], n)


def _of_classes(
    metric: Metric, truth: "NDArray[Any]", prediction: "NDArray[Any]", k: int, weight: "Floats"
) -> "Floats":
    result: Floats = metric.function(truth, prediction, weight, k)
    return result
