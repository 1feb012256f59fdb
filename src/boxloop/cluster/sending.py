"""Send jobs again while a cluster takes none, and no more than once what it will never take.

The plugin for SLURM (2.8.0) counts a job that sbatch refuses as failed, and Snakemake tries it
again at once: a controller that is away for a minute, or a limit on jobs in the queue, uses up all
attempts in a few seconds, and a partition that does not exist is refused once for each of them.
"""

import re
import sys
import threading
import time
from typing import Any

from boxloop.cluster.queue import QueueError, states

#: Seconds between two tries, and until a controller that does not answer is given up.
AGAIN, LONGEST = 20.0, 3600.0
#: What sbatch says while there is nobody to take jobs.
_AWAY = (
    r"unable to contact|timed out|temporarily un|connection refused|standby mode|"
    r"communication|zero bytes|rate limit"
)
#: A limit on the jobs in the queue, by SLURM's names of them.
_FULL = r"Submit\w*Limit"
#: What has to be corrected in the profile, by a part of what sbatch says; the first fits.
_ADVICE = {
    "partition name": "correct slurm_partition; `sinfo` lists them",
    "account or": "correct slurm_account or slurm_partition",
    "account": "correct slurm_account",
    "qos": "correct slurm-qos, or ask for less",
    "time limit": "lower its runtime, or choose another partition",
    "memory": "lower its mem_mb, or choose another partition",
    "gres": "correct its gpu or gres; `sinfo --format '%P %G'` lists them",
    "node configuration": "lower its mem_mb, gpu or gres, or choose another partition",
    "limit": "ask for less, or send fewer `jobs` at a time",
}
_HEARD = threading.local()
_REFUSED: list[str] = []


def refusals() -> list[str]:
    """Return for each job that was refused for good which it is, why, and what to do."""
    return list(dict.fromkeys(_REFUSED))


def keep_sending(executor: type[Any]) -> None:
    """Let an executor send a job again and again while a cluster takes none.

    What is refused for good fails without another attempt.

    Parameters
    ----------
    executor : type
        Class of the plugin: ``run_job`` sends a job and calls ``_report_job_error_threadsafe``
        where sbatch refuses it; ``cancel_jobs`` is called when the run is interrupted.
    """
    if getattr(executor, "keeps_sending", False):
        return
    send, report, cancel = (
        getattr(executor, name)
        for name in ("run_job", "_report_job_error_threadsafe", "cancel_jobs")
    )

    def hear(self: Any, job_info: Any, msg: str) -> None:
        if getattr(_HEARD, "listens", False):
            _HEARD.refusal = job_info, msg
        else:
            report(self, job_info, msg)

    def run_job(self: Any, job: Any) -> None:
        began = time.monotonic()
        while not _ends(self).is_set():
            _HEARD.listens, _HEARD.refusal = True, None
            try:
                send(self, job)
            finally:
                _HEARD.listens = False
            if _HEARD.refusal is None:
                _tell(self, "")
                return
            job_info, message = _HEARD.refusal
            said = _said(message)
            if not _passes(said, time.monotonic() - began):
                if "sbatch failed" in message and getattr(job, "rule", None):
                    job.rule.restart_times = 0
                _REFUSED.append(_line(job, said))
                report(self, job_info, message)
                return
            _tell(self, said)
            _ends(self).wait(AGAIN)

    def cancel_jobs(self: Any, active_jobs: Any) -> None:
        _ends(self).set()
        cancel(self, active_jobs)

    executor.run_job = run_job
    executor._report_job_error_threadsafe = hear
    executor.cancel_jobs = cancel_jobs
    executor.keeps_sending = True


def _passes(said: str, waited: float) -> bool:
    """Whether a refusal will pass by itself."""
    if re.search(_FULL, said):
        try:
            ahead = [state for state in states().values() if state in ("PENDING", "RUNNING")]
        except QueueError:
            return waited < LONGEST
        return bool(ahead)  # once one of them has ended there is room
    return waited < LONGEST and re.search(_AWAY, said, re.IGNORECASE) is not None


def _said(message: str) -> str:
    """What sbatch said, in one line."""
    found = re.search(r"message was '(.*?)'\.\n", message, re.DOTALL)
    lines = (found.group(1) if found else message).splitlines()
    return ", ".join(line.removeprefix("sbatch: error: ").strip() for line in lines if line.strip())


def _line(job: Any, said: str) -> str:
    wildcards = getattr(job, "wildcards_dict", {})
    name = " ".join([str(getattr(job, "name", job)), *map(str, wildcards.values())])
    advice = next((a for part, a in _ADVICE.items() if part in said.lower()), "")
    return f"{name} was refused by SLURM: {said}" + (f": {advice}" if advice else "")


def _tell(executor: Any, said: str) -> None:
    """Say once that jobs have to wait to be sent, and that they no longer have to."""
    if bool(said) == bool(executor.__dict__.get("_waits_to_send")):
        return
    executor._waits_to_send = said
    text = f"SLURM takes no jobs now ({said}); they are sent as soon as it does"
    print(f"boxloop: {text if said else 'SLURM takes jobs again'}", file=sys.stderr, flush=True)


def _ends(executor: Any) -> threading.Event:
    """Whether the run was interrupted, so that nothing more is to be sent."""
    found: threading.Event = executor.__dict__.setdefault("_ends", threading.Event())
    return found
