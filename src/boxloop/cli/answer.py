"""Answer items of a study's checklist: show the evidence, ask, write into its file."""

import argparse
from pathlib import Path
from typing import Any


def add_parser(commands: Any) -> None:
    """Add ``boxloop answer`` to the commands."""
    answer = commands.add_parser(
        "answer",
        help="answer an item of a study's checklist",
        description="Show what the results say to an item of the checklist, and write your answer "
        "into the study file, with the hash of the evidence it was given on. It is stale once that "
        "evidence is another. Without ITEM: all open items, one after the other.",
    )
    answer.add_argument("study", metavar="STUDY", help="name of a study, or its file")
    answer.add_argument("item", nargs="?", metavar="ITEM", help="identifier of the item")
    answer.add_argument("text", nargs="?", metavar="TEXT", help="the answer (default: asked for)")
    answer.add_argument("--by", metavar="NAME", help="who answers (default: git's user.name)")
    answer.add_argument("--date", metavar="YYYY-MM-DD", help="when (default: today)")
    answer.add_argument(
        "--not-applicable",
        action="store_true",
        help="the question does not arise; the answer says why",
    )


def run(options: argparse.Namespace) -> int:
    """Carry out ``boxloop answer`` in the folder it was called in."""
    from boxloop.cli import answering

    path = answering.study_path(options.study, Path())
    if options.item is None:
        return answering.answer_open(path, options.by, options.date)
    before = path.read_bytes()
    print(answering.about(path, options.item))
    given = answering.Given(options.text, options.by, options.date, options.not_applicable)
    print(answering.answer(path, options.item, given, before))
    return 0
