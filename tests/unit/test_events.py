"""Events of a run, from Snakemake's log to a line in a pipe and back."""

import logging
import os
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

import snakemake_logger_plugin_boxloop as plugin
from boxloop.events import (
    VARIABLE,
    Began,
    Cores,
    Ended,
    Failed,
    NothingToDo,
    Planned,
    Refused,
    from_line,
    to_line,
)

EVENTS = [
    Planned({"chunk": 6, "fit": 2}),
    Cores(2),
    Began(3, "chunk", {"study": "toy", "model": "forest", "chunk": "0"}, ["chunk.log"]),
    Ended(3),
    Failed(3, ["chunk.log", "slurm.log"]),
    Refused("LockException", "Error: the folder is locked\nβ"),
    NothingToDo(),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
def test_an_event_is_read_as_it_was_written(event):
    line = to_line(event)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert from_line(line) == event


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"3", b'{"event": "Other"}', b'{"event": "Ended", "job": 1, "x": 2}']
)
def test_a_line_that_is_no_event_is_none(line):
    assert from_line(line) is None


def record(message, **about):
    made = logging.LogRecord("snakemake", logging.INFO, "", 0, message, (), None)
    made.__dict__.update(about)
    return made


RECORDS = [
    (record("stats", event=LogEvent.RUN_INFO, stats={"fit": 2, "total": 2}), Planned({"fit": 2})),
    (record("cores", event=LogEvent.RESOURCES_INFO, cores=4), Cores(4)),
    (record("scaled down", event=LogEvent.RESOURCES_INFO), None),
    (
        record(
            "a job", event=LogEvent.JOB_INFO, jobid=7, rule_name="fit",
            wildcards={"study": "toy", "model": "tree"}, log=["fit.log"],
        ),
        Began(7, "fit", {"study": "toy", "model": "tree"}, ["fit.log"]),
    ),
    (
        record("all", event=LogEvent.JOB_INFO, jobid=0, rule_name="all", wildcards=None, log=[]),
        Began(0, "all", {}, []),
    ),
    (record("done", event=LogEvent.JOB_FINISHED, job_id=7), Ended(7)),
    (record("bad", event=LogEvent.JOB_ERROR, jobid=7, log=["fit.log"]), Failed(7, ["fit.log"])),
    (record("why", event=LogEvent.ERROR, exception="SomeError"), Refused("SomeError", "why")),
    (record("Nothing to be done (all is there)."), NothingToDo()),
    (record("Building DAG of jobs..."), None),
    (record(None, event=LogEvent.PROGRESS, done=1, total=2), None),
]  # fmt: skip


@pytest.mark.parametrize(("given", "event"), RECORDS)
def test_a_record_of_snakemake_becomes_an_event(given, event):
    assert plugin.event_of(given) == event


@pytest.fixture
def pipe(monkeypatch):
    reader, writer = os.pipe()
    monkeypatch.setenv(VARIABLE, str(writer))
    with os.fdopen(reader, "rb", buffering=0) as stream:
        yield stream, writer  # which the plugin closes


def handler():
    return plugin.LogHandler(SimpleNamespace(), None)


def test_the_plugin_writes_to_the_pipe_and_hides_it_from_jobs(pipe):
    reader, writer = pipe
    os.set_inheritable(writer, True)
    made = handler()
    assert VARIABLE not in os.environ and not os.get_inheritable(writer)
    made.emit(record("done", event=LogEvent.JOB_FINISHED, job_id=7))
    made.close()
    assert reader.read() == to_line(Ended(7)), "and the pipe is closed"


@pytest.mark.parametrize("number", ["", "none", "987654"])
def test_without_a_pipe_the_plugin_does_nothing(number, monkeypatch):
    monkeypatch.setenv(VARIABLE, number)
    made = handler()
    made.emit(record("done", event=LogEvent.JOB_FINISHED, job_id=7))
    made.close()


def test_the_run_goes_on_when_nobody_listens_any_more(pipe):
    reader, _ = pipe
    made = handler()
    reader.close()
    for _ in range(2):
        made.emit(record("done", event=LogEvent.JOB_FINISHED, job_id=7))
    made.close()


def test_an_event_of_another_shape_ends_the_telling_and_nothing_else(pipe):
    reader, _ = pipe
    made = handler()
    made.emit(record("done", event=LogEvent.JOB_FINISHED))
    made.emit(record("done", event=LogEvent.JOB_FINISHED, job_id=7))
    made.close()
    assert reader.read() == b""
