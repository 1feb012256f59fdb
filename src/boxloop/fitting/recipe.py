"""Recipes: from a table to the arrays a model sees. Everything learnt is learnt from fitting rows.

An unfitted recipe is plain data written by *prepare*; `fit_recipe` learns means, spreads, medians,
bands and lengths from the rows it is given, inside the fold; the fitted recipe travels with the
model.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.prepare import LightCurveSteps, Recipe, TableSteps
    from boxloop.results.train import LearntCurves, LearntRecipe

    Inputs = dict[str, NDArray[np.float32]]

#: Codes of the column ``<name>__state`` (boxloop.study.vocabulary.STATES).
_NOT_DETECTED = 2


def _no_curves() -> "LearntCurves":
    return {}


@dataclass(frozen=True)
class FittedRecipe:
    """What a recipe learnt from the fitting rows.

    Attributes
    ----------
    unfitted : Recipe
        The recipe as *prepare* wrote it.
    indicators : list of str
        Of the candidates those that vary among the fitting rows: a constant one would keep the
        weights that a network began with.
    centre, scale, fill : list of float
        For each column of the table; empty where the recipe keeps the values as they are.
    image_centre, image_scale : list of float
        For each channel.
    light_curve : dict
        ``length``, ``bands``, ``centre``, ``scale``, ``step``.
    """

    unfitted: "Recipe"
    indicators: list[str] = field(default_factory=list)
    centre: list[float] = field(default_factory=list)
    scale: list[float] = field(default_factory=list)
    fill: list[float] = field(default_factory=list)
    image_centre: list[float] = field(default_factory=list)
    image_scale: list[float] = field(default_factory=list)
    light_curve: "LearntCurves" = field(default_factory=_no_curves)

    @property
    def columns(self) -> list[str]:
        """Names of the columns of the ``table`` input, indicators included."""
        return [*self.unfitted.get("table", {}).get("columns", []), *self.indicators]

    def transform(self, table: Table) -> "Inputs":
        """Return the arrays of all inputs, float32, first axis the rows of the table."""
        makers = {"table": _table, "image": _image, "light_curve": _light_curve}
        inputs = {name: makers[name](self, table) for name in self.unfitted["inputs"]}
        return inputs or {"table": np.zeros((len(table), 1), np.float32)}

    def as_dict(self) -> "LearntRecipe":
        """Return plain data for JSON; `from_dict` is its inverse."""
        return {
            "unfitted": self.unfitted,
            "indicators": self.indicators,
            "centre": self.centre,
            "scale": self.scale,
            "fill": self.fill,
            "image_centre": self.image_centre,
            "image_scale": self.image_scale,
            "light_curve": self.light_curve,
        }

    @classmethod
    def from_dict(cls, content: "LearntRecipe") -> "FittedRecipe":
        """Rebuild a fitted recipe from plain data."""
        return cls(**content)


def fit_recipe(unfitted: "Recipe", table: Table) -> FittedRecipe:
    """Learn a recipe from the fitting rows.

    Parameters
    ----------
    unfitted : Recipe
        ``inputs`` and for each of them its steps, as in ``prepare/recipes.json``.
    table : Table
        The fitting rows only.
    """
    learnt: dict[str, Any] = {}
    inputs = unfitted["inputs"]
    if "table" in inputs:
        learnt["indicators"] = _varying(unfitted["table"]["indicators"], table)
    if "table" in inputs and unfitted["table"]["impute"]:
        learnt.update(_learn_table(unfitted["table"], table))
    if "image" in inputs:
        learnt.update(_learn_image(table))
    if "light_curve" in inputs:
        learnt["light_curve"] = _learn_light_curve(unfitted["light_curve"], table)
    return FittedRecipe(unfitted, **learnt)


def _varying(indicators: list[str], table: Table) -> list[str]:
    flags = {name: table.column(name) != 0 for name in indicators}
    return [name for name, flag in flags.items() if flag.any() and not flag.all()]


def _learn_table(part: "TableSteps", table: Table) -> dict[str, list[float]]:
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


def _values(part: "TableSteps", table: Table) -> "NDArray[np.float64]":
    """Values of the columns, (rows, columns); a non-detection takes its limit, if known."""
    out = np.empty((len(table), len(part["columns"])))
    for i, name in enumerate(part["columns"]):
        column = table.column(name).astype(float)
        limit, state = f"{name}__limit", f"{name}__state"
        if part["impute"] and limit in table.frame and state in table.frame:
            censored = table.column(state) == _NOT_DETECTED
            column = np.where(censored, table.column(limit).astype(float), column)
        out[:, i] = column
    return out


def _table(recipe: FittedRecipe, table: Table) -> "NDArray[np.float32]":
    part = recipe.unfitted["table"]
    values = _values(part, table)
    if part["impute"]:
        values = np.where(np.isfinite(values), values, np.asarray(recipe.fill))
        values = (values - np.asarray(recipe.centre)) / np.asarray(recipe.scale)
    flags = [(table.column(n) != 0).astype(float) for n in recipe.indicators]
    return np.column_stack([values, *flags]).astype(np.float32)


def _learn_image(table: Table) -> dict[str, list[float]]:
    images = table.arrays["image"]
    count, total, squares = 0, 0.0, 0.0
    for start in range(0, len(images), 256):
        block = np.asarray(images[start : start + 256], dtype=np.float64)
        block = np.where(np.isfinite(block), block, 0.0)
        count += block[..., 0].size
        total = total + block.sum(axis=(0, 1, 2))
        squares = squares + (block**2).sum(axis=(0, 1, 2))
    centre = total / count
    scale = np.sqrt(np.maximum(squares / count - centre**2, 0))
    return {
        "image_centre": np.atleast_1d(centre).tolist(),
        "image_scale": np.atleast_1d(np.where(scale > 0, scale, 1.0)).tolist(),
    }


def _image(recipe: FittedRecipe, table: Table) -> "NDArray[np.float32]":
    images = np.asarray(table.arrays["image"], dtype=np.float32)
    images = np.where(np.isfinite(images), images, 0)
    centre = np.asarray(recipe.image_centre)
    return ((images - centre) / np.asarray(recipe.image_scale)).astype(np.float32)


def _learn_light_curve(part: "LightCurveSteps", table: Table) -> "LearntCurves":
    values = np.concatenate([np.asarray(v, float) for v in table.column("light_curve.value")])
    steps = [np.diff(np.asarray(t, float)) for t in table.column("light_curve.time")]
    step = np.concatenate(steps) if steps else np.array([])
    spread = float(np.nanstd(values)) if len(values) else 0.0
    bands: list[str] = []
    if part["bands"]:
        bands = sorted({str(b) for row in table.column("light_curve.band") for b in row})
    return {
        "length": max((len(v) for v in table.column("light_curve.value")), default=1),
        "bands": bands,
        "errors": part["errors"],
        "centre": float(np.nanmean(values)) if len(values) else 0.0,
        "scale": spread or 1.0,
        "step": (float(np.median(step)) if len(step) else 0.0) or 1.0,
    }


def _light_curve(recipe: FittedRecipe, table: Table) -> "NDArray[np.float32]":
    """Pad light curves to one length: step, value, error, bands, mask; zeros after the end.

    A curve longer than any of the fitting rows keeps its first epochs.
    """
    learnt = recipe.light_curve
    bands, errors = learnt["bands"], learnt["errors"]
    width = 2 + errors + len(bands) + 1
    out = np.zeros((len(table), learnt["length"], width), np.float32)
    for i in range(len(table)):
        time = np.asarray(table.frame["light_curve.time"].iat[i], float)[: learnt["length"]]
        n = len(time)
        value = np.asarray(table.frame["light_curve.value"].iat[i], float)[:n]
        seen = np.isfinite(value)
        out[i, :n, 0] = np.diff(time, prepend=time[:1]) / learnt["step"]
        out[i, :n, 1] = np.where(seen, (value - learnt["centre"]) / learnt["scale"], 0)
        if errors:
            error = np.asarray(table.frame["light_curve.error"].iat[i], float)[:n]
            out[i, :n, 2] = np.where(np.isfinite(error), error / learnt["scale"], 0)
        if bands:
            band = np.asarray(table.frame["light_curve.band"].iat[i])[:n].astype(str)
            for j, name in enumerate(bands):
                out[i, :n, 2 + errors + j] = band == name
        out[i, :n, -1] = seen
    return out
