"""What the figures of the evaluation show: confusion or scatter, residuals, groups."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from boxloop.evaluate.honesty import honesty
from boxloop.evaluate.scores import Evaluation, gap
from boxloop.metrics import Judged, Resamples, scores
from boxloop.metrics.classification import confusion

#: Bins of a numeric column by which errors are broken down.
BINS = 4
#: A column of so many different values or fewer is taken as categories.
CATEGORIES = 10


def make_details(
    found: Evaluation, groups: list[str], openings: list[dict[str, Any]], *, seed: int
) -> dict[str, Any]:
    """Return the content of ``evaluate/details.json``.

    Parameters
    ----------
    found : Evaluation
    groups : list of str
        Columns of ``found.objects``.
    openings : list of dict
        Entries of the ledger; empty for a draft.
    """
    task = found.metrics["task"]
    selected = found.judged[found.metrics["selected"]]
    shape = _confusion(selected) if task == "classification" else _scatter(selected)
    return {
        "split": found.shown,
        "model": found.metrics["selected"],
        **shape,
        **honesty(found, seed=seed),
        "groups": {g: _group(found, g, task, seed) for g in groups},
        "openings": openings,
        "generalisation_gap": gap(found.metrics),
    }


def _confusion(judged: Judged) -> dict[str, Any]:
    k = len(judged.classes)
    matrix = confusion(judged.truth, judged.prediction, np.ones(len(judged.truth)), k)
    return {"confusion": {"classes": list(judged.classes), "matrix": matrix.astype(int)}}


def _scatter(judged: Judged) -> dict[str, Any]:
    truth, prediction = judged.truth, judged.prediction
    low, high = np.quantile(np.concatenate([truth, prediction]), [0.001, 0.999])
    edges = np.linspace(low, high, 61) if high > low else np.linspace(low - 1, low + 1, 61)
    counts, _, _ = np.histogram2d(truth, prediction, bins=[edges, edges])
    residuals = prediction - truth
    limit = float(np.quantile(np.abs(residuals), 0.99)) or 1.0
    bins = np.linspace(-limit, limit, 61)
    return {
        "scatter": {"edges_x": edges, "edges_y": edges, "counts": counts.astype(int)},
        "residuals": {"edges": bins, "counts": np.histogram(residuals, bins)[0]},
    }


def _group(found: Evaluation, column: str, task: str, seed: int) -> list[dict[str, Any]]:
    rows = []
    for label, low, high, inside in _bins(found.objects[f"group:{column}"]):
        objects = found.objects[inside]
        part = found.judged[found.metrics["selected"]].take(inside)
        resamples = Resamples(objects["unit"].to_numpy(), seed, "groups", column, label)
        metric = found.metrics["metric"]
        every, _ = scores({"": part}, resamples, task, names=[metric])
        score = every[""][metric]
        rows.append(
            {
                "label": label,
                "low": low,
                "high": high,
                "n_units": resamples.n_units,
                "metric": {"value": score.value, "low": score.low, "high": score.high},
            }
        )
    return rows


def _bins(values: pd.Series) -> list[tuple[str, float | None, float | None, Any]]:
    """Cut a column into quartiles, or into its values where they are few or text."""
    if not pd.api.types.is_numeric_dtype(values) or values.nunique() <= CATEGORIES:
        labels = values.astype(object).where(values.notna(), "missing").astype(str)
        common = labels.value_counts().index[:CATEGORIES]
        return [(str(v), None, None, (labels == v).to_numpy()) for v in sorted(common)]
    number = values.to_numpy(float)
    edges = np.unique(np.nanquantile(number, np.linspace(0, 1, BINS + 1)))
    out: list[tuple[str, float | None, float | None, Any]] = []
    for i, (low, high) in enumerate(pairwise(edges)):
        last = i == len(edges) - 2
        inside = (number >= low) & ((number <= high) if last else (number < high))
        out.append((f"{low:.4g} to {high:.4g}", float(low), float(high), inside))
    if np.isnan(number).any():
        out.append(("missing", None, None, np.isnan(number)))
    return out
