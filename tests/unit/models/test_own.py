"""Models of the user's own: seeded, without probabilities, moved to another folder, failing."""

import logging
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tables import classes_table, numbers_table, trial

from boxloop.errors import BoxloopError
from boxloop.fitting import fit_model, load_model, save_model
from boxloop.fitting.targets import encoded, judged
from boxloop.job import job
from boxloop.metrics import value
from boxloop.prepare import assign_folds, make_recipes
from boxloop.search import SearchTask, cross_validate
from boxloop.store import Column, Table
from boxloop.study.known_model import FITTING

OWN = """
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class Slow(RegressorMixin, BaseEstimator):
    def __init__(self, learning_rate=1.0):
        self.learning_rate = learning_rate

    def fit(self, x, y):
        self.mean_ = float(np.mean(y)) * self.learning_rate
        return self

    def predict(self, x):
        return np.full(len(x), self.mean_)


def slow(input_shape, output_shape, *, learning_rate):
    return Slow(learning_rate)


def forest(input_shape, output_shape):
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import QuantileTransformer

    return make_pipeline(
        QuantileTransformer(n_quantiles=20, random_state=5), RandomForestRegressor(n_estimators=3)
    )


def svc(input_shape, output_shape):
    from sklearn.svm import LinearSVC

    return LinearSVC()


def naive(input_shape, output_shape):
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB()


def breaks(input_shape, output_shape, *, how):
    class Broken(Slow):
        def fit(self, x, y):
            if how == "works":
                return super().fit(x, y)
            raise how_error(how)

    return Broken()


class Odd(Exception):
    pass


def how_error(how):
    if how == "odd":
        return Odd("first line\\nsecond line")
    import tensorflow as tf

    text = "Graph execution error:\\n\\nDetected at\\n  File x\\n\\nno room left\\n\\t [[{{node}}]]"
    return tf.errors.ResourceExhaustedError(None, None, text)


def network(input_shape, output_shape, *, pool=6):
    import keras

    inputs = keras.Input(input_shape)
    hidden = keras.layers.MaxPooling1D(pool)(inputs)
    hidden = keras.layers.Flatten()(hidden)
    return keras.Model(inputs, keras.layers.Dense(output_shape[0])(hidden))
"""

LAYER = """
import keras


def linear(x):
    return 0 * x


class Twice(keras.layers.Layer):
    def call(self, x):
        return 2 * x


def layered(input_shape, output_shape):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, keras.layers.Dense(output_shape[0], "linear")(Twice()(inputs)))
"""


@pytest.fixture
def own(tmp_path: Path) -> str:
    """The user's module."""
    path = tmp_path / "own.py"
    path.write_text(OWN)
    return str(path)


def _trial(function: str, **values: object) -> dict:
    content = trial("dummy", **values)
    values = {**FITTING, **values}
    return {**content, "kind": None, "function": function, "hyperparameters": values}


def _recipe(table: Table, inputs: list[str]) -> dict:
    described = {"name": "dummy", "kind": None, "function": "own:f", "inputs": inputs}
    return make_recipes(table, [described])["dummy"]


def _fit(function: str, table: Table, own: str, **options: object) -> object:
    task = "classification" if "class" in table.frame else "regression"
    target, classes = encoded(table, task)
    values = options.pop("hyperparameters", {})
    return fit_model(
        _trial(function, **values),
        _recipe(table, options.pop("inputs", ["table"])),
        table,
        target,
        task=task,
        classes=classes,
        seed=(options.pop("root", 0), "test"),
        user_code=[own],
        **options,
    )


def _folds(table: Table, task: str = "regression") -> pd.DataFrame:
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    return assign_folds(table, split, folds=3, group=None, stratify=True, task=task, seed=0)


def test_a_function_gets_the_learning_rate_it_names(own: str) -> None:
    table = numbers_table(60)
    fitted = _fit("own:slow", table, own, hyperparameters={"learning_rate": 0.5})
    expected = table.frame["redshift"].mean() / 2
    assert fitted.predict(table)["prediction"].to_numpy() == pytest.approx(expected)


def test_an_estimator_is_seeded_where_its_author_left_it_open(own: str) -> None:
    table = numbers_table(100)
    one, two = _fit("own:forest", table, own), _fit("own:forest", table, own)
    other = _fit("own:forest", table, own, root=1)
    seeds = [f.model.get_params()["randomforestregressor__random_state"] for f in (one, two, other)]
    assert seeds[0] == seeds[1] != seeds[2] and None not in seeds
    assert one.model.get_params()["quantiletransformer__random_state"] == 5
    assert (one.predict(table)["prediction"] == two.predict(table)["prediction"]).all()


def test_a_classifier_without_probabilities_gives_classes_alone(own: str, tmp_path: Path) -> None:
    table = classes_table()
    fitted = _fit("own:svc", table, own)
    found = fitted.predict(table)
    assert found[["p_GALAXY", "p_QSO", "p_STAR"]].isna().all(axis=None)
    truth, classes = encoded(table, "classification")
    pair = judged(found, truth, classes)
    assert pair.probability is None and value("accuracy", pair) > 0.6
    assert np.isnan(value("log_loss", pair))
    save_model(fitted, tmp_path / "m")
    again = load_model(tmp_path / "m", [own]).predict(table)
    assert (again["prediction"] == found["prediction"]).all()


