"""What calibration gives reason to say: what is both beyond chance and large enough to matter."""

from collections.abc import Iterator
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.findings import Finding, known
from boxloop.metrics.clustered import ALARM
from boxloop.metrics.interval import COVERAGE
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from boxloop.results.calibration import (
        Judgement,
        LineLimits,
        MethodCalibration,
        ModelCalibration,
        ToldProportion,
    )

#: From here on it matters, and from here on it is grave: distance of confidence from accuracy,
#: slopes, and distance of a coverage from the nominal one.
ERROR, GRAVE_ERROR = 0.05, 0.15
SLOPES, GRAVE_SLOPES = (0.8, 1.25), (0.5, 2.0)
SHARE, GRAVE_SHARE = 0.05, 0.15
#: A slope matters only where the probabilities of the class are off by so much.
LEAST_ERROR = 0.03

_NORMAL = NormalDist()
#: Standard errors beyond which a look errs once in a thousand times.
_RARE = _NORMAL.inv_cdf(1 - (1 - COVERAGE) / 2 / ALARM)


def findings_of(found: "Judgement", selected: str, level: float) -> Iterator[Finding]:
    """Yield findings on the selected model.

    Parameters
    ----------
    found : mapping
        ``task``, ``models``, ``conformal``, ``learnt`` of evaluate/calibration.json.
    """
    about = found["models"].get(selected)
    if about and not about["reason"]:
        yield from _OF[task_of(found["task"]).kind_of_target](about, selected)
    yield from _of_conformal(found, selected, level)


def _of_probabilities(about: "ModelCalibration", name: str) -> Iterator[Finding]:
    of = about["methods"][about["used"]]
    error = of["ece"]
    off = [b for b in of["top_label"] if b["off"]]
    said, grave = [], False
    evidence: dict[str, Any] = {"model": name, "method": about["used"], "ece": error}
    if off and error > ERROR:
        over = sum((b["mean"] - b["value"]) * b["rows"] for b in of["top_label"]) > 0
        said.append(
            f"what it says with a given confidence is right {'less' if over else 'more'} often "
            f"(calibration error {error:.2f})"
        )
        grave |= error > GRAVE_ERROR
    worst = _worst_slope(of)
    if worst is not None:
        label, slope = worst
        what = "too near to 0 and 1" if slope["value"] < 1 else "too far from 0 and 1"
        said.append(
            f"the probabilities of {label} are {what} (calibration slope {slope['value']:.2f}, "
            f"95 % interval {slope['low']:.2f} to {slope['high']:.2f}; 1 is calibrated)"
        )
        evidence["slope"] = {"class": label, **slope}
        grave |= not GRAVE_SLOPES[0] <= slope["value"] <= GRAVE_SLOPES[1]
    share = _worst_share(of)
    if share is not None:
        label, mean, frequency = share
        said.append(f"it gives {label} a mean probability of {mean:.2f} where {frequency:.2f} are")
        evidence["mean"] = {"class": label, "mean": mean, "frequency": frequency}
        grave |= abs(mean - frequency) > GRAVE_ERROR
    if said:
        why = "; ".join(said)
        message = f"The probabilities of {name} are not what they say: {why}. {_advice(about)}"
        yield Finding("high" if grave else "medium", "miscalibrated", None, message, evidence)


def _worst_slope(of: "MethodCalibration") -> tuple[str, "LineLimits"] | None:
    """Return the class whose slope is farthest from 1, of those beyond chance that matter."""
    z = _NORMAL.inv_cdf(1 - (1 - COVERAGE) / 2 / of["looks"])
    found = {}
    for label, line in of["slopes"].items():
        slope = line["slope"]
        matters = of["classes"][label]["error"] > LEAST_ERROR
        if (
            not matters
            or slope is None
            or slope["low"] is None
            or not slope["error"]
            or slope["value"] <= 0
        ):
            continue
        beyond = abs(slope["value"] - 1) > z * slope["error"]
        if beyond and not SLOPES[0] <= slope["value"] <= SLOPES[1]:
            found[label] = slope
    if not found:
        return None
    worst = max(found, key=lambda c: (abs(np.log(found[c]["value"])), c))
    return worst, found[worst]


