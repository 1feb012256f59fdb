"""The look of all figures."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

#: Widths of a journal's column and page [inch].
WIDTHS: dict[str, float] = {"column": 3.4, "page": 7.0}

#: Colours that stay apart for all common kinds of colour vision.
#: Okabe, M. & Ito, K. (2008), Color Universal Design.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, GREY, INK = "#E69F00", "#56B4E9", "#8A8A8A", "#222222"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY, INK)

#: Height kept free for the mark of simulated data [inch].
_MARK = 0.13

_LOOK: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.size": 8.0,
    "axes.labelsize": 8.0,
    "axes.titlesize": 8.0,
    "axes.titleweight": "normal",
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "xtick.minor.size": 1.6,
    "ytick.minor.size": 1.6,
    "lines.linewidth": 1.1,
    "lines.markersize": 4.0,
    "patch.linewidth": 0.6,
    "hatch.linewidth": 0.5,
    "legend.fontsize": 7.0,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "axes.formatter.use_mathtext": False,
    "axes.unicode_minus": True,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
}
#: A serif face in print, beside Times; on a screen the widest face, so that no other overflows.
_PRINT = {"font.sans-serif": ["STIXGeneral", "DejaVu Sans"], "mathtext.fontset": "stix"}
_SCREEN = {"font.sans-serif": ["DejaVu Sans"], "mathtext.fontset": "dejavusans"}


#: A row of a figure's numbers.
Row = dict[str, str | float | None]


@dataclass(frozen=True)
class Drawing:
    """A figure with everything that has to stand beside it.

    Attributes
    ----------
    name : str
        Stem of its files.
    title, caption : str
        Plain text; a caption has no digits of its own, so that no number goes untraced.
    source : tuple of str
        The results it was drawn from, as stage/file.
    provenance : str
        real, simulated or mixed.
    width : {"column", "page"}
    numbers : pandas.DataFrame
        What was drawn.
    figure : matplotlib.figure.Figure
    """

    name: str
    title: str
    caption: str
    source: tuple[str, ...]
    provenance: str
    width: Literal["column", "page"]
    numbers: pd.DataFrame
    figure: "Figure"


@contextmanager
def style(medium: Literal["print", "screen"] = "print") -> Iterator[None]:
    """Draw in the look of the house inside this block; nothing global is left changed."""
    import matplotlib as mpl

    look: Any = {**_LOOK, **(_PRINT if medium == "print" else _SCREEN)}
    with mpl.rc_context(look):
        yield


def canvas(
    width: Literal["column", "page"],
    height: float,
    provenance: str,
    rows: int = 1,
    columns: int = 1,
    **subplots: Any,
) -> tuple["Figure", Any]:
    """Return a figure and its axes, marked where the data are simulated.

    Parameters
    ----------
    width : {"column", "page"}
    height : float
        [inch]
    provenance : str
    rows, columns : int
    **subplots
        Passed to `Figure.subplots`.

    Returns
    -------
    figure : Figure
    axes : ndarray of Axes, shape (rows, columns)
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTHS[width], height), layout="constrained")
    mark = mark_of(provenance)
    if mark:
        figure.text(
            0.995, 0.995, mark, ha="right", va="top", size=6, weight="bold", color=VERMILION
        )
        engine: Any = figure.get_layout_engine()
        engine.set(rect=(0, 0, 1, 1 - _MARK / height))
    return figure, figure.subplots(rows, columns, squeeze=False, **subplots)


def mark_of(provenance: str) -> str:
    """Return what every figure of data that are not purely real says."""
    return {"simulated": "SIMULATED", "mixed": "PARTLY SIMULATED"}.get(provenance, "")


def captioned(caption: str, provenance: str) -> str:
    """Put the provenance before a caption where it matters."""
    first = {"simulated": "Simulated data. ", "mixed": "Partly simulated data. "}
    return first.get(provenance, "") + caption


def steps(axes: Any, edges: Any, heights: Any, **look: Any) -> Any:
    """Draw a histogram from its edges and heights as one outline."""
    return axes.stairs(np.asarray(heights, dtype=float), np.asarray(edges, dtype=float), **look)


def density(histogram: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return edges and density of a histogram; with what lies outside it integrates to one."""
    edges = np.asarray(histogram["edges"], dtype=float)
    counts = np.asarray(histogram["counts"], dtype=float)
    total = counts.sum() + histogram.get("below", 0) + histogram.get("above", 0)
    return edges, counts / max(total, 1.0) / np.diff(edges)


def cells(axes: Any, edges_x: Any, edges_y: Any, counts: Any, most: float = 1.0) -> Any:
    """Draw the filled cells of a 2-d histogram as vector shapes, in logarithmic steps of colour.

    All cells of a colour are one shape: no seams between them, and small files.

    Parameters
    ----------
    axes : Axes
    edges_x, edges_y : array, shape (nx + 1,), (ny + 1,)
    counts : array, shape (nx, ny)
    most : float, the largest count that the colours have to reach at least

    Returns
    -------
    ScalarMappable
        For a colour bar.
    """
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.patches import PathPatch

    counts = np.asarray(counts, dtype=float)
    levels = _levels(counts.max(initial=most))
    colours = colormaps["Blues"](np.linspace(0.22, 1.0, len(levels) - 1))
    shades = ListedColormap(colours)
    for k, colour in enumerate(colours):
        inside = np.argwhere((counts >= levels[k]) & (counts < levels[k + 1]))
        if len(inside):
            shape = _rectangles(np.asarray(edges_x), np.asarray(edges_y), inside)
            axes.add_patch(PathPatch(shape, fc=colour, ec=colour, lw=0.1))
    axes.set_xlim(edges_x[0], edges_x[-1])
    axes.set_ylim(edges_y[0], edges_y[-1])
    return ScalarMappable(BoundaryNorm(levels, len(colours)), shades)


def _levels(most: float) -> list[float]:
    """Return the steps one, two, five of each decade, past the largest count."""
    levels = [1.0]
    while levels[-1] <= most or len(levels) < 4:
        decade, step = divmod(len(levels), 3)
        levels.append(float((1, 2, 5)[step] * 10**decade))
    return levels


def _rectangles(x: Any, y: Any, inside: Any) -> Any:
    from matplotlib.path import Path

    i, j = inside.T
    corners = np.stack(
        [
            np.stack([x[i], y[j]], axis=1),
            np.stack([x[i + 1], y[j]], axis=1),
            np.stack([x[i + 1], y[j + 1]], axis=1),
            np.stack([x[i], y[j + 1]], axis=1),
            np.stack([x[i], y[j]], axis=1),
        ],
        axis=1,
    )
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(corners.reshape(-1, 2), np.tile(codes, len(inside)))


def bins(name: str, sample: str, histogram: Mapping[str, Any], heights: Any) -> list[Row]:
    """List the bins of a histogram as rows of a figure's numbers."""
    edges, counts = histogram["edges"], histogram["counts"]
    rows: list[Row] = []
    for i, count in enumerate(counts):
        row: Row = {"feature": name, "sample": sample, "low": edges[i], "high": edges[i + 1]}
        row["count"] = count
        if heights is not None:
            row["density"] = heights[i]
        rows.append(row)
    return rows


def handles_of(panels: Any) -> "dict[str, Artist]":
    """Return each label of the panels once, with its handle, for a common legend."""
    found: dict[str, Artist] = {}
    for panel in panels:
        handles, labels = panel.get_legend_handles_labels()
        found.update({k: h for h, k in zip(handles, labels, strict=True) if k not in found})
    return found
