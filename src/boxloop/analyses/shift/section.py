"""Section shift of the report: evaluate/shift.json as numbers with their source."""

from collections.abc import Mapping
from typing import Any

from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Numbers
from boxloop.numbers.rounding import percent
from boxloop.plots.words import SPLIT_LABELS

#: Most groups of features, features of a group, and classes that are printed.
DRIVERS, COLUMNS, CLASSES = 5, 3, 12
_SOURCES = {
    "training": "that among the labelled objects",
    "stated": "that which the study states",
    "em": "that which expectation-maximisation estimates for the target sample",
    "bbse": "that which black-box shift estimation finds for the target sample",
}


def section(evidence: Evidence, n: Numbers) -> dict[str, Any]:
    """Return what the templates of this section print."""
    found = evidence.contents.get("shift") or {}
    return {
        "reason": found.get("reason") or "",
        "samples": _samples(found.get("two_sample"), n),
        "prevalence": _prevalence(found.get("prevalence"), n),
    }


def _samples(found: Mapping[str, Any] | None, n: Numbers) -> dict[str, Any]:
    if not found:
        return {}
    if found["reason"]:
        return {"reason": found["reason"]}
    at = "two_sample"
    drivers = [
        {
            "columns": d["columns"][:COLUMNS],
            "more": len(d["columns"]) > COLUMNS,
            "drop": n(f"shift drop {i}", "shift", f"{at}.drivers.{i}.drop", places=2),
        }
        for i, d in enumerate(found["drivers"])
        if d["drives"]
    ]
    return {
        "reason": "",
        "training": n("shift training rows", "shift", f"{at}.rows.training"),
        "target": n("shift target rows", "shift", f"{at}.rows.target"),
        "auc": n.score("shift auc", "shift", f"{at}.auc"),
        "linear": n.score("shift linear auc", "shift", f"{at}.linear"),
        "effective": n("shift effective", "shift", f"{at}.effective.value", show=percent),
        "drivers": drivers[:DRIVERS],
    }


def _prevalence(found: Mapping[str, Any] | None, n: Numbers) -> dict[str, Any]:
    if not found or "classes" not in found:
        return {}
    at = "prevalence"
    order = sorted(range(len(found["classes"])), key=lambda i: -found["classes"][i]["training"])
    classes = [_class(found, i, n) for i in order[:CLASSES]]
    remaining = found.get("remaining") or {}
    return {
        "reason": found["reason"] or "",
        "reasons": {k: v for k, v in found["reasons"].items() if v and not found["reason"]},
        "classes": classes,
        "more": len(order) > CLASSES,
        "remaining": n.score("shift remaining", "shift", f"{at}.remaining")
        if remaining.get("value") is not None
        else None,
        "fails": (remaining.get("low") or 0.0) > 0.55,
        "at": _SOURCES[found["source"]],
        "note": found["note"],
        "adjusted": found["adjustment"] is not None,
        "split": SPLIT_LABELS[found["split"]],
    }


def _class(found: Mapping[str, Any], i: int, n: Numbers) -> dict[str, Any]:
    entry, name = found["classes"][i], found["classes"][i]["class"]
    key, purity = f"prevalence.classes.{i}", f"prevalence.purity.{i}"

    def estimate(method: str) -> dict[str, Any] | None:
        if not entry.get(method):
            return None
        of = {
            k: n(f"prevalence {name} {method} {k}", "shift", f"{key}.{method}.{k}", show=percent)
            for k in ("value", "low", "high")
        }
        return {**of, "known": entry[method]["low"] is not None}

    def score(what: str) -> dict[str, Any]:
        of = {
            k: n(f"{what} {name} {k}", "shift", f"{purity}.{what}.{k}", show=percent)
            for k in ("value", "low", "high")
        }
        return {**of, "known": found["purity"][i][what]["low"] is not None}

    return {
        "name": name,
        "training": n(f"frequency {name}", "shift", f"{key}.training", show=percent),
        "estimates": [] if found["reason"] else [estimate("em"), estimate("bbse")],
        "used": n(f"frequency used {name}", "shift", f"{purity}.prevalence", show=percent),
        "purity": score("purity"),
        "completeness": score("completeness"),
        "negatives": n(f"negatives {name}", "shift", f"{purity}.n_negatives"),
        "wrong": n(f"false {name}", "shift", f"{purity}.n_false"),
    }
