"""What the page of the exploration prints: every finding, every column."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from boxloop.analyses.exploration.subjects import not_found, subjects_of
from boxloop.analyses.findings import SEVERITIES, Finding, columns_of, findings_of
from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Printed
from boxloop.numbers.rounding import file_size, written
from boxloop.plots import sketch, state_bar
from boxloop.plots.words import STATE_LABELS
from boxloop.study.known_modality import of_modality
from boxloop.tasks import task_of

#: Cards of columns, rows of tables and files of a sample that stand open; the rest folds.
OPEN = 12
#: Findings of a subject that stand open: all of them stand at the top already.
OPEN_FINDINGS = 5
#: Entries of a list of evidence that are printed.
_MOST_ENTRIES = 12
#: Roles of the columns, beside modalities, that are laid over those of the target sample.
_COMPARED = ("feature", "derived", "feature_error")
_QUANTILES = (
    ("min", "min"),
    ("q05", "5 %"),
    ("median", "median"),
    ("q95", "95 %"),
    ("max", "max"),
)


def section(evidence: Evidence) -> dict[str, Any]:
    """Return what the template of the page prints.

    Parameters
    ----------
    evidence : Evidence
        ``summary`` and ``explore``; where there is a target also ``training``; and ``embedding``.
        With the drawings of its figures.
    """
    contents, summary = evidence.contents, evidence.contents["summary"]
    found = [
        {**f, "anchor": f"finding-{i}", "evidence": evidence_of(f.get("evidence"))}
        for i, f in enumerate(findings_of(contents))
    ]
    return {
        "study": evidence.study,
        "predicts": task_of(summary["task"]).predicts,
        "provenance": summary["provenance"],
        "figures": evidence.figures,
        "findings": found,
        "severities": SEVERITIES,
        "subjects": subjects_of(evidence, found),
        "counts": _counts(summary, contents),
        "left_out": [{"name": c, "why": w} for c, w in (summary.get("excluded") or {}).items()],
        "markers": _markers(summary),
        "columns": _columns(contents, found),
        "shift": _shift(contents, found),
        "samples": [*_samples(summary), *_target_sample(evidence)],
        "classes": _classes(summary),
        "embedding": _embedding(contents.get("embedding") or {}),
        "data_hash": str(summary["data_hash"])[:12],
        "open_until": OPEN,
        "open_findings": OPEN_FINDINGS,
        "not_found": not_found(evidence, found),
    }


def origin(about: Mapping[str, Any]) -> str:
    """Say in one line where a sample of data/summary.json comes from."""
    told = about.get("origin", "")
    if isinstance(told, Mapping):
        return ", ".join(f"{k} {v}" for k, v in told.items() if v is not None)
    return str(told)


def evidence_of(found: Any) -> list[tuple[str, str]]:
    """Return the evidence of a finding as names and printed values."""
    return [(k.replace("_", " "), _printed(v)) for k, v in (found or {}).items()]


def _printed(value: Any) -> str:
    if isinstance(value, Mapping):
        return _some([f"{k} {_printed(v)}" for k, v in value.items()])
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _some([_printed(v) for v in value]) or "none"
    return written(value)


def _some(entries: list[str]) -> str:
    rest = len(entries) - _MOST_ENTRIES
    return ", ".join(entries[:_MOST_ENTRIES]) + (f" and {rest} more" if rest > 0 else "")


def _counts(summary: Mapping[str, Any], contents: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return how many rows were read, left out and kept."""
    keys = {
        "rows_read": "rows read",
        "rows_cut": "left out by limits (where)",
        "duplicates_dropped": "duplicates dropped",
        "target_rows_missing": "without a target",
        "rows": "objects",
        "units": "independent units",
        "test_rows": "in the test set, sealed",
    }
    counts = [(label, written(summary[k])) for k, label in keys.items() if summary.get(k)]
    if "training" in contents:
        counts.append(("training objects", written(contents["training"]["rows"])))
    sky = summary.get("sky_duplicates") or {}
    if sky.get("rows"):
        radius = written(sky.get("radius_arcsec"))
        said = f"{written(sky.get('rows'))} rows are {written(sky.get('objects'))} objects"
        counts.append((f"closer than {radius}″ on the sky", said))
    return counts


def _mark(value: Any) -> str:
    """Return a marker with all its digits; NaN and infinities stand as text in the summary."""
    return f"{value:g}".replace("-", "−") if isinstance(value, int | float) else str(value)


def _markers(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "name": name,
            "value": _mark(m["value"]),
            "meaning": str(m.get("meaning", "")).replace("_", " "),
            "rows": written(m.get("rows")),
        }
        for name, of in (summary.get("markers") or {}).items()
        for m in of
    ]


