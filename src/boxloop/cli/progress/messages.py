"""What the log of a run says to the user: the messages of boxloop among Snakemake's lines."""

import re
from collections.abc import Iterable
from pathlib import Path
from signal import Signals

from boxloop.cli.progress.state import Job, Progress
from boxloop.messages import FURTHER, MARK

#: Lines of a log that are shown where nothing says why a job, or the run, failed.
LINES = 15
#: Of so many jobs it is shown, of others only where it ends in another way; the log has all.
JOBS = 3
#: Errors of Snakemake that only say that a job failed, which its own log says better.
_OF_JOBS = "At least one job did not complete successfully", "RuleException", "SpawnedJobError"


class Messages:
    """The messages in a log that is being written.

    Parameters
    ----------
    log : Path
    """

    def __init__(self, log: Path) -> None:
        self._stream = log.open("rb")
        self._rest = b""
        self._open: list[str] = []
        self.found: list[str] = []

    def new(self, *, last: bool = False) -> list[str]:
        """Return the messages that have come since the last call.

        Parameters
        ----------
        last : bool
            Nothing more is written.
        """
        *lines, self._rest = (self._rest + (got := self._stream.read())).split(b"\n")
        if last and self._rest:
            lines.append(self._rest)
        found: list[str] = []
        for line in lines:
            text = line.decode("utf-8", errors="replace")
            if self._open and text.startswith(FURTHER):
                self._open.append(text)
                continue
            found += self._close()
            if text.startswith(MARK):
                self._open = [text]
        if last or not got:  # a message is written at once: nothing follows this one
            found += self._close()
        self.found += found
        return found

    def close(self) -> None:
        """Let the log go."""
        self._stream.close()

    def _close(self) -> list[str]:
        text = "\n".join(self._open)
        self._open = []
        return [text] if text else []


def unsaid(progress: Progress, said: Iterable[str], log: Path) -> list[str]:
    """Return why a run failed, as far as no message has said it.

    Parameters
    ----------
    progress : Progress
    said : iterable of str
        The messages of the run.
    log : Path
        Of the whole run.
    """
    known = list(said)
    failed = [job for job in progress.failed.values() if not any(_tells(m, job) for m in known)]
    reasons: dict[str, tuple[str, list[str]]] = {}
    for job in failed:
        why = _why(job)
        _, others = reasons.setdefault(why.splitlines()[-1], (why, []))
        others.append(job.label)
    found = [why for why, _ in list(reasons.values())[:JOBS]]
    more = [label for _, labels in reasons.values() for label in labels[1:]]
    more += [labels[0] for _, labels in list(reasons.values())[JOBS:]]
    if more:
        found.append(f"{MARK}failed, too: {', '.join(more)}")
    errors = [e for e in progress.refused if not any(part in e.text for part in _OF_JOBS)]
    if known:  # who holds the folder, and what to do about it
        errors = [error for error in errors if error.kind != "LockException"]
    texts = [error.text for error in errors]
    if not found and not known and not texts:
        texts = [_end_of(log)]
    return [*found, *dict.fromkeys(text for text in texts if text)]


def _tells(message: str, job: Job) -> bool:
    """Whether a message says why a job failed; of a cluster's jobs it may name several."""
    start = message.removeprefix(MARK)
    return start.startswith(job.label) or ("SLURM" in start and start.startswith(f"{job.rule} "))


def _why(job: Job) -> str:
    """Say which job failed, and how its log ends: with the traceback of what it called."""
    killed = [s for s in re.findall(r"\bSIG[A-Z]+\b", job.reason) if s in Signals.__members__]
    full = "; often the memory was full" if "SIGKILL" in killed else ""
    how = f"was ended by {killed[0]}{full}" if killed else "failed"
    own = next((Path(path) for path in job.log if Path(path).is_file()), None)
    text = _end_of(own) if own else ""
    if killed or not text:
        return f"{MARK}{job.label}: {how}" + (f"; its log: {own}" if own else "")
    return f"{MARK}{job.label}: {how}; the end of its log, {own}:\n{text}"


def _end_of(path: Path) -> str:
    """Return the last lines of a log."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-LINES:])
