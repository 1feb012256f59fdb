"""Proportions of objects that come in units, for many groups at once, in closed form."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.metrics.interval import COVERAGE, FEWEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats
    from boxloop.results.calibration import Proportion


#: Factor of the number of looks with which an interval that raises an alarm errs once in a
#: thousand times, all looks together, and not once in twenty.
ALARM = 50


@dataclass(frozen=True)
class Proportions:
    """Proportions with their intervals, one for each group.

    Attributes
    ----------
    value, low, high : ndarray, shape (m,)
        NaN for a group without objects; no interval for fewer than 10 units.
    rows, units : ndarray of int, shape (m,)
    """

    value: "Floats"
    low: "Floats"
    high: "Floats"
    rows: "NDArray[np.intp]"
    units: "NDArray[np.intp]"

    def plain(self, i: int) -> "Proportion":
        """Return one of them as plain data, null where there is no number."""
        low, high = (float(of[i]) if np.isfinite(of[i]) else None for of in (self.low, self.high))
        return {
            "value": float(self.value[i]),
            "low": low,
            "high": high,
            "rows": int(self.rows[i]),
            "n_units": int(self.units[i]),
        }


def proportions(
    event: "Floats",
    group: "NDArray[np.intp]",
    unit: "NDArray[np.intp]",
    m: int,
    *,
    looks: int = 1,
) -> Proportions:
    """Return the fraction of events in each of m groups of objects, with intervals by unit.

    The variance of a ratio of sums over units (Taylor linearisation) tells how many independent
    objects the group is worth; with so many, Wilson's interval holds where events are few, too.

    Parameters
    ----------
    event : ndarray, shape (n,)
        0 or 1.
    group, unit : ndarray of int, shape (n,)
        Codes 0, 1, ...; a group that is negative is left out.
    m : int
        Number of groups.
    looks : int
        So many intervals hold together, by Bonferroni's rule.

    References
    ----------
    Wilson, E. B. (1927), Probable inference, J. Am. Stat. Assoc. 22, 209. Korn, E. L. & Graubard,
    B. I. (1998), Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data, Surv. Methodol. 24, 193 (the effective number of objects).
    """
    used = group >= 0
    event, group, unit = event[used], group[used], unit[used]
    width = int(unit.max()) + 1 if len(unit) else 1
    cell, place = np.unique(group * width + unit, return_inverse=True)
    owner = cell // width
    size = np.bincount(place, minlength=len(cell)).astype(float)
    events = np.bincount(place, event, minlength=len(cell))
    rows, hits = np.bincount(owner, size, minlength=m), np.bincount(owner, events, minlength=m)
    units = np.bincount(owner, minlength=m)
    value = np.where(rows > 0, hits / np.where(rows > 0, rows, 1), np.nan)
    residual = events - value[owner] * size
    spread = np.bincount(owner, residual**2, minlength=m)
    worth = _worth(value, rows, units, spread)
    low, high = _wilson(value, worth, units, looks)
    return Proportions(value, low, high, rows.astype(np.intp), units)


def _worth(value: "Floats", rows: Any, units: Any, spread: Any) -> "Floats":
    """Return the number of independent objects that have the same variance; at most all of them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = spread / rows**2 * units / np.maximum(units - 1, 1)
        worth = value * (1 - value) / variance
    return np.where(variance > 0, np.clip(worth, 1, rows), units)


def _wilson(value: "Floats", n: "Floats", units: Any, looks: int) -> tuple["Floats", "Floats"]:
    from scipy.stats import t

    n = np.maximum(n, 1)
    z = t.isf((1 - COVERAGE) / 2 / looks, np.maximum(units - 1, 1))
    centre = (value + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(value * (1 - value) / n + z**2 / (4 * n**2))
    # The ends at 0 and 1 miss these values by a rounding.
    low, high = np.minimum(centre - half, value), np.maximum(centre + half, value)
    enough = units >= FEWEST
    return np.where(enough, low.clip(0), np.nan), np.where(enough, high.clip(None, 1), np.nan)
