"""Figures: vector, colour-blind safe, at a journal's column width, each with its numbers."""

from boxloop.plots.applied import applied
from boxloop.plots.capacity import capacity
from boxloop.plots.data import correlation, features, missing, target
from boxloop.plots.distributions import calibration_pdf
from boxloop.plots.embedding import embedding
from boxloop.plots.files import render
from boxloop.plots.judging_audit import figures_of_audit
from boxloop.plots.judging_calibration import figures_of_calibration
from boxloop.plots.judging_degraders import figures_of_degraders
from boxloop.plots.judging_groups import figures_of_groups
from boxloop.plots.judging_shift import figures_of_shift
from boxloop.plots.judging_understanding import figures_of_understanding
from boxloop.plots.models import comparison, history, importances, search
from boxloop.plots.patterns import missing_patterns
from boxloop.plots.relations import relations
from boxloop.plots.results import confusion, prediction
from boxloop.plots.sketch import sketch, state_bar
from boxloop.plots.sky import sky
from boxloop.plots.style import Drawing, bins, style
from boxloop.plots.tree import READ, tree_shape, tree_to_read
from boxloop.plots.words import metric_label

#: Figures of the files of the evaluation, by the short name of the file.
JUDGED = {
    "audit": figures_of_audit,
    "calibration": figures_of_calibration,
    "degraders": figures_of_degraders,
    "groups": figures_of_groups,
    "shift": figures_of_shift,
    "understanding": figures_of_understanding,
}

__all__ = [
    "JUDGED",
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
