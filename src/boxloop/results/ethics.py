"""What stands in the files of *ethics*: questions, answers, and what they rest on."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

#: What became of a question.
Status = Literal["measured", "answered", "not_applicable", "unanswered", "stale"]


class EvidenceEntry(TypedDict):
    """One number or text that an answer rests on."""

    file: str
    """Where it stands."""
    key: str
    """Dotted; `[kind:column]` and `[label]` name an entry of a list, `*` all."""
    value: Any
    """What stands there."""


class ChecklistItem(TypedDict):
    """A question of a checklist."""

    id: str
    """Its identifier."""
    short: str
    """A few words for it."""
    question: str
    """The question."""
    status: Status
    """What became of it."""
    answer: str | None
    """`measured` and `said` together."""
    measured: str | None
    """What the results say, or null."""
    said: str | None
    """A person's words, or null."""
    known: bool
    """Whether the results answer it."""
    evidence: list[EvidenceEntry]
    """What the answer rests on."""
    hash: str | None
    """Of the evidence, as `file hash, file hash`; null where there is none."""
    by: str | None
    """Who answered."""
    date: str | None
    """When, YYYY-MM-DD."""
    answered_on: str | None
    """Hash of the evidence when it was answered, or null."""
    changed: list[str]
    """Files whose evidence is another since."""


class DeonLine(TypedDict):
    """A line of deon's checklist."""

    line_id: str
    """Its identifier."""
    line_summary: str
    """A few words for it."""
    line: str
    """The question."""
    status: Status
    """What became of it."""
    answered_by: list[str]
    """Items that answer it; empty: itself."""


class DeonSection(TypedDict):
    """A section of deon's checklist."""

    section_id: str
    """Its identifier."""
    title: str
    """Its title."""
    lines: list[DeonLine]
    """Its lines."""


class Checklist(TypedDict):
    """The content of ethics/checklist.json."""

    checklists: list[str]
    """Whose questions are asked."""
    items: list[ChecklistItem]
    """The questions, in the order of the checklists."""
    deon: list[DeonSection] | None
    """deon's sections; null where they are not asked."""


class AnsweredLine(TypedDict):
    """A line of ethics/checklist.yaml, with its answer beside it."""

    line_id: str
    """Its identifier."""
    line_summary: str
    """A few words for it."""
    line: str
    """The question."""
    deon: NotRequired[list[str]]
    """Lines of deon that an item of boxloop serves."""
    status: Status
    """What became of it."""
    answered_by: NotRequired[list[str]]
    """Items that answer a line of deon; empty: itself."""
    answer: NotRequired[str | None]
    """The answer."""
    by: NotRequired[str | None]
    """Who answered."""
    date: NotRequired[str | None]
    """When, YYYY-MM-DD."""
    hash: NotRequired[str | None]
    """Of the evidence."""


class AnsweredSection(TypedDict):
    """A section of ethics/checklist.yaml."""

    section_id: str
    """Its identifier."""
    title: str
    """Its title."""
    lines: list[AnsweredLine]
    """Its lines."""


class DeonChecklist(TypedDict):
    """The content of ethics/checklist.yaml, in deon's form."""

    title: str
    """What the checklist is of."""
    sections: list[AnsweredSection]
    """Its sections."""


class Complete(TypedDict):
    """The content of ethics/complete.json: nothing is open."""

    complete: bool
    """Always true: else the file is not written."""
    items: int
    """Number of questions."""
    statuses: dict[str, int]
    """Questions by what became of them."""
    hash: str
    """Of all items."""
