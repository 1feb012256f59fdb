"""Snakemake and the scripts of its jobs in the process of the tests, which pays for imports once.

All is as at the prompt, the command line, the profile, the order of jobs, what Snakemake checks
before and after them, and the script that it writes for each; but that script is executed here and
not by a Python of its own. A test of what happens to processes needs the program itself
(`ToyProject.snakemake`).
"""

import contextlib
import io
import os
import runpy
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from snakemake.benchmark import benchmarked
from snakemake.cli import main
from snakemake.executors import local
from snakemake.script import PythonScript
from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

from boxloop.study import code, load
from boxloop.study.syntax import Syntax, read_syntax

#: Rules whose scripts run apart: MLflow keeps the first database that a process has logged to.
APART = {"log_run"}


class _Executor(local.Executor):
    """Snakemake's own local executor, but that a job is done when it was handed over."""

    def run_single_job(self, job: Any) -> "Future[None]":
        done: Future[None] = Future()
        try:
            local.run_wrapper(*self.job_args_and_prepare(job))
            done.set_result(None)
        except Exception as error:
            done.set_exception(error)
        return done


_execute_apart = PythonScript.execute_script


def _execute(script: Any, file: str, edit: bool = False) -> None:
    if script.rulename in APART:
        _execute_apart(script, file, edit)
        return
    record = script.bench_record
    measured = contextlib.nullcontext() if record is None else benchmarked(benchmark_record=record)
    try:
        with measured, _as_it_was():
            runpy.run_path(file, run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise subprocess.CalledProcessError(end.code, script.rulename) from None
    except Exception:
        traceback.print_exc()  # as a Python that ends by it
        raise subprocess.CalledProcessError(1, script.rulename) from None


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    """Put back what a process of its own would have taken with it."""
    path, folder = list(sys.path), Path.cwd()
    try:
        with mock.patch.dict(os.environ):
            yield
    finally:
        sys.path[:] = path
        os.chdir(folder)


def _read_syntax(path: Path, name: str, memory: Path | None = None) -> Syntax:
    """The package does not change while tests run, and a toy's own modules do."""
    read = read_syntax if path.is_relative_to(code.PACKAGE) else read_syntax.__wrapped__
    return read(path, name, memory)


def snakemake_here(
    arguments: list[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run Snakemake in a folder, its jobs one after the other; return what the program would."""
    registry = ExecutorPluginRegistry()
    if not registry.is_installed("here"):
        about = SimpleNamespace(Executor=_Executor, common_settings=local.common_settings)
        registry.register_plugin("here", about)
    load.load_study.cache_clear()  # by relative paths, which another project has too
    said, errors, returned = io.StringIO(), io.StringIO(), 0
    with (
        _as_it_was(),
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch.object(code, "read_syntax", _read_syntax),
        mock.patch.object(PythonScript, "execute_script", _execute),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(errors),
    ):
        os.chdir(folder)
        try:
            main(["--executor", "here", "--scheduler", "greedy", *arguments])
        except SystemExit as end:
            returned = end.code if isinstance(end.code, int) else int(end.code is not None)
    return subprocess.CompletedProcess(arguments, returned, said.getvalue(), errors.getvalue())
