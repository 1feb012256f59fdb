"""Copies of the fitting rows, scattered within the errors of their features.

A model that also learns from copies sees how far noise alone can move an object, and gives little
weight to what noise could have made. Only fitting rows are copied, never what is scored or watched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.features import derived_anew
from boxloop.sampling.split_normal import split_normal
from boxloop.store import Table
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.prepare import ErrorUse, Recipe

    Floats = NDArray[np.float64]

#: Scattered copies of the fitting rows.
COPIES = 2


def resampled_copies(
    unfitted: "Recipe", table: Table, seed: tuple[Any, ...], user_code: Sequence[str] = ()
) -> list[Table]:
    """Return scattered copies of the fitting rows; none where the study does not ask for them.

    Each value moves by a draw from a normal distribution of its error, of which the two halves have
    different widths where the error has two sides. A value without a positive error stays. Derived
    columns are computed anew, so that a colour fits its magnitudes.

    Parameters
    ----------
    unfitted : Recipe
        The recipe of *prepare*: ``table.errors`` and ``table.derived``.
    table : Table
        The fitting rows.
    seed : tuple
        Root seed and the names of its use; every feature and copy has a stream of its own.
    user_code : sequence of str
        Paths of the study's own modules, for derived columns.
    """
    errors, derived = _resampled(unfitted), unfitted.get("table", {}).get("derived", {})
    return [
        _resampled_copy(table, errors, derived, (*seed, "resample", copy), user_code)
        for copy in range(copies_of(unfitted))
    ]


def copies_of(unfitted: "Recipe") -> int:
    """Return how many scattered copies of each fitting row a recipe asks for."""
    return COPIES if _resampled(unfitted) else 0


def _resampled(unfitted: "Recipe") -> "dict[str, ErrorUse]":
    errors = unfitted.get("table", {}).get("errors", {})
    return {name: error for name, error in errors.items() if error["use"] == "resample"}


def _resampled_copy(
    table: Table,
    errors: "Mapping[str, ErrorUse]",
    derived: dict[str, Any],
    seed: tuple[Any, ...],
    user_code: Sequence[str],
) -> Table:
    frame = table.frame.copy()
    root, *use = seed
    for name, error in errors.items():
        low, high = (table.column(n).astype(float) for n in (error["low"], error["high"]))
        values = table.column(name).astype(float)
        frame[name] = values + split_normal(low, high, generator(root, *use, name))
    moved = replace(table, frame=frame)
    return derived_anew(moved, derived, user_code)
