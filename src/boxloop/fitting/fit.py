"""Fit one model, whatever its kind, to rows of a table; predict with it."""

import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.fitting.backend import prepare_backend
from boxloop.fitting.build import Builder, is_network, shape_of
from boxloop.fitting.checkpoint import Checkpoint, fingerprint
from boxloop.fitting.network import train_network
from boxloop.fitting.recipe import FittedRecipe, fit_recipe
from boxloop.study.vocabulary import FITTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from boxloop.fitting.recipe import Inputs
    from boxloop.store import Table


@dataclass(frozen=True)
class Fitted:
    """A fitted model with all it needs to predict from a table.

    Attributes
    ----------
    name : str
    model : estimator or keras.Model
    recipe : FittedRecipe
    classes : tuple of str
        Empty for a regression.
    scaling : (float, float)
        Centre and scale a network's target was brought to.
    description : dict
        Content of ``fit.json``.
    history : list of dict
        By epoch, networks only.
    """

    name: str
    model: Any
    recipe: FittedRecipe
    classes: tuple[str, ...]
    scaling: tuple[float, float]
    description: dict[str, Any]
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def network(self) -> bool:
        """Whether it is a Keras network."""
        return is_network(self.model)

    def predict(self, table: "Table") -> pd.DataFrame:
        """Predict every row of a table.

        Returns
        -------
        pandas.DataFrame
            ``id``, ``prediction`` (a number or the class) and ``p_<class>``, in table order.
        """
        inputs = self.recipe.transform(table)
        frame = pd.DataFrame({"id": table.column(table.named("id") or "id")})
        if not self.classes:
            return frame.assign(prediction=self._numbers(inputs))
        codes, probability = self._codes(inputs)
        frame["prediction"] = np.asarray(self.classes, dtype=object)[codes]
        for j, name in enumerate(self.classes):
            frame[f"p_{name}"] = probability[:, j]
        return frame

    def _numbers(self, inputs: "Inputs") -> "NDArray[np.float64]":
        if not self.network:
            return np.asarray(self.model.predict(_matrix(inputs)), float).reshape(-1)
        centre, scale = self.scaling
        return _forward(self.model, inputs).reshape(-1) * scale + centre

    def _codes(self, inputs: "Inputs") -> tuple["NDArray[Any]", "NDArray[Any]"]:
        """Return codes and probabilities of the classes; NaN where the model gives none."""
        if self.network:
            probability = _forward(self.model, inputs)
            return probability.argmax(axis=1), probability
        matrix = _matrix(inputs)
        if not hasattr(self.model, "predict_proba"):
            codes = np.asarray(self.model.predict(matrix)).reshape(-1).astype(int)
            return codes, np.full((len(codes), len(self.classes)), np.nan)
        found = np.asarray(self.model.predict_proba(matrix), float)
        # A class that the fitting rows lack has probability 0.
        probability = np.zeros((len(found), len(self.classes)))
        seen = getattr(self.model, "classes_", range(len(self.classes)))
        probability[:, np.asarray(seen, int)] = found
        return probability.argmax(axis=1), probability


