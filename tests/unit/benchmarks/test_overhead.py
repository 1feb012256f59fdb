"""What benchmarks/overhead.py measures: memory of all processes, orphans included, in turn."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))

import clones
import overhead

MAKEFILE = """\
setup:
\t@mkdir -p .venv/bin
\t@printf '#!/bin/sh\\n' > .venv/bin/snakemake; chmod +x .venv/bin/snakemake
run:
\t@test -e done && echo again >> ran || { touch done; echo first >> ran; }
"""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """Neither look at the machine for long nor wait for what is left."""
    monkeypatch.setattr(overhead, "BEFORE", 0.01)
    monkeypatch.setattr(overhead, "GRACE", 0.1)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository of two commits, whose runs note in a file of their own what they were."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "Makefile").write_text(MAKEFILE)
    (folder / ".gitignore").write_text(".venv\nran\ndone\n")
    clones.git(folder, "init", "--quiet")
    about = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
    for message in ("first", "second"):
        (folder / "message").write_text(message)
        clones.git(folder, "add", "-A")
        clones.git(folder, *about, "commit", "--quiet", "-m", message)
    monkeypatch.setattr(clones, "REPOSITORY", folder)
    monkeypatch.setattr(overhead, "RESULTS", folder / "results/overhead.json")
    return folder


def test_both_commits_run_in_turn_from_nothing_and_again(repository, monkeypatch, capsys):
    ran = []
    real = overhead.watched

    def noted(command, folder):
        found = real(command, folder)
        if command == overhead.RUN:
            ran.append((folder.name, (folder / "ran").read_text().split()))
        return found

    monkeypatch.setattr(overhead, "watched", noted)
    monkeypatch.setattr(overhead, "AGAIN", 1)
    monkeypatch.setattr(overhead, "adopt_orphans", lambda: None)
    monkeypatch.setattr(sys, "argv", ["overhead.py", "HEAD~1", "--repeats", "2"])
    overhead.main()
    turns = [("here", ["first"]), ("before", ["first"])]
    assert ran == [*turns, *turns, ("here", ["first", "again"]), ("before", ["first", "again"])]
    content = json.loads(overhead.RESULTS.read_text())
    assert content["commit"] != content["before"]["commit"]
    assert set(content["rows"]) >= {"demo", "second_run", "dry_run_of_all_studies"}
    demo = content["rows"]["demo"]
    assert demo["least"] <= demo["seconds"] <= demo["most"] and len(demo["runs"]) == 2
    assert set(content["before"]["ratio"]) == {"demo", "second_run"}
    assert "of the seconds before" in capsys.readouterr().out


def test_memory_is_that_of_all_processes_together():
    holds = "x = b'1' * 60_000_000; print('ready', flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    known = {process.pid for process in psutil.Process().children(recursive=True)}
    started = [subprocess.Popen([sys.executable, "-c", holds], **pipes) for _ in range(2)]
    try:
        for process in started:
            assert process.stdout.readline() == b"ready\n"
        found = overhead.below(psutil.Process(), known)
        assert {process.pid for process in found} == {process.pid for process in started}
        assert 120e6 < overhead.memory(found) < 300e6
        assert overhead.memory(found[:1]) < 150e6
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert overhead.memory(found) == 0 and overhead.names(found) == ()


def test_a_process_whose_parent_has_ended_is_counted_as_left_behind():
    # In a process of its own, which becomes the parent of orphans.
    code = f"""
import sys; sys.path.insert(0, {str(Path(overhead.__file__).parent)!r})
import overhead
from pathlib import Path
overhead.BEFORE = overhead.GRACE = 0.1
overhead.adopt_orphans()
sleeps = "import time; time.sleep(600)"
leaves = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {{sleeps!r}}])"
print(len(overhead.watched([sys.executable, "-c", leaves], Path()).left))
for process in overhead.psutil.Process().children():
    process.kill()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.stdout.strip() == "1", done.stderr


def test_a_command_that_fails_ends_with_what_it_said(tmp_path):
    command = [sys.executable, "-c", "import sys; sys.exit('it went wrong')"]
    with pytest.raises(SystemExit, match="it went wrong"):
        overhead.watched(command, tmp_path)
