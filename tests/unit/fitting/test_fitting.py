"""Recipes learn from fitting rows only; models predict, save, load, resume."""

from pathlib import Path

import numpy as np
import pytest
from tables import classes_table, numbers_table, trial

from boxloop.errors import BoxloopError
from boxloop.fitting import FittedRecipe, fit_model, fit_recipe, load_model, save_model
from boxloop.fitting import network as network_module
from boxloop.fitting.targets import encoded
from boxloop.prepare import make_recipes
from boxloop.store import Column, Table

SEED = (0, "test")


def _recipe(table: Table, model: str) -> dict:
    description = {"name": model, "kind": None, "function": None, "inputs": None}
    return make_recipes(table, [description])[model]


def _fit(table: Table, name: str, **options: object) -> object:
    task = "classification" if "class" in table.frame else "regression"
    target, classes = encoded(table, task)
    hyper = options.pop("hyperparameters", {})
    return fit_model(
        trial(name, **hyper),
        _recipe(table, name),
        table,
        target,
        task=task,
        classes=classes,
        seed=SEED,
        **options,
    )


def test_imputed_and_scaled_columns_have_mean_zero_and_spread_one() -> None:
    table = numbers_table(missing=0.2)
    fitted = fit_recipe(_recipe(table, "dense"), table)
    found = fitted.transform(table)["table"]
    assert np.isfinite(found).all()
    assert found[:, :2].mean(0) == pytest.approx([0, 0], abs=1e-5)
    assert found[:, :2].std(0) == pytest.approx([1, 1], abs=1e-5)
    assert (found[:, 2] == (table.frame["a__state"] != 0)).all()
    assert FittedRecipe.from_dict(fitted.as_dict()) == fitted


def test_a_recipe_of_some_rows_knows_nothing_of_the_others() -> None:
    table = numbers_table()
    other = numbers_table()
    other.frame.loc[150:, ["a", "b"]] = 1e6
    rows = np.arange(150)
    recipe = _recipe(table, "dense")
    assert fit_recipe(recipe, table.take(rows)) == fit_recipe(recipe, other.take(rows))


def test_a_non_detection_takes_its_limit() -> None:
    table = numbers_table(missing=0.2)
    table.frame["a__limit"] = 24.0
    limited = Table(table.frame, {**table.columns, "a__limit": Column("limit")})
    fitted = fit_recipe(_recipe(limited, "linear"), limited)
    learnt = fitted.learnt["table"]
    found = fitted.transform(limited)["table"][:, 0] * learnt["scale"][0] + learnt["centre"][0]
    assert found[table.frame["a__state"] == 2] == pytest.approx(24.0, abs=1e-4)


@pytest.mark.parametrize("name", ["dummy", "linear", "tree", "forest", "boosting", "svm", "dense"])
def test_regressions_survive_saving_and_loading(name: str, tmp_path: Path) -> None:
    table = numbers_table(missing=0.05)
    fitted = _fit(table, name, epochs=3)
    before = fitted.predict(table)
    save_model(fitted, tmp_path / name)
    after = load_model(tmp_path / name).predict(table)
    assert list(before["id"]) == list(table.frame["id"])
    np.testing.assert_allclose(before["prediction"], after["prediction"], rtol=1e-6)
    assert not list((tmp_path / name).glob("*.pkl"))


@pytest.mark.parametrize("name", ["dummy", "logistic", "tree", "forest", "boosting", "dense"])
def test_classifications_give_probabilities_that_add_up(name: str, tmp_path: Path) -> None:
    table = classes_table()
    fitted = _fit(table, name, epochs=3)
    save_model(fitted, tmp_path / name)
    found = load_model(tmp_path / name).predict(table)
    probability = found[["p_GALAXY", "p_QSO", "p_STAR"]].to_numpy()
    assert probability.sum(1) == pytest.approx(1, abs=1e-5)
    best = np.array(["GALAXY", "QSO", "STAR"])[probability.argmax(1)]
    assert (found["prediction"] == best).all()


