"""What reruns after an edit, and what does not."""

import os
import time
from pathlib import Path

import pytest
from toy_project import ToyProject

REPORT = {"exploration_page", "tex", "page", "pdf", "record", "log_run", "gate"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    """The toy table, run once, with its own copy of the source."""
    folder = tmp_path_factory.mktemp("reruns")
    made = ToyProject(folder, "toy_table", "toy_variant", own_source=True)
    made.run("toy_table")
    return made


@pytest.fixture
def restored(project: ToyProject) -> ToyProject:
    """The project, with every file put back after the test, dates included."""
    paths = [p for top in ("src", "workflow", "config") for p in (project.folder / top).rglob("*")]
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in paths if p.is_file()}
    yield project
    for path, (content, when) in before.items():
        if path.read_bytes() != content or path.stat().st_mtime_ns != when:
            path.write_bytes(content)
            os.utime(path, ns=(when, when))


def test_a_finished_study_has_nothing_to_do(project: ToyProject) -> None:
    assert project.to_do("toy_table") == set()


def test_a_new_title_reruns_the_report_and_the_run_record_only(restored: ToyProject) -> None:
    restored.edit("config/studies/toy_table.yaml", "title: A toy table", "title: Another title")
    todo = restored.to_do("toy_table")
    assert {"tex", "page", "record"} <= todo <= REPORT


def test_a_changed_function_of_evaluate_reruns_evaluate_and_what_follows(
    restored: ToyProject,
) -> None:
    restored.edit("src/boxloop/evaluate/honesty.py", "POINTS = 200", "POINTS = 201")
    todo = restored.to_do("toy_table")
    assert {"evaluate", "checklist", "figures", "tex", "page", "record"} <= todo
    assert not todo & {"assemble", "split", "folds", "recipes", "chunk", "select", "fit"}


def test_comments_docstrings_and_dates_rerun_nothing(restored: ToyProject) -> None:
    details = restored.folder / "src/boxloop/evaluate/details.py"
    text = details.read_text().replace('"""What the figures', '"""All that the figures')
    details.write_text("# a comment\n" + text)
    later = time.time() + 100
    for path in [*restored.folder.glob("workflow/**/*"), *restored.folder.glob("config/**/*")]:
        os.utime(path, (later, later))
    assert restored.to_do("toy_table") == set()


def test_a_changed_margin_does_not_search_again(restored: ToyProject) -> None:
    restored.edit("config/studies/toy_table.yaml", "margin: 0.05", "margin: 0.06")
    todo = restored.to_do("toy_table")
    assert "evaluate" in todo and not todo & {"assemble", "chunk", "fit", "predict"}


def test_more_trials_leave_old_chunks_alone(restored: ToyProject) -> None:
    """The grid of three values in chunks of two grows to five: its second chunk and a third run."""
    restored.edit(
        "config/studies/toy_table.yaml", "alpha: [0.0, 1.0, 10.0]", "alpha: [0.0, 1.0, 10.0, 20.0]"
    )
    done = restored.snakemake("--dry-run", "--", "toy_table")
    jobs = [line for line in done.stdout.splitlines() if "chunks/linear-" in line]
    assert not any("output" in line and "linear-0" in line for line in jobs)
    assert {"chunk", "select", "fit"} <= restored.to_do("toy_table")


def test_a_variant_reads_its_bases_files_until_it_differs(restored: ToyProject) -> None:
    restored.edit(
        "config/studies/toy_variant.yaml", "split: {group: field}", "groups: [brightness, field]"
    )
    todo = restored.to_do("toy_variant")
    assert "evaluate" in todo and not todo & {"assemble", "simulate", "split", "chunk", "fit"}


def test_user_code_is_part_of_what_a_study_rests_on(restored: ToyProject) -> None:
    restored.edit("config/studies/toy_tables.py", "fields=20", "fields=30")
    assert {"simulate", "assemble", "chunk", "evaluate"} <= restored.to_do("toy_table")


def test_results_are_outside_the_source(project: ToyProject) -> None:
    written = {p.name for p in project.folder.iterdir()}
    assert {"results", "data"} <= written
    assert not list((project.folder / "src").rglob("*.parquet"))
    assert not [p for p in Path(project.folder / "results").rglob("*") if ".part" in p.name]
