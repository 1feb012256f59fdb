"""Section shift of the report: evaluate/shift.json as numbers with their source."""

from typing import TYPE_CHECKING

from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Numbers, Printed
from boxloop.numbers.rounding import percent
from boxloop.plots.words import SPLIT_LABELS

if TYPE_CHECKING:
    from boxloop.results.common import Score
    from boxloop.results.shift import Frequency, Prevalence, SampleComparison, Shift

#: Most groups of features, features of a group, and classes that are printed.
DRIVERS, COLUMNS, CLASSES = 5, 3, 12
_SOURCES = {
    "training": "that among the labelled objects",
    "stated": "that which the study states",
    "em": "that which expectation-maximisation estimates for the target sample",
    "bbse": "that which black-box shift estimation finds for the target sample",
}


def section(evidence: Evidence, n: Numbers) -> Printed:
    """Return what the templates of this section print."""
    found: Shift | None = evidence.contents.get("shift")
    if not found:
        return {"reason": "", "samples": {}, "prevalence": {}}
    return {
        "reason": found["reason"] or "",
        "samples": _samples(found["two_sample"], n),
        "prevalence": _prevalence(found["prevalence"], n),
    }


def _samples(found: "SampleComparison | None", n: Numbers) -> Printed:
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


def _prevalence(found: "Prevalence", n: Numbers) -> Printed:
    if "classes" not in found:
        return {}
    at = "prevalence"
    order = sorted(range(len(found["classes"])), key=lambda i: -found["classes"][i]["training"])
    classes = [_class(found, i, n) for i in order[:CLASSES]]
    remaining = found.get("remaining")
    return {
        "reason": found["reason"] or "",
        "reasons": {k: v for k, v in found["reasons"].items() if v and not found["reason"]},
        "classes": classes,
        "more": len(order) > CLASSES,
        "remaining": n.score("shift remaining", "shift", f"{at}.remaining")
        if remaining and remaining["value"] is not None
        else None,
        "fails": bool(remaining and (remaining["low"] or 0.0) > 0.55),
        "at": _SOURCES[found["source"]],
        "note": found["note"],
        "adjusted": found["adjustment"] is not None,
        "split": SPLIT_LABELS[found["split"]],
    }


def _class(found: "Prevalence", i: int, n: Numbers) -> Printed:
    entry, name = found["classes"][i], found["classes"][i]["class"]
    key, purity = f"prevalence.classes.{i}", f"prevalence.purity.{i}"

    def estimate(method: str, found: "Frequency | None") -> Printed | None:
        if not found:
            return None
        of = {
            k: n(f"prevalence {name} {method} {k}", "shift", f"{key}.{method}.{k}", show=percent)
            for k in ("value", "low", "high")
        }
        return {**of, "known": found["low"] is not None}

    def score(what: str, found: "Score") -> Printed:
        of = {
            k: n(f"{what} {name} {k}", "shift", f"{purity}.{what}.{k}", show=percent)
            for k in ("value", "low", "high")
        }
        return {**of, "known": found["low"] is not None}

    return {
        "name": name,
        "training": n(f"frequency {name}", "shift", f"{key}.training", show=percent),
        "estimates": []
        if found["reason"]
        else [estimate("em", entry["em"]), estimate("bbse", entry["bbse"])],
        "used": n(f"frequency used {name}", "shift", f"{purity}.prevalence", show=percent),
        "purity": score("purity", found["purity"][i]["purity"]),
        "completeness": score("completeness", found["purity"][i]["completeness"]),
        "negatives": n(f"negatives {name}", "shift", f"{purity}.n_negatives"),
        "wrong": n(f"false {name}", "shift", f"{purity}.n_false"),
    }
