"""What reruns after an edit, and what does not."""

import os
import re
import shutil
import time
from pathlib import Path

import pytest
from toy_project import TOYS, ToyProject

from boxloop.analyses.registry import COMPUTED

REPORT = {"exploration_page", "tex", "page", "pdf", "record", "log_run", "gate"}
STUDY = "config/studies/toy_table.yaml"


@pytest.fixture
def project(table_ran: ToyProject, tmp_path: Path) -> ToyProject:
    """A copy of the project in which the toy table has run."""
    made = table_ran.copied(tmp_path / "project")
    shutil.copy(TOYS / "toy_variant.yaml", made.folder / "config/studies")
    return made


@pytest.fixture(scope="module")
def with_source(table_ran: ToyProject, tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    """The same with its own copy of the package, the rules and the scripts."""
    return table_ran.copied(tmp_path_factory.mktemp("source") / "project", own_source=True)


def test_a_finished_study_has_nothing_to_do_wherever_the_source_lies(
    table_ran: ToyProject, with_source: ToyProject
) -> None:
    assert table_ran.to_do("toy_table") == set()
    assert with_source.to_do("toy_table") == set()


def test_a_new_title_reruns_the_report_and_the_run_record_only(project: ToyProject) -> None:
    project.edit(STUDY, "title: A toy table", "title: Another title")
    todo = project.to_do("toy_table")
    assert {"tex", "page", "record"} <= todo <= REPORT


def test_a_changed_function_of_evaluate_reruns_evaluate_and_what_follows(
    with_source: ToyProject,
) -> None:
    changed = "src/boxloop/analyses/scores/predicted_distributions.py"
    with_source.edit(changed, "POINTS = 200", "POINTS = 201")
    todo = with_source.to_do("toy_table")
    with_source.edit(changed, "POINTS = 201", "POINTS = 200")
    assert {"evaluate", "checklist", "figures", "tex", "page", "record"} <= todo
    assert not todo & {"assemble", "split", "folds", "recipes", "chunk", "select", "fit"}


@pytest.mark.parametrize(
    ("changed", "old", "new", "first"),
    [
        ("groups/compute.py", "p values are Holm's", "p values are of Holm", {"groups"}),
        ("groups/figures.py", "def figures(", "ADDED = 1\n\n\ndef figures(", set()),
        ("groups/section.py", "MOST, CLASSES = 6, 3", "MOST, CLASSES = 7, 3", None),
    ],
)
def test_what_an_analysis_says_reruns_it_and_the_report_only(
    with_source: ToyProject, changed: str, old: str, new: str, first: set[str] | None
) -> None:
    """A changed section is not even drawn again; None stands for that."""
    with_source.edit(f"src/boxloop/analyses/{changed}", old, new)
    todo = with_source.to_do("toy_table")
    with_source.edit(f"src/boxloop/analyses/{changed}", new, old)
    expected = {"tex", "page", "pdf"} if first is None else {"figures", "tex", "page", "pdf"}
    followed = {"checklist", "record", "log_run", "gate"} if first else set()
    assert {"tex", "page"} <= todo <= expected | (first or set()) | followed | {"log_run", "gate"}
    assert (first or set()) <= todo and ("figures" in todo) == (first is not None)


ADDED = '"new": _estimator("svm", defaults={}),\n    "svm": _estimator('
FITTED, DEGRADED = {"chunk", "fit"}, {"degrade", "figures", "page"}


@pytest.mark.parametrize(
    ("changed", "old", "new", "reruns"),
    [
        # Tables: a line that the study does not use, and one that it does.
        ("study/known_models.py", '"svm": _estimator(', ADDED, set()),
        ("study/known_models.py", '{"alpha": 0.0}', '{"alpha": 0.5}', FITTED),
        # Functions that build models.
        ("models/networks.py", "def dense(", "ADDED = 1\n\n\ndef dense(", set()),
        ("models/estimators.py", "def linear(", "ADDED = 1\n\n\ndef linear(", FITTED),
        # Degraders: one that does not fit the data, and one that does.
        ("study/known_degraders.py", "images are blurred", "images become blurred", set()),
        (
            "study/known_degraders.py",
            "most=1.0,\n        percent",
            "most=0.9,\n        percent",
            DEGRADED,
        ),
    ],
)
def test_a_study_rests_on_the_models_and_degraders_it_gets(
    with_source: ToyProject, changed: str, old: str, new: str, reruns: set[str]
) -> None:
    with_source.edit(f"src/boxloop/{changed}", old, new)
    todo = with_source.to_do("toy_table")
    with_source.edit(f"src/boxloop/{changed}", new, old)
    assert reruns <= todo and bool(todo) == bool(reruns)
    assert not todo & {"assemble", "split", "explore_all"}


@pytest.mark.parametrize("name", ["evaluate/degraders", "explore/embedding"])
def test_the_run_record_is_made_after_all_whose_time_it_notes(
    project: ToyProject, name: str
) -> None:
    for file in (name, "track/run"):
        (project.folder / f"results/toy_table/{file}.json").unlink()
    todo = project.to_do("results/toy_table/track/run.json")
    assert {"record", "degrade" if "degraders" in name else "embed"} <= todo


def test_comments_docstrings_and_dates_rerun_nothing(with_source: ToyProject) -> None:
    details = with_source.folder / "src/boxloop/analyses/scores/details.py"
    text = details.read_text().replace('"""What the figures', '"""All that the figures')
    details.write_text("# a comment\n" + text)
    later = time.time() + 100
    for top in ("src", "workflow", "config"):
        for path in (with_source.folder / top).rglob("*"):
            os.utime(path, (later, later))
    assert with_source.to_do("toy_table") == set()


@pytest.mark.parametrize("name", COMPUTED)
def test_an_analysis_whose_file_is_gone_is_made_again(project: ToyProject, name: str) -> None:
    """A report that was made from it is no reason to go without."""
    (project.folder / f"results/toy_table/evaluate/{name}.json").unlink()
    todo = project.to_do("toy_table")
    assert {COMPUTED[name].rule, "page"} <= todo
    assert not todo & {"assemble", "chunk", "fit", "evaluate"}


def test_a_changed_margin_does_not_search_again(project: ToyProject) -> None:
    project.edit(STUDY, "margin: 0.05", "margin: 0.06")
    todo = project.to_do("toy_table")
    assert "evaluate" in todo and not todo & {"assemble", "chunk", "fit", "predict"}


def test_more_trials_leave_old_chunks_alone(project: ToyProject) -> None:
    """The grid of three values in chunks of two grows to four: its second chunk alone runs."""
    project.edit(STUDY, "alpha: [0.0, 1.0, 10.0]", "alpha: [0.0, 1.0, 10.0, 20.0]")
    planned = project.run("--dry-run", "--quiet", "host", "--", "toy_table")
    outputs = [line for line in planned.splitlines() if line.strip().startswith("output:")]
    written = {chunk for line in outputs for chunk in re.findall(r"chunks/(\S+)\.json", line)}
    assert written == {"linear-1"}
    assert {"chunk", "select", "fit"} <= project.to_do("toy_table")


def test_a_variant_reads_its_bases_files_until_it_differs(project: ToyProject) -> None:
    project.edit(
        "config/studies/toy_variant.yaml", "split: {group: field}", "groups: [brightness, field]"
    )
    todo = project.to_do("toy_variant")
    assert "evaluate" in todo and not todo & {"assemble", "simulate", "split", "chunk", "fit"}


def test_user_code_is_part_of_what_a_study_rests_on(project: ToyProject) -> None:
    project.edit("config/studies/toy_tables.py", "fields=20", "fields=30")
    assert {"simulate", "assemble", "chunk", "evaluate"} <= project.to_do("toy_table")


def test_results_are_outside_the_source(table_ran: ToyProject) -> None:
    written = {p.name for p in table_ran.folder.iterdir()}
    assert {"results", "data"} <= written
    assert not [p for p in (table_ran.folder / "results").rglob("*") if ".part" in p.name]
