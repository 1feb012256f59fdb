"""Put the checklist together, and hold a final study until every item of it is answered."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boxloop.errors import BoxloopError
from boxloop.ethics.deon import sections_of
from boxloop.ethics.evidence import Results, Shown, changed, fingerprint
from boxloop.ethics.measured import SHOWN
from boxloop.study.checklists import Item, items_of

if TYPE_CHECKING:
    from boxloop.results.ethics import Checklist, ChecklistItem, Complete, Status

#: Statuses that keep a final study from being complete.
OPEN = ("unanswered", "stale")


def make_checklist(
    answers: Mapping[str, Mapping[str, Any]],
    results: Results,
    checklists: Sequence[str] = ("boxloop",),
) -> "Checklist":
    """Answer every item by evidence, by a person, or not at all.

    Parameters
    ----------
    answers : mapping
        The study's section ``checklist``: by item the fields of an answer.
    results : Results
        What the measured items rest on.
    checklists : sequence of {"boxloop", "deon"}
        Whose items are asked.

    Returns
    -------
    Checklist
        Content of ``ethics/checklist.json``: ``items`` in the order of the checklists, and with
        deon its ``deon`` sections, whose lines say which items answer them. A person's answer to a
        measured item is added to what was measured and does not replace it.
    """
    items = [_item(item, answers.get(name), results) for name, item in items_of(checklists).items()]
    return {
        "checklists": list(checklists),
        "items": items,
        "deon": sections_of(items) if "deon" in checklists else None,
    }


def status_of(known: bool, answer: Mapping[str, Any] | None, evidence: str | None) -> "Status":
    """Return the status of an item.

    Parameters
    ----------
    known : bool
        Whether the results answer it.
    answer : mapping or None
        A person's answer.
    evidence : str or None
        The fingerprint of the evidence as it is now.
    """
    if answer and changed(answer.get("evidence"), evidence):
        return "stale"
    if known:
        return "measured"
    if answer is None:
        return "unanswered"
    return "not_applicable" if answer.get("not_applicable") else "answered"


def require_complete(checklist: "Checklist", study_file: str) -> "Complete":
    """Return the content of ``ethics/complete.json`` if nothing is open.

    Raises
    ------
    BoxloopError
        Names every open item, its question, what changed since it was answered, and how to answer.
    """
    items = checklist["items"]
    left = [item for item in items if item["status"] in OPEN]
    if left:
        said = "\n".join(_open(item) for item in left)
        count = "1 item" if len(left) == 1 else f"{len(left)} items"
        raise BoxloopError(
            f"{count} of the checklist must be answered before this final study is complete; the "
            f"report is written all the same:\n{said}\n"
            f"Answer one after the other, in your own words: boxloop answer {study_file}\n"
            f"or a single one: boxloop answer {study_file} {left[0]['id']}\n"
            "(--not-applicable where the question does not arise; the answer says why),\n"
            "or set status: draft while they are open."
        )
    statuses = sorted(str(item["status"]) for item in items)
    counts = {s: statuses.count(s) for s in statuses}
    return {"complete": True, "items": len(items), "statuses": counts, "hash": _hash(items)}


def _open(item: "ChecklistItem") -> str:
    said = f"  {item['id']} ({item['status']}): {item['question']}"
    if item["status"] == "stale":
        said += (
            f"\n    {item['by']} answered on {item['date']}; since then the evidence changed in "
            f"{' and '.join(item['changed'])}."
        )
        if item["measured"]:
            said += f" Now: {item['measured']}"
    return said


def _item(item: Item, answer: Mapping[str, Any] | None, results: Results) -> "ChecklistItem":
    shown = SHOWN[item.id](results) if item.id in SHOWN else Shown(None, [], known=False)
    now = fingerprint(shown.evidence)
    said = answer["answer"].strip() if answer else None
    text = shown.text or said
    if answer and shown.text:
        text = f"{shown.text} {answer['by']} adds: {said}"
    return {
        "id": item.id,
        "short": item.short,
        "question": item.question,
        "status": status_of(shown.known, answer, now),
        "answer": text,
        "measured": shown.text,
        "said": said,
        "known": shown.known,
        "evidence": [{"file": e.file, "key": e.key, "value": e.value} for e in shown.evidence],
        "hash": now,
        "by": answer["by"] if answer else None,
        "date": answer["date"] if answer else None,
        "answered_on": answer.get("evidence") if answer else None,
        "changed": changed(answer.get("evidence"), now) if answer else [],
    }


def _hash(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
