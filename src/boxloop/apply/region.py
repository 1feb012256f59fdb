"""Where training objects are: how far a target object is from them in all features together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.fitting.reweight import units_of
from boxloop.modalities.usable import usable_numbers
from boxloop.sampling import deal
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.apply import RegionOfTraining

    Floats = NDArray[np.float64]

#: Training objects that are kept at the most, and that are needed.
REFERENCE, FEWEST = 10_000, 50
#: The neighbour whose distance counts, and the quantile of training objects that is the limit.
NEIGHBOUR, QUANTILE = 5, 0.999
#: Parts in which groups are left out of their own distances.
PARTS = 10
#: Scaled values are cut there.
CUT = 50.0
#: Most dimensions in which a tree finds neighbours sooner than all distances do.
TREE = 6
#: Interquartile range of a normal distribution of unit width.
_NORMAL = 1.349


@dataclass(frozen=True)
class Region:
    """The training objects in scaled features.

    Attributes
    ----------
    names : tuple of str
        Columns; those that are constant among the training objects have scale 0 and do not count.
    centre, scale : ndarray, shape (columns,)
    gaps : ndarray of bool, shape (columns,)
        Where some training objects lack a value: whether there is one then counts as a feature.
    limit : float
        Distance to the neighbour that all but one in a thousand training objects stay below.
    index : estimator or None
        Finds neighbours; None where there is no region.
    rows : int
        Training objects it was made from.
    reason : str
        Why there is no region; else empty.
    """

    names: tuple[str, ...]
    centre: "Floats"
    scale: "Floats"
    gaps: "NDArray[np.bool_]"
    limit: float
    index: Any
    rows: int
    reason: str = ""

    def distance(self, table: Table) -> "Floats":
        """Return the distance of every object in units of the limit: above 1 it is unlike all.

        NaN where there is no region.
        """
        if self.index is None or not len(table):
            return np.full(len(table), np.nan)
        places, never = self._places(usable_numbers(table).named(self.names))
        far = self.index.kneighbors(places, NEIGHBOUR)[0][:, -1]
        found: Floats = np.sqrt(far**2 + never) / self.limit
        return found

    def about(self) -> "RegionOfTraining":
        """Return what ``apply/summary.json`` says of the region."""
        made = self.index is not None
        return {
            "reason": self.reason or None,
            "neighbour": NEIGHBOUR,
            "quantile": QUANTILE,
            "limit": self.limit if made else None,
            "reference_rows": self.rows,
            "columns": [
                n for n, s, g in zip(self.names, self.scale, self.gaps, strict=True) if s or g
            ],
        }

    def _places(self, values: "Floats") -> tuple["Floats", "Floats"]:
        """Return scaled places, and the number of gaps where no training object has one.

        A missing value lies at the median; that it is missing is a distance of one.
        """
        counts = self.scale > 0
        missing = np.isnan(values)
        scaled = (values[:, counts] - self.centre[counts]) / self.scale[counts]
        scaled = np.clip(np.where(missing[:, counts], 0.0, scaled), -CUT, CUT)
        never = missing[:, ~self.gaps & counts].sum(axis=1).astype(float)
        return np.hstack([scaled, missing[:, self.gaps].astype(float)]), never


def training_region(reference: Table | None, *, group: str | None, seed: int) -> Region:
    """Learn where the training objects are.

    Parameters
    ----------
    reference : Table or None
        At most `REFERENCE` training objects.
    group : str or None
        Column whose equal values are one unit; an object's own unit is left out where the limit is
        set, for its neighbours there say nothing about other units.
    seed : int
        The study's seed.
    """
    n = 0 if reference is None else len(reference)
    if reference is None or n < FEWEST:
        return _none(n, f"there are {n} training objects; {FEWEST} are needed")
    usable = usable_numbers(reference)
    known = np.isfinite(usable.values)
    centre, scale = _robust(usable.values)
    gaps = np.asarray(~known.all(axis=0) & known.any(axis=0), bool)
    draft = Region(usable.names, centre, scale, gaps, 1.0, None, n)
    if not (scale > 0).any():
        return _none(n, "no feature varies among the training objects")
    places = draft._places(usable.values)[0]
    units = units_of(reference, group)
    own = _left_out(places, units, seed)
    if own is None:
        return _none(n, f"there are fewer than {PARTS} independent units of training objects")
    limit = float(np.quantile(own, QUANTILE, method="higher"))
    index = _index(places)
    return Region(usable.names, centre, scale, gaps, limit or 1e-9, index, n)


def _left_out(places: "Floats", units: "NDArray[Any]", seed: int) -> "Floats | None":
    """Return every training object's distance to its neighbours of other units."""
    n_units = len(set(units.tolist()))
    if n_units == len(places):
        index = _index(places)
        return np.asarray(index.kneighbors()[0][:, -1], float)
    if n_units < PARTS:
        return None
    part = deal(units, PARTS, seed, "apply", "region", grouped=True)
    found = np.zeros(len(places))
    for p in range(PARTS):
        others = places[part != p]
        if (part == p).any() and len(others) >= NEIGHBOUR:
            found[part == p] = _index(others).kneighbors(places[part == p])[0][:, -1]
    return found


def _index(places: "Floats") -> Any:
    """Return what finds neighbours: a tree helps in few dimensions only."""
    from sklearn.neighbors import NearestNeighbors

    tree = places.shape[1] <= TREE
    return NearestNeighbors(n_neighbors=NEIGHBOUR, algorithm="kd_tree" if tree else "brute").fit(
        places
    )


def _robust(values: "Floats") -> tuple["Floats", "Floats"]:
    """Return median and robust spread of each column; spread 0 where nothing varies."""
    centre, scale = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for j, column in enumerate(values.T):
        column = column[np.isfinite(column)]
        if len(column):
            low, centre[j], high = np.quantile(column, [0.25, 0.5, 0.75])
            scale[j] = (high - low) / _NORMAL or column.std()
    return centre, scale


def _none(rows: int, reason: str) -> Region:
    nothing = np.array([])
    return Region((), nothing, nothing, np.array([], bool), 1.0, None, rows, reason)
