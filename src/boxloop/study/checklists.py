"""The checklists a study may be held to: boxloop's thirteen questions, and deon's on demand.

Identifiers, titles and summaries of deon's default checklist are facts that other tools meet by;
its questions stand here in boxloop's words. One answer serves both: a line of deon names the items
of boxloop that answer it, and only the others are items of their own.

References
----------
deon, https://deon.drivendata.org
"""

from collections.abc import Iterable
from dataclasses import dataclass

from boxloop.study.vocabulary import CHECKLIST

#: A few words for each item, as deon's format wants them.
SHORT: dict[str, str] = {
    "misuse": "Misuse",
    "representative": "Representative sample",
    "bias_sources": "Sources of bias",
    "team": "Points of view",
    "consent_needed": "Consent needed",
    "consent_given": "Consent given",
    "consent_understood": "Consent understood",
    "redress": "Redress",
    "shutdown": "Withdrawal",
    "group_fairness": "Fairness over groups",
    "group_errors": "Errors by group",
    "drift": "Drift",
    "data_protection": "Data protection",
}

#: What a study must have so that an item is measured.
NEEDS: dict[str, str] = {
    "representative": "target",
    "drift": "target",
    "group_fairness": "groups",
    "group_errors": "groups or classes",
    "D.1": "protected",
}


@dataclass(frozen=True)
class Item:
    """A question of a checklist.

    Attributes
    ----------
    id, short, question : str
    measured : bool
        Whether the pipeline can answer it by evidence.
    needs : str or None
        What the study must have for that, as `NEEDS` names it.
    """

    id: str
    short: str
    question: str
    measured: bool
    needs: str | None = None


@dataclass(frozen=True)
class Line:
    """A line of deon's checklist.

    Attributes
    ----------
    item : Item
    by : tuple of str
        Items of boxloop whose answers are the answer to it; empty: it is answered by itself.
    """

    item: Item
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A section of deon's checklist."""

    id: str
    title: str
    lines: tuple[Line, ...]


def _line(
    id_: str, short: str, question: str, by: tuple[str, ...] = (), *, measured: bool = False
) -> Line:
    return Line(Item(id_, short, question, measured, NEEDS.get(id_)), by)


DEON: tuple[Section, ...] = (
    Section(
        "A",
        "Data Collection",
        (
            _line(
                "A.1",
                "Informed consent",
                "Did the people in the data agree to this use, knowing what they agreed to?",
                ("consent_needed", "consent_given", "consent_understood"),
            ),
            _line(
                "A.2",
                "Collection bias",
                "What did the way of collecting the data let in, and what did it keep out?",
                ("representative", "bias_sources"),
            ),
            _line(
                "A.3",
                "Limit PII exposure",
                "Which details about persons are in the data that the study could do without?",
            ),
        ),
    ),
    Section(
        "B",
        "Data Storage",
        (
            _line(
                "B.1",
                "Data security",
                "Who can get at the data, and what keeps all others out?",
                ("data_protection",),
            ),
            _line(
                "B.2",
                "Right to be forgotten",
                "How does somebody get out of the data who no longer wants to be in them?",
            ),
            _line(
                "B.3",
                "Data retention plan",
                "How long are the data kept, and who deletes them afterwards?",
            ),
        ),
    ),
    Section(
        "C",
        "Analysis",
        (
            _line(
                "C.1",
                "Missing perspectives",
                "Whose knowledge would have shown what this analysis overlooks?",
                ("team",),
            ),
            _line(
                "C.2",
                "Dataset bias",
                "Which distortions are in the data, and what was done about them?",
                ("bias_sources",),
            ),
            _line(
                "C.3",
                "Honest representation",
                "Do figures, tables and text show data and results as they are?",
                measured=True,
            ),
            _line(
                "C.4",
                "Privacy in analysis",
                "Is anything about a person used or shown that is not needed?",
            ),
            _line(
                "C.5",
                "Auditability",
                "Could somebody else repeat the analysis and find a mistake in it?",
                measured=True,
            ),
        ),
    ),
    Section(
        "D",
        "Modeling",
        (
            _line(
                "D.1",
                "Proxy discrimination",
                "Do decisions hang on attributes of people, or on features that stand in for them?",
                measured=True,
            ),
            _line(
                "D.2",
                "Fairness across groups",
                "Does the model serve all groups alike, and does it err alike in all of them?",
                ("group_fairness", "group_errors"),
            ),
            _line(
                "D.3",
                "Metric selection",
                "What does the chosen metric not see, and would another have chosen otherwise?",
                measured=True,
            ),
            _line(
                "D.4",
                "Explainability",
                "Can a single result be explained to the one who has to live with it?",
            ),
            _line(
                "D.5",
                "Communicate bias",
                "Do those who use the results know where the model fails?",
            ),
        ),
    ),
    Section(
        "E",
        "Deployment",
        (
            _line(
                "E.1",
                "Redress",
                "Who answers to those who are harmed by a result, and how is it set right?",
                ("redress",),
            ),
            _line(
                "E.2",
                "Roll back",
                "How is the model switched off, or replaced by an earlier one, once it is in use?",
                ("shutdown",),
            ),
            _line(
                "E.3",
                "Concept drift",
                "Is it noticed when the world is no longer that of the training data?",
                ("drift",),
            ),
            _line(
                "E.4",
                "Unintended use",
                "What else could the model be used for, and who would notice?",
                ("misuse",),
            ),
        ),
    ),
)

#: deon's lines by their identifiers.
LINES: dict[str, Line] = {line.item.id: line for section in DEON for line in section.lines}


def items_of(checklists: Iterable[str]) -> dict[str, Item]:
    """Return the items that a study has to answer, by identifier, in their order.

    Parameters
    ----------
    checklists : iterable of {"boxloop", "deon"}
        Lines of deon that items of boxloop answer are no items of their own.
    """
    items = {
        name: Item(name, SHORT[name], question, measured, NEEDS.get(name))
        for name, (question, measured) in CHECKLIST.items()
    }
    if "deon" in checklists:
        items |= {id_: line.item for id_, line in LINES.items() if not line.by}
    return items


def serves(item: str) -> tuple[str, ...]:
    """Return the lines of deon that an item of boxloop answers."""
    return tuple(id_ for id_, line in LINES.items() if item in line.by)
