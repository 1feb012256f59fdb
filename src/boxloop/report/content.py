"""What the paper and the page both say: tables and sentences, with their numbers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, ChoiceLoader, PackageLoader

from boxloop.analyses.exploration.section import origin
from boxloop.analyses.findings import findings_of, gravest
from boxloop.analyses.registry import ANALYSES, parts
from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Numbers, Printed
from boxloop.numbers.rounding import duration, memory
from boxloop.plots import metric_label
from boxloop.plots.words import SPLIT_LABELS, larger_is_better
from boxloop.report.checklist import checklist_of
from boxloop.report.comparisons import compared
from boxloop.report.results import (
    candidates_of,
    comparisons_of,
    published_of,
    ranking_of,
    results_of,
    search_of,
    verdicts_of,
)
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from boxloop.results.metrics import Metrics

#: Most findings and features that a report prints; the rest stands in the results.
MOST = 12
#: What the models are to do with the objects, by the kind of the target.
ASKS = {"classes": "sort them by", "number": "predict"}


def content(evidence: Evidence, numbers: Numbers) -> Printed:
    """Return everything the templates print.

    Parameters
    ----------
    evidence : Evidence
    numbers : Numbers
        Collects each number with its source.
    """
    metrics: Metrics = evidence.contents["metrics"]
    shown = "test" if metrics["status"] == "final" else "cv"
    unit = evidence.contents["summary"]["target"].get("unit") or ""
    metric = metrics["metric"]
    findings = findings_of(evidence.contents)
    return {
        "study": evidence.study,
        "name": metrics["study"],
        "asks": ASKS[task_of(metrics["task"]).kind_of_target],
        "status": metrics["status"],
        "provenance": metrics["provenance"],
        "target": evidence.contents["summary"]["target"],
        "shown": shown,
        "shown_label": SPLIT_LABELS[shown],
        "selected": metrics["selected"],
        "metric": metric,
        "metric_label": metric_label(metric, unit),
        "larger_is_better": larger_is_better(metric),
        "models": list(metrics["models"]),
        "shown_only": [m for m in metrics["models"] if m not in candidates_of(metrics)],
        "figures": evidence.figures,
        "data": _data(evidence, numbers),
        "findings": findings,
        "gravest": gravest(findings, evidence.contents["summary"]["target"]["name"]),
        "search": search_of(evidence, numbers),
        "results": results_of(evidence, numbers),
        "comparisons": comparisons_of(evidence, numbers),
        "compared": compared(evidence, numbers),
        "verdicts": verdicts_of(evidence),
        "ranking": ranking_of(evidence, numbers, shown, unit),
        "published": published_of(evidence, numbers),
        "apply": _apply(evidence, numbers),
        "checklist": checklist_of(evidence),
        "run": _run(evidence, numbers),
        "judged": {name: section(evidence, numbers) for name, section in parts("section")},
        "figures_of": {analysis.name: analysis.figures for analysis in ANALYSES},
    }


def templates() -> BaseLoader:
    """Return where templates are looked up: those of the report, then those of the analyses."""
    own, analyses = PackageLoader("boxloop.report"), PackageLoader("boxloop.analyses", ".")
    return ChoiceLoader([own, analyses])


def _data(evidence: Evidence, n: Numbers) -> Printed:
    summary, training = evidence.contents["summary"], evidence.contents["training"]
    keys = ["rows_read", "duplicates_dropped", "rows", "units", "test_rows", "target_rows_missing"]
    counts = {k: n(k, "summary", k) for k in keys if summary.get(k) is not None}
    counts["train_rows"] = n("train rows", "training", "rows")
    calibration = _first_units(evidence, "calibration")
    if calibration:
        counts["calibration_units"] = n("calibration units", "metrics", calibration)
    samples = [
        {
            **about,
            "name": name,
            "origin": origin(about),
            "rows": n(f"sample {name} rows", "summary", f"samples.{name}.rows"),
            "n_files": n(f"sample {name} files", "summary", f"samples.{name}.files|count"),
        }
        for name, about in summary["samples"].items()
    ]
    classes = [
        {"name": c, "rows": n(f"class {c} rows", "summary", f"classes.{c}")}
        for c in summary.get("classes") or {}
    ]
    return {
        **counts,
        "samples": samples,
        "classes": classes,
        "columns": summary["columns"],
        "left_out": [{"name": c, "why": w} for c, w in (summary.get("excluded") or {}).items()],
        "hash": n("data hash", "summary", "data_hash", show=lambda v: str(v)[:12]),
        "missing": _missing(evidence, n),
        "closest": _closest(training, n),
    }


def _first_units(evidence: Evidence, split: str) -> str:
    metrics: Metrics = evidence.contents["metrics"]
    selected, metric = metrics["selected"], metrics["metric"]
    has = metrics["models"].get(selected, {}).get(split, {}).get(metric)
    return f"models.{selected}.{split}.{metric}.n_units" if has else ""


def _missing(evidence: Evidence, n: Numbers) -> list[Printed]:
    columns = evidence.contents["explore"]["columns"]
    states = ("not_observed", "not_detected", "masked")
    rows: list[Printed] = []
    for name, column in columns.items():
        if any(column.get(s) for s in states):
            counts = {s: n(f"{name} {s}", "explore", f"columns.{name}.{s}") for s in states}
            rows.append({"name": name, **counts})
    return rows[:MOST]


def _closest(training: Mapping[str, Any], n: Numbers) -> list[Printed]:
    known = {k: v for k, v in (training.get("with_target") or {}).items() if v is not None}
    best = sorted(known, key=lambda k: -abs(known[k]))[:3]
    return [
        {"name": k, "value": n(f"{k} with target", "training", f"with_target.{k}", places=2)}
        for k in best
    ]


def _apply(evidence: Evidence, n: Numbers) -> Printed:
    apply = evidence.contents["apply"]
    if not apply.get("target"):
        return {"target": False, "reason": apply.get("reason") or ""}
    outside = {k: c["outside"] for k, c in (apply.get("columns") or {}).items() if c.get("outside")}
    worst = sorted(outside, key=lambda k: -outside[k])[:5]
    classes = (apply.get("prediction") or {}).get("classes") or {}
    return {
        "target": True,
        "rows": n("target sample rows", "apply", "rows"),
        "outside": n("target sample outside", "apply", "outside_rows"),
        "unlike": n("target sample unlike", "apply", "unlike_rows")
        if apply.get("unlike_rows") is not None
        else None,
        "no_region": (apply.get("region") or {}).get("reason") or "",
        "provenance": apply.get("provenance"),
        "columns": [
            {"name": k, "outside": n(f"outside {k}", "apply", f"columns.{k}.outside")}
            for k in worst
        ],
        "classes": [
            {"name": c, "rows": n(f"target class {c}", "apply", f"prediction.classes.{c}")}
            for c in classes
        ],
    }


def _run(evidence: Evidence, n: Numbers) -> Printed:
    run = evidence.contents["run"]
    git, hardware = run.get("git") or {}, run.get("hardware") or {}
    shown = {
        "commit": n("git commit", "run", "git.commit", show=lambda v: str(v or "none")[:12]),
        "seed": n("seed", "run", "seed"),
        "study_hash": n("study hash", "run", "study_hash", show=lambda v: str(v)[:12]),
        "seconds": n("computing time", "run", "seconds", show=duration),
        "memory": n("peak memory", "run", "peak_memory_bytes", show=memory),
        "openings": n("openings", "details", "openings|count"),
    }
    machine = {
        k: n(f"hardware {k}", "run", f"hardware.{k}", show=memory if "bytes" in k else None)
        for k in hardware
    }
    versions = {k: n(f"version {k}", "run", f"versions.{k}") for k in run.get("versions") or {}}
    times = {k: n(k, "run", k) for k in ("started", "ended") if run.get(k)}
    told = {"hardware": machine, "versions": versions, "jobs": _jobs(run, n)}
    return {**shown, **times, "dirty": git.get("dirty"), **told}


def _jobs(run: dict[str, Any], n: Numbers) -> list[Printed]:
    """Return what the jobs took, by rule: what the next run asks a cluster for."""
    return [
        {
            "rule": rule,
            "jobs": n(f"jobs {rule}", "run", f"rules.{rule}.jobs"),
            "seconds": n(f"seconds {rule}", "run", f"rules.{rule}.seconds", show=duration),
            "longest": n(f"longest {rule}", "run", f"rules.{rule}.longest_seconds", show=duration),
            "memory": n(f"memory {rule}", "run", f"rules.{rule}.peak_memory_bytes", show=memory),
        }
        for rule, taken in (run.get("rules") or {}).items()
        if "jobs" in taken
    ]
