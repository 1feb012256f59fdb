"""Who runs a workflow in a folder: Snakemake's own lock does not say.

Each run writes a file when it begins and takes it away when it ends. One that was killed leaves its
file; its process is gone then, and the file counts no more.
"""

import atexit
import getpass
import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from boxloop.messages import tell

#: Where they are, in a project; Snakemake's own folder, which is no result.
FOLDER = ".snakemake/boxloop"
#: A process may seem to have begun so many seconds earlier or later once the clock was set right.
CLOCK = 60.0


@dataclass(frozen=True)
class Holder:
    """A run.

    Attributes
    ----------
    user, host : str
    process : int
        Its number there.
    born : float
        When the process began [s since boot or 1970, as the machine counts], so that another one
        with its number is not taken for it.
    began : float
        When the run began [s since 1970].
    targets : sequence of str
        What it was asked for.
    profile : str
        Name of the profile that it was begun with; empty where that is not known.
    sends : bool
        Whether its jobs are sent to a cluster.
    """

    user: str
    host: str
    process: int
    born: float
    began: float
    targets: Sequence[str]
    profile: str = ""
    sends: bool = False

    @property
    def here(self) -> bool:
        """Whether it runs, or ran, on this machine."""
        return self.host == platform.node()

    @property
    def alive(self) -> bool:
        """Whether it still runs; of another machine that cannot be seen, and it may."""
        if not self.here:
            return True
        born = _born(self.process)
        return born is not None and abs(born - self.born) < CLOCK

    @property
    def mine(self) -> bool:
        """Whether you began it."""
        return self.user == _user()

    @property
    def recovery(self) -> str:
        """The command that ends its jobs, frees the folder and goes on."""
        study = f" STUDY={self.targets[0]}" if len(self.targets) == 1 else ""
        profile = f" PROFILE={self.profile}" if self.profile not in ("", "default") else ""
        return f"make recover{study}{profile}"

    def __str__(self) -> str:
        began = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.began))
        of = f" of {' '.join(self.targets)}" if self.targets else ""
        return f"a run{of} by {self.user}, process {self.process} on {self.host}, since {began}"


def hold(
    project: Path, targets: Sequence[str] = (), profile: str = "", *, sends: bool = False
) -> None:
    """Note that this process runs the workflow in a folder, until it ends.

    Parameters
    ----------
    project : Path
    targets, profile, sends
        As of `Holder`.
    """
    host, process, born = platform.node(), os.getpid(), _born(os.getpid()) or 0.0
    mine = Holder(_user(), host, process, born, time.time(), list(targets), profile, sends)
    path = project / FOLDER / f"{host}-{process}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(mine)), encoding="utf-8")
    except OSError as error:  # a run does not fail for want of its name plate
        tell(f"{path}: {error.strerror}")
        return
    atexit.register(path.unlink, missing_ok=True)


def holders(project: Path, *, dead: bool = False) -> list[Holder]:
    """Return the runs that hold a folder; with `dead` those that were killed instead."""
    return [holder for _, holder in _files(project) if holder.alive != dead]


def forget(project: Path, *, also_elsewhere: bool = False) -> None:
    """Remove what runs that were killed have left; also those of other machines, if asked."""
    for path, holder in _files(project):
        if not holder.alive or (also_elsewhere and not holder.here):
            path.unlink(missing_ok=True)


def _files(project: Path) -> list[tuple[Path, Holder]]:
    found = []
    for path in sorted((project / FOLDER).glob("*.json")):
        try:
            found.append((path, Holder(**json.loads(path.read_text(encoding="utf-8")))))
        except (OSError, ValueError, TypeError):  # being written or taken away
            continue
    return found


def _born(process: int) -> float | None:
    """When a process began; None where there is none, or only its entry until somebody reads it."""
    import psutil

    try:
        found = psutil.Process(process)
        gone = found.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return None if gone else float(found.create_time())
    except psutil.Error:
        return None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name
        return str(os.getuid())
