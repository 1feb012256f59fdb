"""Tables, models and results for the tests of degraders: simulated, with known relations."""

from typing import Any

import numpy as np
import pandas as pd
from computed import computed

from boxloop.analyses.degraders.compute import compute
from boxloop.features import derive_blindly
from boxloop.fitting import Fitted
from boxloop.fitting.recipe import fit_recipe
from boxloop.store import Column, Table

#: The section ``columns.derived`` of `bands`.
DERIVED = {"colours": {"function": "colours", "bands": ["g_mag", "r_mag"]}}


def bands(n: int = 400, seed: int = 0, error: float = 0.05) -> Table:
    """Two magnitudes with errors, limits and states, their colour, a size without error, a target.

    The errors of g are one column, those of r are two; the error of g is offered to models.
    """
    rng = np.random.default_rng(seed)
    g, r, size = rng.normal(20, 1, n), rng.normal(19, 1, n), rng.normal(3, 2, n)
    lost = rng.random(n) < 0.05
    values: dict[str, Any] = {
        "id": [f"o{i:05d}" for i in rng.permutation(n)],
        "g_mag": np.where(lost, np.nan, g),
        "g_mag__state": np.where(lost, 1, 0).astype(np.int8),
        "g_mag__limit": np.full(n, 21.5),
        "g_mag_err": np.where(lost, np.nan, error),
        "g_mag_err__state": np.where(lost, 1, 0).astype(np.int8),
        "r_mag": r,
        "r_mag__state": np.zeros(n, np.int8),
        "r_mag_err_low": np.full(n, error),
        "r_mag_err_high": np.full(n, 3 * error),
        "size": size,
        "size__state": np.zeros(n, np.int8),
        "dust": rng.uniform(0, 0.3, n),
        "dust__state": np.zeros(n, np.int8),
        "field": rng.integers(0, 40, n),
        "z": g - r + 0.1 * size + rng.normal(0, 0.1, n),
    }
    roles = {"id": "id", "field": "group", "z": "target", "g_mag_err": "feature_error"}
    roles |= {name: "error" for name in ("r_mag_err_low", "r_mag_err_high")}
    roles |= {"g_mag__limit": "limit"}
    columns = {
        name: Column(
            roles.get(name, "state" if name.endswith("__state") else "feature"),
            "mag" if "_mag" in name or name == "dust" else "",
        )
        for name in values
    }
    return derive_blindly(Table(pd.DataFrame(values), columns, "simulated"), DERIVED)


