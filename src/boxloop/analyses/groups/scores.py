"""A metric of each group and of the objects outside it, on the same resamples of units."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.analyses.groups.medians import Medians, ordered
from boxloop.analyses.groups.sums import BLOCK
from boxloop.metrics import REGISTRY, Judged, Resamples, value
from boxloop.metrics.interval import FEWEST, RESAMPLES
from boxloop.metrics.predictive import NOMINAL
from boxloop.metrics.registry import Metric
from boxloop.metrics.score import statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats

#: Metrics that average over classes, or weigh them against each other: without a class they say
#: something else.
OVER_CLASSES = (
    *("balanced_accuracy", "f1_macro", "precision", "recall", "specificity", "mcc"),
    *("roc_auc", "average_precision"),
)
#: So few objects of a class leave a mean over the classes to chance.
FEWEST_OF_CLASS = 5
#: Weights, resamples times objects, that a metric without sums is evaluated on, and the fewest
#: resamples.
WEIGHTS, FEWEST_RESAMPLES = 30_000_000, 300


@dataclass(frozen=True)
class Resampled:
    """A metric of each group, and of all objects outside it.

    Attributes
    ----------
    group, rest : ndarray, shape (g,)
    groups, rests : ndarray, shape (resamples, g)
    """

    group: "Floats"
    rest: "Floats"
    groups: "Floats"
    rests: "Floats"


@dataclass(frozen=True)
class OfObjects:
    """A metric that is not made of sums, of the objects of each group and outside it.

    Attributes
    ----------
    metric : Metric
    judged : Judged
    codes : ndarray of int, shape (n,)
    groups : int
    """

    metric: Metric
    judged: Judged
    codes: "NDArray[np.intp]"
    groups: int

    def parts(self) -> list["NDArray[np.bool_]"]:
        """Return which objects are in each group, and then which are outside each."""
        inside = [self.codes == g for g in range(self.groups)]
        return [*inside, *(~mask for mask in inside)]

    def function(self) -> Callable[["Floats"], "Floats"]:
        """Return the metric of all parts (b, 2 g) as a function of weights (b, n)."""
        median = ordered(self.metric.name, self.judged)
        if median is not None:
            both = Medians(median, self.codes, self.groups)
            return lambda weights: np.concatenate(both(weights), axis=1)
        parts = self.parts()
        own = [statistic(self.metric, self.judged.take(m)) if m.any() else None for m in parts]

        def every(weights: "Floats") -> "Floats":
            nothing = np.full(len(weights), np.nan)
            found = [
                nothing if f is None else f(weights[:, mask])
                for f, mask in zip(own, parts, strict=True)
            ]
            return np.stack(found, axis=1)

        return every


def resample_objects(
    wanted: Mapping[str, OfObjects], resamples: Resamples
) -> dict[str, tuple["Floats", "Floats"]]:
    """Return the resampled metric of groups, and of the objects outside, each (resamples, g)."""
    if not wanted:
        return {}
    functions = {key: of.function() for key, of in wanted.items()}
    found: dict[str, list[Floats]] = {
        key: [np.zeros((0, 2 * of.groups))] for key, of in wanted.items()
    }
    if resamples.n_units >= FEWEST:
        for weights in _some(resamples):
            with np.errstate(all="ignore"):
                for key, function in functions.items():
                    found[key].append(function(weights))
    return {
        key: (
            np.concatenate(found[key])[:, : of.groups],
            np.concatenate(found[key])[:, of.groups :],
        )
        for key, of in wanted.items()
    }


def _some(resamples: Resamples) -> Iterator["Floats"]:
    """Yield the weights of the first resamples: as many as their number of objects allows."""
    n = len(resamples.unit)
    left = int(np.clip(WEIGHTS // max(n, 1), FEWEST_RESAMPLES, RESAMPLES))
    for block in resamples.bootstrap():
        size = max(1, BLOCK // max(n, 1))
        for start in range(0, min(len(block), left), size):
            yield block[start : min(start + size, left)]
        left -= len(block)
        if left <= 0:
            return


def by_group(
    name: str,
    judged: Judged,
    codes: "NDArray[np.intp]",
    groups: int,
    every: Judged | None = None,
) -> "Floats":
    """Return a metric of each group (g,); R² in the spread over `every`, by default these."""
    every = judged if every is None else every
    return np.array([plain_value(name, judged.take(codes == g), every) for g in range(groups)])


def by_metric_frame(name: str, judged: Judged, codes: "NDArray[np.intp]", groups: int) -> "Floats":
    """Return a metric of labels of each group (g,), by fairlearn's MetricFrame.

    MetricFrame looks at every row of its input anew for each group, so that it is given each pair
    of true and predicted class once, with its number of objects.
    """
    from fairlearn.metrics import MetricFrame

    metric, k = REGISTRY[name], len(judged.classes)

    def of_pairs(truth: Any, said: Any, sample_weight: Any) -> float:
        number = np.asarray(sample_weight, float)
        return float(metric.function(np.asarray(truth), np.asarray(said), number, k))

    pattern = (codes * k + judged.truth) * k + judged.prediction
    there, count = np.unique(pattern, return_counts=True)
    frame = MetricFrame(
        metrics=of_pairs,
        y_true=there // k % k,
        y_pred=there % k,
        sensitive_features=there // k**2,
        sample_params={"sample_weight": count},
    )
    return np.asarray(frame.by_group.reindex(range(groups)), dtype=float)


def plain_value(name: str, judged: Judged, every: Judged) -> float:
    """Return a metric of some objects; the spread that R² counts in is that of all."""
    if name == "r2":
        return 1 - value("mse", judged) / float(every.truth.var())
    return value(name, judged)


def error_of(name: str, score: float) -> float:
    """Return how far a score is from a perfect one, where that can be said; else NaN."""
    metric = REGISTRY[name]
    if name == "nll":
        return float("nan")
    if name == "coverage":
        return abs(score - NOMINAL)
    return 1 - score if metric.larger_is_better else abs(score)


def lacking_classes(
    judged: Judged, codes: "NDArray[np.intp]", groups: int
) -> tuple[list[list[str]], list[list[str]]]:
    """Return the classes of which groups, and the objects outside them, have too few objects."""
    k = len(judged.classes)
    counts = np.bincount(codes * k + judged.truth, minlength=groups * k).reshape(groups, k)
    there = counts.sum(axis=0) > 0

    def few(row: "NDArray[np.intp]") -> list[str]:
        return [judged.classes[c] for c in np.flatnonzero(there & (row < FEWEST_OF_CLASS))]

    return [few(row) for row in counts], [few(counts.sum(axis=0) - row) for row in counts]
