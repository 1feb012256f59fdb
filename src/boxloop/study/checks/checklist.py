"""Checks of the checklists that a study names, and of the items that it answers."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from boxloop.errors import listed, suggest
from boxloop.study.checklists import LINES, items_of
from boxloop.study.checks import Mismatch

if TYPE_CHECKING:
    from boxloop.study.model import Study


def checklist_checks(study: "Study") -> Iterator[Mismatch]:
    """Yield (key path, message) for every fault."""
    named = study.checklists
    if "boxloop" not in named:
        yield ("checklists",), f"expected boxloop, alone or with deon; found {named}"
    if len(set(named)) < len(named):
        yield ("checklists",), f"expected each checklist once; found {named}"
    for item in study.checklist:
        if fault := unknown_item(item, study.checklists):
            yield ("checklist", item), fault


def unknown_item(item: str, checklists: Sequence[str]) -> str | None:
    """Return why an item cannot be answered, and what to do; None for one that can."""
    known = items_of(checklists)
    if item in known:
        return None
    line = LINES.get(item)
    if line and line.by:
        each = "is its answer" if len(line.by) == 1 else "are its answers"
        return f"no item of its own: what is said at {' and '.join(line.by)} {each}"
    if line:
        return "an item of deon; to answer it, write checklists: [boxloop, deon]"
    return f"no such item; expected one of {listed(known, 40)}{suggest(item, known)}"
