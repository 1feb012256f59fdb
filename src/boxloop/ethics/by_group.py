"""For whom the model works: scores and kinds of error by group, as answers of the checklist."""

from collections.abc import Iterator
from typing import Any

from boxloop.ethics.evidence import EvidenceItem, Results, Shown, of

#: Most groupings that are told; all of them are evidence.
TOLD = 4
#: Members of a class in a group below which the share that is missed is not told.
FEWEST = 10


def group_fairness(results: Results) -> Shown:
    """Compare the score of the selected model over groups of objects."""
    sentences, evidence = [], []
    for grouping in groupings(results):
        rated = [r for r in grouping["groups"] if r["score"]["low"] is not None]
        if len(rated) < 2:
            continue
        apart = [r for r in rated if r.get("stands_out")]
        evidence += [_of_row(grouping, row, "score") for row in rated]
        evidence += [_of_row(grouping, row, "difference") for row in apart]
        sentences.append(_range_of_scores(grouping, rated, apart))
    if not sentences:
        none = "the study names no groups to compare"
        why = "the groups are too small" if list(groupings(results)) else none
        return Shown(f"Not measured: {why}.", [_named(results)], known=False)
    return Shown(_few(sentences), evidence)


def group_errors_shown(results: Results) -> tuple[str, list[EvidenceItem]]:
    """Say how kinds of error differ over groups; nothing where there are no groups."""
    sentences, evidence = [], []
    for grouping in groupings(results):
        rows = [r for r in grouping["groups"] if r.get("errors")]
        if len(rows) < 2:
            continue
        evidence += [_of_row(grouping, row, "errors") for row in rows]
        number = "bias" in rows[0]["errors"] and "spread" in rows[0]["errors"]
        told = _range_of_bias(grouping, rows) if number else _range_of_missed(grouping, rows)
        sentences += [told] if told else []
    return _few(sentences), evidence


def groupings(results: Results) -> Iterator[dict[str, Any]]:
    """Yield the groupings of ``evaluate/groups.json``; none where the file has none."""
    yield from results.groups.get("groupings") or []


def _named(results: Results) -> EvidenceItem:
    """Return which groupings there are, as evidence that nothing was measured."""
    return of("groups", "groupings.*.name", sorted(g["name"] for g in groupings(results)))


def _of_row(grouping: dict[str, Any], row: dict[str, Any], key: str) -> EvidenceItem:
    return of("groups", f"groupings[{grouping['name']}].groups[{row['label']}].{key}", row[key])


def _range_of_scores(
    grouping: dict[str, Any], rated: list[dict[str, Any]], apart: list[dict[str, Any]]
) -> str:
    ordered = sorted(rated, key=lambda r: (r["score"]["value"], r["label"]))
    low, high = ordered[0], ordered[-1]
    text = (
        f"Over {grouping['name']}, {grouping['metric']} runs from {low['score']['value']:.3g} "
        f"({low['label']}) to {high['score']['value']:.3g} ({high['label']})"
    )
    if not apart:
        return f"{text}; no group stands out."
    worst = ", ".join(r["label"] for r in apart)
    return f"{text}; worse than for all others, beyond chance and margin: {worst}."


def _range_of_missed(grouping: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Say of which class the share that is missed differs most between groups large enough."""
    widest: tuple[float, str] | None = None
    for name in sorted({c for row in rows for c in row["errors"]}):
        missed = [
            (1 - row["errors"][name]["recall"], row["label"])
            for row in rows
            if (row["errors"].get(name) or {}).get("members", 0) >= FEWEST
        ]
        if len(missed) < 2:
            continue
        (low, at), (high, there) = min(missed), max(missed)
        text = (
            f"Over {grouping['name']}, the kind of error that differs most is {name} missed: from "
            f"{low:.1%} ({at}) to {high:.1%} ({there})."
        )
        if widest is None or high - low > widest[0]:
            widest = high - low, text
    return widest[1] if widest else ""


def _range_of_bias(grouping: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    bias = [
        (row["errors"]["bias"]["value"], row["label"])
        for row in rows
        if row["errors"]["bias"]["low"] is not None
    ]
    if len(bias) < 2:
        return ""
    (low, at), (high, there) = min(bias), max(bias)
    return (
        f"Over {grouping['name']}, the mean error (prediction minus truth) runs from {low:.2g} "
        f"({at}) to {high:.2g} ({there})."
    )


def _few(sentences: list[str]) -> str:
    more = len(sentences) - TOLD
    tail = [f"{more} further groupings stand in the file."] if more > 0 else []
    return " ".join([*sentences[:TOLD], *tail])
