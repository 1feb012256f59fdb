"""What `boxloop run` shows of jobs that run on a cluster's nodes."""

import subprocess
import sys
from pathlib import Path

import pytest
from slurm_project import SlurmProject

STOP = '    raise KeyError("no such law")\n'


def run(project: SlurmProject) -> "subprocess.CompletedProcess[str]":
    boxloop = str(Path(sys.executable).with_name("boxloop"))
    return subprocess.run(
        [boxloop, "run", "trained", "--profile", "slurm"],
        cwd=project.folder, env=project.toy.environment,
        capture_output=True, text=True, timeout=2000, check=False,
    )  # fmt: skip


def test_what_failed_on_a_node_is_shown_where_the_run_was_begun(cluster, tmp_path):
    project = SlurmProject(tmp_path / "project", retries=1)
    functions = project.folder / "config/studies/toy_tables.py"
    text = functions.read_text()
    begin = text.index("    rng = ")
    functions.write_text(text[:begin] + STOP + text[begin:])
    failed = run(project)
    assert failed.returncode != 0
    assert "trained: failed, 0 of" in failed.stderr
    assert failed.stderr.count("KeyError: 'no such law'") == 1, "once for both samples"
    assert "boxloop: simulate trained" in failed.stderr
    log = (project.folder / "logs/run-trained.log").read_text()
    assert "Trying to restart job" in log and "Trying to restart job" not in failed.stderr


@pytest.mark.patient
def test_each_stage_has_a_line_and_the_jobs_of_nodes_are_counted(cluster, alone, tmp_path):
    project = alone.copied(tmp_path / "project", "evaluate", "apply")
    done = run(project)
    assert done.returncode == 0, done.stderr
    plan, *stages, last, _, _ = done.stdout.splitlines()
    assert "evaluate" in plan and "data" not in plan
    assert [line.split()[0] for line in stages if line.startswith(("evaluate", "apply"))]
    assert last.startswith("trained: ") and "jobs done in" in last
