"""Measured columns: imputed and scaled for those who need it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.modalities.modality import Degrade, Modality
from boxloop.modalities.table.degraders import fainter, missing, noisier_features
from boxloop.store import Table
from boxloop.study.vocabulary import STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What is learnt where the values stay as they are.
_NOTHING: dict[str, list[float]] = {"fill": [], "centre": [], "scale": []}


class TableModality(Modality):
    """The columns that models may use; *prepare* says which, for each model."""

    @property
    def degraders(self) -> Mapping[str, Degrade]:
        """More noise, fainter sources, values that are missing."""
        return {"noise": noisier_features, "fainter": fainter, "missing": missing}

    def learn(self, recipe: Mapping[str, Any], table: Table) -> dict[str, Any]:
        """Learn which indicators vary, and where the model needs it fill, centre and scale."""
        of_columns = _learn_table(recipe, table) if recipe["impute"] else _NOTHING
        return {"indicators": _varying(recipe["indicators"], table), **of_columns}

    def transform(
        self, recipe: Mapping[str, Any], learnt: Mapping[str, Any], table: Table
    ) -> "NDArray[np.float32]":
        """Return (rows, columns and indicators)."""
        values = _values(recipe, table)
        if recipe["impute"]:
            values = np.where(np.isfinite(values), values, np.asarray(learnt["fill"]))
            values = (values - np.asarray(learnt["centre"])) / np.asarray(learnt["scale"])
        flags = [(table.column(n) != 0).astype(float) for n in learnt["indicators"]]
        return np.column_stack([values, *flags]).astype(np.float32)


def _varying(indicators: list[str], table: Table) -> list[str]:
    flags = {name: table.column(name) != 0 for name in indicators}
    return [name for name, flag in flags.items() if flag.any() and not flag.all()]


def _learn_table(part: Mapping[str, Any], table: Table) -> dict[str, list[float]]:
    raw = _values(part, table)
    with np.errstate(invalid="ignore"):
        finite = np.isfinite(raw)
        fill = [
            float(np.median(c[f])) if f.any() else 0.0 for c, f in zip(raw.T, finite.T, strict=True)
        ]
    full = np.where(finite, raw, np.asarray(fill))
    scale = full.std(axis=0)
    return {
        "fill": fill,
        "centre": full.mean(axis=0).tolist(),
        "scale": np.where(scale > 0, scale, 1.0).tolist(),
    }


def _values(part: Mapping[str, Any], table: Table) -> "NDArray[np.float64]":
    """Values of the columns, (rows, columns); a non-detection takes its limit, if known."""
    out = np.empty((len(table), len(part["columns"])))
    for i, name in enumerate(part["columns"]):
        column = table.column(name).astype(float)
        limit, state = f"{name}__limit", f"{name}__state"
        if part["impute"] and limit in table.frame and state in table.frame:
            censored = table.column(state) == STATES["not_detected"]
            column = np.where(censored, table.column(limit).astype(float), column)
        out[:, i] = column
    return out
