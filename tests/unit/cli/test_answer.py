"""boxloop answer: shows the evidence, asks, and writes the answer into the study's own file."""

import json
import os

import pytest
from ethics_fixture import BARE, RESULTS

from boxloop.cli import main
from boxloop.cli.answering import Given, answer
from boxloop.errors import BoxloopError
from boxloop.ethics import make_checklist
from boxloop.store import write_json
from boxloop.study.load import load_study

STUDY = """\
# A study with comments.
schema: 2
task: classification
question: {what: "What?", why: "Why."}
samples:
  train: {source: catalogue, provenance: real}
  target: {source: catalogue, provenance: real}
columns: {features: {g_mag: {unit: mag}}, target: kind}
metric: accuracy   # of all
models: [{name: dummy}]
groups: [g_mag]
report: {title: A title, authors: [A. Author]}
checklist:
  # Asked first.
  consent_needed: {answer: "No persons.", not_applicable: true, by: Base, date: 2026-01-01}
"""
VARIANT = "schema: 2\nextends: base\nsplit: {test: 0.3}  # three lines\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a study, a variant of it, results of the study, and a name in git."""
    folder = tmp_path / "config/studies"
    folder.mkdir(parents=True)
    (folder / "base.yaml").write_text(STUDY)
    (folder / "variant.yaml").write_text(VARIANT)
    named = tmp_path / "gitconfig"
    named.write_text("[user]\nname = Git Person\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(named))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.chdir(tmp_path)
    load_study.cache_clear()
    results(tmp_path)
    return tmp_path


def results(project, of=RESULTS, study="base"):
    content = make_checklist({}, of)
    write_json(content, project / f"results/{study}/ethics/checklist.json")
    return {item["id"]: item for item in content["items"]}


def said(project, study="base"):
    load_study.cache_clear()
    return load_study(project / f"config/studies/{study}.yaml").study.checklist


def test_an_answer_is_written_with_name_date_and_the_evidence_it_was_shown(project, capsys):
    item = results(project)["drift"]
    assert main(["answer", "base", "drift", "We look every month."]) == 0
    found = said(project)["drift"]
    assert (found.answer, found.by) == ("We look every month.", "Git Person")
    assert found.evidence == item["hash"]
    assert len(found.date) == 10
    shown = capsys.readouterr().out
    assert item["question"] in shown
    assert " ".join(item["measured"].split()[:8]) in " ".join(shown.split())
    assert "apply/summary.json  outside_rows = 5" in shown
    assert "# Asked first." in (project / "config/studies/base.yaml").read_text()


def test_name_date_and_path_may_be_given(project):
    path = "config/studies/base.yaml"
    given = ["--by", "A. Other", "--date", "2026-02-03", "--not-applicable"]
    assert main(["answer", path, "team", "One person.", *given]) == 0
    found = said(project)["team"]
    assert (found.by, found.date, found.not_applicable) == ("A. Other", "2026-02-03", True)
    assert found.evidence is None


def test_an_answer_is_stale_when_its_evidence_changes_and_fresh_when_answered_anew(project):
    for of in (RESULTS, BARE):
        item = results(project, of)["drift"]
        assert main(["answer", "base", "drift", "Looked at."]) == 0
        assert said(project)["drift"].evidence == item["hash"]
        given = {"drift": said(project)["drift"].model_dump()}
        now = {i["id"]: i["status"] for i in make_checklist(given, of)["items"]}
        then = {i["id"]: i["status"] for i in make_checklist(given, RESULTS)["items"]}
        assert now["drift"] == ("measured" if of is RESULTS else "answered")
        assert then["drift"] == ("measured" if of is RESULTS else "stale")


def test_without_results_an_answer_rests_on_nothing_and_that_is_said(project, capsys):
    (project / "results/base/ethics/checklist.json").unlink()
    assert main(["answer", "base", "drift", "We look every month."]) == 0
    assert said(project)["drift"].evidence is None
    assert "no results yet" in capsys.readouterr().out


def test_a_variant_is_answered_in_its_own_file_and_what_it_takes_over_is_shown(project, capsys):
    before = (project / "config/studies/base.yaml").read_text()
    assert main(["answer", "variant", "consent_needed", "Other data."]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Base, 2026-01-01, taken over from a base (" in shown
    assert "base.yaml:15): No persons." in shown
    assert (project / "config/studies/base.yaml").read_text() == before
    found = said(project, "variant")["consent_needed"]
    assert found.answer == "Other data." and found.by == "Git Person"
    assert found.not_applicable is False, "the base's answer merges with it"
    text = (project / "config/studies/variant.yaml").read_text()
    assert text.startswith(VARIANT)
    assert said(project)["consent_needed"].not_applicable is True


def test_a_variant_is_shown_its_own_results_before_those_of_its_base(project, capsys):
    item = results(project, BARE, "variant")["drift"]
    assert main(["answer", "variant", "drift", "Seen."]) == 0
    assert said(project, "variant")["drift"].evidence == item["hash"]


def test_a_stale_answer_is_shown_as_such(project, capsys):
    main(["answer", "base", "drift", "Looked at."])
    results(project, BARE)
    capsys.readouterr()
    load_study.cache_clear()
    assert main(["answer", "base", "drift", "Looked at again."]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "STALE: the evidence in apply/summary.json and evaluate/shift.json is another" in shown


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["bse", "drift", "x"], "there is no study config/studies/bse.yaml; there are: base, vari"),
        (["bse", "drift", "x"], "did you mean 'base'?"),
        (["base", "drfit", "x"], "drfit: no such item; expected one of misuse,"),
        (["base", "drfit", "x"], "did you mean 'drift'?"),
        (["base", "A.3", "x"], "an item of deon; to answer it, write checklists: [boxloop, deon]"),
        (["base", "E.4", "x"], "E.4: no item of its own: what is said at misuse is its answer"),
        (["base", "A.2", "x"], "what is said at representative and bias_sources are its answers"),
        (["base", "drift", "  "], "expected an answer in your own words; found none"),
        (["base", "drift"], "expected an answer as TEXT"),
        (["base"], "name the item to answer; open are: misuse, team, consent_given,"),
        (["base", "team", "x", "--date", "today"], "--date: expected YYYY-MM-DD; found 'today'"),
        (["base", "drift", "x", "--not-applicable"], "drift: the results answer this question"),
    ],
)
def test_what_cannot_be_answered_is_said_and_nothing_is_written(
    project, capsys, arguments, expected
):
    before = {p: p.read_bytes() for p in (project / "config/studies").iterdir()}
    assert main(["answer", *arguments]) == 2
    assert expected in capsys.readouterr().err
    assert {p: p.read_bytes() for p in (project / "config/studies").iterdir()} == before


def test_nobody_is_named_who_is_not_known(project, capsys, monkeypatch):
    (project / "gitconfig").write_text("")
    assert main(["answer", "base", "team", "x"]) == 2
    assert "say who answers: --by NAME" in capsys.readouterr().err


def test_a_file_that_was_changed_meanwhile_is_not_overwritten(project):
    path = project / "config/studies/base.yaml"
    before = path.read_bytes()
    path.write_bytes(before + b"# somebody else's line\n")
    with pytest.raises(BoxloopError, match="was changed while you answered; nothing is written"):
        answer(path, "team", Given("x", "A", "2026-01-02"), before)
    assert path.read_bytes() == before + b"# somebody else's line\n"
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".")] == []


