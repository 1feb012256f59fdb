"""One way to search hyperparameters by k folds, timed; run by benchmarks/search.py.

    python benchmarks/search_ways.py WAY ARCHITECTURE STOPPING [NAME=NUMBER ...]

NAME is one of rows, folds, trials, epochs, seed (that of the training). All ways get the same rows,
folds, learning rates, epochs, batch size and stopping rule. Prints one JSON line: seconds of the
imports, of the search and, of boxloop, of the training in it; peak memory; the best mean loss over
folds and its rate.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
BEGAN = time.perf_counter()

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from search_data import rows  # noqa: E402

SEED, PATIENCE = 0, 3
#: Least and greatest learning rate, trials, folds, epochs, batch size and rows, by architecture.
SETTINGS: dict[str, dict[str, Any]] = {
    "dense": {"rates": (1e-4, 1e-2), "trials": 8, "epochs": 20, "batch": 256, "rows": 40_000},
    "cnn": {"rates": (3e-4, 3e-3), "trials": 4, "epochs": 5, "batch": 64, "rows": 2_000},
    "gru": {"rates": (1e-3, 1e-2), "trials": 4, "epochs": 5, "batch": 64, "rows": 2_000},
}
WAY, ARCHITECTURE, EARLY = sys.argv[1], sys.argv[2], sys.argv[3] == "early"
ASKED = {name: int(number) for name, number in (a.split("=") for a in sys.argv[4:])}
SETTING: dict[str, Any] = {"folds": 5, **SETTINGS[ARCHITECTURE], **ASKED}
SETTING["rates"] = np.geomspace(*SETTING["rates"], SETTING["trials"])
FOLDS = SETTING["folds"]


def network(input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> Any:
    """The networks that the yardstick fixes; also boxloop's, as a user's own function."""
    import keras
    from keras import layers

    inputs = keras.Input(input_shape)
    if ARCHITECTURE == "dense":
        hidden = layers.Dense(64, "relu")(layers.Dense(64, "relu")(inputs))
    elif ARCHITECTURE == "cnn":
        hidden = layers.MaxPooling2D()(layers.Conv2D(16, 3, activation="relu")(inputs))
        hidden = layers.MaxPooling2D()(layers.Conv2D(32, 3, activation="relu")(hidden))
        hidden = layers.Dense(64, "relu")(layers.Flatten()(hidden))
    else:
        hidden = layers.GRU(32)(layers.Reshape(input_shape[::2])(inputs))
    return keras.Model(inputs, layers.Dense(output_shape[0])(hidden))


X, Y, ORIGIN = rows(ARCHITECTURE, SETTING["rows"], repeat="rows" in ASKED)
FOLD = np.random.default_rng(SEED).permutation(len(X)) % FOLDS
#: A tenth of each training part, another one for each fold, by which training stops.
SLICE = np.random.default_rng(SEED + 1).integers(10, size=len(X))


def compiled(rate: float) -> Any:
    import keras

    model = network(X.shape[1:], (1,))
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


def callbacks() -> list[Any]:
    import keras

    stop = keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE, restore_best_weights=True)
    return [stop] if EARLY else []


def fit(model: Any, k: int) -> float:
    """Train in a fold and return the loss of its scored rows."""
    inside, options = k != FOLD, {}
    if EARLY:
        inner = inside & (k == SLICE)
        inside = inside & (k != SLICE)
        options = {"validation_data": (X[inner], Y[inner]), "callbacks": callbacks()}
    model.fit(
        X[inside], Y[inside], epochs=SETTING["epochs"], batch_size=SETTING["batch"], verbose=0,
        **options,
    )  # fmt: skip
    return float(model.evaluate(X[k == FOLD], Y[k == FOLD], batch_size=8192, verbose=0))


def rebuilt() -> dict[float, float]:
    """A loop: every fit builds its network anew."""
    import keras

    found = {}
    for rate in SETTING["rates"]:
        scores = []
        for k in range(FOLDS):
            keras.backend.clear_session()
            scores.append(fit(compiled(rate), k))
        found[rate] = float(np.mean(scores))
    return found


def tuned() -> dict[float, float]:
    """A loop that compiles one network, and resets weights, optimiser and rate for every fit."""
    import keras

    model, found = compiled(1e-3), {}
    model.optimizer.build(model.trainable_variables)
    for rate in SETTING["rates"]:
        scores = []
        for k in range(FOLDS):
            fresh = keras.models.clone_model(model)
            model.set_weights(fresh.get_weights())
            for variable in model.optimizer.variables:
                variable.assign(np.zeros(variable.shape, variable.dtype))
            model.optimizer.learning_rate = rate
            scores.append(fit(model, k))
        found[rate] = float(np.mean(scores))
    return found


def scikeras() -> dict[float, float]:
    from scikeras.wrappers import KerasRegressor
    from sklearn.model_selection import GridSearchCV, PredefinedSplit

    options: dict[str, Any] = {"epochs": SETTING["epochs"], "batch_size": SETTING["batch"]}
    if EARLY:
        options |= {"validation_split": 0.1, "callbacks": callbacks()}
    search = GridSearchCV(
        KerasRegressor(compiled, rate=1e-3, verbose=0, **options),
        {"rate": list(SETTING["rates"])},
        cv=PredefinedSplit(FOLD),
        n_jobs=os.cpu_count(),
        scoring="neg_mean_squared_error",
        refit=False,
    ).fit(X, Y)
    means = search.cv_results_["mean_test_score"]
    return {p["rate"]: -m for p, m in zip(search.cv_results_["params"], means, strict=True)}


def keras_tuner() -> dict[float, float]:
    import tempfile

    import keras_tuner

    found: dict[float, float] = {}

    class Folds(keras_tuner.engine.base_tuner.BaseTuner):
        def run_trial(self, trial: Any, *_: Any, **__: Any) -> float:
            rate = trial.hyperparameters.get("rate")
            scores = [fit(self.hypermodel.build(trial.hyperparameters), k) for k in range(FOLDS)]
            found[rate] = float(np.mean(scores))
            return found[rate]

        def save_model(self, *_: Any, **__: Any) -> None: ...

    def build(values: Any) -> Any:
        return compiled(values.Choice("rate", [float(r) for r in SETTING["rates"]]))

    oracle = keras_tuner.oracles.GridSearchOracle(keras_tuner.Objective("loss", "min"))
    with tempfile.TemporaryDirectory() as folder:
        Folds(oracle=oracle, hypermodel=build, directory=folder).search()
    return found


def optuna() -> dict[float, float]:
    import optuna as library

    library.logging.set_verbosity(library.logging.WARNING)
    rates = [float(r) for r in SETTING["rates"]]
    study = library.create_study(sampler=library.samplers.GridSampler({"rate": rates}, seed=SEED))

    def objective(trial: Any) -> float:
        rate = trial.suggest_categorical("rate", rates)
        return float(np.mean([fit(compiled(rate), k) for k in range(FOLDS)]))

    study.optimize(objective, n_trials=len(rates))
    return {t.params["rate"]: t.value for t in study.trials}


def boxloop() -> dict[float, float]:
    """What the rule `chunk` does with all trials of the network in one job."""
    from boxloop.search import SearchTask, cross_validate
    from boxloop.store import Column, Table

    ids = np.arange(len(X)).astype(str)
    frame, columns, arrays = pd.DataFrame({"id": ids, "y": Y}), {"id": Column("id")}, {}
    columns["y"] = Column("target")
    if ARCHITECTURE == "dense":
        names = [f"x{i}" for i in range(X.shape[1])]
        frame[names] = X
        columns |= {name: Column("feature") for name in names}
        recipe = {"inputs": ["table"]}
        recipe["table"] = {"columns": names, "indicators": [], "impute": True}
    else:
        # Sequences travel as images of one column: the network is the user's own either way.
        arrays = {"image": X}
        recipe = {"inputs": ["image"], "image": {"scale": "channel"}}
    table = Table(frame, columns, ORIGIN, arrays=arrays)
    # Without early stopping there is no slice: none has the number of a fold.
    slices = SLICE if EARLY else np.full(len(X), 99)
    folds = pd.DataFrame({"id": ids, "fold": FOLD, "slice": slices})
    values = {"epochs": SETTING["epochs"], "batch_size": SETTING["batch"], "schedule": "constant"}
    trials = [
        {
            "id": f"trial{i}",
            "model": "own",
            "kind": None,
            "function": "search_ways:network",
            "inputs": None,
            "hyperparameters": {**values, "learning_rate": float(rate), "patience": PATIENCE},
            "purpose": "search",
        }
        for i, rate in enumerate(SETTING["rates"])
    ]
    task = SearchTask(
        "regression", "mse", ASKED.get("seed", SEED), (__file__,), os.cpu_count() or 1
    )
    with counted_training():
        results, _ = cross_validate(trials, {"own": recipe}, table, folds, task)
    return {r["hyperparameters"]["learning_rate"]: r["mean"] for r in results}


TRAINING: list[float] = []


def counted_training() -> Any:
    """Note meanwhile the seconds that stacks train; the first epoch includes tracing it."""
    from boxloop.fitting.stacked.stack import Stack

    train = Stack.epoch

    def timed(self: Any) -> None:
        began = time.perf_counter()
        train(self)
        TRAINING.append(time.perf_counter() - began)

    return mock.patch.object(Stack, "epoch", timed)


def peak_memory() -> int:
    """The most bytes that this process held; not getrusage's, which starts at the parent's."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


WAYS = {f.__name__: f for f in (boxloop, rebuilt, tuned, scikeras, keras_tuner, optuna)}


def main() -> None:
    """Import what the way needs, then search."""
    if WAY == "boxloop":
        from boxloop.fitting.backend import prepare_backend

        prepare_backend(os.cpu_count() or 1)
        import boxloop.search  # noqa: F401
    else:
        import keras

        keras.utils.set_random_seed(ASKED.get("seed", SEED))
        if WAY != "rebuilt" and WAY != "tuned":
            __import__(WAY)
    imports = time.perf_counter() - BEGAN
    began = time.perf_counter()
    found = WAYS[WAY]()
    seconds = time.perf_counter() - began
    best = min(found, key=lambda rate: found[rate])
    about = {"way": WAY, "architecture": ARCHITECTURE, "early": EARLY, "rows": len(X)}
    about |= {"data": ORIGIN, "fits": FOLDS * len(found), "seconds": seconds, "imports": imports}
    about |= {"folds": FOLDS, "trials": len(found), "epochs": SETTING["epochs"]}
    about |= {"peak_bytes": peak_memory(), "training": sum(TRAINING) or None}
    print(json.dumps({**about, "best": found[best], "rate": float(best)}))


if __name__ == "__main__":
    main()
