"""Describe columns: what is measured and what is missing, moments, quantiles, histogram."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.modalities.registry import of_table, shown
from boxloop.sampling.rows import sample_rows
from boxloop.store import Column, Table
from boxloop.study.known_modality import of_modality
from boxloop.study.vocabulary import STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.common import Histogram
    from boxloop.results.explore import Correlation, DescribedColumn, Moments, States

    Floats = NDArray[np.float64]

#: Roles of the columns that are described, beside those of modalities, and that models may use.
DESCRIBED = ("feature", "derived", "feature_error", "error", "sky")
USABLE = ("feature", "derived", "feature_error")

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
BINS = 40
#: Rows that are drawn where a computation on all rows would be slow.
SAMPLE_ROWS = 10_000


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
    roles = {about.role for about in table.columns.values()}
    whole = {role for role in roles if of_modality(role)}
    for name in table.of_role(*DESCRIBED, *whole):
        about = table.columns[name]
        if about.role in whole and table.frame[name].dtype == object:  # lists
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


def flat(table: Table, *, seed: int) -> Table:
    """Add a few numbers for every light curve and image, so that they are described as well.

    What the numbers are says the modality (`boxloop.modalities.Modality.summaries`).
    """
    frame, columns = table.frame.copy(deep=False), dict(table.columns)
    for role, modality in of_table(table).items():
        for name, of in modality.summaries(shown(role, table), seed=seed).items():
            if not name.startswith(f"{role}.") or np.shape(of.values) != (len(table),):
                raise BoxloopError(
                    f"{modality.key}: summaries of {type(modality).__name__}: expected names that "
                    f"begin with '{role}.' and a number for each of {len(table)} objects; found "
                    f"{name!r} of the shape {np.shape(of.values)}"
                )
            frame[name], columns[name] = of.values, Column(role, of.unit, of.description)
    arrays = {name: table.arrays[name] for name in table.own if name in table.arrays}
    return replace(table, frame=frame, columns=columns, arrays=arrays)


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
