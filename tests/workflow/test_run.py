"""What is seen of `boxloop run`, on a terminal and elsewhere."""

import os
import pty
import re
import shutil
import subprocess

import pytest
from run_command import HANGING, LOG, command, environment, run
from toy_exploration import exploration_project
from toy_project import REPOSITORY, ToyProject


def seen(project: ToyProject, *arguments: str) -> tuple[int, str]:
    """Run on a terminal; return the exit code and all that was written to it."""
    shown, inside = pty.openpty()
    process = subprocess.Popen(
        command(*arguments), cwd=project.folder, env=environment(project),
        stdin=inside, stdout=inside, stderr=inside,
    )  # fmt: skip
    os.close(inside)
    said = b""
    while True:
        try:
            got = os.read(shown, 65536)
        except OSError:  # nobody holds the other end any more
            break
        if not got:
            break
        said += got
    os.close(shown)
    return process.wait(timeout=HANGING), said.decode()


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[ToyProject, int, str]:
    """A project in which a study has run on a terminal: exit code, what was seen."""
    project = exploration_project(tmp_path_factory.mktemp("seen"))
    shutil.copytree(REPOSITORY / "profiles", project.folder / "profiles")
    return project, *seen(project, "look", "--cores", "2")


def test_a_terminal_sees_one_living_line_and_then_what_came_of_it(
    looked: tuple[ToyProject, int, str],
) -> None:
    _, code, said = looked
    assert code == 0, said
    *_, end = said.rpartition("\r\x1b[K")
    living = said.removesuffix(end)
    assert "\n" not in living, "nothing but the line until the end"
    states = [state.removesuffix("\x1b[K") for state in living.split("\r")]
    counts = [int(n) for state in states for n in re.findall(r"(\d+) of \d+ jobs", state)]
    assert counts and counts == sorted(counts) and max(counts) > 0
    assert states[1].startswith("reading the study")
    assert any(state.startswith("data  ") for state in states)
    assert any("explore" in state for state in states)
    lines = end.splitlines()
    assert re.fullmatch(r"look: \d+ jobs done in \d+:\d\d", lines[0])
    assert lines[1:] == ["Report: results/look/report/exploration.html", f"Log: {LOG}"]


def test_snakemake_s_log_is_in_the_file(looked: tuple[ToyProject, int, str]) -> None:
    project, _, said = looked
    log = (project.folder / LOG).read_text()
    assert "Job stats:" in log and "(100%) done" in log
    assert "Job stats:" not in said and "steps" not in said


def test_a_second_run_says_in_a_line_that_there_is_nothing_to_do(
    looked: tuple[ToyProject, int, str],
) -> None:
    project, *_ = looked
    before = (project.folder / LOG).read_bytes()
    done = run(project, "look")
    assert done.returncode == 0 and not done.stderr
    assert (project.folder / LOG).read_bytes() == before, "the log of what was done is kept"
    assert done.stdout.splitlines() == [
        "look: nothing to do, what it asks for is there and up to date",
        "Report: results/look/report/exploration.html",
        f"Log: {LOG}",
    ]


def test_without_a_terminal_each_stage_has_a_line(looked: tuple[ToyProject, int, str]) -> None:
    project, *_ = looked
    done = run(project, "look", "--forcerun", "exploration_page")
    assert done.returncode == 0 and not done.stderr
    assert "\r" not in done.stdout and "\x1b" not in done.stdout
    plan, *stages, last, _, _ = done.stdout.splitlines()
    assert re.fullmatch(r"\d+ jobs: report 1(, track 1)?", plan)
    assert [line.partition(" done  ")[0] for line in stages] == ["report", "track"][: len(stages)]
    assert re.fullmatch(r"look: \d+ jobs done in \d+:\d\d", last)


def test_verbose_shows_snakemake_s_log_instead(looked: tuple[ToyProject, int, str]) -> None:
    project, *_ = looked
    before = (project.folder / LOG).read_bytes()
    done = run(project, "look", "--verbose", "--forcerun", "exploration_page")
    assert done.returncode == 0
    assert "(100%) done" in done.stderr and "Log:" not in done.stdout
    assert (project.folder / LOG).read_bytes() == before


@pytest.mark.parametrize("asked", ["--dry-run", "--list-rules"])
def test_what_snakemake_is_asked_for_it_answers(
    asked: str, looked: tuple[ToyProject, int, str]
) -> None:
    project, *_ = looked
    before = (project.folder / LOG).read_bytes()
    done = run(project, "look", asked, "--forcerun", "exploration_page")
    assert done.returncode == 0
    assert (project.folder / LOG).read_bytes() == before
    assert "exploration_page" in done.stdout and "Report:" not in done.stdout


def test_of_an_option_that_snakemake_does_not_know_it_is_said(
    looked: tuple[ToyProject, int, str],
) -> None:
    project, *_ = looked
    done = run(project, "look", "--no-such-option")
    assert done.returncode != 0
    assert "unrecognized arguments: --no-such-option" in done.stderr


def test_a_finding_that_stops_the_study_is_shown_whole(
    looked: tuple[ToyProject, int, str],
) -> None:
    project, *_ = looked
    study = project.folder / "config/studies/look.yaml"
    before = study.read_text()
    try:
        study.write_text(before + "gates: [excluded]\n")
        done = run(project, "look")
    finally:
        study.write_text(before)
    assert done.returncode != 0
    (message,) = re.findall(r"^boxloop: admit look: .*(?:\n    .*)*", done.stderr, re.MULTILINE)
    assert "counts the rows and says nothing" in message
    assert f"Log: {LOG}" in done.stdout and "Traceback" not in done.stderr
