"""Predict the objects a study is for, and say where the model has not been trained."""

from boxloop.apply.catalogue import Application, apply_model, no_predictions, training_range

__all__ = ["Application", "apply_model", "no_predictions", "training_range"]
