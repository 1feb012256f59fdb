"""Through the workflow: somebody else's predictions beside our own models, down to the report."""

import pandas as pd
import pytest
from toy_project import ToyProject


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    made = ToyProject(tmp_path_factory.mktemp("toy"), "toy_given", "toy_given_numbers")
    wanted = [
        "results/toy_given/report/report.html",
        "results/toy_given_numbers/evaluate/metrics.json",
    ]
    made.run(*wanted)
    return made


def test_a_column_that_is_the_truth_scores_one_and_its_gaps_are_counted(
    project: ToyProject,
) -> None:
    metrics = project.json("results/toy_given/evaluate/metrics.json")
    score = metrics["models"]["oracle"]["test"]["accuracy"]
    counts = metrics["given"]["oracle"]
    assert score["value"] == score["high"] == 1.0
    assert counts["missing"] > 0 and score["left_out"] == counts["missing"]
    assert score["n_units"] == counts["objects"] - counts["missing"] == counts["judged"]


def test_objects_that_it_was_trained_on_are_judged_apart(project: ToyProject) -> None:
    metrics = project.json("results/toy_given/evaluate/metrics.json")
    splits, counts = metrics["models"]["survey"], metrics["given"]["survey"]
    assert splits["their_training"]["accuracy"]["value"] == 1.0  # it was never wrong there
    assert splits["their_training"]["accuracy"]["n_units"] == counts["their_training"] > 50
    assert splits["test"]["accuracy"]["value"] < 0.95
    assert splits["test"]["log_loss"]["value"] is not None
    table = pd.read_parquet(project.folder / "results/toy_given/data/table.parquet")
    assert counts["their_training"] == table["survey__trained_on"].sum()


def test_nothing_is_trained_and_neither_is_selected(project: ToyProject) -> None:
    files = [p.name for p in (project.folder / "results/toy_given/train/survey").iterdir()]
    assert {name for name in files if not name.startswith(".")} == {
        "model.json",
        "recipe.json",
        "fit.json",
    }
    selected = project.json("results/toy_given/search/selected.json")
    assert selected["selected"] == "tree" and not selected["models"]["oracle"]["candidate"]
    left_out = project.json("results/toy_given/evaluate/degraders.json")["models_left_out"]
    assert [row["model"] for row in left_out] == ["oracle", "survey"]


def test_the_exploration_has_no_leak_to_tell_of(project: ToyProject) -> None:
    for file in ("all", "training"):
        found = project.json(f"results/toy_given/explore/{file}.json")["findings"]
        assert not [f for f in found if f["kind"].startswith("leak") or "oracle" in str(f)]


def test_the_report_says_what_is_known_of_them(project: ToyProject) -> None:
    page = (project.folder / "results/toy_given/report/report.html").read_text()
    assert "the pipeline of the survey" in page
    assert "It is not known which objects <strong>oracle</strong> was trained on" in page
    assert "<strong>survey</strong> was trained on" not in page


def test_numbers_with_their_errors_are_judged_as_distributions(project: ToyProject) -> None:
    metrics = project.json("results/toy_given_numbers/evaluate/metrics.json")
    score = metrics["models"]["old"]["cv"]
    assert metrics["given"]["old"]["missing"] == score["crps"]["left_out"] > 0
    assert score["coverage"]["low"] < 0.6827 < score["coverage"]["high"]
    assert metrics["models"]["linear"]["cv"]["crps"]["value"] is None