def _worst_share(of: "MethodCalibration") -> tuple[str, float, float] | None:
    rows = []
    for label, c in of["classes"].items():
        f = c["frequency"]
        if f["low"] is None or f["low"] <= c["mean"] <= known(f["high"]):
            continue
        if abs(c["mean"] - f["value"]) > ERROR:
            rows.append((abs(c["mean"] - f["value"]), label, c["mean"], f["value"]))
    return max(rows)[1:] if rows else None


def _advice(about: "ModelCalibration") -> str:
    """Say what mends it, where something does."""
    of = about["methods"]
    used = about["used"]
    if used != "none":
        told = f"They were recalibrated already ({used})"
        best = min(("temperature", "isotonic"), key=lambda m: of[m]["log_loss"]["value"])
        if best == used:
            return f"{told}."
        now, then = of[used]["log_loss"]["value"], of[best]["log_loss"]["value"]
        return f"{told}; {best} would have a log loss of {then:.3g} and not {now:.3g}."
    changes = {m: of[m]["change"]["log_loss"] for m in ("temperature", "isotonic") if m in of}
    gains = {
        m: change["value"]
        for m, change in changes.items()
        if change and change["high"] is not None and change["high"] < 0
    }
    why = " It was trained with balanced classes, as if all were equally frequent." * bool(
        about.get("balanced")
    )
    if not gains:
        return f"Do not take them as probabilities.{why}"
    best = min(gains, key=lambda m: (gains[m], m))
    before, after = of["none"]["log_loss"]["value"], of[best]["log_loss"]["value"]
    return f"recalibrate: {best} brings the log loss from {before:.3g} to {after:.3g}.{why}"


def _of_distributions(about: "ModelCalibration", name: str) -> Iterator[Finding]:
    every: dict[str, list[ToldProportion]] = {
        "coverage": about["coverage"],
        "quantiles": about["quantiles"],
    }
    rows = {
        kind: [r for r in of if r["off"] and abs(r["value"] - r["nominal"]) > SHARE]
        for kind, of in every.items()
    }
    if not any(rows.values()):
        return
    kind = max(rows, key=lambda k: max([abs(r["value"] - r["nominal"]) for r in rows[k]] + [0]))
    worst = max(rows[kind], key=lambda r: abs(r["value"] - r["nominal"]))
    if kind == "coverage":
        width = "narrow" if worst["value"] < worst["nominal"] else "wide"
        said = (
            f"central intervals that ought to hold {worst['nominal']:.0%} of the true values hold "
            f"{worst['value']:.0%}: they are too {width}"
        )
    else:
        said = (
            f"{worst['value']:.0%} of the true values, and not {worst['nominal']:.0%}, lie below "
            "the value that the distributions state for it: they are shifted or skewed"
        )
    grave = abs(worst["value"] - worst["nominal"]) > GRAVE_SHARE
    yield Finding(
        "high" if grave else "medium",
        "miscalibrated",
        None,
        f"The distributions of {name} are not what they say: {said}. Conformal intervals (columns "
        "low and high of the predictions) hold what they promise.",
        {"model": name, kind: worst},
    )


_OF = {"classes": _of_probabilities, "number": _of_distributions}


def _of_conformal(found: "Judgement", name: str, level: float) -> Iterator[Finding]:
    by_method = found["conformal"].get(name, {})
    conformal = task_of(found["task"]).conformal
    able = [m for m in conformal.applied if m in by_method and by_method[m]["reason"] is None]
    learnt = found["learnt"]["shown"]
    if not able or learnt is None:
        return
    of = by_method[able[0]]["of_units"]
    if of["high"] is None or of["value"] >= level - SHARE:
        return
    # The quantile has an error of its own: that of a proportion among the units that taught it.
    n = learnt["conformal"]["n_units"]
    own = _RARE * float(np.sqrt(level * (1 - level) / n))
    judged = (of["high"] - of["value"]) * _RARE / _NORMAL.inv_cdf((1 + COVERAGE) / 2)
    if of["value"] + float(np.hypot(judged, own)) >= level:
        return
    yield Finding(
        "high" if of["value"] < level - GRAVE_SHARE else "medium",
        "miscalibrated",
        None,
        f"Conformal {conformal.regions} of {name} hold {of['value']:.0%} of the true values "
        f"and not {level:.0%}: the objects that they were learnt from are unlike those they are "
        "judged on.",
        {"model": name, "method": able[0], "coverage": of, "nominal": level},
    )
