"""Small tables for the unit tests: simulated, with known relations."""

import numpy as np
import pandas as pd

from boxloop.store import Column, Table


def numbers_table(n: int = 300, seed: int = 0, missing: float = 0.0) -> Table:
    """A regression: redshift from two magnitudes, with states, a field and text ids."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(20, 1, n), rng.normal(19, 1, n)
    gone = rng.random(n) < missing
    frame = pd.DataFrame(
        {
            "id": [f"g{i:05d}" for i in range(n)],
            "a": np.where(gone, np.nan, a),
            "a__state": gone.astype(np.int8) * 2,
            "b": b,
            "b__state": np.zeros(n, np.int8),
            "field": rng.integers(0, 12, n),
            "redshift": 0.5 + 0.1 * (a - b) + rng.normal(0, 0.02, n),
        }
    )
    columns = {
        "id": Column("id"),
        "a": Column("feature", "mag"),
        "a__state": Column("state"),
        "b": Column("feature", "mag"),
        "b__state": Column("state"),
        "field": Column("group"),
        "redshift": Column("target"),
    }
    return Table(frame, columns, "simulated")


def classes_table(n: int = 300, seed: int = 0) -> Table:
    """A classification of three classes, the third rare."""
    table = numbers_table(n, seed)
    frame = table.frame.drop(columns="redshift")
    score = frame["a"] - frame["b"] + np.random.default_rng(seed + 1).normal(0, 0.3, n)
    frame["class"] = np.select([score > 3, score > 1], ["QSO", "STAR"], "GALAXY")
    columns = {k: v for k, v in table.columns.items() if k != "redshift"}
    return Table(frame, {**columns, "class": Column("target")}, "simulated")


def trial(model: str, kind: str | None = None, **hyperparameters: object) -> dict:
    """A trial as the plan writes it, with the defaults of the model filled in."""
    from boxloop.study.known_models import MODELS

    kind = kind or model
    return {
        "id": f"{model}0",
        "model": model,
        "kind": kind,
        "function": None,
        "inputs": None,
        "hyperparameters": {**MODELS[kind].defaults, **hyperparameters},
        "purpose": "search",
    }


def resampled_table() -> Table:
    n = 20
    frame = pd.DataFrame(
        {
            "id": [f"o{i}" for i in range(n)],
            "a": np.arange(n, dtype=float),
            "a__state": np.zeros(n, np.int8),
            "a_err": np.full(n, 0.1),
            "total": np.arange(n, dtype=float),
            "total__state": np.zeros(n, np.int8),
            "z": np.full(n, 1000.0),
        }
    )
    columns = {
        "id": Column("id"),
        "a": Column("feature"),
        "a__state": Column("state"),
        "a_err": Column("error"),
        "total": Column("derived", made_by="own"),
        "total__state": Column("state", made_by="own"),
        "z": Column("target"),
    }
    return Table(frame, columns)
