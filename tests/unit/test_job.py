"""What a script's job knows of the cluster that runs it."""

import os
from types import SimpleNamespace
from unittest import mock

from boxloop.fitting.stacked.memory import free_memory
from boxloop.job import job


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
