"""How `boxloop run` ends: by a failure, by a signal, by a full disk."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from run_command import HANGING, LOG, command, environment, run
from toy_project import REPOSITORY, ToyProject

#: A simulator that waits for word, and says what it sees of the run around it.
WAITING = """\
import os, time
from pathlib import Path
import pandas as pd

def stars(n, *, seed):
    Path("begun").write_text(f"{os.getpid()} {os.environ.get('BOXLOOP_EVENTS')}")
    while not Path("go").exists():
        time.sleep(0.05)
    if Path("go").read_text() == "fail":
        raise KeyError("no such star")
    return pd.DataFrame({"name": [f"s{i}" for i in range(n)], "x": range(n)}), {}
"""
STUDY = """\
schema: 2
task: exploration
question: {what: "What is there?", why: To see how a run ends.}
code: [waiting.py]
samples: {all: {simulator: "waiting:stars", n: 60, provenance: simulated}}
columns: {id: name, features: {x: {}}}
report: {title: Stars, authors: [boxloop tests]}
"""


@pytest.fixture
def project(tmp_path: Path) -> ToyProject:
    """A project whose study waits in its first job."""
    made = ToyProject(tmp_path, "toy_table")
    shutil.copytree(REPOSITORY / "profiles", tmp_path / "profiles")
    (tmp_path / "config/studies/waiting.py").write_text(WAITING)
    (tmp_path / "config/studies/look.yaml").write_text(STUDY)
    return made


def await_(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + HANGING
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.fixture
def waiting(project: ToyProject) -> Iterator[subprocess.Popen[str]]:
    """A run, in a group of processes of its own, whose first job waits."""
    process = subprocess.Popen(
        command("look", "--cores", "2"), cwd=project.folder, env=environment(project),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    begun = project.folder / "begun"
    await_(lambda: begun.is_file() and bool(begun.read_text()), "no job begins")
    yield process
    (project.folder / "go").write_text("fail")
    process.communicate(timeout=HANGING)


def job_of(project: ToyProject) -> int:
    return int((project.folder / "begun").read_text().split()[0])


def locked(project: ToyProject) -> bool:
    return any((project.folder / ".snakemake/locks").glob("*.lock"))


def test_a_function_that_fails_is_shown_with_its_traceback(project: ToyProject) -> None:
    (project.folder / "go").write_text("fail")
    done = run(project, "look")
    assert done.returncode != 0
    assert re.search(r"^look: failed, 0 of \d+ jobs done in", done.stderr, re.MULTILINE)
    assert "boxloop: simulate look all: failed" in done.stderr
    assert 'waiting.py", line' in done.stderr and "KeyError: 'no such star'" in done.stderr
    assert done.stdout.splitlines()[-1] == f"Log: {LOG}" and "Report:" not in done.stdout


def test_no_job_sees_the_pipe_of_the_events(
    project: ToyProject, waiting: subprocess.Popen[str]
) -> None:
    assert (project.folder / "begun").read_text().split()[1] == "None"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end_it_lets_the_jobs_end_that_run(
    number: int, project: ToyProject, waiting: subprocess.Popen[str]
) -> None:
    waiting.send_signal(number)
    log = project.folder / LOG
    await_(lambda: "Will exit after" in log.read_text(), "Snakemake is not told")
    (project.folder / "go").write_text("go")
    _, err = waiting.communicate(timeout=HANGING)
    assert waiting.returncode != 0 and not locked(project)
    assert re.search(r"^look: stopped, 1 of \d+ jobs done .*goes on from there$", err, re.MULTILINE)
    assert (project.folder / "data/raw/simulated/look/all/table.parquet").is_file()
    assert not (project.folder / "results/look/data/table.parquet").exists()


def test_an_interrupt_from_the_terminal_stops_jobs_and_run(
    project: ToyProject, waiting: subprocess.Popen[str]
) -> None:
    job = job_of(project)
    os.killpg(waiting.pid, signal.SIGINT)
    _, err = waiting.communicate(timeout=HANGING)
    assert waiting.returncode != 0 and not locked(project)
    assert "look: stopped, 0 of" in err and "Traceback" not in err
    await_(lambda: not psutil.pid_exists(job), "the job goes on")


def test_a_run_whose_show_was_killed_goes_on_and_is_found(
    project: ToyProject, waiting: subprocess.Popen[str]
) -> None:
    waiting.kill()
    waiting.wait(timeout=HANGING)
    again = run(project, "look")
    assert again.returncode != 0
    assert "boxloop: this folder is held by a run of look by" in again.stderr
    assert "LockException" not in again.stderr
    assert str(LOG) not in again.stdout, "the first run still writes that log"
    (project.folder / "go").write_text("fail")
    await_(lambda: not locked(project), "it does not end")
    assert "KeyError: 'no such star'" in (project.folder / LOG).read_text()


def test_a_study_that_is_misspelt_is_said_before_anything_runs(project: ToyProject) -> None:
    done = run(project, "lok")
    assert done.returncode == 2 and "did you mean 'look'?" in done.stderr
    assert not (project.folder / "logs").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_log_that_fills_its_disk_is_said(project: ToyProject) -> None:
    logs = project.folder / "logs"
    logs.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(logs)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a small disk be mounted")
    try:
        (logs / "filler").write_bytes(bytes(shutil.disk_usage(logs).free))
        (project.folder / "go").write_text("fail")
        done = run(project, "look")
    finally:
        subprocess.run(["umount", str(logs)], check=True)
    assert done.returncode != 0
    assert done.stderr.splitlines()[1].startswith("boxloop: logs: the disk is full; free some")


def test_without_a_place_for_the_log_snakemake_s_is_shown(project: ToyProject) -> None:
    (project.folder / "logs").write_text("a file where the folder would be")
    (project.folder / "go").write_text("fail")
    done = run(project, "look")
    assert done.returncode != 0
    assert "the log is shown here instead" in done.stderr and "Job stats:" in done.stderr
