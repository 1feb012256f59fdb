"""docs/cluster.md does what it says, command by command, in a project of a user's own."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest
import yaml
from commands import BIN, Project
from slurm_project import STUDY, wait_for
from toy_project import REPOSITORY, TOYS

from boxloop.cli.init import init
from boxloop.slurm import queued

PAGE = (REPOSITORY / "docs/cluster.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def mine(cluster, tmp_path_factory) -> Project:
    """A project with a study of one's own, and the profile filled in as the page says."""
    folder = tmp_path_factory.mktemp("page") / "stars"
    init(folder)
    (folder / "config/studies/mine.yaml").write_text(STUDY.format(epochs=300))
    shutil.copy(TOYS / "toy_tables.py", folder / "config/studies")
    path = folder / "profiles/slurm/config.yaml"
    content = yaml.safe_load(path.read_text())
    content["default-resources"]["slurm_partition"] = "cpu"
    content["set-resources"] = {"fit": {"gpu": 1, "slurm_partition": "gpu"}}
    content["slurm-init-seconds-before-status-checks"] = 3
    path.write_text(yaml.safe_dump(content))
    return Project(folder)


@pytest.mark.long
def test_the_commands_of_the_page_in_their_order(mine):
    check, first, status, _, _, recover = blocks()
    assert "mine is a draft regression study" in mine.run("sh", "-ec", check).stdout
    dry, run = first.strip().splitlines()
    said = mine.run("sh", "-ec", dry).stdout
    assert re.search(r"^chunk +2$", said, flags=re.MULTILINE)
    assert "mem_mb=1500" in said and "slurm_partition=cpu" in said
    assert not mine.results("mine").exists()
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "MLFLOW_TRACKING_URI": ""}
    with (mine.folder / "run.log").open("w") as log:
        running = subprocess.Popen(
            ["sh", "-ec", run], cwd=mine.folder, env=environment, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    wait_for(lambda: any(job.label == "fit mine_dense" for job in queued(mine.folder)), "no fit")
    told = mine.run("sh", "-ec", status).stdout
    assert "queue: " in told and "runs: a run of mine" in told
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    time.sleep(1)
    said = mine.run("sh", "-ec", recover).stdout
    assert "cancelling" in said and "is free" in said
    assert (mine.results("mine") / "report/report.html").is_file(), said
    assert "finished" in mine.run("sh", "-ec", status).stdout


def test_the_commands_for_gpus(mine):
    reasons, one_at_a_time = blocks()[3:5]
    said = mine.run("sh", "-ec", reasons, CUDA_VISIBLE_DEVICES="0").stdout
    assert "Created device" in said or ("has a GPU, but" in said and "cuInit" in said)
    dry = one_at_a_time.replace('ARGS="', 'ARGS="--dry-run --quiet host --forceall ')
    said = mine.run("sh", "-ec", dry).stdout
    assert len(re.findall(r"resources:.*gpu=1", said)) >= 3  # two chunks, and the fits


def test_what_the_page_names_is_there():
    for name in re.findall(r"\]\(\.\./([^)#]+)\)", PAGE):
        assert (REPOSITORY / name).exists(), name
    profile = (REPOSITORY / "profiles/slurm/config.yaml").read_text()
    for key in ("# set-resources", "retries", "slurm-status-command"):
        assert f"\n{key}:" in profile, key
