"""Figures: vector, colour-blind safe, at a journal's column width, each with its numbers."""

from boxloop.plots.applied import applied
from boxloop.plots.capacity import capacity
from boxloop.plots.data import correlation, features, missing, target
from boxloop.plots.distributions import calibration_pdf
from boxloop.plots.embedding import embedding
from boxloop.plots.files import render
from boxloop.plots.models import comparison, history, importances, search
from boxloop.plots.patterns import missing_patterns
from boxloop.plots.relations import relations
from boxloop.plots.results import confusion, prediction
from boxloop.plots.sketch import sketch, state_bar
from boxloop.plots.sky import sky
from boxloop.plots.style import Drawing, bins, style
from boxloop.plots.tree import READ, tree_shape, tree_to_read
from boxloop.plots.words import metric_label

__all__ = [
    "READ",
    "Drawing",
    "applied",
    "bins",
    "calibration_pdf",
    "capacity",
    "comparison",
    "confusion",
    "correlation",
    "embedding",
    "features",
    "history",
    "importances",
    "metric_label",
    "missing",
    "missing_patterns",
    "prediction",
    "relations",
    "render",
    "search",
    "sketch",
    "sky",
    "state_bar",
    "style",
    "target",
    "tree_shape",
    "tree_to_read",
]
