"""Layers that compute in half precision; outputs, weights and names of trials stay."""

import logging

import numpy as np
import pandas as pd
import pytest
from plans import study
from searches import NUMBERS, SMALL, alone, folds_of, numbered, recipes, search
from tables import numbers_table, trial

from boxloop.fitting.build import Builder
from boxloop.fitting.stacked.drivers import choose_driver
from boxloop.search import cross_validate, select_models
from boxloop.study.checks.study import cross_checks
from boxloop.study.known_models import MODELS
from boxloop.study.trials import trials_of
from boxloop.train import fit_final

SHAPES = {"cnn": (16, 16, 1), "cnn1d": (20, 3), "gru": (20, 3)}
NETWORKS = sorted(name for name, model in MODELS.items() if model.network)


def mixed(precision: str = "mixed_bfloat16") -> list[dict]:
    rates = (0.01, 0.003)
    trials = numbered(*(trial("dense", **SMALL, learning_rate=rate) for rate in rates))
    return [{**one, "precision": precision} for one in trials]


def searched(trials: list[dict]) -> list[dict]:
    return search(trials, numbers_table(240), folds=2)[0]


@pytest.mark.parametrize("kind", NETWORKS)
def test_hidden_layers_compute_in_half_and_outputs_and_weights_are_whole(kind: str) -> None:
    import keras

    about = {**trial(kind), "precision": "mixed_bfloat16"}
    builder = Builder(about, (), "regression", (0, "x"), 1, ())
    before = keras.config.dtype_policy().name
    model = builder.build(SHAPES.get(kind, (5,)))
    assert keras.config.dtype_policy().name == before == "float32"
    assert str(model.output.dtype) == "float32"
    assert {str(v.dtype) for v in model.trainable_variables} == {"float32"}
    halves = [x for x in model.layers if x.compute_dtype == "bfloat16" and x.weights]
    assert halves, [x.compute_dtype for x in model.layers]


@pytest.mark.long  # short: what its layers compute in
def test_bfloat16_is_stacked_and_scores_what_each_scores_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "boxloop")
    together = searched(mixed())
    assert any("4 networks as one" in r.getMessage() for r in caplog.records)
    alone(monkeypatch)
    for one, other in zip(together, searched(mixed()), strict=True):
        assert one["precision"] == "mixed_bfloat16"
        np.testing.assert_allclose(one["scores"], other["scores"], rtol=0.03)


def test_no_driver_takes_networks_in_float16() -> None:
    about = {**trial("dense"), "precision": "mixed_float16"}
    model = Builder(about, (), "regression", (0, "x"), 1, ()).build((5,))
    given = dict.fromkeys(("loss", "keras_loss", "optimizer"))
    driver, _, why = choose_driver(lambda _: model, [None], [], **given, batch_size=1)
    assert driver == "alone" and "scales its loss" in why


@pytest.mark.long
def test_float16_is_trained_alone_and_the_log_says_why(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "boxloop")
    (result,) = searched(mixed("mixed_float16")[:1])
    assert result["status"] == "done"
    assert any("scales its loss" in r.getMessage() for r in caplog.records)


def test_the_final_fit_has_the_precision_of_the_search() -> None:
    table, trials = numbers_table(120), mixed()
    folds, made = folds_of(table), recipes(table, "dense")
    results, _ = cross_validate(trials[:1], made, table, folds, NUMBERS)
    _, selected = select_models(results, "rmse", ["dense"])
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    about = {"task": "regression", "seed": 0}
    fitted = fit_final("dense", selected, made["dense"], table, split, **about)
    assert fitted.description["precision"] == "mixed_bfloat16"
    assert "bfloat16" in {layer.compute_dtype for layer in fitted.model.layers}
    assert np.isfinite(fitted.predict(table)["prediction"]).all()


def test_trials_in_full_precision_keep_their_names_and_others_have_their_own() -> None:
    def ids(**more: str) -> list[str]:
        made = study({"name": "dense", **more})
        return [t["id"] for t in trials_of(made, made.models[0])]

    assert ids() == ids(precision="float32") != ids(precision="mixed_bfloat16")


def test_precision_of_what_is_no_network_is_a_fault() -> None:
    made = study({"name": "tree", "precision": "mixed_bfloat16"})
    messages = [str(message) for _, message in cross_checks(made)]
    assert any("mixed_bfloat16 is for networks, and tree is none" in m for m in messages)
