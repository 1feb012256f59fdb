"""The checklist in the form of deon: sections with identifiers, and lines that its tools read.

References
----------
deon, https://deon.drivendata.org, section on custom checklists: a title, and sections with
``title``, ``section_id`` and ``lines``, each line with ``line_id``, ``line_summary`` and ``line``.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from boxloop.study.checklists import DEON, Line, serves

if TYPE_CHECKING:
    from boxloop.results.ethics import (
        AnsweredLine,
        AnsweredSection,
        Checklist,
        ChecklistItem,
        DeonChecklist,
        DeonLine,
        DeonSection,
        Status,
    )


def sections_of(items: "Sequence[ChecklistItem]") -> "list[DeonSection]":
    """Return deon's sections, each line with its status and the items that answer it.

    Parameters
    ----------
    items : sequence of ChecklistItem
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


def for_deon(checklist: "Checklist", title: str) -> "DeonChecklist":
    """Return the content of ``ethics/checklist.yaml``, which deon's tools can read.

    The items of boxloop are one section; with deon its sections follow. Answers stand beside the
    lines, under keys that deon does not know and leaves alone.

    Parameters
    ----------
    checklist : Checklist
        Content of ``ethics/checklist.json``.
    title : str
        What the checklist is of.
    """
    known = {item["id"]: item for item in checklist["items"]}
    deon = checklist["deon"] or []
    own = {line["line_id"] for section in deon for line in section["lines"]}
    lines = [_of_item(item) for name, item in known.items() if name not in own]
    sections: list[AnsweredSection] = [
        {"title": "boxloop", "section_id": "boxloop", "lines": lines}
    ]
    for section in deon:
        lines = [_answered(line, known) for line in section["lines"]]
        sections.append(
            {"section_id": section["section_id"], "title": section["title"], "lines": lines}
        )
    return {"title": title, "sections": sections}


def _of_item(item: "ChecklistItem") -> "AnsweredLine":
    return {
        "line_id": item["id"],
        "line_summary": item["short"],
        "line": item["question"],
        "deon": list(serves(item["id"])),
        "status": item["status"],
        "answer": item["answer"],
        "by": item["by"],
        "date": item["date"],
        "hash": item["hash"],
    }


def _answered(line: "DeonLine", known: "dict[str, ChecklistItem]") -> "AnsweredLine":
    found: AnsweredLine = {**line}
    if item := known.get(line["line_id"]):
        found["status"] = item["status"]
        found["answer"] = item["answer"]
        found["by"] = item["by"]
        found["date"] = item["date"]
        found["hash"] = item["hash"]
    return found


def _line(line: Line, known: "dict[str, ChecklistItem]") -> "DeonLine":
    by = line.by or (line.item.id,)
    return {
        "line_id": line.item.id,
        "line_summary": line.item.short,
        "line": line.item.question,
        "status": _together([known[name]["status"] for name in by]),
        "answered_by": list(line.by),
    }


def _together(statuses: "Sequence[Status]") -> "Status":
    """Return the status of a line that several items answer: it is open while one of them is."""
    if "unanswered" in statuses:
        return "unanswered"
    if "stale" in statuses:
        return "stale"
    return statuses[0] if len(set(statuses)) == 1 else "answered"
