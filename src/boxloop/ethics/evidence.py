"""What an answer rests on: the results, single pieces of them, and hashes of those pieces."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boxloop.store import plain

if TYPE_CHECKING:
    from boxloop.results.apply import Applied
    from boxloop.results.common import FindingEntry
    from boxloop.results.data import Summary
    from boxloop.results.explore import AllObjects

#: Where each of the results stands.
FILES: dict[str, str] = {
    "summary": "data/summary.json",
    "explore": "explore/all.json",
    "metrics": "evaluate/metrics.json",
    "details": "evaluate/details.json",
    "calibration": "evaluate/calibration.json",
    "groups": "evaluate/groups.json",
    "shift": "evaluate/shift.json",
    "audit": "evaluate/audit.json",
    "apply": "apply/summary.json",
}
#: Digits that count: another machine's last digit is no other evidence.
DIGITS = 6
_HASH = 12


@dataclass(frozen=True)
class Results:
    """The results that answers rest on, as read from their files.

    Attributes
    ----------
    summary, explore, metrics, details, calibration, groups, shift, audit, apply : dict
        Contents of the files of `FILES`.
    """

    summary: "Summary"
    explore: "AllObjects"
    metrics: dict[str, Any]
    details: dict[str, Any]
    apply: "Applied"
    calibration: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, Any] = field(default_factory=dict)
    shift: dict[str, Any] = field(default_factory=dict)
    audit: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EvidenceItem:
    """One number or text that an answer rests on, and where it stands.

    Attributes
    ----------
    file, key : str
        The key is dotted; ``[kind:column]`` and ``[label]`` name an entry of a list by what it is
        about, since its place in the list is no evidence; ``*`` stands for all names.
    value : Any
    """

    file: str
    key: str
    value: Any


@dataclass(frozen=True)
class Shown:
    """What the results say to a question.

    Attributes
    ----------
    text : str or None
        In sentences; None where there is evidence to look at, and nothing to say.
    evidence : list of EvidenceItem
        All that the sentences rest on.
    known : bool
        Whether that answers the question; else a person has to.
    """

    text: str | None
    evidence: list[EvidenceItem]
    known: bool = True


def of(name: str, key: str, value: Any) -> EvidenceItem:
    """Return a piece of evidence of one of the results, by the result's short name."""
    return EvidenceItem(FILES[name], key, value)


def of_findings(name: str, findings: "Iterable[FindingEntry]") -> list[EvidenceItem]:
    """Return findings as evidence: their numbers, by kind and column, in whatever order."""
    found: dict[str, list[Any]] = {}
    for finding in findings:
        about = f"{finding['kind']}:{finding['column']}" if finding["column"] else finding["kind"]
        found.setdefault(f"findings[{about}].evidence", []).append(finding.get("evidence") or {})
    return [
        of(name, key, values[0] if len(values) == 1 else sorted(values, key=_text))
        for key, values in found.items()
    ]


def fingerprint(evidence: Iterable[EvidenceItem]) -> str | None:
    """Return files and hashes of evidence, ``file hash, file hash``; None where there is none.

    Numbers count to `DIGITS` significant digits; the order of the pieces does not count.
    """
    pieces: dict[str, list[str]] = {}
    for e in evidence:
        pieces.setdefault(e.file, []).append(_text([e.key, e.value]))
    hashes = {
        file: hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()[:_HASH]
        for file, texts in pieces.items()
    }
    return ", ".join(f"{file} {hashes[file]}" for file in sorted(hashes)) or None


def changed(recorded: str | None, now: str | None) -> list[str]:
    """Return the files whose evidence is another than when an answer was given.

    An answer without recorded evidence rests on none, and nothing changes for it.
    """
    if recorded is None:
        return []
    then, today = _by_file(recorded), _by_file(now or "")
    return sorted(f for f in {**then, **today} if then.get(f) != today.get(f))


def _by_file(fingerprints: str) -> dict[str, str]:
    pairs = [entry.rsplit(" ", 1) for entry in fingerprints.split(", ") if entry]
    return {file: hashed for file, hashed in pairs}


def _text(value: Any) -> str:
    return json.dumps(_rounded(plain(value)), sort_keys=True, ensure_ascii=False)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    if isinstance(value, float):
        value = float(f"{value:.{DIGITS}g}")
        return int(value) if value.is_integer() else value
    return value
