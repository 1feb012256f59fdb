"""After a run was killed: end the jobs that it left, and free the folder."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from boxloop.errors import BoxloopError
from boxloop.slurm.folder_lock import forget, holders
from boxloop.slurm.queue import QueuedJob, QueueError, asked, queued

#: Seconds that cancelled jobs get to be gone; SLURM's KillWait is 30 by default.
PATIENCE = 180.0


def recover(project: Path, *, elsewhere: bool = False, say: Callable[[str], None] = print) -> None:
    """Cancel the jobs that a killed run has left in the queue, and take its lock away.

    Parameters
    ----------
    project : Path
    elsewhere : bool
        Runs of other machines, which cannot be seen from here, are dead too.
    say : callable
        Is told what is done.

    Raises
    ------
    BoxloopError
        A run still lives, or its jobs do not end.
    """
    for holder in holders(project):
        if holder.here:
            raise BoxloopError(
                f"{project} is held by {holder}: it lives; end it first (Ctrl-C where it runs, or "
                f"kill -INT {holder.process})"
            )
        if not elsewhere:
            raise BoxloopError(
                f"{project} is held by {holder}: whether it lives cannot be seen from here; look "
                f"there, and if it is gone: boxloop recover --elsewhere"
            )
    ended = holders(project, dead=True) + (holders(project) if elsewhere else [])
    for holder in ended:
        if holder.sends and not holder.mine:
            raise BoxloopError(
                f"{holder} may have left jobs, which only {holder.user} can see and end; ask for "
                "boxloop recover"
            )
    left = _left(project, sent=any(holder.sends for holder in ended))
    if left:
        say(f"cancelling {len(left)} jobs that were left: {', '.join(j.label for j in left)}")
        asked("scancel", *(job.id for job in left))
        _await_end(project, left)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--unlock"],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BoxloopError(f"snakemake --unlock failed:\n{done.stderr.strip()}")
    forget(project, also_elsewhere=elsewhere)
    say(f"{project} is free; what is finished is kept")


def _left(project: Path, *, sent: bool) -> list[QueuedJob]:
    try:
        return queued(project, sent=sent)
    except QueueError as error:
        raise BoxloopError(
            f"whether jobs are left cannot be seen ({error}), and the folder stays locked; try "
            "again later or, if no cluster was used here: snakemake --unlock"
        ) from None


def _await_end(project: Path, left: list[QueuedJob]) -> None:
    """Wait until jobs are gone: two that write one output must not meet."""
    end = time.monotonic() + PATIENCE
    while (still := queued(project)) and time.monotonic() < end:
        time.sleep(1)
    if still:
        raise BoxloopError(
            f"{len(still)} of {len(left)} cancelled jobs still end: "
            f"{', '.join(f'{j.label} (job {j.id}, {j.state})' for j in still)}; wait for them "
            f"(squeue --me) and try again"
        )
