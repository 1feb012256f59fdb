"""``boxloop run``: start Snakemake, show how far it is, and say at the end what came of it."""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

from boxloop.messages import MARK

#: A target of the workflow that is no study: all that config/config.yaml lists.
ALL = "studies"
#: Folder of the logs, in a project.
LOGS = "logs"


def add_parser(commands: Any) -> None:
    """Add the command to those of the command line."""
    parser = commands.add_parser(
        "run",
        help="run a study and write its report",
        usage="boxloop run [STUDY] [--cores N] [--profile NAME] [--verbose] [OPTIONS OF SNAKEMAKE]",
        description="Run a study with Snakemake and show in one line how far it is: the stage, the "
        "jobs, the trials and the best score of the search, and about when it ends. Snakemake's "
        "own log goes into a file of logs/, which is named at the end. Where the output is no "
        "terminal, each stage gets a line when it has ended. STUDY is a name, or `studies`: all "
        "that config/config.yaml lists; without one it is the study named there. All other "
        "options go to Snakemake.",
        allow_abbrev=False,
    )
    parser.add_argument("--cores", metavar="N", help="cores for all jobs together (default: all)")
    parser.add_argument(
        "--profile", default="default", metavar="NAME", help="a folder of profiles/, as slurm"
    )
    parser.add_argument("--verbose", action="store_true", help="show Snakemake's log instead")


def run(options: argparse.Namespace, further: Sequence[str]) -> int:
    """Run a study; return Snakemake's exit code.

    Parameters
    ----------
    options : Namespace
    further : sequence of str
        The other arguments: the study, where the first is no option, and what Snakemake gets.

    Raises
    ------
    BoxloopError
        There is no such study.
    """
    from boxloop.cli.progress.outcome import report_of
    from boxloop.cli.progress.screen import Screen

    project = Path()
    more = [argument for argument in further if argument != "--"]
    named = more.pop(0) if more and not more[0].startswith("-") else None
    target = _target(project, named)
    command = _command(options, more, target)
    screen = Screen(sys.stdout, sys.stderr)
    log = None if options.verbose else _open_log(target, screen)
    with _Signals() as signals:
        if log is None:
            code, ran = signals.heed(subprocess.Popen(command, env=_environment())).wait(), True
            for line in _held(project) if code else []:
                screen.say(line, error=True)
        else:
            code, ran, worked = _watched(command, target, log, screen, signals)
            _settle(log, worked=worked)
    for study in _studies(project, target) if ran and not code else []:
        if line := report_of(project, study):
            screen.say(line)
    if log and ran:
        screen.say(f"Log: {log.name}")
    return 128 - code if code < 0 else code


def _target(project: Path, named: str | None) -> str:
    from boxloop.cli.project_study import default_file, named_file

    if named == ALL:
        return ALL
    return (default_file(project) if named is None else named_file(project, named)).stem


def _studies(project: Path, target: str) -> list[str]:
    """Return the studies that a target stands for."""
    from boxloop.study.yaml_lines import read_yaml

    if target != ALL:
        return [target]
    content, _ = read_yaml(project / "config/config.yaml")
    return list((content or {}).get("studies") or [])


def _command(options: argparse.Namespace, more: Sequence[str], target: str) -> list[str]:
    # -P: a module in the project's folder must not stand for one of Python's.
    command = [sys.executable, "-P", "-m", "snakemake"]
    if not options.verbose:
        command += ["--logger", "boxloop"]
    profile = options.profile if "/" in options.profile else f"profiles/{options.profile}"
    command += ["--workflow-profile", profile]
    command += ["--cores", options.cores] if options.cores else []
    return [*command, *more, "--", target]


def _environment() -> dict[str, str]:
    """Return the environment of the run: programs of this one first, and no telemetry."""
    own = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    return {**quiet, **os.environ, "PATH": own}


