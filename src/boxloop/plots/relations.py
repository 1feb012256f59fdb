"""The target against the features, for the training objects."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from boxloop.plots.style import (
    PALETTE,
    Drawing,
    Row,
    bins,
    canvas,
    captioned,
    cells,
    density,
    handles_of,
    steps,
)
from boxloop.plots.words import axis_label, plain_label
from boxloop.tasks import task_of


def relations(
    frame: pd.DataFrame,
    target_name: str,
    units: Mapping[str, str],
    ranked: Sequence[str],
    task: str,
    provenance: str,
) -> Drawing | None:
    """Draw the target against the features that follow it most closely.

    Parameters
    ----------
    frame : pandas.DataFrame
        Training objects only.
    target_name : str
    units : mapping of str to str
    ranked : sequence of str
        Features, the most telling first; at most six are drawn.
    task : str
    provenance : str
    """
    names = [n for n in ranked if n in frame and np.isfinite(frame[n]).sum() > 1][:6]
    if not names:
        return None
    across = len(names) if len(names) <= 4 else 3
    down = -(-len(names) // across)
    figure, axes = canvas("page", 0.35 + 1.65 * down, provenance, down, across)
    rows: list[Row] = []
    draw, finish = _LOOKS[task_of(task).kind_of_target]
    for panel, name in zip(axes.flat, names, strict=False):
        rows += draw(panel, frame, name, target_name)
        panel.set_xlabel(axis_label(name, units.get(name, "")))
    for panel in axes.flat[len(names) :]:
        panel.set_axis_off()
    caption = finish(figure, axes.flat[: len(names)], target_name, units.get(target_name, ""))
    return Drawing(
        "relations",
        "The target and the features",
        captioned(caption, provenance),
        ("data/table.parquet", "prepare/split.parquet"),
        provenance,
        "page",
        pd.DataFrame(rows),
        figure,
    )


def _density_panel(panel: Any, frame: pd.DataFrame, name: str, of: str) -> list[Row]:
    pair = frame[[name, of]].to_numpy(dtype=float)
    pair = pair[np.isfinite(pair).all(axis=1)]
    limits = [np.quantile(pair[:, i], [0.002, 0.998]) for i in (0, 1)]
    counts, x, y = np.histogram2d(pair[:, 0], pair[:, 1], bins=24, range=limits)
    cells(panel, x, y, counts)
    return [
        {"feature": name, "x": (x[i] + x[i + 1]) / 2, "y": (y[j] + y[j + 1]) / 2, "count": n}
        for (i, j), n in np.ndenumerate(counts)
        if n
    ]


def _classes_panel(panel: Any, frame: pd.DataFrame, name: str, of: str) -> list[Row]:
    values = frame[name].to_numpy(dtype=float)
    low, high = np.nanquantile(values, [0.005, 0.995])
    edges = np.linspace(low, high, 31)
    rows: list[Row] = []
    for i, label in enumerate(sorted(frame[of].dropna().astype(str).unique())[: len(PALETTE)]):
        counts, _ = np.histogram(values[frame[of].astype(str) == label], edges)
        _, heights = density({"edges": edges, "counts": counts})
        look = {"color": PALETTE[i], "ls": ("-", "--", "-.", ":")[i % 4]}
        steps(panel, edges, heights, label=plain_label(label), **look)
        rows += bins(name, label, {"edges": edges, "counts": counts}, heights)
    panel.set_yticks([])
    panel.set_ylim(bottom=0)
    return rows


def _of_classes(figure: Any, panels: Any, name: str, unit: str) -> str:
    """Name the classes and the axis; return the caption."""
    handles = handles_of(panels)
    figure.legend(handles.values(), handles.keys(), loc="outside upper left", ncols=6)
    figure.supylabel("density", size=8)
    return "The features of the training objects by class; unit area for every class."


def _of_numbers(figure: Any, panels: Any, name: str, unit: str) -> str:
    """Name the axis; return the caption."""
    figure.supylabel(axis_label(name, unit), size=8)
    return (
        f"{name} against the features that follow it most closely, training objects; "
        "darker cells hold more objects (logarithmic)."
    )


#: What draws a panel and what finishes the figure, by the kind of the target.
_LOOKS = {"classes": (_classes_panel, _of_classes), "number": (_density_panel, _of_numbers)}
