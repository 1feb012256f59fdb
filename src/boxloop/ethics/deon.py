"""The checklist in the form of deon: sections with identifiers, and lines that its tools read.

References
----------
deon, https://deon.drivendata.org, section on custom checklists: a title, and sections with
``title``, ``section_id`` and ``lines``, each line with ``line_id``, ``line_summary`` and ``line``.
"""

from collections.abc import Sequence
from typing import Any

from boxloop.study.checklists import DEON, Line, serves

#: What of an item stands beside a line.
_BESIDE = ("status", "answer", "by", "date", "hash")


def sections_of(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return deon's sections, each line with its status and the items that answer it.

    Parameters
    ----------
    items : sequence of dict
        Items of the checklist, those of deon among them.
    """
    known = {item["id"]: item for item in items}
    return [
        {
            "section_id": section.id,
            "title": section.title,
            "lines": [_line(line, known) for line in section.lines],
        }
        for section in DEON
    ]


def for_deon(checklist: dict[str, Any], title: str) -> dict[str, Any]:
    """Return the content of ``ethics/checklist.yaml``, which deon's tools can read.

    The items of boxloop are one section; with deon its sections follow. Answers stand beside the
    lines, under keys that deon does not know and leaves alone.

    Parameters
    ----------
    checklist : dict
        Content of ``ethics/checklist.json``.
    title : str
        What the checklist is of.
    """
    known = {item["id"]: item for item in checklist["items"]}
    deon = checklist["deon"] or []
    own = {line["line_id"] for section in deon for line in section["lines"]}
    lines = [_of_item(item) for name, item in known.items() if name not in own]
    sections = [{"title": "boxloop", "section_id": "boxloop", "lines": lines}]
    for section in deon:
        lines = [_answered(line, known) for line in section["lines"]]
        sections.append({**section, "lines": lines})
    return {"title": title, "sections": sections}


def _of_item(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "line_id": item["id"],
        "line_summary": item["short"],
        "line": item["question"],
        "deon": list(serves(item["id"])),
        **{key: item[key] for key in _BESIDE},
    }


def _answered(line: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    item = known.get(line["line_id"])
    beside = {key: item[key] for key in _BESIDE} if item else {}
    return {**line, **beside}


def _line(line: Line, known: dict[str, Any]) -> dict[str, Any]:
    by = line.by or (line.item.id,)
    return {
        "line_id": line.item.id,
        "line_summary": line.item.short,
        "line": line.item.question,
        "status": _together([known[name]["status"] for name in by]),
        "answered_by": list(line.by),
    }


def _together(statuses: Sequence[str]) -> str:
    """Return the status of a line that several items answer: it is open while one of them is."""
    for status in ("unanswered", "stale"):
        if status in statuses:
            return status
    return statuses[0] if len(set(statuses)) == 1 else "answered"
