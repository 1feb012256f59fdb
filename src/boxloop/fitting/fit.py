"""Fit one model, whatever its kind, to rows of a table; predict with it."""

import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.fitting.backend import prepare_backend, prepare_if_imported, quiet_start
from boxloop.fitting.checkpoint import Checkpoint, fingerprint
from boxloop.fitting.network import train_network
from boxloop.fitting.recipe import FittedRecipe, fit_recipe
from boxloop.models import REGISTRY
from boxloop.study.code import user_function
from boxloop.study.seeds import integer_seed
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
        return _is_network(self.model)

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
        codes, probability = self._codes(inputs, len(frame))
        frame["prediction"] = np.asarray(self.classes, dtype=object)[codes]
        for j, name in enumerate(self.classes):
            frame[f"p_{name}"] = probability[:, j]
        return frame

    def _numbers(self, inputs: "Inputs") -> "NDArray[np.float64]":
        if not self.network:
            return np.asarray(self.model.predict(_matrix(inputs)), float).reshape(-1)
        centre, scale = self.scaling
        return _forward(self.model, inputs).reshape(-1) * scale + centre

    def _codes(self, inputs: "Inputs", n: int) -> tuple["NDArray[Any]", "NDArray[Any]"]:
        k = len(self.classes)
        if self.network:
            probability = _forward(self.model, inputs)
            return probability.argmax(axis=1), probability
        found = self.model.predict_proba(_matrix(inputs))
        probability = np.zeros((n, k))
        probability[:, np.asarray(self.model.classes_, int)] = found
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
    """
    started = time.perf_counter()
    parts = _Parts(trial, tuple(classes), task, seed, threads, list(user_code))
    slice_ = stopping if stopping is not None and epochs is None else None
    model = parts.estimator(unfitted, table)
    if model is None:
        fitted = _fit_network(parts, unfitted, table, target, slice_, epochs, checkpoint)
    else:
        recipe = fit_recipe(unfitted, table)
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


@dataclass(frozen=True)
class _Parts:
    """How to build the model of a trial."""

    trial: dict[str, Any]
    classes: tuple[str, ...]
    task: str
    seed: tuple[Any, ...]
    threads: int
    user_code: list[str]

    def estimator(self, unfitted: dict[str, Any], table: "Table") -> Any:
        """Return the scikit-learn estimator, or None where the model is a network."""
        if self.trial["function"]:
            few = table.take(np.arange(min(2, len(table))))
            model = self.build(_shape(fit_recipe(unfitted, few).transform(few)))
            return None if _is_network(model) else model
        architecture = REGISTRY[self.trial["kind"]]
        if architecture.network:
            return None
        seed = integer_seed(self.seed[0], *self.seed[1:], "estimator")
        return architecture.build(self.task, seed, self.threads, **self._architecture())

    def build(self, input_shape: Any) -> Any:
        """Build the uncompiled network for inputs of a shape."""
        values = self._architecture()
        if self.trial["function"]:
            with quiet_start():
                own = user_function(self.trial["function"], [Path(p) for p in self.user_code])
            prepare_if_imported(self.threads)
            model = own(input_shape, self.output_shape, **values)
        else:
            values["output_activation"] = "softmax" if self.classes else "linear"
            model = REGISTRY[self.trial["kind"]].build(input_shape, self.output_shape, **values)
        if _is_network(model) and tuple(model.output_shape[1:]) != self.output_shape:
            raise BoxloopError(
                f"the model {self.trial['model']} returns the shape {model.output_shape[1:]}; "
                f"expected {self.output_shape}"
            )
        return model

    @property
    def output_shape(self) -> tuple[int, ...]:
        return (len(self.classes) or 1,)

    def _architecture(self) -> dict[str, Any]:
        values = self.trial["hyperparameters"]
        if self.trial["function"] or REGISTRY[self.trial["kind"]].network:
            return {k: v for k, v in values.items() if k not in FITTING}
        return dict(values)


def _fit_network(
    parts: _Parts,
    unfitted: dict[str, Any],
    table: "Table",
    target: "NDArray[Any]",
    stopping: "NDArray[np.bool_] | None",
    epochs: int | None,
    checkpoint: Path | None,
) -> Fitted:
    prepare_backend(parts.threads)
    learn = np.ones(len(table), bool) if stopping is None else ~stopping
    recipe = fit_recipe(unfitted, table.take(learn))
    inputs = recipe.transform(table)
    goal, scaling = _scaled(target, learn, parts.task)
    inner = {k: v[~learn] for k, v in inputs.items()}, goal[~learn]
    inputs = {k: v[learn] for k, v in inputs.items()}
    key = ""
    if checkpoint is not None:
        about = {"trial": parts.trial, "seed": parts.seed, "epochs": epochs}
        key = fingerprint(about, goal[learn], *inputs.values())
    trained = train_network(
        partial(parts.build, _shape(inputs)),
        inputs,
        goal[learn],
        hyperparameters={**FITTING, **parts.trial["hyperparameters"]},
        task=parts.task,
        seed=parts.seed,
        epochs=epochs,
        stopping=inner if stopping is not None and len(inner[1]) else None,
        checkpoint=Checkpoint(checkpoint, key),
    )
    about = {"epochs": trained.epochs}
    name = parts.trial["model"]
    return Fitted(name, trained.model, recipe, parts.classes, scaling, about, trained.history)


def _scaled(
    target: "NDArray[Any]", learn: "NDArray[np.bool_]", task: str
) -> tuple["NDArray[Any]", tuple[float, float]]:
    """Bring a regression's target to mean 0 and spread 1 on the rows that teach."""
    if task == "classification":
        return target.astype(np.int32), (0.0, 1.0)
    centre, scale = float(target[learn].mean()), float(target[learn].std()) or 1.0
    return ((target - centre) / scale).astype(np.float32), (centre, scale)


def _is_network(model: Any) -> bool:
    return hasattr(model, "stateless_call")


def _shape(inputs: "Inputs") -> Any:
    """Return the input shape, without the batch axis; by name where there are several inputs."""
    shapes = {k: v.shape[1:] for k, v in inputs.items()}
    return shapes if len(shapes) > 1 else next(iter(shapes.values()))


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
