"""The server: imports what most scripts share, and forks a process for each.

Started by `boxloop.warm.Server` as ``python -P -m boxloop.warm.server NUMBER [MODULE ...]``, with
the number of the socket on which it is asked. A request brings a socket of its own, which says what
to run and is told the number of the process and how it ended. The server ends when the socket on
which it is asked is closed, as it is when the process that asks has ended, however that ended.
"""

import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Never

from boxloop.warm.script import resemble, run_script

#: What nearly all scripts import: no script starts before these are there.
FIRST: tuple[str, ...] = (
    "snakemake.iocontainers",
    "snakemake.logging",
    "threadpoolctl",
    "pandas",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "boxloop.job",
    "boxloop.store",
    "scipy.stats",
)
#: What many import, the most common first; the first scripts do not wait for these. None of both
#: may leave a thread behind (with the environment of `boxloop.warm.client.ONE_THREAD`), and
#: TensorFlow is for scripts that train.
LATER: tuple[str, ...] = (
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.neighbors",
    "skops.io",
    "boxloop.study.model",
    "boxloop.metrics",
    "boxloop.fitting",
    "jinja2",
    "psutil",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_pdf",
)
#: Seconds that scripts get to keep their state after SIGTERM, once nobody waits for them.
GRACE = 10.0
#: Numbers of Linux's prctl.
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class _Server:
    def __init__(self, control: socket.socket, imports: Sequence[str]) -> None:
        self.control = control
        self.imports = list(imports)
        self.running: dict[int, socket.socket] = {}
        self.ended, self.wakes = os.pipe()
        os.set_blocking(self.wakes, False)
        signal.set_wakeup_fd(self.wakes, warn_on_full_buffer=False)
        # Ctrl-C and the like are for the scripts; the server lives as long as somebody asks.
        self.signals = {
            number: signal.signal(number, signal.SIG_IGN)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        self.signals[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Fork for each request; import while nothing is asked for."""
        while True:
            wait = 0 if self.imports else None
            asking: list[socket.socket | int] = [self.control, self.ended]
            ready, _, _ = select.select(asking, [], [], wait)
            if self.ended in ready:
                os.read(self.ended, 4096)
                self.tell_ended()
            if self.control in ready:
                connection = _asked(self.control)
                if connection is None:
                    return
                self.start(connection)
            elif self.imports:
                _import(self.imports.pop(0))

    def start(self, connection: socket.socket) -> None:
        """Fork a process for a script and tell its number, or why there is none."""
        with connection.makefile("rb") as stream:
            line = stream.readline()
        threads = sum(1 for _ in Path("/proc/self/task").iterdir())
        if threads > 1:
            _tell(connection, why=f"it has {threads} threads, and none but its own may be copied")
            return connection.close()
        gc.freeze()  # what is there is never collected: the pages stay shared
        server = os.getpid()
        try:
            process = os.fork()
        except OSError as error:
            _tell(connection, why=f"no process can be started: {error.strerror}")
            return connection.close()
        if not process:
            for other in (self.control, connection, *self.running.values()):
                other.close()
            self.become(json.loads(line), server)
        self.running[process] = connection
        _tell(connection, process=process)
        return None

    def become(self, script: dict[str, Any], server: int) -> Never:
        """Be a process that runs one script, and end with it."""
        code = 1
        try:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() == server:
                signal.set_wakeup_fd(-1)
                os.close(self.ended)
                os.close(self.wakes)
                for number, handler in self.signals.items():
                    signal.signal(number, handler)
                resemble(script)
                code = run_script(script["path"])
        finally:
            os._exit(code)

    def tell_ended(self) -> None:
        """Tell of each process that has ended; of others' children that came here nobody asks."""
        with suppress(ChildProcessError):
            while True:
                process, status = os.waitpid(-1, os.WNOHANG)
                if not process:
                    return
                connection = self.running.pop(process, None)
                if connection is not None:
                    _tell(connection, status=os.waitstatus_to_exitcode(status))
                    connection.close()

    def end_all(self) -> None:
        """End all processes below this one: told to first, so that trainings keep their state."""
        import psutil

        for number in (signal.SIGTERM, signal.SIGKILL):
            patience = time.monotonic() + GRACE
            told: set[int] = set()
            while below := psutil.Process().children(recursive=True):
                for process in below:
                    if process.pid not in told:
                        told.add(process.pid)
                        with suppress(psutil.Error):
                            process.send_signal(number)
                if time.monotonic() > patience:
                    break
                time.sleep(0.02)
                self.tell_ended()


def _import(name: str) -> None:
    """Import a module; what is wrong with one is for the scripts to meet that need it."""
    with suppress(Exception, SystemExit):
        importlib.import_module(name)


def _asked(control: socket.socket) -> socket.socket | None:
    """Return the socket of the next request; None where nobody will ask any more."""
    try:
        data, numbers, _, _ = socket.recv_fds(control, 1, 1)
    except OSError:
        return None
    return socket.socket(fileno=numbers[0]) if data and numbers else None


def _tell(connection: socket.socket, **answer: int | str) -> None:
    with suppress(OSError):  # nobody listens any more
        connection.sendall(json.dumps(answer).encode() + b"\n")


def main(number: int, later: Sequence[str] = (), first: Sequence[str] = ()) -> None:
    """Serve until the other side of a socket is closed, then end what still runs."""
    # What a script leaves behind when it ends comes to the server, which ends it at last.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    server = _Server(socket.socket(fileno=number), later)
    for name in first:
        _import(name)
    server.serve()
    server.end_all()


if __name__ == "__main__":
    asked = sys.argv[2:]
    main(int(sys.argv[1]), *((asked,) if asked else (LATER, FIRST)))
