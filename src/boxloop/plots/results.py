"""Figures of the results: prediction against truth, by number or by class."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from boxloop.plots.style import (
    BLUE,
    INK,
    SKY,
    VERMILION,
    Drawing,
    canvas,
    captioned,
    cells,
    steps,
)
from boxloop.plots.words import SPLIT_LABELS, axis_label, plain_label


def prediction(details: Mapping[str, Any], name: str, unit: str, provenance: str) -> Drawing | None:
    """Draw prediction against truth as a 2-d histogram, with the residuals beside it.

    Parameters
    ----------
    details : mapping
        evaluate/details.json of a regression.
    name, unit : str
        Of the target.
    provenance : str
    """
    scatter, residuals = details.get("scatter"), details.get("residuals")
    if not scatter or not residuals:
        return None
    x, y = np.asarray(scatter["edges_x"], float), np.asarray(scatter["edges_y"], float)
    x, y, counts = _coarser(x, y, np.asarray(scatter["counts"], dtype=float))
    figure, axes = canvas("page", 2.75, provenance, 1, 2, width_ratios=[1.25, 1])
    left, right = axes[0]
    shades = cells(left, x, y, counts)
    ends = [max(x[0], y[0]), min(x[-1], y[-1])]
    left.plot(ends, ends, color=VERMILION, lw=0.8)
    left.set_xlabel(axis_label(f"true {name}", unit))
    left.set_ylabel(axis_label(f"predicted {name}", unit))
    bar = figure.colorbar(shades, ax=left, aspect=25, pad=0.02)
    bar.set_label("objects")
    bar.outline.set_linewidth(0.5)
    steps(right, residuals["edges"], residuals["counts"], fill=True, color=SKY, alpha=0.75, lw=0)
    steps(right, residuals["edges"], residuals["counts"], color=BLUE, lw=0.9)
    right.axvline(0, color=VERMILION, lw=0.8)
    right.set_yscale("symlog", linthresh=10)
    right.set_ylim(bottom=0)
    right.set_xlim(residuals["edges"][0], residuals["edges"][-1])
    right.set_xlabel(axis_label(residuals.get("name", "prediction minus truth"), unit))
    right.set_ylabel("objects")
    rows = [
        {"truth": (x[i] + x[i + 1]) / 2, "prediction": (y[j] + y[j + 1]) / 2, "count": n}
        for (i, j), n in np.ndenumerate(counts)
        if n
    ]
    split = SPLIT_LABELS.get(str(details.get("split")), "")
    return Drawing(
        "prediction",
        "Prediction against truth",
        captioned(
            f"The selected model on the {split}. Left: prediction against truth, with the line of "
            "equality. Right: the residuals; the vertical axis is logarithmic but for the lowest "
            "counts, so that outliers show.",
            provenance,
        ),
        ("evaluate/details.json",),
        provenance,
        "page",
        pd.DataFrame(rows),
        figure,
    )


def _coarser(x: Any, y: Any, counts: Any) -> tuple[Any, Any, Any]:
    """Join neighbouring cells until a side has at most forty: small files, the same picture."""
    while len(x) > 41 and len(x) % 2 and len(y) % 2:
        counts = counts[::2] + counts[1::2]
        counts = counts[:, ::2] + counts[:, 1::2]
        x, y = x[::2], y[::2]
    return x, y, counts


def confusion(details: Mapping[str, Any], provenance: str) -> Drawing | None:
    """Draw the confusion matrix: objects, coloured by the share of their true class."""
    content = details.get("confusion")
    if not content:
        return None
    classes = [str(c) for c in content["classes"]]
    matrix = np.asarray(content["matrix"], dtype=float)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    n = len(classes)
    width: Any = "column" if n <= 10 else "page"
    figure, axes = canvas(width, 2.7 if n <= 6 else 3.1, provenance)
    panel = axes[0, 0]
    edges = np.arange(n + 1) - 0.5
    from matplotlib import colormaps

    # Few enough colours that the colour bar stays vector.
    shades = colormaps["Blues"].resampled(40)
    mesh = panel.pcolormesh(edges, edges, share, cmap=shades, vmin=0, vmax=1, ec="face", lw=0.3)
    panel.invert_yaxis()
    turned = 0 if sum(map(len, classes)) < 30 else 90
    panel.set_xticks(range(n), [plain_label(c) for c in classes], rotation=turned)
    panel.set_yticks(range(n), [plain_label(c) for c in classes])
    panel.tick_params(length=0)
    panel.set_xlabel("predicted class")
    panel.set_ylabel("true class")
    if n <= 15:
        for i, j in np.ndindex(n, n):
            ink = "white" if share[i, j] > 0.55 else INK
            text = f"{matrix[i, j]:,.0f}"
            size = 7 if n <= 6 else 5
            panel.text(j, i, text, ha="center", va="center", size=size, color=ink)
    bar = figure.colorbar(mesh, ax=panel, shrink=0.85, aspect=25, pad=0.02)
    bar.set_label("share of the true class")
    bar.outline.set_linewidth(0.5)
    rows = [
        {"truth": classes[i], "prediction": classes[j], "count": matrix[i, j], "share": share[i, j]}
        for i, j in np.ndindex(n, n)
    ]
    split = SPLIT_LABELS.get(str(details.get("split")), "")
    return Drawing(
        "confusion",
        "Confusion matrix",
        captioned(
            f"The selected model on the {split}: true class by row, predicted class by column, "
            "number of objects in each cell.",
            provenance,
        ),
        ("evaluate/details.json",),
        provenance,
        width,
        pd.DataFrame(rows),
        figure,
    )
