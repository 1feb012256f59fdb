"""How ``boxloop answer`` asks, and how it writes an answer into a study file."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxloop.cli.answer_shown import shown
from boxloop.errors import BoxloopError, suggest
from boxloop.ethics import OPEN, status_of
from boxloop.store import read_json, writing
from boxloop.study.answers import with_answer
from boxloop.study.checklists import Item, items_of
from boxloop.study.checks.checklist import unknown_item
from boxloop.study.load import StudyFile, load_study, owner
from boxloop.study.model import Answer

if TYPE_CHECKING:
    from boxloop.results.ethics import ChecklistItem


@dataclass(frozen=True)
class Given:
    """What somebody answers.

    Attributes
    ----------
    text, by, date : str or None
        None: it is asked for; git's user.name; today.
    not_applicable : bool
    """

    text: str | None = None
    by: str | None = None
    date: str | None = None
    not_applicable: bool = False


def study_path(named: str, project: Path) -> Path:
    """Return the file of a study that is named by its name or its path.

    Raises
    ------
    BoxloopError
        There is none.
    """
    folder = project / "config/studies"
    path = Path(named) if named.endswith(".yaml") else folder / f"{named}.yaml"
    if path.is_file():
        return path
    known = sorted(p.stem for p in path.parent.glob("*.yaml"))
    there = f"; there are: {', '.join(known)}" if known else ""
    raise BoxloopError(f"there is no study {path}{there}{suggest(path.stem, known)}")


def answer(path: Path, item: str, given: Given, before: bytes) -> str:
    """Write an answer into a study file; return what was done.

    Parameters
    ----------
    path : Path
    item : str
    given : Given
    before : bytes
        Content of the file when the evidence was shown.

    Raises
    ------
    BoxloopError
        The item, the text or the name is not valid, the results answer it, or the file cannot be
        written or was changed meanwhile.
    """
    file, _, said = _known(path, item)
    if given.text is None:
        given = _asked(given)
    fields = {
        "answer": (given.text or "").strip(),
        "not_applicable": given.not_applicable,
        "by": given.by or _git_name(path.parent),
        "date": given.date or date.today().isoformat(),
        "evidence": said["hash"] if said else None,
    }
    _valid(fields, said)
    below = file.base.study.checklist.get(item) if file.base else None
    fields = {  # a variant's answer merges with its base's: what that says has to be taken back
        k: v for k, v in fields.items() if v not in (None, False) or (below and getattr(below, k))
    }
    try:
        text = before.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BoxloopError(
            f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from None
    new = with_answer(text, item, fields, str(path))
    _write(path.resolve(), before, new.encode())
    load_study.cache_clear()
    rests = f"; it rests on {fields['evidence']}" if fields.get("evidence") else ""
    unseen = "" if said else "; there are no results yet, so that it rests on no evidence"
    return f"{path}: {item} answered by {fields['by']}{rests}{unseen}"


def about(path: Path, item: str) -> str:
    """Return what is to be known before an item is answered."""
    return shown(*_known(path, item))


def _known(path: Path, item: str) -> "tuple[StudyFile, Item, ChecklistItem | None]":
    """Return the study, the item, and what the results say to it."""
    file = load_study(path)
    checklists = file.study.checklists
    if fault := unknown_item(item, checklists):
        raise BoxloopError(f"{path}: {item}: {fault}")
    return file, items_of(checklists)[item], _said(file).get(item)


def _said(file: StudyFile) -> "dict[str, ChecklistItem]":
    """Return the items of the last ethics/checklist.json, by identifier."""
    results = file.path.resolve().parent.parent.parent / "results"
    for name in (file.name, owner(file, "ethics")):
        found = results / name / "ethics/checklist.json"
        if found.is_file():
            return {item["id"]: item for item in read_json(found)["items"]}
    return {}


def _valid(fields: Mapping[str, Any], said: Mapping[str, Any] | None) -> None:
    if not fields["answer"]:
        raise BoxloopError("expected an answer in your own words; found none; nothing is written")
    try:
        Answer.model_validate({**fields, "evidence": None})
    except ValueError:
        raise BoxloopError(f"--date: expected YYYY-MM-DD; found {fields['date']!r}") from None
    if fields["not_applicable"] and said and said["known"]:
        raise BoxloopError(
            f"{said['id']}: the results answer this question, so that it does arise; say what you "
            "have to add without --not-applicable"
        )


def _write(path: Path, before: bytes, new: bytes) -> None:
    """Write a file, unless somebody else did so meanwhile or it may not be written."""
    try:
        if not path.stat().st_mode & 0o222:
            raise PermissionError(13, "it is write-protected")
        with path.open("r+b"), writing(path) as beside:
            shutil.copy2(path, beside)
            beside.write_bytes(new)
            if path.read_bytes() != before:
                raise BoxloopError(
                    f"{path}: was changed while you answered; nothing is written; answer once more"
                )
    except OSError as error:
        raise BoxloopError(f"{path}: cannot be written: {error.strerror}") from None


def answer_open(path: Path, by: str | None, when: str | None) -> int:
    """Ask for every open item in turn; return 0.

    Raises
    ------
    BoxloopError
        Nobody sits at a terminal; the open items are named.
    """
    items = list(open_items(load_study(path)))
    if not items:
        print(f"{path}: no item of the checklist is open")
        return 0
    if not sys.stdin.isatty():
        raise BoxloopError(
            f"{path}: name the item to answer; open are: {', '.join(items)}; in a terminal they "
            "are asked one after the other"
        )
    for i, item in enumerate(items, 1):
        before = path.read_bytes()
        print(f"\n[{i} of {len(items)}] {about(path, item)}")
        given = _asked(Given(by=by, date=when), "empty: leave it open")
        if not given.text:
            continue
        try:
            print(answer(path, item, given, before))
        except BoxloopError as error:
            print(error, file=sys.stderr)
    return 0


def open_items(file: StudyFile) -> Iterator[str]:
    """Yield the items that wait for an answer, by the study file and its last results."""
    said, without = _said(file), file.open_items()
    for name in items_of(file.study.checklists):
        if name not in said:
            if name in without:
                yield name
            continue
        given = file.study.checklist.get(name)
        fields = given.model_dump() if given else None
        if status_of(said[name]["known"], fields, said[name]["hash"]) in OPEN:
            yield name


def _asked(given: Given, empty: str = "") -> Given:
    """Ask for the text of an answer, and whether the question arises at all."""
    if not sys.stdin.isatty():
        raise BoxloopError("expected an answer as TEXT: boxloop answer STUDY ITEM TEXT")
    text = input(f"Your answer{f' ({empty})' if empty else ''}: ").strip()
    if not text or given.not_applicable:
        return replace(given, text=text)
    said = input("Does the question arise at all? [Y/n] ")
    return replace(given, text=text, not_applicable=said.strip().lower().startswith("n"))


def _git_name(folder: Path) -> str:
    """Return the name git knows the user by.

    Raises
    ------
    BoxloopError
        It knows none.
    """
    import subprocess

    try:
        done = subprocess.run(
            ["git", "config", "user.name"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        name = done.stdout.strip()
    except OSError:
        name = ""
    if not name:
        raise BoxloopError("git knows no user.name; say who answers: --by NAME")
    return name
