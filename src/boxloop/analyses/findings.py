"""Findings of exploration and evaluation as a report quotes them: each once, the gravest first."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from boxloop.analyses.registry import COMPUTED

SEVERITIES = ("high", "medium", "low")
#: Most findings that stand on the first page of a report.
FIRST_PAGE = 6
#: Kinds that come before others of equal severity, in this order; `LEFT_OUT` are the findings of
#: kind excluded whose reason speaks of the target: a leak that was found and taken out.
LEFT_OUT = "left out for the target"
FIRST_KINDS = (LEFT_OUT, "leak", "leak_pair", "lineage", "marker_value", "excluded")
#: Kinds that are on the first page however many others are graver.
_KEPT = (LEFT_OUT, "marker_value")
#: Kinds of which each finding is a matter of its own; others of one kind share a line.
_ALONE = (LEFT_OUT, "leak", "leak_pair", "lineage")
_OF_TARGET = r"\b(target|class|leak\w*|gives? (it|the \w+) away)\b"
#: Most further columns that a line of the first page names.
_MOST_ALSO = 6
#: A longer message is cut on the first page, which has to hold them all.
_MOST_WORDS = 60

Finding = dict[str, Any]


def findings_of(contents: Mapping[str, Any]) -> list[Finding]:
    """Gather the findings of both explorations and of the evaluation, the gravest first.

    Parameters
    ----------
    contents : mapping
        ``explore`` (all objects) and, where there is a target, ``training`` (training objects) and
        the files of the evaluation.

    Returns
    -------
    list of dict
        As the files have them, and ``of``: which objects it was found in. What training objects
        only repeat is left out.
    """
    found = [{**f, "of": "all objects"} for f in _of(contents.get("explore"))]
    told: dict[tuple[Any, ...], int] = {}
    for f in found:
        rank = SEVERITIES.index(f["severity"])
        told[_subject(f)] = min(rank, told.get(_subject(f), rank))
    found += [
        {**f, "of": "training objects"}
        for f in _of(contents.get("training"))
        if SEVERITIES.index(f["severity"]) < told.get(_subject(f), len(SEVERITIES))
    ]
    found += [{**f, "of": "the result"} for name in COMPUTED for f in _of(contents.get(name))]
    return sorted(found, key=lambda f: SEVERITIES.index(f["severity"]))


def gravest(findings: Iterable[Finding], target: str = "", most: int = FIRST_PAGE) -> list[Finding]:
    """Choose what a reader has to know before anything else.

    High severity comes first, then medium; leaks, columns left out and marker values stand before
    others of equal severity. The latter two count as medium where they are low, and one line is
    kept for each of the marker values and a leak that was left out, so that these are never only
    in the small print.

    Parameters
    ----------
    findings : iterable of dict
        As `findings_of` returns them.
    target : str
        Name of the target, by which a reason to leave a column out is known to speak of it.
    most : int

    Returns
    -------
    list of dict
        The findings, and ``also``: further columns of which the same is said, introduced by
        ``says``; ``more``: whether there are others still.
    """
    lines: dict[tuple[Any, ...], list[Finding]] = {}
    named = [{**f, "first": _kind(f, target)} for f in findings]
    for finding in sorted(named, key=_weight):
        if finding["severity"] != "low" or finding["first"] in FIRST_KINDS:
            lines.setdefault(_line(finding), []).append(finding)
    every = [_together(of) for of in lines.values()]
    chosen = every[:most]
    for kind in _KEPT:
        waiting = [f for f in every[most:] if f["first"] == kind]
        if waiting and not any(f["first"] == kind for f in chosen):
            others = [i for i, f in enumerate(chosen) if f["first"] not in _KEPT]
            last = max(others, default=len(chosen) - 1)
            chosen[last] = waiting[0]
    return sorted(chosen, key=_weight)


def columns_of(finding: Mapping[str, Any]) -> list[str]:
    """Return the columns that a finding is about."""
    named = list(finding.get("columns") or [])
    first = finding.get("column")
    return named if first is None or first in named else [first, *named]


def _of(content: Mapping[str, Any] | None) -> Sequence[Finding]:
    return (content or {}).get("findings") or []


def _subject(finding: Finding) -> tuple[Any, ...]:
    """Name what a finding is about; where no column says it, its words without the numbers do."""
    columns = tuple(columns_of(finding))
    words = "" if columns else re.sub(r"[\d.,%]+", "", finding["message"])
    return (finding["kind"], columns, words, str((finding.get("evidence") or {}).get("by")))


def _kind(finding: Finding, target: str) -> str:
    """Return the kind of a finding, or `LEFT_OUT`."""
    if finding["kind"] != "excluded":
        return str(finding["kind"])
    reason = str((finding.get("evidence") or {}).get("reason") or finding["message"])
    speaks = re.search(_OF_TARGET, reason) or (
        target and re.search(rf"\b{re.escape(target)}\b", reason)
    )
    return LEFT_OUT if speaks else "excluded"


def _weight(finding: Finding) -> tuple[int, int]:
    severity = SEVERITIES.index(finding["severity"])
    if finding["first"] not in FIRST_KINDS:
        return severity, len(FIRST_KINDS)
    return min(severity, 1), FIRST_KINDS.index(finding["first"])


def _line(finding: Finding) -> tuple[Any, ...]:
    """Say which findings share a line of the first page."""
    columns = columns_of(finding)
    alone = finding["first"] in _ALONE or len(columns) != 1
    own = (*columns, finding["message"]) if alone else ()
    return (finding["first"], finding["severity"], finding["of"], *own)


def _together(findings: Sequence[Finding]) -> Finding:
    others = list(dict.fromkeys(c for f in findings[1:] for c in columns_of(f)))
    others = [c for c in others if c not in columns_of(findings[0])]
    words = findings[0]["message"].split()
    cut = " ".join(words[:_MOST_WORDS]) + " …" if len(words) > _MOST_WORDS else None
    message = cut or findings[0]["message"]
    also, more = others[:_MOST_ALSO], len(others) > _MOST_ALSO
    says = "also left out:" if findings[0]["first"] == "excluded" else "likewise"
    return {**findings[0], "message": message, "says": says, "also": also, "more": more}
