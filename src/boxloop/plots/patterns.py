"""Which columns are missing together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import BLUE, GREY, SKY, Drawing, canvas, captioned
from boxloop.plots.words import short_label

if TYPE_CHECKING:
    from boxloop.results.explore import Pattern

#: The most patterns and columns that are drawn, the commonest first.
PATTERNS = 12
COLUMNS = 30


def missing_patterns(patterns: "Sequence[Pattern] | None", provenance: str) -> Drawing | None:
    """Draw the commonest sets of columns that are missing together, and how often each occurs.

    Parameters
    ----------
    patterns : sequence of Pattern or None
        ``missing_patterns`` of explore/all.json.
    provenance : str

    Returns
    -------
    Drawing or None
        None where nothing is missing.
    """
    every = sorted(patterns or [], key=lambda p: -p["rows"])
    shown = every[:PATTERNS]
    times: dict[str, int] = {}
    for pattern in shown:
        for name in pattern["columns"]:
            times[name] = times.get(name, 0) + pattern["rows"]
    names = sorted(times, key=lambda n: -times[n])[:COLUMNS]
    if not names:
        return None
    width: Any = "column" if len(names) <= 8 else "page"
    figure, axes = canvas(
        width,
        0.9 + 0.17 * len(shown) + 0.05 * max(min(len(n), 24) for n in names),
        provenance,
        1,
        2,
        sharey=True,
        width_ratios=(max(len(names), 3), 4 if width == "column" else 8),
    )
    dots, bars = axes[0]
    rows = np.arange(len(shown))
    grid = np.array([[n in p["columns"] for n in names] for p in shown])
    at_y, at_x = np.nonzero(grid)
    dots.plot(*np.nonzero(~grid)[::-1], ls="none", marker=".", ms=2.5, color=GREY, alpha=0.5)
    dots.plot(at_x, at_y, ls="none", marker="s", ms=5.5, color=BLUE)
    dots.set_xticks(range(len(names)), [short_label(n) for n in names], rotation=90)
    dots.set_yticks([])
    dots.set_xlim(-0.6, len(names) - 0.4)
    dots.invert_yaxis()
    dots.tick_params(length=0)
    bars.barh(rows, [p["rows"] for p in shown], color=SKY, ec=BLUE, height=0.65)
    bars.tick_params(axis="y", length=0)
    bars.locator_params(axis="x", nbins=3)
    bars.set_xlabel("objects")
    numbers = [
        {"pattern": i, "columns": " ".join(p["columns"]), "rows": p["rows"]}
        for i, p in enumerate(every)
    ]
    return Drawing(
        "missing_patterns",
        "What is missing together",
        captioned(
            "The commonest patterns of missing values, one to a line: a square marks a column that "
            "is missing, the bar how many objects are so.",
            provenance,
        ),
        ("explore/all.json",),
        provenance,
        width,
        pd.DataFrame(numbers),
        figure,
    )
