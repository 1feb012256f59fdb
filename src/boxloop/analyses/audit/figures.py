"""Figures of evaluate/audit.json."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import BLUE, GREY, VERMILION, Drawing, canvas, captioned
from boxloop.plots.words import metric_label

if TYPE_CHECKING:
    from boxloop.results.audit import Audit
    from boxloop.results.metrics import Metrics


def figures(found: "Audit", metrics: "Metrics", unit: str, provenance: str) -> list[Drawing]:
    """Draw what evaluate/audit.json holds."""
    curve = found["probes"].get("learning_curve", {})
    if not curve.get("runs"):
        return []
    return [_learning_curve(curve, found, metrics, unit, provenance)]


def _learning_curve(
    curve: Mapping[str, Any],
    found: "Audit",
    metrics: "Metrics",
    unit: str,
    provenance: str,
) -> Drawing:
    """Score against the number of objects learnt from; the last point is that of the search."""
    runs = curve["runs"]
    rows = [run["rows"] for run in runs]
    whole = rows[-1] / runs[-1]["fraction"]
    frame = pd.DataFrame(
        {
            "objects": [*rows, whole],
            "mean": [*(run["mean"] for run in runs), curve["score"]],
            "std": [*(run["std"] for run in runs), None],
            "train_mean": [*(run["train_mean"] for run in runs), None],
        }
    ).astype(float)
    figure, axes = canvas("column", 2.4, provenance)
    axis = axes[0, 0]
    known = frame.iloc[:-1]
    axis.errorbar(
        known["objects"], known["mean"], known["std"], color=BLUE, fmt="none", elinewidth=0.8
    )
    axis.plot(frame["objects"], frame["mean"], "o-", color=BLUE, label="out of fold")
    if known["train_mean"].notna().any():
        axis.plot(
            known["objects"], known["train_mean"], "s--", color=VERMILION, label="training objects"
        )
    chance = found.get("chance")
    spread = np.ptp(frame["mean"])
    if chance and abs(chance["median"] - frame["mean"].iloc[-1]) < 5 * max(spread, 1e-12):
        axis.axhline(chance["median"], color=GREY, linestyle=":", label="chance")
    axis.set_xscale("log")
    axis.set_xlabel("training objects in a fold")
    axis.set_ylabel(metric_label(metrics["metric"], unit))
    axis.legend()
    return Drawing(
        "learning_curve",
        "What fewer objects would give",
        captioned(
            "Score of the selected model by cross-validation against the number of objects it "
            "learns from, with the standard deviation over folds; all other things are equal. The "
            "last point is that of the search. A curve that still falls or rises says that more "
            "objects would help.",
            provenance,
        ),
        ("evaluate/audit.json",),
        provenance,
        "column",
        frame,
        figure,
    )
