"""Batch effects: features that differ between files, plates, fields or dates."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from boxloop.findings import Finding, Severity
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Part of the variance of ranks that lies between batches, from which it is remarked on.
LARGE: dict[Severity, float] = {"high": 0.4, "medium": 0.14}
#: How strongly class and batch hang together (Cramer's V), from which it is remarked on.
TIED: dict[Severity, float] = {"high": 0.8, "medium": 0.5}
#: Chance of one false alarm among all comparisons of a study.
CHANCE = 1e-3
#: A column of more values is no batch, unless it is a date; a date is cut into so many parts.
VALUES, PARTS = 200, 20
_BATCH = re.compile(
    r"(?<![a-z])(plate|field|night|date|mjd|hjd|jd|run|rerun|camcol|ccd|chip|fiber|fiberid|tile|"
    r"sector|quarter|season|survey|telescope|instrument|observer|detector|batch|chunk|pointing)"
    r"(?![a-z])"
)
_DATE = re.compile(r"(?<![a-z])(mjd|hjd|jd|date)(?![a-z])")


def batches(table: Table, group: str | None = None) -> dict[str, "NDArray[np.intp]"]:
    """Return, for every column that names a batch, the batch of each row; -1 where it is unknown.

    Sample, file and group columns are batches, and carried columns with such a name; they need 2
    to `VALUES` values. Dates are cut into `PARTS` parts of equal number.
    """
    found = {}
    for name in table.of_role("sample", "file", "group", "keep"):
        about = table.columns[name]
        if about.role == "keep" and not _BATCH.search(name.lower().replace("_", " ")):
            continue
        column = table.frame[name]
        codes, values = pd.factorize(column)
        if len(values) > VALUES:
            if not _DATE.search(name.lower()) or not pd.api.types.is_numeric_dtype(column):
                continue
            cut = pd.qcut(column.rank(method="average"), PARTS, labels=False, duplicates="drop")
            codes = cut.fillna(-1).to_numpy(dtype=np.intp)
        if len(np.unique(codes[codes >= 0])) > 1:
            found[name] = np.asarray(codes, dtype=np.intp)
    return found


def about_batches(
    values: Mapping[str, "Floats"], found_batches: Mapping[str, "NDArray[np.intp]"]
) -> list[Finding]:
    """Remark on features whose ranks differ much between batches (Kruskal and Wallis).

    Parameters
    ----------
    values : mapping of str to ndarray, shape (rows,)
        Features of the rows drawn.
    found_batches : mapping of str to ndarray of int, shape (rows,)
        From `batches`, of the same rows.
    """
    found = []
    tests = max(1, len(values) * len(found_batches))
    for batch, codes in found_batches.items():
        for name, column in values.items():
            effect, chance, parts, rows = rank_effect(column, codes)
            severity = next((s for s, least in LARGE.items() if effect >= least), None)
            if severity is None or chance > CHANCE / tests:
                continue
            message = (
                f"{name} differs between the {parts} values of {batch}: {effect:.0%} of the "
                f"variance of its ranks lies between them, on {rows} objects. A model may learn "
                f"{batch} instead of the objects"
            )
            evidence = {"by": batch, "effect": effect, "parts": parts, "rows": rows}
            found.append(Finding(severity, "batch", name, message, evidence))
    return found


def rank_effect(values: "Floats", codes: "NDArray[np.intp]") -> tuple[float, float, int, int]:
    """Return the part of the variance of ranks between groups, and the chance of as much by luck.

    Returns
    -------
    effect : float
        Epsilon squared, corrected for the number of groups; about 0 where nothing differs.
    chance : float
        From the chi-square distribution of Kruskal and Wallis's statistic.
    groups, rows : int
        What was compared; groups of fewer than 5 rows are left out.
    """
    kept = np.isfinite(values) & (codes >= 0)
    sizes = np.bincount(codes[kept], minlength=1)
    kept &= np.where(codes >= 0, sizes[np.clip(codes, 0, len(sizes) - 1)] >= 5, False)
    rank = stats.rankdata(values[kept])
    _, group = np.unique(codes[kept], return_inverse=True)
    n, k = len(rank), int(group.max()) + 1 if len(group) else 0
    if k < 2 or n <= k + 1 or np.ptp(rank) == 0:
        return 0.0, 1.0, k, n
    size = np.bincount(group)
    mean = np.bincount(group, weights=rank) / size
    between = float((size * (mean - rank.mean()) ** 2).sum())
    total = float(((rank - rank.mean()) ** 2).sum())
    eta = between / total
    effect = max(0.0, 1 - (1 - eta) * (n - 1) / (n - k))
    return effect, float(stats.chi2.sf(eta * (n - 1), k - 1)), k, n


def about_classes_by_batch(
    classes: "NDArray[Any]", found_batches: Mapping[str, "NDArray[np.intp]"]
) -> list[Finding]:
    """Remark on batches that say much about the class: Cramer's V of class and batch."""
    found = []
    for batch, codes in found_batches.items():
        strength, chance = cramer(pd.factorize(classes)[0], codes)
        severity = next((s for s, least in TIED.items() if strength >= least), None)
        if severity is None or chance > CHANCE / len(found_batches):
            continue
        message = (
            f"the class goes with {batch} (Cramer's V {strength:.2f}): a model may learn {batch} "
            "and not the class"
        )
        evidence = {"rows": len(classes), "by": batch, "cramer_v": strength}
        found.append(Finding(severity, "batch", batch, message, evidence))
    return found


def cramer(one: "NDArray[np.intp]", other: "NDArray[np.intp]") -> tuple[float, float]:
    """Return Cramer's V, corrected for chance (Bergsma 2013), and the chance of as much by luck."""
    kept = (one >= 0) & (other >= 0)
    counts = pd.crosstab(one[kept], other[kept]).to_numpy()
    rows, columns, n = *counts.shape, counts.sum()
    if min(rows, columns) < 2 or n < 2:
        return 0.0, 1.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / n
    square = float(((counts - expected) ** 2 / expected).sum())
    free = (rows - 1) * (columns - 1)
    phi = max(0.0, square / n - free / (n - 1))
    least = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(phi / least)) if least > 0 else 0.0, float(stats.chi2.sf(square, free))
