"""Somebody else's predictions through search, training and evaluation: nothing is trained."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from computed import computed
from tables import classes_table, numbers_table, trial

from boxloop.analyses.degraders.compute import compute
from boxloop.analyses.external.models import own_models
from boxloop.analyses.scores.compute import evaluate, gap, known_truth
from boxloop.analyses.scores.predicted_distributions import predicted_distributions
from boxloop.evaluate.predict import predict_sets
from boxloop.fitting import fit_model, is_given_folder, load_model, save_model
from boxloop.metrics import value
from boxloop.prepare import assign_folds, make_recipes
from boxloop.search import SearchTask, best_predictions, cross_validate, select_models
from boxloop.store import Column, Table
from boxloop.train import fit_final

SURVEY = trial("survey", "predictions")
RULES = {"study": "s", "provenance": "simulated", "margin": 0.01, "seed": 0, "published": []}


def with_given(table: Table, **columns: object) -> Table:
    named = {f"survey__{key}": values for key, values in columns.items()}
    roles = {**table.columns, **dict.fromkeys(named, Column("prediction"))}
    return replace(table, frame=table.frame.assign(**named), columns=roles)


def classes(n: int = 200, **columns: object) -> Table:
    """Predictions that are the truth, but for what is given."""
    table = classes_table(n)
    return with_given(table, **{"prediction": table.frame["class"], **columns})


def searched(table: Table, task: str, metric: str, *models: str) -> tuple:
    """Trials, the choice and out-of-fold predictions of the survey and of models of ours."""
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    rules = {"group": None, "stratify": task == "classification", "task": task, "seed": 0}
    folds = assign_folds(table, split, folds=3, **rules)
    names = [*models, "survey"]
    described = [
        {"name": n, "kind": "predictions" if n == "survey" else None, "function": None}
        for n in names
    ]
    recipes = make_recipes(table, [{**m, "inputs": None} for m in described])
    results, frames = [], []
    for name in names:
        plan = [SURVEY if name == "survey" else trial(name)]
        found, predictions = cross_validate(
            plan, recipes, table, folds, SearchTask(task, metric, 0)
        )
        results += found
        frames.append(predictions)
    trials, selected = select_models(results, metric, names, list(models) or names)
    return trials, selected, best_predictions(frames, selected), recipes, split


def test_a_column_that_is_the_truth_scores_one_and_is_not_selected() -> None:
    _, selected, predictions, _, _ = searched(classes(), "classification", "accuracy", "dummy")
    assert selected["models"]["survey"]["scores"] == [1.0, 1.0, 1.0]
    assert selected["selected"] == "dummy" and not selected["models"]["survey"]["candidate"]
    mine = predictions[predictions["model"] == "survey"]
    truth = classes().frame.set_index("id")["class"]
    assert (mine.set_index("id")["prediction"].reindex(truth.index) == truth).all()


def test_a_search_goes_on_where_no_object_is_left_to_judge_it_by() -> None:
    table = classes(trained_on=np.ones(200, bool))
    trials, selected, predictions, _, _ = searched(table, "classification", "accuracy", "dummy")
    assert selected["models"]["survey"]["mean"] is None
    assert selected["models"]["survey"]["scores"] == [None, None, None]
    assert trials.loc[trials["model"] == "survey", "mean"].isna().all()
    assert (predictions["model"] == "survey").sum() == 200


def test_a_saved_model_is_plain_json_and_predicts_the_same(tmp_path: Path) -> None:
    table = classes(p_QSO=0.2, p_STAR=0.3, p_GALAXY=0.5)
    fitted = fit_model(
        SURVEY, {"inputs": []}, table, np.zeros(200), task="classification",
        classes=("GALAXY", "QSO", "STAR"), seed=(0,),
    )  # fmt: skip
    assert fitted.given and not fitted.network
    save_model(fitted, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"model.json", "recipe.json", "fit.json"}
    assert is_given_folder(tmp_path)
    again = load_model(tmp_path)
    assert again.given
    pd.testing.assert_frame_equal(again.predict(table), fitted.predict(table))
    assert fitted.predict(table).columns.tolist() == [
        *("id", "prediction", "trained_on", "p_GALAXY", "p_QSO", "p_STAR")
    ]


def evaluated(table: Table, task: str, metric: str, *models: str) -> tuple:
    """Everything from the search to the evaluation of a draft."""
    _, selected, cv, recipes, split = searched(table, task, metric, *models)
    options = {"task": task, "seed": 0}
    finals = [
        fit_final(name, selected, recipes[name], table, split, **options)
        for name in selected["models"]
    ]
    predictions = predict_sets(finals, [table], split, final=False)
    truth = known_truth(table, None, group=None, groups=[])
    found = evaluate(
        predictions, cv, truth, status="draft", task=task, metric=metric,
        selected=selected["selected"], candidates=list(models), **RULES,
    )  # fmt: skip
    return found, finals, split, truth


def test_missing_and_training_objects_are_counted_and_judged_apart() -> None:
    truth = classes_table(200).frame["class"]
    prediction = truth.where(np.arange(200) >= 20, None)  # 20 without a prediction
    taught = (np.arange(200) >= 10) & (np.arange(200) < 70)  # 10 of these without one
    wrong = np.where(truth == "STAR", "QSO", "STAR")
    prediction = prediction.where(~((np.arange(200) >= 60) & (np.arange(200) < 70)), wrong)
    table = classes(prediction=prediction, trained_on=taught)
    found, *_ = evaluated(table, "classification", "accuracy", "dummy")
    assert found.metrics["given"] == {
        "survey": {
            "objects": 200,
            "missing": 20,
            "trained_on": 50,
            "judged": 130,
            "their_training": 50,
        }
    }
    splits = found.metrics["models"]["survey"]
    assert splits["cv"]["accuracy"]["value"] == 1.0
    assert splits["cv"]["accuracy"]["left_out"] == 70 and splits["cv"]["accuracy"]["n_units"] == 130
    assert splits["their_training"]["accuracy"]["value"] == pytest.approx(40 / 50)
    assert splits["their_training"]["accuracy"]["n_units"] == 50
    assert "their_training" not in found.metrics["models"]["dummy"]
    assert found.metrics["models"]["dummy"]["cv"]["accuracy"].get("left_out") is None
    assert own_models(found.metrics) == ["dummy"]
    assert gap(found.metrics)["survey"] is None and gap(found.metrics)["dummy"] is not None


def test_they_are_compared_on_the_objects_that_remain_for_both() -> None:
    truth = classes_table(200).frame["class"]
    easy = (truth == "GALAXY").to_numpy()
    table = classes(prediction=truth.where(easy, None))
    found, *_ = evaluated(table, "classification", "accuracy", "dummy", "tree")
    (row,) = [r for r in found.metrics["comparisons"] if r["other"] == "survey"]
    tree = found.judged["tree"]
    accuracy = float((tree.prediction == tree.truth)[tree.truth == 0].mean())
    assert row["model"] == "tree" and row["candidate"] is False
    assert row["difference"] == pytest.approx(accuracy - 1.0)
    pair = next(
        r for r in found.metrics["pairs"] if {r["model"], r["other"]} == {"dummy", "survey"}
    )
    assert pair["folds"]["p"] is None and "not judged by every object" in pair["folds"]["reason"]
    assert (
        pair["mcnemar"]["only_first"] == 0
    )  # the prior is right about every galaxy, or about none
    assert pair["mcnemar"]["only_second"] in (0, int(easy.sum()))


def test_our_own_scores_do_not_change_when_somebody_elses_stand_beside_them() -> None:
    table = classes(trained_on=np.arange(200) % 3 == 0)
    beside, *_ = evaluated(table, "classification", "accuracy", "dummy", "tree")
    again, *_ = evaluated(classes(), "classification", "accuracy", "dummy", "tree")
    for name in ("dummy", "tree"):
        assert beside.metrics["models"][name] == again.metrics["models"][name]
    mine = [m.metrics["comparisons"][0] for m in (beside, again)]
    assert mine[0]["other"] == "dummy" and mine[0] == mine[1]


def test_without_any_object_left_there_are_reasons_and_no_scores() -> None:
    table = classes(trained_on=np.ones(200, bool))
    found, *_ = evaluated(table, "classification", "accuracy", "dummy")
    score = found.metrics["models"]["survey"]["cv"]["accuracy"]
    assert score["value"] is None and "no object is left" in score["reason"]
    assert found.metrics["models"]["survey"]["their_training"]["accuracy"]["value"] == 1.0
    assert found.metrics["comparisons"] == [] or (
        found.metrics["comparisons"][0]["difference"] is None
    )


def test_a_regression_with_sigma_has_distributions() -> None:
    table = numbers_table(200)
    z = table.frame["redshift"].to_numpy()
    rng = np.random.default_rng(5)
    given = with_given(table, prediction=z + rng.normal(0, 0.05, 200), sigma=np.full(200, 0.05))
    found, *_ = evaluated(given, "regression", "mae", "linear")
    scores = found.metrics["models"]["survey"]["cv"]
    assert scores["coverage"]["value"] == pytest.approx(0.6827, abs=3 * np.sqrt(0.22 / 200))
    expected = 0.05 * np.sqrt(2 / np.pi)
    assert scores["mae"]["value"] == pytest.approx(expected, abs=4 * 0.6 * 0.05 / np.sqrt(200))
    assert scores["nll"]["value"] < 0 and scores["crps"]["value"] < scores["mae"]["value"]
    assert found.metrics["models"]["linear"]["cv"]["crps"]["value"] is None
    assert predicted_distributions(found, seed=0) == {}  # the figure is about our own models


def test_without_sigma_there_is_no_distribution() -> None:
    table = numbers_table(200)
    found, *_ = evaluated(
        with_given(table, prediction=table.frame["redshift"]), "regression", "mae", "linear"
    )
    score = found.metrics["models"]["survey"]["cv"]["crps"]
    assert score["value"] is None and score["reason"] == "the model gives no distribution"


def test_a_metric_that_needs_what_they_lack_leaves_them_without_a_score() -> None:
    found, *_ = evaluated(classes(), "classification", "log_loss", "dummy")
    score = found.metrics["models"]["survey"]["cv"]
    assert score["log_loss"]["value"] is None and score["accuracy"]["value"] == 1.0


def test_permuting_rows_changes_nothing() -> None:
    taught = np.arange(200) % 4 == 0
    table = classes(trained_on=taught, prediction=classes_table(200).frame["class"].shift(1))
    order = np.random.default_rng(0).permutation(200)
    first, *_ = evaluated(table, "classification", "accuracy", "dummy")
    second, *_ = evaluated(table.take(order), "classification", "accuracy", "dummy")
    one, other = (m.metrics["models"]["survey"]["cv"] for m in (first, second))
    assert one["accuracy"]["value"] == pytest.approx(other["accuracy"]["value"], rel=1e-12)
    assert first.metrics["given"] == second.metrics["given"]


def test_they_are_not_degraded() -> None:
    table = classes(300, prediction=classes_table(300).frame["class"])
    found, finals, split, truth = evaluated(table, "classification", "accuracy", "dummy", "tree")
    split = split.assign(set=np.where(np.arange(300) % 3 == 0, "calibration", "train"))
    content = computed(
        compute, table=table, split=split, truth=truth, metrics=found.metrics,
        models={model.name: model for model in finals},
        degraders=[{"name": "missing", "function": None, "strengths": [0.5], "columns": None,
                    "parameters": {}}],
        derived={}, margin=0.01, seed=0,
    )  # fmt: skip
    assert content["models_left_out"][0]["model"] == "survey"
    assert set(content["degraders"][0]["scores"]) == {"dummy", "tree"}


def test_values_of_objects_that_are_left_out_do_not_reach_a_score() -> None:
    truth = classes_table(200).frame["class"]
    taught = np.arange(200) < 50
    scores = []
    for wrong in ("QSO", "STAR"):
        table = classes(prediction=truth.where(~taught, wrong), trained_on=taught)
        found, *_ = evaluated(table, "classification", "accuracy", "dummy")
        scores.append(found.metrics["models"]["survey"]["cv"])
        assert value("accuracy", found.judged["survey"]) == 1.0
    assert scores[0] == scores[1]
