"""A job that SLURM refuses is sent again if that can help, and else once only."""

import threading
import time
from types import SimpleNamespace

import pytest

from boxloop import slurm
from boxloop.slurm import sending

AWAY = "sbatch: error: Batch job submission failed: Unable to contact slurm controller"
LOST = "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"
POLICY = "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"
FULL = f"sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: {POLICY}"
WRONG = "sbatch: error: invalid partition specified: nowhere\nsbatch: error: Batch job submission \
failed: Invalid partition name specified"


def executor(*answers: str):
    """An executor as the plugin's, whose sbatch says so in turn, and takes jobs then."""

    class Executor:
        run_uuid = "boxloop_1"

        def __init__(self) -> None:
            self.sent: list[str] = []
            self.failed: list[str] = []
            self.ended: list[str] = []

        def run_job(self, job) -> None:
            self.sent.append(job.name)
            if len(self.sent) <= len(answers):
                said = answers[len(self.sent) - 1]
                message = f"SLURM sbatch failed. The error message was '{said}'.\n    sbatch call:"
                message = said if said.startswith("Job submission") else message
                self._report_job_error_threadsafe(job, message)

        def _report_job_error_threadsafe(self, job_info, msg) -> None:
            self.failed.append(msg)

        def cancel_jobs(self, active_jobs) -> None:
            self.ended.append("cancelled")

        def shutdown(self) -> None:
            self.ended.append("shut down")

    slurm.keep_sending(Executor)
    slurm.keep_sending(Executor)  # once is enough
    return Executor()


@pytest.fixture
def job():
    return SimpleNamespace(
        name="fit", wildcards=["toy", "dense"], restart_times=2, attempt=1, _attempt=1
    )


@pytest.fixture
def queue(monkeypatch):
    """What squeue says in turn, the last for ever; and what else SLURM was asked."""
    said, commands = [""], []

    def asked(*command: str) -> str:
        if command[0] != "squeue":
            commands.append(command)
            return ""
        assert command[command.index("--name") + 1] == "boxloop_1"
        found = said.pop(0) if len(said) > 1 else said[0]
        if found is None:
            raise slurm.QueueError("no answer")
        return found

    monkeypatch.setattr(sending, "asked", asked)
    return SimpleNamespace(said=said, commands=commands)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(sending, "AGAIN", 0.01)
    monkeypatch.setattr(sending, "_REFUSED", {})


def tried_again(job) -> bool:
    """As Snakemake decides it."""
    return job.restart_times > job._attempt - 1


def test_a_job_is_sent_again_until_the_controller_answers(job, queue, capsys):
    queue.said[:] = [None, "", ""]
    sends = executor(AWAY, AWAY, LOST)
    sends.run_job(job)
    assert sends.sent == ["fit"] * 4 and sends.failed == []
    assert tried_again(job) and slurm.refusals() == []
    said = [line for line in capsys.readouterr().err.splitlines() if line]
    assert said == [
        "boxloop: SLURM takes no jobs now (Batch job submission failed: Unable to contact slurm "
        "controller); they are sent as soon as it does",
        "boxloop: SLURM takes jobs again",
    ]


def test_a_job_that_was_taken_though_no_answer_came_does_not_run_beside_its_twin(job, queue):
    queue.said[:] = ["6|rule_fit_wildcards_toy_other\n7|rule_fit_wildcards_toy_dense\n"]
    sends = executor(LOST)
    sends.run_job(job)
    assert queue.commands == [("scancel", "7")] and len(sends.sent) == 2


def test_a_controller_that_never_answers_is_given_up(job, queue, monkeypatch):
    monkeypatch.setattr(sending, "LONGEST", 0.05)
    sends = executor(*[AWAY] * 10_000)
    sends.run_job(job)
    assert 1 < len(sends.sent) < 10_000 and len(sends.failed) == 1
    assert "Unable to contact slurm controller" in slurm.refusals()[0]
    before = len(sends.sent)
    sends.run_job(job)  # and the next job does not wait as long again
    assert len(sends.sent) == before + 1


def test_a_full_queue_is_waited_for_however_long_and_told_of_once(job, queue, monkeypatch, capsys):
    monkeypatch.setattr(sending, "LONGEST", 0.05)
    sends = executor(*[FULL] * 20, AWAY, FULL)
    sends.run_job(job)
    assert len(sends.sent) == 23 and sends.failed == []
    said = [line for line in capsys.readouterr().err.splitlines() if line]
    assert len(said) == 2 and "QOSMaxSubmitJobPerUserLimit" in said[0]


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (WRONG, "correct slurm_partition"),
        ("Memory specification can not be satisfied", "lower its mem_mb"),
        ("Requested time limit is invalid (missing or exceeds some limit)", "lower its runtime"),
        ("Invalid generic resource (gres) specification", "sinfo --format '%P %G'"),
        ("Invalid qos specification", "correct slurm-qos"),
        ("Invalid account or account/partition combination specified", "slurm_account or slurm_p"),
        ("Requested node configuration is not available", "lower its mem_mb, gpu or set-threads"),
        (f"QOSMaxWallDurationPerJobLimit, {POLICY}", "lower its runtime"),
        (f"AssocMaxMemPerJob, {POLICY}", "lower its mem_mb"),
        (f"QOSMaxCpuPerUserLimit, {POLICY}", "lower its set-threads"),
        (f"Batch job submission failed: {POLICY}", "ask for less"),
        ("CPU count per node can not be satisfied", "lower its set-threads"),
        (
            "Job submission failed with exception: The given account me appears to be invalid.",
            "acc",
        ),
        ("something new", "something new"),
    ],
)
def test_what_is_refused_for_good_is_not_sent_again(answer, advice, job, queue):
    sends = executor(answer)
    sends.run_job(job)
    assert sends.sent == ["fit"] and len(sends.failed) == 1 and not tried_again(job)
    (line,) = slurm.refusals()
    assert line.startswith("fit toy dense: refused by SLURM: ") and advice in line
    assert "\n" not in line and "sbatch: error" not in line


def test_many_jobs_that_are_refused_are_one_line(job, queue):
    sends = executor(WRONG, WRONG, WRONG)
    for _ in range(3):
        sends.run_job(job)
    (line,) = slurm.refusals()
    assert line.startswith("fit toy dense and 2 more: refused by SLURM: ")


@pytest.mark.parametrize("answer", ["", "Job submission failed with exception: KeyError 'x'"])
def test_what_may_have_gone_wrong_here_is_left_to_snakemake(answer, job, queue, monkeypatch):
    sends = executor(answer)
    sends.run_job(job)
    assert len(sends.failed) == 1 and tried_again(job) and slurm.refusals() == []


def test_an_interrupted_run_sends_nothing_more(job, queue):
    sends = executor(*[AWAY] * 10_000)
    waits = threading.Thread(target=sends.run_job, args=(job,))
    waits.start()
    while not sends.sent:
        time.sleep(0.001)
    sends.cancel_jobs([])
    waits.join(timeout=20)
    assert not waits.is_alive() and sends.ended == ["cancelled"] and sends.failed == []
    before = len(sends.sent)
    sends.run_job(job)
    assert len(sends.sent) == before


def test_a_run_that_ends_sends_nothing_more(job, queue):
    sends = executor()
    sends.shutdown()
    sends.run_job(job)
    assert sends.sent == [] and sends.ended == ["shut down"]
