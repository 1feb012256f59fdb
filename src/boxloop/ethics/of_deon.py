"""What the results say to lines of deon's checklist that no item of boxloop answers."""

from collections.abc import Iterator
from typing import Any

from boxloop.ethics.by_group import groupings
from boxloop.ethics.evidence import EvidenceItem, Results, Shown, of, of_findings
from boxloop.study.known_metrics import metrics_of

#: Kinds of findings of the audit on sets that share objects or groups.
_SHARED = ("duplicate_across_sets", "group_across_sets")
#: Measures of unequal decisions, in words.
_DISPARITIES = {
    "demographic_parity_difference": "how often it is given",
    "equalized_odds_difference": "how often it is given wrongly or missed",
}


def honesty(results: Results) -> Shown:
    """Say what every page and figure states, and whether predictions are as sure as they say."""
    provenance, status = results.metrics["provenance"], results.metrics["status"]
    evidence = [of("metrics", "provenance", provenance), of("metrics", "status", status)]
    wrong = [f for f in results.calibration.get("findings") or [] if f["kind"] == "miscalibrated"]
    evidence += of_findings("calibration", wrong)
    shown = "of the test set" if status == "final" else "of cross-validation, marked DRAFT"
    text = (
        f"Every table, figure and page says that the data are {provenance}. Scores are {shown}, "
        "with intervals; each figure has its numbers and a caption beside it, and each number of "
        "the printed report names its file."
    )
    sure, more = _calibration(results)
    evidence += more
    if wrong:
        return Shown(f"{text} {_joined(f['message'] for f in wrong)}", evidence)
    return Shown(f"{text} {sure}", evidence)


def _calibration(results: Results) -> tuple[str, list[EvidenceItem]]:
    """Say that nothing was found wrong with what the selected model says of its certainty."""
    name = results.metrics["selected"]
    about = (results.calibration.get("models") or {}).get(name) or {}
    if not about or about.get("reason"):
        return "Whether the model is as sure as it says could not be measured.", []
    used = about.get("used")
    error = ((about.get("methods") or {}).get(used) or {}).get("ece")
    if error is None:
        return "The model was found to be as sure as it says.", []
    key = f"models.{name}.methods.{used}.ece"
    text = f"The model was found to be as sure as it says (calibration error {error:.3f})."
    return text, [of("calibration", key, error)]


def auditability(results: Results) -> Shown:
    """Say by what the results can be followed back, and whether the test was what it seems."""
    hashed, opened = results.summary.get("data_hash"), len(results.details["openings"])
    evidence = [of("summary", "data_hash", hashed), of("details", "openings|count", opened)]
    shared = [f for f in results.audit.get("findings") or [] if f["kind"] in _SHARED]
    evidence += of_findings("audit", shared)
    times = {0: "never", 1: "once"}.get(opened, f"{opened} times")
    text = (
        f"Data, code, versions, seeds and machine of every number are recorded (data "
        f"{str(hashed)[:12]}); the ledger says that the test set was opened {times}."
    )
    if shared:
        return Shown(f"{text} {_joined(f['message'] for f in shared)}", evidence)
    if "findings" not in results.audit:
        return Shown(f"{text} Whether sets share objects was not looked at.", evidence)
    return Shown(f"{text} No object and no group was found in two sets.", evidence)


def proxies(results: Results) -> Shown:
    """Say by how much decisions differ between groups of people."""
    found = list(_decisions(results))
    evidence = [piece for _, _, piece in found]
    told = [
        f"Over {name}, {_DISPARITIES[measure]} differs by {piece.value['value']:.2f}"
        f"{_limits(piece.value)} at the most."
        for name, measure, piece in found
        if piece.value.get("value") is not None
    ]
    if not told:
        text = "Not measured: the study names no attributes of people (protected)."
        named = sorted(g["name"] for g in groupings(results) if g.get("protected"))
        if named:
            text = "Not measured: the groups of people are too small, or there are no decisions."
        return Shown(text, [of("groups", "groupings.*.protected", named)], known=False)
    return Shown(" ".join(told), evidence)


def metric_choice(results: Results) -> Shown:
    """Say whether another metric would have chosen another model."""
    metrics, shown = results.metrics, results.details["split"]
    evidence = [of("metrics", key, metrics[key]) for key in ("metric", "selected")]
    others: dict[str, list[str]] = {}
    judged = 0
    for metric, known in metrics_of(metrics.get("task", "")).items():
        if known.never or metric == metrics["metric"]:
            continue
        values = _values(metrics, shown, metric)
        if len(values) < 2:
            continue
        evidence += [
            of("metrics", f"models.{m}.{shown}.{metric}.value", v) for m, v in values.items()
        ]
        judged += 1
        best = (max if known.larger_is_better else min)(sorted(values), key=lambda m: values[m])
        if values[best] != values.get(metrics["selected"]):
            others.setdefault(best, []).append(metric)
    text = f"{metrics['selected']} was chosen by {metrics['metric']}."
    if not judged:
        return Shown(f"{text} No other metric compares the models.", evidence, known=False)
    if not others:
        return Shown(f"{text} It is the best under all {judged} other metrics too.", evidence)
    told = "; ".join(f"{model} under {', '.join(of_)}" for model, of_ in others.items())
    return Shown(f"{text} Of {judged} other metrics, some prefer another model: {told}.", evidence)


def _values(metrics: dict[str, Any], split: str, metric: str) -> dict[str, float]:
    """Return what each candidate scores."""
    found = {
        name: of_model.get(split, {}).get(metric, {}).get("value")
        for name, of_model in metrics["models"].items()
        if name in metrics.get("candidates", metrics["models"])
    }
    return {name: value for name, value in found.items() if value is not None}


def _decisions(results: Results) -> Iterator[tuple[str, str, EvidenceItem]]:
    """Yield every measure of unequal decisions: what it is over, its name, its value."""
    for grouping in groupings(results):
        for name, about in ((grouping.get("decisions") or {}).get("classes") or {}).items():
            for measure in _DISPARITIES:
                if measure in about:
                    key = f"groupings[{grouping['name']}].decisions.classes.{name}.{measure}"
                    over = f"{grouping['name']} and the decision {name}"
                    yield over, measure, of("groups", key, about[measure])


def _limits(about: dict[str, Any]) -> str:
    if about.get("low") is None:
        return ""
    return f" [{about['low']:.2f}, {about['high']:.2f}]"


def _joined(messages: Any) -> str:
    return " ".join(f"{m[:1].upper()}{m[1:].rstrip('.')}." for m in messages)
