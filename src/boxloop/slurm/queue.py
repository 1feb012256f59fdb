"""The jobs that a project has in the queue of SLURM, and why those that wait do."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from boxloop.errors import BoxloopError
from boxloop.slurm.requests import Request

#: Start of the names of all jobs, as profiles/slurm/config.yaml has it; where a site's own profile
#: gives them another name, the comment tells.
PREFIX = "boxloop"
#: Seconds that a command of SLURM may take.
PATIENCE = 20.0
#: Minutes of a time limit that there is none of: a year.
ENDLESS = 365 * 1440
#: What SLURM's commands say where they are installed, and belong to no cluster.
_NO_CLUSTER = "Could not establish a configuration source"
#: Number, state, reason, time used, time limit, memory, partition, comment, name, folder.
_FIELDS = "%i|%T|%r|%M|%l|%m|%P|%k|%j|%Z"
#: What waits for ever unless somebody does something, by a part of SLURM's reason; the first fits.
_ADVICE = {
    "Minutes": "the time of your account is used up, or would be: ask for more, or take another",
    "PerUser": "a limit of yours is reached: wait, or lower `jobs`",
    "MaxWall": "it asks for more time than your account may: lower its runtime",
    "PerJob": "one job may not have so much: lower its mem_mb, or ask for fewer GPUs",
    "QOSMin": "it asks for less than this quality of service is for: choose another",
    "QOSNotAllowed": "the quality of service is not yours to use: correct slurm-qos",
    "JobHeldAdmin": "an administrator holds it: ask them",
    "PartitionTimeLimit": "it asks for more time than the partition allows: lower its runtime",
    "MaxMem": "it asks for more memory than your account may: lower its mem_mb",
    "PartitionNodeLimit": "it asks for more than the partition has: choose another",
    "PartitionDown": "the partition is down: wait, or choose another",
    "PartitionInactive": "the partition is closed: wait, or choose another",
    "BadConstraints": "no node has what it asks for: see its partition, gpu and mem_mb",
    "InvalidAccount": "the account is not valid: correct slurm_account",
    "InvalidQOS": "the quality of service is not valid: correct slurm-qos",
    "JobHeld": "it is held: scontrol release {id}",
    "launch failed": "it could not start and is held: scontrol release {id}",
    "DependencyNeverSatisfied": "what it waits for has failed: scancel {id}",
    "Nodes required": "its nodes are down, drained or reserved",
    "ReqNodeNotAvail": "its nodes are down, drained or reserved",
    "QOS": "a limit of your quality of service is reached: wait, or lower `jobs`",
    "Assoc": "a limit of your account is reached: wait, or lower `jobs`",
}


class QueueError(BoxloopError):
    """The queue cannot be asked now; the message says what its command said."""


@dataclass(frozen=True)
class QueuedJob:
    """A job in the queue.

    Attributes
    ----------
    id, state, reason : str
        As squeue gives them.
    used, limit : str
        Wall times.
    memory, partition : str
    label : str
        Rule and wildcards.
    """

    id: str
    state: str
    reason: str
    used: str
    limit: str
    memory: str
    partition: str
    label: str

    @property
    def waits(self) -> bool:
        """Whether it has not begun."""
        return self.state in ("PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT")

    @property
    def advice(self) -> str:
        """What can be done where it waits for more than its turn; else nothing."""
        fit = (a for part, a in _ADVICE.items() if part.lower() in self.reason.lower())
        return next(fit, "").format(id=self.id)


def there() -> bool:
    """Whether this machine knows a SLURM cluster."""
    return shutil.which("squeue") is not None


def queued(project: Path, *, sent: bool = False) -> list[QueuedJob]:
    """Return your jobs of a project that wait or run.

    Parameters
    ----------
    project : Path
    sent : bool
        Jobs were sent to a cluster: that this machine knows none does not mean that there are none.

    Raises
    ------
    QueueError
        The controller does not answer.
    """
    if not there():
        if sent:
            raise QueueError("this machine has no squeue")
        return []
    try:
        return parsed(asked("squeue", "--me", "--noheader", "--format", _FIELDS), project)
    except QueueError as error:
        if _NO_CLUSTER in str(error) and not sent:
            return []
        raise


def states() -> dict[str, str]:
    """Return the state of all your jobs by number, also of those that ended a short while ago.

    Raises
    ------
    QueueError
        The controller does not answer.
    """
    lines = asked("squeue", "--me", "--states=all", "--noheader", "--format", "%i|%T").splitlines()
    pairs = (line.strip().partition("|") for line in lines)
    return {job: state for job, _, state in pairs}


def parsed(text: str, project: Path) -> list[QueuedJob]:
    """Return the jobs of a project that squeue lists."""
    folder, found = project.resolve(), []
    for line in text.splitlines():
        values = line.split("|", 9)
        if len(values) < 10 or not (values[8].startswith(PREFIX) or values[7].startswith("rule_")):
            continue
        if Path(values[9].strip()).resolve() == folder:
            job, state, reason, used, limit, memory, partition, comment, _, _ = values
            about = (used, limit, memory, partition, _label(comment))
            found.append(QueuedJob(job, state, reason, *about))
    return found


def largest(partition: str | None = None) -> Request | None:
    """Return the memory of the largest node and the longest time limit; None without a cluster.

    Parameters
    ----------
    partition : str, optional
        Of these partitions, separated by commas; "" is the cluster's default. Without, or where
        there are no such partitions, of all.
    """
    if not there():
        return None
    try:
        # --exact: else nodes of several sizes are one line, with the least of their memories.
        lines = asked("sinfo", "--exact", "--noheader", "--format", "%P|%m|%l").splitlines()
    except QueueError:
        return None
    rows = [row for line in lines if (row := _partition(line))]
    names = (partition or "").split(",")
    some = [r for r in rows if (r[0].rstrip("*") in names if partition else r[0].endswith("*"))]
    rows = rows if partition is None else some or rows
    if not rows:
        return None
    return Request(max(memory for _, memory, _ in rows), max(limit for _, _, limit in rows))


def _partition(line: str) -> tuple[str, int, int] | None:
    """Read a line of sinfo: name, memory [MB] and time limit [min]; None where it is none."""
    parts = line.strip().split("|")
    if len(parts) != 3:
        return None
    try:
        return parts[0], int(parts[1].rstrip("+")), minutes_of(parts[2])
    except ValueError:
        return None


def minutes_of(limit: str) -> int:
    """Return a time as SLURM writes it, ``days-hours:minutes:seconds`` or less, in minutes."""
    if not limit[:1].isdigit():  # infinite, or not set
        return ENDLESS
    days, _, clock = limit.rpartition("-")
    parts = [int(part) for part in clock.split(":")]
    if days:
        parts += [0] * (3 - len(parts))
    hours, minutes, _ = [0] * (3 - len(parts)) + parts
    return int(days or 0) * 1440 + hours * 60 + minutes


def told(jobs: Sequence[QueuedJob]) -> list[str]:
    """Say in lines how many jobs run, and for each reason which wait, and what can be done."""
    running = [job for job in jobs if not job.waits]
    by_reason: dict[str, list[QueuedJob]] = {}
    for job in jobs:
        if job.waits:
            by_reason.setdefault(job.reason, []).append(job)
    lines = [f"queue: {len(running)} running, {len(jobs) - len(running)} waiting"]
    lines += [
        f"  {j.label}: {j.state.lower()}, {j.used} of {j.limit} (job {j.id})" for j in running
    ]
    for reason, some in by_reason.items():
        names = ", ".join(f"{job.label} (job {job.id})" for job in some[:3])
        more = f" and {len(some) - 3} more" if len(some) > 3 else ""
        advice = f": {some[0].advice}" if some[0].advice else ""
        lines.append(f"  {names}{more}: waiting, {reason}{advice}")
        if "nodes are down" in advice:
            lines += [f"    {line}" for line in _nodes(some[0].partition)]
    return lines


def asked(*command: str) -> str:
    """Return what a command of SLURM prints.

    Raises
    ------
    QueueError
    """
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise QueueError(f"{command[0]} does not answer: {error}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise QueueError(said[-1] if said else f"{command[0]} ended with {done.returncode}")
    return done.stdout


def _nodes(partition: str) -> list[str]:
    """Say which nodes of a partition do not work and why, by those who took them out."""
    what = ("--list-reasons", "--noheader", "--format", "%N: %E (%H)")
    try:
        lines = asked("sinfo", "--partition", partition, *what).splitlines()
    except QueueError:
        return []
    more = [f"and {len(lines) - 5} more"] if len(lines) > 5 else []
    return [line.strip() for line in lines[:5]] + more


def _label(comment: str) -> str:
    """Return rule and wildcards from the comment that Snakemake gives a job."""
    rule, _, wildcards = comment.removeprefix("rule_").partition("_wildcards_")
    return f"{rule} {wildcards}".strip()
