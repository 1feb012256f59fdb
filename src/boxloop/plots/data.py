"""Figures of the data: distributions, missing values, correlations, the target."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.plots.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SKY,
    VERMILION,
    Drawing,
    Row,
    bins,
    canvas,
    captioned,
    density,
    handles_of,
    steps,
)
from boxloop.plots.words import STATE_LABELS, axis_label, plain_label
from boxloop.study.known_modality import of_modality

if TYPE_CHECKING:
    from boxloop.results.common import Histogram
    from boxloop.results.explore import Correlation, DescribedColumn

#: The most panels or rows a figure is given; the rest stands in the tables.
PANELS = 12
ROWS = 25
#: The objects that most figures show.
TRAINING = "training objects"
#: Share of the target sample beyond the trained range that gets an arrow.
_BEYOND = 0.03


def features(
    training: "Mapping[str, DescribedColumn]",
    target_sample: "Mapping[str, DescribedColumn] | None",
    provenance: str,
    of: str = TRAINING,
) -> Drawing | None:
    """Draw the distribution of every feature, training objects against the target sample.

    Parameters
    ----------
    training : mapping
        ``columns`` of explore/training.json.
    target_sample : mapping or None
        ``target_sample.columns`` of explore/all.json.
    provenance : str
    of : str
        Which objects ``training`` describes.

    Returns
    -------
    Drawing or None
        None where no feature has a histogram.
    """
    names = [n for n, c in training.items() if _is_feature(c) and c.get("histogram")]
    names.sort(key=lambda n: training[n]["role"] != "feature")
    names = names[:PANELS]
    if not names:
        return None
    across = min(4, len(names))
    down = -(-len(names) // across)
    figure, axes = canvas("page", 0.4 + 1.35 * down, provenance, down, across)
    rows: list[Row] = []
    for panel, name in zip(axes.flat, names, strict=False):
        samples = {of: training[name]}
        there = target_sample.get(name) if target_sample else None
        if there and there.get("histogram"):
            samples["target sample"] = there
        for sample, column in samples.items():
            histogram = _histogram(column)
            edges, heights = density(histogram)
            filled = sample == of
            look: dict[str, Any] = {"color": SKY, "alpha": 0.75, "fill": True, "lw": 0}
            if not filled:
                look = {"color": VERMILION, "lw": 1.1}
            steps(panel, edges, heights, label=sample, **look)
            rows += bins(name, sample, histogram, heights)
        panel.set_xlabel(axis_label(name, training[name].get("unit", "")))
        panel.set_yticks([])
        panel.set_ylim(bottom=0)
        panel.set_xlim(*_view(list(samples.values())))
        if "target sample" in samples:
            _mark_beyond(panel, _histogram(samples["target sample"]))
    for panel in axes.flat[len(names) :]:
        panel.set_axis_off()
    figure.supylabel("density", size=8)
    handles = handles_of(axes.flat[: len(names)])
    if len(handles) > 1:
        figure.legend(
            handles.values(), handles.keys(), loc="outside upper left", ncols=2, borderaxespad=0.2
        )
    caption = f"Distribution of the features of the {of} (filled)"
    if len(handles) > 1:
        caption += (
            " and of the target sample (line); an arrow marks a side on which many target objects "
            "lie beyond their range"
        )
    return Drawing(
        "features",
        "Distributions of the features",
        captioned(caption + ". Histograms have unit area, what lies beyond included.", provenance),
        ("explore/training.json", "explore/all.json") if of == TRAINING else ("explore/all.json",),
        provenance,
        "page",
        pd.DataFrame(rows),
        figure,
    )


def missing(
    columns: "Mapping[str, DescribedColumn]",
    target_sample: "Mapping[str, DescribedColumn] | None",
    provenance: str,
) -> Drawing | None:
    """Draw which share of each feature is missing, by the meaning of the missing value.

    Returns None where nothing is missing.
    """
    samples = {"labelled objects": columns, "target sample": target_sample or {}}
    rows = [
        {"sample": s, "feature": n, "state": k, "fraction": rows / max(c.get("n", 0), 1)}
        for s, table in samples.items()
        for n, c in table.items()
        if _is_feature(c)
        for k, rows in _gaps(c).items()
    ]
    numbers = pd.DataFrame(rows, columns=["sample", "feature", "state", "fraction"])
    totals = numbers.groupby("feature", sort=False)["fraction"].sum()
    if not (totals > 0).any():
        return None
    shown = list(totals[totals > 0].sort_values(ascending=False, kind="stable").index[:ROWS])[::-1]
    kept = [s for s in samples if (numbers["sample"] == s).any()]
    most = numbers.groupby(["sample", "feature"])["fraction"].sum().max()
    figure, axes = canvas(
        "column", 0.95 + 0.17 * len(shown), provenance, 1, len(kept), sharey=True, sharex=True
    )
    looks = {
        "not_observed": {"color": GREY},
        "not_detected": {"color": BLUE, "hatch": "////", "edgecolor": "white"},
        "masked": {"color": ORANGE, "hatch": "....", "edgecolor": "white"},
    }
    for panel, sample in zip(axes.flat, kept, strict=True):
        left = np.zeros(len(shown))
        for state, label in STATE_LABELS.items():
            mine = numbers[(numbers["sample"] == sample) & (numbers["state"] == state)]
            widths = mine.set_index("feature")["fraction"].reindex(shown).fillna(0).to_numpy()
            if widths.any():
                panel.barh(
                    range(len(shown)), widths, left=left, label=label, height=0.7, **looks[state]
                )
            left = left + widths
        panel.set_yticks(range(len(shown)), [plain_label(n) for n in shown])
        panel.tick_params(axis="y", length=0)
        panel.set_title(sample)
        panel.set_xlim(0, min(1.05 * most, 1.0))
        panel.locator_params(axis="x", nbins=4)
    figure.supxlabel("fraction of objects", size=8)
    handles = handles_of(axes.flat)
    figure.legend(handles.values(), handles.keys(), loc="outside upper left", ncols=3)
    return Drawing(
        "missing",
        "Missing values",
        captioned("Share of the values that are missing, by what the gap means.", provenance),
        ("explore/all.json",),
        provenance,
        "column",
        numbers,
        figure,
    )


def correlation(
    content: "Correlation | None", provenance: str, of: str = TRAINING
) -> Drawing | None:
    """Draw the matrix of Spearman's rank correlations; None for fewer than two columns."""
    names = content["columns"] if content else []
    if content is None or len(names) < 2:
        return None
    matrix = np.array(content["spearman"], dtype=float)
    n = len(names)
    width: Any = "column" if n <= 10 else "page"
    figure, axes = canvas(width, 3.0 if width == "column" else min(6.4, 1.6 + 0.22 * n), provenance)
    panel = axes[0, 0]
    edges = np.arange(n + 1) - 0.5
    from matplotlib import colormaps

    # Few enough colours that the colour bar stays vector.
    shades = colormaps["RdBu_r"].resampled(40)
    mesh = panel.pcolormesh(edges, edges, matrix, cmap=shades, vmin=-1, vmax=1, lw=0.3, ec="face")
    panel.invert_yaxis()
    panel.set_xticks(range(n), [plain_label(x) for x in names], rotation=90)
    panel.set_yticks(range(n), [plain_label(x) for x in names])
    panel.tick_params(length=0)
    if n <= 10:
        for i, j in np.ndindex(n, n):
            if np.isfinite(matrix[i, j]):
                ink = "white" if abs(matrix[i, j]) > 0.6 else INK
                panel.text(j, i, f"{matrix[i, j]:.2f}", ha="center", va="center", size=5, color=ink)
    bar = figure.colorbar(mesh, ax=panel, shrink=0.8, aspect=25, pad=0.02)
    bar.set_label("Spearman's rank correlation")
    bar.outline.set_linewidth(0.5)
    rows = [
        {"first": names[i], "second": names[j], "spearman": matrix[i, j]}
        for i, j in np.ndindex(n, n)
    ]
    return Drawing(
        "correlation",
        "Correlations between the features",
        captioned(f"Rank correlations between the columns of the {of}.", provenance),
        ("explore/training.json" if of == TRAINING else "explore/all.json",),
        provenance,
        width,
        pd.DataFrame(rows),
        figure,
    )


