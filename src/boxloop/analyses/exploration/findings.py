"""What a careful reader would remark on: single columns, pairs of columns, the whole table."""

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from boxloop.analyses.exploration import missing, outliers, values
from boxloop.analyses.exploration.describe import numbers
from boxloop.findings import Finding
from boxloop.sampling.rows import sample_rows
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.explore import Correlation, DescribedColumn

    Floats = NDArray[np.float64]
    Described = Mapping[str, DescribedColumn]

#: Rank correlation from which two columns say the same.
SAME = 0.999
#: Rank correlation with the target from which a feature is suspected to contain it.
LEAK = 0.995
#: Rows of which outliers and batches are looked for, at the most.
SAMPLED = 10_000


def about_columns(described: "Described", columns: "Mapping[str, Floats]") -> list[Finding]:
    """Remark on single columns: impossible, marked, constant, missing, heavy tails.

    Parameters
    ----------
    described : mapping
        Entries of `boxloop.analyses.exploration.describe.describe`.
    columns : mapping of str to ndarray, shape (rows,)
        The columns themselves.
    """
    found: list[Finding] = []
    for name, about in described.items():
        impossible = values.about_values(name, about, columns[name])
        found += [*impossible, *missing.about_missing(name, about), *_constant(name, about)]
        if not impossible and about["role"] != "sky":  # a stripe on the sky is no tail
            found += outliers.about_tails(name, about, columns[name])
        of = _measured_by(name)
        if about["role"] in values.ERRORS and of in columns:
            found += values.about_errors(name, about, columns[name], columns[of])
    return found


def about_pairs(correlation: "Correlation") -> list[Finding]:
    """Remark on columns that say the same."""
    names, matrix = correlation["columns"], np.asarray(correlation["spearman"], dtype=float)
    found = []
    for i, j in combinations(range(len(names)), 2):
        if abs(matrix[i, j]) > SAME:
            message = (
                f"{names[i]} and {names[j]} say the same (rank correlation {matrix[i, j]:.4f})"
            )
            evidence = {
                "other": names[j],
                "spearman": float(matrix[i, j]),
                "rows": correlation["rows"],
            }
            pair = (names[i], names[j])
            found.append(Finding("medium", "same_column", names[i], message, evidence, pair))
    return found


def about_target(with_target: Mapping[str, float | None]) -> list[Finding]:
    """Remark on features that order the objects as the target does."""
    return [
        Finding(
            "high",
            "leak",
            name,
            f"{name} orders the objects as the target does (rank correlation {rho:.4f}): would it "
            "be known before the target is?",
            {"spearman": rho},
        )
        for name, rho in with_target.items()
        if rho is not None and abs(rho) > LEAK
    ]


def drawn_features(table: Table, *, seed: int) -> tuple["NDArray[np.intp]", "dict[str, Floats]"]:
    """Return at most `SAMPLED` rows, and of these the features as numbers."""
    rows = sample_rows(len(table), SAMPLED, seed, "findings")
    return rows, {n: numbers(table, n)[rows] for n in table.of_role("feature")}


def _measured_by(name: str) -> str:
    """Return the column that a column of errors belongs to, by its name."""
    return name.removesuffix("_low").removesuffix("_high").removesuffix("_err")


def _constant(name: str, about: "DescribedColumn") -> list[Finding]:
    if about["n"] and about["n_unique"] == 0:
        message = f"{name} has no value at all"
        return [Finding("high", "empty", name, message, {"rows": about["n"]})]
    if about["n"] > 1 and about["n_unique"] == 1:
        message = f"{name} has one value only and tells nothing"
        evidence = {"rows": about["n"], "value": about["median"]}
        return [Finding("medium", "constant", name, message, evidence)]
    return []
