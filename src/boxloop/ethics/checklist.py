"""Put the checklist together, and hold a final study until every item of it is answered."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from boxloop.errors import BoxloopError
from boxloop.ethics.measured import MEASURED, Evidence, Results
from boxloop.store import plain
from boxloop.study.vocabulary import CHECKLIST

#: Statuses that keep a final study from being complete.
OPEN = ("unanswered", "stale")


def make_checklist(answers: dict[str, dict[str, Any]], results: Results) -> dict[str, Any]:
    """Answer every item by evidence, by a person, or not at all.

    Parameters
    ----------
    answers : dict
        The study's section ``checklist``: item, then ``answer, by, date, not_applicable``.
    results : Results
        What the measured items rest on.

    Returns
    -------
    dict
        Content of ``ethics/checklist.json``: ``items`` in the order of the vocabulary. A person's
        answer to a measured item is added to what was measured and does not replace it.
    """
    return {"items": [_item(name, answers.get(name), results) for name in CHECKLIST]}


def require_complete(checklist: dict[str, Any], study_file: str) -> dict[str, Any]:
    """Return the content of ``ethics/complete.json`` if nothing is open.

    Raises
    ------
    BoxloopError
        Names every open item, its question, and how to answer it.
    """
    items = checklist["items"]
    left = [item for item in items if item["status"] in OPEN]
    if left:
        questions = "\n".join(f"  {i['id']} ({i['status']}): {i['question']}" for i in left)
        count = "1 item" if len(left) == 1 else f"{len(left)} items"
        raise BoxloopError(
            f"{count} of the checklist must be answered before this final study is complete; the "
            f"report is written all the same:\n{questions}\n"
            f"Answer in {study_file}, in your own words, for example:\n"
            "  checklist:\n"
            f"    {left[0]['id']}:\n"
            '      answer: "..."\n'
            "      by: your name\n"
            '      date: "YYYY-MM-DD"\n'
            "      not_applicable: false   # true where the question does not arise; say why\n"
            "or set status: draft while they are open."
        )
    counts = {s: sum(i["status"] == s for i in items) for s in sorted({i["status"] for i in items})}
    return {"complete": True, "items": len(items), "statuses": counts, "hash": _hash(items)}


def _item(name: str, answer: dict[str, Any] | None, results: Results) -> dict[str, Any]:
    question, is_measured = CHECKLIST[name]
    text, status, evidence = None, "unanswered", list[Evidence]()
    if is_measured:
        text, evidence = MEASURED[name](results)
        status = "measured"
    if answer is not None:
        own = answer["answer"].strip()
        text = f"{text} {answer['by']} adds: {own}" if text else own
        if not is_measured:
            status = "not_applicable" if answer.get("not_applicable") else "answered"
    found = [asdict(e) for e in evidence]
    return {
        "id": name,
        "question": question,
        "status": status,
        "answer": text,
        "evidence": found,
        "hash": _hash(found) if found else None,
        "by": answer["by"] if answer else None,
        "date": answer["date"] if answer else None,
    }


def _hash(content: Any) -> str:
    text = json.dumps(plain(content), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