def target(content: Mapping[str, Any], provenance: str) -> Drawing | None:
    """Draw the distribution of the target over the training objects.

    Parameters
    ----------
    content : mapping
        ``target`` of explore/training.json: name, unit, and histogram or classes.
    provenance : str
    """
    figure, axes = canvas("column", 2.2, provenance)
    panel, name = axes[0, 0], str(content.get("name", "target"))
    label = axis_label(name, content.get("unit") or "")
    if content.get("classes"):
        classes = content["classes"]
        panel.barh(range(len(classes)), list(classes.values()), color=SKY, ec=BLUE, height=0.7)
        panel.set_yticks(range(len(classes)), [plain_label(c) for c in classes])
        panel.tick_params(axis="y", length=0)
        panel.invert_yaxis()
        panel.set_xlabel("training objects")
        panel.set_ylabel(label)
        rows: list[Row] = [{"class": c, "count": n} for c, n in classes.items()]
    elif content.get("histogram"):
        edges, _ = density(content["histogram"])
        counts = content["histogram"]["counts"]
        steps(panel, edges, counts, fill=True, color=SKY, alpha=0.75, lw=0)
        steps(panel, edges, counts, color=BLUE, lw=0.9)
        panel.set_xlabel(label)
        panel.set_ylabel("training objects")
        panel.set_xlim(edges[0], edges[-1])
        panel.set_ylim(bottom=0)
        rows = bins(name, "training", content["histogram"], None)
    else:
        return None
    return Drawing(
        "target",
        "Distribution of the target",
        captioned(f"What is to be predicted: {name}, for the training objects.", provenance),
        ("explore/training.json",),
        provenance,
        "column",
        pd.DataFrame(rows),
        figure,
    )


