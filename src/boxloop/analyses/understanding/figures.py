"""Figures of evaluate/understanding.json: what a model rests on, and where it goes wrong."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import (
    BLUE,
    GREY,
    INK,
    PALETTE,
    SKY,
    VERMILION,
    WIDTHS,
    Drawing,
    canvas,
    captioned,
    handles_of,
    steps,
)
from boxloop.plots.words import SPLIT_LABELS, axis_label, metric_label, plain_label, short_label

if TYPE_CHECKING:
    from boxloop.results.metrics import Metrics
    from boxloop.results.understanding import (
        DependenceCurve,
        Dependences,
        FeatureDependence,
        Importance,
        Thumbnail,
        Understanding,
        WorstErrors,
    )

_SOURCE = ("evaluate/understanding.json",)
#: Most blocks, and most classes, that are drawn; the others stand in the numbers.
_BLOCKS, _CLASSES = 12, 6


def figures(
    found: "Understanding", metrics: "Metrics", unit: str, provenance: str
) -> list[Drawing]:
    """Draw what evaluate/understanding.json holds."""
    drawn = []
    if found["importance"]["models"]:
        drawn.append(_importance(found["importance"], unit, provenance))
    if found["dependence"]["features"]:
        drawn.append(_dependence(found["dependence"], unit, provenance))
    worst = found["worst"]["objects"]
    if worst and worst[0]["thumbnail"]:
        drawn.append(_pictures(found["worst"], provenance))
    return drawn


def _importance(found: "Importance", unit: str, provenance: str) -> Drawing:
    """Draw the loss of each block, of the selected model and the best simpler one."""
    groups, models = found["groups"], found["models"]
    shown = range(min(len(groups), _BLOCKS))
    figure, axes = canvas("column", 0.95 + 0.21 * len(shown), provenance)
    panel = axes[0, 0]
    for k, (name, of) in enumerate(models.items()):
        colour, marker = ((VERMILION, "D"), (BLUE, "o"))[k % 2]
        apart = 0.0 if len(models) == 1 else (-0.16, 0.16)[k % 2]
        rows = [(i + apart, of["groups"][i]) for i in shown if of["groups"][i]["seen"]]
        label = plain_label(name)
        for at, row in rows:
            if row["value"] is None:
                continue
            if row["low"] is not None:
                panel.plot([row["low"], row["high"]], [at, at], color=colour, lw=1.1)
            panel.plot(row["value"], at, marker, color=colour, ms=3.5, label=label, ls="")
            label = "_"
    panel.axvline(0, color=GREY, lw=0.6, ls=":")
    panel.set_yticks(list(shown), [short_label(groups[i]["name"], 28) for i in shown])
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(len(shown) - 0.5, -0.5)
    panel.locator_params(axis="x", nbins=5)
    panel.set_xlabel(f"loss of {metric_label(found['metric'], unit)}")
    handles = handles_of([panel])
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=2)
    split = SPLIT_LABELS[str(found["set"])]
    return Drawing(
        "permutation_importance",
        "What the models rest on",
        captioned(
            "Permutation importance: what the score loses, with intervals, when objects of the "
            f"{split} exchange a feature with each other. Correlated features "
            "are exchanged together, and derived columns follow the features they were made from. "
            "Diamonds: the selected model"
            + ("; circles: the best simpler one." if len(models) > 1 else "."),
            provenance,
        ),
        _SOURCE,
        provenance,
        "column",
        pd.DataFrame(
            {
                "model": name,
                "group": group["name"],
                "columns": " ".join(group["columns"]),
                **{key: row[key] for key in ("value", "low", "high", "seen")},
            }
            for name, of in models.items()
            for group, row in zip(groups, of["groups"], strict=True)
        ),
        figure,
    )


def _dependence(found: "Dependences", unit: str, provenance: str) -> Drawing:
    """Draw how predictions follow each feature, above where the training objects lie."""
    features = found["features"]
    across, down = min(len(features), 2), -(-len(features) // 2)
    width: Any = "page" if across == 2 else "column"
    ratios = [4, 1] * down
    figure, axes = canvas(
        width, 0.5 + 2.0 * down, provenance, 2 * down, across, height_ratios=ratios
    )
    mains = [axes[2 * (i // 2), i % 2] for i in range(len(features))]
    for i in range(len(features), across * down):
        axes[2 * (i // 2), i % 2].set_axis_off()
        axes[2 * (i // 2) + 1, i % 2].set_axis_off()
    curves = [f["curves"] for f in features]
    classes = _moving(curves) if curves[0][0]["class"] is not None else [None]
    for i, (panel, about) in enumerate(zip(mains, features, strict=True)):
        if i:  # before it is drawn, so that the limits hold all panels
            panel.sharey(mains[0])
        for k, name in enumerate(classes):
            curve = next(c for c in about["curves"] if c["class"] == name)
            _curve(panel, about["grid"], curve, k, bands=len(classes) == 1)
        below = axes[2 * (i // 2) + 1, i % 2]
        _where(below, about)
        panel.sharex(below)
        panel.tick_params(labelbottom=False)
        if i % across == 0:
            what = "probability of the class" if classes[0] is not None else "prediction"
            panel.set_ylabel(axis_label(what, "" if classes[0] is not None else unit))
    if classes[0] is not None:
        handles = handles_of(mains)
        figure.legend(
            handles.values(), handles.keys(), loc="outside lower center", ncols=min(len(handles), 6)
        )
    bands = "the dark band holds half of the single objects, the light one four in five. "
    return Drawing(
        "partial_dependence",
        "How the predictions follow a feature",
        captioned(
            f"Partial dependence of {plain_label(found['model'])}: the mean prediction of training "
            "objects that are all given one value of a feature, their others left as they are; "
            + (bands if len(classes) == 1 else "for each class its mean probability. ")
            + "Below each curve the training objects: where there are none the curve is a guess. "
            "Where features are correlated, most combinations along it do not occur.",
            provenance,
        ),
        _SOURCE,
        provenance,
        width,
        pd.DataFrame(
            {
                "feature": about["feature"],
                "at": about["grid"][j],
                "class": curve["class"],
                "mean": curve["mean"][j],
                **{
                    f"q{100 * q:g}": curve["quantiles"][m][j]
                    for m, q in enumerate(found["quantiles"])
                },
            }
            for about in features
            for curve in about["curves"]
            for j in range(len(about["grid"]))
        ),
        figure,
    )


def _moving(curves: Sequence[Sequence["DependenceCurve"]]) -> list[str | None]:
    """Return the classes whose probability moves most, in their own order."""
    spread: dict[str | None, float] = {}
    for curve in (c for of in curves for c in of):
        moved = float(np.ptp(np.asarray(curve["mean"], float)))
        spread[curve["class"]] = max(moved, spread.get(curve["class"], 0.0))
    most = sorted(spread, key=lambda name: -spread[name])[:_CLASSES]
    return [name for name in spread if name in most]


def _curve(panel: Any, grid: Any, curve: "DependenceCurve", k: int, *, bands: bool) -> None:
    marker = "o" if len(grid) < 8 else ""
    if bands:
        q = np.asarray(curve["quantiles"], float)
        panel.fill_between(grid, q[0], q[-1], color=SKY, alpha=0.25, lw=0)
        panel.fill_between(grid, q[1], q[-2], color=SKY, alpha=0.45, lw=0)
    look = {"color": PALETTE[k % len(PALETTE)], "ls": ("-", "--", "-.")[k // len(PALETTE) % 3]}
    label = None if curve["class"] is None else short_label(str(curve["class"]), 18)
    panel.plot(grid, curve["mean"], marker=marker, ms=2.5, label=label, **look)


def _where(panel: Any, about: "FeatureDependence") -> None:
    density = about["density"]
    edges, counts = density["edges"], np.asarray(density["counts"], float)
    steps(panel, edges, counts, fill=True, color=GREY, alpha=0.5, lw=0)
    panel.set_yticks([])
    panel.set_ylim(bottom=0)
    panel.set_xlabel(axis_label(about["feature"], about["unit"]))


def _pictures(found: "WorstErrors", provenance: str) -> Drawing:
    """Show the objects of the worst errors in a row, their neighbours below."""
    objects = found["objects"]
    deep = 1 + max(len(o["neighbours"] or []) for o in objects)
    width: Any = "page" if len(objects) > 3 else "column"
    side = WIDTHS[width] / max(len(objects), 3)
    figure, axes = canvas(width, 0.2 + (side + 0.1) * deep, provenance, deep, max(len(objects), 3))
    for panel in axes.flat:
        panel.set_axis_off()
    rows = []
    for j, one in enumerate(objects):
        words = f"{_short(one['truth'])}, predicted {_short(one['prediction'])}"
        _picture(axes[0, j], one["thumbnail"], words, VERMILION)
        rows.append({"column": j, "row": 0, "id": one["id"], "target": one["truth"]})
        for i, near in enumerate(one["neighbours"] or [], 1):
            _picture(axes[i, j], near["thumbnail"], _short(near["target"]), INK)
            rows.append({"column": j, "row": i, "id": near["id"], "target": near["target"]})
    return Drawing(
        "worst_images",
        "The worst errors as pictures",
        captioned(
            f"Top: the objects of the {SPLIT_LABELS[found['split']]} that "
            f"{plain_label(found['model'])} gets most wrong, with their truth and the prediction. "
            "Below each the training objects most like it, with their truth.",
            provenance,
        ),
        _SOURCE,
        provenance,
        width,
        pd.DataFrame(rows),
        figure,
    )


def _picture(panel: Any, thumbnail: "Thumbnail | None", words: str, colour: str) -> None:
    assert thumbnail is not None
    pixels = np.frombuffer(base64.b64decode(thumbnail["bytes"]), np.uint8)
    pixels = pixels.reshape(thumbnail["shape"])
    grey = pixels.shape[2] == 1
    panel.imshow(pixels[..., 0] if grey else pixels, cmap="gray", vmin=0, vmax=255, origin="upper")
    panel.set_title(plain_label(words), size=5.5, color=colour, pad=2)


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float | int) else short_label(str(value), 12)
