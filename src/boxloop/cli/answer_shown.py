"""What somebody sees before she answers: question, evidence, and what was said so far."""

import json
import textwrap
from collections.abc import Mapping
from typing import Any

from boxloop.ethics.evidence import changed
from boxloop.study.checklists import Item
from boxloop.study.load import StudyFile

#: Most characters of a value, and most pieces of evidence, that are printed.
_VALUE, _PIECES = 80, 30


def shown(file: StudyFile, item: Item, said: Mapping[str, Any] | None) -> str:
    """Return what is to be known before an item is answered.

    Parameters
    ----------
    file : StudyFile
    item : Item
    said : mapping or None
        The item in the last ``ethics/checklist.json``; None where there is none.
    """
    lines = [_wrapped(f"{item.id}: {item.question}", 0)]
    if said is None:
        lines.append(_wrapped("There are no results yet that would say something about it."))
    else:
        if said["measured"]:
            lines.append(_wrapped(said["measured"]))
        if said["evidence"]:
            lines += ["  Evidence:", *_pieces(said["evidence"])]
    lines.append(_so_far(file, item, said))
    return "\n".join(lines)


def _pieces(evidence: list[dict[str, Any]]) -> list[str]:
    lines = []
    for piece in evidence[:_PIECES]:
        value = json.dumps(piece["value"], ensure_ascii=False)
        value = value if len(value) <= _VALUE else f"{value[: _VALUE - 4]} ..."
        lines.append(_printable(f"    {piece['file']}  {piece['key']} = {value}"))
    more = len(evidence) - _PIECES
    return [*lines, f"    and {more} more"] if more > 0 else lines


def _so_far(file: StudyFile, item: Item, said: Mapping[str, Any] | None) -> str:
    given = file.study.checklist.get(item.id)
    if given is None:
        measured = said is not None and said["known"]
        return "  No person has said anything to it yet." if measured else "  It is not answered."
    place = file.place("checklist", item.id).rpartition(": ")[0]
    from_base = file.base is not None and file.base.study.checklist.get(item.id) == given
    whose = "taken over from a base" if from_base else "answered"
    text = f"{given.by}, {given.date}, {whose} ({place}): {given.answer}"
    files = changed(given.evidence, said["hash"]) if said else []
    if files:
        text += f" STALE: the evidence in {' and '.join(files)} is another now."
    return _wrapped(text)


def _wrapped(text: str, margin: int = 2) -> str:
    pad = " " * margin
    return textwrap.fill(
        _printable(text),
        96,
        initial_indent=pad,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _printable(text: str) -> str:
    """Return text without characters that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)
