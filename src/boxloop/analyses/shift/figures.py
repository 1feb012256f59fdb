"""Figures of evaluate/shift.json: what tells the samples apart, and how frequent classes are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import (
    BLUE,
    GREY,
    INK,
    SKY,
    VERMILION,
    Drawing,
    canvas,
    captioned,
    handles_of,
    steps,
)
from boxloop.plots.words import plain_label, short_label

if TYPE_CHECKING:
    from boxloop.results.metrics import Metrics
    from boxloop.results.shift import (
        ComparedColumn,
        Driver,
        Estimator,
        Prevalence,
        SampleComparison,
        SampleCounts,
        Shift,
    )

#: Most groups of features, distributions and classes that are drawn.
GROUPS, PANELS, CLASSES = 8, 3, 12
_METHODS: "tuple[tuple[Estimator, str, str, str], ...]" = (
    ("em", "expectation-maximisation", BLUE, "o"),
    ("bbse", "black-box shift estimation", VERMILION, "^"),
)


def figures(found: "Shift", metrics: "Metrics", unit: str, provenance: str) -> list[Drawing]:
    """Draw what evaluate/shift.json holds."""
    drawings = [_samples(found["two_sample"], provenance)]
    drawings.append(_prevalence(found["prevalence"], provenance))
    return [drawing for drawing in drawings if drawing is not None]


def _samples(found: "SampleComparison | None", provenance: str) -> Drawing | None:
    if not found or found["reason"] or not found["drivers"]:
        return None
    compared = found["compared"][:PANELS]
    figure, axes = canvas("page", 2.6, provenance, 1, 1 + len(compared))
    _drops(axes[0, 0], found["drivers"][:GROUPS])
    for panel, column in zip(axes[0, 1:], compared, strict=True):
        _compared(panel, column)
    auc, effective = found["auc"], found["effective"]
    assert auc and effective
    limits = "" if auc["low"] is None else f" [{auc['low']:.2f}, {auc['high']:.2f}]"
    told = f"AUC {auc['value']:.2f}{limits}; effective size {effective['value']:.0%}"
    axes[0, 0].set_title(told, size=7, loc="left")
    handles = handles_of(axes[0, 1:2])
    if handles:
        figure.legend(handles.values(), handles, loc="outside lower right", ncols=2)
    return Drawing(
        "shift",
        "Training against target objects",
        captioned(
            "What tells training objects from target objects. Left: the area under the ROC curve "
            "that a classifier of the two samples loses where features are permuted (correlated "
            "ones together), with standard errors over the parts of its cross-fitting. Right: "
            "the distributions of the features that matter most, over the central part of their "
            "values; below their names the share of objects that lack them.",
            provenance,
        ),
        ("evaluate/shift.json",),
        provenance,
        "page",
        _numbers_of_samples(found),
        figure,
    )


def _drops(panel: Any, drivers: Sequence["Driver"]) -> None:
    place = np.arange(len(drivers))[::-1]
    drop = [d["drop"] for d in drivers]
    error = [d["error"] or 0.0 for d in drivers]
    colours = [BLUE if d["drives"] else GREY for d in drivers]
    panel.barh(place, drop, 0.62, color=colours)
    panel.errorbar(drop, place, xerr=error, fmt="none", ecolor=INK, elinewidth=0.7)
    panel.axvline(0, color=INK, lw=0.6)
    panel.set_yticks(place, [_group_label(d["columns"]) for d in drivers])
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(-0.6, max(len(drivers) - 0.4, 1.6))
    panel.locator_params(axis="x", nbins=4)
    panel.set_xlabel("loss of AUC when permuted")


def _group_label(columns: Sequence[str]) -> str:
    more = f" + {len(columns) - 1}" if len(columns) > 1 else ""
    return short_label(columns[0], 18) + more


def _compared(panel: Any, column: "ComparedColumn") -> None:
    edges = np.asarray(column["edges"], float)
    gaps = []
    looks: list[tuple[str, SampleCounts, dict[str, Any]]] = [
        ("training", column["training"], {"fill": True, "color": SKY, "alpha": 0.75, "lw": 0}),
        ("target", column["target"], {"color": VERMILION, "lw": 1.1}),
    ]
    for sample, of, look in looks:
        share = np.asarray(of["counts"], float) / max(of["rows"], 1) / np.diff(edges)
        steps(panel, edges, share, label=f"{sample} objects", **look)
        gaps.append(of["missing"] / max(of["rows"], 1))
    panel.set_xlim(edges[0], edges[-1])
    panel.set_ylim(bottom=0)
    panel.set_yticks([])
    panel.locator_params(axis="x", nbins=4)
    label = short_label(column["name"], 22)
    if max(gaps) > 0:
        label += f"\nmissing: {gaps[0]:.0%} | {gaps[1]:.0%}"
    panel.set_xlabel(label)


def _numbers_of_samples(found: "SampleComparison") -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"part": "drop", "feature": " + ".join(d["columns"]), "y": d["drop"], "error": d["error"]}
        for d in found["drivers"][:GROUPS]
    ]
    for column in found["compared"][:PANELS]:
        edges = column["edges"]
        for sample, of in (("training", column["training"]), ("target", column["target"])):
            rows += [
                {
                    **{"part": "distribution", "feature": column["name"], "sample": sample},
                    **{"low": edges[i], "high": edges[i + 1], "y": count},
                }
                for i, count in enumerate(of["counts"])
            ]
    return pd.DataFrame(rows)


def _prevalence(found: "Prevalence", provenance: str) -> Drawing | None:
    if not found.get("classes") or found["reason"]:
        return None
    entries = sorted(found["classes"], key=lambda e: -e["training"])[:CLASSES]
    figure, axes = canvas("column", 1.15 + 0.3 * len(entries), provenance)
    panel, place = axes[0, 0], np.arange(len(entries))[::-1]
    panel.plot(
        [e["training"] for e in entries], place + 0.22, "s", color=GREY, label="labelled objects"
    )
    rows: list[dict[str, Any]] = [
        {"class": e["class"], "of": "labelled", "value": e["training"]} for e in entries
    ]
    for (method, label, colour, marker), offset in zip(_METHODS, (0.0, -0.22), strict=True):
        every = [(p, e["class"], e[method]) for p, e in zip(place, entries, strict=True)]
        given = [(p, c, e) for p, c, e in every if e]
        if not given:
            continue
        value = np.array([e["value"] for _, _, e in given])
        low, high = (
            np.array([e["value"] if e[k] is None else e[k] for _, _, e in given])
            for k in ("low", "high")
        )
        at = np.array([p for p, _, _ in given]) + offset
        spread = np.maximum([value - low, high - value], 0)
        panel.errorbar(
            value, at, xerr=spread, fmt=marker, color=colour, elinewidth=0.8, label=label
        )
        rows += [{"class": c, "of": method, **e} for _, c, e in given]
    panel.set_yticks(place, [short_label(plain_label(e["class"]), 18) for e in entries])
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(-0.6, len(entries) - 0.4)
    panel.set_xlim(left=0)
    panel.set_xlabel("frequency of the class")
    figure.legend(*panel.get_legend_handles_labels(), loc="outside upper left", ncols=1)
    return Drawing(
        "prevalence",
        "Frequency of the classes",
        captioned(
            "Frequency of each class among the labelled objects, and in the target sample as the "
            "selected model's predictions tell it, with intervals. The estimates hold where "
            "objects of a class look the same in both samples.",
            provenance,
        ),
        ("evaluate/shift.json",),
        provenance,
        "column",
        pd.DataFrame(rows),
        figure,
    )
