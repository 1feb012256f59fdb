"""Section calibration of the report: evaluate/calibration.json as numbers with their source."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.analyses.calibration.figures import APPLIED, conformal_rows
from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Number, Numbers, Printed, Score
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from boxloop.results.calibration import Calibration, MethodCalibration, Slope
    from boxloop.results.metrics import Metrics

#: Most models that are printed.
MOST = 12
#: Methods as they are printed.
METHODS = {
    "lac": "smallest sets",
    "aps": "adaptive sets",
    "absolute": "equal width",
    "cqr": "width of the distribution",
}
#: Words by the kind of the target: what a model gives, what holds the truth, and the size of that.
WORDS = {
    "classes": {
        "given": "probabilities",
        "stated": "probabilities",
        "sets": "sets of classes",
        "size": "number of classes",
        "size_of_regions": "classes in a set",
    },
    "number": {
        "given": "distributions",
        "stated": "stated errors",
        "sets": "intervals",
        "size": "width",
        "size_of_regions": "width of the intervals",
    },
}
MENDED = ("prevalence", "temperature", "isotonic")
#: Stands where there is no number.
NOTHING = Number("", "–", "--", None, "", "")
SOURCES = {"calibration": "the calibration set", "cv": "out-of-fold predictions"}


def section(evidence: Evidence, n: Numbers) -> Printed:
    """Return what the templates of this section print."""
    found: Calibration | None = evidence.contents.get("calibration")
    if not found or not found.get("models"):
        return {"kind": ""}
    task = task_of(found["task"])
    names = list(found["models"])[:MOST]
    selected, learnt = found["selected"], found["learnt"]["shown"]
    return {
        "kind": task.kind_of_target,
        "words": {**WORDS[task.kind_of_target], "regions": task.conformal.regions},
        "columns": task.conformal.columns,
        "selected": selected,
        "recalibrate": found["recalibrate"],
        "level": n("conformal level", "calibration", "level", show=_percent),
        "learnt": learnt,
        "source": SOURCES[learnt["source"]] if learnt else "",
        "units": n("conformal units", "calibration", "learnt.shown.conformal.n_units")
        if learnt
        else None,
        "models": [_probabilities(found, m, evidence, n) for m in names if _has(found, m)]
        if task.has_classes
        else [_distribution(found, m, n) for m in names if _has(found, m)],
        "silent": [m for m in names if not _has(found, m)],
        "balanced": [m for m in names if found["models"][m].get("balanced")],
        "conformal": [row for m in names for row in _conformal(found, m, n)],
        "worst": _worst_group(found, n),
        "reason": _reason(found),
        "applied": METHODS.get(found["apply"]["conformal"]["method"] or "", ""),
    }


def _has(found: "Calibration", name: str) -> bool:
    return found["models"][name].get("reason") is None


def _percent(value: Any) -> str:
    return f"{100 * value:.3g}"


def _probabilities(found: "Calibration", name: str, evidence: Evidence, n: Numbers) -> Printed:
    of, key = found["models"][name], f"models.{name}.methods"
    known = of["methods"]
    mended = [m for m in MENDED if m in known]
    if name != found["selected"] and mended:
        # Of the others, what mends them best is enough.
        mended = [min(mended, key=lambda m: known[m]["log_loss"]["value"])]
    rows = [_method(known, m, name, key, n) for m in ("none", *mended)]
    error = f"models.{name}.{found['split']}.ece"
    metrics: Metrics = evidence.contents["metrics"]
    if metrics["models"][name][found["split"]]["ece"]["value"] is not None:
        rows[0]["ece"] = _three(f"{name} error of calibration", "metrics", error, n)
    return {"name": name, "balanced": of["balanced"], "rows": rows}


def _method(
    methods: Mapping[str, "MethodCalibration"], method: str, name: str, key: str, n: Numbers
) -> Printed:
    of, about, own = methods[method], f"{key}.{method}", f"{name} {method}"
    error = n(f"{own} ece", "calibration", f"{about}.ece", places=3)
    change = f"{about}.change.log_loss"
    worst = _farthest(of.get("slopes") or {})
    slope = f"{about}.slopes.{worst}.slope"
    return {
        "method": method,
        "log_loss": n(f"{own} log loss", "calibration", f"{about}.log_loss.value", places=3),
        "change": None if method == "none" else _three(f"{own} change", "calibration", change, n),
        "ece": Score(error, NOTHING, NOTHING, NOTHING, ""),
        "slope": _three(f"{own} slope", "calibration", slope, n, 2) if worst else None,
        "class": worst,
    }


def _farthest(slopes: Mapping[str, "Slope"]) -> str | None:
    """Return the class whose slope is farthest from 1, of those that have one."""
    known = {c: s["slope"]["value"] for c, s in slopes.items() if s["slope"]}
    known = {c: value for c, value in known.items() if value > 0}
    return max(known, key=lambda c: abs(np.log(known[c])), default=None)


def _three(name: str, source: str, key: str, n: Numbers, places: int = 3) -> Score:
    """Read a value with its interval, with decimals that do not follow an interval of no width."""
    value, low, high = (
        n(f"{name} {end}".strip(), source, f"{key}.{part}", places=places)
        for part, end in (("value", ""), ("low", "low"), ("high", "high"))
    )
    return Score(value, low, high, NOTHING, "")


def _distribution(found: "Calibration", name: str, n: Numbers) -> Printed:
    rows = found["models"][name]["coverage"]
    wanted = [i for i, r in enumerate(rows) if r["nominal"] in (0.5, 0.9, 0.99)]
    cells = []
    for i in wanted:
        at = f"models.{name}.coverage.{i}"
        nominal = n(f"nominal {i}", "calibration", f"{at}.nominal", show=_percent)
        cells.append(
            {"nominal": nominal, "found": _three(f"{name} held {i}", "calibration", at, n)}
        )
    return {"name": name, "cells": cells}


def _conformal(found: "Calibration", name: str, n: Numbers) -> list[Printed]:
    rows: list[Printed] = []
    for method, of in found["conformal"][name].items():
        if of["reason"] is not None:
            continue
        key, own = f"conformal.{name}.{method}", f"{name} {method}"
        rows.append(
            {
                "model": name,
                "method": METHODS[method],
                "coverage": _three(f"{own} coverage", "calibration", f"{key}.coverage", n),
                "size": n(f"{own} size", "calibration", f"{key}.size.mean"),
                "median": n(f"{own} median size", "calibration", f"{key}.size.median"),
            }
        )
    return rows


def _worst_group(found: "Calibration", n: Numbers) -> Printed | None:
    """Return the group of the lowest coverage, where its interval lies below what is promised."""
    method, rows = conformal_rows(found)
    below = [r for r in rows[1:] if r[2]["high"] is not None and r[2]["high"] < found["level"]]
    if not below:
        return None
    grouping, _, row = min(below, key=lambda r: r[2]["value"])
    groups = found["conformal"][found["selected"]][method]["groups"][grouping]
    i = next(i for i, group in enumerate(groups) if group is row)
    key = f"conformal.{found['selected']}.{method}.groups.{grouping}.{i}"
    value = n("lowest coverage", "calibration", f"{key}.value", show=_percent)
    label = n("lowest coverage group", "calibration", f"{key}.label")
    return {"grouping": grouping, "label": label, "value": value}


def _reason(found: "Calibration") -> str:
    """Say why the selected model has no sets or intervals; empty where it has."""
    methods = found["conformal"].get(found["selected"]) or {}
    if conformal_rows(found)[0]:
        return ""
    told = [methods[m]["reason"] for m in reversed(APPLIED) if m in methods]
    return str(told[0]) if told else str(found["models"][found["selected"]].get("reason") or "")
