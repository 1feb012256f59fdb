"""Cross-validation: no leakage, out-of-fold predictions, failures recorded, choices by score."""

import numpy as np
import pandas as pd
import pytest
from tables import classes_table, numbers_table, trial

from boxloop.errors import BoxloopError
from boxloop.prepare import assign_folds, make_recipes
from boxloop.search import SearchTask, best_predictions, cross_validate, select_models
from boxloop.store import Column, Table


def _folds(table: Table, k: int = 3, task: str = "regression") -> pd.DataFrame:
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    return assign_folds(table, split, folds=k, group=None, stratify=True, task=task, seed=0)


def _recipes(table: Table, *names: str) -> dict:
    models = [{"name": n, "kind": None, "function": None, "inputs": None} for n in names]
    return make_recipes(table, models)


def test_every_object_is_predicted_once_by_a_model_that_never_saw_it() -> None:
    """A tree grown to single objects repeats what it saw; on noise its out-of-fold R2 is bad."""
    table = numbers_table(200)
    table.frame["redshift"] = np.random.default_rng(99).normal(size=200)
    results, predictions = cross_validate(
        [trial("tree")],
        _recipes(table, "tree"),
        table,
        _folds(table),
        SearchTask("regression", "r2", 0),
    )
    assert sorted(predictions["id"]) == sorted(table.frame["id"])
    assert results[0]["mean"] < -0.3
    assert len(results[0]["scores"]) == 3


def test_the_mean_over_folds_is_that_of_scikit_learn() -> None:
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import PredefinedSplit, cross_val_score

    table = numbers_table(300)
    folds = _folds(table, 5)
    results, _ = cross_validate(
        [trial("linear")],
        _recipes(table, "linear"),
        table,
        folds,
        SearchTask("regression", "rmse", 0),
    )
    scores = -cross_val_score(
        LinearRegression(),
        table.frame[["a", "b"]],
        table.frame["redshift"],
        cv=PredefinedSplit(folds["fold"]),
        scoring="neg_root_mean_squared_error",
    )
    assert results[0]["scores"] == pytest.approx(list(scores), rel=1e-4)
    assert results[0]["mean"] == pytest.approx(scores.mean(), rel=1e-4)
    assert results[0]["std"] == pytest.approx(scores.std(ddof=1), rel=1e-3)


def test_labels_outside_the_training_set_change_nothing() -> None:
    table, poisoned = numbers_table(200), numbers_table(200)
    poisoned.frame.loc[150:, "redshift"] = 1e9
    folds = _folds(table.take(np.arange(150)))
    task = SearchTask("regression", "nmad", 0)
    one = cross_validate([trial("linear")], _recipes(table, "linear"), table, folds, task)
    two = cross_validate([trial("linear")], _recipes(table, "linear"), poisoned, folds, task)
    assert one[0][0]["scores"] == two[0][0]["scores"]


def test_a_trial_that_fails_says_why_and_the_search_goes_on() -> None:
    table = numbers_table(100)
    trials = [trial("dense", learning_rate=1e30, epochs=3), {**trial("dense", epochs=2), "id": "b"}]
    results, predictions = cross_validate(
        trials, _recipes(table, "dense"), table, _folds(table), SearchTask("regression", "mse", 0)
    )
    assert [r["status"] for r in results] == ["failed", "done"]
    assert "loss became" in results[0]["reason"]
    assert set(predictions["trial"]) == {"b"}
    with pytest.raises(BoxloopError, match=r"no trial of the model 'dense' succeeded.*loss became"):
        select_models(results[:1], "mse", ["dense"])


def test_no_trial_is_begun_once_the_budget_is_spent() -> None:
    table = numbers_table(60)
    trials = [trial("dummy"), {**trial("dummy"), "id": "b"}]
    results, _ = cross_validate(
        trials,
        _recipes(table, "dummy"),
        table,
        _folds(table),
        SearchTask("regression", "mse", 0),
        0.0,
    )
    assert [r["status"] for r in results] == ["not_run", "not_run"]


