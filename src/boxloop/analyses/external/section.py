"""Section of somebody else's predictions: whose they are, and by which objects they are judged."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Number, Numbers, Printed, Score

if TYPE_CHECKING:
    from boxloop.results.metrics import Metrics

#: Counts of metrics.json, and what they are called in the name of a macro.
COUNTS = {
    "objects": "objects",
    "missing": "missing",
    "trained_on": "trained on",
    "judged": "judged",
    "their_training": "their training objects",
}


def section(evidence: Evidence, n: Numbers) -> Printed:
    """Return what the templates of this section print."""
    metrics: Metrics = evidence.contents["metrics"]
    about = {model["name"]: model for model in evidence.study.get("models") or []}
    rows: list[Printed] = []
    for name in metrics.get("given") or {}:
        counts: dict[str, Number] = {
            key: n(f"{name} {words}", "metrics", f"given.{name}.{key}")
            for key, words in COUNTS.items()
        }
        rows.append({"name": name, **counts, **_whose(about[name]), **_scores(metrics, name, n)})
    return {"rows": rows, "unknown": [r["name"] for r in rows if not r["declared"]]}


def _whose(model: Mapping[str, Any]) -> Printed:
    """Return the column, and whose it is: a key to cite where it is one word, else the words."""
    by = model.get("by") or ""
    key = bool(by) and not re.search(r"\s", by)
    return {
        "column": model["column"],
        "cite": by if key else "",
        "words": "" if key else by,
        "declared": bool(model.get("trained_on")),
    }


def _scores(metrics: "Metrics", name: str, n: Numbers) -> dict[str, Score | None]:
    """Return the scores on the objects shown, and on those it was trained on, if any."""
    metric = metrics["metric"]
    found: dict[str, Score | None] = {}
    shown = "test" if metrics["status"] == "final" else "cv"
    for key, split in (("score", shown), ("apart", "their_training")):
        there = metric in metrics["models"][name].get(split, {})
        at = f"models.{name}.{split}.{metric}"
        found[key] = n.score(f"{name} {split} {metric}", "metrics", at) if there else None
    return found
