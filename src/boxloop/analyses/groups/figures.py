"""Figures of evaluate/groups.json."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import BLUE, GREY, INK, VERMILION, Drawing, canvas, captioned
from boxloop.plots.words import SPLIT_LABELS, axis_label, metric_label, plain_label, short_label

if TYPE_CHECKING:
    from boxloop.results.groups import Grouping, Groups
    from boxloop.results.metrics import Metrics

#: Most groupings that are drawn, and most groups of one.
MOST, ROWS = 6, 12
#: Height of a group, and of what stands around a panel [inch].
_ROW, _AROUND = 0.17, 0.62


def figures(found: "Groups", metrics: "Metrics", unit: str, provenance: str) -> list[Drawing]:
    """Draw the score of every group with its interval, a panel for each grouping."""
    entries = [e for e in found.get("groupings") or [] if shown_groups(e)][:MOST]
    if not entries:
        return []
    columns = _balanced([len(shown_groups(e)) for e in entries])
    heights = [_height(entries, own) for own in columns]
    width: Any = "column" if len(columns) == 1 else "page"
    figure, axes = canvas(width, max(heights), provenance, 1, len(columns))
    for side, own in zip(axes[0], columns, strict=True):
        place = side.get_subplotspec()
        side.remove()
        sizes = [len(shown_groups(entries[i])) + _AROUND / _ROW for i in own]
        # What the other column is longer stays free below.
        sizes += [max(sum(heights_of(entries, c)) for c in columns) / _ROW - sum(sizes)]
        grid = place.subgridspec(len(sizes), 1, height_ratios=[max(s, 1e-3) for s in sizes])
        for k, i in enumerate(own):
            _panel(figure.add_subplot(grid[k]), entries[i], unit)
    split = SPLIT_LABELS.get(str(found.get("split")), "")
    return [
        Drawing(
            "groups",
            "The score by groups of objects",
            captioned(
                f"Score of the selected model on the {split} by groups of objects, with intervals "
                "that hold together for all groups of a panel. The line is the score of all "
                "objects; a square marks the worst group where it stands out from the rest, beyond "
                "chance and margin. An open circle has too few independent units for an interval.",
                provenance,
            ),
            ("evaluate/groups.json",),
            provenance,
            width,
            _numbers(entries),
            figure,
        )
    ]


def shown_groups(entry: "Grouping") -> list[int]:
    """Return which groups of a grouping are drawn or printed: the largest, and the worst."""
    rows = entry["groups"]
    known = [i for i, r in enumerate(rows) if r["score"]["value"] is not None]
    if not known:
        return []
    ranked = sorted(range(len(rows)), key=lambda i: (i != entry["worst"], -rows[i]["n"], i))
    return sorted(ranked[:ROWS])


def _balanced(sizes: Sequence[int]) -> list[list[int]]:
    """Share panels out over two columns, in order, so that the taller one is as low as can be."""
    if len(sizes) < 2:
        return [list(range(len(sizes)))]
    heights = np.asarray(sizes) * _ROW + _AROUND
    cut = min(range(1, len(sizes)), key=lambda c: max(heights[:c].sum(), heights[c:].sum()))
    return [list(range(cut)), list(range(cut, len(sizes)))]


def heights_of(entries: Sequence["Grouping"], own: Sequence[int]) -> list[float]:
    """Return the heights of panels [inch]."""
    return [len(shown_groups(entries[i])) * _ROW + _AROUND for i in own]


def _height(entries: Sequence["Grouping"], own: Sequence[int]) -> float:
    return 0.2 + sum(heights_of(entries, own))


def _panel(panel: Any, entry: "Grouping", unit: str) -> None:
    shown = shown_groups(entry)
    panel.axvline(entry["overall"], color=GREY, lw=0.8)
    for y, i in enumerate(shown):
        row, score = entry["groups"][i], entry["groups"][i]["score"]
        if score["value"] is None:
            panel.text(0.02, y, "–", transform=panel.get_yaxis_transform(), va="center", color=GREY)
            continue
        worst = i == entry["worst"]
        colour = VERMILION if row["stands_out"] else BLUE
        if score["low"] is not None:
            panel.plot([score["low"], score["high"]], [y, y], color=colour, lw=1.1)
        look = {"mfc": colour if score["low"] is not None else "white", "mec": colour}
        panel.plot(score["value"], y, "s" if worst else "o", ms=4.5 if worst else 3.5, **look)
    labels = [short_label(str(entry["groups"][i]["label"]), 36) for i in shown]
    panel.set_yticks(range(len(shown)), labels)
    panel.set_ylim(len(shown) - 0.4, -0.6)
    panel.tick_params(axis="y", length=0)
    panel.locator_params(axis="x", nbins=5)
    recall = entry["kind"] == "class"
    panel.set_xlabel("recall" if recall else metric_label(entry["metric"], unit))
    panel.set_title(plain_label(axis_label(str(entry["name"]))), loc="left", color=INK)


def _numbers(entries: Sequence["Grouping"]) -> pd.DataFrame:
    rows = []
    for entry in entries:
        for row in entry["groups"]:
            about: dict[str, object] = {"grouping": entry["name"], "metric": entry["metric"]}
            about |= {key: row[key] for key in ("label", "n", "n_units")}
            about |= {key: row["score"][key] for key in ("value", "low", "high")}
            about |= {
                f"difference_{key}": row["difference"][key] for key in ("value", "low", "high")
            }
            rows.append({**about, "stands_out": row["stands_out"]})
    return pd.DataFrame(rows)
