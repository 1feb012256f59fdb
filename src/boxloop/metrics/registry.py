"""The metrics: what each needs, which way is better, its unit, and the prediction it wants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from boxloop.metrics import (
    calibration_metrics,
    classification,
    predictive,
    regression,
    weighted,
)
from boxloop.study.known_metrics import METRICS, Needs, metrics_of


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
    needs: Needs
    unit: str
    wants: str
    function: Callable[..., Any]
    each: Callable[..., Any] | None = None


_MODULES = {
    "calibration_metrics": calibration_metrics,
    "classification": classification,
    "predictive": predictive,
    "regression": regression,
    "weighted": weighted,
}


def _found(reference: str) -> Callable[..., Any]:
    module, _, name = reference.partition(":")
    found: Callable[..., Any] = getattr(_MODULES[module], name)
    return found


REGISTRY: dict[str, Metric] = {
    name: Metric(
        name,
        known.task,
        known.larger_is_better,
        known.needs,
        known.unit,
        known.wants,
        _found(known.function),
        _found(known.each) if known.each else None,
    )
    for name, known in METRICS.items()
}


#: Metrics that are best at a value and not at an end.
IDEAL = {"bias": 0.0, "coverage": predictive.NOMINAL}


def best_first(metric: str, values: Mapping[str, float]) -> list[str]:
    """Return names from the best to the worst value of a metric; equals in the order given."""
    if metric in IDEAL:
        return sorted(values, key=lambda name: abs(values[name] - IDEAL[metric]))
    sign = -1 if REGISTRY[metric].larger_is_better else 1
    return sorted(values, key=lambda name: sign * values[name])


def metrics_for(task: str) -> list[Metric]:
    """Return the metrics of a task, in the order of `known_metrics`."""
    return [REGISTRY[name] for name in metrics_of(task)]


def point_for(metric: str) -> str:
    """Return the point of a distribution to predict under a metric: ``mean`` or ``median``."""
    return "mean" if REGISTRY[metric].wants == "mean" else "median"
