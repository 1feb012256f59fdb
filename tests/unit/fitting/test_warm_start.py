"""Ensembles grown once for several trials are those that each trial grows alone."""

import numpy as np
import pandas as pd
import pytest
from searches import folds_of, numbered, recipes
from tables import classes_table, numbers_table
from tables import trial as plain_trial

from boxloop.fitting import warm_start
from boxloop.fitting.warm_start import grown_together, seed_name, stage
from boxloop.search import SearchTask, cross_validate, fold_fits
from boxloop.study.trials import named_trial

SIZES = {"forest": "n_estimators", "boosting": "max_iter"}
SCORED = ("scores", "train_scores", "mean", "status", "id")


def trial(kind: str, size: int, **more: object) -> dict:
    made = plain_trial(kind, **{SIZES[kind]: size, **more})
    about = {k: made[k] for k in ("model", "kind", "function", "inputs")}
    return named_trial(about, made["hyperparameters"])


def searched(trials: list[dict], task: str) -> list[dict]:
    numbers = task == "regression"
    table = numbers_table(200, missing=0.1) if numbers else classes_table(200)
    metric = "rmse" if numbers else "log_loss"
    about = (
        recipes(table, trials[0]["model"]),
        table,
        folds_of(table, task),
        SearchTask(task, metric, 0),
    )
    results, predictions = cross_validate(trials, *about)
    assert len(predictions) == 200
    return [{key: result[key] for key in SCORED} for result in results]


@pytest.mark.parametrize("task", ["regression", "classification"])
@pytest.mark.parametrize("kind", sorted(SIZES))
def test_trials_that_share_an_ensemble_score_what_each_scores_alone(
    monkeypatch: pytest.MonkeyPatch, kind: str, task: str
) -> None:
    trials = [trial(kind, n, min_samples_leaf=5) for n in (7, 20, 12)]
    fitted = []
    fit = warm_start.stage
    monkeypatch.setattr("boxloop.search.folds.stage", lambda *a: fitted.append(a) or fit(*a))
    together = searched(trials, task)
    assert len(fitted) == 2 * 3  # two trials of three folds come from the largest
    assert together == [searched([one], task)[0] for one in trials]
    assert len({one["mean"] for one in together}) == 3


@pytest.mark.parametrize("kind", sorted(SIZES))
def test_a_stage_is_the_ensemble_that_was_never_grown_further(kind: str) -> None:
    from boxloop.study.known_models import MODELS

    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    y = np.digitize(x[:, 0] + x[:, 1] ** 2, [0, 1])

    def fit(n: int):
        values = plain_trial(kind, **{SIZES[kind]: n})["hyperparameters"]
        return MODELS[kind].builder()("classification", 3, 1, **values).fit(x, y)

    small, cut = fit(6), stage(fit(15), kind, 6)
    np.testing.assert_array_equal(cut.predict_proba(x), small.predict_proba(x))
    np.testing.assert_array_equal(cut.predict(x), small.predict(x))
    np.testing.assert_array_equal(cut.classes_, small.classes_)


def test_what_differs_in_anything_else_is_grown_apart() -> None:
    trials = [
        trial("forest", 10), trial("forest", 20), trial("forest", 10, max_depth=3),
        plain_trial("tree"), trial("forest", 30), {**trial("forest", 1), "function": "own:f"},
    ]  # fmt: skip
    trials.append({**trials[0], "hyperparameters": {**trials[0]["hyperparameters"]}})
    trials[-1]["hyperparameters"]["n_estimators"] = "many"
    assert grown_together(trials) == [[0, 1, 4], [2], [3], [5], [6]]


def test_a_trial_with_the_default_size_keeps_its_own_name() -> None:
    assert seed_name(trial("forest", 100)) == trial("forest", 100)["id"]
    assert seed_name(trial("forest", 7)) == trial("forest", 100)["id"]
    assert seed_name(plain_trial("tree")) == "tree0"


def test_a_group_that_fails_is_tried_one_by_one() -> None:
    trials = [trial("forest", n, max_features="nonsense") for n in (5, 6)]
    table = numbers_table(100)
    about = recipes(table, "forest"), table, folds_of(table), SearchTask("regression", "rmse", 0)
    results, _ = cross_validate(trials, *about)
    assert [r["status"] for r in results] == ["failed", "failed"]
    assert all("max_features" in r["reason"] for r in results)


def test_kept_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> list[dict]:
        trials = numbered(*(plain_trial("tree", max_depth=d) for d in (1, 2, 3)))
        return searched(trials, "regression")

    kept = found()
    monkeypatch.setattr(fold_fits, "worth_keeping", lambda *_: False)
    assert found() == kept


@pytest.mark.parametrize("kind", sorted(SIZES))
def test_more_cores_change_no_digit(kind: str) -> None:
    table = numbers_table(2000)
    trials = [trial(kind, 40)]
    about = recipes(table, trials[0]["model"]), table, folds_of(table, "regression")
    (one, alone), *others = (
        cross_validate(trials, *about, SearchTask("regression", "rmse", 0, [], n))
        for n in (1, 4, 4, 4)
    )
    for results, predictions in others:
        assert results[0]["scores"] == one[0]["scores"]
        pd.testing.assert_frame_equal(predictions, alone, check_exact=True)
