"""Figures of evaluate/calibration.json."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import BLUE, GREY, INK, PALETTE, VERMILION, Drawing, canvas, captioned
from boxloop.plots.words import SPLIT_LABELS, plain_label, short_label
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from boxloop.results.calibration import Calibration, CurvePoint, MethodCalibration, Proportion
    from boxloop.results.metrics import Metrics

#: Most classes, models and groups that are drawn.
CLASSES, MODELS, GROUPS = 5, 6, 24
_MARKERS = "osD^v<>"
_SOURCE = ("evaluate/calibration.json",)
#: What new objects get of the methods that a model allows.
APPLIED = ("lac", "cqr", "absolute")


def figures(found: "Calibration", metrics: "Metrics", unit: str, provenance: str) -> list[Drawing]:
    """Draw reliability, or the coverage of distributions, and that of conformal prediction."""
    if not found.get("models"):
        return []
    drawn = [
        _reliability(found, provenance),
        _coverage(found, provenance),
        _conformal(found, provenance),
    ]
    return [d for d in drawn if d is not None]


def _split(found: "Calibration") -> str:
    return SPLIT_LABELS.get(str(found["split"]), str(found["split"]))


def _reliability(found: "Calibration", provenance: str) -> Drawing | None:
    """Draw the curves of the selected model: of its first choice, and of each class."""
    about = found["models"].get(found["selected"])
    if not task_of(found["task"]).has_classes or not about or not about.get("methods"):
        return None
    methods = list(dict.fromkeys(["none", about["used"]]))
    curves = dict(_curves(about["methods"], methods))
    columns = min(3, len(curves))
    rows = -(-len(curves) // columns)
    width: Any = "page" if columns > 1 else "column"
    figure, axes = canvas(width, 2.35 * rows + 0.2, provenance, rows, columns)
    for panel, (title, pair) in zip(axes.flat, curves.items(), strict=False):
        panel.plot([0, 1], [0, 1], color=GREY, lw=0.8)
        for i, (method, curve) in enumerate(pair.items()):
            look = {"color": (BLUE, VERMILION)[i], "marker": "os"[i], "ms": 3, "lw": 0.9}
            _bars(panel, curve, [b["mean"] for b in curve], label=_word(method), **look)
        panel.set_title(short_label(title))
        panel.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    for panel in axes.flat[len(curves) :]:
        panel.remove()
    for row in range(rows):
        axes[row, 0].set_ylabel("frequency")
    for panel in axes.flat[: len(curves)][-columns:]:
        panel.set_xlabel("probability")
    if len(methods) > 1:
        axes[0, 0].legend(loc="upper left")
    return Drawing(
        "reliability",
        "Calibration of the probabilities",
        captioned(
            f"How often what the selected model says is true, against the probability it gives, on "
            f"the {_split(found)}, in bins of equally many objects, with intervals by independent "
            "unit. First the class that it names, then each class against the rest. On the line "
            "probabilities are calibrated; below it the model is too sure."
            + (" Squares: as recalibrated." if len(methods) > 1 else ""),
            provenance,
        ),
        _SOURCE,
        provenance,
        width,
        pd.DataFrame(
            [
                {"panel": title, "method": method, **b}
                for title, pair in curves.items()
                for method, curve in pair.items()
                for b in curve
            ]
        ),
        figure,
    )


def _word(method: str) -> str:
    return "as predicted" if method == "none" else method


def _curves(
    of: Mapping[str, "MethodCalibration"], methods: Sequence[str]
) -> Iterator[tuple[str, dict[str, list["CurvePoint"]]]]:
    """Yield the title of each panel, and its curves by method."""
    yield "class that is named", {m: of[m]["top_label"] for m in methods}
    for label in list(of["none"]["classes"])[:CLASSES]:
        yield label, {m: of[m]["classes"][label]["curve"] for m in methods}


def _bars(panel: Any, rows: Sequence["Proportion"], x: Any, **look: Any) -> None:
    """Draw values with their intervals, where they have one."""
    value = np.array([r["value"] for r in rows], float)
    low = np.array([r["value"] if r["low"] is None else r["low"] for r in rows], float)
    high = np.array([r["value"] if r["high"] is None else r["high"] for r in rows], float)
    limits = np.maximum([value - low, high - value], 0)
    panel.errorbar(x, value, yerr=limits, elinewidth=0.6, **look)


def _coverage(found: "Calibration", provenance: str) -> Drawing | None:
    """Draw the coverage of central intervals and the quantiles of all distributions."""
    giving = {
        n: {"coverage": of["coverage"], "quantiles": of["quantiles"]}
        for n, of in found["models"].items()
        if of.get("coverage")
    }
    if not giving:
        return None
    shown = sorted(giving, key=lambda n: n != found["selected"])[:MODELS]
    figure, axes = canvas("page", 2.5, provenance, 1, 2)
    for i, name in enumerate(shown):
        look = {"color": PALETTE[i], "marker": _MARKERS[i], "ms": 3, "lw": 0.9}
        for panel, kind in zip(axes[0], ("coverage", "quantiles"), strict=True):
            rows = giving[name][kind]
            _bars(panel, rows, [r["nominal"] for r in rows], label=short_label(name), **look)
    for panel in axes[0]:
        panel.plot([0, 1], [0, 1], color=GREY, lw=0.8, zorder=0)
        panel.set(xlim=(0, 1), ylim=(0, 1))
    axes[0, 0].set(xlabel="nominal probability of the interval", ylabel="fraction of truths inside")
    axes[0, 1].set(xlabel="nominal probability below", ylabel="fraction of truths below")
    axes[0, 0].legend(loc="upper left")
    return Drawing(
        "coverage",
        "Calibration of the distributions",
        captioned(
            f"Distributions of all models that predict any, on the {_split(found)}, with intervals "
            "by independent unit. Left: how often central intervals hold the truth; below the "
            "line distributions are too narrow. Right: how often the truth lies below a quantile; "
            "beside the line they are shifted or skewed.",
            provenance,
        ),
        _SOURCE,
        provenance,
        "page",
        pd.DataFrame(
            [
                {"model": name, "part": kind, **row}
                for name in shown
                for kind in ("coverage", "quantiles")
                for row in giving[name][kind]
            ]
        ),
        figure,
    )


def conformal_rows(found: "Calibration") -> tuple[str, list[tuple[str, str, "Proportion"]]]:
    """Return the method that the selected model's new objects get, and its coverage by group.

    Each row is the grouping (empty for all objects), the label and the numbers.
    """
    methods = found["conformal"].get(found["selected"]) or {}
    for method in APPLIED:
        of = methods.get(method)
        if of and of.get("reason") is None:
            rows: list[tuple[str, str, Proportion]] = [("", "all objects", of["coverage"])]
            rows += [(g, r["label"], r) for g, every in of["groups"].items() for r in every]
            return method, rows
    return "", []


def _conformal(found: "Calibration", provenance: str) -> Drawing | None:
    """Draw how often the selected model's sets or intervals hold the truth, by group."""
    method, rows = conformal_rows(found)
    if not method:
        return None
    rows = rows[:GROUPS]
    figure, axes = canvas("column", 0.75 + 0.17 * len(rows), provenance)
    panel = axes[0, 0]
    for y, (_, _, row) in enumerate(rows):
        if row["low"] is not None:
            panel.plot([row["low"], row["high"]], [y, y], color=BLUE, lw=0.9)
        face = "white" if row["low"] is None else BLUE
        panel.plot(row["value"], y, "o", color=BLUE, mfc=face, ms=4)
    panel.axvline(found["level"], color=VERMILION, lw=0.8)
    labels = [plain_label(short_label(f"{g}: {label}" if g else label, 30)) for g, label, _ in rows]
    panel.set_yticks(range(len(rows)), labels, color=INK)
    panel.set_ylim(len(rows) - 0.4, -0.6)
    panel.tick_params(axis="y", length=0)
    panel.set_xlabel("fraction of truths held")
    kind = task_of(found["task"]).conformal.regions
    return Drawing(
        "conformal",
        f"Coverage of the conformal {kind}",
        captioned(
            f"How often conformal {kind} of the selected model hold the truth on the "
            f"{_split(found)}, for all objects and by group, with intervals that hold together for "
            "the groups of a column. The line is the probability that is promised for all objects, "
            "not for each group.",
            provenance,
        ),
        _SOURCE,
        provenance,
        "column",
        pd.DataFrame([{"grouping": g, "group": label, **row} for g, label, row in rows]),
        figure,
    )
