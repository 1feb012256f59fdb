"""Figures of evaluate/degraders.json."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Drawing,
    canvas,
    captioned,
    handles_of,
)
from boxloop.plots.words import SPLIT_LABELS, metric_label, plain_label, short_label
from boxloop.study.known_degraders import DEGRADERS

if TYPE_CHECKING:
    from boxloop.results.degraders import DegraderEntry, Degraders
    from boxloop.results.metrics import Metrics

#: Most panels in a row, and most panels in all.
ACROSS, MOST = 3, 9
#: A ratio of scores beyond which their axis is logarithmic.
_WIDE = 8
#: Colour, marker and line of a model, as matplotlib wants them.
Look = dict[str, Any]
_COLOURS = (BLUE, GREEN, PURPLE, ORANGE, SKY, INK)
_MARKERS = ("s", "^", "v", "P", "X", "d")


def figures(found: "Degraders", metrics: "Metrics", unit: str, provenance: str) -> list[Drawing]:
    """Draw the score of every model against the strength of each degrader, a panel each."""
    curves = found["degraders"][:MOST]
    if not curves:
        return []
    across = min(len(curves), ACROSS)
    down = -(-len(curves) // across)
    width: Any = "column" if across == 1 else "page"
    looks = _looks(list(curves[0]["scores"]), found["selected"], found.get("dummy"))
    figure, axes = canvas(width, 0.45 + 1.85 * down, provenance, down, across, sharey=True)
    for panel in axes.flat[len(curves) :]:
        panel.set_axis_off()
    for panel, about in zip(axes.flat, curves, strict=False):
        _panel(panel, about, looks)
    _scale(axes, curves)
    for row in axes:
        row[0].set_ylabel(metric_label(found["metric"], unit))
    named = handles_of(axes.flat)
    figure.legend(
        named.values(), named.keys(), loc="outside lower center", ncols=min(len(named), 6)
    )
    split = SPLIT_LABELS.get(str(found["set"]), "")
    drawing = Drawing(
        "degraders",
        "Scores where data get worse",
        captioned(
            "Score of every model, with its interval (a dummy has none), on objects of the "
            f"{split} that were made worse, against how much; at the left the data as they are. "
            "The thick line is the selected model. Grey: strengths that count as mild. A vertical "
            "line marks the first strength at which a simpler model overtakes it.",
            provenance,
        ),
        ("evaluate/degraders.json",),
        provenance,
        width,
        _numbers(curves),
        figure,
    )
    return [drawing]


def _looks(models: Sequence[str], selected: str, dummy: str | None) -> dict[str, Look]:
    """Return colour, marker and line of each model; the selected one stands out."""
    looks: dict[str, Look] = {}
    others = [m for m in models if m not in (selected, dummy)]
    for name in models:
        if name == selected:
            looks[name] = {"color": VERMILION, "marker": "D", "lw": 1.8, "ms": 4, "zorder": 4}
        elif name == dummy:
            looks[name] = {"color": GREY, "marker": "", "lw": 0.9, "ls": ":", "zorder": 1}
        else:
            k = others.index(name)
            style = ("-", "--", "-.")[k // len(_COLOURS) % 3]
            look = {"color": _COLOURS[k % len(_COLOURS)], "marker": _MARKERS[k % len(_MARKERS)]}
            looks[name] = {**look, "lw": 1.0, "ms": 3, "ls": style, "zorder": 3}
    return looks


def _panel(panel: Any, about: "DegraderEntry", looks: Mapping[str, Look]) -> None:
    strengths = np.asarray(about["strengths"], float)
    panel.axvspan(0, about["mild"], color=GREY, alpha=0.15, lw=0, zorder=0)
    apart = 0.012 * strengths[-1]
    for k, (name, look) in enumerate(looks.items()):
        rows = about["scores"][name]
        value, low, high = (
            np.array([np.nan if r[key] is None else r[key] for r in rows], float)
            for key in ("value", "low", "high")
        )
        if np.isnan(value).all():
            continue
        x = strengths + (k - (len(looks) - 1) / 2) * apart
        panel.plot(x, value, label=plain_label(name), **look)
        if look["marker"]:
            panel.vlines(x, low, high, color=look["color"], lw=0.7, zorder=look["zorder"])
    ahead = about["overtaken"]
    if ahead:
        panel.axvline(ahead["strength"], color=VERMILION, lw=0.7, ls="--", zorder=0)
    panel.set_title(short_label(about["name"].replace("_", " "), 30), color=INK)
    known = DEGRADERS.get(about["name"])
    panel.set_xlabel(known.axis if known else "strength")
    panel.set_xlim(-0.05 * strengths[-1], 1.05 * strengths[-1])
    panel.locator_params(axis="x", nbins=5)


def _scale(axes: Any, curves: Sequence["DegraderEntry"]) -> None:
    """Make the common axis of scores logarithmic where they span much."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    values = np.array(
        [
            r[key]
            for about in curves
            for rows in about["scores"].values()
            for r in rows
            for key in ("value", "low", "high")
            if r[key] is not None
        ]
    )
    if not len(values) or values.min() <= 0 or values.max() <= _WIDE * values.min():
        return
    # The axes share one scale: setting it on one sets it on all.
    axes[0, 0].set_yscale("log")
    few = values.max() <= 200 * values.min()
    for panel in axes[:, 0]:
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,), numticks=9))
        panel.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        panel.yaxis.set_minor_formatter(NullFormatter())


def _numbers(curves: Sequence["DegraderEntry"]) -> pd.DataFrame:
    rows = [
        {
            "degrader": about["name"],
            "strength": strength,
            "model": name,
            **{key: row[key] for key in ("value", "low", "high", "n_units")},
        }
        for about in curves
        for name, of in about["scores"].items()
        for strength, row in zip(about["strengths"], of, strict=True)
    ]
    return pd.DataFrame(rows)
