"""What the jobs of a study take, before and after it has run."""

from pathlib import Path

import pytest

from boxloop.cli.estimate import job_seconds
from boxloop.cli.progress.usual import usual
from boxloop.study.load import load_study

REPOSITORY = Path(__file__).resolve().parents[3]
TABLE = "s\th:m:s\tmax_rss\n{seconds}\t0:00:01\t100.0\n"


@pytest.fixture
def demo():
    return load_study(REPOSITORY / "config/studies/photoz_demo.yaml")


def test_before_a_study_has_run_fits_are_reckoned_and_the_rest_is_as_in_shipped_studies(
    demo, tmp_path
):
    known = usual(demo, tmp_path)
    assert known.by_file["photoz_demo/chunk-forest-0"] > known.by_file["photoz_demo/chunk-dummy-0"]
    assert known.by_rule["embed"] > known.by_rule["assemble"] > 0
    assert "chunk" not in known.by_rule, "of several jobs only the longest is known"


def test_a_study_that_has_run_is_known_by_its_own_logs(demo, tmp_path):
    logs = tmp_path / "results/photoz_demo/logs"
    logs.mkdir(parents=True)
    (logs / "chunk-forest-0.tsv").write_text(TABLE.format(seconds=77.5))
    (logs / "embed.tsv").write_text(TABLE.format(seconds=5.5))
    known = usual(demo, tmp_path)
    assert known.by_file["photoz_demo/chunk-forest-0"] == 77.5
    assert known.by_file["photoz_demo/embed"] == 5.5


def test_jobs_are_named_by_the_stems_of_their_logs(demo):
    names = set(job_seconds(demo.study, 9800))
    assert {"chunk-dense-0", "fit-tree", "probe-shuffled"} <= names
    assert not any(name.startswith("nested") for name in names)
