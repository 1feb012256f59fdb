"""A decision tree, drawn from the upper nodes that its fit kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from boxloop.plots.style import INK, Drawing, canvas, captioned
from boxloop.plots.words import axis_label, plain_label, short_label

#: Depths at which a tree is cut off: one to read, one to see its shape.
READ, SHAPE = 3, 8
#: Least width of a node of the map that is labelled, as a fraction of the page.
_LABELLED = 0.045

Nodes = Sequence[Mapping[str, Any]]


def tree_to_read(
    nodes: Nodes, classes: Sequence[str], name: str, unit: str, model: str, provenance: str
) -> Drawing:
    """Draw the first splits of a tree with their columns, cuts, numbers of rows and values.

    Parameters
    ----------
    nodes : sequence of mapping
        ``tree`` of a fit.json.
    classes : sequence of str
        Empty for a regression.
    name, unit : str
        Of the target.
    model : str
    provenance : str
    """
    depth = min(READ, max(n["depth"] for n in nodes))
    figure, axes = canvas("page", 0.75 + 0.72 * depth, provenance)
    panel = axes[0, 0]
    panel.set_axis_off()
    panel.set_xlim(0, 1)
    panel.set_ylim(-depth - 0.45, 0.45)
    shades, _ = _colours(nodes, classes)
    places = _places(nodes, depth)
    for i, (left, right) in places.items():
        node, x = nodes[i], (left + right) / 2
        for side, word in (("left", "yes"), ("right", "no")):
            child = node.get(side)
            if child in places:
                x_child = sum(places[child]) / 2
                panel.plot([x, x_child], [-node["depth"], -node["depth"] - 1], color=INK, lw=0.6)
                middle = ((x + x_child) / 2, -node["depth"] - 0.5)
                panel.text(*middle, word, ha="center", va="center", size=5.5, backgroundcolor="w")
        panel.text(
            x,
            -node["depth"],
            _told(node, classes),
            ha="center",
            va="center",
            size=6.5 if depth < READ or node["depth"] < READ else 5.5,
            color=_ink(shades[i]),
            bbox={"boxstyle": "round,pad=0.3", "fc": shades[i], "ec": INK, "lw": 0.5},
        )
    said = "the most frequent class and its share" if classes else f"the mean {name}"
    return Drawing(
        f"tree_depth_{READ}",
        "The first splits of the tree",
        captioned(
            "The fitted tree, cut off after its first splits: a node has the question it asks, the "
            f"number of fitting rows in it, and {said}. An object goes left where the answer is "
            "yes. The colour follows the value.",
            provenance,
        ),
        (f"train/{model}/fit.json",),
        provenance,
        "page",
        _table(nodes, classes, depth),
        figure,
    )


def tree_shape(
    nodes: Nodes, classes: Sequence[str], name: str, unit: str, model: str, provenance: str
) -> Drawing:
    """Draw a tree as a map: a row for each depth, boxes as wide as the nodes' share of rows."""
    depth = min(SHAPE, max(n["depth"] for n in nodes))
    figure, axes = canvas("page", 0.8 + 0.36 * (depth + 1), provenance)
    panel = axes[0, 0]
    shades, scale = _colours(nodes, classes)
    for i, (left, right) in _shares(nodes, depth).items():
        node, width = nodes[i], right - left
        panel.bar(
            (left + right) / 2,
            0.94,
            width=width,
            bottom=node["depth"] - 0.47,
            color=shades[i],
            ec="white",
            lw=0.3 if width > 0.004 else 0.0,
        )
        if "column" in node and width > _LABELLED and node["depth"] < depth:
            text = plain_label(str(node["column"]).removesuffix("__state"))
            room = max(2, int(width * 100))
            if len(text) <= room:
                at = ((left + right) / 2, node["depth"])
                panel.text(*at, text, ha="center", va="center", size=6, color=_ink(shades[i]))
    panel.set_xlim(0, 1)
    panel.set_ylim(depth + 0.5, -0.5)
    panel.set_yticks(range(depth + 1))
    panel.tick_params(which="both", top=False, right=False)
    panel.set_xlabel("share of the fitting rows")
    panel.set_ylabel("depth")
    if scale is not None:
        bar = figure.colorbar(scale, ax=panel, aspect=25, pad=0.01)
        bar.set_label(axis_label(f"mean {name}", unit))
        bar.outline.set_linewidth(0.5)
    else:
        _legend(panel, classes)
    return Drawing(
        f"tree_depth_{SHAPE}",
        "The shape of the tree",
        captioned(
            "Map of the fitted tree, cut off: each row is a depth, each box a node, as wide as its "
            "share of the fitting rows and coloured by its value"
            + (", the more intense the purer" if classes else "")
            + ". Below a box lie those its question divides it into, yes to the left; the column "
            "of the question stands in boxes that have room. White: the tree has ended above.",
            provenance,
        ),
        (f"train/{model}/fit.json",),
        provenance,
        "page",
        _table(nodes, classes, depth),
        figure,
    )


