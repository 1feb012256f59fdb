"""What SLURM's queue and nodes mean."""

import sys

import pytest

from boxloop import slurm
from boxloop.slurm import queue

# As SLURM 22.05 prints them.
QUEUE = """\
7|RUNNING|None|0:12|20:00|1000M|cpu|rule_chunk_wildcards_toy_dense_0|boxloop_5f1|{folder}
8|PENDING|Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority \
partitions|0:00|20:00|1000M|cpu|rule_fit_wildcards_toy_dense|boxloop_5f1|{folder}
9|PENDING|Priority|0:00|20:00|1000M|cpu|rule_apply_wildcards_toy|boxloop_5f1|{folder}
10|RUNNING|None|0:12|20:00|1000M|cpu|rule_fit_wildcards_toy_dense|boxloop_5f1|/elsewhere
11|RUNNING|None|0:12|20:00|1000M|cpu|(null)|mine|{folder}
"""


def test_the_queue_is_that_of_this_folder_and_of_boxloop(tmp_path):
    jobs = queue.parsed(QUEUE.format(folder=tmp_path), tmp_path)
    assert [(j.id, j.label, j.waits) for j in jobs] == [
        ("7", "chunk toy_dense_0", False),
        ("8", "fit toy_dense", True),
        ("9", "apply toy", True),
    ]


def test_what_waits_is_told_with_its_reason_and_what_can_be_done(tmp_path, monkeypatch):
    monkeypatch.setattr(queue, "asked", lambda *_: "node1: broken fan (root)\n")
    lines = slurm.told(queue.parsed(QUEUE.format(folder=tmp_path), tmp_path))
    assert lines[0] == "queue: 1 running, 2 waiting"
    assert "  chunk toy_dense_0: running, 0:12 of 20:00 (job 7)" in lines
    (fit,) = [line for line in lines if "fit toy_dense" in line]
    assert "DRAINED" in fit and fit.endswith(": its nodes are down, drained or reserved")
    assert "    node1: broken fan (root)" in lines
    assert "  apply toy (job 9): waiting, Priority" in lines


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("PartitionTimeLimit", "lower its runtime"),
        ("QOSMaxJobsPerUserLimit", "a limit of yours is reached"),
        ("AssocGrpCpuLimit", "limit of your account"),
        ("AssocMaxWallDurationPerJobLimit", "lower its runtime"),
        ("QOSMaxMemoryPerUser", "a limit of yours is reached"),
        ("AssocGrpCPUMinutesLimit", "time of your account is used up"),
        ("QOSMaxMemoryPerJob", "one job may not have so much"),
        ("JobHeldAdmin", "ask them"),
        ("JobHeldUser", "scontrol release 3"),
        ("Resources", ""),
    ],
)
def test_reasons_that_last_come_with_advice(reason, said):
    job = queue.QueuedJob("3", "PENDING", reason, "0:00", "1:00", "1G", "cpu", "fit toy")
    assert said in job.advice and bool(said) == bool(job.advice)


def test_a_queue_that_does_not_answer_is_said_and_does_no_harm(tmp_path, monkeypatch):
    monkeypatch.setattr(queue, "there", lambda: True)
    ends = [sys.executable, "-c", "import sys; sys.exit('slurm_load_jobs error: timed out')"]
    with pytest.raises(slurm.QueueError, match="slurm_load_jobs error: timed out"):
        queue.asked(*ends)
    with pytest.raises(slurm.QueueError, match="no_such_command does not answer"):
        queue.asked("no_such_command")


@pytest.mark.parametrize(
    ("limit", "minutes"),
    [("1-12:00:00", 2160), ("4:00:00", 240), ("30:00", 30), ("2-00", 2880), ("infinite", 525_600)],
)
def test_time_limits_are_read_as_slurm_writes_them(limit, minutes):
    assert queue.minutes_of(limit) == minutes


def test_commands_of_slurm_without_a_cluster_have_no_jobs(tmp_path, monkeypatch):
    def unconfigured(*_: str) -> str:
        raise slurm.QueueError("squeue: fatal: Could not establish a configuration source")

    monkeypatch.setattr(queue, "there", lambda: True)
    monkeypatch.setattr(queue, "asked", unconfigured)
    assert slurm.queued(tmp_path) == []
    assert slurm.largest() is None


NODES = "cpu*|64000|1:00:00\ncpu*|512000|1:00:00\nlong|64000|4-00:00:00\nbig|2000000|30:00\n"


@pytest.mark.parametrize(
    ("partition", "largest"),
    [
        (None, (2_000_000, 5760)),
        ("", (512_000, 60)),  # the cluster's default
        ("long", (64_000, 5760)),
        ("long,big", (2_000_000, 5760)),
        ("nowhere", (2_000_000, 5760)),  # sbatch will say that it is wrong
    ],
)
def test_the_largest_node_of_the_partition_counts(partition, largest, monkeypatch):
    monkeypatch.setattr(queue, "there", lambda: True)
    # Without --exact, nodes of several sizes are one line.
    monkeypatch.setattr(queue, "asked", lambda *command: NODES if "--exact" in command else "")
    assert slurm.largest(partition) == slurm.Request(*largest)


def test_nodes_that_are_down_are_those_of_the_partition(tmp_path, monkeypatch):
    def sinfo(*command: str) -> str:
        assert command[command.index("--partition") + 1] == "cpu"
        return "".join(f"node{i}: no power (root)\n" for i in range(8))

    monkeypatch.setattr(queue, "asked", sinfo)
    lines = slurm.told(queue.parsed(QUEUE.format(folder=tmp_path), tmp_path))
    assert "    node4: no power (root)" in lines and "    and 3 more" in lines


def test_jobs_of_a_profile_with_another_prefix_are_found_by_their_comment(tmp_path):
    line = "7|RUNNING|None|1:00|2:00|1G|cpu|{}|mine_1|" + str(tmp_path)
    (job,) = queue.parsed(line.format("rule_fit_wildcards_toy_dense"), tmp_path)
    assert job.label == "fit toy_dense"
    assert queue.parsed(line.format("my own job"), tmp_path) == []


@pytest.mark.parametrize("line", ["a*|lots|soon", "a*|1000|1:xx:3", "a*|1000", "", "|||"])
def test_a_line_that_is_none_of_a_partition_is_passed_over(line, monkeypatch):
    monkeypatch.setattr(queue, "there", lambda: True)
    monkeypatch.setattr(queue, "asked", lambda *_: line)
    assert slurm.largest("") is None
    monkeypatch.setattr(queue, "asked", lambda *_: f"{line}\nday*|64000|1:00:00")
    assert slurm.largest("") == slurm.Request(64_000, 60)
