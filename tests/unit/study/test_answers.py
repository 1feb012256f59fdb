"""Answers are written into study files in place: comments, layout and line ends stay."""

import difflib

import pytest
import yaml

from boxloop.errors import BoxloopError
from boxloop.study.answers import with_answer
from boxloop.study.yaml_lines import Loader

SHORT = {"answer": "We look # at it: daily", "by": 'A. "B" O\'Neil', "date": "2026-01-02"}
LONG = {
    **SHORT,
    "answer": "many words " * 30 + "and an end",
    "not_applicable": True,
    "evidence": "a/b.json 0123456789ab",
}
FILES = {
    "no section": "schema: 2\nreport: {title: x}  # c\n# tail",
    "no line end": "schema: 2\nreport: x",
    "empty section": "schema: 2\nchecklist: {}  # none yet\nreport: x\n",
    "null section": "schema: 2\nchecklist:   # none yet\n\nreport: x\n",
    "block": (
        "a: 1\nchecklist:\n  # first\n  misuse:\n    answer: >-\n      some text\n      more\n"
        "    by: 'me'  # who\n    date: 2026-01-01\n\n# about the report\nreport: x\n"
    ),
    "wide block": (
        "a: 1\nchecklist:\n    team:\n        answer: plain text\n          over lines\n"
        "        by: me\n        date: '2026-01-01'\nreport: x\n"
    ),
    "flow": "a: 1\nchecklist: {misuse: {answer: x, by: y, date: 2026-01-01}}   # c\nreport: x\n",
    "flow over lines": (
        "checklist: {misuse: {answer: x, by: y, date: 2026-01-01},\n"
        "  team: {answer: x, by: y, date: 2026-01-01}, # tt\n }\nreport: x\n"
    ),
    "aliases": (
        "features: &all [u, g]\nmodels: [*all]\nchecklist:\n"
        "  misuse: {answer: &none nothing, by: &me A. Me, date: 2026-01-01}\n"
        "  drift: {answer: *none, by: *me, date: 2026-01-02}  # as above\nreport: x\n"
    ),
    "whole alias": (
        "checklist:\n  misuse: &n {answer: x, by: y, date: 2026-01-01}\n  drift: *n\nreport: x\n"
    ),
    "windows": (
        "a: 1\r\nchecklist:\r\n  team:\r\n    answer: x\r\n    by: y #me\r\n    date: d\r\nb: x\r\n"
    ),
    "byte order mark": "\ufeffa: 1\nchecklist: {}\n",
    "document end": "a: 1\nb: 2\n...\n",
    "trailing blanks": (
        "checklist:\n  team:\n    answer: |+\n      x\n\n\n    by: y\n    date: d\n\n\nb: 1\n"
    ),
    "not ascii": "titel: Größe ∞ 🌌\nchecklist: {team: {answer: ßß, by: ü, date: d}} # ende\n",
}


@pytest.mark.parametrize("answer", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize("item", ["drift", "redress", "A.3"])
@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_file_says_the_answer_and_else_what_it_said(text, item, answer):
    new = with_answer(text, item, answer, "x.yaml")
    before, after = (yaml.load(t, Loader) for t in (text, new))
    assert after["checklist"].pop(item) == answer
    (before.get("checklist") or {}).pop(item, None)
    assert after.pop("checklist") == (before.pop("checklist", None) or {})
    assert after == before


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_no_other_line_is_touched(text):
    new = with_answer(text, "redress", SHORT, "x.yaml")
    gone = [
        line[2:].rstrip("\r\n")
        for line in difflib.ndiff(text.splitlines(True), new.splitlines(True))
        if line.startswith("- ")
    ]
    changed = [line for line in gone if line not in new]
    assert all(line.startswith(("checklist:", "  team: {")) for line in changed), changed
    comments = [line[line.index("#") :] for line in text.splitlines() if "#" in line]
    assert all(c in new for c in comments)


def test_line_ends_are_those_of_the_file():
    for item in ("team", "redress"):
        new = with_answer(FILES["windows"], item, LONG, "x.yaml")
        assert new.count("\n") == new.count("\r\n")
    assert "\r" not in with_answer(FILES["block"], "team", LONG, "x.yaml")


def test_an_answer_that_is_there_is_replaced_field_by_field():
    new = with_answer(FILES["block"], "misuse", SHORT, "x.yaml")
    assert '  # first\n  misuse:\n    answer: "We look # at it: daily"\n' in new
    assert new.count("misuse") == 1 and '"  # who\n    date: "2026-01-02"\n\n# about' in new


def test_what_an_older_answer_said_besides_is_taken_back():
    old = with_answer(FILES["block"], "misuse", LONG, "x.yaml")
    new = yaml.load(with_answer(old, "misuse", SHORT, "x.yaml"), Loader)["checklist"]["misuse"]
    assert new == {**SHORT, "not_applicable": False, "evidence": None}


def test_the_same_answer_twice_is_the_same_file():
    for text in (FILES["block"], FILES["flow"], FILES["no section"]):
        once = with_answer(text, "team", LONG, "x.yaml")
        assert with_answer(once, "team", LONG, "x.yaml") == once


@pytest.mark.parametrize(
    "words",
    [
        "no",
        "1e-3",
        "2026-01-02",
        "null",
        "- a",
        "a: b",
        "{x}",
        "'",
        '"',
        "\\",
        "*a",
        "&a",
        "ä 🌌",
        "two\nlines\n\nand more",
        "tab\there",
        " spaces  inside ",
        "%",
        "@",
        "x" * 200,
    ],
)
def test_any_text_is_text(words):
    for text in (FILES["block"], FILES["flow"], FILES["empty section"]):
        new = with_answer(text, "misuse", {**SHORT, "answer": words}, "x.yaml")
        assert yaml.load(new, Loader)["checklist"]["misuse"]["answer"] == words


@pytest.mark.parametrize(
    ("text", "item"),
    [
        (FILES["whole alias"], "misuse"),
        (FILES["aliases"], "misuse"),
        ("{a: 1, checklist: {}}\n", "team"),
        ("a: &c {}\nchecklist: *c\n", "team"),
        ("checklist: [team]\n", "team"),
        ("a: 1\n---\nb: 2\n", "team"),
        ("- a\n", "team"),
        ("", "team"),
        ("a: [\n", "team"),
    ],
)
def test_a_file_that_cannot_be_edited_safely_is_refused_with_what_to_write(text, item):
    with pytest.raises(BoxloopError) as caught:
        with_answer(text, item, SHORT, "x.yaml")
    said = str(caught.value)
    assert said.startswith("x.yaml: cannot be edited in place")
    advised = yaml.load(said[said.index("yourself:\n") + len("yourself:\n") :], Loader)
    assert advised == {"checklist": {item: SHORT}}