def _places(nodes: Nodes, depth: int) -> dict[int, tuple[float, float]]:
    """Give each node to a depth its place [0, 1]: half of its parent's to each child."""
    return _divided(nodes, depth, lambda node, nodes: 0.5)


def _shares(nodes: Nodes, depth: int) -> dict[int, tuple[float, float]]:
    """Give each node to a depth its place [0, 1], as wide as its share of the rows."""
    return _divided(nodes, depth, lambda node, nodes: nodes[node["left"]]["rows"] / node["rows"])


def _divided(nodes: Nodes, depth: int, share: Any) -> dict[int, tuple[float, float]]:
    places = {0: (0.0, 1.0)}
    for i, node in enumerate(nodes):
        if i in places and "left" in node and node["depth"] < depth:
            left, right = places[i]
            cut = left + (right - left) * share(node, nodes)
            places[node["left"]], places[node["right"]] = (left, cut), (cut, right)
    return places


def _colours(nodes: Nodes, classes: Sequence[str]) -> tuple[list[Any], Any]:
    """Return the colour of each node; for numbers also the scale of a colour bar."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    if classes:
        mixed = []
        for node in nodes:
            best = int(np.argmax(node["value"]))
            purity = max(0.0, (node["value"][best] - 1 / len(classes)) / (1 - 1 / len(classes)))
            mixed.append(1 - (1 - np.array(_class_colour(best))) * (0.2 + 0.8 * purity))
        return mixed, None
    values = np.array([n["value"] for n in nodes], dtype=float)
    # Few enough colours that the colour bar stays vector.
    shades = colormaps["viridis"].resampled(40)
    norm = Normalize(values.min(), values.max() if np.ptp(values) else values.min() + 1)
    return list(shades(norm(values))), ScalarMappable(norm, shades)


def _class_colour(i: int) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    from boxloop.plots.style import PALETTE

    return to_rgb(PALETTE[i % len(PALETTE)])


def _ink(colour: Any) -> str:
    """Return the colour of text that can be read on another."""
    red, green, blue = colour[:3]
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else INK


def _legend(panel: Any, classes: Sequence[str]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(color=_class_colour(i), label=plain_label(c)) for i, c in enumerate(classes)]
    panel.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(handles))


def _told(node: Mapping[str, Any], classes: Sequence[str]) -> str:
    lines = [f"{_said(str(node['column']))} ≤ {node['cut']:.4g}?"] if "column" in node else []
    lines.append(f"n = {node['rows']:,}")
    if classes:
        best = int(np.argmax(node["value"]))
        lines.append(f"{plain_label(str(classes[best]))} {node['value'][best]:.2f}")
    else:
        lines.append(f"{node['value']:.4g}")
    return "\n".join(lines)


def _said(column: str) -> str:
    """Name a column of a tree's input; an indicator of missing values by what it tells."""
    name, state, _ = column.partition("__state")
    return short_label(f"{name} missing" if state else name, 16)


def _table(nodes: Nodes, classes: Sequence[str], depth: int) -> pd.DataFrame:
    rows = []
    for i, node in enumerate(nodes):
        if node["depth"] > depth:
            continue
        row = {"node": i, "depth": node["depth"], "rows": node["rows"]}
        row |= {k: node.get(k) for k in ("column", "cut", "left", "right")}
        if classes:
            row |= {f"p_{c}": v for c, v in zip(classes, node["value"], strict=False)}
        else:
            row["value"] = node["value"]
        rows.append(row)
    return pd.DataFrame(rows)
