"""Figure of predicted distributions: how they look, and whether they are as wide as they ought."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from boxloop.plots.style import BLUE, GREY, SKY, VERMILION, Drawing, canvas, captioned, steps
from boxloop.plots.words import SPLIT_LABELS, axis_label, plain_label


def calibration_pdf(
    details: Mapping[str, Any], name: str, unit: str, provenance: str
) -> Drawing | None:
    """Draw the PIT histogram, the coverage of central intervals, and three distributions.

    Parameters
    ----------
    details : mapping
        evaluate/details.json.
    name, unit : str
        Of the target.
    provenance : str

    Returns
    -------
    Drawing or None
        None where no model predicts distributions.
    """
    if not details.get("pit"):
        return None
    figure, axes = canvas("page", 4.4, provenance, 2, 6)
    grid = axes[0, 0].get_gridspec()
    for panel in axes.flat:
        panel.remove()
    _histogram(figure.add_subplot(grid[0, :3]), details["pit"])
    _coverage(figure.add_subplot(grid[0, 3:]), details["coverage"])
    for i, example in enumerate(details["examples"]):
        panel = figure.add_subplot(grid[1, 2 * i : 2 * i + 2])
        _example(panel, example, axis_label(name, unit))
        if i == 0:
            panel.set_ylabel("density")
            panel.legend()
    split = SPLIT_LABELS.get(str(details.get("split")), "")
    whose = "the selected model" if details["distribution"] == details["model"] else "a model"
    return Drawing(
        "calibration_pdf",
        "Predicted distributions",
        captioned(
            f"Distributions that {whose} predicts, {split}. Top left: the probability given to "
            "values below the truth (PIT); flat where the distributions are as wide as they ought "
            "to be, a hill where too wide, a trough where too narrow. Top right: fraction of the "
            "truths in central intervals, with intervals, against the nominal one. Below: three "
            "objects of narrow, middling and wide distributions, with the truth.",
            provenance,
        ),
        ("evaluate/details.json",),
        provenance,
        "page",
        _table(details),
        figure,
    )


def _histogram(panel: Any, pit: Mapping[str, Any]) -> None:
    edges, counts = np.asarray(pit["edges"], float), np.asarray(pit["counts"], float)
    density = counts / max(counts.sum(), 1) / np.diff(edges)
    steps(panel, edges, density, fill=True, color=SKY, alpha=0.75, lw=0)
    steps(panel, edges, density, color=BLUE, lw=0.9)
    panel.axhline(1, color=VERMILION, lw=0.8)
    panel.set_xlim(0, 1)
    panel.set_ylim(bottom=0)
    panel.set_xlabel("probability below the truth (PIT)")
    panel.set_ylabel("density")


def _coverage(panel: Any, rows: Any) -> None:
    nominal, found = ([r[k] for r in rows] for k in ("nominal", "found"))
    panel.plot([0, 1], [0, 1], color=VERMILION, lw=0.8)
    low = [r["found"] - (r["low"] if r["low"] is not None else r["found"]) for r in rows]
    high = [(r["high"] if r["high"] is not None else r["found"]) - r["found"] for r in rows]
    limits = np.maximum([low, high], 0)
    panel.errorbar(nominal, found, yerr=limits, fmt="o-", color=BLUE, ms=3, elinewidth=0.7)
    panel.set_xlim(0, 1)
    panel.set_ylim(0, 1)
    panel.set_xlabel("nominal probability of the interval")
    panel.set_ylabel("fraction of truths inside")


def _example(panel: Any, example: Mapping[str, Any], label: str) -> None:
    panel.fill_between(example["at"], example["density"], color=SKY, alpha=0.75, lw=0)
    panel.plot(example["at"], example["density"], color=BLUE, lw=0.9)
    panel.axvline(example["truth"], color=VERMILION, lw=0.9, label="truth")
    panel.set_ylim(bottom=0)
    panel.locator_params(axis="x", nbins=4)
    panel.set_xlabel(label)
    panel.set_title(plain_label(str(example["id"])), size=6, color=GREY)


def _table(details: Mapping[str, Any]) -> pd.DataFrame:
    pit = details["pit"]
    edges = np.asarray(pit["edges"], float)
    rows: list[dict[str, Any]] = [
        {"part": "pit", "x": (a + b) / 2, "y": n}
        for a, b, n in zip(edges[:-1], edges[1:], pit["counts"], strict=True)
    ]
    rows += [
        {"part": "coverage", "x": r["nominal"], "y": r["found"], "low": r["low"], "high": r["high"]}
        for r in details["coverage"]
    ]
    for example in details["examples"]:
        about = {"part": "example", "id": example["id"], "truth": example["truth"]}
        pairs = zip(example["at"], example["density"], strict=True)
        rows += [{**about, "x": x, "y": y} for x, y in pairs]
    return pd.DataFrame(rows)
