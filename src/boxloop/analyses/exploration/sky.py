"""Where on the sky the objects are: counts in cells of equal area."""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.findings import Finding
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.explore import Sky

#: Cells in right ascension and in the sine of declination over the whole sky.
RA_CELLS, DEC_CELLS = 72, 36
#: A cell is crowded that has so many times the median of the cells with objects, and so many.
CROWDED, OBJECTS = 20, 100


def sky_density(table: Table) -> "Sky | None":
    """Count objects in cells of equal area: equal steps of right ascension and of sin(declination).

    Returns
    -------
    Sky or None
        None where the study has no positions.
    """
    names = table.of_role("sky")
    if len(names) != 2:
        return None
    ra, dec = (table.column(n).astype(float) for n in names)
    good = np.isfinite(ra) & np.isfinite(dec) & (np.abs(dec) <= 90)
    ra, sine = np.mod(ra[good], 360.0), np.sin(np.radians(dec[good]))
    ra_edges = np.linspace(0, 360, RA_CELLS + 1)
    sine_edges = np.linspace(-1, 1, DEC_CELLS + 1)
    sample = table.named("sample")
    origin = table.column(sample).astype(str)[good] if sample else np.full(len(ra), "all")
    counts = {
        str(s): _counted(ra[origin == s], sine[origin == s], ra_edges, sine_edges)
        for s in np.unique(origin)
    }
    total = np.sum(list(counts.values()), axis=0) if counts else np.zeros((RA_CELLS, DEC_CELLS))
    return {
        "ra_edges": ra_edges.tolist(),
        "sin_dec_edges": sine_edges.tolist(),
        "counts": {s: c.tolist() for s, c in counts.items()},
        "footprint": float((total > 0).mean()),
        "placed": int(good.sum()),
    }


def about_sky(sky: "Sky | None") -> list[Finding]:
    """Remark on cells with many more objects than others: a cluster, or a field seen many times."""
    if not sky or not sky["counts"]:
        return []
    total = np.sum([np.asarray(c) for c in sky["counts"].values()], axis=0)
    filled = total[total > 0]
    if len(filled) < 5:
        return []
    limit = max(CROWDED * float(np.median(filled)), OBJECTS)
    crowded = np.argwhere(total > limit)
    if not len(crowded):
        return []
    i, j = np.unravel_index(int(total.argmax()), total.shape)
    ra = (sky["ra_edges"][i] + sky["ra_edges"][i + 1]) / 2
    dec = np.degrees(np.arcsin((sky["sin_dec_edges"][j] + sky["sin_dec_edges"][j + 1]) / 2))
    rows = int(total[total > limit].sum())
    message = (
        f"{rows} objects stand in {len(crowded)} cells of the sky with more than {CROWDED} times "
        f"the median number of objects; the fullest, {int(total[i, j])} objects, is near right "
        f"ascension {ra:.1f} and declination {dec:.1f} degrees"
    )
    return [Finding("low", "batch", None, message, {"rows": rows, "cells": len(crowded)})]


def _counted(
    ra: "NDArray[np.float64]",
    sine: "NDArray[np.float64]",
    ra_edges: "NDArray[np.float64]",
    sine_edges: "NDArray[np.float64]",
) -> "NDArray[np.int64]":
    return np.histogram2d(ra, sine, [ra_edges, sine_edges])[0].astype(np.int64)
