"""A job that is told to end stops at a safe place: time limits and scancel send SIGTERM first.

Between two epochs a training first keeps its state; any other code ends at once, as by an
exception, so that no temporary file is left.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: What a shell reports of a process that SIGTERM ended.
EXIT_CODE = 128 + signal.SIGTERM


class ToldToEnd(SystemExit):
    """The job was told to end; it has kept what it could."""


class _State:
    process = 0
    asked = False
    safe_places = 0


@contextmanager
def listening() -> Iterator[None]:
    """Heed SIGTERM within the block, and leave it as it was heeded before; main threads only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked, _State.asked = _State.asked, False
    _State.process = os.getpid()
    before = signal.signal(signal.SIGTERM, _told)
    try:
        yield
    finally:
        # None: whoever heeded it was not set from Python, and cannot be set from it again.
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)
        _State.asked = asked


def _told(number: int, frame: FrameType | None) -> None:
    if os.getpid() != _State.process:  # a fork of the job, as a worker of multiprocessing
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    _State.asked = True
    if not _State.safe_places:
        raise ToldToEnd(EXIT_CODE)


def asked() -> bool:
    """Whether the job was told to end."""
    return _State.asked


def end_if_asked() -> None:
    """End here if the job was told to; for a training, after it has kept its state."""
    if _State.asked:
        raise ToldToEnd(EXIT_CODE)


@contextmanager
def safe_places() -> Iterator[None]:
    """Within, the job ends only where `end_if_asked` is called, and at the end of the block."""
    _State.safe_places += 1
    try:
        yield
    finally:
        _State.safe_places -= 1
    if not _State.safe_places:
        end_if_asked()