def _open_log(target: str, screen: Any) -> BinaryIO | None:
    """Open the log of a run; one that another run still writes is left to it."""
    path = Path(LOGS, f"run-{target}.log")
    try:
        path.parent.mkdir(exist_ok=True)
        log = path.open("ab")
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.close()
            log = path.with_stem(f"{path.stem}-{os.getpid()}").open("ab")
        else:
            if log.tell():  # of an earlier run: kept until this one has done something
                path.replace(_earlier(path))
                log.close()
                log = path.open("ab")
                fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        screen.say(f"{MARK}{path}: {error.strerror}; the log is shown here instead", error=True)
        return None
    return log


def _earlier(path: Path) -> Path:
    return path.with_name(f".{path.name}.earlier")


def _settle(log: BinaryIO, *, worked: bool) -> None:
    """Keep the log of the last run that did something, or tried to; a question leaves no log."""
    path = Path(log.name)
    log.close()
    with suppress(OSError):
        earlier = _earlier(path)
        if worked:
            earlier.unlink(missing_ok=True)
        elif earlier.is_file():
            earlier.replace(path)


def _watched(
    command: Sequence[str], target: str, log: BinaryIO, screen: Any, signals: "_Signals"
) -> tuple[int, bool, bool]:
    """Run Snakemake with its output in a log, and show how far it is.

    Returns
    -------
    code : int
        Of its exit.
    ran : bool
        Whether it was there to run jobs: not where it was asked what it would run.
    worked : bool
        Whether a job ended, or something failed.
    """
    reader, writer = os.pipe()
    from boxloop.events import VARIABLE

    child = subprocess.Popen(
        command,
        env={**_environment(), VARIABLE: str(writer)},
        pass_fds=[writer],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    os.close(writer)
    signals.heed(child)
    # Snakemake is starting meanwhile.
    from boxloop.cli.progress import outcome
    from boxloop.cli.progress.messages import unsaid
    from boxloop.cli.progress.watch import Watch

    path = Path(log.name)
    watch = Watch(screen, Path(), path, lambda: signals.said)
    watch.follow(child, reader)
    code, now = child.wait(), time.monotonic()
    if not code:
        screen.say(outcome.succeeded(watch.progress, target, now, path))
        worked = watch.progress.done > 0
        return code, watch.progress.nothing or worked, worked
    asked = bool(signals.said)
    screen.say(outcome.stopped(watch.progress, target, now, asked=asked), error=True)
    held = _held(Path())
    said = [*watch.messages.found, *held]
    for text in [*([] if asked else unsaid(watch.progress, said, path)), *held]:
        screen.say(text, error=True)
    if full := outcome.refused_by_disk(path):
        screen.say(MARK + full, error=True)
    return code, True, True


def _held(project: Path) -> list[str]:
    """Say who holds the folder, or how it is freed, where that kept the run from it."""
    from boxloop.cli.held import held

    return [MARK + line for line in held(project)]


class _Signals:
    """What is done about signals while Snakemake runs.

    Ctrl-C reaches Snakemake by itself, for it is of the same process group; it stops its jobs. When
    told to end, or when the terminal is gone, Snakemake lets the jobs end that run.
    """

    def __init__(self) -> None:
        self.said = ""
        self._child: subprocess.Popen[bytes] | None = None
        self._told = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "_Signals":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:  # as by nohup: it stays so
                self._before[number] = before
                signal.signal(number, self._heard)
        if signal.SIGHUP in self._before:
            # Snakemake, and its jobs, do not die of it, but are told to end.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        return self

    def __exit__(self, *error: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def heed(self, child: "subprocess.Popen[bytes]") -> "subprocess.Popen[bytes]":
        """Pass signals on to a process from now on."""
        self._child = child
        if signal.SIGHUP in self._before:
            signal.signal(signal.SIGHUP, self._heard)
        if self._told:
            child.terminate()
        return child

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            self.said = "stopping"
            return
        self.said = self.said or "ending after the jobs that run"
        self._told = True
        if self._child:
            with suppress(OSError):
                self._child.terminate()
