"""Through the workflow: every object tests once, down to the report and its ledger."""

import pandas as pd
import pytest
from toy_project import ToyProject

pytestmark = pytest.mark.long  # short: tests/unit/search/test_outer.py


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    made = ToyProject(tmp_path_factory.mktemp("nested"), "toy_table", "toy_nested")
    made.run("results/toy_nested/report/report.html")
    return made


def test_every_object_is_predicted_once_without_itself(project: ToyProject) -> None:
    predictions = pd.read_parquet(
        project.folder / "results/toy_nested/evaluate/predictions.parquet"
    )
    test = predictions[(predictions["set"] == "test") & (predictions["model"] == "linear")]
    assert len(test) == 200 and test["id"].is_unique
    assert sorted(test["outer"].unique()) == [0, 1, 2]


def test_the_procedure_has_a_score_of_its_own_and_one_opening(project: ToyProject) -> None:
    metrics = project.json("results/toy_nested/evaluate/metrics.json")
    assert metrics["protocol"] == "outer_folds" and len(metrics["nested"]["selected"]) == 3
    assert metrics["nested"]["scores"]["rmse"]["n_units"] == 200
    ledger = project.folder / "config/studies/toy_nested.ledger.jsonl"
    assert len(ledger.read_text().splitlines()) == 1
    page = (project.folder / "results/toy_nested/report/report.html").read_text()
    assert "Every object tested once" in page


def test_what_needs_untouched_objects_says_that_there_are_none(project: ToyProject) -> None:
    degraders = project.json("results/toy_nested/evaluate/degraders.json")
    understanding = project.json("results/toy_nested/evaluate/understanding.json")
    assert degraders["reason"] and not degraders["degraders"]
    assert understanding["importance"]["reason"]
