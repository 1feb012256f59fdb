"""Predict the objects a study is for, and say where the model has not been trained."""

from boxloop.apply.calibrated import told, with_calibration
from boxloop.apply.catalogue import Application, apply_model, no_predictions
from boxloop.apply.merged import merged, refuse_repeated
from boxloop.apply.ranges import training_range
from boxloop.apply.region import REFERENCE, Region, training_region

__all__ = [
    "REFERENCE",
    "Application",
    "Region",
    "apply_model",
    "merged",
    "no_predictions",
    "refuse_repeated",
    "told",
    "training_range",
    "training_region",
    "with_calibration",
]
