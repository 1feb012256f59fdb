"""Whatever happens to jobs, nodes, the controller or Snakemake: the numbers are the same."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from local_cluster import CORES, sent
from slurm_project import STUDY, SlurmProject, wait_for

RESULTS = "results/trained"
FIT = "rule_fit_wildcards_trained_dense"


def attempts(folder: Path, label: str) -> list[dict[str, str]]:
    """What SLURM knows of all attempts of a job."""
    return [job for job in sent(folder) if label in job["Comment"]]


def training(project: SlurmProject, what: str) -> bool:
    """Whether a job has kept the state of its networks at least once."""
    return any((project.folder / RESULTS / "checkpoints").glob(what))


def test_cancelled_jobs_go_on_where_they_were(cluster, tmp_path, undisturbed):
    project = SlurmProject(tmp_path)
    run = project.start()
    project.cancel("chunk trained_dense_0", lambda: training(project, "chunk-dense-0/stack-*.npz"))
    project.cancel("fit trained_dense", lambda: training(project, "fit-dense.npz"))
    project.cancel("apply trained_0")
    assert project.finish(run) == 0, project.said()[-6000:]
    assert project.numbers() == undisturbed
    for rule in ("chunk", "fit"):
        text = project.slurm_logs(rule)
        assert "CANCELLED" in text and "told to end" in text, text
    states = [job["JobState"] for job in attempts(project.folder, FIT)]
    assert states == ["CANCELLED", "COMPLETED"]
    for name in ("fit-dense", "chunk-dense-0"):
        log = (project.folder / RESULTS / f"logs/{name}.log").read_text()
        assert "goes on after epoch" in log


@pytest.mark.patient
def test_a_time_limit_in_training_costs_at_most_the_epoch_it_falls_in(cluster, tmp_path):
    target = f"{RESULTS}/train/dense"
    project = SlurmProject(
        tmp_path / "project", epochs=1_700, retries=12, **{"set-resources": {"fit": {"runtime": 1}}}
    )
    project.run(target)
    states = [job["JobState"] for job in attempts(project.folder, FIT)]
    # A quick machine may need one attempt less.
    assert states[-1] == "COMPLETED" and states.count("TIMEOUT") >= 1, states
    text = project.slurm_logs("fit")
    assert "DUE TO TIME LIMIT" in text and "told to end" in text, text
    # The log of the last attempt, however many there were; SLURM's of one that ended well is gone.
    last = (project.folder / RESULTS / "logs/fit-dense.log").read_text()
    assert "goes on after epoch" in last, last
    alone = project.copied(tmp_path / "alone", "train")
    done = alone.toy.snakemake("--", target)
    assert done.returncode == 0, done.stderr
    mine, other = (p.folder / target / "model.keras" for p in (project, alone))
    assert weights(mine) == weights(other)


def weights(path: Path) -> list[bytes]:
    import keras

    return [value.tobytes() for value in keras.models.load_model(path).get_weights()]


def test_a_drained_node_is_told_and_waited_for(cluster, searched, undisturbed):
    cluster.output(
        "scontrol", "update", f"nodename={cluster.node}", "state=drain", "reason=new fan"
    )
    try:
        run = searched.start()
        wait_for(lambda: searched.job("fit trained_dense", running=False), "no job waits")
        said = wait_for(
            lambda: (
                (text := searched.boxloop("status", "trained").stdout)
                and ("new fan" in text and text)
            ),
            "the reason is not told",
        )
        assert "waiting" in said and "its nodes are down, drained or reserved" in said, said
        assert f"process {run.pid} on" in said
    finally:
        cluster.output("scontrol", "update", f"nodename={cluster.node}", "state=resume")
    assert searched.finish(run) == 0, searched.said()[-6000:]
    assert searched.numbers() == undisturbed


@pytest.mark.patient
@pytest.mark.parametrize(("grace", "state"), [(10, "FAILED"), (0, "PREEMPTED")])
def test_a_job_that_made_room_for_others_is_tried_again(
    cluster, searched, undisturbed, grace, state
):
    cluster.output("scontrol", "update", "partitionname=cpu", f"gracetime={grace}")
    run = searched.start()
    wait_for(lambda: training(searched, "fit-dense.npz"), "no training begins")
    cluster.output(
        "sbatch", "--partition=urgent", f"--cpus-per-task={CORES}", "--mem=100",
        "--output=/dev/null", "--wrap=sleep 5",
    )  # fmt: skip
    assert searched.finish(run) == 0, searched.said()[-6000:]
    assert searched.numbers() == undisturbed
    states = [job["JobState"] for job in attempts(searched.folder, FIT)]
    assert states == [state, "COMPLETED"]  # told in time, it ends by itself
    gone = "it made room for others and is not queued again" in searched.said()
    assert gone == (state == "PREEMPTED")
    assert "goes on after epoch" in (searched.folder / RESULTS / "logs/fit-dense.log").read_text()


@pytest.mark.patient
def test_a_node_daemon_that_is_killed_and_started_again_loses_nothing(
    cluster, searched, undisturbed
):
    run = searched.start()
    wait_for(lambda: training(searched, "fit-dense.npz"), "no training begins")
    cluster.kill("slurmd")
    time.sleep(5)
    cluster.start_node()
    code = searched.finish(run)
    if code != 0:
        searched.run()
    assert searched.numbers() == undisturbed


@pytest.mark.patient
def test_a_controller_that_is_down_for_a_minute(cluster, searched, undisturbed):
    run = searched.start()
    wait_for(lambda: training(searched, "fit-dense.npz"), "no training begins")
    cluster.end("slurmctld")
    try:
        time.sleep(3)
        said = searched.boxloop("status", "trained").stdout
        assert "queue: " in said and "slurm" in said.lower(), said
        time.sleep(57)
    finally:
        cluster.start_controller()
    code = searched.finish(run)
    if code != 0:  # then it has stopped with a line, and goes on when run again
        searched.run()
    assert searched.numbers() == undisturbed


def test_a_fault_of_the_study_is_told_once_and_not_tried_again(cluster, tmp_path):
    project = SlurmProject(tmp_path)
    study = STUDY.replace("distance, unit", "distence, unit")
    project.study("trained", text=study)
    assert project.finish(project.start("results/trained/data/table.parquet")) != 0
    told = [line for line in project.said().splitlines() if line.startswith("boxloop: ")]
    assert len(told) == 1 and "distence" in told[0], project.said()[-5000:]
    assert len(attempts(project.folder, "rule_assemble")) == 1


#: In front of sbatch: says that it is asked to send a job, and does so once it may.
HELD = """\
#!/bin/sh
while [ ! -e {folder}/may-send ]; do touch {folder}/asked; sleep 0.1; done
exec {sbatch} "$@"
"""


@pytest.mark.patient
def test_a_controller_that_is_away_when_a_job_is_sent(cluster, searched, undisturbed, tmp_path):
    held = tmp_path / "held/sbatch"
    held.parent.mkdir()
    held.write_text(HELD.format(folder=tmp_path, sbatch=shutil.which("sbatch")))
    held.chmod(0o755)
    searched.toy.environment["PATH"] = f"{held.parent}:{os.environ['PATH']}"
    run = searched.start()
    wait_for((tmp_path / "asked").exists, "no job is sent")
    cluster.end("slurmctld")
    try:
        (tmp_path / "may-send").touch()
        wait_for(lambda: "SLURM takes no jobs now" in searched.said(), "sbatch was not refused")
    finally:
        cluster.start_controller()
    assert searched.finish(run) == 0, searched.said()[-6000:]
    assert searched.said().count("boxloop: SLURM takes jobs again") == 1
    assert searched.numbers() == undisturbed


def test_what_slurm_refuses_is_told_once_and_not_sent_again(searched):
    searched.profile(**{"set-resources": {"fit": {"slurm_partition": "nowhere"}}})
    assert searched.finish(searched.start("results/trained/train/dense")) != 0
    lines = searched.said().splitlines()
    (told,) = [line for line in lines if "refused by SLURM" in line]
    assert told.startswith("boxloop: fit trained dense: refused by SLURM: ")
    assert "nowhere" in told and "correct slurm_partition" in told
    assert searched.said().count("Execute 1 jobs") == 1


@pytest.mark.long
def test_after_snakemake_was_killed_recover_frees_the_folder(cluster, searched, undisturbed):
    run = searched.start()
    wait_for(lambda: training(searched, "fit-dense.npz"), "no training begins")
    chunks = {p: p.stat().st_mtime_ns for p in (searched.folder / RESULTS).glob("search/chunks/*")}
    killed = searched.job("fit trained_dense")
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    second = searched.start()
    assert searched.finish(second) != 0
    assert "cannot be locked" in searched.said()
    checked = searched.boxloop("recover", "--check")
    assert checked.returncode == 2 and "make recover" in checked.stderr
    freed = searched.boxloop("recover")
    assert freed.returncode == 0, freed.stderr
    assert "fit trained_dense" in freed.stdout and "is free" in freed.stdout
    assert searched.job("fit trained_dense") is None
    searched.run()
    assert searched.numbers() == undisturbed
    assert chunks == {p: p.stat().st_mtime_ns for p in chunks}
    first, second = attempts(searched.folder, FIT)
    assert (first["JobId"], first["JobState"]) == (killed.id, "CANCELLED")
    assert second["JobState"] == "COMPLETED" and second["StartTime"] >= first["EndTime"]


def test_a_run_that_lives_keeps_the_folder(cluster, searched):
    run = searched.start("results/trained/train/dense")
    wait_for(lambda: searched.boxloop("recover", "--check").returncode == 2, "nobody holds it")
    wait_for(lambda: any((searched.folder / ".snakemake/locks").glob("*")), "it is not locked")
    second = searched.start("results/trained/train/dense")
    assert searched.finish(second) != 0
    said = searched.boxloop("recover", "--check").stderr
    assert f"process {run.pid} on" in said and "held by a run" in said
    refused = searched.boxloop("recover")
    assert refused.returncode == 2 and f"kill -INT {run.pid}" in refused.stderr
    assert searched.finish(run) == 0, searched.said()[-6000:]


@pytest.mark.patient
def test_two_studies_run_at_once(searched, tmp_path, alone, undisturbed):
    other = alone.copied(tmp_path / "other", "train", "evaluate", "apply")
    runs = [p.start() for p in (searched, other)]
    for project, run in zip((searched, other), runs, strict=True):
        assert project.finish(run) == 0, project.said()[-6000:]
        assert project.numbers() == undisturbed


@pytest.mark.patient
def test_without_memory_a_job_is_given_more_and_then_its_end_is_told(cluster, tmp_path):
    chunk = "results/trained/search/chunks/dense-0.json"
    growing = {"set-resources": {"chunk": {"mem_mb": "350 * attempt"}}, "retries": 4}
    project = SlurmProject(tmp_path / "grows", epochs=60, **growing)
    project.run(chunk)
    jobs = attempts(project.folder, "rule_chunk")
    assert len(jobs) > 1 and jobs[-1]["JobState"] == "COMPLETED"
    project = SlurmProject(
        tmp_path / "fails", epochs=60, retries=1, **{"set-resources": {"chunk": {"mem_mb": 300}}}
    )
    assert project.finish(project.start(chunk)) != 0
    lines = [line for line in project.said().splitlines() if "took more memory than" in line]
    assert len(lines) == 1, project.said()[-5000:]
    assert "300 MB" in lines[0] and "raise mem_mb of chunk" in lines[0]
