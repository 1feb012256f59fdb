"""The objects in two dimensions: principal components, and a map that keeps neighbours."""

import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boxloop.analyses.exploration.describe import numbers
from boxloop.analyses.exploration.outliers import robustly_scaled
from boxloop.sampling.rows import sample_rows
from boxloop.store import Table
from boxloop.study.seeds import integer_seed
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.explore import Components, DrawnObjects, Embedding, Neighbours

    Floats = NDArray[np.float64]
    Labels = list[str | float | None] | None

#: Rows that are drawn for each, at the most.
PCA_ROWS, MAP_ROWS = 5_000, 1_500
#: Scaled values are cut there: a single wild value would make a component of its own.
CUT = 10.0
#: About how many neighbours t-SNE keeps near an object; it looks at three times as many.
PERPLEXITY = 30
#: Objects that a map of neighbours needs: among fewer, t-SNE looks at more than a third of all.
FEWEST = 300


def embed(
    table: Table,
    split: pd.DataFrame | None = None,
    *,
    task: str,
    seed: int,
    method: str = "tsne",
) -> "Embedding":
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
    method : {"tsne", "umap"}
        What draws the map of neighbours; umap needs the extra of that name.

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
    content: DrawnObjects = {
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
        return {
            **content,
            "pca": {"reason": reason},
            "neighbours": {"method": METHODS[method], "reason": reason},
        }
    values = np.clip(np.nan_to_num(np.column_stack(list(scaled.values()))), -CUT, CUT)
    pca = _pca(values, list(scaled))
    start = np.column_stack([pca["x"], pca["y"]])
    return {
        **content,
        "pca": pca,
        "neighbours": _neighbours(values, start, content["labels"], method, seed),
    }


def _training(table: Table, split: pd.DataFrame | None) -> "NDArray[np.intp]":
    if split is None:
        return np.arange(len(table))
    training = split.loc[split["set"] == "train", "id"]
    ids = table.frame[table.id_name]
    return np.flatnonzero(ids.isin(training).to_numpy())


def _labels(table: Table, rows: "NDArray[np.intp]", task: str) -> "Labels":
    name = table.named("target")
    if name is None or not task_of(task).predicts:
        return None
    if task_of(task).has_classes:
        return [str(v) for v in table.column(name)[rows]]
    return [float(v) if np.isfinite(v) else None for v in numbers(table, name)[rows]]


def _pca(values: "Floats", names: list[str]) -> "Components":
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


def _neighbours(
    values: "Floats", start: "Floats", labels: "Labels", method: str, seed: int
) -> "Neighbours":
    """Return places that keep neighbours of some rows, evenly drawn, or why there are none."""
    if len(values) < FEWEST:
        reason = f"needs {FEWEST} objects; there are {len(values)}"
        return {"method": METHODS[method], "reason": reason}
    rows = sample_rows(len(values), MAP_ROWS, seed, method)
    places = _MAPS[method](values[rows], start[rows], integer_seed(seed, "explore", method))
    return {
        "method": METHODS[method],
        "rows": len(rows),
        "x": places[:, 0].tolist(),
        "y": places[:, 1].tolist(),
        "labels": [labels[i] for i in rows] if labels else None,
    }


def _tsne(values: "Floats", start: "Floats", seed: int) -> "Floats":
    """Place objects by t-SNE, from their principal components.

    References
    ----------
    van der Maaten & Hinton (2008), Journal of Machine Learning Research 9, 2579.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    model = TSNE(
        perplexity=PERPLEXITY,
        # Small, so that the components say where groups lie and not how far apart.
        init=(1e-4 * start / start[:, 0].std()).astype(np.float32),
        # Twice as fast as the defaults, and neighbours are kept as well (decision 0030).
        angle=0.8,
        max_iter=750,
        random_state=seed,
    )
    with threadpool_limits(1):  # sums of several threads would depend on their number
        return np.asarray(model.fit_transform(values), dtype=float)


def _umap(values: "Floats", start: "Floats", seed: int) -> "Floats":
    """Place objects by UMAP, which is an extra."""
    # Its variant for TensorFlow would import that: seconds, for nothing that is used here.
    sys.modules.setdefault("umap.parametric_umap", None)  # type: ignore[arg-type]
    from umap import UMAP

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = UMAP(n_neighbors=15, random_state=seed, n_jobs=1)
        return np.asarray(model.fit_transform(values), dtype=float)


#: What draws the map of neighbours, and how it is called.
_MAPS: dict[str, Callable[["Floats", "Floats", int], "Floats"]] = {"tsne": _tsne, "umap": _umap}
METHODS = {"tsne": "t-SNE", "umap": "UMAP"}
