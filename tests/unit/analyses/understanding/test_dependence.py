"""Partial dependence: scikit-learn's to the last digit, on the same grid."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.inspection import partial_dependence
from understood import Formula, table_with

from boxloop.analyses.understanding.dependence import (
    PLACES,
    QUANTILES,
    dependences,
    individual,
    places,
)
from boxloop.features import derive_blindly
from boxloop.store import Column, Table

NAMES = ["a", "b", "c"]


def _columns(n: int = 120) -> dict[str, np.ndarray]:
    return dict(zip(NAMES, np.random.default_rng(0).normal(size=(3, n)), strict=True))


def _all(table: Table) -> np.ndarray:
    return np.ones(len(table), bool)


def test_curves_of_a_regression_are_scikit_learns() -> None:
    columns = _columns()
    table = table_with(**columns)
    matrix = table.frame[NAMES].to_numpy()
    forest = RandomForestRegressor(20, random_state=0).fit(matrix, matrix[:, 0] ** 2 + matrix[:, 1])
    model = Formula(lambda f: forest.predict(f[NAMES].to_numpy()), tuple(NAMES))
    grid = places(matrix[:, 0])
    assert len(grid) == PLACES
    ours = individual(model, table, "a", grid, {})
    theirs = partial_dependence(
        forest, matrix, [0], custom_values={0: grid}, method="brute", kind="both"
    )
    np.testing.assert_allclose(ours[0], theirs["individual"][0], rtol=0, atol=1e-12)
    found = dependences(model, table, _all(table), [["a"], ["b", "c"]], derived={}, seed=0)
    first = found["features"][0]
    assert first["feature"] == "a" and found["objects"] == 120
    np.testing.assert_allclose(first["grid"], grid, atol=1e-12)
    np.testing.assert_allclose(first["curves"][0]["mean"], theirs["average"][0], atol=1e-12)
    by_hand = np.quantile(theirs["individual"][0], QUANTILES, axis=0)
    np.testing.assert_allclose(first["curves"][0]["quantiles"], by_hand, atol=1e-12)
    # Of the second block the feature that moves the predictions is shown, then what is left.
    assert [f["feature"] for f in found["features"]] == ["a", "b", "c"]


def test_curves_of_a_classification_are_scikit_learns() -> None:
    table = table_with(**_columns())
    matrix = table.frame[NAMES].to_numpy()
    truth = np.digitize(matrix[:, 0] + 0.3 * matrix[:, 1], [-0.5, 0.5])
    forest = RandomForestClassifier(20, random_state=0).fit(matrix, truth)
    predict = forest.predict_proba
    model = Formula(lambda f: predict(f[NAMES].to_numpy()), tuple(NAMES), ("p", "q", "r"))
    found = dependences(model, table, _all(table), [["a"]], derived={}, seed=0)["features"][0]
    theirs = partial_dependence(
        forest, matrix, [0], custom_values={0: found["grid"]}, method="brute", kind="both"
    )
    assert [c["class"] for c in found["curves"]] == ["p", "q", "r"]
    means = [c["mean"] for c in found["curves"]]
    np.testing.assert_allclose(means, theirs["average"], atol=1e-12)
    assert np.sum(means, axis=0) == pytest.approx(1)


def test_classes_without_probabilities_give_a_reason() -> None:
    table = table_with(**_columns())
    model = Formula(lambda f: (f["a"] > 0).astype(int), ("a",), ("n", "y"))
    found = dependences(model, table, _all(table), [["a"]], derived={}, seed=0)
    assert found["features"] == [] and "no probabilities" in found["reason"]


def test_places_lie_between_the_quantiles_and_on_the_values_of_a_discrete_feature() -> None:
    values = np.arange(1001.0)
    grid = places(values)
    assert (grid[0], grid[-1], len(grid)) == (50, 950, PLACES)
    assert places(np.array([1, 2, 2, 3, np.nan])).tolist() == [2.0]
    assert places(np.repeat([1.0, 2.0, 5.0], 40)).tolist() == [1, 2, 5]
    assert places(np.full(5, np.nan)).tolist() == []
    constant = table_with(a=np.ones(30))
    model = Formula(lambda f: f["a"], ("a",))
    found = dependences(model, constant, _all(constant), [["a"]], derived={}, seed=0)
    assert found["features"] == [] and "different values" in found["reason"]


def test_the_feature_counts_as_measured_and_derived_columns_follow() -> None:
    table = table_with(u=[20.0, np.nan, 22.0] * 10, g=[19.0, 20.0, 21.0] * 10)
    about = {**table.columns, "u": Column("feature", "mag"), "g": Column("feature", "mag")}
    derived = {"colours": {"function": "colours", "bands": ["u", "g"]}}
    table = derive_blindly(Table(table.frame, about), derived)
    model = Formula(lambda f: f["u_g"] + 100 * f["u__state"], ("u_g", "u"))
    curves = individual(model, table, "u", np.array([20.0, 22.0]), derived)
    assert curves[0, :3].tolist() == [[1, 3], [0, 2], [-1, 1]]
    assert np.isnan(table.frame["u"][1])


def test_where_the_training_objects_lie_is_counted() -> None:
    values = np.concatenate([np.zeros(50), np.linspace(4, 5, 50), np.linspace(0, 5, 11)])
    table = table_with(a=values)
    model = Formula(lambda f: f["a"], ("a",))
    found = dependences(model, table, _all(table), [["a"]], derived={}, seed=0)["features"][0]
    density = found["density"]
    assert sum(density["counts"]) + density["below"] + density["above"] == len(values)
    assert density["counts"][10] <= 1 < density["counts"][-1]
    assert found["spread"] == pytest.approx(np.ptp(found["grid"]))


def test_the_order_of_the_rows_changes_nothing() -> None:
    table = table_with(**_columns(700))
    model = Formula(lambda f: f["a"] ** 2 + f["b"], ("a", "b"))
    found = dependences(model, table, _all(table), [["a"]], derived={}, seed=0)
    assert found["objects"] == 500
    order = np.random.default_rng(1).permutation(700)
    shuffled = table.take(order)
    again = dependences(model, shuffled, _all(table), [["a"]], derived={}, seed=0)
    for key in ("mean", "quantiles"):
        ours, theirs = (f["features"][0]["curves"][0][key] for f in (found, again))
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