def test_a_support_vector_machine_gives_classes_without_probabilities(tmp_path: Path) -> None:
    table = classes_table()
    save_model(_fit(table, "svm"), tmp_path / "svm")
    found = load_model(tmp_path / "svm").predict(table)
    assert found[["p_GALAXY", "p_QSO", "p_STAR"]].isna().all(axis=None)
    assert (found["prediction"] == table.frame["class"]).mean() > 0.8


def test_the_unit_of_the_target_does_not_change_a_support_vector_machine() -> None:
    table, other = numbers_table(), numbers_table()
    other.frame["redshift"] = table.frame["redshift"] * 1000 + 5
    one, two = (_fit(t, "svm").predict(t)["prediction"] for t in (table, other))
    np.testing.assert_allclose(two, one * 1000 + 5, rtol=1e-3)


def test_a_model_file_with_foreign_types_is_not_loaded(tmp_path: Path) -> None:
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    fitted = _fit(numbers_table(), "linear")
    save_model(fitted, tmp_path / "m")
    skops.io.dump(FunctionTransformer(func=Path.unlink), tmp_path / "m" / "model.skops")
    with pytest.raises(BoxloopError, match="not trusted"):
        load_model(tmp_path / "m")


def test_a_fit_repeats_to_the_byte() -> None:
    table = numbers_table()
    for name in ("forest", "dense"):
        one, two = _fit(table, name, epochs=2), _fit(table, name, epochs=2)
        assert (one.predict(table)["prediction"] == two.predict(table)["prediction"]).all()


class _KilledError(Exception):
    pass


@pytest.mark.long  # short: that of a mixture
@pytest.mark.parametrize(
    "stopped_early",
    [
        pytest.param(True, id="early stopping"),
        pytest.param(False, id="final fit"),
    ],
)
def test_a_resumed_training_equals_an_uninterrupted_one(
    stopped_early: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = numbers_table()
    options = {"epochs": 6}
    if stopped_early:
        options = {"stopping": np.arange(len(table)) % 5 == 0}
    hyper = {"dropout": 0.2, "epochs": 6, "patience": 2, "learning_rate": 0.01}
    whole = _fit(table, "dense", hyperparameters=hyper, **options)

    save = network_module._Run.save

    def save_then_die(run: object) -> None:
        save(run)
        if run.epoch == 3:
            raise _KilledError

    checkpoint = tmp_path / "fit.npz"
    monkeypatch.setattr(network_module._Run, "save", save_then_die)
    with pytest.raises(_KilledError):
        _fit(table, "dense", hyperparameters=hyper, checkpoint=checkpoint, **options)
    assert checkpoint.is_file()
    monkeypatch.setattr(network_module._Run, "save", save)
    resumed = _fit(table, "dense", hyperparameters=hyper, checkpoint=checkpoint, **options)
    assert (resumed.predict(table)["prediction"] == whole.predict(table)["prediction"]).all()
    assert resumed.history == whole.history and not checkpoint.exists()


def test_a_checkpoint_of_other_data_is_not_used(tmp_path: Path) -> None:
    from boxloop.fitting.checkpoint import Checkpoint, fingerprint

    path, data = tmp_path / "c.npz", np.arange(4.0)
    Checkpoint(path, fingerprint({"a": 1}, data)).save([data], {"epoch": 2, "best": []})
    assert Checkpoint(path, fingerprint({"a": 1}, data)).load() is not None
    assert Checkpoint(path, fingerprint({"a": 1}, data + 1)).load() is None
    path.write_bytes(path.read_bytes()[:100])
    assert Checkpoint(path, fingerprint({"a": 1}, data)).load() is None


@pytest.mark.long  # short: that of a mixture
def test_early_stopping_keeps_the_best_weights_and_says_when() -> None:
    table = numbers_table()
    stopping = np.arange(len(table)) % 4 == 0
    hyper = {"epochs": 40, "patience": 3, "learning_rate": 0.05}
    fitted = _fit(table, "dense", hyperparameters=hyper, stopping=stopping)
    losses = [row["stopping_loss"] for row in fitted.history]
    assert fitted.description["epochs"] == int(np.argmin(losses)) + 1
    assert len(losses) in (40, fitted.description["epochs"] + 3)
