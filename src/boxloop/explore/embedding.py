"""The objects in two dimensions: principal components, and UMAP, which keeps neighbours."""

import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.explore.describe import numbers, sample_rows
from boxloop.explore.outliers import robustly_scaled
from boxloop.store import Table
from boxloop.study.seeds import integer_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Rows that are drawn for each, at the most.
PCA_ROWS, UMAP_ROWS = 5_000, 3_000
#: Scaled values are cut there: a single wild value would make a component of its own.
CUT = 10.0
#: Objects that UMAP needs: neighbourhoods of 15 among fewer say little, and it takes seconds to
#: compile itself.
FEWEST = 300


def embed(
    table: Table, split: pd.DataFrame | None = None, *, task: str, seed: int
) -> dict[str, Any]:
    """Place the training objects (all, in an exploration) in two dimensions by their features.

    Features are scaled by median and quartiles; missing values count as medians.

    Parameters
    ----------
    table : Table
        The labelled objects, or all of an exploration.
    split : pandas.DataFrame, optional
        ``id, set``; only rows of the set ``train`` are looked at. None: all rows.
    task : str
        classification, regression or exploration.
    seed : int
        The study's seed.

    Returns
    -------
    dict
        Content of ``explore/embedding.json``.
    """
    rows = _training(table, split)
    drawn = rows[sample_rows(len(rows), PCA_ROWS, seed, "embedding")]
    columns = [n for n in table.of_role("feature", "derived") if n in table.frame]
    raw = {n: numbers(table, n)[drawn] for n in columns}
    scaled = {n: s for n, v in raw.items() if (s := robustly_scaled(v)) is not None}
    content: dict[str, Any] = {
        "rows": len(drawn),
        "rows_of": len(rows),
        "columns": list(scaled),
        "left_out": [n for n in columns if n not in scaled],
        "scaled": "by median and interquartile range; missing values count as medians",
        "imputed": {n: int((~np.isfinite(raw[n])).sum()) for n in scaled},
        "labels": _labels(table, drawn, task),
    }
    if len(scaled) < 2 or len(drawn) < 3:
        reason = "needs at least two features that vary, and three objects"
        return {**content, "pca": {"reason": reason}, "umap": {"reason": reason}}
    values = np.clip(np.nan_to_num(np.column_stack(list(scaled.values()))), -CUT, CUT)
    return {**content, "pca": _pca(values, list(scaled)), "umap": _umap(values, content, seed)}


def _training(table: Table, split: pd.DataFrame | None) -> "NDArray[np.intp]":
    if split is None:
        return np.arange(len(table))
    training = split.loc[split["set"] == "train", "id"]
    ids = table.frame[table.named("id") or "id"]
    return np.flatnonzero(ids.isin(training).to_numpy())


def _labels(table: Table, rows: "NDArray[np.intp]", task: str) -> list[Any] | None:
    name = table.named("target")
    if name is None or task == "exploration":
        return None
    if task == "classification":
        return [str(v) for v in table.column(name)[rows]]
    return [float(v) if np.isfinite(v) else None for v in numbers(table, name)[rows]]


def _pca(values: "Floats", names: list[str]) -> dict[str, Any]:
    """Return the first two principal components; each points where its largest loading does."""
    centred = values - values.mean(axis=0)
    _, strength, loadings = np.linalg.svd(centred, full_matrices=False)
    loadings = (
        loadings[:2] * np.sign(loadings[:2][[0, 1], np.abs(loadings[:2]).argmax(axis=1)])[:, None]
    )
    places = centred @ loadings.T
    variance = strength**2
    return {
        "x": places[:, 0].tolist(),
        "y": places[:, 1].tolist(),
        "explained": (variance[:2] / variance.sum()).tolist(),
        "loadings": {n: loadings[:, i].tolist() for i, n in enumerate(names)},
    }


def _umap(values: "Floats", content: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return UMAP's places of the first rows, evenly drawn, or why there are none."""
    if len(values) < FEWEST:
        return {"reason": f"needs {FEWEST} objects; there are {len(values)}"}
    try:
        # Its variant for TensorFlow would import that: seconds, for nothing that is used here.
        sys.modules.setdefault("umap.parametric_umap", None)  # type: ignore[arg-type]
        from umap import UMAP
    except ImportError as error:
        return {"reason": f"umap-learn is not installed here: {error}"}
    rows = sample_rows(len(values), UMAP_ROWS, seed, "umap")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = UMAP(
            n_neighbors=min(15, len(rows) - 1),
            random_state=integer_seed(seed, "explore", "umap"),
            n_jobs=1,
        )
        places = np.asarray(model.fit_transform(values[rows]), dtype=float)
    labels = content["labels"]
    return {
        "rows": len(rows),
        "x": places[:, 0].tolist(),
        "y": places[:, 1].tolist(),
        "labels": [labels[i] for i in rows] if labels else None,
    }
