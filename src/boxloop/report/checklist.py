"""The checklist as both reports tell it: how each item is answered, by whom, on which evidence."""

import json
from collections.abc import Mapping
from typing import Any

from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Printed

#: Statuses in words.
STATUSES = {
    "measured": "measured",
    "answered": "answered by a person",
    "not_applicable": "does not arise",
    "unanswered": "open",
    "stale": "stale",
}
OPEN = ("unanswered", "stale")
#: Most pieces of evidence of an item that are listed, keys of a file that are named in print, and
#: characters of a value.
MOST, MOST_KEYS, MOST_CHARACTERS = 12, 3, 70


def checklist_of(evidence: Evidence) -> Printed:
    """Return the items, those that wait for an answer, and deon's sections where they are asked."""
    content = evidence.contents["checklist"]
    items = [_item(item) for item in content["items"]]
    counts = [(words, sum(i["status"] == s for i in items)) for s, words in STATUSES.items()]
    return {
        "items": items,
        "open": [i for i in items if i["status"] in OPEN],
        "counts": [{"words": words, "n": n} for words, n in counts if n],
        "deon": [
            {**s, "lines": [_line(line) for line in s["lines"]]} for s in content.get("deon") or []
        ],
    }


def _item(item: Mapping[str, Any]) -> Printed:
    pieces = _pieces(item.get("evidence"))
    said = item.get("said")
    return {
        **item,
        "words": STATUSES[item["status"]],
        "measured": item.get("measured"),
        "said": said if said or item.get("measured") else item.get("answer"),
        "changed": item.get("changed") or [],
        "evidence": _named(pieces),
        "pieces": [{**p, "value": _short(p.get("value"))} for p in pieces[:MOST]],
        "more": max(len(pieces) - MOST, 0),
    }


def _line(line: Mapping[str, Any]) -> Printed:
    return {**line, "words": STATUSES[line["status"]]}


def _pieces(found: Any) -> list[Printed]:
    entries = found if isinstance(found, list) else [found]
    return [dict(e) if isinstance(e, Mapping) else {"file": str(e)} for e in entries if e]


def _named(pieces: list[Printed]) -> str:
    """Name evidence in print: files, each with the first few of its keys."""
    keys: dict[str, list[str]] = {}
    for piece in pieces:
        keys.setdefault(str(piece.get("file", "")), []).append(str(piece.get("key") or ""))
    named = []
    for file, of in keys.items():
        few = [k for k in of if k]
        shown = ", ".join(few[:MOST_KEYS]) + (", ..." if len(few) > MOST_KEYS else "")
        named.append(f"{file}: {shown}" if shown else file)
    return "; ".join(named)


def _short(value: Any) -> str:
    """Return a value as it stands in its file, cut where it is long."""
    text = json.dumps(_to_six_digits(value), ensure_ascii=False)
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 4]} ..."


def _to_six_digits(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _to_six_digits(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_to_six_digits(v) for v in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
