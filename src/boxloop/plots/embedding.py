"""The objects in two dimensions: principal components and a neighbour embedding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import GREY, PALETTE, Drawing, Row, canvas, captioned, handles_of
from boxloop.plots.words import plain_label, short_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.explore import Embedding

#: The most objects a panel shows: more points hide each other, and make the file slow to open.
POINTS = 1500
#: The most classes with a colour of their own; the rest is grey.
CLASSES = 7
#: Parts of equal size into which a number is cut to be shown by colour.
PARTS = 5
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_OTHERS = "other classes"


def embedding(content: "Embedding | None", label: str, provenance: str) -> Drawing | None:
    """Draw the objects along their principal components, and so that neighbours stay neighbours.

    Parameters
    ----------
    content : Embedding or None
    label : str
        What the labels are, with its unit; empty where there are none.
    provenance : str

    Returns
    -------
    Drawing or None
        None where nothing could be embedded.
    """
    panels = _panels(content) if content else {}
    if not panels:
        return None
    width: Any = "page" if len(panels) > 1 else "column"
    figure, axes = canvas(width, 3.1, provenance, 1, len(panels))
    rows: list[Row] = []
    groups = _groups(next(iter(panels.values())).labels)
    for axis, (name, panel) in zip(axes.flat, panels.items(), strict=True):
        rows += _draw(axis, name, panel, groups)
        axis.set_xlabel(panel.axes[0])
        axis.set_ylabel(panel.axes[1])
        axis.set_title(panel.title)
    handles = handles_of(axes.flat)
    if handles:
        figure.legend(
            handles.values(),
            handles.keys(),
            loc="outside upper left",
            ncols=4 if width == "page" else 2,
            title=plain_label(label) or None,
            title_fontsize=7,
            alignment="left",
            markerscale=1.6,
        )
    return Drawing(
        "embedding",
        "The objects in two dimensions",
        captioned(_caption(panels, bool(groups.names)), provenance),
        ("explore/embedding.json",),
        provenance,
        width,
        pd.DataFrame(rows),
        figure,
    )


@dataclass(frozen=True)
class _Panel:
    """What is drawn in one panel: coordinates, labels, names of axes."""

    x: Sequence[float]
    y: Sequence[float]
    labels: Sequence[str | float | None]
    axes: tuple[str, str]
    title: str


def _panels(content: "Embedding") -> dict[str, _Panel]:
    """Gather what can be drawn."""
    found = {}
    pca, neighbours = content["pca"], content["neighbours"]
    # Fewer objects may be embedded than described: then the labels are those of the first.
    if pca.get("x"):
        labels = (content["labels"] or [])[: len(pca["x"])]
        axes = _components(pca.get("explained") or [])
        found["pca"] = _Panel(pca["x"], pca["y"], labels, axes, "principal components")
    if neighbours.get("x"):
        labels = (neighbours.get("labels", content["labels"]) or [])[: len(neighbours["x"])]
        axes = "first coordinate", "second coordinate"
        title = neighbours["method"]
        found["neighbours"] = _Panel(neighbours["x"], neighbours["y"], labels, axes, title)
    return found


def _components(explained: Sequence[float]) -> tuple[str, str]:
    words = ("first component", "second component")
    if len(explained) < 2:
        return words
    first, second = (
        f"{w} ({e:.0%} of the variance)" for w, e in zip(words, explained, strict=False)
    )
    return first, second


@dataclass(frozen=True)
class _Groups:
    """What the labels are sorted into: classes, or parts of a range of numbers."""

    names: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()

    def of(self, labels: Sequence[Any]) -> "NDArray[np.intp]":
        """Return the group of every label; -1 where there is none."""
        if self.edges:
            values = np.array([np.nan if v is None else v for v in labels], dtype=float)
            part = np.searchsorted(self.edges[1:-1], values, side="right")
            return np.where(np.isfinite(values), part, -1)
        known = {name: k for k, name in enumerate(self.names)}
        others = known.get(_OTHERS, -1)
        return np.array([-1 if v is None else known.get(str(v), others) for v in labels], dtype=int)


def _groups(labels: Sequence[Any]) -> _Groups:
    """Return the groups that labels fall into, the commonest class first."""
    known = [v for v in labels if v is not None]
    if not known:
        return _Groups()
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in known):
        return _parts(np.asarray(known, dtype=float))
    names, counts = np.unique([str(v) for v in known], return_counts=True)
    order = [str(n) for n in names[np.argsort(-counts, kind="stable")]]
    shown, rest = order[:CLASSES], order[CLASSES:]
    return _Groups(
        (*shown, *([_OTHERS] if rest else [])), (*PALETTE[: len(shown)], GREY), (*_MARKERS, ".")
    )


def _parts(values: "NDArray[np.float64]") -> _Groups:
    """Cut numbers into parts of equal size, coloured from dark to light."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    finite = values[np.isfinite(values)]
    if not len(finite):
        return _Groups()
    edges = np.unique(np.quantile(finite, np.linspace(0, 1, PARTS + 1)))
    if len(edges) < 2:
        return _Groups()
    n = len(edges) - 1
    return _Groups(
        tuple(f"{edges[k]:.3g} to {edges[k + 1]:.3g}".replace("-", "−") for k in range(n)),
        tuple(to_hex(c) for c in colormaps["viridis"](np.linspace(0.0, 0.92, n))),
        ("o",) * n,
        tuple(edges),
    )


def _draw(axis: Any, name: str, panel: _Panel, groups: _Groups) -> list[Row]:
    """Draw the objects of a panel, the commonest class first; return what was drawn."""
    n = len(panel.x)
    # Evenly through the rows, which are a random sample already.
    chosen = np.unique(np.linspace(0, n - 1, min(n, POINTS)).round().astype(int))
    x, y = (np.asarray(places, dtype=float)[chosen] for places in (panel.x, panel.y))
    labels = [panel.labels[i] for i in chosen] if panel.labels else [None] * len(chosen)
    look: dict[str, Any] = {"ls": "none", "ms": 2.2, "mew": 0, "alpha": 0.75}
    group = groups.of(labels)
    none = group < 0
    if none.any():
        axis.plot(x[none], y[none], marker="o", color=GREY if groups.names else PALETTE[0], **look)
    for k, called in enumerate(groups.names):
        mine, look["marker"], look["color"] = group == k, groups.markers[k], groups.colours[k]
        if mine.any():
            axis.plot(x[mine], y[mine], label=short_label(called), **look)
    axis.locator_params(nbins=5)
    return [
        {"panel": name, "x": a, "y": b, "label": v} for a, b, v in zip(x, y, labels, strict=True)
    ]


def _which(panels: Mapping[str, _Panel]) -> str:
    """Say whether the map is of the objects of the first panel; of fewer, it drew its own."""
    sizes = {len(panel.x) for panel in panels.values()}
    return "as" if len(sizes) == 1 else "another sample of them as"


def _caption(panels: Mapping[str, _Panel], labelled: bool) -> str:
    parts = []
    if "pca" in panels:
        parts.append("along the principal components of their scaled features")
    if "neighbours" in panels:
        parts.append(
            f"{_which(panels)} {panels['neighbours'].title} places them by "
            f"{'these' if parts else 'their'} scaled features: neighbours stay neighbours, but "
            "distances between groups and their sizes mean nothing"
        )
    coloured = "; coloured by the target" if labelled else ""
    return f"A sample of the objects {' and '.join(parts)}{coloured}."
