"""What every script does around its one call: log, say errors plainly, be killed cleanly."""

import errno
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boxloop import ending
from boxloop.errors import BoxloopError

_AGAIN = "nothing was half-written: what is finished is kept, and the next run goes on from there"
#: What the machine may refuse, and what to do about it.
_EXPECTED = {
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
    permission or an order to end (`boxloop.ending`); any other error keeps its traceback, in the
    log file too.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    log = logging.getLogger("boxloop")
    log.setLevel(logging.DEBUG)
    label = " ".join([snakemake.rule, *(str(v) for v in snakemake.wildcards)])
    file = logging.FileHandler(snakemake.log[0], mode="w", encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(logging.INFO)
    screen.setFormatter(logging.Formatter(f"  {label}: %(message)s"))
    log.handlers = [file, screen]
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").handlers = [file]
    if "SLURM_STEP_ID" in os.environ and snakemake.resources.get("mem_mb"):
        # What launches the step takes it away; boxloop.fitting.stacked.memory heeds it.
        os.environ.setdefault("SLURM_MEM_PER_NODE", str(snakemake.resources.mem_mb))
    ending.listen()
    try:
        yield log
    except ending.ToldToEnd:
        log.warning("told to end by a time limit, scancel or preemption; %s", _AGAIN)
        raise
    except BoxloopError as error:
        file.handle(log.makeRecord("boxloop", logging.ERROR, "", 0, str(error), (), None))
        _say(label, str(error), files=isinstance(error.__context__, OSError))
        sys.exit(1)
    except OSError as error:
        why = _EXPECTED.get(error.errno or 0)
        file.handle(log.makeRecord("boxloop", 40, "", 0, "failed", (), sys.exc_info()))
        if why is None:
            raise
        place = f" {error.filename}" if error.filename else ""
        _say(label + (f":{place}" if place else ""), why, files=True)
        sys.exit(1)
    except BaseException:
        file.handle(log.makeRecord("boxloop", 40, "", 0, "failed", (), sys.exc_info()))
        raise


def _say(label: str, what: str, *, files: bool) -> None:
    """Say why the job failed and, where a cluster's node may be to blame, which one it ran on."""
    node = os.environ.get("SLURMD_NODENAME", "")
    where = f" (on {node})" if files and node else ""
    print(f"boxloop: {label}: {what}{where}", file=sys.stderr, flush=True)
