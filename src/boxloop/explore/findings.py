"""What a careful reader of the numbers would remark on, ranked by how much it matters."""

from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Described = dict[str, dict[str, Any]]

Severity = Literal["high", "medium", "low"]
_RANK = {"high": 0, "medium": 1, "low": 2}

#: An error above this says that nothing was measured [mag].
LARGEST_ERROR = 10.0
#: No source is so bright or so faint: such a magnitude is a marker for a missing value [mag].
LARGEST_MAGNITUDE = 50.0
#: Numbers that catalogues write where they have none.
MARKERS = (-9999.0, -999.0, -99.0, 99.0, 999.0, 9999.0)
#: Fractions not measured from which a column is remarked on, by severity.
MISSING: dict[Severity, float] = {"high": 0.5, "medium": 0.2, "low": 0.02}
#: Rank correlation from which two columns say the same.
SAME = 0.999
#: Extreme values are remarked on from so many interquartile ranges outside the quartiles.
TAIL = 20.0
#: Largest distance of two cumulative distributions from which a shift is remarked on.
SHIFT: dict[Severity, float] = {"high": 0.3, "medium": 0.1}
#: Roles of the columns that are compared with the target sample.
COMPARED = ("feature", "derived", "light_curve", "image")
#: Rank correlation with the target from which a feature is suspected to contain it.
LEAK = 0.995
#: A class with fewer objects, or a smaller fraction of all, is remarked on.
FEW, RARE = 50, 0.01


@dataclass(frozen=True)
class Finding:
    """One remark: how serious, what kind, about which column, in words, and the numbers behind."""

    severity: Severity
    kind: str
    column: str | None
    message: str
    evidence: dict[str, Any] = field(default_factory=dict)


def ranked(findings: "Iterable[Finding]") -> list[dict[str, Any]]:
    """Return findings as plain data, the serious ones first, else in the order given."""
    return [asdict(f) for f in sorted(findings, key=lambda f: _RANK[f.severity])]


def about_columns(described: "Described", values: "dict[str, Floats]") -> list[Finding]:
    """Remark on single columns: impossible, constant, missing, heavy tails.

    Parameters
    ----------
    described : dict
        Entries of `boxloop.explore.describe.describe`.
    values : dict of str to ndarray, shape (rows,)
        The columns themselves.
    """
    found: list[Finding] = []
    for name, about in described.items():
        impossible = _impossible(name, about, values[name])
        found += [*impossible, *_missing(name, about), *_constant(name, about)]
        found += [] if impossible else _tails(name, about)
    return found


def _impossible(name: str, about: dict[str, Any], values: "Floats") -> list[Finding]:
    finite = values[np.isfinite(values)]
    found = []

    def remark(severity: Severity, kind: str, mask: "NDArray[np.bool_]", text: str) -> None:
        if mask.any():
            message = f"{int(mask.sum())} of {len(values)} values of {name} {text}"
            evidence = {
                "rows": int(mask.sum()),
                "low": float(finite[mask].min()),
                "high": float(finite[mask].max()),
            }
            found.append(Finding(severity, kind, name, message, evidence))

    is_error = about["role"] in ("error", "feature_error")
    if is_error:
        remark("high", "negative_error", finite < 0, "are negative; an error cannot be")
        remark("medium", "zero_error", finite == 0, "are zero: no measurement is exact")
    if about["unit"] == "mag":
        large = finite > LARGEST_ERROR if is_error else np.abs(finite) >= LARGEST_MAGNITUDE
        what = (
            f"are above {LARGEST_ERROR:g} mag: nothing was measured there"
            if is_error
            else f"are beyond {LARGEST_MAGNITUDE:g} mag: a marker for a missing value?"
        )
        remark("high", "impossible_value", large, what)
        finite = np.where(large, np.nan, finite)
    for marker in MARKERS:
        at_the_end = about["min"] == marker or about["max"] == marker
        same = finite == marker
        if at_the_end and same.sum() > 1 and not is_error:
            remark("medium", "marker_value", same, f"are {marker:g}: a marker for a missing value?")
    return found


def _missing(name: str, about: dict[str, Any]) -> list[Finding]:
    """Remark on what was measured itself; errors and derived columns only follow it."""
    if about["role"] not in ("feature", "light_curve"):
        return []
    n = about["n"]
    gone = {k: about[k] for k in ("not_observed", "not_detected", "masked") if about[k]}
    fraction = sum(gone.values()) / n if n else 0.0
    for severity, least in MISSING.items():
        if fraction >= least:
            why = ", ".join(f"{v} {k.replace('_', ' ')}" for k, v in gone.items())
            message = f"{name} is not measured for {fraction:.1%} of the objects ({why})"
            return [Finding(severity, "missing", name, message, {"fraction": fraction, **gone})]
    return []


def _constant(name: str, about: dict[str, Any]) -> list[Finding]:
    if about["n"] and about["n_unique"] == 0:
        return [Finding("high", "empty", name, f"{name} has no value at all")]
    if about["n"] > 1 and about["n_unique"] == 1:
        message = f"{name} has one value only and tells nothing"
        return [Finding("medium", "constant", name, message, {"value": about["median"]})]
    return []


