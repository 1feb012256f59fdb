"""What is known of the studies that run."""

import pytest

from boxloop.cli.progress.known import Known, search_of
from boxloop.cli.progress.line import Search
from boxloop.cli.progress.state import Job, Progress
from boxloop.cli.searched import Searched
from boxloop.study.load import load_study

STUDY = """\
schema: 2
task: regression
question: {what: "How far?", why: To have a small study.}
samples:
  train: {path: stars.csv, sha256: SHA, provenance: simulated}
columns: {features: {x: {}}, target: y}
split: {folds: 2}
metric: METRIC
models: [{name: dummy}, {name: linear, space: {alpha: [0.0, 1.0]}}]
report: {title: A small study, authors: [A. Author]}
"""


@pytest.fixture
def project(tmp_path):
    """A function that writes a study judged by a metric."""

    def write(metric="rmse"):
        folder = tmp_path / "config/studies"
        folder.mkdir(parents=True, exist_ok=True)
        text = STUDY.replace("METRIC", metric).replace("SHA", "a" * 64)
        (folder / "small.yaml").write_text(text)
        (tmp_path / "config/config.yaml").write_text("study: small\n")
        (tmp_path / "config/sources.yaml").write_text("{}\n")
        return tmp_path

    return write


@pytest.fixture
def found(monkeypatch):
    """How far the search of each model is said to be."""
    known = {
        "dummy": Searched("dummy", trials=1, finished=1, best=0.5),
        "linear": Searched("linear", trials=2, finished=1, best=0.2),
    }
    monkeypatch.setattr("boxloop.cli.searched.searched", lambda file, results, name: known[name])
    return known


@pytest.mark.parametrize(("metric", "best"), [("rmse", (0.2, "linear")), ("r2", (0.5, "dummy"))])
def test_the_best_score_is_that_of_the_metric_s_better_side(metric, best, project, found):
    file = load_study(project(metric) / "config/studies/small.yaml")
    assert search_of(file, project() / "results") == Search(2, 3, metric, *best)


def test_before_a_trial_has_ended_there_is_no_best_score(project, found):
    for one in found.values():
        one.finished, one.best = 0, None
    file = load_study(project() / "config/studies/small.yaml")
    assert search_of(file, project() / "results") == Search(0, 3, "rmse")


def running(rule, study="small"):
    return Progress(
        0.0, {rule: 1}, running={1: Job(rule, {"study": study, "model": "linear"}, 0.0)}
    )


def test_a_search_is_looked_at_once_it_runs(project, found):
    known = Known(project())
    for state, said in ((running("assemble"), None), (running("chunk"), 2)):
        known.learn(state)
        search = known.search(state)
        assert (search and search.finished) == said


def test_between_two_looks_what_was_seen_stands(project, found):
    known = Known(project())
    known.learn(running("chunk"))
    first = known.search(running("chunk"))
    found["linear"].finished = 2
    assert known.search(running("chunk")) == first
    known._next = 0.0
    assert known.search(running("chunk")) != first


def test_of_a_study_that_cannot_be_read_nothing_is_known(project):
    folder = project()
    (folder / "config/studies/small.yaml").write_text("schema: 2\n")
    known = Known(folder)
    known.learn(running("chunk"))
    assert known.search(running("chunk")) is None and not known.usual.by_file


def test_what_a_study_s_jobs_take_is_known_when_its_first_begins(project):
    folder = project()
    logs = folder / "results/small/logs"
    logs.mkdir(parents=True)
    (logs / "chunk-linear-0.tsv").write_text("s\th:m:s\tmax_rss\n77.5\t0:00:01\t100.0\n")
    known = Known(folder)
    assert not known.usual.by_file
    known.learn(running("chunk"))
    assert known.usual.by_file["small/chunk-linear-0"] == 77.5
