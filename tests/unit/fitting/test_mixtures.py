"""Mixture density networks: the loss, what is learnt, saving, resuming, columns of predictions."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tables import numbers_table, trial

from boxloop.errors import BoxloopError
from boxloop.fitting import Fitted, fit_model, load_model, save_model
from boxloop.fitting import network as network_module
from boxloop.fitting.mixtures import mixture_from, mixture_of, negative_log_likelihood
from boxloop.fitting.targets import encoded
from boxloop.prepare import make_recipes
from boxloop.store import Column, Table

FAST = {"units": [16], "components": 2, "learning_rate": 0.01, "batch_size": 64}


def _fit(table: Table, hyper: dict | None = None, **options: object) -> Fitted:
    description = {"name": "mdn", "kind": None, "function": None, "inputs": None}
    target, _ = encoded(table, "regression")
    options = {"epochs": 3, **options}
    return fit_model(
        trial("mdn", **{**FAST, **(hyper or {})}),
        make_recipes(table, [description])["mdn"],
        table,
        target,
        task="regression",
        seed=(0, "test"),
        **options,
    )


def _two_branches(n: int = 800) -> Table:
    """A target that is +1 or -1 times a, so that no single number predicts it."""
    rng = np.random.default_rng(0)
    a = rng.uniform(1, 2, n)
    target = np.where(rng.random(n) < 0.5, a, -a) + rng.normal(0, 0.1, n)
    frame = pd.DataFrame({"id": [f"g{i}" for i in range(n)], "a": a, "y": target})
    return Table(frame, {"id": Column("id"), "a": Column("feature"), "y": Column("target")})


def test_the_loss_is_the_negative_log_likelihood_of_the_mixture() -> None:
    rng = np.random.default_rng(0)
    outputs, truth = rng.normal(size=(50, 9)), rng.normal(size=50)
    found = np.asarray(
        negative_log_likelihood(truth.astype(np.float32), outputs.astype(np.float32))
    )
    known = -mixture_of(outputs, 0.0, 1.0).log_density(truth)
    np.testing.assert_allclose(found, known, rtol=1e-4, atol=1e-4)


def test_the_loss_of_a_truth_far_away_is_finite_and_has_a_gradient() -> None:
    import tensorflow as tf

    outputs = tf.Variable([[0.0, 0.0, 0.0, 0.0, -30.0, -30.0]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(negative_log_likelihood(tf.constant([1e4]), outputs))
    gradient = tape.gradient(loss, outputs).numpy()
    assert np.isfinite(float(loss)) and np.isfinite(gradient).all() and np.abs(gradient).max() > 0


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    """A mixture fitted to the table of numbers."""
    return _fit(numbers_table())


@pytest.mark.long  # short: its loss is the likelihood
def test_two_branches_are_told_apart_where_one_number_cannot() -> None:
    table = _two_branches()
    fitted = _fit(table, {"units": [32]}, epochs=50)
    mixture = mixture_from(fitted.predict(table))
    a = table.frame["a"].to_numpy()
    assert np.abs(mixture.expectation()).mean() < 0.3
    low, high = mixture.quantile(0.25), mixture.quantile(0.75)
    assert np.abs(high - a).mean() < 0.1 and np.abs(low + a).mean() < 0.1


def test_a_distribution_is_in_the_unit_of_the_target(fitted: Fitted) -> None:
    table, other = numbers_table(), numbers_table()
    other.frame["redshift"] = table.frame["redshift"] * 1000 + 5
    one, two = fitted.predict(table), _fit(other).predict(other)
    np.testing.assert_allclose(two["prediction"], one["prediction"] * 1000 + 5, rtol=1e-4)
    np.testing.assert_allclose(two["pdf_sigma_0"], one["pdf_sigma_0"] * 1000, rtol=1e-4)
    np.testing.assert_allclose(two["pdf_weight_1"], one["pdf_weight_1"], rtol=1e-4)


@pytest.mark.parametrize("point", ["median", "mean"])
def test_the_point_is_what_the_metric_wants(fitted: Fitted, point: str) -> None:
    table = numbers_table()
    found = (fitted if point == "median" else _fit(table, point=point)).predict(table)
    mixture = mixture_from(found)
    known = mixture.expectation() if point == "mean" else mixture.quantile(0.5)
    np.testing.assert_allclose(found["prediction"], known, rtol=1e-12)


def test_a_saved_mixture_predicts_the_same(fitted: Fitted, tmp_path: Path) -> None:
    table = numbers_table()
    save_model(fitted, tmp_path / "m")
    before, after = fitted.predict(table), load_model(tmp_path / "m").predict(table)
    assert list(before) == list(after) == ["id", "prediction", *fitted.further_columns]
    np.testing.assert_allclose(before.iloc[:, 1:], after.iloc[:, 1:], rtol=1e-6)


@pytest.mark.long
def test_a_saved_mixture_loads_in_a_keras_that_knows_nothing_of_boxloop(
    fitted: Fitted, tmp_path: Path
) -> None:
    save_model(fitted, tmp_path / "m")
    code = (
        "import sys, keras; model = keras.saving.load_model(sys.argv[1]); "
        "assert model.output_shape == (None, 6); assert 'boxloop' not in sys.modules"
    )
    path = str(tmp_path / "m" / "model.keras")
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


def test_a_fit_repeats_to_the_byte(fitted: Fitted) -> None:
    table = numbers_table()
    one, two = fitted.predict(table), _fit(table).predict(table)
    pd.testing.assert_frame_equal(one, two, check_exact=True)


class _KilledError(Exception):
    pass


def test_a_resumed_training_equals_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = numbers_table()
    whole = _fit(table, epochs=4)
    save = network_module._Run.save

    def save_then_die(run: object) -> None:
        save(run)
        if run.epoch == 2:
            raise _KilledError

    monkeypatch.setattr(network_module._Run, "save", save_then_die)
    with pytest.raises(_KilledError):
        _fit(table, epochs=4, checkpoint=tmp_path / "c.npz")
    monkeypatch.setattr(network_module._Run, "save", save)
    resumed = _fit(table, epochs=4, checkpoint=tmp_path / "c.npz")
    assert resumed.history == whole.history
    pd.testing.assert_frame_equal(resumed.predict(table), whole.predict(table), check_exact=True)


def test_early_stopping_watches_the_likelihood_of_the_inner_slice() -> None:
    table = numbers_table()
    fitted = _fit(
        table,
        {"epochs": 30, "patience": 2, "learning_rate": 0.05},
        epochs=None,
        stopping=np.arange(len(table)) % 4 == 0,
    )
    losses = [row["stopping_loss"] for row in fitted.history]
    assert fitted.description["epochs"] == int(np.argmin(losses)) + 1


def test_models_of_other_sizes_share_a_table_of_predictions() -> None:
    table = numbers_table(60)
    few, many = _fit(table).predict(table), _fit(table, {"components": 3}).predict(table)
    point = few[["id", "prediction"]]
    together = pd.concat([few.assign(model="f"), many.assign(model="m"), point.assign(model="p")])
    shapes = {
        name: found.weight.shape[1] if found else 0
        for name in "fmp"
        for found in [mixture_from(together[together["model"] == name])]
    }
    assert shapes == {"f": 2, "m": 3, "p": 0}


def test_another_loss_and_an_odd_number_of_components_are_refused() -> None:
    with pytest.raises(BoxloopError, match="leave loss out"):
        _fit(numbers_table(60), {"loss": "mse"})
    with pytest.raises(BoxloopError, match="whole number from 1 on; found 0"):
        _fit(numbers_table(60), {"components": 0})
