"""The metrics: what each needs, which way is better, its unit, and the prediction it wants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from boxloop.metrics import calibration_metrics, weighted
from boxloop.metrics import classification as c
from boxloop.metrics import predictive as d
from boxloop.metrics import regression as r
from boxloop.study.vocabulary import METRICS


@dataclass(frozen=True)
class Metric:
    """A metric and its properties.

    Attributes
    ----------
    name, task : str
    larger_is_better : bool
    needs : {"label", "probability", "point", "error", "distribution"}
        ``error``: a point, and the error of the truth.
    unit : str
        ``target`` for the target's unit, ``target2`` for its square, empty for a pure number.
    wants : str
        The point of the predictive distribution that optimises it.
    function : callable
    each : callable or None
        Of a distribution: (truth, mixture) -> a number (n,) for each object, which `function` sums
        up.
    """

    name: str
    task: str
    larger_is_better: bool
    needs: Literal["label", "probability", "point", "error", "distribution"]
    unit: str
    wants: str
    function: Callable[..., Any]
    each: Callable[..., Any] | None = None


_NEEDS_AND_WANTS: dict[str, tuple[Any, str, str, Callable[..., Any]]] = {
    "accuracy": ("label", "", "most probable class", c.accuracy),
    "balanced_accuracy": ("label", "", "class of largest probability over prevalence", c.recall),
    "f1_macro": ("label", "", "class above its threshold", c.f1_macro),
    "precision": ("label", "", "class above its threshold", c.precision),
    "recall": ("label", "", "class of largest probability over prevalence", c.recall),
    "specificity": ("label", "", "class above its threshold", c.specificity),
    "mcc": ("label", "", "class above its threshold", c.mcc),
    "roc_auc": ("probability", "", "ranking", c.roc_auc),
    "average_precision": ("probability", "", "ranking", c.average_precision),
    "log_loss": ("probability", "", "probability", c.log_loss),
    "brier": ("probability", "", "probability", c.brier),
    "ece": ("probability", "", "probability", calibration_metrics.ece),
    "mse": ("point", "target2", "mean", r.mse),
    "rmse": ("point", "target", "mean", r.rmse),
    "mae": ("point", "target", "median", r.mae),
    "median_squared_error": ("point", "target2", "half-sample mode", r.median_squared_error),
    "mad": ("point", "target", "median", r.mad),
    "r2": ("point", "", "mean", r.r2),
    "nmad": ("point", "", "median", r.nmad),
    "bias": ("point", "", "mean", r.bias),
    "outlier_fraction": ("point", "", "mode", r.outlier_fraction),
    "chi2": ("error", "", "mean", r.chi2),
    "nll": ("distribution", "", "distribution", weighted.mean),
    "crps": ("distribution", "target", "distribution", weighted.mean),
    "pit": ("distribution", "", "distribution", d.distance_from_uniform),
    "coverage": ("distribution", "", "distribution", weighted.mean),
}

_OF_EACH: dict[str, Callable[..., Any]] = {
    "nll": d.surprise,
    "crps": d.ranked_probability,
    "pit": d.integral_transform,
    "coverage": d.covered,
}

REGISTRY: dict[str, Metric] = {
    name: Metric(name, task, larger, needs, unit, wants, function, _OF_EACH.get(name))
    for task, names in METRICS.items()
    for name, larger in names.items()
    for needs, unit, wants, function in [_NEEDS_AND_WANTS[name]]
}


#: Metrics that are best at a value and not at an end.
IDEAL = {"bias": 0.0, "coverage": d.NOMINAL}


def best_first(metric: str, values: Mapping[str, float]) -> list[str]:
    """Return names from the best to the worst value of a metric; equals in the order given."""
    if metric in IDEAL:
        return sorted(values, key=lambda name: abs(values[name] - IDEAL[metric]))
    sign = -1 if REGISTRY[metric].larger_is_better else 1
    return sorted(values, key=lambda name: sign * values[name])


def metrics_for(task: str) -> list[Metric]:
    """Return the metrics of a task, in the order of the vocabulary."""
    return [REGISTRY[name] for name in METRICS[task]]


def point_for(metric: str) -> str:
    """Return the point of a distribution to predict under a metric: ``mean`` or ``median``."""
    return "mean" if REGISTRY[metric].wants == "mean" else "median"