def test_the_best_score_wins_and_of_equals_the_simpler_model() -> None:
    def done(model: str, mean: float) -> dict:
        return {
            **trial("tree"),
            "id": f"{model}{mean}",
            "model": model,
            "status": "done",
            "reason": "",
            "scores": [mean, mean],
            "mean": mean,
            "std": 0.0,
            "epochs": [3, 6],
            "seconds": 1.0,
        }

    trials = [done("simple", 0.2), done("simple", 0.1), done("complex", 0.1)]
    table, selected = select_models(trials, "nmad", ["simple", "complex"])
    assert selected["selected"] == "simple"
    assert selected["models"]["simple"]["trial"] == "simple0.1"
    assert selected["models"]["simple"]["epochs"] == 4
    _, other = select_models(trials, "r2", ["simple", "complex"])
    assert other["models"]["simple"]["trial"] == "simple0.2"
    frames = [pd.DataFrame({"id": ["x"], "trial": [t["id"]], "fold": [0]}) for t in trials]
    kept = best_predictions(frames, selected)
    assert list(kept["model"]) == ["simple", "complex"] and len(table) == 3


def _done(model: str, mean: float) -> dict:
    outcome = {"status": "done", "reason": "", "scores": [mean, mean], "mean": mean, "std": 0.0}
    return {**trial("tree"), "id": model, "model": model, **outcome, "epochs": None, "seconds": 1.0}


def test_what_is_no_candidate_is_kept_but_never_selected() -> None:
    trials = [_done("honest", 0.2), _done("leak", 0.01)]
    _, selected = select_models(trials, "nmad", ["honest", "leak"], ["honest"])
    assert selected["selected"] == "honest"
    assert {n: m["candidate"] for n, m in selected["models"].items()} == {
        "honest": True,
        "leak": False,
    }


def test_the_training_score_is_that_of_the_fitting_rows() -> None:
    """A tree grown to single objects repeats what it was taught, and only that."""
    table = numbers_table(200)
    results, _ = cross_validate(
        [trial("tree")],
        _recipes(table, "tree"),
        table,
        _folds(table),
        SearchTask("regression", "mse", 0),
    )
    assert results[0]["train_scores"] == pytest.approx([0.0] * 3, abs=1e-12)
    assert results[0]["train_mean"] == pytest.approx(0.0, abs=1e-12)
    assert results[0]["mean"] > 1e-4
    frame, _ = select_models(results, "mse", ["tree"])
    assert frame["train_mean"].tolist() == [results[0]["train_mean"]]


def test_errors_of_the_target_reach_the_metric_in_every_fold() -> None:
    table = numbers_table(150)
    sigma = np.random.default_rng(1).uniform(0.01, 0.03, 150)
    frame = table.frame.assign(low=sigma, high=sigma)
    columns = {**table.columns, "low": Column("target_error"), "high": Column("target_error")}
    table = Table(frame, columns)
    folds, recipes = _folds(table), _recipes(table, "linear")
    task = SearchTask("regression", "chi2", 0)
    (result,), predicted = cross_validate([trial("linear")], recipes, table, folds, task)
    pulls = ((predicted["prediction"] - frame["redshift"]) / sigma) ** 2
    assert result["scores"] == pytest.approx(list(pulls.groupby(folds["fold"]).mean()))


def test_classifications_are_cross_validated_with_probabilities() -> None:
    table = classes_table(300)
    task = SearchTask("classification", "log_loss", 0)
    results, predictions = cross_validate(
        [trial("logistic")],
        _recipes(table, "logistic"),
        table,
        _folds(table, 3, "classification"),
        task,
    )
    assert results[0]["mean"] < 0.7
    assert {"p_GALAXY", "p_QSO", "p_STAR"} <= set(predictions)
