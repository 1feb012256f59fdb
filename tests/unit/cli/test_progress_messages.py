"""What the log of a run says to the user, and what is said where it says nothing."""

import pytest

from boxloop.cli.progress.messages import LINES, Messages, unsaid
from boxloop.cli.progress.state import Job, Progress
from boxloop.events import Refused
from boxloop.messages import tell

CHATTER = "Execute 1 jobs...\n  chunk toy tree 0: 3 trials\n"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "run.log"
    path.touch()
    return path


def add(log, text):
    with log.open("a", encoding="utf-8") as stream:
        stream.write(text)


def test_messages_are_found_whole_among_other_lines(log, capsys):
    tell("gate toy: two findings:\n- one\n\n- the other")
    message = capsys.readouterr().err
    assert message.count("\n") == 5
    add(
        log,
        CHATTER
        + "a line whose end is still to come"
        + message
        + CHATTER
        + "boxloop: assemble toy: no data\n"
        + CHATTER,
    )
    found = Messages(log).new()
    assert found == [message.strip("\n"), "boxloop: assemble toy: no data"]


def test_each_message_comes_once_however_the_log_grows(log):
    text = CHATTER + "boxloop: a: one\n    two\nboxloop: b: three\n" + CHATTER
    messages, found = Messages(log), []
    for character in text:
        add(log, character)
        found += messages.new()
    found += messages.new(last=True)
    assert found == ["boxloop: a: one\n    two", "boxloop: b: three"] == messages.found


def test_a_message_is_not_held_back_until_something_follows(log):
    messages = Messages(log)
    add(log, "boxloop: SLURM takes no jobs now\n")
    assert [*messages.new(), *messages.new()] == ["boxloop: SLURM takes no jobs now"]


def test_the_last_line_may_lack_its_end(log):
    add(log, "boxloop: a: killed while writ")
    assert Messages(log).new(last=True) == ["boxloop: a: killed while writ"]


def failed(*jobs, refused=()):
    return Progress(0.0, {"fit": 9}, failed=dict(enumerate(jobs)), refused=tuple(refused))


def fit(model, path=None, reason=""):
    wildcards = {"study": "toy", "model": model}
    return Job("fit", wildcards, 0.0, (str(path),) if path else (), reason)


def test_a_job_whose_message_was_shown_needs_no_more_words(log):
    run = failed(fit("tree"))
    assert unsaid(run, ["boxloop: fit toy tree: x is constant"], log) == []
    assert unsaid(run, ["boxloop: fit toy tree (SLURM job 7) took more memory"], log) == []
    assert unsaid(run, ["boxloop: fit toy svm and 3 more: refused by SLURM: no"], log) == []


def test_another_job_s_message_does_not_stand_for_it(log, tmp_path):
    own = tmp_path / "fit-svm.log"
    own.write_text("Traceback:\nKeyError: 'x'\n")
    run = failed(fit("tree"), fit("svm", own))
    (said,) = unsaid(run, ["boxloop: fit toy tree: x is constant"], log)
    assert said.startswith("boxloop: fit toy svm: failed; the end of its log")
    assert said.endswith("KeyError: 'x'")


def test_of_a_long_log_the_end_is_shown(log, tmp_path):
    own = tmp_path / "fit.log"
    own.write_text("\n".join(f"line {n}" for n in range(100)))
    (said,) = unsaid(failed(fit("tree", own)), [], log)
    assert said.splitlines()[1:] == [f"line {n}" for n in range(100 - LINES, 100)]


def test_jobs_that_end_alike_are_shown_once(log, tmp_path):
    jobs = []
    for name in ("tree", "svm"):
        own = tmp_path / f"fit-{name}.log"
        own.write_text(f"fitting {name}\nKeyError: 'x'\n")
        jobs.append(fit(name, own))
    one, others = unsaid(failed(*jobs), [], log)
    assert "fitting tree" in one and others == "boxloop: failed, too: fit toy svm"


def test_a_job_that_was_killed_is_said_to_be(log, tmp_path):
    own = tmp_path / "fit.log"
    own.write_text("epoch 3\n")
    (said,) = unsaid(failed(fit("tree", own, "... died with <Signals.SIGKILL: 9>.")), [], log)
    assert "fit toy tree: was ended by SIGKILL" in said and "memory" in said and str(own) in said
    (said,) = unsaid(failed(fit("tree", own, "no rule for SIGMA")), [], log)
    assert "failed" in said


def test_what_snakemake_itself_finds_wrong_is_shown(log):
    missing = Refused("MissingInputException", "Missing input files for rule assemble: x.csv")
    final = Refused(
        "WorkflowError", "WorkflowError:\nAt least one job did not complete successfully."
    )
    assert unsaid(failed(refused=[missing, final]), [], log) == [missing.text]


def test_of_a_locked_folder_who_holds_it_is_enough(log):
    lock = Refused("LockException", "Error: Directory cannot be locked.")
    assert unsaid(failed(refused=[lock]), [], log) == [lock.text]
    assert unsaid(failed(refused=[lock]), ["boxloop: this folder is held by a run"], log) == []


def test_where_nothing_else_is_known_the_log_ends_so(log):
    add(log, "usage: snakemake\nsnakemake: error: unrecognized arguments: --foo\n")
    (said,) = unsaid(Progress(0.0), [], log)
    assert said.endswith("unrecognized arguments: --foo")