def test_a_class_nobody_learnt_has_probability_zero_and_the_others_are_scored() -> None:
    table = classes_table()
    truth, classes = encoded(table, "classification")
    found = pd.DataFrame({"prediction": "GALAXY", "p_GALAXY": 0.75, "p_STAR": 0.25}, range(300))
    pair = judged(found, truth, classes)
    assert pair.probability is not None
    assert (pair.probability == [0.75, 0.0, 0.25]).all()
    with_empty = judged(found.assign(p_QSO=np.nan), truth, classes)
    assert (with_empty.probability == pair.probability).all()
    assert judged(found.assign(p_GALAXY=np.nan, p_STAR=np.nan), truth, classes).probability is None


@pytest.mark.parametrize("name", ["logistic", "forest", "boosting", "dense", "own:naive"])
def test_a_fold_that_lacks_a_class_gives_probabilities_of_all(name: str, own: str) -> None:
    table = classes_table()
    target, classes = encoded(table, "classification")
    rows = np.flatnonzero(target != 1)
    own_function = ":" in name
    plan = _trial(name) if own_function else trial(name)
    models = [{"name": "m", "kind": plan["kind"], "function": plan["function"], "inputs": None}]
    fitted = fit_model(
        plan,
        make_recipes(table, models)["m"],
        table.take(rows),
        target[rows],
        task="classification",
        classes=classes,
        seed=(0, "test"),
        epochs=3,
        user_code=[own],
    )
    found = fitted.predict(table)
    probability = found[[f"p_{c}" for c in classes]].to_numpy()
    assert probability.sum(1) == pytest.approx(1, abs=1e-5)
    assert set(found["prediction"]) <= {"GALAXY", "STAR"} or name == "dense"
    if name != "dense":
        assert (probability[:, 1] == 0).all()


def _light_curves() -> Table:
    """Light curves of 2 epochs in the first rows and 12 in the others."""
    frame = pd.DataFrame({"id": [f"s{i}" for i in range(40)], "redshift": np.linspace(0, 1, 40)})
    lengths = [2, 2, 2] + [12] * 37
    frame["light_curve.time"] = [np.arange(float(n)) for n in lengths]
    frame["light_curve.value"] = [np.sin(np.arange(float(n))) for n in lengths]
    columns = {
        "id": Column("id"),
        "redshift": Column("target"),
        "light_curve.time": Column("light_curve"),
        "light_curve.value": Column("light_curve"),
    }
    return Table(frame, columns, "simulated")


def test_a_network_is_built_for_the_light_curves_of_all_rows(own: str) -> None:
    table = _light_curves()
    fitted = _fit("own:network", table, own, inputs=["light_curve"], epochs=1)
    assert fitted.network and fitted.model.input_shape[1] >= 6


@pytest.mark.parametrize("kind", ["estimator", "network"])
def test_a_model_is_loaded_in_another_folder(kind: str, own: str, tmp_path: Path) -> None:
    table = numbers_table(60)
    code, function = own, "own:slow"
    if kind == "network":
        code, function = str(tmp_path / "layer.py"), "layer:layered"
        Path(code).write_text(LAYER)
    fitted = _fit(function, table, code, epochs=1)
    before = fitted.predict(table)["prediction"]
    save_model(fitted, tmp_path / "m")
    (tmp_path / "elsewhere").mkdir()
    moved = shutil.move(code, tmp_path / "elsewhere")
    after = load_model(tmp_path / "m", [moved]).predict(table)["prediction"]
    np.testing.assert_allclose(before, after, rtol=1e-6)
    if kind == "estimator":
        with pytest.raises(BoxloopError, match="not trusted"):
            load_model(tmp_path / "m")


def test_a_model_that_raises_anything_fails_its_trial_only(own: str, tmp_path: Path) -> None:
    table = numbers_table(60)
    trials = [{**_trial("own:breaks", how=h), "id": h} for h in ("odd", "tensorflow", "works")]
    recipes = {"dummy": _recipe(table, ["table"])}
    task = SearchTask("regression", "mse", 0, [own])
    log = tmp_path / "chunk.log"
    with job(SimpleNamespace(rule="chunk", wildcards=["m", "0"], log=[str(log)])):
        results, predictions = cross_validate(trials, recipes, table, _folds(table), task)
    logging.getLogger("boxloop").handlers = []
    assert [r["status"] for r in results] == ["failed", "failed", "done"]
    assert results[0]["reason"] == "Odd: first line"
    assert results[1]["reason"].startswith("ResourceExhaustedError: Graph execution error: no room")
    assert "Traceback" in log.read_text() and "second line" in log.read_text()
    assert set(predictions["trial"]) == {"works"}


def test_a_fault_of_the_study_ends_the_search(own: str) -> None:
    table = numbers_table(60)
    recipes = {"dummy": _recipe(table, ["table"])}
    task = SearchTask("regression", "mse", 0, [own])
    with pytest.raises(BoxloopError, match="did you mean 'slow'"):
        cross_validate([_trial("own:slwo")], recipes, table, _folds(table), task)
