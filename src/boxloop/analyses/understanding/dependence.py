"""Partial dependence: how predictions follow one feature while all else stays as it is.

References
----------
Friedman, J. H. (2001), Greedy function approximation: a gradient boosting machine, Ann. Statist.
29, 1189.
Goldstein, A., Kapelner, A., Bleich, J. & Pitkin, E. (2015), Peeking inside the black box, J. Comp.
Graph. Stat. 24, 44.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.features import derived_anew
from boxloop.modalities.registry import names_of
from boxloop.sampling import unit_hashes
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.fitting import Fitted
    from boxloop.results.understanding import Dependence, Dependences, FeatureDependence

    Floats = NDArray[np.float64]

#: Features shown, and the most that are tried for it.
SHOWN = 4
_TRIED = 8
#: Places along a feature, and objects moved along it.
PLACES = 20
OBJECTS = 500
#: The part of the training values that is walked along.
RANGE = (0.05, 0.95)
#: Quantiles over the single objects.
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def dependences(
    model: "Fitted",
    table: Table,
    training: "NDArray[np.bool_]",
    features: Sequence[Sequence[str]],
    *,
    derived: Mapping[str, Mapping[str, Any]],
    seed: int,
    user_code: Sequence[str] = (),
) -> "Dependences":
    """Return the section ``dependence`` of ``evaluate/understanding.json``.

    Parameters
    ----------
    model : Fitted
    table : Table
        All labelled objects.
    training : ndarray of bool, shape (rows,)
        Of these some are moved along each feature.
    features : sequence of sequences of str
        Blocks of features, the most important first. Of each block the feature that moves the
        predictions most is shown; what places are left go to the others.
    derived : mapping
        The study's section ``columns.derived``.
    """
    about: Dependences = {
        "model": model.name,
        "objects": 0,
        "range": list(RANGE),
        "features": [],
        "reason": "",
    }
    names = [n for block in features for n in block][:_TRIED]
    if not names:
        return {**about, "reason": "the model is shown no feature of the table"}
    rows = np.flatnonzero(training)
    ids = table.ids[rows]
    drawn = np.argsort(unit_hashes(ids, seed, "dependence"), kind="stable")[:OBJECTS]
    objects = table.take(rows[np.sort(drawn)])
    if not len(objects):
        return {**about, "reason": "there is no training object"}
    if model.classes and not _gives_probabilities(model, objects):
        return {**about, "reason": "the model gives no probabilities, whose course could be shown"}
    found: dict[str, FeatureDependence] = {}
    for name in names:
        values = table.column(name)[rows].astype(float)
        grid = places(values)
        if len(grid) > 1:
            curves = individual(model, objects, name, grid, derived, user_code)
            found[name] = {
                "feature": name,
                "unit": table.columns[name].unit,
                **_described(values, grid, curves, model.classes),
            }
    if not found:
        return {**about, "reason": "no feature has two different values"}
    shown = _chosen(features, found)
    return {
        "model": model.name,
        "objects": len(objects),
        "range": list(RANGE),
        "features": [found[n] for n in shown],
        "quantiles": list(QUANTILES),
        "reason": "",
    }


def _gives_probabilities(model: "Fitted", objects: Table) -> bool:
    few = model.predict(objects.take(np.arange(min(2, len(objects)))))
    return bool(few[[f"p_{c}" for c in model.classes]].notna().all(axis=None))


def places(values: "Floats") -> "Floats":
    """Return the places along a feature: between two quantiles of its finite values.

    Where there are at most `PLACES` different values in between, they are the places.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return finite
    low, high = np.quantile(finite, RANGE)
    different = np.unique(finite[(finite >= low) & (finite <= high)])
    if len(different) <= PLACES:
        return different
    return np.linspace(low, high, PLACES)


def individual(
    model: "Fitted",
    objects: Table,
    feature: str,
    grid: "Floats",
    derived: Mapping[str, Mapping[str, Any]],
    user_code: Sequence[str] = (),
) -> "Floats":
    """Predict every object with every value of a feature.

    The feature counts as measured everywhere; derived columns are computed from the new values.

    Returns
    -------
    ndarray, shape (outputs, objects, places)
        One output, the predicted number, or the probability of each class.
    """
    # Images, light curves and the like are not copied along the feature.
    light = not names_of(objects)
    at_once = max(1, 10_000 // max(len(objects), 1)) if light else 1
    parts = []
    for start in range(0, len(grid), at_once):
        some = grid[start : start + at_once]
        rows = np.tile(np.arange(len(objects)), len(some))
        moved = objects.take(rows)
        frame = moved.frame
        frame[feature] = np.repeat(some, len(objects))
        if f"{feature}__state" in frame:
            frame[f"{feature}__state"] = np.zeros(len(frame), np.int8)
        predicted = model.predict(derived_anew(replace(moved, frame=frame), derived, user_code))
        outputs = [f"p_{c}" for c in model.classes] or ["prediction"]
        values = predicted[outputs].to_numpy(float).T
        parts.append(values.reshape(len(outputs), len(some), len(objects)))
    return np.concatenate(parts, axis=1).transpose(0, 2, 1)


def _described(
    values: "Floats", grid: "Floats", curves: "Floats", classes: Sequence[str]
) -> "Dependence":
    values = values[np.isfinite(values)]
    edges = np.linspace(grid[0], grid[-1], PLACES + 1)
    return {
        "grid": grid.tolist(),
        "curves": [
            {
                "class": classes[k] if classes else None,
                "mean": curve.mean(axis=0).tolist(),
                "quantiles": np.quantile(curve, QUANTILES, axis=0).tolist(),
            }
            for k, curve in enumerate(curves)
        ],
        "spread": float(np.ptp(curves.mean(axis=1), axis=1).max()),
        "density": {
            "edges": edges.tolist(),
            "counts": np.histogram(values, edges)[0].tolist(),
            "below": int((values < edges[0]).sum()),
            "above": int((values > edges[-1]).sum()),
        },
    }


def _chosen(
    features: Sequence[Sequence[str]], found: Mapping[str, "FeatureDependence"]
) -> list[str]:
    """Choose one feature of each block, then the others, by how far they move the predictions."""
    blocks = [sorted(set(b) & set(found), key=lambda n: -found[n]["spread"]) for b in features]
    first = [b[0] for b in blocks if b]
    others = sorted((n for b in blocks for n in b[1:]), key=lambda n: -found[n]["spread"])
    return [*first, *others][:SHOWN]
