"""Models written down as formulas, and tables for them: what tests of the understanding rest on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from tables import classes_table, numbers_table, trial

from boxloop.analyses.scores.compute import Truth, evaluate
from boxloop.analyses.understanding.compute import models_to_understand
from boxloop.analyses.understanding.held_out import HeldOut
from boxloop.fitting import Fitted, fit_model
from boxloop.fitting.targets import encoded
from boxloop.prepare import make_recipes
from boxloop.store import Column, Table


@dataclass(frozen=True)
class Formula:
    """A model that is a function of a table's frame; it looks like a fitted one.

    Attributes
    ----------
    function : callable
        frame -> numbers, or with classes -> probabilities (rows, classes) or codes (rows,).
    """

    function: Callable[[pd.DataFrame], Any]
    columns: tuple[str, ...]
    classes: tuple[str, ...] = ()
    name: str = "formula"
    recipe: Any = field(init=False)

    def __post_init__(self) -> None:
        inputs = ["table"] if self.columns else []
        unfitted = {"inputs": inputs, "table": {"columns": list(self.columns)}}
        recipe = SimpleNamespace(unfitted=unfitted, columns=list(self.columns))
        object.__setattr__(self, "recipe", recipe)

    def predict(self, table: Table) -> pd.DataFrame:
        frame, found = table.frame, np.asarray(self.function(table.frame))
        out = pd.DataFrame({"id": frame["id"]})
        if not self.classes:
            return out.assign(prediction=found.astype(float))
        codes = found if found.ndim == 1 else found.argmax(axis=1)
        out["prediction"] = np.asarray(self.classes, dtype=object)[codes]
        for k, name in enumerate(self.classes):
            out[f"p_{name}"] = np.nan if found.ndim == 1 else found[:, k]
        return out


def table_with(target: Any = None, role: str = "feature", **columns: Any) -> Table:
    """A table of columns; all features, each with a state of measured, NaN as not observed."""
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"id": [f"o{i:04d}" for i in range(n)]})
    about = {"id": Column("id")}
    for name, values in columns.items():
        frame[name] = np.asarray(values, float)
        frame[f"{name}__state"] = np.isnan(frame[name]).astype(np.int8)
        about |= {name: Column(role), f"{name}__state": Column("state")}
    if target is not None:
        frame["y"] = target
        about["y"] = Column("target")
    return Table(frame, about, "simulated")


def held_out(table: Table, truth: Any, units: Any = None, classes: tuple[str, ...] = ()) -> HeldOut:
    ids = table.frame["id"].to_numpy()
    return HeldOut(table, np.asarray(truth), ids if units is None else np.asarray(units), classes)


NAMES = ("dummy", "tree", "forest")


def _fitted(table: Table, sets: np.ndarray, task: str) -> dict[str, Fitted]:
    models = [{"name": n, "kind": None, "function": None, "inputs": None} for n in NAMES]
    recipes = make_recipes(table, models)
    target, classes = encoded(table, task)
    rows = sets == "train"
    few = {"forest": {"n_estimators": 6}}
    return {
        n: fit_model(
            trial(n, **few.get(n, {})),
            recipes[n],
            table.take(rows),
            target[rows],
            task=task,
            classes=classes,
            seed=(0, n),
        )
        for n in NAMES
    }


def study_of(task: str, status: str, n: int = 500) -> dict[str, Any]:
    table = numbers_table(n) if task == "regression" else classes_table(n)
    sets = np.array(["train", "train", "train", "calibration", "test"] * (n // 5))
    models = _fitted(table, sets, task)
    ids, name = table.frame["id"], table.named("target")
    target = table.frame[name].to_numpy()
    known = np.full(n, True) if status == "final" else sets != "test"
    frame = pd.DataFrame({"id": ids, "target": target, "unit": ids})[known].reset_index(drop=True)
    classes = tuple(np.unique(target)) if task == "classification" else ()
    every = [
        m.predict(table.take(known)).assign(model=m.name, set=sets[known]) for m in models.values()
    ]
    predictions = pd.concat(every, ignore_index=True)
    cv = predictions[predictions["set"] == "train"].drop(columns="set").assign(fold=0)
    found = evaluate(
        predictions,
        cv,
        Truth(frame, classes),
        study="s",
        task=task,
        provenance="simulated",
        status=status,
        metric="rmse" if task == "regression" else "f1_macro",
        margin=0.0,
        selected="forest",
        published=[],
        seed=0,
    )
    sealed = table.frame.copy()
    sealed[name] = None
    return {
        "table": Table(sealed, table.columns, "simulated"),
        "models": {n: models[n] for n in models_to_understand(found.metrics)},
        "split": pd.DataFrame({"id": ids, "set": sets}),
        "truth": frame,
        "cross_validated": cv,
        "predictions": predictions,
        "metrics": found.metrics,
        "columns": {"derived": {}},
        "plausible": [],
        "seed": 1,
    }
