"""Values that cannot be, markers for missing values, caps and rounding: one column at a time."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.findings import Finding, Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.data import Marker
    from boxloop.results.explore import ColumnMeaning, DescribedColumn

    Floats = NDArray[np.float64]
    About = ColumnMeaning | DescribedColumn

#: An error above this says that nothing was measured [mag].
LARGEST_ERROR = 10.0
#: No source is so bright or so faint: such a magnitude is a marker for a missing value [mag].
LARGEST_MAGNITUDE = 50.0
#: A redshift below it is more than the motion of a nearby galaxy.
SMALLEST_REDSHIFT = -0.01
#: Numbers that catalogues write where they have none.
MARKERS = tuple(
    sign * n for n in (99.0, 99.9, 99.99, 99.999, 999.0, 999.9, 999.99, 9999.0) for sign in (-1, 1)
)
#: A fraction of values from which a fault of errors is grave, and one end of a column a cap.
MANY = 0.01
#: Fewer steps than this between the quartiles are coarse.
STEPS = 20
ERRORS = ("error", "feature_error", "target_error")


def about_values(name: str, about: "About", values: "Floats") -> list[Finding]:
    """Remark on values of one column that cannot be, and on those that no instrument writes.

    Parameters
    ----------
    name : str
    about : mapping
        ``role``, ``unit`` and ``description``, and the numbers of `describe`.
    values : ndarray, shape (rows,)
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return []
    found = _impossible(name, about, finite, len(values))
    gone = np.zeros(len(finite), dtype=bool)
    for finding in found:
        low, high = finding.evidence["low"], finding.evidence["high"]
        if finding.severity != "low":
            gone |= (finite >= low) & (finite <= high)
    rest = finite[~gone]
    if not len(rest):
        return found
    marked = _markers(name, about, rest, len(values))
    return [*found, *marked, *([] if marked else _ends_and_steps(name, about, rest))]


def about_errors(name: str, about: "About", errors: "Floats", values: "Floats") -> list[Finding]:
    """Remark on errors many times larger than both their value and the spread of all values."""
    both = np.isfinite(errors) & np.isfinite(values)
    if both.sum() < 20 or about["unit"] == "mag":
        return []
    of = values[both]
    spread = float(np.subtract(*np.quantile(of, [0.95, 0.05])))
    huge = errors[both] > 10 * (np.abs(of) + spread)
    if not huge.any():
        return []
    message = (
        f"{_count(huge.sum(), len(errors))} of {name} are more than ten times larger than the "
        "value and the spread of all values: a failed measurement, or two possible solutions?"
    )
    severity: Severity = "high" if huge.mean() > MANY else "medium"
    evidence = {"rows": int(huge.sum()), "high": float(errors[both][huge].max())}
    return [Finding(severity, "impossible_value", name, message, evidence)]


def about_markers(markers: "Mapping[str, Sequence[Marker]]") -> list[Finding]:
    """Say how often each declared missing value was found (`markers` of data/summary.json)."""
    return [
        Finding(
            "low",
            "marker_value",
            column,
            f"{entry['rows']} values of {column} are {entry['value']}, read as "
            f"{str(entry['meaning']).replace('_', ' ')}",
            dict(entry),
        )
        for column, entries in markers.items()
        for entry in entries
        if entry["rows"]
    ]


def _impossible(name: str, about: "About", finite: "Floats", n: int) -> list[Finding]:
    found = []
    for severity, kind, mask, text in _rules(name, about, finite):
        if mask.any():
            rows = int(mask.sum())
            evidence = {
                "rows": rows,
                "low": float(finite[mask].min()),
                "high": float(finite[mask].max()),
            }
            found.append(
                Finding(severity, kind, name, f"{_count(rows, n)} of {name} {text}", evidence)
            )
    return found


Rule = tuple[Severity, str, "NDArray[np.bool_]", str]


def _rules(name: str, about: "About", finite: "Floats") -> list[Rule]:
    words = f"{name} {about.get('description', '')}".lower().replace("_", " ")
    unit, value = about["unit"], "impossible_value"
    if about["role"] in ERRORS:
        return _rules_of_errors(unit, finite)
    found: list[Rule] = []
    if unit == "mag":
        text = f"are beyond {LARGEST_MAGNITUDE:g} mag: a marker for a missing value?"
        found.append(("high", value, np.abs(finite) >= LARGEST_MAGNITUDE, text))
    if unit == "" and re.search(r"\b(redshift|z ?spec|z ?phot|photo ?z)\b", words):
        text = f"are below {SMALLEST_REDSHIFT:g}; no galaxy or quasar has such a redshift"
        found.append(("high", value, finite < SMALLEST_REDSHIFT, text))
    if unit == "K" and not re.search(r"difference|residual|change", words):
        found.append(("high", value, finite < 0, "are below absolute zero"))
    if unit == "" and re.search(r"\b(fraction|probability|prob)\b", words):
        outside = (finite < -1e-6) | (finite > 1 + 1e-6)
        found.append(("high", value, outside, "are outside 0 to 1, as no fraction can be"))
    if re.search(r"\bflux", words) and "log" not in words:
        text = "are negative: noise around nothing, which a logarithm would lose"
        found.append(("low", value, finite < 0, text))
    return [*found, *_rules_of_angles(words, about, finite)]


