"""Who holds a folder, what SLURM's logs mean, and what memory a job has."""

import json
import os
import platform
import shutil
import subprocess
import sys
import time

import psutil
import pytest

from boxloop import slurm
from boxloop.cli import main
from boxloop.errors import BoxloopError
from boxloop.fitting.stacked import memory
from boxloop.slurm import folder_lock, queue

HOLD = "import sys, time; from pathlib import Path; from boxloop.slurm import hold\n"
HOLD += "hold(Path(sys.argv[1]), ['toy']); print('holds', flush=True); time.sleep(120)"


@pytest.fixture
def running(tmp_path):
    """Another process that runs the workflow in a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "holds\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_run_that_lives_is_named_and_keeps_the_folder(running, tmp_path, monkeypatch, capsys):
    (holder,) = slurm.holders(tmp_path)
    assert holder.process == running.pid and holder.targets == ["toy"] and holder.here
    assert f"process {running.pid} on {platform.node()}" in str(holder)
    assert slurm.holders(tmp_path, dead=True) == []
    with pytest.raises(BoxloopError, match=f"end it first .*kill -INT {running.pid}."):
        slurm.recover(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["recover", "--check"]) == 2
    assert f"held by a run of toy by {holder.user}" in capsys.readouterr().err


def test_a_run_that_was_killed_holds_nothing(running, tmp_path):
    running.kill()
    end = time.monotonic() + 20
    while slurm.holders(tmp_path) and time.monotonic() < end:
        time.sleep(0.02)  # nobody has waited for it yet: it is a zombie, and dead
    assert slurm.holders(tmp_path) == []
    (dead,) = slurm.holders(tmp_path, dead=True)
    assert dead.process == running.pid
    folder_lock.forget(tmp_path)
    assert slurm.holders(tmp_path, dead=True) == []


def test_a_later_process_of_the_same_number_is_another(tmp_path):
    slurm.hold(tmp_path)
    (path,) = (tmp_path / folder_lock.FOLDER).glob("*.json")
    assert len(slurm.holders(tmp_path)) == 1
    noted = json.loads(path.read_text())
    path.write_text(json.dumps({**noted, "born": noted["born"] + 20}))  # the clock was set right
    assert len(slurm.holders(tmp_path)) == 1
    path.write_text(json.dumps({**noted, "born": 5.0}))
    assert slurm.holders(tmp_path) == []


def test_a_run_on_another_machine_is_not_taken_for_dead(tmp_path):
    slurm.hold(tmp_path)
    (path,) = (tmp_path / folder_lock.FOLDER).glob("*.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "host": "login9"}))
    assert len(slurm.holders(tmp_path)) == 1
    with pytest.raises(BoxloopError, match=r"on login9.*boxloop recover --elsewhere"):
        slurm.recover(tmp_path)


def test_recover_takes_the_lock_of_a_killed_run(tmp_path, monkeypatch, capsys):
    (tmp_path / "Snakefile").write_text("rule a:\n    output: 'b'\n    shell: 'touch {output}'\n")
    locks = tmp_path / ".snakemake/locks"
    locks.mkdir(parents=True)
    (locks / "0.output.lock").write_text("b\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(queue, "there", lambda: False)
    assert main(["recover", "--check"]) == 2
    assert "make recover" in capsys.readouterr().err
    assert main(["recover"]) == 0
    assert "is free" in capsys.readouterr().out
    assert not list(locks.glob("*.lock"))
    assert main(["recover", "--check"]) == 0


def test_a_queue_that_does_not_answer_keeps_the_lock(tmp_path, monkeypatch, capsys):
    def silent(*_: str) -> str:
        raise slurm.QueueError("squeue does not answer")

    locks = tmp_path / ".snakemake/locks"
    locks.mkdir(parents=True)
    (locks / "0.output.lock").write_text("b\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(queue, "there", lambda: True)
    monkeypatch.setattr(queue, "asked", silent)
    assert main(["recover"]) == 2
    said = capsys.readouterr().err
    assert "squeue does not answer" in said and "stays locked" in said
    assert list(locks.glob("*.lock"))


LOGS = {
    "rule_chunk/toy_dense_0/12.log": "    resources: mem_mb=1000, mem_mib=954, runtime=20\n"
    "slurmstepd: error: Step 12.0 exceeded memory limit (1302528 > 1048576), being killed\n"
    "slurmstepd: error: *** STEP 12.0 ON box CANCELLED AT 2026-11-29T07:00:00 ***\n",
    "rule_fit/toy_dense/13.log": "    resources: mem_mb=1000, runtime=20\n"
    "slurmstepd: error: *** JOB 13 ON box CANCELLED AT 2026-11-29T07:00:00 DUE TO TIME LIMIT ***\n",
    "rule_apply/toy/14.log": "slurmstepd: error: *** JOB 14 ON box CANCELLED AT 2026-11-29 ***\n",
    "rule_audit/toy/15.log": "boxloop: audit toy: the table has no column x\nRuleException:\n",
    "rule_audit/other/17.log": "boxloop: fit full (SLURM job 3) was lost: run again\n",
    "rule_fit/full/16.log": "CUDA_ERROR_OUT_OF_MEMORY: out of memory\n",
}


def test_what_the_cluster_ended_is_told_in_a_line_each(tmp_path):
    for name, text in LOGS.items():
        path = tmp_path / "logs/slurm" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    lines = slurm.reasons(tmp_path, since=time.time() - 60)
    assert len(lines) == 4 and not any("\n" in line for line in lines)
    assert "audit toy: the table has no column x" in lines  # the study's own error, as it is
    memory_, limit, cancelled = (next(x for x in lines if f"job {n})" in x) for n in (12, 13, 14))
    assert memory_.startswith("chunk toy_dense_0 (SLURM job 12) took more memory than it asked for")
    assert "1000 MB" in memory_ and "raise mem_mb of chunk in the profile" in memory_
    assert "reached its time limit (20 min)" in limit and "was cancelled" in cancelled
    assert slurm.reasons(tmp_path, since=time.time() + 60) == []


def test_of_several_attempts_the_last_is_told(tmp_path):
    folder = tmp_path / "logs/slurm/rule_fit/toy"
    folder.mkdir(parents=True)
    for number in (8, 9):
        (folder / f"{number}.log").write_text("Exceeded job memory limit")
        os.utime(folder / f"{number}.log", (1000 + number, 1000 + number))
    (line,) = slurm.reasons(tmp_path, since=0)
    assert "SLURM job 9" in line


def test_a_stack_keeps_within_the_memory_that_the_job_asked_for(monkeypatch):
    whole = memory.free_memory()
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "0")  # all of the node
    assert abs(memory.free_memory() - whole) < 0.2 * whole
    held = psutil.Process().memory_info().rss
    monkeypatch.setenv("SLURM_MEM_PER_NODE", str(held // 1024**2 + 1000))
    alone = memory.free_memory()
    assert alone < 1001 * 1024**2
    monkeypatch.setenv("SLURM_JOB_ID", "no other process has this one")
    assert abs(memory.free_memory() - alone) < 20 * 1024**2
    holds = "import time; x = bytearray(200 * 2**20); print('holds', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", holds], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "holds\n"
        assert memory.free_memory() < alone - 150 * 1024**2  # Snakemake, around a script
    finally:
        other.kill()
        other.wait()
        other.stdout.close()


def test_without_a_cluster_nothing_is_asked(tmp_path):
    if shutil.which("squeue"):
        pytest.skip("this machine has SLURM's commands")
    assert slurm.queued(tmp_path) == []


def test_jobs_of_a_cluster_are_not_taken_for_none_where_no_queue_is_seen(tmp_path, monkeypatch):
    slurm.hold(tmp_path, ["toy"], "slurm", sends=True)
    (path,) = (tmp_path / folder_lock.FOLDER).glob("*.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "born": 5.0}))
    (dead,) = slurm.holders(tmp_path, dead=True)
    assert dead.recovery == "make recover STUDY=toy PROFILE=slurm"
    monkeypatch.setattr(queue, "there", lambda: False)
    with pytest.raises(BoxloopError, match="this machine has no squeue"):
        slurm.recover(tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "user": "somebody"}))
    with pytest.raises(BoxloopError, match="which only somebody can see and end"):
        slurm.recover(tmp_path)
