"""Section audit of the report: evaluate/audit.json as numbers with their source."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Numbers, Printed
from boxloop.numbers.rounding import decimals

if TYPE_CHECKING:
    from boxloop.results.audit import Audit
    from boxloop.results.metrics import Metrics


def section(evidence: Evidence, n: Numbers) -> Printed:
    """Return what the templates of this section print; a check that was not made is None."""
    audit: Audit | None = evidence.contents.get("audit")
    if not audit:
        return {}
    kinds = {finding["kind"] for finding in audit["findings"]}
    return {
        "kinds": kinds,
        "groups": _groups(audit, n),
        "repeated": _repeated(audit, n),
        "chance": _chance(audit, n, "audit chance", "chance", audit["chance"]),
        "shuffled": _shuffled(audit, n),
        "time": _pair(audit, n, "time_order", ("past", "any_time")),
        "reweight": _pair(audit, n, "reweight", ("plain", "reweighted")),
        "seeds": _seeds(audit, n),
        "curve": _curve(audit, n),
        "openings": n("audit openings", "audit", "openings"),
        "failed": [
            {"purpose": purpose, "reason": probe["reason"]}
            for purpose, probe in audit["probes"].items()
            if probe.get("reason")
        ],
        "nested": _nested(evidence, n),
    }


def _groups(audit: "Audit", n: Numbers) -> list[Printed]:
    return [
        {
            "column": column,
            "groups": n(f"audit {column} groups", "audit", f"apart.groups.{column}.groups"),
            "crossing": n(f"audit {column} crossing", "audit", f"apart.groups.{column}.crossing"),
        }
        for column in audit["apart"]["groups"]
    ]


def _repeated(audit: "Audit", n: Numbers) -> Printed | None:
    if audit["apart"]["duplicates"]["repeated"] is None:
        return None
    keys = ("repeated", "scored")
    return {k: n(f"audit {k}", "audit", f"apart.duplicates.{k}") for k in keys}


def _chance(
    audit: "Audit", n: Numbers, name: str, key: str, found: Mapping[str, Any] | None
) -> Printed | None:
    if not found or found.get("score") is None:
        return None
    places = decimals(found["low"], found["high"])
    return {k: n(f"{name} {k}", "audit", f"{key}.{k}", places=places) for k in found if k in _SHOWN}


#: What is printed of a score beside those of chance.
_SHOWN = ("score", "low", "high")


def _shuffled(audit: "Audit", n: Numbers) -> list[Printed]:
    runs = audit["probes"].get("shuffled", {}).get("runs", [])
    rows = [
        _chance(audit, n, f"shuffled {i}", f"probes.shuffled.runs.{i}", run)
        for i, run in enumerate(runs)
    ]
    return [row for row in rows if row]


def _pair(audit: "Audit", n: Numbers, purpose: str, names: tuple[str, str]) -> Printed | None:
    runs = audit["probes"].get(purpose, {}).get("runs", [])
    if not runs:
        return None
    places = decimals(runs[0]["low"], runs[0]["high"])
    keys = (*names, "gain", "low", "high", *(k for k in ("effective",) if k in runs[0]))
    key = f"probes.{purpose}.runs.0"
    words = purpose.replace("_", " ")
    return {
        k: n(
            f"{words} {k.replace('_', ' ')}",
            "audit",
            f"{key}.{k}",
            places=2 if k == "effective" else places,
        )
        for k in keys
    }


def _seeds(audit: "Audit", n: Numbers) -> Printed | None:
    if not audit["seeds"]:
        return None
    return {k: n(f"seeds {k}", "audit", f"seeds.{k}") for k in ("std", "n")}


def _curve(audit: "Audit", n: Numbers) -> list[Printed]:
    probe = audit["probes"].get("learning_curve", {})
    rows: list[Printed] = []
    for i, run in enumerate(probe.get("runs", [])):
        key = f"probes.learning_curve.runs.{i}"
        places = decimals(0.0, 2 * (run["std"] or 0.0))
        rows.append(
            {
                "rows": n(f"learning curve {i} rows", "audit", f"{key}.rows", places=0),
                "mean": n(f"learning curve {i} mean", "audit", f"{key}.mean", places=places),
            }
        )
    return rows


def _nested(evidence: Evidence, n: Numbers) -> Printed | None:
    metrics: Metrics = evidence.contents["metrics"]
    nested = metrics.get("nested")
    if not nested:
        return None
    chosen = nested["selected"]
    named = list(dict.fromkeys(chosen))
    return {
        "score": n.score("procedure", "metrics", f"nested.scores.{metrics['metric']}"),
        "folds": n("outer folds", "metrics", "nested.selected|count"),
        "chosen": [f"{name} ({chosen.count(name)} of {len(chosen)})" for name in named]
        if len(named) > 1
        else named,
    }
