"""Ask the server for a process that runs a script, and wait for its end."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TypedDict

#: Set for the server alone, which must have one thread when it forks: the libraries it imports
#: start further ones unless told otherwise. Each script gets the environment of its own.
ONE_THREAD: dict[str, str] = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
#: Seconds that the server gets to end, scripts that still run included.
ENDING = 30.0


class _Answer(TypedDict, total=False):
    """What the server answers: the process that it began, or why none; how a script ended."""

    process: int
    why: str
    status: int


class ServerGoneError(Exception):
    """The server has ended, or does not fork; what it was to run has to be run otherwise."""


@dataclass(frozen=True)
class Script:
    """A script, and what its process is to be like.

    Attributes
    ----------
    path : str
        The Python file.
    folder : str
        Working directory.
    environment : mapping
        All environment variables.
    threads : int
        Threads of the libraries that compute in parallel.
    limits : mapping
        Soft and hard limit by number of the resource, as `resource.getrlimit` gives them.
    """

    path: str
    folder: str
    environment: Mapping[str, str]
    threads: int = 1
    limits: Mapping[int, tuple[int, int]] | None = None

    @classmethod
    def here(cls, path: str, environment: Mapping[str, str], threads: int) -> "Script":
        """Return a script whose process is like a child of this one."""
        names = [n for n in dir(resource) if n.startswith("RLIMIT_")]
        limits = {
            number: resource.getrlimit(number) for number in {getattr(resource, n) for n in names}
        }
        return cls(path, str(Path.cwd()), environment, threads, limits)


class Started:
    """A script that runs.

    Attributes
    ----------
    process : int
        Number of its process.
    """

    def __init__(self, answers: IO[bytes], process: int) -> None:
        self.process = process
        self._answers = answers

    def wait(self) -> int:
        """Wait for the end.

        Returns
        -------
        int
            The exit code or, negative, the signal that ended the process.

        Raises
        ------
        ServerGoneError
            The server ended first; the script's process is gone by then, too.
        """
        with self._answers:
            answer = _read(self._answers)
        if "status" not in answer:
            _await_end(self.process)
            raise ServerGoneError("it ended while a job ran")
        return int(answer["status"])


class Server:
    """The process that scripts are forked from; it ends with this one, however that ends.

    Parameters
    ----------
    imports : sequence of str, optional
        Modules to import instead of those that `boxloop.warm.server` names.
    """

    def __init__(self, imports: Sequence[str] | None = None) -> None:
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        with theirs:
            number = theirs.fileno()
            self.process = subprocess.Popen(
                # Without the working directory among the places that modules are looked for.
                [sys.executable, "-P", "-m", "boxloop.warm.server", str(number), *(imports or ())],
                pass_fds=[number],
                env={**os.environ, **ONE_THREAD},
            )

    def start(self, script: Script) -> Started:
        """Start a script.

        Raises
        ------
        ServerGoneError
        """
        ours, theirs = socket.socketpair()
        with ours, theirs:
            answers = ours.makefile("rb")  # one for all that comes: it reads ahead
            try:
                with self._lock:
                    socket.send_fds(self._control, [b"s"], [theirs.fileno()])
                theirs.close()  # or the end of the server would not be seen
                ours.sendall(json.dumps(asdict(script)).encode() + b"\n")
            except OSError:
                answer: _Answer = {}
            else:
                answer = _read(answers)
        if "process" not in answer:
            answers.close()
            raise ServerGoneError(answer.get("why") or self._how_it_ended())
        return Started(answers, answer["process"])

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server, and with it every script that still runs."""
        self._control.close()
        try:
            self.process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _how_it_ended(self) -> str:
        try:
            code = self.process.wait(1)
        except subprocess.TimeoutExpired:
            return "it does not answer"
        return f"it ended by {signal.Signals(-code).name}" if code < 0 else f"it ended with {code}"


def _read(answers: IO[bytes]) -> _Answer:
    """Read an answer; an empty one where the other side is gone."""
    with suppress(OSError):
        line = answers.readline()
        if line.endswith(b"\n"):
            answer: _Answer = json.loads(line)
            return answer
    return {}


def _await_end(process: int) -> None:
    """Wait until a process is gone that is no child of this one; after a while, kill it."""
    import psutil

    patience = time.monotonic() + ENDING
    with suppress(psutil.Error):
        there = psutil.Process(process)
        while there.is_running() and there.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > patience:
                there.kill()
            time.sleep(0.02)
