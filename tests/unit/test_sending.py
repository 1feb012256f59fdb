"""A job that SLURM refuses is sent again if that can help, and else once only."""

import threading
import time
from types import SimpleNamespace

import pytest

from boxloop import cluster
from boxloop.cluster import sending

AWAY = "sbatch: error: Batch job submission failed: Unable to contact slurm controller"
FULL = (
    "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: Job \
violates accounting/QOS policy (job submit limit, user's size and/or time limits)"
)
WRONG = "sbatch: error: invalid partition specified: nowhere\nsbatch: error: Batch job submission \
failed: Invalid partition name specified"


def executor(*answers: str):
    """An executor as the plugin's, whose sbatch says so in turn, and takes jobs then."""

    class Executor:
        def __init__(self) -> None:
            self.sent: list[str] = []
            self.failed: list[str] = []
            self.cancelled = False

        def run_job(self, job) -> None:
            self.sent.append(job.name)
            if len(self.sent) <= len(answers):
                said = answers[len(self.sent) - 1]
                message = f"SLURM sbatch failed. The error message was '{said}'.\n    sbatch call:"
                self._report_job_error_threadsafe(job, message)

        def _report_job_error_threadsafe(self, job_info, msg) -> None:
            self.failed.append(msg)

        def cancel_jobs(self, active_jobs) -> None:
            self.cancelled = True

    cluster.keep_sending(Executor)
    cluster.keep_sending(Executor)  # once is enough
    return Executor()


@pytest.fixture
def job():
    return SimpleNamespace(
        name="fit", wildcards_dict={"study": "toy"}, rule=SimpleNamespace(restart_times=2)
    )


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(sending, "AGAIN", 0.01)
    monkeypatch.setattr(sending, "_REFUSED", [])


def test_a_job_is_sent_again_until_the_controller_answers(job, capsys):
    sends = executor(AWAY, AWAY, "sbatch: error: Socket timed out on send/recv operation")
    sends.run_job(job)
    assert sends.sent == ["fit"] * 4 and sends.failed == []
    assert job.rule.restart_times == 2 and cluster.refusals() == []
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "boxloop: SLURM takes no jobs now (Batch job submission failed: Unable to contact slurm "
        "controller); they are sent as soon as it does",
        "boxloop: SLURM takes jobs again",
    ]


def test_a_controller_that_never_answers_is_given_up(job, monkeypatch):
    monkeypatch.setattr(sending, "LONGEST", 0.05)
    sends = executor(*[AWAY] * 10_000)
    sends.run_job(job)
    assert 1 < len(sends.sent) < 10_000 and len(sends.failed) == 1
    assert "Unable to contact slurm controller" in cluster.refusals()[0]


def test_a_full_queue_is_waited_for_while_jobs_of_ours_are_in_it(job, monkeypatch):
    monkeypatch.setattr(sending, "states", lambda: {"1": "COMPLETED", "2": "RUNNING"})
    sends = executor(FULL, FULL)
    sends.run_job(job)
    assert len(sends.sent) == 3 and sends.failed == []
    monkeypatch.setattr(sending, "states", lambda: {"1": "COMPLETED"})
    sends = executor(FULL)
    sends.run_job(job)
    assert len(sends.sent) == 1 and len(sends.failed) == 1


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (WRONG, "correct slurm_partition"),
        ("sbatch: error: Memory specification can not be satisfied", "lower its mem_mb"),
        (
            "sbatch: error: Requested time limit is invalid (missing or exceeds some limit)",
            "runtim",
        ),
        ("sbatch: error: Invalid generic resource (gres) specification", "sinfo --format '%P %G'"),
        ("sbatch: error: Invalid qos specification", "correct slurm-qos"),
        (
            "sbatch: error: Invalid account or account/partition combination specified",
            "_account or",
        ),
        ("sbatch: error: Requested node configuration is not available", "lower its mem_mb, gpu"),
        ("sbatch: error: something new", "something new"),
    ],
)
def test_what_is_refused_for_good_is_not_sent_again(answer, advice, job):
    sends = executor(answer)
    sends.run_job(job)
    assert sends.sent == ["fit"] and len(sends.failed) == 1 and job.rule.restart_times == 0
    (line,) = cluster.refusals()
    assert line.startswith("fit toy was refused by SLURM: ") and advice in line
    assert "\n" not in line and "sbatch: error" not in line


def test_an_interrupted_run_sends_nothing_more(job):
    sends = executor(*[AWAY] * 10_000)
    waits = threading.Thread(target=sends.run_job, args=(job,))
    waits.start()
    while not sends.sent:
        time.sleep(0.001)
    sends.cancel_jobs([])
    waits.join(timeout=20)
    assert not waits.is_alive() and sends.cancelled and sends.failed == []
    before = len(sends.sent)
    sends.run_job(job)
    assert len(sends.sent) == before