def _columns(contents: Mapping[str, Any], findings: list[Finding]) -> list[Printed]:
    """Return a card for every column: what it is, what is missing, how it is distributed."""
    described = {c["name"]: c for c in contents["summary"]["columns"]}
    tags: dict[str, list[Finding]] = {}
    for finding in findings:
        for name in columns_of(finding):
            tags.setdefault(name, []).append(finding)
    cards: list[tuple[int, Printed]] = []
    for name, column in contents["explore"]["columns"].items():
        other = _elsewhere(contents, name)
        histogram = column.get("histogram")
        gone = {s: column.get(s) or 0 for s in STATE_LABELS}
        shown = _once(tags.get(name, []))
        worst = min((SEVERITIES.index(f["severity"]) for f in shown), default=3)
        card: Printed = {
            "name": name,
            "role": str(column.get("role", "")).replace("_", " "),
            "unit": column.get("unit") or "",
            "description": described.get(name, {}).get("description") or "",
            "sketch": Markup(sketch(histogram, other)) if histogram else "",
            "states": Markup(state_bar(column)),
            "missing": [(STATE_LABELS[s], written(n)) for s, n in gone.items() if n],
            "n": written(column.get("n")),
            "quantiles": [
                (label, written(column[k])) for k, label in _QUANTILES if column.get(k) is not None
            ],
            "tags": shown,
        }
        cards.append((worst, card))
    # Columns that something was found about stand before those that nobody need look at.
    return [card for _, card in sorted(cards, key=lambda c: c[0])]


def _once(findings: list[Finding]) -> list[Finding]:
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding["kind"], finding)
    return list(first.values())


def _elsewhere(contents: Mapping[str, Any], name: str) -> Any:
    sample = (contents["explore"].get("target_sample") or {}).get("columns") or {}
    return (sample.get(name) or {}).get("histogram")


def _shift(contents: Mapping[str, Any], findings: list[Finding]) -> list[Printed]:
    """Lay the training objects of every feature over the target sample, the gravest first."""
    training = (contents.get("training") or contents["explore"])["columns"]
    rank = {c: -i for i, f in enumerate(findings) if f["kind"] == "shift" for c in columns_of(f)}
    compared = [
        name
        for name, column in training.items()
        if (column.get("role") in _COMPARED or of_modality(column.get("role")))
        and column.get("histogram")
        and _elsewhere(contents, name)
    ]
    return [
        {
            "name": name,
            "unit": training[name].get("unit") or "",
            "sketch": Markup(sketch(training[name]["histogram"], _elsewhere(contents, name))),
            "remarked": name in rank,
        }
        for name in sorted(compared, key=lambda name: -rank.get(name, -len(findings)))
    ]


def _samples(summary: Mapping[str, Any]) -> list[Printed]:
    return [
        {
            **about,
            "name": name,
            "origin": origin(about),
            "rows": written(about.get("rows")),
            "files": [
                {
                    "path": f.get("path", ""),
                    "size": file_size(f.get("bytes")),
                    "sha256": str(f.get("sha256") or "")[:12],
                }
                for f in about.get("files") or []
            ],
        }
        for name, about in summary["samples"].items()
    ]


def _target_sample(evidence: Evidence) -> list[Printed]:
    """Return what the study says of the objects the model is for."""
    about = (evidence.study.get("samples") or {}).get("target")
    there = evidence.contents["explore"].get("target_sample")
    if not about or not there:
        return []
    given = {k: about.get(k) for k in ("source", "path", "simulator") if about.get(k)}
    files = [{"path": about["path"], "size": "–", "sha256": str(about["sha256"])[:12]}]
    return [
        {
            "name": "target",
            "provenance": about["provenance"],
            "origin": origin({"origin": given}),
            "rows": written(there.get("rows")),
            "files": files if about.get("path") else [],
        }
    ]


def _classes(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    classes = summary.get("classes") or {}
    every = sum(classes.values()) or 1
    return [
        {"name": c, "rows": written(n), "share": f"{n / every:.1%}"}
        for c, n in sorted(classes.items(), key=lambda item: -item[1])
    ]


def _embedding(content: Mapping[str, Any]) -> Printed:
    """Return how the objects were placed, what the components are made of, and what failed."""
    pca, neighbours = content.get("pca") or {}, content.get("neighbours") or {}
    loadings = pca.get("loadings") or {}
    strongest = sorted(loadings, key=lambda name: -max(map(abs, loadings[name])))[:OPEN]
    return {
        "rows": written(content.get("rows")),
        "rows_of": written(content.get("rows_of")),
        "scaled": content.get("scaled") or "",
        "method": neighbours.get("method") or "",
        "method_rows": written(neighbours["rows"]) if neighbours.get("rows") else "",
        "reason": neighbours.get("reason") or "",
        "loadings": [
            {"name": name, "values": [f"{v:.2f}".replace("-", "−") for v in loadings[name]]}
            for name in strongest
        ],
    }
