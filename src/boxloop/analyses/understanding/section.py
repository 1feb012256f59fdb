"""Section understanding of the report: evaluate/understanding.json as numbers with their source."""

from typing import TYPE_CHECKING

from boxloop.findings import known
from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Number, Numbers, Printed
from boxloop.numbers.rounding import decimals, written
from boxloop.plots.words import SPLIT_LABELS

if TYPE_CHECKING:
    from boxloop.results.metrics import Metrics
    from boxloop.results.understanding import (
        Importance,
        ModelImportance,
        Plausible,
        Understanding,
        WorstErrors,
    )

#: Most rows of a table; the others stand in the results.
MOST = 12
#: Longest name of an object that is printed whole.
_LONGEST = 24
#: What an error looks like beside the training objects that are most like it.
LOOKS = {
    "truth_is_odd": "neighbours side with the prediction: look at its label",
    "model_is_odd": "neighbours side with the truth: the model misses it",
    "unlike_training": "far from all training objects",
    "mixed": "neighbours do not decide it",
}
#: By what the worst objects were chosen.
RANKED = {
    "residual": "the size of the residual",
    "residual_in_errors": "the residual in units of the truth's error",
    "confidence": "the probability given to a wrong class",
    "chance": "chance among the wrong ones, for the model gives no probability",
}


def section(evidence: Evidence, n: Numbers) -> Printed:
    """Return what the templates of this section print."""
    found: Understanding | None = evidence.contents.get("understanding")
    metrics: Metrics = evidence.contents["metrics"]
    if not found:
        return {"told": False}
    selected = metrics["selected"]
    return {
        "told": True,
        "selected": selected,
        "importance": _importance(found["importance"], n),
        "dependence": found["dependence"]["reason"],
        "worst": _worst(found["worst"], n),
        "plausible": _plausible(found["plausible"], selected, n),
    }


def _importance(found: "Importance", n: Numbers) -> Printed:
    if not found["models"] or found["set"] is None:
        return {"rows": [], "reason": found["reason"]}
    rows = []
    for i, group in enumerate(found["groups"][:MOST]):
        cells = [
            {
                "seen": of["groups"][i]["seen"],
                "reason": of["groups"][i]["reason"],
                **_with_limits(
                    n, f"importance {name} {i}", f"importance.models.{name}.groups.{i}", of, i
                ),
            }
            for name, of in found["models"].items()
        ]
        rows.append({"name": group["name"], "group": group, "cells": cells})
    numbers = {
        key: n(f"importance {key}", "understanding", f"importance.{key}")
        for key in ("objects", "units", "repeats", "correlated")
    }
    return {
        "rows": rows,
        "reason": "",
        "models": list(found["models"]),
        "set": SPLIT_LABELS[found["set"]],
        "joined": [g for g in found["groups"][:MOST] if len(g["columns"]) > 1],
        **numbers,
    }


def _with_limits(
    n: Numbers, name: str, key: str, model: "ModelImportance", i: int
) -> dict[str, Number]:
    row = model["groups"][i]
    places = decimals(row["low"], row["high"])
    return {
        part: n(f"{name} {part}", "understanding", f"{key}.{part}", places=places)
        for part in ("value", "low", "high")
    }


def _worst(found: "WorstErrors", n: Numbers) -> Printed:
    rows = []
    for i, one in enumerate(found["objects"]):
        key, name = f"worst.objects.{i}", f"worst {i}"
        keys = ("truth", "prediction", "size", "times_usual")
        near = range(len(one["neighbours"] or []))
        rows.append(
            {
                "id": n(f"{name} id", "understanding", f"{key}.id", show=_shortened),
                **{k: n(f"{name} {k}", "understanding", f"{key}.{k}") for k in keys},
                "neighbours": [
                    n(f"{name} neighbour {j}", "understanding", f"{key}.neighbours.{j}.target")
                    for j in near
                ],
                "looks": LOOKS[one["looks"]] if one["looks"] else "",
            }
        )
    return {
        "rows": rows,
        "reason": found["reason"],
        "split": SPLIT_LABELS[found["split"]],
        "ranked": RANKED[found["ranked_by"]],
        "compared": any(one["neighbours"] for one in found["objects"]),
        "sized": found["ranked_by"] != "chance",
    }


def _plausible(found: "Plausible", selected: str, n: Numbers) -> Printed:
    rows = []
    for i, rule in enumerate(found["rules"][:MOST]):
        key, name = f"plausible.rules.{i}", f"rule {i}"
        own = f"{key}.models.{selected}"
        others = {m: r for m, r in rule["models"].items() if m != selected and r["share"]}
        worst = max(others, key=lambda m: known(others[m]["share"]), default=None)
        rows.append(
            {
                "name": rule["name"],
                "automatic": rule["automatic"],
                "said": n(f"{name} says", "understanding", f"{key}.said"),
                **{
                    k: n(f"{name} {k}", "understanding", f"{own}.{k}")
                    for k in ("objects", "violations")
                },
                **{
                    k: n(f"{name} {k}", "understanding", f"{own}.{k}", show=_percent)
                    for k in ("share", "low", "high")
                },
                "worst": worst,
                "worst_share": None
                if worst is None
                else n(
                    f"{name} {worst}",
                    "understanding",
                    f"{key}.models.{worst}.share",
                    show=_percent,
                ),
            }
        )
    return {"rows": rows, "reason": found["reason"], "split": SPLIT_LABELS[found["split"]]}


def _shortened(name: str) -> str:
    """Leave out the middle of a name that would fill a table."""
    return name if len(name) <= _LONGEST else f"{name[:13]}…{name[-10:]}"


def _percent(value: float | None) -> str:
    if value is None:
        return "–"
    return written(float(f"{100 * value:.2g}"))
