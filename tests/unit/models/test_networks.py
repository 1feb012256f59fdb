"""The registered networks for images and light curves, and the autoencoder: what each does."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tables import trial

from boxloop.fitting import Fitted, fit_model, load_model, save_model
from boxloop.fitting.build import Builder
from boxloop.fitting.losses import with_reconstruction
from boxloop.fitting.targets import encoded
from boxloop.prepare import make_recipes
from boxloop.store import Column, Table
from boxloop.study.known_model import FITTING
from boxloop.study.known_models import MODELS

QUICK = {"epochs": 2, "batch_size": 32, "learning_rate": 0.01}
SMALL = {
    "autoencoder": {"units": [6], "latent_dim": 2},
    "cnn": {"filters": [3], "units": [4]},
    "cnn1d": {"filters": [3], "units": [4]},
    "gru": {"units": [4]},
}


def objects(task: str, n: int = 80) -> Table:
    """Objects with a feature, an image and a light curve each, all of which say what they are."""
    rng = np.random.default_rng(2)
    bright = rng.uniform(size=n) < 0.5
    level = np.where(bright, 1.0, -1.0) + rng.normal(0, 0.1, n)
    lengths = rng.integers(3, 9, n)
    frame = pd.DataFrame(
        {
            "id": [f"o{i}" for i in range(n)],
            "a": level,
            "b": rng.normal(size=n),
            "light_curve.time": [np.arange(k, dtype=float) for k in lengths],
            "light_curve.value": [
                v + rng.normal(0, 0.1, k) for v, k in zip(level, lengths, strict=True)
            ],
            "y": np.where(bright, "bright", "faint") if task == "classification" else 7 + 3 * level,
        }
    )
    image = level[:, None, None, None] + rng.normal(0, 0.1, (n, 5, 4, 1))
    roles = {"id": "id", "a": "feature", "b": "feature", "y": "target"}
    columns = {name: Column(role) for name, role in roles.items()}
    columns |= {c: Column("light_curve") for c in frame if str(c).startswith("light_curve")}
    return Table(frame, columns, "simulated", arrays={"image": image.astype(np.float32)})


def recipe_of(kind: str, table: Table) -> dict:
    description = {"name": kind, "kind": None, "function": None, "inputs": None}
    return make_recipes(table, [description])[kind]


def fitted(kind: str, table: Table, task: str, **more: object) -> Fitted:
    target, classes = encoded(table, task)
    one = trial(kind, **{**SMALL[kind], **QUICK, **more})
    options = {"task": task, "classes": classes, "seed": (0, "test")}
    return fit_model(one, recipe_of(kind, table), table, target, **options)


def own_hyperparameters(kind: str) -> dict:
    return {k: v for k, v in MODELS[kind].defaults.items() if k not in FITTING}


@pytest.mark.parametrize("kind", SMALL)
def test_a_network_is_given_its_kind_of_data_only(kind: str) -> None:
    assert recipe_of(kind, objects("classification"))["inputs"] == [MODELS[kind].sees]


@pytest.mark.parametrize(
    ("kind", "task"),
    [
        ("autoencoder", "regression"),
        ("cnn", "classification"),
        ("cnn1d", "regression"),
        ("gru", "classification"),
        pytest.param("autoencoder", "classification", marks=pytest.mark.long),
        pytest.param("cnn", "regression", marks=pytest.mark.long),
        pytest.param("cnn1d", "classification", marks=pytest.mark.long),
        pytest.param("gru", "regression", marks=pytest.mark.long),
    ],
)
def test_a_network_learns_and_is_the_same_after_saving(
    tmp_path: Path, kind: str, task: str
) -> None:
    import keras

    table = objects(task)
    model = fitted(kind, table, task, epochs=25)
    found = model.predict(table)
    if task == "classification":
        assert (found["prediction"] == table.frame["y"]).mean() > 0.9
        np.testing.assert_allclose(found[["p_bright", "p_faint"]].sum(axis=1), 1, rtol=1e-5)
        assert found.columns.tolist() == ["id", "prediction", "p_bright", "p_faint"]
    else:
        assert np.std(found["prediction"] - table.frame["y"]) < 0.5 * np.std(table.frame["y"])
        assert found.columns.tolist() == ["id", "prediction"]
    save_model(model, tmp_path)
    pd.testing.assert_frame_equal(load_model(tmp_path).predict(table), found, check_exact=True)
    keras.saving.load_model(tmp_path / "model.keras")  # by anybody, with nothing of ours


@pytest.mark.parametrize("kind", ["cnn1d", "gru"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_how_far_a_light_curve_is_padded_changes_nothing(kind: str, activation: str) -> None:
    rng = np.random.default_rng(0)
    curves = np.zeros((6, 9, 3), np.float32)
    for i, end in enumerate((0, 1, 2, 5, 8, 9)):
        curves[i, :end] = rng.normal(size=(end, 3))
        curves[i, :end, -1] = 1
    values = own_hyperparameters(kind) | ({"activation": activation} if kind == "cnn1d" else {})
    build, given = MODELS[kind].builder(), {**values, "output_activation": "linear"}
    short, long = (build((n, 3), (1,), **given) for n in (9, 14))
    weights = [rng.normal(size=w.shape) for w in short.get_weights()]
    short.set_weights(weights)
    long.set_weights(weights)
    expected = short.predict(curves, verbose=0)
    assert np.isfinite(expected).all() and len(np.unique(expected)) == len(expected)
    padded = np.pad(curves, ((0, 0), (0, 5), (0, 0)))
    np.testing.assert_allclose(long.predict(padded, verbose=0), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 2, 1), (16, 16, 3)])
def test_images_of_any_size_can_be_seen(shape: tuple[int, ...]) -> None:
    build = MODELS["cnn"].builder()
    model = build(shape, (2,), **own_hyperparameters("cnn"), output_activation="softmax")
    assert model.output_shape == (None, 2)


def test_the_weights_of_the_network_for_images_do_not_grow_with_the_image() -> None:
    values = {**own_hyperparameters("cnn"), "output_activation": "softmax"}
    small, large = (MODELS["cnn"].builder()((n, n, 1), (2,), **values) for n in (8, 64))
    assert small.count_params() == large.count_params()


@pytest.mark.parametrize("classes", [("a", "b", "c"), ()])
def test_the_autoencoder_reports_the_weighted_error_of_its_reconstruction(
    classes: tuple[str, ...],
) -> None:
    import keras

    one = trial("autoencoder", **SMALL["autoencoder"], reconstruction_weight=0.3)
    task = "classification" if classes else "regression"
    model = Builder(one, classes, task, (0, "test"), 1, ()).build((5,))
    x = np.random.default_rng(1).normal(size=(9, 5)).astype(np.float32)
    decoded = keras.Model(model.input, model.get_layer("reconstruction").output)
    error = ((decoded.predict(x, verbose=0) - x) ** 2).mean(axis=1)
    outputs = model.predict(x, verbose=0)
    np.testing.assert_allclose(outputs[:, -1], 0.3 * error, rtol=1e-5)
    assert outputs.shape == (9, (len(classes) or 1) + 1)


def test_the_error_of_the_reconstruction_adds_to_the_loss_of_every_object() -> None:
    outputs = np.array([[0.2, 0.8, 0.5], [0.6, 0.4, 0.0]], np.float32)
    found = with_reconstruction("sparse_categorical_crossentropy", "classification")
    expected = -np.log([0.8, 0.6]) + [0.5, 0.0]
    np.testing.assert_allclose(found(np.array([1, 0]), outputs), expected, rtol=1e-5)
    found = with_reconstruction("mse", "regression")
    numbers = np.array([[1.0, 0.25], [3.0, 1.0]], np.float32)
    np.testing.assert_allclose(found(np.array([3.0, 3.0]), numbers), [4.25, 1.0], rtol=1e-6)


@pytest.mark.long
def test_a_larger_weight_of_the_reconstruction_makes_it_better() -> None:
    table = objects("regression")
    little, much = (
        fitted("autoencoder", table, "regression", epochs=25, reconstruction_weight=w)
        for w in (0.01, 10.0)
    )
    errors = [
        m.model.predict(m.recipe.transform(table)["table"], verbose=0)[:, -1].mean() / w
        for m, w in ((little, 0.01), (much, 10.0))
    ]
    assert errors[1] < errors[0]
