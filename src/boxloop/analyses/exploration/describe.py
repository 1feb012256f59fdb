"""Describe columns: what is measured and what is missing, moments, quantiles, histogram."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boxloop.store import Column, Table
from boxloop.study.seeds import generator
from boxloop.study.vocabulary import STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.common import Histogram
    from boxloop.results.explore import Correlation, DescribedColumn, Moments, States

    Floats = NDArray[np.float64]

#: Roles of the columns that are described, and of those that models may use.
DESCRIBED = ("feature", "derived", "feature_error", "error", "sky", "light_curve", "image")
USABLE = ("feature", "derived", "feature_error")

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
BINS = 40
#: Rows that are drawn where a computation on all rows would be slow.
SAMPLE_ROWS = 10_000
SAMPLE_IMAGES = 1_000


def describe(table: Table) -> "dict[str, DescribedColumn]":
    """Describe every column that models, or the reader of a report, look at.

    Parameters
    ----------
    table : Table
        As `flat` returns it.

    Returns
    -------
    dict
        For each column the entry of ``explore/all.json``.
    """
    found: dict[str, DescribedColumn] = {}
    for name in table.of_role(*DESCRIBED):
        about = table.columns[name]
        if about.role == "light_curve" and name not in _LIGHT_CURVE:
            continue
        found[name] = {
            "role": about.role,
            "unit": about.unit,
            "description": about.description,
            "n": len(table),
            **_states(table, name),
            **summarise(numbers(table, name)),
            "n_unique": int(table.frame[name].nunique()),
        }
    return found


def summarise(values: "Floats") -> "Moments":
    """Return moments, quantiles and histogram of the finite values; null where there are none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return _NOTHING.copy()
    q01, q05, q25, median, q75, q95, q99 = (float(c) for c in np.quantile(finite, QUANTILES))
    return {
        "n_finite": len(finite),
        "mean": float(finite.mean()),
        "std": float(finite.std()),
        "min": float(finite.min()),
        "q01": q01,
        "q05": q05,
        "q25": q25,
        "median": median,
        "q75": q75,
        "q95": q95,
        "q99": q99,
        "max": float(finite.max()),
        "histogram": histogram(finite),
    }


#: What is said of a column without any finite value.
_NOTHING: "Moments" = {
    "n_finite": 0,
    "mean": None,
    "std": None,
    "min": None,
    "q01": None,
    "q05": None,
    "q25": None,
    "median": None,
    "q75": None,
    "q95": None,
    "q99": None,
    "max": None,
    "histogram": None,
}


def histogram(finite: "Floats") -> "Histogram":
    """Count values in equal bins over the bulk of them.

    The bins span the central 99 per cent and a margin, so that a few wild values do not hide the
    rest; what lies outside is counted as ``below`` and ``above``.
    """
    low, high = np.quantile(finite, [0.005, 0.995])
    margin = 0.1 * (high - low)
    low, high = max(finite.min(), low - margin), min(finite.max(), high + margin)
    if not high > low:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BINS + 1)
    return {
        "edges": [float(e) for e in edges],
        "counts": [int(c) for c in np.histogram(finite, edges)[0]],
        "below": int((finite < edges[0]).sum()),
        "above": int((finite > edges[-1]).sum()),
    }


def numbers(table: Table, name: str) -> "Floats":
    """Return a column as floats; text that is no number becomes NaN."""
    column = table.frame[name]
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=float)


def correlations(table: Table, names: list[str], *, seed: int) -> "Correlation":
    """Return Spearman's rank correlation of all pairs of columns.

    Each pair uses the rows in which both are finite, of at most `SAMPLE_ROWS` rows drawn at random;
    null where a column is constant or nothing is left.
    """
    rows = sample_rows(len(table), SAMPLE_ROWS, seed, "correlation")
    some = table.take(rows)
    frame = pd.DataFrame({n: numbers(some, n) for n in names})
    frame = frame.where(np.isfinite(frame))
    matrix = frame.corr(method="spearman", min_periods=3) if names else frame
    return {"columns": names, "rows": len(rows), "spearman": matrix.to_numpy().tolist()}


def sample_rows(n: int, most: int, seed: int, use: str) -> "NDArray[np.intp]":
    """Return the indices of all rows, or of `most` of them drawn at random, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(generator(seed, "explore", use).choice(n, most, replace=False))


#: What is said of a light curve as a whole: description; the unit is that of its column.
_LIGHT_CURVE = {
    "light_curve.epochs": "number of epochs",
    "light_curve.span": "time from first to last epoch",
    "light_curve.middle": "median of the values",
    "light_curve.scatter": "standard deviation of the values",
}
_IMAGE = {"image.mean": "mean of the pixels", "image.brightest": "brightest pixel"}


def flat(table: Table, *, seed: int) -> Table:
    """Add a few numbers for every light curve and image, so that they are described as well.

    Light curves get number of epochs, span, median and scatter; images mean and brightest pixel, of
    at most `SAMPLE_IMAGES` of them drawn at random, missing for the others.
    """
    frame, columns = table.frame.copy(deep=False), dict(table.columns)
    if "light_curve.value" in frame:
        lists = zip(frame["light_curve.time"], frame["light_curve.value"], strict=True)
        rows = [_of_light_curve(np.asarray(t, float), np.asarray(v, float)) for t, v in lists]
        units = {"light_curve.span": "light_curve.time", "light_curve.epochs": ""}
        for (name, text), values in zip(_LIGHT_CURVE.items(), np.array(rows).T, strict=True):
            source = columns.get(units.get(name, "light_curve.value"))
            frame[name] = values
            columns[name] = Column("light_curve", source.unit if source else "", text)
    if "image" in table.arrays:
        drawn = sample_rows(len(table), SAMPLE_IMAGES, seed, "images")
        found = np.full((2, len(table)), np.nan)
        for row in drawn:
            found[:, row] = _of_image(np.asarray(table.arrays["image"][row], float))
        for (name, text), values in zip(_IMAGE.items(), found, strict=True):
            frame[name], columns[name] = values, Column("image", "", text)
    return Table(frame, columns, table.provenance)


def _of_light_curve(time: "Floats", value: "Floats") -> tuple[float, float, float, float]:
    value = value[np.isfinite(value)]
    if not len(value) or not len(time):
        return float(len(time)), np.nan, np.nan, np.nan
    return float(len(time)), float(np.ptp(time)), float(np.median(value)), float(value.std())


def _of_image(pixels: "Floats") -> tuple[float, float]:
    seen = pixels[np.isfinite(pixels)]
    return (float(seen.mean()), float(seen.max())) if len(seen) else (np.nan, np.nan)


def _states(table: Table, name: str) -> "States":
    """Count how often a column was measured, and why not where it was not."""
    if f"{name}__state" in table.frame:
        state = table.column(f"{name}__state")
    else:
        state = np.where(table.frame[name].isna(), STATES["not_observed"], STATES["measured"])
    rows = {meaning: int((state == code).sum()) for meaning, code in STATES.items()}
    return {
        "measured": rows["measured"],
        "not_observed": rows["not_observed"],
        "not_detected": rows["not_detected"],
        "masked": rows["masked"],
    }
