"""The executor `warm` in real runs of Snakemake: what it uses of it holds, and nothing is left."""

import inspect
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from snakemake.benchmark import benchmarked
from snakemake.executors.local import Executor as LocalExecutor
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.script import PythonScript
from toy_project import REPOSITORY, SNAKEMAKE, ToyProject

from snakemake_executor_plugin_warm import Executor

#: Seconds after which something hangs.
HANGS = 300.0
SNAKEFILE = """
rule all:
    input: [f"out/{n}.txt" for n in range(4)]
rule one:
    output: "out/{n}.txt"
    benchmark: "out/{n}.tsv"
    threads: 1
    params: does=config.get("does", "")
    resources: tmpdir="scratch"
    script: "one.py"
"""
SCRIPT = """
import os, sys, time
from pathlib import Path
import numpy
time.sleep(0.7)
parent = Path(f"/proc/{os.getppid()}/cmdline").read_bytes()
warm = b"boxloop.warm.server" in parent
does = snakemake.params.does
if snakemake.wildcards.n == "1" and does == "fail":
    raise ValueError("no good")
if snakemake.wildcards.n == "1" and does == "kill the server" and warm:
    os.kill(os.getppid(), 9)
    time.sleep(1000)
Path("warm.txt").open("a").write(f"{warm}\\n")
found = [os.environ[n] for n in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TMPDIR")]
Path(snakemake.output[0]).write_text(f"{found} {__file__} {snakemake.threads} {numpy.arange(3)}")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "one.py").write_text(SCRIPT)
    return tmp_path


def snakemake(folder: Path, executor: str, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SNAKEMAKE, "--cores", "2", "--executor", executor, *more],
        cwd=folder, capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip


def outputs(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in sorted((folder / "out").glob("*.txt"))}


def said(output: str) -> list[str]:
    """What a run says of a script that failed, but for the name of the temporary file."""
    text = re.sub(r"tmp\w+\.one\.py", "tmp.one.py", output).replace("set -euo pipefail;  ", "")
    return re.findall(
        r"^Traceback.*?^ValueError.*?$|^RuleException:.*?status 1\.$", text, re.M | re.S
    )


def test_this_is_the_pinned_version_and_has_what_the_executor_uses() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text()
    assert f"\nsnakemake=={version('snakemake')} " in lock
    assert list(inspect.signature(PythonScript.execute_script).parameters) == [
        "self", "fname", "edit",
    ]  # fmt: skip
    fields = set(inspect.signature(PythonScript.__init__).parameters)
    assert fields >= {"threads", "resources", "bench_record", "conda_env", "container_img"}
    assert list(inspect.signature(benchmarked).parameters)[:2] == ["pid", "benchmark_record"]
    assert issubclass(Executor, LocalExecutor)
    assert callable(JobScheduler.exit_gracefully)


def test_sigterm_is_heeded_while_the_main_thread_holds_snakemake_s_lock() -> None:
    """Its own handler waits for ever then; a run that was told to end once did."""
    lock, heard = threading.Lock(), threading.Event()

    def exit_gracefully() -> None:
        with lock:
            heard.set()

    executor = Executor.__new__(Executor)
    executor.workflow = SimpleNamespace(scheduler=SimpleNamespace(exit_gracefully=exit_gracefully))
    with lock:
        executor._told_to_end(signal.SIGTERM, None)
        assert not heard.is_set()
    assert heard.wait(HANGS)


def test_scripts_are_forked_and_do_what_they_do_when_they_are_started(folder: Path) -> None:
    warm = snakemake(folder, "warm")
    assert warm.returncode == 0, warm.stderr
    assert (folder / "warm.txt").read_text().split() == ["True"] * 4
    forked = outputs(folder)
    for n in range(4):
        header, row = (folder / f"out/{n}.tsv").read_text().splitlines()
        record = dict(zip(header.split("\t"), row.split("\t"), strict=True))
        assert float(record["s"]) >= 0.7 and float(record["max_rss"]) > 10
    cold = snakemake(folder, "local", "--forceall")
    assert cold.returncode == 0, cold.stderr
    assert (folder / "warm.txt").read_text().split() == ["True"] * 4 + ["False"] * 4
    assert outputs(folder) == forked


def test_a_failing_script_says_what_it_says_when_it_is_started(folder: Path) -> None:
    warm, cold = (
        snakemake(
            folder, name, "--config", "does=fail", "--forceall", "--keep-going", "--cores", "1"
        )
        for name in ("warm", "local")
    )  # one after the other: what several write at once may stand in each other
    assert warm.returncode == cold.returncode == 1
    assert len(said(warm.stderr)) == 2
    assert said(warm.stderr) == said(cold.stderr)


def test_a_job_fails_with_its_server_and_those_after_it_are_started_with_one_line_about_it(
    folder: Path,
) -> None:
    done = snakemake(folder, "warm", "--keep-going", "--config", "does=kill the server")
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("Jobs are started one by one") == 1
    assert (folder / "warm.txt").read_text().split()[-1] == "False"
    assert "1.txt" not in outputs(folder), "what it has started may still write: not run again"
    again = snakemake(folder, "warm")
    assert again.returncode == 0, again.stderr
    assert len(outputs(folder)) == 4


def test_elsewhere_than_on_linux_there_is_no_server(monkeypatch, caplog) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    there, heeded = PythonScript.execute_script, signal.getsignal(signal.SIGTERM)
    executor = Executor.__new__(Executor)
    executor._server, executor._serves, executor._cold = None, False, None
    with caplog.at_level("INFO"):
        executor._begin()
    try:
        assert executor._server is None
        assert not executor._executed(None, "script.py")
    finally:
        executor._end()
        signal.signal(signal.SIGTERM, heeded)
    assert PythonScript.execute_script is there


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_is_left_however_a_run_ends(number: int, folder: Path) -> None:
    long = SCRIPT.replace("time.sleep(0.7)", "open('begun', 'a').close(); time.sleep(1000)")
    if number == signal.SIGTERM:  # Snakemake waits for its jobs then
        long = long.replace("1000", "3")
    (folder / "one.py").write_text(long)
    run = subprocess.Popen(
        [SNAKEMAKE, "--cores", "2", "--executor", "warm"], cwd=folder, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + HANGS
    while not (folder / "begun").exists():
        assert run.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    below = psutil.Process(run.pid).children(recursive=True)
    assert len(below) >= 2
    if number == signal.SIGINT:  # as from a terminal: to all of them
        os.killpg(run.pid, number)
    else:
        run.send_signal(number)
    run.wait(HANGS)
    _, left = psutil.wait_procs(below, timeout=HANGS)
    assert not left


@pytest.mark.long
def test_a_run_that_is_killed_twenty_times_ends_with_the_same_bytes(tmp_path: Path) -> None:
    whole = ToyProject(tmp_path / "whole", "toy_table")
    whole.run("toy_table")
    torn = ToyProject(tmp_path / "torn", "toy_table")
    kills, chance = 0, random.Random(20)
    while True:
        run = subprocess.Popen(
            torn.command("toy_table"), cwd=torn.folder, env=torn.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            code = run.wait(chance.uniform(2.0, 6.0) if kills < 20 else HANGS)
        except subprocess.TimeoutExpired:
            below = psutil.Process(run.pid).children(recursive=True)
            run.kill()
            run.wait()
            _, left = psutil.wait_procs(below, timeout=HANGS)
            assert not left
            kills += 1
            torn.snakemake("--unlock")
            continue
        assert code == 0
        if kills >= 20:
            break
        torn.run("--forcerun", "simulate", "--until", "simulate", "--", "toy_table")
    for name in ("evaluate/metrics.json", "evaluate/predictions.parquet", "search/selected.json"):
        file = f"results/toy_table/{name}"
        assert (torn.folder / file).read_bytes() == (whole.folder / file).read_bytes(), name
