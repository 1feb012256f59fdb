"""Toy studies from raw data to report: all outputs, sealed labels, the ledger, kills."""

import subprocess
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest
from toy_project import ToyProject

DELIVERED = (
    "evaluate/metrics.json",
    "ethics/checklist.json",
    "track/run.json",
    "track/mlflow.json",
    "report/report.tex",
    "report/report.html",
)


@pytest.mark.parametrize(("toy", "model"), [("toy_images", "cnn"), ("toy_light_curves", "gru")])
def test_images_and_light_curves_go_through_the_same_stages(
    toy: str, model: str, tmp_path: Path
) -> None:
    project = ToyProject(tmp_path, toy)
    project.run(toy)
    for path in DELIVERED:
        assert (tmp_path / "results" / toy / path).is_file(), path
    assert list((tmp_path / "results" / toy / "figures").glob("*.pdf"))
    metrics = project.json(f"results/{toy}/evaluate/metrics.json")
    assert metrics["selected"] == model and metrics["provenance"] == "simulated"
    metric = metrics["metric"]
    shown = "cv" if metrics["status"] == "draft" else "test"
    ours, dummy = (metrics["models"][m][shown][metric] for m in (model, "dummy"))
    assert ours["low"] > dummy["high"]
    assert (tmp_path / f"results/{toy}/train/{model}/model.keras").is_file()


def test_a_draft_never_reads_a_test_label(tmp_path: Path) -> None:
    """Poisoned labels of the sealed objects change no byte of metrics, report and run."""
    found = []
    for name in ("clean", "poisoned"):
        project = ToyProject(_made(tmp_path / name), "toy_images")
        project.run("results/toy_images/data/sealed.parquet")
        sealed = project.folder / "results/toy_images/data/sealed.parquet"
        if name == "poisoned":
            frame = pd.read_parquet(sealed)
            frame["kind"] = "poison"
            frame.to_parquet(sealed, index=False)
        project.run("toy_images")
        results = project.folder / "results/toy_images"
        found.append(
            [
                (results / path).read_bytes()
                for path in (
                    "evaluate/metrics.json",
                    "evaluate/details.json",
                    "evaluate/predictions.parquet",
                    "search/selected.json",
                    "explore/training.json",
                )
            ]
        )
        assert not list((project.folder / "config/studies").glob("*.ledger.jsonl"))
        assert "DRAFT" in (results / "report/report.html").read_text()
    assert found[0] == found[1]


def test_final_opens_the_test_set_once_and_writes_it_down(tmp_path: Path) -> None:
    project = ToyProject(tmp_path, "toy_table")
    project.run("toy_table")
    ledger = tmp_path / "config/studies/toy_table.ledger.jsonl"
    first = ledger.read_text()
    assert first.count("\n") == 1 and '"score": null' not in first
    metrics = (tmp_path / "results/toy_table/evaluate/metrics.json").read_bytes()

    done = project.snakemake("--forcerun", "evaluate", "--", "toy_table")
    assert done.returncode == 0 and ledger.read_text() == first

    for path in (tmp_path / "results/toy_table").rglob("*"):
        if path.is_file():
            path.unlink()
    project.run("toy_table")
    assert (tmp_path / "results/toy_table/evaluate/metrics.json").read_bytes() == metrics
    assert ledger.read_text() == first

    project.edit("config/studies/toy_table.yaml", "alpha: [0.0, 1.0, 10.0]", "alpha: [0.0, 1.0]")
    project.run("toy_table")
    assert ledger.read_text().count("\n") == 2
    details = project.json("results/toy_table/evaluate/details.json")
    assert len(details["openings"]) == 2


#: A rule of every stage.
KILLED = (
    "assemble",
    "explore_all",
    "split",
    "chunk",
    "fit",
    "evaluate",
    "apply",
    "checklist",
    "figures",
    "log_run",
)


def test_a_job_killed_in_every_stage_changes_no_result(tmp_path: Path) -> None:
    killed = ToyProject(_made(tmp_path / "killed"), "toy_table")
    for rule in KILLED:
        assert _kill_when_working(killed, rule), f"no job of the rule {rule} was seen"
        results = killed.folder / "results"
        assert not [p for p in results.rglob("*.json") if _broken(p)]
    killed.run("toy_table")
    whole = ToyProject(_made(tmp_path / "whole"), "toy_table")
    whole.run("toy_table")
    for path in (
        "evaluate/metrics.json",
        "search/selected.json",
        "search/predictions.parquet",
        "evaluate/predictions.parquet",
        "apply/predictions.parquet",
        "ethics/checklist.json",
    ):
        one, two = (p.folder / "results/toy_table" / path for p in (killed, whole))
        assert one.read_bytes() == two.read_bytes(), path
    assert not [p for p in (killed.folder / "results").rglob("*.part*")]
    ledger = killed.folder / "config/studies/toy_table.ledger.jsonl"
    assert ledger.read_text().count("\n") == 1


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _broken(path: Path) -> bool:
    return not path.read_text().rstrip().endswith(("}", "]"))


def _kill_when_working(project: ToyProject, rule: str) -> bool:
    """Run until a job of the rule has begun its work (it opened its log), and kill -9 that job.

    The job is let run in short bursts, so that even a fast one cannot get away.
    """
    running = subprocess.Popen(
        project.command("--forcerun", rule, "--", "toy_table"),
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    killed = False
    try:
        until = time.monotonic() + 200
        while running.poll() is None and time.monotonic() < until:
            job = None if killed else _job_of(running.pid, rule)
            if job is not None:
                killed = _kill_once_logging(job, project.folder, rule)
            time.sleep(0.01)
    finally:
        if running.poll() is None:
            running.kill()
            running.wait(30)
    return killed and running.returncode != 0


def _kill_once_logging(job: psutil.Process, folder: Path, rule: str) -> bool:
    began = job.create_time()
    while job.is_running() and job.status() != psutil.STATUS_ZOMBIE:
        job.suspend()
        logs = [*folder.glob(f"results/*/logs/{rule}*.log"), *folder.glob(f"data/logs/{rule}*.log")]
        if any(log.stat().st_mtime >= began for log in logs):
            job.kill()
            return True
        job.resume()
        time.sleep(0.02)
    return False


def _job_of(snakemake: int, rule: str) -> psutil.Process | None:
    """The Python process that runs a script of the rule."""
    try:
        for child in psutil.Process(snakemake).children(recursive=True):
            if any(p.endswith(f".{rule}.py") and " " not in p for p in child.cmdline()):
                return child
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        pass
    return None
