"""Run a script in a process that was forked, as if Python had been started for it."""

import atexit
import builtins
import importlib
import os
import random
import resource
import sys
import tempfile
import threading
import time
import types
from contextlib import suppress
from pathlib import Path
from typing import Any


def resemble(script: dict[str, Any]) -> None:
    """Make this process what one that was started for a script would be.

    Parameters
    ----------
    script : dict
        The fields of `boxloop.warm.Script`.
    """
    os.chdir(script["folder"])
    os.environ.clear()
    os.environ.update(script["environment"])
    for number, limits in (script["limits"] or {}).items():
        if resource.getrlimit(int(number)) != tuple(limits):
            with suppress(ValueError, OSError):  # as a child could not have more either
                resource.setrlimit(int(number), tuple(limits))
    time.tzset()
    tempfile.tempdir = None
    importlib.invalidate_caches()
    random.seed()
    if "numpy" in sys.modules:
        from threadpoolctl import threadpool_limits

        sys.modules["numpy"].random.seed()
        # Libraries that are loaded have read the environment of the server.
        threadpool_limits(limits=script["threads"])


def run_script(path: str) -> int:
    """Run a Python file as the program of this process; return its exit code.

    What it printed is written, and what it registered for its end has run.
    """
    program = types.ModuleType("__main__")
    program.__dict__.update(__file__=path, __builtins__=builtins)
    sys.modules["__main__"] = program
    sys.argv = [path]
    sys.path.insert(0, str(Path(path).resolve().parent))
    code = 0
    try:
        exec(compile(Path(path).read_bytes(), path, "exec", dont_inherit=True), program.__dict__)
    except SystemExit as end:
        code = _code(end)
    except BaseException as error:
        trace = error.__traceback__
        own = error.with_traceback(trace.tb_next if trace else None)
        sys.excepthook(type(own), own, own.__traceback__)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    return code


def _code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 0xFF
    print(end.code, file=sys.stderr)
    return 1
