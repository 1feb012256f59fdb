"""The page for newcomers, docs/first_study.md, does what it says, command by command.

Among the long tests all of its commands are given; else those that run no study to its end.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
from commands import Project
from toy_project import REPOSITORY

from boxloop.cli.init import init

PAGE = (REPOSITORY / "docs/first_study.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def whole(test):
    """Mark a test of what the whole page has come to."""
    asked = pytest.mark.parametrize("walked", ["the whole page"], indirect=True, scope="module")
    return pytest.mark.long(asked(test))


@pytest.fixture(scope="module", params=["but for the runs"])
def walked(request, tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A project in which the commands of the page were given in turn, and what each one said."""
    folder = tmp_path_factory.mktemp("walk") / "stars"
    init(folder)
    shutil.rmtree(folder / "data")
    (script,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
    (folder / "simulate.py").write_text(script)
    project = Project(folder)
    said = {}
    for block in commands():
        if request.param != "the whole page":
            block = block.partition("make run")[0]
            if "ledger" in block:  # which a run writes
                continue
        said[block] = project.run("sh", "-ec", block, CORES="2").stdout
        for study in (folder / "config/studies").glob("with_velocity.yaml"):
            said["leak"] = said[block] + study.read_text()
            page = folder / "results/with_velocity/explore/training.json"
            said["findings"] = page.read_text() if page.is_file() else ""
    return folder, said


def test_the_page_is_short_enough_to_be_read():
    assert len(PAGE.splitlines()) <= 180


def test_the_draft_leaves_the_leak_out_and_keeps_fields_together(walked):
    folder, said = walked
    (drafted,) = [text for block, text in said.items() if block.startswith("boxloop new")]
    assert "LEAK velocity" in drafted and "rows of one field stay in one set and fold" in drafted
    study = (folder / "config/studies/galaxies.yaml").read_text()
    assert "provenance: simulated" in study and "group: field" in study


def test_the_leak_put_back_is_a_finding_of_high_severity(walked):
    _, said = walked
    assert "velocity: {unit: km/s}" in said["leak"]
    found = json.loads(said["findings"])["findings"]
    leaks = [f for f in found if f["kind"] == "leak" and f["column"] == "velocity"]
    assert [f["severity"] for f in leaks] == ["high"]


@whole
def test_the_variant_runs_to_a_draft(walked):
    folder, _ = walked
    metrics = json.loads((folder / "results/at_random/evaluate/metrics.json").read_text())
    assert metrics["status"] == "draft"


@whole
def test_the_final_run_opens_the_test_set_once_and_answers_all_questions(walked):
    folder, _ = walked
    metrics = json.loads((folder / "results/galaxies/evaluate/metrics.json").read_text())
    assert metrics["status"] == "final" and metrics["provenance"] == "simulated"
    assert (folder / "results/galaxies/ethics/complete.json").is_file()
    ledger = (folder / "config/studies/galaxies.ledger.jsonl").read_text().splitlines()
    assert [set(json.loads(line)) >= {"key", "opened"} for line in ledger] == [True]


@whole
def test_the_best_model_beats_the_dummy(walked):
    folder, _ = walked
    metrics = json.loads((folder / "results/galaxies/evaluate/metrics.json").read_text())
    best, dummy = (metrics["models"][m]["test"]["rmse"] for m in (metrics["selected"], "dummy"))
    assert best["value"] < dummy["value"] / 2


@whole
def test_nothing_of_the_page_is_left_but_the_two_studies(walked):
    folder, _ = walked
    names = {p.name for p in (folder / "config/studies").iterdir() if not p.name.startswith(".")}
    assert names == {"galaxies.yaml", "galaxies.ledger.jsonl", "at_random.yaml"}
