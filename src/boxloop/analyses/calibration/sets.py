"""From which objects recalibration and conformal quantiles are learnt, and for which they are used.

Nothing is judged on objects that it was learnt from. In a final study the calibration set teaches
what the test set judges: one half of its units the maps, the other the quantiles. In a draft, and
where the calibration set is too small, the out-of-fold predictions are dealt into parts by unit,
and each part is mended by what the others teach.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from boxloop.analyses.scores.compute import Truth, judged_by_model
from boxloop.metrics import Judged
from boxloop.metrics.recalibrate import apply_map, learn_map
from boxloop.sampling import deal, draw_fraction, unit_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.metrics.weighted import Floats
    from boxloop.results.calibration import Learnt, ProbabilityMap

    Codes = NDArray[np.intp]

#: Units of a calibration set that are enough for two halves, each of which teaches something.
ENOUGH = 200
#: Fewer units teach nothing at all.
FEWEST = 20
#: Parts into which objects are dealt that teach and are judged.
PARTS = 5


@dataclass(frozen=True)
class Predicted:
    """Objects with what every model says of them.

    Attributes
    ----------
    objects : pandas.DataFrame
        Rows of the truth.
    judged : mapping of str to Judged
        By model.
    """

    objects: pd.DataFrame
    judged: Mapping[str, Judged]

    @cached_property
    def unit(self) -> "Codes":
        """Codes (n,) of the units."""
        return np.unique(unit_text(self.objects["unit"].to_numpy()), return_inverse=True)[1]

    @cached_property
    def n_units(self) -> int:
        """Number of independent units."""
        return int(self.unit.max()) + 1 if len(self.unit) else 0

    def take(self, rows: "NDArray[Any]") -> "Predicted":
        """Return some of the objects, by mask."""
        few = {name: pair.take(rows) for name, pair in self.judged.items()}
        return Predicted(self.objects[rows].reset_index(drop=True), few)


@dataclass(frozen=True)
class CalibrationSet:
    """Objects that teach.

    Attributes
    ----------
    source : {"calibration", "cv"}
    maps, scores : Predicted
        What the maps and what the quantiles are learnt from; the same objects for ``cv``.
    parts : mapping of str to int
        The part of each unit where objects teach each other; empty where they do not.
    """

    source: Literal["calibration", "cv"]
    maps: Predicted
    scores: Predicted
    parts: Mapping[str, int]

    def part(self, of: Predicted) -> "Codes":
        """Return the part (n,) of each object, or -1 for units that do not teach each other."""
        if not self.parts:
            return np.full(len(of.objects), -1, np.intp)
        names = unit_text(of.objects["unit"].to_numpy())
        codes, unique = pd.factorize(names)
        return np.array([self.parts.get(u, -1) for u in unique], np.intp)[codes]

    def mended(
        self, name: str, method: str, prior: "Floats | None", of: Predicted
    ) -> "Floats | None":
        """Return the probabilities (n, k) of a model, mended by what other units teach."""
        given, learn = of.judged[name].probability, self.maps.judged[name]
        if given is None or learn.probability is None:
            return None
        found = np.array(given, dtype=float)
        for rows, use in taught(self.part(of), self.part(self.maps)):
            mend = learn_map(method, learn.truth[use], learn.probability[use], prior)
            found[rows] = apply_map(mend, found[rows])
        return found

    def to_apply(self, name: str, method: str, prior: "Floats | None") -> "ProbabilityMap | None":
        """Return the map that all objects teach, for objects that are new."""
        learn = self.maps.judged[name]
        if learn.probability is None:
            return None
        return learn_map(method, learn.truth, learn.probability, prior)

    def plain(self) -> "Learnt":
        """Say what it is."""
        return {
            "source": self.source,
            "cross_fitted": bool(self.parts),
            "maps": {"rows": len(self.maps.objects), "n_units": self.maps.n_units},
            "conformal": {"rows": len(self.scores.objects), "n_units": self.scores.n_units},
        }


def taught(
    part: "Codes", teachers: "Codes"
) -> Iterator[tuple["NDArray[np.bool_]", "NDArray[np.bool_]"]]:
    """Yield the objects of each part, and the teachers of the other parts, as masks."""
    for k in np.unique(part):
        yield part == k, (teachers != k) | (k < 0)


def predicted_sets(rows: pd.DataFrame, names: list[str], truth: Truth) -> dict[str, Predicted]:
    """Put the predictions of each set (``set``, with cv among them) beside the truth.

    Models that lack some objects, predictions of somebody else, are left out.
    """
    found = {}
    for split in ("cv", "calibration", "test"):
        some = rows[rows["set"] == split]
        if len(some):
            objects, judged = judged_by_model(some, names, truth)
            found[split] = Predicted(*_in_order(objects, judged))
    lacking = {n for of in found.values() for n, pair in of.judged.items() if _lacks(pair)}
    return {
        split: Predicted(of.objects, {n: p for n, p in of.judged.items() if n not in lacking})
        for split, of in found.items()
    }


def _lacks(pair: Judged) -> bool:
    """Whether there are objects without a prediction, a probability or a distribution."""
    lacks = pair.known is not None and not bool(pair.known.all())
    if pair.probability is not None:
        lacks |= bool(np.isnan(pair.probability).any())
    if pair.mixture is not None:
        lacks |= bool(np.isnan(pair.mixture.sigma).any())
    return lacks


def _in_order(
    objects: pd.DataFrame, judged: dict[str, Judged]
) -> tuple[pd.DataFrame, dict[str, Judged]]:
    """Put objects in the order of their names, on which sums and ties then depend."""
    order = np.argsort(objects["id"].astype(str).to_numpy(), kind="stable")
    return (
        objects.iloc[order].reset_index(drop=True),
        {name: pair.take(order) for name, pair in judged.items()},
    )


def calibration_set_for(
    shown: str, sets: Mapping[str, Predicted], seed: int
) -> CalibrationSet | None:
    """Choose what teaches the objects of the split that is shown; None where there are too few."""
    if shown != "cv" and _enough(sets):
        return _halves(sets["calibration"], seed)
    return _crossed(sets, seed)


def calibration_set_to_apply(sets: Mapping[str, Predicted], seed: int) -> CalibrationSet | None:
    """Choose what teaches new objects: the calibration set where it is large enough."""
    return _halves(sets["calibration"], seed) if _enough(sets) else _crossed(sets, seed)


def _enough(sets: Mapping[str, Predicted]) -> bool:
    return "calibration" in sets and sets["calibration"].n_units >= ENOUGH


def _halves(of: Predicted, seed: int) -> CalibrationSet:
    units = of.objects["unit"].to_numpy()
    grouped = of.n_units < len(units)
    # Where groups are units they are drawn whole; as many units then go to either half.
    unique = pd.unique(units)
    drawn = draw_fraction(unique, 0.5, seed, "recalibration")
    first = pd.Series(drawn, index=unique).loc[units].to_numpy(bool) if grouped else drawn
    return CalibrationSet("calibration", of.take(first), of.take(~first), {})


def _crossed(sets: Mapping[str, Predicted], seed: int) -> CalibrationSet | None:
    of = sets.get("cv")
    if of is None or of.n_units < FEWEST:
        return None
    units = np.unique(unit_text(of.objects["unit"].to_numpy()))
    part = deal(units, PARTS, seed, "cross-fitting")
    return CalibrationSet("cv", of, of, dict(zip(units, part.tolist(), strict=True)))
