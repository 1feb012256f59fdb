"""Indicators of missing values: those that vary among the fitting rows, and no others."""

import json

import numpy as np
import pytest
from tables import numbers_table

from boxloop.fitting import FittedRecipe, fit_recipe
from boxloop.prepare import make_recipes
from boxloop.store import Table


def _recipe(table: Table, model: str) -> dict:
    description = {"name": model, "kind": None, "function": None, "inputs": None}
    return make_recipes(table, [description])[model]


def _missing_after(row: int) -> Table:
    table = numbers_table()
    gone = np.arange(300) >= row
    table.frame["a__state"] = gone.astype(np.int8)
    table.frame["a"] = table.frame["a"].where(~gone)
    return table


@pytest.mark.parametrize("model", ["dense", "linear", "forest"])
def test_an_indicator_that_is_constant_among_the_fitting_rows_is_left_out(model: str) -> None:
    table = _missing_after(200)
    recipe = _recipe(table, model)
    for rows in (np.arange(200), np.arange(200, 300)):
        fitted = fit_recipe(recipe, table.take(rows))
        assert fitted.columns == ["a", "b"]
        assert fitted.transform(table)["table"].shape == (300, 2)
    fitted = fit_recipe(recipe, table)
    assert fitted.columns == ["a", "b", "a__state"]
    assert (fitted.transform(table)["table"][:, 2] == (np.arange(300) >= 200)).all()


@pytest.mark.parametrize("model", ["dense", "forest"])
def test_a_fitted_recipe_keeps_its_indicators_through_json(model: str) -> None:
    table = _missing_after(200)
    fitted = fit_recipe(_recipe(table, model), table)
    again = FittedRecipe.from_dict(json.loads(json.dumps(fitted.as_dict())))
    assert again == fitted
    assert again.columns == fitted.columns
