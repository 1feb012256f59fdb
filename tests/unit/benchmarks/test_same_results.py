"""What benchmarks/same_results.py calls the same, and what it says of the rest."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from boxloop import store

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))

import clones
import same_results

MAKEFILE = """\
setup:
\t@echo "$(NAME)$(ARGS)" > setup
run:
\t@mkdir -p results/$(STUDY)/evaluate
\t@cp number results/$(STUDY)/evaluate/metrics.json
\t@cp number config/studies/$(STUDY).ledger.jsonl
broken:
\t@echo it went wrong; exit 3
"""


@pytest.fixture
def projects(tmp_path):
    """Two projects with the same results of a study."""
    before, after = tmp_path / "before", tmp_path / "after"
    results = before / "results/demo"
    for name, content in {
        "evaluate/metrics.json": {"models": {"forest": {"test": {"rmse": {"value": 0.25}}}}},
        "evaluate/details.json": {"openings": [{"opened": "2020", "metric": "rmse"}]},
        "search/selected.json": {"selected": "forest"},
        "explore/embedding.json": {"umap": {"x": [1.0]}},
    }.items():
        store.write_json(content, results / name)
    store.write_frame(frame(), results / "evaluate/predictions.parquet")
    store.write_frame(frame().assign(seconds=1.0), results / "search/trials.parquet")
    (before / "config/studies").mkdir(parents=True)
    (before / "config/studies/demo.ledger.jsonl").write_text('{"key": "a", "opened": "2020"}\n')
    shutil.copytree(before, after)
    return before, after


def frame():
    number = np.array([1.0, np.nan, 0.0])
    return pd.DataFrame({"id": ["a", "b", "c"], "prediction": number, "epochs": ["1", None, "2"]})


def found(projects, name):
    return next(one for one in same_results.compare("demo", *projects) if one.file == name)


def change(projects, name, *keys_and_value):
    *keys, last, value = keys_and_value
    path = projects[1] / "results/demo" / name
    content = place = store.read_json(path)
    for key in keys:
        place = place[key]
    place[last] = value
    store.write_json(content, path)


def test_equal_projects_are_the_same_in_every_file(projects):
    compared = same_results.compare("demo", *projects)
    assert {one.verdict for one in compared} == {"same"}
    assert len(compared) == 7


def test_a_changed_number_is_named_by_its_keys_and_by_how_much(projects):
    change(projects, "evaluate/metrics.json", "models", "forest", "test", "rmse", "value", 0.5)
    one = found(projects, "evaluate/metrics.json")
    assert one.verdict == "differs"
    assert str(one.differences[0]) == "models.forest.test.rmse.value: 0.25 → 0.5; at most by 0.25"


def test_json_that_is_written_otherwise_differs(projects):
    path = projects[1] / "results/demo/search/selected.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=3))
    assert found(projects, "search/selected.json").verdict == "differs"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ([1.0, np.nan, -0.0], "row 2: 0.0 → -0.0"),
        ([1.0, 2.0, 0.0], "row 1: null → 2.0"),
        ([1.5, np.nan, 0.5], "row 0: 1.0 → 1.5 and 1 more; at most by 0.5"),
    ],
)
def test_a_changed_column_is_named_with_its_first_row(projects, number, said):
    path = projects[1] / "results/demo/evaluate/predictions.parquet"
    store.write_frame(frame().assign(prediction=number), path)
    one = found(projects, "evaluate/predictions.parquet")
    assert one.verdict == "differs"
    assert said in str(one.differences[0])


def test_a_table_written_as_other_bytes_has_the_same_content(projects):
    path = projects[1] / "results/demo/evaluate/predictions.parquet"
    pd.read_parquet(path).to_parquet(path, compression="gzip", index=False)
    assert found(projects, "evaluate/predictions.parquet").verdict == "same content"


@pytest.mark.parametrize(
    "other",
    [
        frame().iloc[:2],
        frame().drop(columns="epochs"),
        frame()[["prediction", "id", "epochs"]],
        frame().assign(prediction=np.float32(0)),
        frame().assign(epochs=["1", "", "2"]),
    ],
    ids=["fewer rows", "a column less", "another order", "another type", "empty for missing"],
)
def test_tables_that_look_alike_differ(projects, other):
    store.write_frame(other, projects[1] / "results/demo/evaluate/predictions.parquet")
    one = found(projects, "evaluate/predictions.parquet")
    assert one.verdict == "differs" and one.differences


def test_a_file_on_one_side_only_differs(projects):
    (projects[0] / "results/demo/search/selected.json").unlink()
    assert "not there → there" in str(found(projects, "search/selected.json").differences[0])


def test_only_the_places_that_may_differ_may(projects):
    trials = projects[1] / "results/demo/search/trials.parquet"
    store.write_frame(frame().assign(seconds=2.0), trials)
    change(projects, "evaluate/details.json", "openings", 0, "opened", "2021")
    change(projects, "explore/embedding.json", "tsne", {"x": [2.0]})
    ledger = projects[1] / "config/studies/demo.ledger.jsonl"
    ledger.write_text('{"key": "a", "opened": "2021"}\n')
    differing = {one.file for one in same_results.compare("demo", *projects) if one.reason}
    assert differing == {
        "search/trials.parquet",
        "evaluate/details.json",
        "explore/embedding.json",
        "config/studies/demo.ledger.jsonl",
    }
    store.write_frame(frame().assign(seconds=2.0, prediction=0.0), trials)
    ledger.write_text('{"key": "b", "opened": "2021"}\n')
    assert found(projects, "search/trials.parquet").verdict == "differs"
    assert found(projects, "config/studies/demo.ledger.jsonl").verdict == "differs"


def test_without_results_nothing_is_called_the_same(projects):
    with pytest.raises(SystemExit, match="neither"):
        same_results.compare("another", *projects)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository of two commits, whose study says the number in a file."""
    folder = tmp_path / "repository"
    (folder / "config/studies").mkdir(parents=True)
    (folder / "config/studies/a.yaml").touch()
    (folder / "Makefile").write_text(MAKEFILE)
    for number in ("1", "2"):
        (folder / "number").write_text(number)
        about = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
        if number == "1":
            clones.git(folder, "init", "--quiet")
        clones.git(folder, "add", "-A")
        clones.git(folder, *about, "commit", "--quiet", "-m", number)
    monkeypatch.setattr(clones, "REPOSITORY", folder)
    monkeypatch.setattr(same_results, "REPOSITORY", folder)
    return folder


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["same_results.py", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        same_results.main()
    return end.value.code


def test_two_commits_are_run_in_clones_and_compared(repository, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MAKEFLAGS", " -- NAME=same_results ARGS=HEAD~1")
    kept = tmp_path / "kept"
    assert run(monkeypatch, "HEAD~1", "demo", "--before", kept) == 1
    said = capsys.readouterr().out
    assert "the value: 1 → 2" in said
    assert (kept / "setup").read_text() == "\n", "make got the variables of another make"
    assert (
        not list(repository.glob("config/studies/*.jsonl")) and not (repository / "setup").exists()
    )
    # A folder that was kept is taken to the commit that is asked for now.
    clones.git(kept, "checkout", "--quiet", "--", ".")
    assert run(monkeypatch, "HEAD", "demo", "--before", kept) == 0


def test_a_run_that_fails_says_what_make_said(repository, tmp_path):
    clone = clones.clone_at("HEAD", tmp_path / "clone")
    with pytest.raises(SystemExit, match="it went wrong"):
        clone.make("broken")


def test_what_is_no_commit_or_no_folder_for_a_clone_is_refused(repository, tmp_path):
    with pytest.raises(SystemExit, match="expected a commit"):
        clones.clone_at("nothing-like-it", tmp_path / "clone")
    with pytest.raises(SystemExit, match="the repository itself"):
        clones.clone_at("HEAD", repository)
    (tmp_path / "full").mkdir()
    with pytest.raises(SystemExit, match="or nothing"):
        clones.clone_at("HEAD", tmp_path / "full")
    assert subprocess.run(["git", "-C", repository, "diff", "--quiet"], check=False).returncode == 0