def _is_feature(column: "DescribedColumn") -> bool:
    role = column.get("role")
    return role in ("feature", "derived") or of_modality(role)


def _histogram(column: "DescribedColumn") -> "Histogram":
    """Return the histogram of a column that has one."""
    found = column["histogram"]
    assert found is not None
    return found


def _gaps(column: "DescribedColumn") -> dict[str, int]:
    """Return how many values are missing, by the meaning of the gap."""
    return {
        "not_observed": column.get("not_observed", 0),
        "not_detected": column.get("not_detected", 0),
        "masked": column.get("masked", 0),
    }


def _mark_beyond(panel: Any, histogram: "Histogram") -> None:
    """Point to the side on which much of the target sample lies outside the bins."""
    below, above = histogram.get("below", 0), histogram.get("above", 0)
    total = below + above + sum(histogram["counts"])
    for outside, x, marker in ((below, 0.05, "<"), (above, 0.95, ">")):
        if outside > _BEYOND * max(total, 1):
            panel.plot(x, 0.9, marker, color=VERMILION, ms=4, transform=panel.transAxes)


def _view(columns: "Sequence[DescribedColumn]") -> tuple[float, float]:
    """Return limits that hold all but the farthest hundredth of the values."""
    edges = [_histogram(c)["edges"] for c in columns]
    first, last = min(e[0] for e in edges), max(e[-1] for e in edges)
    low = min(_known(c.get("q01"), e[0]) for c, e in zip(columns, edges, strict=True))
    high = max(_known(c.get("q99"), e[-1]) for c, e in zip(columns, edges, strict=True))
    pad = 0.12 * (high - low) or 0.5
    return max(low - pad, first), min(high + pad, last)


def _known(value: float | None, instead: float) -> float:
    return instead if value is None else value
