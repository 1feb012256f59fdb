"""A cluster of one node for all tests of this folder, and an undisturbed run to compare with."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.append(str(HERE.parent / "workflow"))

from local_cluster import LocalCluster  # noqa: E402
from slurm_project import NUMBERS, RUNS, SlurmProject  # noqa: E402


def pytest_collection_modifyitems(items):
    """Without being asked for, no scheduler is set up on anybody's machine."""
    asked = os.environ.get("BOXLOOP_TEST_SLURM")
    skip = pytest.mark.skip(reason="sets up a SLURM cluster as root; set BOXLOOP_TEST_SLURM=1")
    later = pytest.mark.skip(reason="takes minutes more; set BOXLOOP_TEST_SLURM=all")
    for item in items:
        if HERE not in item.path.parents or asked == "all":
            continue
        if asked != "1":
            item.add_marker(skip)
        elif item.get_closest_marker("patient"):
            item.add_marker(later)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """The daemons, running."""
    made = LocalCluster(tmp_path_factory.mktemp("slurm"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(autouse=True)
def ended():
    """After a test that failed neither its runs nor their jobs go on."""
    yield
    for run in [run for run in RUNS if run.poll() is None]:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        subprocess.run(["scancel", "-u", "root"], check=False, timeout=600)
    RUNS.clear()


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """A project in which the study has run on this machine, without a cluster."""
    made = SlurmProject(tmp_path_factory.mktemp("alone") / "project")
    done = made.toy.snakemake("--", *NUMBERS)
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture(scope="session")
def undisturbed(alone):
    """The numbers of the study."""
    return alone.numbers()


@pytest.fixture
def searched(cluster, alone, tmp_path):
    """A project in which everything up to the search has run, and the training is to come."""
    return alone.copied(tmp_path / "project", "train", "evaluate", "apply")
