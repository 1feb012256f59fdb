"""Refuse tables that nothing can be learnt from, and say which column or class is at fault."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from boxloop.data.read import RawSample
from boxloop.errors import BoxloopError, listed
from boxloop.store import Table


def check_target(table: Table, target: str, task: str, folds: int) -> None:
    """Refuse a target that is nowhere known, constant, of one class, or has a tiny class."""
    if not len(table):
        raise BoxloopError(f"columns.target: no row has a finite value of {target!r}")
    values = table.frame[target]
    if task == "regression":
        if values.nunique() == 1:
            raise BoxloopError(
                f"columns.target: {target!r} is {values.iat[0]} in all {len(values)} rows; there "
                "is nothing to learn"
            )
        return
    counts = values.value_counts().sort_index()
    if len(counts) == 1:
        raise BoxloopError(
            f"columns.target: all {len(values)} objects are of the one class {counts.index[0]!r}; "
            "expected two or more"
        )
    small = counts[counts < folds]
    if len(small):
        named = listed(f"{c} ({n})" for c, n in small.items())
        raise BoxloopError(
            f"columns.target: classes with fewer objects than split.folds ({folds}): {named}; add "
            "objects, join classes, or take fewer folds"
            + (
                f". {target!r} has {len(counts)} values: is this regression?"
                if len(small) > 20
                else ""
            )
        )


def check_ids(table: Table, wanted: str | list[str] | None) -> None:
    """Refuse identifiers that repeat."""
    ids = table.frame["id"]
    repeated = ids.duplicated(keep=False)
    if repeated.any():
        examples = ids[repeated].unique()
        raise BoxloopError(
            f"columns.id: {int(repeated.sum())} rows share their identifier "
            f"({'row number' if wanted is None else wanted}) with another, for example "
            f"{listed(map(repr, examples), 3)}, after exact duplicates were dropped; name columns "
            "that together identify an object, or leave id out (then source:file:row)"
        )


def check_features(table: Table) -> None:
    """Refuse a feature that has a value in no row."""
    for name in table.of_role("feature", "derived", "feature_error"):
        if np.isnan(table.column(name)).all():
            raise BoxloopError(
                f"the feature {name!r} has a value in none of {len(table)} rows; leave it out, or "
                "correct missing: (a value that is always there cannot mean 'missing')"
            )


def provenance_findings(
    table: Table, samples: Sequence[RawSample], target: str, task: str
) -> list[dict[str, Any]]:
    """Find whether the class gives the provenance away: then the model may learn that instead."""
    kinds = {raw.name: raw.provenance for raw in samples}
    if task != "classification" or len(set(kinds.values())) == 1:
        return []
    counts = pd.crosstab(table.frame[target], table.frame["sample"].map(kinds))
    alone = [str(c) for c in counts.index if (counts.loc[c] > 0).sum() == 1]
    if not alone:
        return []
    message = (
        f"{listed(alone)}: all objects of one provenance, while the data are mixed; a model can "
        "tell such classes by how the data were made"
    )
    return [{"severity": "high", "kind": "provenance", "column": target, "message": message}]
