"""Metrics with their intervals: what is a good prediction, and how sure are we?"""

from boxloop.metrics.interval import Resamples, Score, distribution, interval, verdict, wilson
from boxloop.metrics.mixture import Mixture
from boxloop.metrics.registry import REGISTRY, Metric, metrics_for, point_for
from boxloop.metrics.score import Judged, on_common_objects, scores, statistic, value

__all__ = [
    "REGISTRY",
    "Judged",
    "Metric",
    "Mixture",
    "Resamples",
    "Score",
    "distribution",
    "interval",
    "metrics_for",
    "on_common_objects",
    "point_for",
    "scores",
    "statistic",
    "value",
    "verdict",
    "wilson",
]
