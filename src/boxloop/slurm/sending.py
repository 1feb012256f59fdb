"""Send jobs again while a cluster takes none, and no more than once what it will never take.

The plugin for SLURM (2.8.0) counts a job that sbatch refuses as failed, and Snakemake tries it
again at once: a controller that is away for a minute, or a limit on jobs in the queue, uses up all
attempts in a few seconds, and a partition that does not exist is refused once for each of them.
"""

import re
import threading
import time
from contextlib import suppress
from typing import Any

from boxloop.messages import tell
from boxloop.slurm.queue import QueueError, asked

#: Seconds between two tries, and until a controller that does not answer is given up.
AGAIN, LONGEST = 20.0, 3600.0
#: What sbatch says while there is nobody to take jobs, in small letters.
_AWAY = (
    "unable to contact|unable to resolve|configuration source|timed out|temporarily un|"
    "standby mode|connection (refused|reset)|no route to host|communication|zero bytes|rate limit|"
    "unexpected message|presently disabled|authentication error|munge"
)
#: A limit on the jobs in the queue, by SLURM's names of them: it passes when some have ended.
_FULL = r"submit\w*limit"
#: What has to be corrected in the profile, by a part of what sbatch says; the first fits.
_ADVICE = {
    "partition name": "correct slurm_partition; `sinfo` lists them",
    "permitted to use this partition": "correct slurm_partition, or ask for access",
    "invalid account or": "correct slurm_account or slurm_partition",
    "invalid account": "correct slurm_account",
    "appears to be invalid": "correct slurm_account",
    "invalid qos": "correct slurm-qos",
    "wall": "lower its runtime",
    "time limit is invalid": "lower its runtime, or choose another partition",
    "cpu": "lower its set-threads",
    "processors": "lower its set-threads",
    "gres": "correct its gpu or gres; `sinfo --format '%P %G'` lists them",
    "mem": "lower its mem_mb, or choose another partition",
    "configuration": "lower its mem_mb, gpu or set-threads, or choose another partition",
    "policy": "ask for less: mem_mb, runtime, gpu",
}
_HEARD = threading.local()
_REFUSED: dict[str, list[str]] = {}


def refusals() -> list[str]:
    """Return a line for each thing that was refused for good: which jobs, why, and what to do."""
    lines = []
    for said, names in _REFUSED.items():
        advice = next((a for part, a in _ADVICE.items() if part in said.lower()), "")
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        about = f": {advice}" if advice else ""
        lines.append(f"{names[0]}{more}: refused by SLURM: {said}{about}")
    return lines


def keep_sending(executor: type[Any]) -> None:
    """Let an executor send a job again and again while a cluster takes none.

    What is refused for good fails without another attempt.

    Parameters
    ----------
    executor : type
        Class of the plugin: ``run_job`` sends a job and calls ``_report_job_error_threadsafe``
        where sbatch refuses it; ``cancel_jobs`` is called when the run is interrupted, ``shutdown``
        at its end.
    """
    if getattr(executor, "keeps_sending", False):
        return
    names = ("run_job", "_report_job_error_threadsafe", "cancel_jobs", "shutdown")
    send, report, cancel, shutdown = (getattr(executor, name) for name in names)

    def hear(self: Any, job_info: Any, msg: str) -> None:
        if getattr(_HEARD, "listens", False):
            _HEARD.refusal = job_info, msg
        else:
            report(self, job_info, msg)

    def run_job(self: Any, job: Any) -> None:
        spell = _spell(self)
        while not spell.ends.is_set():
            _HEARD.listens, _HEARD.refusal = True, None
            try:
                send(self, job)
            finally:
                _HEARD.listens = False
            if _HEARD.refusal is None:
                spell.sent()
                return
            if not _passes(spell, job, *_HEARD.refusal):
                report(self, *_HEARD.refusal)
                return
            # An answer that was lost may have been that of a job that was taken.
            while not spell.ends.wait(AGAIN) and not _cleared(self, job):
                pass

    def cancel_jobs(self: Any, active_jobs: Any) -> None:
        _spell(self).ends.set()
        cancel(self, active_jobs)

    def shut_down(self: Any) -> None:
        _spell(self).ends.set()
        shutdown(self)

    executor.run_job = run_job
    executor._report_job_error_threadsafe = hear
    executor.cancel_jobs = cancel_jobs
    executor.shutdown = shut_down
    executor.keeps_sending = True


class Spell:
    """Whether a cluster takes jobs now, as all threads of an executor know it.

    Attributes
    ----------
    ends : Event
        The run ends, so that nothing more is to be sent.
    """

    def __init__(self) -> None:
        self.ends = threading.Event()
        self._lock = threading.Lock()
        self._away: float | None = None
        self._full = False

    def sent(self) -> None:
        """Take note that a job was taken."""
        with self._lock:
            if self._away is not None:
                _say("SLURM takes jobs again")
            self._away = None

    def away(self, said: str) -> bool:
        """Take note that nobody answers; return whether to wait on."""
        now = time.monotonic()
        with self._lock:
            if self._away is None:
                _say(f"SLURM takes no jobs now ({said}); they are sent as soon as it does")
                self._away = now
            return now - self._away < LONGEST

    def full(self, said: str) -> None:
        """Take note that no more jobs may be in the queue."""
        with self._lock:
            self._away = None
            if not self._full:
                _say(f"SLURM takes no more jobs at a time ({said}); the others wait their turn")
            self._full = True


def last_attempt(job: Any) -> None:
    """Let Snakemake not try a job again once it has failed."""
    job._attempt = max(job.attempt, job.restart_times + 1)


def _passes(spell: Spell, job: Any, job_info: Any, message: str) -> bool:
    """Whether a refusal will pass by itself; note it down if it never will."""
    said = _said(message)
    if re.search(_FULL, said.lower()):
        spell.full(said)
        return True
    if re.search(_AWAY, said.lower()) and spell.away(said):
        return True
    if not said and spell.ends.wait(1):  # the signal that ends the run has ended sbatch first
        return True
    if said and ("sbatch failed" in message or "appears to be invalid" in message):
        last_attempt(job)
        name = " ".join([job.name, *map(str, getattr(job, "wildcards", ()))])
        _REFUSED.setdefault(said, []).append(name)
    return False


def _said(message: str) -> str:
    """What sbatch said, in one line."""
    found = re.search(r"message was '(.*?)'\.\n", message, re.DOTALL)
    lines = (found.group(1) if found else message).splitlines()
    return ", ".join(line.removeprefix("sbatch: error: ").strip() for line in lines if line.strip())


def _cleared(executor: Any, job: Any) -> bool:
    """Cancel what the queue holds of a job; return whether it answered, so that it can be sent."""
    about = "_".join(map(str, getattr(job, "wildcards", ()) or ()))
    comment = f"rule_{job.name}" + (f"_wildcards_{about}" if about else "")
    try:
        lines = asked("squeue", "--me", "--name", executor.run_uuid, "-h", "-o", "%i|%k")
        pairs = [line.strip().partition("|") for line in lines.splitlines()]
        if twins := [number for number, _, of in pairs if of == comment]:
            asked("scancel", *twins)
    except QueueError:
        return False
    return True


def _say(text: str) -> None:
    with suppress(OSError, ValueError):  # nobody may be listening any more
        tell(text)


def _spell(executor: Any) -> Spell:
    found: Spell = executor.__dict__.setdefault("_spell", Spell())
    return found
