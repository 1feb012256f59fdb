"""Copies of the fitting rows, scattered within the errors of their features.

A model that also learns from copies sees how far noise alone can move an object, and gives little
weight to what noise could have made. Only fitting rows are copied, never what is scored or watched.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.features import derived_anew
from boxloop.sampling.split_normal import split_normal
from boxloop.store import Table
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Scattered copies of the fitting rows.
COPIES = 2


def resampled_copies(
    unfitted: dict[str, Any], table: Table, seed: tuple[Any, ...], user_code: Sequence[str] = ()
) -> list[Table]:
    """Return scattered copies of the fitting rows; none where the study does not ask for them.

    Each value moves by a draw from a normal distribution of its error, of which the two halves have
    different widths where the error has two sides. A value without a positive error stays. Derived
    columns are computed anew, so that a colour fits its magnitudes.

    Parameters
    ----------
    unfitted : dict
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


def copies_of(unfitted: dict[str, Any]) -> int:
    """Return how many scattered copies of each fitting row a recipe asks for."""
    return COPIES if _resampled(unfitted) else 0


def _resampled(unfitted: dict[str, Any]) -> dict[str, dict[str, str]]:
    errors = unfitted.get("table", {}).get("errors", {})
    return {name: error for name, error in errors.items() if error["use"] == "resample"}


def _resampled_copy(
    table: Table,
    errors: dict[str, dict[str, str]],
    derived: dict[str, Any],
    seed: tuple[Any, ...],
    user_code: Sequence[str],
) -> Table:
    frame = table.frame.copy()
    root, *use = seed
    for name, error in errors.items():
        low, high = (table.column(error[side]).astype(float) for side in ("low", "high"))
        values = table.column(name).astype(float)
        frame[name] = values + split_normal(low, high, generator(root, *use, name))
    moved = replace(table, frame=frame)
    return derived_anew(moved, derived, user_code)
