"""Find the numbers that a catalogue writes where it has none: -9999, 99, -1 and their like."""

from typing import TYPE_CHECKING

import numpy as np

from boxloop.draft.looks import Look

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEGATIVE = (-9999.0, -999.0, -99.0, -9.0, -99.9, -99.99, -999.9, -99999.0, -1e30, -1.0)
_POSITIVE = (99.0, 999.0, 9999.0, 99.9, 99.99, 99.999, 999.9, 99999.0, 1e30)
#: Magnitudes that stand for "looked for and not found".
_NOT_FOUND = (99.0, 99.9, 99.99, 99.999)


def find_markers(look: Look, unit: str) -> dict[float, tuple[str, int]]:
    """Return the markers of a column of numbers, each with its meaning and how often it is there.

    A number is a marker only where it lies apart from all others: outside their range by more than
    that range is wide, or, below zero, where all others are not.

    Parameters
    ----------
    look : Look
    unit : str
        A magnitude of 99 means that the object was not detected, and one of 0 is none.
    """
    values = np.asarray(look.values, dtype=np.float64)
    finite = look.finite
    candidates = [*_NEGATIVE, *_POSITIVE, *([0.0] if unit == "mag" else [])]
    present = {v: int(np.isclose(finite, v, rtol=1e-7, atol=0).sum()) for v in candidates}
    present = {v: n for v, n in present.items() if n}
    found: dict[float, tuple[str, int]] = {}
    rest = _without(finite, present)
    if len(rest) and present:
        low, high = float(rest.min()), float(rest.max())
        for value, count in present.items():
            if _apart(value, low, high) and (value != -1 or count > 1):
                lost = unit == "mag" and value in _NOT_FOUND
                found[value] = ("not_detected" if lost else "not_observed", count)
    for value in (np.inf, -np.inf):
        count = int((values == value).sum())
        if count:
            found[value] = ("masked", count)
    return found


def only_markers(look: Look) -> bool:
    """Whether a column holds nothing but one value that markers have: it is empty."""
    finite = look.finite
    known = np.array([*_NEGATIVE[:-1], *_POSITIVE])
    return bool(len(finite)) and bool(np.isin(np.unique(finite), known).all())


def _without(values: "NDArray[np.float64]", markers: dict[float, int]) -> "NDArray[np.float64]":
    keep = np.ones(len(values), dtype=bool)
    for value in markers:
        keep &= ~np.isclose(values, value, rtol=1e-7, atol=0)
    return values[keep]


def _apart(value: float, low: float, high: float) -> bool:
    """Whether a value lies apart from others between two limits."""
    if low <= value <= high:
        return False
    if value < 0 <= low:
        return True
    distance = low - value if value < low else value - high
    return distance > max(high - low, 1e-12)
