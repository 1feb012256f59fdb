"""Answers that follow from results: what was measured, in words, and where each number stands."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from boxloop.ethics.by_group import group_errors_shown, group_fairness
from boxloop.ethics.context import data_behind, selected_model, stored_columns
from boxloop.ethics.evidence import EvidenceItem, Results, Shown, of, of_findings
from boxloop.ethics.of_deon import auditability, honesty, metric_choice, proxies

if TYPE_CHECKING:
    from boxloop.results.common import FindingEntry

#: Kinds of findings of the exploration that can make a model unfair to some objects.
BIAS = (
    "small_class",
    "imbalance",
    "class_is_sample",
    "missing",
    "missing_pattern",
    "impossible_value",
    "marker_value",
    "negative_error",
    "no_target",
    "duplicates",
    "empty",
    "batch",
)
#: Kinds of findings of the audit that say the same of the sets.
BIAS_OF_SETS = ("duplicate_across_sets", "group_across_sets", "time_leak")
#: Most findings that are told; all of them are evidence.
TOLD = 5
#: Lower bound of the area under the ROC curve from which samples are worryingly unlike, and the
#: smallest effective sample size that does not worry.
LARGE, EFFECTIVE = 0.65, 0.2

#: Scores that mean something for redshifts only, in words.
REDSHIFT = {"bias": "Mean of dz/(1+z)", "outlier_fraction": "Fraction of outliers"}
REDSHIFT_METRICS = ("nmad", *REDSHIFT)


def representative(results: Results) -> Shown:
    """Compare training objects with those the model is for."""
    if not results.apply["target"]:
        text = (
            "Not known: the study names no target sample, so that nothing says which objects the "
            "model would be used on."
        )
        return Shown(text, [of("apply", "target", False)], known=False)
    shifts, gaps = (_findings(results.explore, (kind,)) for kind in ("shift", "missing_shift"))
    apart, evidence = _apart(results)
    classes, more = _prevalence(results)
    outside, counted = _outside(results)
    evidence += [*more, *counted, *of_findings("explore", [*shifts, *gaps])]
    if shifts:
        worst = max(shifts, key=lambda s: s["evidence"]["distance"])
        features = (
            f"{_counted(len(shifts), 'feature is', 'features are')} distributed otherwise in the "
            f"target sample, most of all {worst['column']} (distance of the distributions "
            f"{worst['evidence']['distance']:.2f})."
        )
    else:
        features = "No feature is distributed notably otherwise in the target sample."
    missing = " ".join(_sentence(gap["message"]) for gap in gaps)
    return Shown(_joined(apart, features, missing, classes, outside), evidence)


def bias_sources(results: Results) -> Shown:
    """List what exploration and audit found that can bias a model."""
    summary = results.summary
    evidence = [of("summary", "provenance", summary["provenance"])]
    counts = {name: sample["rows"] for name, sample in summary["samples"].items()}
    evidence.append(of("summary", "samples.*.rows", counts))
    found, sets = _findings(results.explore, BIAS), _findings(results.audit, BIAS_OF_SETS)
    evidence += [*of_findings("explore", found), *of_findings("audit", sets)]
    parts = ", ".join(f"{name} ({rows} objects)" for name, rows in counts.items())
    text = f"The data are {summary['provenance']}: {parts}."
    if found:
        serious = "; ".join(f["message"].rstrip(".") for f in found[:TOLD])
        more = f"; and {len(found) - TOLD} more" if len(found) > TOLD else ""
        text += f" Exploration found: {serious}{more}."
    else:
        text += " Exploration found no gaps, markers or small classes."
    return Shown(_joined(text, *(_sentence(f["message"]) for f in sets)), evidence)


def group_errors(results: Results) -> Shown:
    """Say how often each kind of error happens: by class or direction, and by group."""
    if "confusion" in results.details:
        text, evidence = _errors_of_classes(results.details["confusion"])
    else:
        text, evidence = _errors_of_numbers(results)
    groups, more = group_errors_shown(results)
    by_class = "confusion" in results.details
    if not more and not by_class:
        groups = "By group nothing is measured."
    return Shown(_joined(text, groups), [*evidence, *more], known=bool(more) or by_class)


def drift(results: Results) -> Shown:
    """Say how far the objects predicted lie from the training data."""
    if not results.apply["target"]:
        text = (
            "Not watched: the study names no target sample. Where it names one, each run counts "
            "the objects outside the range of the training data."
        )
        return Shown(text, [of("apply", "target", False)], known=False)
    text, evidence = _outside(results)
    by_column = {k: v["outside"] for k, v in results.apply["columns"].items() if v["outside"]}
    evidence.append(of("apply", "columns.*.outside", by_column))
    if by_column:
        worst = max(by_column, key=lambda k: by_column[k])
        text += f" Most often it is {worst} ({by_column[worst]} objects)."
    apart, more = _apart(results)
    again = "Every run on new target objects measures this anew."
    return Shown(_joined(text, apart, again), [*evidence, *more])


#: What the results say to an item; to those that are not here they say nothing.
SHOWN: dict[str, Callable[[Results], Shown]] = {
    "representative": representative,
    "bias_sources": bias_sources,
    "consent_needed": data_behind,
    "consent_given": data_behind,
    "consent_understood": data_behind,
    "group_fairness": group_fairness,
    "group_errors": group_errors,
    "drift": drift,
    "data_protection": data_behind,
    "A.3": stored_columns,
    "B.2": data_behind,
    "B.3": data_behind,
    "C.3": honesty,
    "C.4": stored_columns,
    "C.5": auditability,
    "D.1": proxies,
    "D.3": metric_choice,
    "D.4": selected_model,
}


def _apart(results: Results) -> tuple[str, list[EvidenceItem]]:
    """Say how well training and target objects can be told apart."""
    found = results.shift.get("two_sample") or {}
    auc, effective = found.get("auc") or {}, found.get("effective") or {}
    if auc.get("value") is None:
        return "", []
    evidence = [of("shift", "two_sample.auc", auc)]
    limits = f" [{auc['low']:.2f}, {auc['high']:.2f}]" if auc.get("low") is not None else ""
    text = (
        "A classifier tells training and target objects apart with an area under the ROC curve of "
        f"{auc['value']:.2f}{limits}, where equal samples give 0.5"
    )
    if effective.get("value") is not None:
        evidence.append(of("shift", "two_sample.effective", effective))
        text += (
            "; weighted to look like the target sample, the training objects are worth "
            f"{effective['value']:.0%} of their number"
        )
    large = (auc.get("low") or 0) > LARGE or (effective.get("value") or 1) < EFFECTIVE
    return f"{text}{': a large difference' if large else ''}.", evidence


def _prevalence(results: Results) -> tuple[str, list[EvidenceItem]]:
    """Say which classes are of another frequency in the target sample, as far as estimated."""
    found = results.shift.get("prevalence") or {}
    told, evidence = [], []
    for row in found.get("classes") or []:
        estimate = row.get("em") or row.get("bbse") or {}
        if estimate.get("value") is None:
            continue
        key = f"prevalence.classes[{row['class']}]"
        evidence.append(of("shift", f"{key}.training", row["training"]))
        evidence.append(of("shift", f"{key}.{'em' if row.get('em') else 'bbse'}", estimate))
        if estimate.get("changed"):
            told.append(f"{row['class']} {estimate['value']:.1%} against {row['training']:.1%}")
    if not evidence:
        return "", []
    if not told:
        return "No class is of clearly another frequency there.", evidence
    return f"Classes are of another frequency there, by estimate: {', '.join(told)}.", evidence


def _outside(results: Results) -> tuple[str, list[EvidenceItem]]:
    rows, outside = results.apply["rows"], results.apply["outside_rows"]
    if not results.apply["columns"]:
        text = "There are no columns of numbers whose range the target objects could leave."
        return text, [of("apply", "columns", {})]
    evidence = [of("apply", "rows", rows), of("apply", "outside_rows", outside)]
    share = f" ({outside / rows:.1%})" if rows else ""
    text = (
        f"{outside} of {rows} target objects{share} have at least one feature outside the range of "
        "the training objects."
    )
    return text, evidence


def _errors_of_classes(confusion: dict[str, Any]) -> tuple[str, list[EvidenceItem]]:
    classes, matrix = confusion["classes"], confusion["matrix"]
    total = sum(map(sum, matrix))
    sentences = []
    for i, name in enumerate(classes):
        there = sum(matrix[i])
        others = total - there
        if there and others:
            missed = (there - matrix[i][i]) / there
            false = (sum(row[i] for row in matrix) - matrix[i][i]) / others
            sentences.append(
                f"{name}: {missed:.1%} missed, {false:.1%} of the other objects taken for it."
            )
    return " ".join(sentences), [of("details", "confusion", confusion)]


def _errors_of_numbers(results: Results) -> tuple[str, list[EvidenceItem]]:
    edges, counts = (results.details["residuals"][k] for k in ("edges", "counts"))
    middle = [(a + b) / 2 for a, b in pairwise(edges)]
    total = sum(counts) or 1
    above = sum(c for m, c in zip(middle, counts, strict=True) if m > 0) / total
    evidence = [of("details", "residuals", results.details["residuals"])]
    text = (
        f"Without the largest errors, one in a hundred, {above:.1%} of the predictions are too "
        f"high and {1 - above:.1%} too low."
    )
    split, model = results.details["split"], results.metrics["selected"]
    scores = results.metrics["models"][model][split]
    for metric, words in REDSHIFT.items() if results.metrics["metric"] in REDSHIFT_METRICS else ():
        value = scores.get(metric, {}).get("value")
        if value is not None:
            evidence.append(of("metrics", f"models.{model}.{split}.{metric}.value", value))
            text += f" {words} of all objects: {value:.3g}."
    return text, evidence


def _findings(content: Mapping[str, Any], kinds: tuple[str, ...]) -> "list[FindingEntry]":
    return [f for f in content.get("findings") or [] if f["kind"] in kinds]


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."


def _joined(*sentences: str) -> str:
    return " ".join(s for s in sentences if s)


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
