"""Snakemake's executor ``warm``: the local one, with scripts forked from a warm process.

Jobs on this machine pay their common imports once a run (`boxloop.warm`). Where there is no such
process, because the system is not Linux or it has ended, each script is started as by ``local``.

All that is used of Snakemake's inside stands in this file: the local executor, what
`PythonScript.execute_script` does with ``threads``, ``resources`` and ``bench_record``, and
`JobScheduler.exit_gracefully`.
tests/workflow/test_warm.py holds it against the version that requirements.lock pins.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext

from snakemake.benchmark import benchmarked
from snakemake.executors.local import Executor as LocalExecutor
from snakemake.executors.local import common_settings
from snakemake.logging import logger
from snakemake.script import PythonScript
from snakemake_interface_executor_plugins.jobs import JobExecutorInterface

from boxloop.warm import Script, Server, ServerGoneError

__all__ = ["Executor", "common_settings"]

#: As Snakemake's `shell` sets them for each job.
_THREADS = ("OMP", "GOTO", "OPENBLAS", "MKL", "NUMEXPR")


class Executor(LocalExecutor):
    """The local executor, whose Python scripts are started by a server while there is one."""

    def __post_init__(self) -> None:
        """Start nothing yet: there may be nothing to do."""
        super().__post_init__()
        self._server: Server | None = None
        self._serves = False
        self._cold: Callable[..., None] | None = None

    def run_job(self, job: JobExecutorInterface) -> None:
        """Run a job; the first one starts the server."""
        if self._cold is None:
            self._begin()
        super().run_job(job)

    def shutdown(self) -> None:
        """End when the last job has ended."""
        super().shutdown()
        self._end()

    def cancel(self) -> None:
        """End once the jobs have ended that run."""
        super().cancel()
        self._end()

    def _begin(self) -> None:
        self._cold = PythonScript.execute_script
        if sys.platform == "linux":
            self._server, self._serves = Server(), True
        else:
            logger.info("Jobs are started one by one: forking from a warm process needs Linux.")
        PythonScript.execute_script = self._instead()
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._told_to_end)

    def _told_to_end(self, *_: object) -> None:
        """Heed SIGTERM as Snakemake does, which would take a lock that the same thread may hold."""
        threading.Thread(target=self.workflow.scheduler.exit_gracefully, daemon=True).start()

    def _instead(self) -> Callable[..., None]:
        def execute_script(script: PythonScript, name: str, edit: bool = False) -> None:
            if not self._executed(script, name):
                assert self._cold is not None
                self._cold(script, name, edit)

        return execute_script

    def _executed(self, script: PythonScript, name: str) -> bool:
        """Run a script that lies in a file, preamble and all; return whether there was a server."""
        if self._server is None or not self._serves:
            return False
        if script.conda_env or script.container_img or script.env_modules:
            return False
        try:
            started = self._server.start(_described(script, name))
        except ServerGoneError as gone:
            self._gone(gone)
            return False
        record = script.bench_record
        try:
            with nullcontext() if record is None else benchmarked(started.process, record):
                code = started.wait()
        except ServerGoneError as gone:
            # What the job had started may still be writing: it has failed, as one that was killed.
            self._gone(gone)
            code = -signal.SIGKILL
        if code:
            raise subprocess.CalledProcessError(code, f"{sys.executable} {name}")
        return True

    def _gone(self, why: ServerGoneError) -> None:
        told, self._serves = not self._serves, False
        if not told:
            logger.warning(f"Jobs are started one by one, without a warm process: {why}.")

    def _end(self) -> None:
        if self._cold is not None:
            PythonScript.execute_script, self._cold = self._cold, None
        if self._server is not None:
            self._server.close()
            self._server = None


def _described(script: PythonScript, name: str) -> Script:
    """Return what a script's process is like: as `snakemake.shell.shell` would start it."""
    environment = {**os.environ, **{f"{n}_NUM_THREADS": str(script.threads) for n in _THREADS}}
    environment["VECLIB_MAXIMUM_THREADS"] = str(script.threads)
    if folder := script.resources.get("tmpdir"):
        environment |= dict.fromkeys(("TMPDIR", "TMP", "TEMPDIR", "TEMP"), str(folder))
    return Script.here(name, environment, script.threads)
