"""Figures: vector, colour-blind safe, at a journal's column width, each with its numbers."""

from boxloop.plots.applied import applied
from boxloop.plots.data import correlation, features, missing, target
from boxloop.plots.models import comparison, history, importances, search
from boxloop.plots.relations import relations
from boxloop.plots.results import confusion, groups, prediction
from boxloop.plots.style import Drawing, render, style
from boxloop.plots.words import metric_label

__all__ = [
    "Drawing",
    "applied",
    "comparison",
    "confusion",
    "correlation",
    "features",
    "groups",
    "history",
    "importances",
    "metric_label",
    "missing",
    "prediction",
    "relations",
    "render",
    "search",
    "style",
    "target",
]