def _rules_of_errors(unit: str, finite: "Floats") -> list[Rule]:
    large = finite > LARGEST_ERROR if unit == "mag" else np.zeros(len(finite), dtype=bool)
    severity: Severity = "high" if large.mean() > MANY else "medium"
    text = f"are above {LARGEST_ERROR:g} mag: nothing was measured there"
    return [
        ("high", "negative_error", finite < 0, "are negative; an error cannot be"),
        ("medium", "zero_error", finite == 0, "are zero: no measurement is exact"),
        (severity, "impossible_value", large, text),
    ]


def _rules_of_angles(words: str, about: "About", finite: "Floats") -> list[Rule]:
    if about["unit"] not in ("deg", "") or (about["unit"] == "" and about["role"] != "sky"):
        return []
    value = "impossible_value"
    if re.search(r"\b(dec|decj2000|dej2000|de|declination|latitude)\b", words):
        return [("high", value, np.abs(finite) > 90, "are beyond 90 degrees from the equator")]
    if re.search(r"\b(ra|raj2000|right ascension)\b", words):
        outside = (finite < 0) | (finite > 360)
        return [("high", value, outside, "are outside 0 to 360 degrees")]
    return [("medium", value, np.abs(finite) > 360, "are beyond a full turn of 360 degrees")]


def _markers(name: str, about: "About", finite: "Floats", n: int) -> list[Finding]:
    """Find markers that nobody declared: at an end of the column, and far from all else."""
    found = []
    for value in (*MARKERS, -1.0, 0.0):
        rows = int((finite == value).sum())
        if rows < 2 or (value == 0 and about["role"] in ERRORS):
            continue
        rest = finite[~np.isin(finite, (*MARKERS, value))]
        if not len(rest) or not _stands_apart(value, rest, rows):
            continue
        text = (
            f"{_count(rows, n)} of {name} are {value:g}, far from all others: a marker for a "
            "missing value?"
        )
        evidence = {"rows": rows, "value": value, "low": value, "high": value}
        found.append(Finding("high", "marker_value", name, text, evidence))
    return found


def _stands_apart(value: float, rest: "Floats", rows: int) -> bool:
    low, high = float(rest.min()), float(rest.max())
    gap = low - value if value < low else value - high
    if gap <= 0 or len(np.unique(rest[:1000])) < 4:
        return False
    if value == -1.0 and low >= 0:
        return rows >= 3 and (low > 0 or not bool((np.round(rest) == rest).all()))
    q25, q75 = np.quantile(rest, [0.25, 0.75])
    # A zero or minus one belongs to many scales: it has to be farther out than a 999.
    return bool(gap > (3 if value in (0.0, -1.0) else 1) * max(q75 - q25, 1e-12)) and (
        value not in (0.0, -1.0) or (rows >= 3 and gap > 0.5 * (high - low))
    )


def _ends_and_steps(name: str, about: "About", finite: "Floats") -> list[Finding]:
    """Remark on a pile of values at one end, and on values that lie on a coarse grid."""
    if about["role"] not in ("feature", "error", "feature_error") or len(finite) < 100:
        return []
    unique, counts = np.unique(finite, return_counts=True)
    whole = bool((np.round(unique) == unique).all())
    if len(unique) < 12 or whole:
        return []
    found = []
    for end, word in ((-1, "largest"), (0, "smallest")):
        rows = int(counts[end])
        inside = np.median(counts[-10:] if end else counts[:10])
        if rows > max(MANY * len(finite), 5) and rows > 5 * inside:
            text = (
                f"{_count(rows, len(finite))} of {name} equal its {word}, {unique[end]:g}: "
                "were they cut off there?"
            )
            evidence = {"rows": rows, "value": float(unique[end])}
            found.append(Finding("medium", "capped", name, text, evidence))
    step = float(np.diff(unique).min())
    on_grid = np.abs((unique - unique[0]) / step - np.round((unique - unique[0]) / step)) < 1e-3
    width = float(np.subtract(*np.quantile(finite, [0.75, 0.25])))
    if on_grid.all() and 0 < width / step < STEPS and counts.mean() > 5:
        text = (
            f"{name} is rounded to {step:.3g}, and half of its values lie within "
            f"{width / step:.0f} such steps"
        )
        evidence = {"rows": len(finite), "step": step, "steps": width / step}
        found.append(Finding("low", "rounded", name, text, evidence))
    return found


def _count(rows: Any, n: int) -> str:
    return f"{int(rows)} of {n} values"