def test_a_write_protected_file_is_left_alone(project, capsys):
    path = project / "config/studies/base.yaml"
    path.chmod(0o444)
    before = path.read_bytes()
    assert main(["answer", "base", "team", "x"]) == 2
    assert "base.yaml: cannot be written: it is write-protected" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_permissions_and_links_stay(project):
    path = project / "config/studies/base.yaml"
    path.chmod(0o640)
    (project / "config/studies/linked.yaml").symlink_to("base.yaml")
    assert main(["answer", "linked", "team", "x"]) == 0
    assert (project / "config/studies/linked.yaml").is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert said(project)["team"].answer == "x"


def typed(monkeypatch, *lines):
    """Sit at a terminal and type lines."""
    given = iter(lines)

    def read(prompt=""):
        print(prompt)
        try:
            return next(given)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", read)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)


def test_open_items_are_asked_one_after_the_other(project, capsys, monkeypatch):
    typed(monkeypatch, "Nobody.", "", "", "None is needed.", "n")
    assert main(["answer", "base"]) == 2  # ended before all were answered
    found = said(project)
    assert found["misuse"].answer == "Nobody." and not found["misuse"].not_applicable
    assert "team" not in found, "left open by an empty line"
    assert found["consent_given"].not_applicable
    out = capsys.readouterr()
    assert "[1 of 7] misuse:" in out.out and "[3 of 7] consent_given:" in out.out
    assert "drift:" not in out.out, "measured"
    assert "nothing more is written" in out.err


def test_a_stale_item_is_open_and_so_is_nothing_once_all_is_answered(project, capsys, monkeypatch):
    for name in ("misuse", "team", "consent_given", "consent_understood", "redress", "shutdown"):
        assert main(["answer", "base", name, "x"]) == 0
    main(["answer", "base", "data_protection", "x"])
    main(["answer", "base", "drift", "x"])
    typed(monkeypatch)
    capsys.readouterr()
    assert main(["answer", "base"]) == 0
    assert "no item of the checklist is open" in capsys.readouterr().out
    other = json.loads(json.dumps(RESULTS.apply)) | {"outside_rows": 6}
    results(project, RESULTS.__class__(**{**vars(RESULTS), "apply": other}))
    typed(monkeypatch, "Still fine.", "")
    assert main(["answer", "base"]) == 0
    assert "[1 of 1] drift:" in capsys.readouterr().out
    assert said(project)["drift"].answer == "Still fine."


def test_text_of_results_cannot_command_the_terminal(project, capsys):
    path = project / "results/base/ethics/checklist.json"
    content = json.loads(path.read_text())
    content["items"][11] |= {"measured": "red \x1b[31m text"}
    content["items"][11]["evidence"] = [{"file": "a\x1b", "key": "b\x1b", "value": "c\x1b"}]
    path.write_text(json.dumps(content))
    assert main(["answer", "base", "drift", "x"]) == 0
    assert "\x1b" not in capsys.readouterr().out