def _tails(name: str, about: dict[str, Any]) -> list[Finding]:
    if about["n_finite"] < 20 or about["q75"] <= about["q25"]:
        return []
    width = about["q75"] - about["q25"]
    reach = max(about["max"] - about["q75"], about["q25"] - about["min"]) / width
    if reach < TAIL:
        return []
    message = f"{name} has values {reach:.0f} interquartile ranges outside its quartiles"
    evidence = {"ranges": reach, "min": about["min"], "max": about["max"]}
    return [Finding("low", "heavy_tail", name, message, evidence)]


def about_pairs(correlation: dict[str, Any]) -> list[Finding]:
    """Remark on columns that say the same."""
    names, matrix = correlation["columns"], np.asarray(correlation["spearman"], dtype=float)
    found = []
    for i, j in combinations(range(len(names)), 2):
        if abs(matrix[i, j]) > SAME:
            message = (
                f"{names[i]} and {names[j]} say the same (rank correlation {matrix[i, j]:.4f})"
            )
            evidence = {"other": names[j], "spearman": float(matrix[i, j])}
            found.append(Finding("medium", "same_column", names[i], message, evidence))
    return found


def about_classes(classes: dict[str, int]) -> list[Finding]:
    """Remark on classes with few objects."""
    total, found = sum(classes.values()), []
    for name, count in classes.items():
        if count < FEW or count < RARE * total:
            severity: Severity = "high" if count < FEW / 5 else "medium"
            message = f"the class {name} has {count} of {total} objects"
            evidence = {"class": name, "objects": count, "fraction": count / total}
            found.append(Finding(severity, "small_class", None, message, evidence))
    return found


def about_samples(classes: "NDArray[Any]", samples: "NDArray[Any]") -> list[Finding]:
    """Remark if the sample an object comes from gives its class away."""
    origins = {c: set(samples[classes == c]) for c in np.unique(classes)}
    if len(set(samples)) < 2 or any(len(s) > 1 for s in origins.values()):
        return []
    message = "every class comes from one sample: a model may learn the sample and not the class"
    evidence = {"samples": {str(c): sorted(s)[0] for c, s in origins.items()}}
    return [Finding("high", "class_is_sample", None, message, evidence)]


def about_target(with_target: dict[str, float | None]) -> list[Finding]:
    """Remark on features that give the target away."""
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


def about_shift(
    labelled: "Described",
    target: "Described",
    values: "dict[str, Floats]",
    target_values: "dict[str, Floats]",
) -> list[Finding]:
    """Remark on columns distributed otherwise in the target sample than in the labelled one.

    The distance is that of Kolmogorov and Smirnov: the largest difference of the two cumulative
    distributions, between 0 and 1.
    """
    found = []
    for name, about in target.items():
        here = labelled.get(name)
        if here is None or about["role"] not in COMPARED:
            continue
        if about["role"] == "feature":
            found += _missing_shift(name, here, about)
        if not (here["n_finite"] and about["n_finite"]):
            continue
        distance = ks_distance(values[name], target_values[name])
        severity = _severity(distance)
        if severity is None:
            continue
        cuts = ("q05", "median", "q95")
        evidence = {
            "distance": distance,
            "labelled": {k: here[k] for k in cuts},
            "target": {k: about[k] for k in cuts},
        }
        message = (
            f"{name} differs between labelled and target objects: median {here['median']:.4g} "
            f"against {about['median']:.4g}, distance of the distributions {distance:.2f}"
        )
        found.append(Finding(severity, "shift", name, message, evidence))
    return found


def _missing_shift(name: str, here: dict[str, Any], there: dict[str, Any]) -> list[Finding]:
    one, other = (1 - a["measured"] / max(a["n"], 1) for a in (here, there))
    severity = _severity(abs(one - other))
    if severity is None:
        return []
    message = f"{name} is not measured for {one:.1%} of labelled and {other:.1%} of target objects"
    evidence = {"labelled": one, "target": other}
    return [Finding(severity, "missing_shift", name, message, evidence)]


def _severity(distance: float) -> Severity | None:
    return next((s for s, least in SHIFT.items() if distance >= least), None)


def ks_distance(one: "Floats", other: "Floats") -> float:
    """Return the largest difference of two cumulative distributions, of the finite values."""
    one, other = (np.sort(x[np.isfinite(x)]) for x in (one, other))
    every = np.concatenate([one, other])
    below = (np.searchsorted(x, every, side="right") / len(x) for x in (one, other))
    return float(np.abs(np.subtract(*below)).max())


def about_assembly(summary: dict[str, Any]) -> list[Finding]:
    """Remark on what was left out when the data were put together."""
    found = []
    read = summary.get("rows_read") or summary["rows"]
    dropped, without = summary.get("duplicates_dropped"), summary.get("target_rows_missing")
    if dropped:
        message = f"{dropped} of {read} rows repeated another in every column and were dropped"
        found.append(Finding("low", "duplicates", None, message, {"rows": dropped}))
    if without:
        message = f"{without} of {read} rows have no target and were left out"
        found.append(Finding("medium", "no_target", None, message, {"rows": without}))
    return found
