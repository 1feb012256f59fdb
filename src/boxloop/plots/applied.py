"""What the model says about the target sample, beside what it says about the training objects."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from boxloop.plots.style import GREY, INK, SKY, VERMILION, Drawing, canvas, captioned, steps
from boxloop.plots.words import axis_label, plain_label
from boxloop.tasks import task_of


def applied(
    trained: pd.DataFrame, target: pd.DataFrame, task: str, name: str, unit: str, provenance: str
) -> Drawing | None:
    """Draw what the model says about the target sample beside what it says about the training one.

    Parameters
    ----------
    trained : pandas.DataFrame
        Out-of-fold predictions of the selected model.
    target : pandas.DataFrame
        apply/predictions.parquet: prediction, outside.
    task : str
    name, unit : str
        Of what is predicted.
    provenance : str
    """
    if target.empty or trained.empty:
        return None
    samples = {
        "training objects (out of fold)": trained["prediction"],
        "target sample": target["prediction"],
        "target sample, inside the trained range": target["prediction"][target["outside"] == 0],
    }
    figure, axes = canvas("column", 2.5, provenance)
    draw = _PANELS[task_of(task).kind_of_target]
    numbers = draw(axes[0, 0], samples, axis_label(f"predicted {name}", unit))
    figure.legend(loc="outside upper left", ncols=1)
    return Drawing(
        "applied",
        "Predictions for the target sample",
        captioned(
            "Predictions of the selected model for the training objects, for the target sample, "
            "and for those target objects whose features all lie in the range of the training "
            "objects; shares of each sample, the last one of the whole target sample.",
            provenance,
        ),
        ("apply/predictions.parquet", "search/predictions.parquet"),
        provenance,
        "column",
        numbers,
        figure,
    )


_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": SKY, "alpha": 0.75, "fill": True, "lw": 0},
    {"color": VERMILION, "lw": 1.1},
    {"color": INK, "lw": 0.9, "ls": "--"},
)


def _applied_numbers(panel: Any, samples: Mapping[str, Any], label: str) -> pd.DataFrame:
    values = {k: v.to_numpy(dtype=float) for k, v in samples.items()}
    all_values = np.concatenate(list(values.values()))
    low, high = np.nanquantile(all_values, [0.002, 0.998])
    edges = np.linspace(low, high, 36)
    whole = len(values["target sample"])
    rows: list[dict[str, Any]] = []
    for (sample, of), look in zip(values.items(), _LOOKS, strict=True):
        counts, _ = np.histogram(of, edges)
        share = counts / max(whole if sample.startswith("target") else len(of), 1)
        steps(panel, edges, share, label=sample, **look)
        rows += [
            {"sample": sample, "low": edges[i], "high": edges[i + 1], "count": n, "share": share[i]}
            for i, n in enumerate(counts)
        ]
    panel.set_xlabel(label)
    panel.set_ylabel("share of the sample")
    panel.set_xlim(edges[0], edges[-1])
    panel.set_ylim(bottom=0)
    return pd.DataFrame(rows)


def _applied_classes(panel: Any, samples: Mapping[str, Any], label: str) -> pd.DataFrame:
    classes = sorted({str(c) for of in samples.values() for c in of})
    whole = len(samples["target sample"])
    rows: list[dict[str, Any]] = []
    for i, (sample, of) in enumerate(samples.items()):
        counts = of.astype(str).value_counts().reindex(classes).fillna(0)
        share = counts / max(whole if sample.startswith("target") else len(of), 1)
        place = np.arange(len(classes)) + (i - 1) * 0.27
        colour = (SKY, VERMILION, GREY)[i]
        hatch = ("", "", "////")[i]
        panel.bar(place, share, 0.25, label=sample, color=colour, hatch=hatch, ec="white", lw=0.4)
        rows += [
            {"sample": sample, "class": c, "count": counts[c], "share": share[c]} for c in classes
        ]
    panel.set_xticks(range(len(classes)), [plain_label(c) for c in classes])
    panel.set_xlabel(label)
    panel.set_ylabel("share of the sample")
    return pd.DataFrame(rows)


_PANELS = {"classes": _applied_classes, "number": _applied_numbers}
