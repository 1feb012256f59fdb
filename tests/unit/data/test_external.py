"""Somebody else's predictions in the data stage: read, checked, and offered to nobody."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from samples import columns, raw

from boxloop.analyses.exploration.overview import explore_all, explore_training
from boxloop.data.assemble import assemble
from boxloop.errors import BoxloopError
from boxloop.study.splitting import Split

CLASSES = ["STAR", "QSO"]


def sample(n: int = 60, **more: Any) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    kind = np.array(CLASSES, dtype=object)[rng.integers(0, 2, n)]
    p = np.where(kind == "QSO", 0.8, 0.3)
    theirs = kind.copy()
    theirs[:5] = "QSO"
    return {"u": rng.normal(20, 1, n), "kind": kind, "theirs": theirs, "p_qso": p, **more}


def data(
    frame: dict[str, Any], *, task: str = "classification", target: str = "kind", **given: Any
):
    about = {
        "task": task,
        "column": "theirs",
        "probabilities": {},
        "sigma": None,
        "labels": {},
        "missing": [],
        "trained_on": None,
        **given,
    }
    return assemble(
        [raw(frame)],
        columns={**columns(features={"u": {}}, target=target), "given": {"survey": about}},
        split=Split.model_validate({"test": 0.25, "folds": 2}).model_dump(mode="json"),
        task=task,
        seed=5,
    )


def test_predictions_stand_in_columns_of_their_model_with_a_role_of_their_own() -> None:
    frame = sample(used=["yes", "no"] * 30)
    table = data(frame, probabilities={"QSO": "p_qso"}, trained_on="used").table
    assert table.of_role("prediction") == [
        "survey__prediction",
        "survey__p_QSO",
        "survey__trained_on",
        "survey__p_STAR",
    ]
    assert list(table.frame["survey__prediction"]) == list(frame["theirs"])
    assert table.frame["survey__trained_on"].tolist() == [True, False] * 30
    np.testing.assert_allclose(table.frame["survey__p_STAR"], 1 - frame["p_qso"])
    assert table.of_role("feature") == ["u"]


def test_the_test_objects_keep_their_predictions_when_their_labels_are_sealed() -> None:
    table = data(sample()).table
    sealed = table.frame["kind"].isna()
    assert sealed.any() and table.frame.loc[sealed, "survey__prediction"].notna().all()


def test_other_names_of_classes_are_translated() -> None:
    frame = sample()
    frame["theirs"] = np.where(frame["theirs"] == "QSO", 1, 2)
    table = data(frame, labels={"1": "QSO", "2": "STAR"}).table
    assert set(table.frame["survey__prediction"]) == set(CLASSES)


def test_unknown_classes_are_listed_with_how_often_they_occur() -> None:
    frame = sample()
    frame["theirs"][:3] = "Q"
    with pytest.raises(BoxloopError, match=r"models.survey.column: 'theirs'.* 'Q' \(3\); expected"):
        data(frame)
    assert data(frame, labels={"Q": "QSO"}).table.frame["survey__prediction"][0] == "QSO"
    assert data(frame, missing=["Q"]).table.frame["survey__prediction"].isna().sum() == 3


def test_labels_and_probabilities_of_no_class_are_refused() -> None:
    with pytest.raises(BoxloopError, match=r"models.survey.labels.*found 'QS'"):
        data(sample(), labels={"Q": "QS"})
    with pytest.raises(BoxloopError, match=r"models.survey.probabilities.*found 'qso'"):
        data(sample(), probabilities={"qso": "p_qso"})


def test_percentages_are_no_probabilities() -> None:
    frame = sample()
    frame["p_qso"] = 100 * frame["p_qso"]
    with pytest.raises(BoxloopError, match=r"expected numbers from 0 to 1; are these percentages"):
        data(frame, probabilities={"QSO": "p_qso"})


def test_a_class_is_left_out_of_the_probabilities_only_where_it_is_the_only_one() -> None:
    frame = sample()
    frame["kind"][:6] = "GALAXY"
    with pytest.raises(BoxloopError, match=r"no column for GALAXY, STAR"):
        data(frame, probabilities={"QSO": "p_qso"})


def test_a_flag_that_is_no_flag_is_refused_and_a_missing_one_is_false() -> None:
    with pytest.raises(BoxloopError, match=r"models.survey.trained_on.*'maybe'"):
        data(sample(used=["maybe"] * 60), trained_on="used")
    table = data(sample(used=[1.0, np.nan] * 30), trained_on="used").table
    assert table.frame["survey__trained_on"].tolist() == [True, False] * 30


def numbers(n: int = 40) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    z = rng.random(n)
    return {"u": rng.normal(20, 1, n), "z": z, "theirs": z + 0.01, "dz": np.full(n, 0.02)}


def test_numbers_have_a_standard_error_and_markers_are_no_numbers() -> None:
    frame = numbers()
    frame["theirs"][:2], frame["dz"][2] = -99, 0
    table = data(frame, task="regression", target="z", sigma="dz", missing=[-99]).table
    assert table.frame["survey__prediction"].isna().sum() == 2
    assert table.frame["survey__sigma"].isna().tolist() == [False, False, True] + [False] * 37


def test_a_column_without_any_prediction_or_that_is_not_there_is_refused() -> None:
    frame = numbers()
    with pytest.raises(BoxloopError, match=r"models.survey.column: .* no column 'their'.*theirs"):
        data(frame, task="regression", target="z", column="their")
    frame["theirs"][:] = np.nan
    with pytest.raises(BoxloopError, match=r"a prediction for none of 40"):
        data(frame, task="regression", target="z")


def test_a_column_that_repeats_the_target_in_every_row_is_refused() -> None:
    frame = sample()
    frame["theirs"] = frame["kind"]
    with pytest.raises(BoxloopError, match=r"survey__prediction.*the same values as the target"):
        data(frame)


def test_the_exploration_does_not_look_at_them() -> None:
    """They go with the target, as they should: nothing leaks that no model is offered."""
    made = data(sample(300), probabilities={"QSO": "p_qso"})
    mine = made.table.frame.loc[made.table.frame["kind"].notna(), "id"]
    split = pd.DataFrame({"id": mine, "set": "train"})
    every = explore_all(made.table, made.summary, None, seed=0)
    training = explore_training(made.table, split, task="classification", seed=0)
    for content in (every, training):
        assert not [name for name in content["columns"] if name.startswith("survey__")]
        assert not [f for f in content["findings"] if "survey" in str(f)]
