"""Drawings as small as a word, for tables of many columns: plain SVG, coloured by the page."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boxloop.plots.style import density
from boxloop.plots.words import STATE_LABELS

if TYPE_CHECKING:
    from boxloop.results.common import Histogram

#: Size of a histogram and of a bar, in the units of its own coordinates.
WIDTH, HEIGHT, BAR = 120, 30, 6


def sketch(histogram: "Histogram", other: "Histogram | None" = None) -> str:
    """Return a histogram without axes, and another over it as a line; both have unit area.

    Parameters
    ----------
    histogram, other : Histogram
    """
    edges, heights = density(histogram)
    curves = [(edges, heights)] + ([density(other)] if other else [])
    low = min(float(e[0]) for e, _ in curves)
    high = max(float(e[-1]) for e, _ in curves)
    top = max(float(h.max(initial=0.0)) for _, h in curves) or 1.0
    shapes = [_outline(e, h, low, high, top) for e, h in curves]
    drawn = f'<path class="filled" d="{shapes[0]}Z"/>'
    if len(shapes) > 1:
        drawn += f'<path class="line" d="{shapes[1]}"/>'
    return (
        f'<svg class="sketch" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" '
        f'aria-hidden="true">{drawn}</svg>'
    )


def state_bar(column: Mapping[str, Any]) -> str:
    """Return a bar of what was measured and what is missing, by the meaning of the gap."""
    n = max(column.get("n") or 0, 1)
    at, drawn = 0.0, ""
    for state in ("measured", *STATE_LABELS):
        width = WIDTH * (column.get(state) or 0) / n
        if width:
            drawn += f'<rect class="{state}" x="{at:.2f}" width="{width:.2f}" height="{BAR}"/>'
        at += width
    return (
        f'<svg class="states" viewBox="0 0 {WIDTH} {BAR}" preserveAspectRatio="none" '
        f'aria-hidden="true">{drawn}</svg>'
    )


def _outline(edges: Any, heights: Any, low: float, high: float, top: float) -> str:
    """Return the steps of a histogram as the data of an SVG path, from floor to floor."""

    def x(value: float) -> str:
        return f"{WIDTH * (value - low) / ((high - low) or 1.0):.1f}"

    path = f"M{x(edges[0])} {HEIGHT}"
    for k, height in enumerate(heights):
        path += f"V{HEIGHT - (HEIGHT - 1) * float(height) / top:.1f}H{x(edges[k + 1])}"
    return path + f"V{HEIGHT}"