def fit_model(
    trial: dict[str, Any],
    unfitted: dict[str, Any],
    table: "Table",
    target: "NDArray[Any]",
    *,
    task: str,
    classes: "Sequence[str]" = (),
    seed: tuple[Any, ...],
    stopping: "NDArray[np.bool_] | None" = None,
    epochs: int | None = None,
    checkpoint: Path | None = None,
    checkpoint_key: str = "",
    user_code: "Sequence[str]" = (),
    threads: int = 1,
) -> Fitted:
    """Fit a model with its recipe.

    Parameters
    ----------
    trial : dict
        ``model, kind, function, hyperparameters`` as the plan of the search says.
    unfitted : dict
        The model's recipe.
    table : Table
        The rows to learn from.
    target : ndarray, shape (rows,)
        Numbers, or codes of `classes`.
    seed : tuple
        Root seed and the names of its use.
    stopping : ndarray of bool, shape (rows,), optional
        The inner slice for a network's early stopping; its rows teach nothing else.
    epochs : int, optional
        Train a network exactly so long.
    checkpoint : Path, optional
        Where a network's training is kept while it lasts.
    checkpoint_key : str
        Hash of the code that trains: a checkpoint of other code is not used.
    """
    started = time.perf_counter()
    builder = Builder(trial, tuple(classes), task, seed, threads, tuple(user_code))
    slice_ = stopping if stopping is not None and epochs is None else None
    recipe = None if builder.registered_network else fit_recipe(unfitted, table)
    model = None if recipe is None else builder.estimator(recipe, table)
    if recipe is None or model is None:
        kept = Checkpoint(checkpoint, checkpoint_key)
        fitted = _fit_network(builder, unfitted, table, target, slice_, epochs, kept)
    else:
        model.fit(_matrix(recipe.transform(table)), target)
        fitted = Fitted(trial["model"], model, recipe, tuple(classes), (0.0, 1.0), {})
    description = {
        **{k: trial.get(k) for k in ("model", "kind", "function", "inputs", "hyperparameters")},
        "classes": list(classes),
        "rows": len(table),
        "epochs": fitted.description.get("epochs"),
        "seconds": time.perf_counter() - started,
        "parameters": int(fitted.model.count_params()) if fitted.network else None,
        "importances": _importances(fitted),
        "final_loss": fitted.history[-1]["loss"] if fitted.history else None,
        "scaling": list(fitted.scaling),
    }
    return replace(fitted, description=description)


def _fit_network(
    builder: Builder,
    unfitted: dict[str, Any],
    table: "Table",
    target: "NDArray[Any]",
    stopping: "NDArray[np.bool_] | None",
    epochs: int | None,
    checkpoint: Checkpoint,
) -> Fitted:
    prepare_backend(builder.threads)
    learn = np.ones(len(table), bool) if stopping is None else ~stopping
    recipe = fit_recipe(unfitted, table.take(learn))
    inputs = recipe.transform(table)
    goal, scaling = _scaled(target, learn, builder.task)
    inner = {k: v[~learn] for k, v in inputs.items()}, goal[~learn]
    inputs = {k: v[learn] for k, v in inputs.items()}
    key = ""
    if checkpoint.path is not None:
        used = {
            "trial": builder.trial,
            "seed": builder.seed,
            "epochs": epochs,
            "code": checkpoint.key,
        }
        key = fingerprint(used, goal[learn], *inputs.values())
    trained = train_network(
        partial(builder.build, shape_of(inputs)),
        inputs,
        goal[learn],
        hyperparameters={**FITTING, **builder.trial["hyperparameters"]},
        task=builder.task,
        seed=builder.seed,
        epochs=epochs,
        stopping=inner if stopping is not None and len(inner[1]) else None,
        checkpoint=Checkpoint(checkpoint.path, key),
    )
    about = {"epochs": trained.epochs}
    name = builder.trial["model"]
    return Fitted(name, trained.model, recipe, builder.classes, scaling, about, trained.history)


def _scaled(
    target: "NDArray[Any]", learn: "NDArray[np.bool_]", task: str
) -> tuple["NDArray[Any]", tuple[float, float]]:
    """Bring a regression's target to mean 0 and spread 1 on the rows that teach."""
    if task == "classification":
        return target.astype(np.int32), (0.0, 1.0)
    centre, scale = float(target[learn].mean()), float(target[learn].std()) or 1.0
    return ((target - centre) / scale).astype(np.float32), (centre, scale)


def _matrix(inputs: "Inputs") -> "NDArray[np.float32]":
    """Return the one matrix an estimator sees; images and padded light curves are flattened."""
    parts = [v.reshape(len(v), -1) for v in inputs.values()]
    return parts[0] if len(parts) == 1 else np.hstack(parts)


def _forward(model: Any, inputs: "Inputs") -> "NDArray[np.float64]":
    data = inputs if len(inputs) > 1 else next(iter(inputs.values()))
    return np.asarray(model.predict(data, batch_size=4096, verbose=0), dtype=float)


def _importances(fitted: Fitted) -> dict[str, float] | None:
    values = getattr(fitted.model, "feature_importances_", None)
    if values is None or len(values) != len(fitted.recipe.columns):
        return None
    return dict(zip(fitted.recipe.columns, (float(v) for v in values), strict=True))
