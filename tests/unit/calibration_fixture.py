"""Predictions of made-up models whose calibration is known, as the files of a study hold them."""

from typing import Any

import numpy as np
import pandas as pd

from boxloop.metrics import Mixture

CLASSES = ("GALAXY", "QSO", "STAR")
RULES: dict[str, Any] = {
    "selection": {"models": {}},
    "recalibrate": "none",
    "conformal": 0.9,
    "seed": 0,
}
#: search/selected.json of a model `honest` that was trained with balanced classes.
BALANCED = {"models": {"honest": {"hyperparameters": {"class_weight": "balanced"}}}}


def softmax(logits: Any) -> Any:
    share = np.exp(logits - logits.max(axis=1, keepdims=True))
    return share / share.sum(axis=1, keepdims=True)


def draw_classes(rng: Any, n: int, k: int = 3, spread: float = 1.5) -> tuple[Any, Any]:
    """Return probabilities (n, k), and classes drawn from them: a calibrated model."""
    probability = softmax(rng.normal(0, spread, (n, k)) + np.linspace(0.5, -0.5, k))
    truth = (rng.random(n)[:, None] > np.cumsum(probability, axis=1)).sum(axis=1)
    return probability, np.minimum(truth, k - 1)


def sharpened(probability: Any, power: float) -> Any:
    return softmax(power * np.log(probability))


def classes_study(
    seed: int = 0,
    *,
    sizes: dict[str, int] | None = None,
    powers: dict[str, float] | None = None,
    status: str = "final",
    per_unit: int = 1,
) -> dict[str, Any]:
    """Return what calibration is computed from, for models that sharpen the true probabilities."""
    sizes = sizes or {"cv": 1500, "calibration": 600, "test": 1000}
    powers = powers or {"honest": 1.0}
    rng = np.random.default_rng(seed)
    n = sum(sizes.values())
    probability, truth = draw_classes(rng, n)
    sets = np.repeat(list(sizes), list(sizes.values()))
    ids = np.array([f"o{i:06d}" for i in range(n)], dtype=object)
    # A unit lies whole in its set.
    unit = [f"{s}-{i // per_unit}" for i, s in enumerate(sets)] if per_unit > 1 else ids
    known = pd.DataFrame({"id": ids, "target": np.array(CLASSES, object)[truth], "unit": unit})
    known["group:brightness"] = rng.normal(20, 1, n)
    parts = []
    for name, power in powers.items():
        p = sharpened(probability, power)
        frame = pd.DataFrame({"model": name, "id": ids, "set": sets})
        frame["prediction"] = np.array(CLASSES, object)[p.argmax(axis=1)]
        for c, label in enumerate(CLASSES):
            frame[f"p_{label}"] = p[:, c]
        parts.append(frame)
    return _study(pd.concat(parts, ignore_index=True), known, "classification", status, CLASSES)


def numbers_study(
    seed: int = 0,
    *,
    sizes: dict[str, int] | None = None,
    widths: dict[str, float] | None = None,
    status: str = "final",
    per_unit: int = 1,
    shared: float = 0.0,
) -> dict[str, Any]:
    """Return the arguments for models that state a wrong width of a known normal distribution.

    A width of 0 stands for a model that gives a number alone; `shared` is the part of the variance
    that the objects of a unit have in common.
    """
    sizes = sizes or {"cv": 1500, "calibration": 600, "test": 1000}
    widths = widths or {"honest": 1.0}
    rng = np.random.default_rng(seed)
    n = sum(sizes.values())
    sets = np.repeat(list(sizes), list(sizes.values()))
    ids = np.array([f"o{i:06d}" for i in range(n)], dtype=object)
    unit = np.array([f"{s}-{i // per_unit}" for i, s in enumerate(sets)], dtype=object)
    codes = pd.factorize(unit)[0]
    sigma, mean = rng.uniform(0.5, 2.0, n), rng.normal(0, 3, n)
    common = rng.normal(size=codes.max() + 1)[codes]
    noise = np.sqrt(shared) * common + np.sqrt(1 - shared) * rng.normal(size=n)
    known = pd.DataFrame({"id": ids, "target": mean + sigma * noise, "unit": unit})
    known["group:brightness"] = sigma
    parts = []
    for name, width in widths.items():
        frame = pd.DataFrame({"model": name, "id": ids, "set": sets, "prediction": mean})
        if width:
            frame = frame.assign(pdf_weight_0=1.0, pdf_mean_0=mean, pdf_sigma_0=width * sigma)
        parts.append(frame)
    return _study(pd.concat(parts, ignore_index=True), known, "regression", status, ())


def _study(
    every: pd.DataFrame, known: pd.DataFrame, task: str, status: str, classes: tuple[str, ...]
) -> dict[str, Any]:
    names = list(dict.fromkeys(every["model"]))
    if status == "draft":
        sealed = every.loc[every["set"] == "test", "id"]
        known = known[~known["id"].isin(sealed)].reset_index(drop=True)
        every = every[every["set"] != "test"]
    metrics = {
        "task": task,
        "status": status,
        "shown": "test" if status == "final" else "cv",
        "classes": list(classes),
        "models": {name: {} for name in names},
        "selected": names[0],
    }
    return {
        "predictions": every[every["set"] != "cv"],
        "cross_validated": every[every["set"] == "cv"].drop(columns="set").assign(fold=0),
        "truth": known,
        "metrics": metrics,
    }


def one_normal(mean: Any, sigma: Any) -> Mixture:
    shape = (len(mean), 1)
    return Mixture(np.ones(shape), np.reshape(mean, shape), np.reshape(sigma, shape))
