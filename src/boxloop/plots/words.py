"""How metrics, columns and states are called in figures, tables and sentences."""

import unicodedata

from boxloop.study.known_metrics import METRICS

STATE_LABELS: dict[str, str] = {
    "not_observed": "not observed",
    "not_detected": "not detected",
    "masked": "masked",
}

SPLIT_LABELS: dict[str, str] = {
    "train": "training set",
    "cv": "cross-validation",
    "calibration": "calibration set",
    "test": "test set",
}


def metric_label(name: str, target_unit: str = "") -> str:
    """Return a metric's printed name, with its unit in brackets where it has one."""
    label = (METRICS[name].label if name in METRICS else "") or name.replace("_", " ")
    unit = metric_unit(name, target_unit)
    return f"{label} [{unit}]" if unit else label


def metric_unit(name: str, target_unit: str) -> str:
    """Return the unit of a metric for a target's unit; empty for a pure number."""
    kind = METRICS[name].unit if name in METRICS else ""
    if not target_unit or not kind:
        return ""
    return target_unit if kind == "target" else f"({target_unit})²"


def axis_label(name: str, unit: str = "") -> str:
    """Return a column's name with its unit, safe for an axis."""
    return plain_label(f"{name} [{unit}]" if unit else name)


def plain_label(text: str) -> str:
    """Keep matplotlib from reading dollar signs as mathematics, and SVG from control characters."""
    shown = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    return shown.replace("$", r"\$")


def short_label(text: str, most: int = 24) -> str:
    """Cut a name that would fill a figure, and keep it from being read as mathematics."""
    return plain_label(text if len(text) <= most else text[: most - 1] + "…")


def larger_is_better(name: str) -> bool:
    """Return which way a metric points."""
    return METRICS[name].larger_is_better if name in METRICS else False
