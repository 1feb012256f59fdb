"""Snakemake's logger ``boxloop``: it tells `boxloop run` what happens, and prints nothing.

Snakemake's own log is written as without it. Where nobody listens, it does nothing.

All that is used of Snakemake's inside stands in this file: the interface of logger plugins, the
fields of its events, and one message that is no event.
tests/workflow/test_run.py holds it against the version that requirements.lock pins.
"""

import os
import select
from logging import LogRecord

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from boxloop.events import (
    VARIABLE,
    Began,
    Cores,
    Ended,
    Event,
    Failed,
    NothingToDo,
    Planned,
    Refused,
    to_line,
)

#: How the message begins that no job has to run.
NOTHING = "Nothing to be done"
#: Characters of an error that are passed on; the log has all of it.
LONGEST = 3000
#: Seconds after which a listener that does not read is given up.
PATIENCE = 5.0


class LogHandler(LogHandlerBase):
    """Write each event of a run to the pipe that an environment variable names."""

    def __post_init__(self) -> None:
        """Take the pipe; neither the number nor the pipe itself reaches a job."""
        number = os.environ.pop(VARIABLE, "")
        self._pipe = int(number) if number.isdigit() else None
        if self._pipe is None:
            return
        try:
            os.set_inheritable(self._pipe, False)
        except OSError:
            self._pipe = None

    def emit(self, record: LogRecord) -> None:
        """Pass on what a record says, if somebody listens."""
        if self._pipe is None:
            return
        try:
            if event := event_of(record):
                self._write(to_line(event))
        except Exception:  # nobody listens, or Snakemake's events are others: the run goes on
            self._let_go()

    def _write(self, line: bytes) -> None:
        if self._pipe is None or not select.select([], [self._pipe], [], PATIENCE)[1]:
            raise BrokenPipeError
        os.write(self._pipe, line)

    def close(self) -> None:
        """Let the pipe go."""
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None

    @property
    def writes_to_stream(self) -> bool:
        """No: Snakemake's own log goes on."""
        return False

    @property
    def writes_to_file(self) -> bool:
        """No."""
        return False

    @property
    def has_filter(self) -> bool:
        """Yes: events come however quiet the log is."""
        return True

    @property
    def has_formatter(self) -> bool:
        """Yes: nothing is formatted."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """No."""
        return False


def event_of(record: LogRecord) -> Event | None:
    """Return what a record of Snakemake's log tells, or None where it is of no interest."""
    about = record.__dict__
    match about.get("event"):
        case LogEvent.RUN_INFO:
            stats = about["stats"]
            return Planned({str(k): int(v) for k, v in stats.items() if k != "total"})
        case LogEvent.RESOURCES_INFO if "cores" in about:
            return Cores(int(about["cores"]))
        case LogEvent.JOB_INFO:
            wildcards = {str(k): str(v) for k, v in (about["wildcards"] or {}).items()}
            log = [str(path) for path in about["log"]]
            return Began(int(about["jobid"]), str(about["rule_name"]), wildcards, log)
        case LogEvent.JOB_FINISHED:
            return Ended(int(about["job_id"]))
        case LogEvent.JOB_ERROR:
            return Failed(int(about["jobid"]), [str(path) for path in about["log"]])
        case LogEvent.ERROR:
            return Refused(str(about["exception"]), record.getMessage()[:LONGEST])
        case None if record.getMessage().startswith(NOTHING):
            return NothingToDo()
    return None
