"""Answers that follow from results: what was measured, in words, and where each number stands."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

SUMMARY, EXPLORE = "data/summary.json", "explore/all.json"
METRICS, DETAILS = "evaluate/metrics.json", "evaluate/details.json"
APPLY = "apply/summary.json"

#: Kinds of findings that can make a model unfair to some objects.
BIAS = (
    "small_class",
    "missing",
    "impossible_value",
    "marker_value",
    "negative_error",
    "no_target",
    "duplicates",
    "empty",
)


#: Scores that mean something for redshifts only, in words.
REDSHIFT = {"bias": "Mean of dz/(1+z)", "outlier_fraction": "Fraction of outliers"}
REDSHIFT_METRICS = ("nmad", *REDSHIFT)


@dataclass(frozen=True)
class Results:
    """The results that answers rest on, as read from their files.

    Attributes
    ----------
    summary, explore, metrics, details, apply : dict
        Contents of ``data/summary.json``, ``explore/all.json``, ``evaluate/metrics.json``,
        ``evaluate/details.json`` and ``apply/summary.json``.
    """

    summary: dict[str, Any]
    explore: dict[str, Any]
    metrics: dict[str, Any]
    details: dict[str, Any]
    apply: dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """One number or text that an answer rests on, and where it stands."""

    file: str
    key: str
    value: Any


Measured = tuple[str, list[Evidence]]


def representative(results: Results) -> Measured:
    """Compare training objects with those the model is for."""
    if not results.apply["target"]:
        text = (
            "Not known: the study names no target sample, so that nothing says which objects the "
            "model would be used on."
        )
        return text, [Evidence(APPLY, "target", False)]
    shifts = _findings(results, ("shift",))
    gaps = _findings(results, ("missing_shift",))
    text, evidence = _outside(results)
    evidence += [_of_finding(shift, shift["evidence"]["distance"]) for shift in shifts]
    evidence += [_of_finding(gap, gap["evidence"]) for gap in gaps]
    text = " ".join([text, *(f"{gap['message']}." for gap in gaps)])
    if not shifts:
        return f"No feature is distributed notably otherwise in the target sample. {text}", evidence
    worst = max(shifts, key=lambda s: s["evidence"]["distance"])
    return (
        f"{_counted(len(shifts), 'feature is', 'features are')} distributed otherwise in the "
        f"target sample, most of all {worst['column']} (distance of the distributions "
        f"{worst['evidence']['distance']:.2f}). {text}",
        evidence,
    )


def bias_sources(results: Results) -> Measured:
    """List what exploration found that can bias a model."""
    summary = results.summary
    evidence = [Evidence(SUMMARY, "provenance", summary["provenance"])]
    counts = {name: sample["rows"] for name, sample in summary["samples"].items()}
    evidence.append(Evidence(SUMMARY, "samples.*.rows", counts))
    found = _findings(results, BIAS)
    evidence += [_of_finding(f, f["message"]) for f in found]
    parts = ", ".join(f"{name} ({rows} objects)" for name, rows in counts.items())
    text = f"The data are {summary['provenance']}: {parts}."
    if not found:
        return f"{text} Exploration found no gaps, markers or small classes.", evidence
    serious = "; ".join(f["message"] for f in found[:5])
    more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
    return f"{text} Exploration found: {serious}{more}.", evidence


def group_fairness(results: Results) -> Measured:
    """Compare the score of the selected model over groups of objects."""
    metric = results.metrics["metric"]
    sentences, evidence = [], []
    for column, rows in results.details["groups"].items():
        rated = [(i, r) for i, r in enumerate(rows) if r["metric"]["value"] is not None]
        if len(rated) < 2:
            continue
        (i, low), (j, high) = (
            pick(rated, key=lambda pair: pair[1]["metric"]["value"]) for pick in (min, max)
        )
        for at, row in ((i, low), (j, high)):
            evidence.append(Evidence(DETAILS, f"groups.{column}[{at}].metric", row["metric"]))
        sentences.append(
            f"Over {column}, {metric} runs from {_value(low)} ({low['label']}) to {_value(high)} "
            f"({high['label']}); {_apart(low['metric'], high['metric'])}."
        )
    if not sentences:
        return "Not measured: the study names no groups to compare.", [
            Evidence(DETAILS, "groups", results.details["groups"])
        ]
    return " ".join(sentences), evidence


def group_errors(results: Results) -> Measured:
    """Say how often each kind of error happens, by class or by direction."""
    if "confusion" in results.details:
        return _errors_of_classes(results.details["confusion"])
    edges, counts = (results.details["residuals"][k] for k in ("edges", "counts"))
    middle = [(a + b) / 2 for a, b in pairwise(edges)]
    total = sum(counts) or 1
    above = sum(c for m, c in zip(middle, counts, strict=True) if m > 0) / total
    evidence = [Evidence(DETAILS, "residuals", {"above": above, "below": 1 - above})]
    text = (
        f"Without the largest errors, one in a hundred, {above:.1%} of the predictions are too "
        f"high and {1 - above:.1%} too low."
    )
    split, model = results.details["split"], results.metrics["selected"]
    scores = results.metrics["models"][model][split]
    for metric, words in REDSHIFT.items() if results.metrics["metric"] in REDSHIFT_METRICS else ():
        value = scores.get(metric, {}).get("value")
        if value is not None:
            evidence.append(Evidence(METRICS, f"models.{model}.{split}.{metric}.value", value))
            text += f" {words} of all objects: {value:.3g}."
    return f"{text} By group, only the size of the errors is measured.", evidence


def drift(results: Results) -> Measured:
    """Say how far the objects predicted lie from the training data."""
    if not results.apply["target"]:
        text = (
            "Not watched: the study names no target sample. Where it names one, each run counts "
            "the objects outside the range of the training data."
        )
        return text, [Evidence(APPLY, "target", False)]
    text, evidence = _outside(results)
    by_column = {k: v["outside"] for k, v in results.apply["columns"].items() if v["outside"]}
    evidence.append(Evidence(APPLY, "columns.*.outside", by_column))
    if by_column:
        worst = max(by_column, key=lambda k: by_column[k])
        text += f" Most often it is {worst} ({by_column[worst]} objects)."
    return f"{text} Every run on new target objects counts them anew.", evidence


MEASURED: dict[str, Callable[[Results], Measured]] = {
    "representative": representative,
    "bias_sources": bias_sources,
    "group_fairness": group_fairness,
    "group_errors": group_errors,
    "drift": drift,
}


def _outside(results: Results) -> Measured:
    rows, outside = results.apply["rows"], results.apply["outside_rows"]
    if not results.apply["columns"]:
        text = "There are no columns of numbers whose range the target objects could leave."
        return text, [Evidence(APPLY, "columns", {})]
    evidence = [Evidence(APPLY, "rows", rows), Evidence(APPLY, "outside_rows", outside)]
    share = f" ({outside / rows:.1%})" if rows else ""
    text = (
        f"{outside} of {rows} target objects{share} have at least one feature outside the range of "
        "the training objects."
    )
    return text, evidence


def _errors_of_classes(confusion: dict[str, Any]) -> Measured:
    classes, matrix = confusion["classes"], confusion["matrix"]
    total = sum(map(sum, matrix))
    sentences, rates = [], {}
    for i, name in enumerate(classes):
        there = sum(matrix[i])
        others = total - there
        missed = (there - matrix[i][i]) / there if there else None
        false = (sum(row[i] for row in matrix) - matrix[i][i]) / others if others else None
        rates[name] = {"missed": missed, "false_alarms": false}
        if missed is not None and false is not None:
            sentences.append(
                f"{name}: {missed:.1%} missed, {false:.1%} of the other objects taken for it."
            )
    return " ".join(sentences), [Evidence(DETAILS, "confusion", rates)]


def _findings(results: Results, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {**finding, "at": i}
        for i, finding in enumerate(results.explore["findings"])
        if finding["kind"] in kinds
    ]


def _of_finding(finding: dict[str, Any], value: Any) -> Evidence:
    return Evidence(EXPLORE, f"findings[{finding['at']}]", value)


def _value(row: dict[str, Any]) -> str:
    return f"{row['metric']['value']:.3g}"


def _apart(low: dict[str, Any], high: dict[str, Any]) -> str:
    if low["high"] is None or high["low"] is None:
        return "one of them has no interval, so that it is not told whether they differ"
    differ = high["low"] > low["high"]
    return "their intervals do not overlap" if differ else "their intervals overlap"


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
