"""Models written down as formulas, and tables for them: what tests of the understanding rest on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from boxloop.evaluate.held_out import HeldOut
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
