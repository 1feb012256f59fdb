"""Missing values: how often, by which meaning, which columns together, and for which objects."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.findings import Finding, Severity
from boxloop.modalities.registry import of_some
from boxloop.store import Table
from boxloop.study.known_modality import of_modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.explore import DescribedColumn, Pattern

#: Fractions not measured from which a column is remarked on, by severity.
MISSING: dict[Severity, float] = {"high": 0.5, "medium": 0.2, "low": 0.02}
#: Patterns that are listed, and columns they are made of, at the most.
PATTERNS, COLUMNS = 10, 60
#: A pattern of several columns is remarked on from this fraction of the rows.
TOGETHER = 0.01
#: Difference of the fractions missing in two groups from which it is remarked on.
DIFFERENT: dict[Severity, float] = {"high": 0.5, "medium": 0.2}
#: Groups of fewer rows say little.
FEWEST = 30


def about_missing(name: str, about: "DescribedColumn") -> list[Finding]:
    """Remark on a column that is often not measured; errors and derived columns only follow it."""
    role = about["role"]
    if role != "feature" and (not of_modality(role) or of_some(role)):
        return []
    n = about["n"]
    why_not = {
        "not_observed": about["not_observed"],
        "not_detected": about["not_detected"],
        "masked": about["masked"],
    }
    gone = {k: v for k, v in why_not.items() if v}
    rows = sum(gone.values())
    fraction = rows / n if n else 0.0
    for severity, least in MISSING.items():
        if fraction >= least:
            why = ", ".join(f"{v} {k.replace('_', ' ')}" for k, v in gone.items())
            message = f"{name} is not measured for {fraction:.1%} of the objects ({why})"
            evidence = {"rows": rows, "fraction": fraction, **gone}
            return [Finding(severity, "missing", name, message, evidence)]
    return []


def gaps(table: Table) -> dict[str, "NDArray[np.bool_]"]:
    """Return where each feature has gaps; of many, the `COLUMNS` with most gaps."""
    found = {}
    for name in table.of_role("feature"):
        state = f"{name}__state"
        known = table.frame[state].to_numpy() != 0 if state in table.frame else None
        gone = table.frame[name].isna().to_numpy() if known is None else known
        if gone.any():
            found[name] = gone
    most = sorted(found, key=lambda n: -int(found[n].sum()))[:COLUMNS]
    return {n: found[n] for n in found if n in most}


def patterns(missing: Mapping[str, "NDArray[np.bool_]"], rows: int) -> "list[Pattern]":
    """Return which columns are missing together: {columns, rows}, the commonest first."""
    if not missing:
        return [{"columns": [], "rows": rows}] if rows else []
    codes = np.zeros(rows, dtype=np.int64)
    for bit, gone in enumerate(missing.values()):
        codes |= gone.astype(np.int64) << bit
    kinds, counts = np.unique(codes, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:PATTERNS]
    return [
        {
            "columns": [n for bit, n in enumerate(missing) if kinds[i] >> bit & 1],
            "rows": int(counts[i]),
        }
        for i in order
    ]


def about_patterns(found: "Sequence[Pattern]", rows: int) -> list[Finding]:
    """Remark on columns that are missing together in many rows."""
    return [
        Finding(
            "low",
            "missing_pattern",
            p["columns"][0],
            f"{', '.join(p['columns'])} are missing together in {p['rows']} of {rows} rows",
            {"rows": p["rows"], "fraction": p["rows"] / rows},
            tuple(p["columns"]),
        )
        for p in found
        if len(p["columns"]) > 1 and p["rows"] >= TOGETHER * rows
    ]


def about_gaps_by(
    missing: Mapping[str, "NDArray[np.bool_]"], groups: "NDArray[Any]", what: str
) -> list[Finding]:
    """Remark on columns that are missing more often in one group of objects than in another.

    Parameters
    ----------
    missing : mapping of str to ndarray of bool, shape (rows,)
        From `gaps`.
    groups : ndarray, shape (rows,)
        Classes, samples, files, or parts of a range of numbers.
    what : str
        What the groups are, for the message.
    """
    found = []
    codes, names = pd.factorize(pd.Series(groups).astype(str), sort=True)
    n = np.bincount(codes, minlength=len(names))
    big = n >= FEWEST
    if big.sum() < 2:
        return []
    for column, gone in missing.items():
        fraction = np.bincount(codes, weights=gone, minlength=len(names)) / n
        low, high = (
            int(f(np.where(big, fraction, b))) for f, b in ((np.argmin, 2.0), (np.argmax, -1.0))
        )
        apart = float(fraction[high] - fraction[low])
        pooled = float(gone.mean())
        noise = np.sqrt(pooled * (1 - pooled) * (1 / n[low] + 1 / n[high]))
        severity = next((s for s, least in DIFFERENT.items() if apart >= least), None)
        # Five standard errors: many pairs of groups are compared.
        if severity is None or apart < 5 * noise:
            continue
        message = (
            f"{column} is missing for {fraction[high]:.1%} of the objects of {what} {names[high]} "
            f"and {fraction[low]:.1%} of {what} {names[low]}: its gaps say which is which"
        )
        evidence = {
            "rows": int(gone.sum()),
            "by": what,
            "fractions": {str(names[i]): float(fraction[i]) for i in (high, low)},
        }
        found.append(Finding(severity, "missing_pattern", column, message, evidence))
    return found
