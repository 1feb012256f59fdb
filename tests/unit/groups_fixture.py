"""Made-up predictions with groups, fair ones and one that a model serves badly."""

from typing import Any

import numpy as np
import pandas as pd
from computed import computed

from boxloop.analyses.groups.compute import compute

CLASSES = ("A", "B", "C")


def made(
    n: int = 1500,
    seed: int = 0,
    *,
    task: str = "classification",
    metric: str = "accuracy",
    planted: float = 0.0,
    units: int | None = None,
    models: tuple[str, ...] = ("good", "other"),
) -> dict[str, Any]:
    """Return what groups are computed from but for the groupings.

    `planted` is how much more often objects of the field c are put into a wrong class, or by how
    many times their errors are larger.
    """
    rng = np.random.default_rng(seed)
    truth = pd.DataFrame({"id": [f"o{i:06d}" for i in range(n)]})
    code = rng.integers(3, size=n)
    number = rng.gamma(3, 0.2, n)
    field = rng.choice(list("abcde"), n)
    truth["target"] = np.array(CLASSES, object)[code] if task == "classification" else number
    truth["unit"] = truth["id"] if units is None else rng.integers(units, size=n)
    truth["group:mag"] = rng.normal(20, 1, n)
    truth["group:field"] = field
    truth["group:flag"] = rng.random(n) < 0.5
    truth["group:number"] = rng.integers(3, size=n)
    truth["group:class"] = truth["target"]
    truth["sky:ra"] = rng.uniform(-20, 30, n) % 360
    truth["sky:dec"] = rng.uniform(-10, 10, n)
    frames = []
    for name in models:
        frame = pd.DataFrame({"model": name, "id": truth["id"], "set": "test"})
        if task == "classification":
            wrong = rng.random(n) < 0.1 + planted * (field == "c")
            said = np.where(wrong, (code + rng.integers(1, 3, n)) % 3, code)
            frame["prediction"] = np.array(CLASSES, object)[said]
            chance = rng.dirichlet(np.ones(3), n) * 0.5 + 0.5 * np.eye(3)[said]
            frame[[f"p_{c}" for c in CLASSES]] = chance
        else:
            width = 0.05 * (1 + planted * (field == "c"))
            frame["prediction"] = number + rng.normal(0, 1, n) * width * (1 + number)
        frames.append(frame)
    predictions = pd.concat(frames, ignore_index=True)
    metrics = {
        "task": task,
        "metric": metric,
        "selected": models[0],
        "shown": "test",
        "classes": list(CLASSES) if task == "classification" else [],
        "models": {name: {} for name in models},
    }
    return {
        "predictions": predictions,
        "cross_validated": predictions.iloc[:0],
        "truth": truth,
        "metrics": metrics,
        "margin": 0.01,
        "seed": 0,
    }


def looked_at(
    about: dict[str, Any], *groups: str | list[str], protected: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the content of evaluate/groups.json."""
    return computed(compute, **about, groups=list(groups), protected=list(protected))


def grouping(found: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one grouping by its name."""
    return next(g for g in found["groupings"] if g["name"] == name)


def row(found: dict[str, Any], name: str, label: str) -> dict[str, Any]:
    """Return one group."""
    return next(r for r in grouping(found, name)["groups"] if r["label"] == label)
