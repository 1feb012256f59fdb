"""What every script does around its one call: log, say errors plainly, be killed cleanly."""

import errno
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boxloop import signals
from boxloop.errors import BoxloopError
from boxloop.messages import tell

_AGAIN = "nothing was half-written: what is finished is kept, and the next run goes on from there"
#: What the machine may refuse, and what to do about it.
REFUSALS = {
    errno.ENOSPC: f"the disk is full; free some space and run again; {_AGAIN}",
    errno.EDQUOT: f"your quota of the disk is used up; free some space and run again; {_AGAIN}",
    errno.EACCES: f"no permission; make the file or folder accessible and run again; {_AGAIN}",
    errno.EPERM: f"no permission; make the file or folder accessible and run again; {_AGAIN}",
    errno.EROFS: f"the disk is read-only; make it writable and run again; {_AGAIN}",
}


@contextmanager
def job(snakemake: Any) -> Iterator[logging.Logger]:
    """Run the body of a script; log to the rule's log file and show progress on stderr.

    A `BoxloopError` ends the job with its message alone, and so does a full disk, a missing
    permission or an order to end (`boxloop.signals`); any other error keeps its traceback, in the
    log file too. Afterwards the process logs and heeds signals as it did before.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    label = " ".join([snakemake.rule, *(str(v) for v in snakemake.wildcards)])
    logging_to = _logging_to(snakemake.log[0], label)
    with logging_to as (log, file), _memory_of(snakemake), signals.listening():
        try:
            yield log
        except signals.ToldToEnd:
            log.warning("told to end by a time limit, scancel or preemption; %s", _AGAIN)
            raise
        except BoxloopError as error:
            file.handle(log.makeRecord("boxloop", logging.ERROR, "", 0, str(error), (), None))
            _say(label, str(error), files=isinstance(error.__context__, OSError))
            sys.exit(1)
        except OSError as error:
            why = REFUSALS.get(error.errno or 0)
            file.handle(log.makeRecord("boxloop", 40, "", 0, "failed", (), sys.exc_info()))
            if why is None:
                raise
            place = f" {error.filename}" if error.filename else ""
            _say(label + (f":{place}" if place else ""), why, files=True)
            sys.exit(1)
        except BaseException:
            file.handle(log.makeRecord("boxloop", 40, "", 0, "failed", (), sys.exc_info()))
            raise


@contextmanager
def _logging_to(path: str, label: str) -> Iterator[tuple[logging.Logger, logging.Handler]]:
    """Log to a file and show progress on stderr within the block; warnings go to the file."""
    log, warned = logging.getLogger("boxloop"), logging.getLogger("py.warnings")
    before = log.level, log.handlers, warned.handlers, warnings.showwarning
    file = logging.FileHandler(path, mode="w", encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(logging.INFO)
    screen.setFormatter(logging.Formatter(f"  {label}: %(message)s"))
    log.setLevel(logging.DEBUG)
    log.handlers, warned.handlers = [file, screen], [file]
    logging.captureWarnings(True)
    try:
        yield log, file
    finally:
        if warnings.showwarning is not before[3]:  # it was this block that began to capture them
            logging.captureWarnings(False)
        log.setLevel(before[0])
        log.handlers, warned.handlers = before[1:3]
        file.close()


@contextmanager
def _memory_of(snakemake: Any) -> Iterator[None]:
    """Say in the environment what memory a step of SLURM may take; its launcher takes that away.

    boxloop.fitting.stacked.memory heeds it.
    """
    mine = "SLURM_STEP_ID" in os.environ and "SLURM_MEM_PER_NODE" not in os.environ
    if mine and snakemake.resources.get("mem_mb"):
        os.environ["SLURM_MEM_PER_NODE"] = str(snakemake.resources.mem_mb)
    try:
        yield
    finally:
        if mine:
            os.environ.pop("SLURM_MEM_PER_NODE", None)


def _say(label: str, what: str, *, files: bool) -> None:
    """Say why the job failed and, where a cluster's node may be to blame, which one it ran on."""
    node = os.environ.get("SLURMD_NODENAME", "")
    where = f" (on {node})" if files and node else ""
    tell(f"{label}: {what}{where}")
