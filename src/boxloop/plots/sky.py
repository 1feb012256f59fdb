"""Where on the sky the objects are."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import Drawing, canvas, captioned, cells
from boxloop.plots.words import short_label

if TYPE_CHECKING:
    from boxloop.results.explore import Sky

#: The most samples that get a map of their own.
PANELS = 4
#: Declinations that an axis may name [deg], from coarse to fine.
_STEPS = (30.0, 15.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1)


def sky(content: "Sky | None", provenance: str) -> Drawing | None:
    """Draw the density of objects on the sky in cells of equal area.

    Parameters
    ----------
    content : Sky or None
        ``sky`` of explore/all.json.
    provenance : str

    Returns
    -------
    Drawing or None
        None where no object has a position.
    """
    if not content:
        return None
    edges = content["ra_edges"], content["sin_dec_edges"]
    ra, sine = (np.asarray(of_axis, dtype=float) for of_axis in edges)
    counts = {s: np.asarray(c, dtype=float) for s, c in content["counts"].items()}
    counts = {s: c for s, c in counts.items() if c.any()}
    if not counts:
        return None
    names = sorted(counts, key=lambda s: -counts[s].sum())[:PANELS]
    down = -(-len(names) // 2)
    figure, axes = canvas(
        "page" if len(names) > 1 else "column",
        0.3 + 2.1 * down,
        provenance,
        down,
        min(2, len(names)),
    )
    seen = sum(counts.values()) > 0
    most = max(c.max() for c in counts.values())
    for panel, name in zip(axes.flat, names, strict=False):
        shades = cells(panel, ra, sine, counts[name], most=most)
        _frame(panel, ra, sine, seen)
        panel.set_title(short_label(f"sample {name}", 32))
    for panel in axes.flat[len(names) :]:
        panel.set_axis_off()
    bar = figure.colorbar(shades, ax=axes.ravel().tolist(), shrink=0.8, aspect=25, pad=0.02)
    bar.set_label("objects in a cell")
    bar.outline.set_linewidth(0.5)
    rows = [
        {
            "sample": s,
            "ra_low": ra[i],
            "ra_high": ra[i + 1],
            "sin_dec_low": sine[j],
            "sin_dec_high": sine[j + 1],
            "count": n,
        }
        for s, of in counts.items()
        for (i, j), n in np.ndenumerate(of)
        if n
    ]
    return Drawing(
        "sky",
        "Positions on the sky",
        captioned("Objects in cells of equal area on the sky, all of them, by sample.", provenance),
        ("explore/all.json",),
        provenance,
        "page" if len(names) > 1 else "column",
        pd.DataFrame(rows),
        figure,
    )


def _frame(panel: Any, ra: Any, sine: Any, seen: Any) -> None:
    """Show the part of the sky that has objects, east to the left, declination in degrees."""
    across, up = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    west, east = max(across[0] - 1, 0), min(across[-1] + 2, len(ra) - 1)
    south, north = max(up[0] - 1, 0), min(up[-1] + 2, len(sine) - 1)
    panel.set_xlim(ra[east], ra[west])
    panel.set_ylim(sine[south], sine[north])
    low, high = (np.degrees(np.arcsin(np.clip(sine[k], -1, 1))) for k in (south, north))
    step = next((s for s in _STEPS if (high - low) / s >= 3), _STEPS[-1])
    ticks = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    # Equal area crowds the poles: where the whole sky is shown, fewer circles are named there.
    ticks = ticks[np.abs(ticks) <= 75] if high - low > 90 else ticks
    panel.set_yticks(np.sin(np.radians(ticks)), [f"{t + 0.0:g}".replace("-", "−") for t in ticks])
    panel.locator_params(axis="x", nbins=5)
    panel.set_xlabel("right ascension [deg]")
    panel.set_ylabel("declination [deg]")
