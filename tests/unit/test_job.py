"""What a script's job knows of the cluster that runs it."""

import contextlib
import errno
import logging
import os
import signal
import warnings
from types import SimpleNamespace
from unittest import mock

import pytest

from boxloop.errors import BoxloopError
from boxloop.fitting.stacked.memory import free_memory
from boxloop.job import job
from boxloop.slurm.killed import hopeless


def job_of(tmp_path):
    resources = {"mem_mb": 900}
    named = SimpleNamespace(get=resources.get, **resources)
    return SimpleNamespace(
        rule="chunk", wildcards=["toy"], log=[str(tmp_path / "log")], resources=named
    )


def test_a_step_of_slurm_keeps_within_the_memory_it_asked_for(tmp_path):
    with mock.patch.dict(os.environ, {"SLURM_STEP_ID": "0"}):
        os.environ.pop("SLURM_MEM_PER_NODE", None)  # the plugin that launches steps takes it away
        with job(job_of(tmp_path)):
            assert free_memory() < 900 * 1024**2


def test_elsewhere_requests_are_no_limits(tmp_path):
    with mock.patch.dict(os.environ):
        os.environ.pop("SLURM_STEP_ID", None)
        os.environ.pop("SLURM_MEM_PER_NODE", None)
        with job(job_of(tmp_path)):
            assert "SLURM_MEM_PER_NODE" not in os.environ


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (BoxloopError("there is no column x"), "boxloop: chunk toy: there is no column x\n"),
        (OSError(errno.ENOSPC, "", "/tmp/x"), "boxloop: chunk toy: /tmp/x: the disk is full"),
        (OSError(errno.ESTALE, "stale"), "boxloop: chunk toy: t.csv cannot be read: stale"),
    ],
)
def test_what_a_node_may_be_to_blame_for_names_it(raised, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SLURMD_NODENAME", "node7")
    with pytest.raises(SystemExit), job(job_of(tmp_path)):
        try:
            raise raised
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise
            raise BoxloopError(f"t.csv cannot be read: {error.strerror}") from None
    told = capsys.readouterr().err.removeprefix("\n")
    assert told.startswith(said)
    files = isinstance(raised, OSError)
    assert told.endswith(" (on node7)\n") == files
    assert hopeless(told, "chunk") == (not files)  # another attempt may run on another node


def around():
    """What a job sets in its process."""
    heeds = signal.getsignal(signal.SIGTERM)
    logs = [logging.getLogger(name) for name in ("boxloop", "py.warnings")]
    return heeds, [(log.level, list(log.handlers)) for log in logs], warnings.showwarning


@pytest.mark.parametrize("raised", [None, BoxloopError("no column x"), KeyError("x"), SystemExit])
def test_a_job_leaves_its_process_as_it_found_it(raised, tmp_path):
    def heeds(*_): ...

    found = signal.signal(signal.SIGTERM, heeds)
    try:
        before = around()
        with contextlib.suppress(SystemExit, KeyError), job(job_of(tmp_path)) as log:
            within = around()
            (file, _) = log.handlers
            if raised:
                raise raised
        assert around() == before and before[0] is heeds
        assert all(one != other for one, other in zip(within, before, strict=True))
        assert file.stream is None or file.stream.closed  # what it opened it has closed
    finally:
        signal.signal(signal.SIGTERM, found)


def test_a_job_within_a_job_hears_and_logs_for_itself(tmp_path):
    (tmp_path / "inner").mkdir()
    with job(job_of(tmp_path)) as log:
        outer = around()
        with job(job_of(tmp_path / "inner")):
            log.warning("from the inner one")
        assert around() == outer
        log.warning("from the outer one")
    said = [(tmp_path / p).read_text() for p in ("log", "inner/log")]
    assert ["inner" in s for s in said] == [False, True]
    assert ["outer" in s for s in said] == [True, False]
