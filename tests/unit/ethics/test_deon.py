"""deon's list as an option: one answer serves both, and its tools read what is written."""

import pytest
import yaml
from ethics_fixture import RESULTS

from boxloop.ethics import for_deon, make_checklist
from boxloop.store import write_yaml
from boxloop.study.checklists import DEON, LINES, items_of, serves
from boxloop.study.load import StudyError, load_study
from boxloop.study.vocabulary import CHECKLIST

#: Sections and lines of deon's default checklist, as its file has them.
SECTIONS = {
    "A": ("Data Collection", ["Informed consent", "Collection bias", "Limit PII exposure"]),
    "B": ("Data Storage", ["Data security", "Right to be forgotten", "Data retention plan"]),
    "C": (
        "Analysis",
        [
            "Missing perspectives",
            "Dataset bias",
            "Honest representation",
            "Privacy in analysis",
            "Auditability",
        ],
    ),
    "D": (
        "Modeling",
        [
            "Proxy discrimination",
            "Fairness across groups",
            "Metric selection",
            "Explainability",
            "Communicate bias",
        ],
    ),
    "E": ("Deployment", ["Redress", "Roll back", "Concept drift", "Unintended use"]),
}


def as_deon_reads(path):
    """Read a checklist as deon's tools do: these keys, each with text."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content["title"], [
        (
            section["title"],
            section["section_id"],
            [(x["line_id"], x["line_summary"], x["line"]) for x in section["lines"]],
        )
        for section in content["sections"]
    ]


def written(tmp_path, checklists, answers=None):
    checklist = make_checklist(answers or {}, RESULTS, checklists)
    path = tmp_path / "checklist.yaml"
    write_yaml(for_deon(checklist, "Checklist of a study"), path)
    return checklist, path


def test_sections_and_lines_are_those_of_deon():
    found = {s.id: (s.title, [line.item.short for line in s.lines]) for s in DEON}
    assert found == SECTIONS
    for section in DEON:
        ids = [line.item.id for line in section.lines]
        assert ids == [f"{section.id}.{i}" for i in range(1, len(ids) + 1)]


def test_every_line_is_answered_by_items_of_boxloop_or_is_an_item_of_its_own():
    own = items_of(["boxloop", "deon"])
    assert list(own)[:13] == list(CHECKLIST)
    for name, line in LINES.items():
        assert bool(line.by) != (name in own)
        assert set(line.by) <= set(CHECKLIST)
    assert all(serves(item) for item in CHECKLIST), "each item of boxloop answers a line"


@pytest.mark.parametrize("checklists", [["boxloop"], ["boxloop", "deon"]])
def test_deons_tools_can_read_the_file(tmp_path, checklists):
    _, path = written(tmp_path, checklists)
    title, sections = as_deon_reads(path)
    assert title == "Checklist of a study"
    assert sections[0][:2] == ("boxloop", "boxloop")
    assert [line[0] for line in sections[0][2]] == list(CHECKLIST)
    rest = {id_: (title, [line[1] for line in lines]) for title, id_, lines in sections[1:]}
    assert rest == (SECTIONS if "deon" in checklists else {})
    texts = [text for _, _, lines in sections for line in lines for text in line]
    assert all(isinstance(text, str) and text for text in texts)


def test_answers_stand_beside_the_lines(tmp_path):
    answers = {
        "misuse": {"answer": "Nobody: yes", "by": "A. Person", "date": "2026-01-02"},
        "B.3": {"answer": "Ten years.", "by": "A. Person", "date": "2026-01-03"},
    }
    _, path = written(tmp_path, ["boxloop", "deon"], answers)
    lines = {
        line["line_id"]: line
        for section in yaml.safe_load(path.read_text())["sections"]
        for line in section["lines"]
    }
    assert lines["misuse"]["answer"] == "Nobody: yes" and lines["misuse"]["deon"] == ["E.4"]
    assert lines["E.4"]["answered_by"] == ["misuse"] and lines["E.4"]["status"] == "answered"
    assert lines["B.3"]["answer"] == "Ten years." and lines["B.3"]["date"] == "2026-01-03"
    assert lines["drift"]["hash"].startswith("apply/summary.json ")


def test_a_line_is_open_while_one_of_its_items_is():
    def status(answers, line):
        made = make_checklist(answers, RESULTS, ["boxloop", "deon"])
        return {x["line_id"]: x["status"] for s in made["deon"] for x in s["lines"]}[line]

    said = {"answer": "x", "by": "y", "date": "2026-01-02"}
    none = said | {"not_applicable": True}
    consent = ("consent_needed", "consent_given", "consent_understood")
    assert status({}, "A.1") == "unanswered"
    assert status(dict.fromkeys(consent[:2], said), "A.1") == "unanswered"
    assert status(dict.fromkeys(consent, none), "A.1") == "not_applicable"
    assert status(dict.fromkeys(consent, none) | {consent[0]: said}, "A.1") == "answered"
    stale = {"drift": said | {"evidence": "apply/summary.json 000000000000"}}
    assert status(stale, "E.3") == "stale"
    assert status({}, "D.2") == "measured"
    assert status({}, "B.2") == "unanswered"


def test_without_deon_its_lines_are_not_asked():
    made = make_checklist({}, RESULTS)
    assert made["deon"] is None and len(made["items"]) == 13


STUDY = """\
schema: 2
task: classification
question: {what: a, why: b}
samples: {train: {source: s, provenance: real}}
columns: {features: {g: {}}, target: kind}
metric: accuracy
models: [{name: dummy}]
report: {title: a, authors: [b]}
"""


def faults(tmp_path, line):
    path = tmp_path / "mine.yaml"
    path.write_text(STUDY + line)
    load_study.cache_clear()
    with pytest.raises(StudyError) as caught:
        load_study(path)
    return [f.removeprefix(f"{path}:") for f in caught.value.faults]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("checklists: [deon]", "9: checklists: expected boxloop, alone or with deon; found ['deon"),
        ("checklists: [boxloop, boxloop]", "9: checklists: expected each checklist once; found"),
        ("checklists: [boxlop]", "9: checklists.0: expected boxloop or deon; found 'boxlop'; did"),
        ("checklist: {B.3: {answer: a, by: b, date: 2026-01-02}}", "9: checklist.B.3: an item of"),
        ("checklist: {E.1: {answer: a, by: b, date: 2026-01-02}}", "9: checklist.E.1: no item of"),
        (
            "checklist: {team: {answer: a, by: b, date: 2026-01-02, evidence: abc}}",
            "9: checklist.team.evidence: expected files and hashes as boxloop answer writes them",
        ),
    ],
)
def test_a_study_with_a_fault_in_its_checklists_is_told_so(tmp_path, line, expected):
    found = faults(tmp_path, f"{line}\n")
    assert len(found) == 1 and found[0].startswith(expected), found


def test_a_study_may_answer_lines_of_deon(tmp_path):
    path = tmp_path / "mine.yaml"
    answer = "{answer: a, by: b, date: 2026-01-02}"
    path.write_text(f"{STUDY}checklists: [boxloop, deon]\nchecklist: {{B.3: {answer}}}\n")
    load_study.cache_clear()
    file = load_study(path)
    assert file.study.checklist["B.3"].answer == "a"
    waiting = file.open_items()
    assert "B.3" not in waiting and {"B.2", "D.1", "representative", "misuse"} <= set(waiting)
    assert {"C.3", "D.3", "bias_sources"}.isdisjoint(waiting)
