"""Toy studies from raw data to report: all outputs, sealed labels, the ledger, kills."""

import contextlib
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
    "report/report.tex",
    "report/report.html",
)


#: What a label of the test set could change in a draft.
OF_A_DRAFT = (
    "evaluate/metrics.json",
    "evaluate/details.json",
    "evaluate/predictions.parquet",
    "search/selected.json",
    "explore/training.json",
)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    """A project in which the draft of images has run."""
    project = ToyProject(tmp_path_factory.mktemp("images"), "toy_images")
    project.run(*(f"results/toy_images/{file}" for file in DELIVERED))
    return project


@pytest.fixture(scope="module")
def light_curves(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    project = ToyProject(tmp_path_factory.mktemp("light_curves"), "toy_light_curves")
    wanted = (*DELIVERED, "track/mlflow.json")
    project.run(*(f"results/toy_light_curves/{file}" for file in wanted))
    return project


@pytest.mark.parametrize(
    ("toy", "model"),
    [("images", "cnn"), pytest.param("light_curves", "gru", marks=pytest.mark.long)],
)
def test_images_and_light_curves_go_through_the_same_stages(
    toy: str, model: str, request: pytest.FixtureRequest
) -> None:
    project = request.getfixturevalue(toy)
    results = f"results/toy_{toy}"
    assert list((project.folder / results / "figures").glob("*.pdf"))
    metrics = project.json(f"{results}/evaluate/metrics.json")
    assert metrics["selected"] == model and metrics["provenance"] == "simulated"
    metric = metrics["metric"]
    shown = "cv" if metrics["status"] == "draft" else "test"
    ours, dummy = (metrics["models"][m][shown][metric] for m in (model, "dummy"))
    assert ours["low"] > dummy["high"]
    assert (project.folder / results / f"train/{model}/model.keras").is_file()


@pytest.mark.long  # short: tests/workflow/test_mlflow.py
def test_a_network_of_the_users_own_is_logged_to_mlflow(light_curves: ToyProject) -> None:
    logged = light_curves.json("results/toy_light_curves/track/mlflow.json")
    assert logged["logged"] is True, logged["reason"]


def test_a_draft_never_reads_a_test_label(images: ToyProject, tmp_path: Path) -> None:
    """Poisoned labels of the sealed objects change no byte of what a draft finds."""
    poisoned = ToyProject(tmp_path, "toy_images")
    poisoned.run("results/toy_images/data/sealed.parquet")
    sealed = tmp_path / "results/toy_images/data/sealed.parquet"
    frame = pd.read_parquet(sealed)
    assert frame["kind"].notna().any()
    frame["kind"] = "poison"
    frame.to_parquet(sealed, index=False)
    poisoned.run(*(f"results/toy_images/{path}" for path in OF_A_DRAFT))
    assert (pd.read_parquet(sealed)["kind"] == "poison").all()
    for path in OF_A_DRAFT:
        one, two = (p.folder / "results/toy_images" / path for p in (images, poisoned))
        assert one.read_bytes() == two.read_bytes(), path
    for project in (images, poisoned):
        assert not list((project.folder / "config/studies").glob("*.ledger.jsonl"))
    page = images.folder / "results/toy_images/report/report.html"
    assert "DRAFT" in page.read_text()


def test_final_opens_the_test_set_once_and_writes_it_down(
    table_ran: ToyProject, tmp_path: Path
) -> None:
    project = table_ran.copied(tmp_path / "project")
    results = project.folder / "results/toy_table"
    ledger = project.folder / "config/studies/toy_table.ledger.jsonl"
    first = ledger.read_text()
    assert first.count("\n") == 1 and '"score": null' not in first
    metrics = (results / "evaluate/metrics.json").read_bytes()
    wanted = ("results/toy_table/evaluate/metrics.json", "results/toy_table/evaluate/details.json")

    done = project.run("--forcerun", "evaluate", "--", *wanted)
    assert "Rule: evaluate" in done and ledger.read_text() == first

    for path in results.rglob("*"):
        if path.is_file():
            path.unlink()
    project.run(*wanted)
    assert (results / "evaluate/metrics.json").read_bytes() == metrics
    assert ledger.read_text() == first

    project.edit("config/studies/toy_table.yaml", "alpha: [0.0, 1.0, 10.0]", "alpha: [0.0, 1.0]")
    project.run(*wanted)
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


@pytest.mark.parametrize(
    "goals",
    [
        pytest.param(
            {"chunk": "search/selected.json", "evaluate": "evaluate/metrics.json"},
            id="search and evaluation",
        ),
        pytest.param(dict.fromkeys(KILLED), id="every stage", marks=pytest.mark.long),
    ],
)
def test_a_killed_job_changes_no_result(
    goals: dict[str, str | None], table_ran: ToyProject, tmp_path: Path
) -> None:
    killed = ToyProject(tmp_path, "toy_table")
    for rule, file in goals.items():
        goal = f"results/toy_table/{file}" if file else "toy_table"
        if file:  # all before it has run
            killed.run("--omit-from", rule, "--", goal)
        assert _kill_when_working(killed, rule, goal), f"no job of the rule {rule} was seen"
        results = killed.folder / "results"
        assert not [p for p in results.rglob("*.json") if _broken(p)]
    compared = (
        "evaluate/metrics.json",
        "search/selected.json",
        "search/predictions.parquet",
        "evaluate/predictions.parquet",
        "apply/predictions.parquet",
        "ethics/checklist.json",
    )
    killed.run(*(f"results/toy_table/{path}" for path in compared))
    for path in compared:
        one, two = (p.folder / "results/toy_table" / path for p in (killed, table_ran))
        assert one.read_bytes() == two.read_bytes(), path
    assert not [p for p in (killed.folder / "results").rglob("*.part*")]
    ledger = killed.folder / "config/studies/toy_table.ledger.jsonl"
    assert ledger.read_text().count("\n") == 1


def _broken(path: Path) -> bool:
    return not path.read_text().rstrip().endswith(("}", "]"))


def _kill_when_working(project: ToyProject, rule: str, goal: str) -> bool:
    """Run until a job of the rule works, its log open, and kill -9 it; again if none was seen."""
    return any(_killed(project, rule, goal) for _ in range(20))


def _killed(project: ToyProject, rule: str, goal: str) -> bool:
    running = subprocess.Popen(
        project.command("--forcerun", rule, "--", goal),
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    killed = False
    while running.poll() is None:
        killed = killed or _kill_one_that_logs(running.pid, rule)
        time.sleep(0.005)
    return killed and running.returncode != 0


def _kill_one_that_logs(snakemake: int, rule: str) -> bool:
    """Hold all processes below Snakemake for a look; kill one that has a log of the rule open."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in psutil.Process(snakemake).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                process.suspend()
                opened = [Path(file.path) for file in process.open_files()]
                if any(p.parent.name == "logs" and p.name.startswith(rule) for p in opened):
                    process.kill()
                    return True
                process.resume()
    return False
