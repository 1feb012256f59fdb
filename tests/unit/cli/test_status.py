"""How far a study is, as another shell sees it."""

import json
import time
from pathlib import Path

import pandas as pd
import pytest

from boxloop.cli import main
from boxloop.search import Progress
from boxloop.search.progress import EVERY, Epochs
from boxloop.study.load import load_study
from boxloop.study.trials import chunks_of

STUDY = """\
schema: 2
task: classification
question: {what: what is it, why: to know}
samples:
  train:
    simulator: "boxloop.simulate.photoz:galaxies"
    n: 20
    parameters: {limit: 20}
    provenance: simulated
columns:
  features: {g_mag: }
  target: kind
metric: accuracy
models:
  - {name: dummy}
  - {name: forest, space: {min_samples_leaf: [1, 5, 9]}}
  - {name: dense, space: {learning_rate: [0.01, 0.02]}}
search: {chunk: 2}
report: {title: A title, authors: [A. Author]}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config/studies"
    folder.mkdir(parents=True)
    (folder / f"{tmp_path.name}.yaml").write_text(STUDY)  # loaded studies are kept by their path
    (tmp_path / "config/config.yaml").write_text(f"study: {tmp_path.name}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def results(project: Path) -> Path:
    return project / "results" / project.name


def ended(trial: dict, mean: float | None, seconds: float = 30.0) -> dict:
    status = "failed" if mean is None else "done"
    return {**trial, "status": status, "reason": "", "mean": mean, "seconds": seconds}


def trials(project: Path, model: str, chunk: int) -> list[dict]:
    file = load_study(project / f"config/studies/{project.name}.yaml")
    found = next(m for m in file.study.models if m.name == model)
    return chunks_of(file.study, found)[chunk]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["status", *arguments]) == 0
    return capsys.readouterr().out


def test_before_a_run_everything_lies_ahead(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys)
    assert "done: nothing yet; ahead: data, explore" in text
    assert "forest  0 of 3 trials" in text and "not known yet" in text


def test_finished_chunks_and_running_ones_are_counted_together(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chunk = results(project) / "search/chunks/forest-0.json"
    chunk.parent.mkdir(parents=True)
    first, second = trials(project, "forest", 0)
    chunk.write_text(json.dumps([ended(first, 0.8), ended(second, None)]))
    running = Progress(results(project) / "checkpoints/chunk-dense-0", "key")
    one, other = trials(project, "dense", 0)
    running.save(ended(one, 0.91), pd.DataFrame({"id": [1]}))
    writing = json.dumps({"key": "key", "result": ended(other, 0.99)})
    (running.folder / ".other.node-1-a1.part.json").write_text(writing)
    text = said(capsys, project.name)
    assert "forest  2 of 3 trials, 1 failed, best accuracy 0.8\n" in text
    assert "dense   1 of 2 trials, best accuracy 0.91; chunk 0: 1 of 2 trials\n" in text
    assert "about 1 min of search left with 1 job at a time, and that of dummy" in text


def test_a_stack_says_its_epoch_and_when_it_was_last_heard_of(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = results(project) / "checkpoints/chunk-dense-0"
    tell = Epochs(folder)
    tell(1, 10, 10)
    assert not folder.exists()  # not at every epoch of a millisecond
    later = time.monotonic() + EVERY
    monkeypatch.setattr(time, "monotonic", lambda: later)
    tell(12, 7, 10)
    assert "chunk 0: 0 of 2 trials; epoch 12, 7 of 10 networks still train\n" in said(capsys)
    content = json.loads((folder / "epochs.json").read_text())
    (folder / "epochs.json").write_text(json.dumps({**content, "at": content["at"] - 600}))
    assert "still train, not heard of for 60" in said(capsys)


def test_a_report_of_an_earlier_run_is_not_taken_for_the_end(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = results(project) / "report/report.html"
    report.parent.mkdir(parents=True)
    report.write_text("")
    assert "the search is not finished; of an earlier run: " in said(capsys)
    chunks = results(project) / "search/chunks"
    chunks.mkdir(parents=True)
    for model, numbers in (("dummy", (0,)), ("forest", (0, 1)), ("dense", (0,))):
        for number in numbers:
            found = [ended(trial, 0.5) for trial in trials(project, model, number)]
            (chunks / f"{model}-{number}.json").write_text(json.dumps(found))
    assert ": finished; " in said(capsys)


def test_a_study_that_is_not_there_is_named_with_those_that_are(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "fotoz"]) == 2
    message = capsys.readouterr().err
    assert "there is no such study; there are:" in message and project.name in message
