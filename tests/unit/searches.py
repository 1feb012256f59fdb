"""Searches of small networks on small tables, as the tests of several packages make them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tables import numbers_table, trial

from boxloop.prepare import assign_folds, make_recipes
from boxloop.search import Progress, SearchTask, cross_validate, fold_fits
from boxloop.store import Table

NUMBERS = SearchTask("regression", "rmse", 0)


SMALL = {"units": [8], "epochs": 4, "batch_size": 32}


def folds_of(table: Table, task: str = "regression", k: int = 3) -> pd.DataFrame:
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    return assign_folds(table, split, folds=k, group=None, stratify=True, task=task, seed=0)


def recipes(table: Table, *names: str) -> dict:
    models = [{"name": n, "kind": None, "function": None, "inputs": None} for n in names]
    return make_recipes(table, models)


def numbered(*trials: dict) -> list[dict]:
    return [{**one, "id": f"t{i}"} for i, one in enumerate(trials)]


def search(
    trials: list[dict],
    table: Table | None = None,
    task: SearchTask = NUMBERS,
    progress: Progress | None = None,
    folds: int = 3,
) -> tuple[list[dict], pd.DataFrame]:
    table = numbers_table(240, missing=0.1) if table is None else table
    found = recipes(table, *{t["model"] for t in trials})
    dealt = folds_of(table, task.name, folds)
    return cross_validate(trials, found, table, dealt, task, None, progress)


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_fits, "trains_network", lambda *_: False)


OWN = '''
import keras

@keras.saving.register_keras_serializable("own")
class Scaled(keras.layers.Layer):
    """What it multiplies by differs from network to network and is no variable."""

    made = 0

    def __init__(self, **options):
        super().__init__(**options)
        Scaled.made += 1
        self.factor = float(Scaled.made % 7)

    def call(self, inputs):
        return inputs * self.factor


def spectral(input_shape, output_shape):
    inputs = keras.Input(input_shape)
    hidden = keras.layers.SpectralNormalization(keras.layers.Dense(4, "relu"))(inputs)
    return keras.Model(inputs, keras.layers.Dense(output_shape[0])(hidden))


def scaled(input_shape, output_shape):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, keras.layers.Dense(output_shape[0])(Scaled()(inputs)))


def plain(input_shape, output_shape, width):
    inputs = keras.Input(input_shape)
    hidden = keras.layers.Dense(width, "relu")(inputs)
    return keras.Model(inputs, keras.layers.Dense(output_shape[0])(hidden))
'''


def own_trials(folder: Path, function: str, **more: object) -> tuple[list[dict], SearchTask]:
    module = folder / f"own_{function}.py"
    module.write_text(OWN)
    hyperparameters = {"epochs": 2, "batch_size": 32, **more}
    about = {"model": "own", "kind": None, "function": f"own_{function}:{function}"}
    one = {**trial("dense"), **about, "hyperparameters": hyperparameters}
    return numbered(one), SearchTask("regression", "rmse", 0, (str(module),))


RATES = np.geomspace(1e-4, 3e-2, 8)


def results_of_jobs(jobs: int) -> list[dict]:
    """The results of eight trials that so many jobs share, without the seconds."""
    table = numbers_table(240, missing=0.1)
    trials = numbered(*(trial("dense", **SMALL, learning_rate=r, dropout=0.1) for r in RATES))
    found = []
    for part in np.array_split(np.arange(len(trials)), jobs):
        some = [trials[i] for i in part]
        more, _ = cross_validate(some, recipes(table, "dense"), table, folds_of(table), NUMBERS)
        found += more
    return [{k: v for k, v in result.items() if k != "seconds"} for result in found]
