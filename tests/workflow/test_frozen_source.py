"""A source that is a query: asked in a run of the workflow, frozen, and not asked again."""

import sys
from collections.abc import Iterator

import pytest
from toy_project import REPOSITORY, ToyProject

sys.path.insert(0, str(REPOSITORY / "tests" / "unit"))

from local_services import Services, running

STUDY = """
schema: 2
task: regression
question: {what: "What is it?", why: To test the workflow.}
samples: {train: {source: asked, provenance: real}}
columns:
  id: source_id
  features: {g_mag: {unit: mag}}
  target: {name: temperature, from: teff, unit: K}
split: {folds: 2}
metric: rmse
models: [{name: dummy}]
report: {title: T, authors: [Nobody]}
"""
SOURCE = """
sources:
  asked:
    survey: a server of the test
    licence: none
    cite: [ahn2014]
    query: {{service: "{address}/tap", adql: SELECT * FROM stars, mode: async}}
"""
SUMMARY = "results/asks/data/summary.json"


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    rows = [
        (10**17 + i, f"star {i}", 10.0 + i % 7, 4000.0 + i, True, (1.0, 2.0, 3.0))
        for i in range(200)
    ]
    with running(Services(rows=rows)) as made:
        yield made


@pytest.fixture(scope="module")
def _ran(services, tmp_path_factory) -> ToyProject:
    made = ToyProject(tmp_path_factory.mktemp("asked"), "toy_table")
    (made.folder / "config/studies/asks.yaml").write_text(STUDY)
    (made.folder / "config/sources.yaml").write_text(SOURCE.format(address=services.address))
    made.run(SUMMARY)
    return made


@pytest.fixture
def project(_ran, tmp_path) -> ToyProject:
    """A project that has asked; a copy, so that a test may change it."""
    return _ran.copied(tmp_path / "project")


def test_the_summary_says_what_was_asked_of_whom(services, project):
    frozen = project.json(SUMMARY)["samples"]["train"]["frozen"]
    assert (frozen["query"], frozen["service"]) == (
        "SELECT * FROM stars",
        f"{services.address}/tap",
    )


def test_the_record_is_no_input_of_the_rule(project):
    (project.folder / "config/frozen/asked.json").unlink()
    assert project.to_do(SUMMARY) == set()


def test_a_clone_with_the_record_has_the_same_data(services, project):
    before = project.json(SUMMARY)["data_hash"]
    services.rows.reverse()
    for path in ("data/raw/asked/answer.parquet", "data/raw/asked/MANIFEST.json", SUMMARY):
        (project.folder / path).unlink()
    project.run(SUMMARY)
    assert project.json(SUMMARY)["data_hash"] == before


def test_another_query_stops_the_run_and_says_what_was_frozen(project):
    project.edit("config/sources.yaml", "SELECT *", "SELECT TOP 5 *")
    done = project.here(SUMMARY)
    assert done.returncode != 0
    assert "query: then SELECT * FROM stars" in done.stderr
