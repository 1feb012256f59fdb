"""Show a run while it goes on: read what Snakemake tells, write the line or the lines."""

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from boxloop.cli.progress.ahead import End, seconds_left, steady
from boxloop.cli.progress.known import Known
from boxloop.cli.progress.line import living, plain_plan, plain_stage, stages_ended
from boxloop.cli.progress.messages import Messages
from boxloop.cli.progress.screen import Screen
from boxloop.cli.progress.stages import stages_of_rules
from boxloop.cli.progress.state import Progress, after
from boxloop.events import from_line

#: Seconds between two looks at the log and the clock.
TICK = 0.25


@dataclass
class Watch:
    """A run that is watched.

    Parameters
    ----------
    screen : Screen
    project : Path
        The folder that Snakemake runs in.
    log : Path
        Where its output goes.
    ending : callable
        Says why the run comes to an end before all is done, if it does.
    """

    screen: Screen
    project: Path
    log: Path
    ending: Callable[[], str]
    progress: Progress = field(default_factory=lambda: Progress(time.monotonic()))

    def __post_init__(self) -> None:
        self.messages = Messages(self.log)
        self._known = Known(self.project)
        self._stages = stages_of_rules()
        self._end: End | None = None

    def follow(self, run: "subprocess.Popen[bytes]", pipe: int) -> None:
        """Show a run until it has ended.

        Parameters
        ----------
        run : Popen
        pipe : int
            Number of the pipe's end that its events are read from; it is closed at the end.
        """
        os.set_blocking(pipe, False)
        reader = _Lines(pipe)
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while run.poll() is None:
                self._show()
                if selector.get_map():
                    selector.select(TICK)
                else:
                    _await(run)
                self._hear(reader)
                if reader.closed and selector.get_map():
                    selector.unregister(pipe)
        self._hear(reader)
        self._say(last=True)
        self.screen.clear()
        self.messages.close()
        os.close(pipe)

    def _hear(self, reader: "_Lines") -> None:
        for line in reader.new():
            if event := from_line(line):
                before = self.progress
                self.progress = after(before, event, time.monotonic())
                self._known.learn(self.progress)
                if not self.screen.living:
                    self._print(before)

    def _print(self, before: Progress) -> None:
        """Write the plain lines that an event is worth."""
        now = time.monotonic()
        if self.progress.planned and not before.planned:
            self.screen.say(plain_plan(self.progress, self._stages))
        for stage in stages_ended(before, self.progress, self._stages):
            search = self._known.search(self.progress) if stage == "search" else None
            left = seconds_left(self.progress, self._known.usual, now)
            self.screen.say(plain_stage(stage, self.progress, now, search, left))

    def _show(self) -> None:
        self._say()
        if not self.screen.living:
            return
        now = time.monotonic()
        self._end = steady(self._end, seconds_left(self.progress, self._known.usual, now), now)
        left = self._end.left(now) if self._end else None
        search = self._known.search(self.progress)
        width = self.screen.width
        self.screen.line(
            living(self.progress, self._stages, now, width, search, left, self.ending())
        )

    def _say(self, *, last: bool = False) -> None:
        for message in self.messages.new(last=last):
            self.screen.say(message, error=True)


class _Lines:
    """Whole lines from a pipe that does not block."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._rest = b""
        self.closed = False

    def new(self) -> Iterator[bytes]:
        """Yield the lines that have come."""
        while not self.closed:
            try:
                got = os.read(self._pipe, 65536)
            except BlockingIOError:
                return
            self.closed = not got
            *lines, self._rest = (self._rest + got).split(b"\n")
            yield from lines


def _await(run: "subprocess.Popen[bytes]") -> None:
    try:
        run.wait(TICK)
    except subprocess.TimeoutExpired:
        return
