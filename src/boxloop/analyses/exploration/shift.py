"""Columns that are distributed otherwise in the target sample than in the labelled one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from boxloop.findings import Finding, Severity
from boxloop.study.known_modality import of_modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.explore import DescribedColumn

    Floats = NDArray[np.float64]
    Described = Mapping[str, DescribedColumn]

#: Largest distance of two cumulative distributions from which a shift is remarked on.
SHIFT: dict[Severity, float] = {"high": 0.3, "medium": 0.1}
#: Roles of the columns that are compared, beside those of modalities.
COMPARED = ("feature", "derived")
#: A distance counts beyond what samples of this size show by luck in one of ten thousand columns.
LUCK = float(stats.kstwobign.isf(1e-4))
#: Values of each sample from which the energy distance is taken at the most.
ENERGY_ROWS = 20_000


def about_shift(
    labelled: "Described",
    target: "Described",
    values: "Mapping[str, Floats]",
    target_values: "Mapping[str, Floats]",
) -> list[Finding]:
    """Remark on columns that differ between labelled and target objects, the largest shift first.

    The distance is that of Kolmogorov and Smirnov: the largest difference of the two cumulative
    distributions, between 0 and 1. ``energy`` is the energy distance in units of the labelled
    values' interquartile range; ``effective`` is the size of two equal samples as telling as these.
    """
    found = []
    for name, about in target.items():
        here = labelled.get(name)
        if here is None or not (about["role"] in COMPARED or of_modality(about["role"])):
            continue
        if about["role"] == "feature":
            found += _missing_shift(name, here, about)
        if here["n_finite"] and about["n_finite"]:
            found += _shifted(name, here, about, values[name], target_values[name])
    return sorted(found, key=lambda f: -f.evidence["distance"])


def ks_distance(one: "Floats", other: "Floats") -> float:
    """Return the largest difference of two cumulative distributions, of the finite values."""
    one, other = (np.sort(x[np.isfinite(x)]) for x in (one, other))
    every = np.concatenate([one, other])
    below = (np.searchsorted(x, every, side="right") / len(x) for x in (one, other))
    return float(np.abs(np.subtract(*below)).max())


def _shifted(
    name: str, here: "DescribedColumn", there: "DescribedColumn", one: "Floats", other: "Floats"
) -> list[Finding]:
    distance = ks_distance(one, other)
    effective = here["n_finite"] * there["n_finite"] / (here["n_finite"] + there["n_finite"])
    severity = _severity(distance, effective)
    if severity is None:
        return []
    evidence = {
        "rows": there["n_finite"],
        "distance": distance,
        "effective": effective,
        "energy": _energy(one, other, _width(here)),
        "labelled": _cuts(here),
        "target": _cuts(there),
    }
    message = (
        f"{name} differs between labelled and target objects: median {here['median']:.4g} "
        f"against {there['median']:.4g}, distance of the distributions {distance:.2f}"
    )
    return [Finding(severity, "shift", name, message, evidence)]


def _width(about: "DescribedColumn") -> float:
    return (about["q75"] or 0.0) - (about["q25"] or 0.0)


def _cuts(about: "DescribedColumn") -> dict[str, float | None]:
    return {"q05": about["q05"], "median": about["median"], "q95": about["q95"]}


def _energy(one: "Floats", other: "Floats", width: float) -> float | None:
    if not width > 0:
        return None
    some = (x[np.isfinite(x)] for x in (one, other))
    one, other = (x[:: max(1, len(x) // ENERGY_ROWS)] for x in some)
    return float(stats.energy_distance(one / width, other / width))


def _missing_shift(name: str, here: "DescribedColumn", there: "DescribedColumn") -> list[Finding]:
    one, other = (1 - a["measured"] / max(a["n"], 1) for a in (here, there))
    effective = here["n"] * there["n"] / max(here["n"] + there["n"], 1)
    severity = _severity(abs(one - other), effective)
    if severity is None:
        return []
    message = f"{name} is not measured for {one:.1%} of labelled and {other:.1%} of target objects"
    evidence = {
        "rows": there["n"] - there["measured"],
        "distance": abs(one - other),
        "labelled": one,
        "target": other,
    }
    return [Finding(severity, "missing_shift", name, message, evidence)]


def _severity(distance: float, effective: float) -> Severity | None:
    if distance * np.sqrt(effective) < LUCK:
        return None
    return next((s for s, least in SHIFT.items() if distance >= least), None)
