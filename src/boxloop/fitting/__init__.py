"""Recipes, fitting, early stopping, resume; saved models."""

from boxloop.fitting.fit import chosen_trial, fit_model
from boxloop.fitting.fitted import Fitted
from boxloop.fitting.recipe import FittedRecipe, fit_recipe
from boxloop.fitting.saved import is_given_folder, load_model, save_model

__all__ = [
    "Fitted",
    "FittedRecipe",
    "chosen_trial",
    "fit_model",
    "fit_recipe",
    "is_given_folder",
    "load_model",
    "save_model",
]