def curves(n: int = 60, seed: int = 0) -> Table:
    """Light curves of 2 to 20 epochs, with errors and bands; the class is what falls."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(2, 21, n)
    falls = rng.random(n) < 0.5
    time = [np.sort(rng.uniform(0, 10, k)) for k in lengths]
    value = [15 + f * t + rng.normal(0, 0.05, len(t)) for f, t in zip(falls, time, strict=True)]
    frame = pd.DataFrame(
        {
            "id": [f"c{i:04d}" for i in rng.permutation(n)],
            "light_curve.time": pd.Series(time, dtype=object),
            "light_curve.value": pd.Series(value, dtype=object),
            "light_curve.error": pd.Series([np.full(k, 0.05) for k in lengths], dtype=object),
            "light_curve.band": pd.Series([np.array(["g", "r"] * k)[:k] for k in lengths]),
            "kind": np.where(falls, "falls", "stays"),
        }
    )
    columns = {c: Column("light_curve") for c in frame if c.startswith("light_curve")}
    return Table(frame, {**columns, "id": Column("id"), "kind": Column("target")}, "simulated")


def stamps(n: int = 40, seed: int = 0, side: int = 15, masked: bool = False) -> Table:
    """Images of one point-like source in the middle, on white noise; the target is its light."""
    rng = np.random.default_rng(seed)
    light = rng.uniform(5, 10, n)
    y, x = np.mgrid[:side, :side] - side // 2
    images = light[:, None, None] * np.exp(-(x**2 + y**2) / (2 * 1.5**2))
    images = (images + rng.normal(0, 0.05, images.shape))[..., None]
    if masked:
        images[:, 2, 3] = np.nan
    frame = pd.DataFrame({"id": [f"i{i:04d}" for i in rng.permutation(n)], "light": light})
    columns = {"id": Column("id"), "light": Column("target")}
    return Table(frame, columns, "simulated", {"image": images.astype(np.float32)})


class Weights:
    """A linear model with known weights, as a scikit-learn estimator predicts."""

    def __init__(self, weights: list[float], constant: float = 0.0) -> None:
        self.weights, self.constant = np.array(weights), constant

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        return np.nan_to_num(matrix) @ self.weights + self.constant


class Brightness:
    """The largest pixel of an image."""

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        return matrix.max(axis=1)


def fitted(
    name: str, model: Any, table: Table, columns: list[str] | None = None, kind: str = ""
) -> Fitted:
    """A model that sees some columns of the table as they are, or none, or the images."""
    if columns is None:
        unfitted: dict[str, Any] = {"inputs": ["image"] if kind != "dummy" else []}
        images = {"image": {"scale": "channel"}} if kind != "dummy" else {}
        recipe = fit_recipe({**unfitted, **images}, table)
        if images:
            recipe.learnt["image"].update(centre=[0.0], scale=[1.0])
    else:
        part = {"columns": columns, "indicators": [], "impute": False}
        recipe = fit_recipe({"inputs": ["table"], "table": part}, table)
    about = {"kind": kind or name, "model": name}
    return Fitted(name, model, recipe, (), (0.0, 1.0), about)


def degrade(
    models: list[Fitted],
    table: Table,
    *,
    target: str = "z",
    unit: str | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Degrade with every object in the test set of a final study."""
    known = table.frame[target].to_numpy()
    truth = pd.DataFrame({"id": table.column("id"), "target": known})
    truth["unit"] = table.column(unit or "id")
    about: dict[str, Any] = {
        "metric": "rmse",
        "task": "regression",
        "selected": models[-1].name,
        "shown": "test",
        "classes": [],
        "candidates": [m.name for m in models],
        **changes.pop("metrics", {}),
    }
    options: dict[str, Any] = {"degraders": None, "derived": {}, "margin": 0.0, "seed": 1}
    split = changes.pop("split", pd.DataFrame({"id": truth["id"], "set": "test"}))
    truth = changes.pop("truth", truth)
    parts = {"table": table, "split": split, "truth": truth, "metrics": about}
    parts["models"] = {model.name: model for model in models}
    return computed(compute, **parts, **{**options, **changes})


ALL = ["g_mag", "r_mag", "size"]


def of(found: dict, name: str) -> dict:
    return next(about for about in found["degraders"] if about["name"] == name)


def values(found: dict, name: str, model: str) -> np.ndarray:
    return np.array([row["value"] for row in of(found, name)["scores"][model]])


def simple_and_good(table: Table) -> list:
    """A dummy, a model of the size alone, and the law of the table itself."""
    mean = float(table.frame["z"].mean())
    return [
        fitted("dummy", Weights([0.0], mean), table, kind="dummy"),
        fitted("size_only", Weights([0.1], mean - 0.3), table, ["size"]),
        fitted("law", Weights([1.0, 0.1]), table, ["g_r", "size"]),
    ]


def fragile(table: Table, weight: float = 12.0) -> list:
    """A robust model, and one whose good score hangs on a difference of two precise columns.

    Both magnitudes are the same but for 0.1 of the target; errors of 0.005 do no harm, twice as
    much noise does.
    """
    rng = np.random.default_rng(5)
    frame = table.frame.copy()
    frame["z"] = rng.normal(0, 1, len(frame))
    frame["g_mag"] = frame["r_mag"] + frame["z"] / weight
    frame["g_mag__state"] = np.int8(0)
    frame["size"] = frame["z"] + rng.normal(0, 0.25, len(frame))
    for name in ("g_mag_err", "r_mag_err_low", "r_mag_err_high"):
        frame[name] = 0.3 / weight
    made = Table(frame, table.columns, "simulated")
    return [
        made,
        fitted("dummy", Weights([0.0]), made, kind="dummy"),
        fitted("robust", Weights([0.0, 0.0, 1.0]), made, ALL),
        fitted("fragile", Weights([weight, -weight, 0.0]), made, ALL),
    ]
