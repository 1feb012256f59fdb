import subprocess
import sys
from types import ModuleType
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from tables import numbers_table

from boxloop.analyses.exploration.leaks import usable_rows
from boxloop.data.check import check_target
from boxloop.data.target import clean_target
from boxloop.fitting.losses import loss_of
from boxloop.fitting.targets import encoded
from boxloop.models.estimators import dummy, forest
from boxloop.prepare.split import strata_of
from boxloop.study import model
from boxloop.study.known_metrics import METRICS, metrics_of
from boxloop.tasks import TASKS, Conformal, task_of
from boxloop.tasks.regression import Regression

FOREST: dict[str, Any] = {"n_estimators": 5, "max_features": "default", "class_weight": None}


def test_there_is_an_object_for_each_task_that_a_study_may_name() -> None:
    assert tuple(TASKS) == get_args(model.Task)
    assert all(task_of(name).name == name for name in TASKS)


def test_a_task_has_metrics_just_where_it_predicts() -> None:
    for name in TASKS:
        assert bool(metrics_of(name)) == task_of(name).predicts
    assert {known.task for known in METRICS.values()} <= set(TASKS)


def test_classes_are_learnt_as_codes_of_the_sorted_ones() -> None:
    codes, classes = task_of("classification").encode(np.array(["b", "a", "b"], object))
    assert codes.tolist() == [1, 0, 1]
    assert classes == ("a", "b")


def test_numbers_are_learnt_as_they_are() -> None:
    values, classes = task_of("regression").encode(np.array([1, 2], np.int32))
    assert values.dtype == np.float64 and values.tolist() == [1.0, 2.0]
    assert classes == ()


def test_an_exploration_has_nothing_to_encode() -> None:
    with pytest.raises(TypeError, match="exploration has no target"):
        task_of("exploration").encode(np.zeros(2))
    assert not task_of("exploration").predicts
    assert not task_of("exploration").conformal.methods


def test_only_classes_are_strata() -> None:
    values = np.array(["a", "b"], object)
    strata = task_of("classification").strata(values)
    assert strata is not None and strata.tolist() == ["a", "b"]
    assert task_of("regression").strata(np.zeros(2)) is None
    assert task_of("exploration").strata(values) is None


def test_predictions_that_were_read_as_objects_are_numbers_again() -> None:
    read = pd.Series([], dtype=object)
    assert task_of("regression").predictions(read).dtype == np.float64
    assert task_of("classification").predictions(read).dtype == object


def test_what_is_applied_is_judged_too() -> None:
    for name in TASKS:
        about = task_of(name).conformal
        assert set(about.applied) <= set(about.methods)


def test_frequencies_of_classes_are_asked_of_classes_only() -> None:
    assert "prevalence" not in task_of("classification").inapplicable
    assert "no classes" in task_of("regression").inapplicable["prevalence"]


def test_tasks_import_nothing_heavy() -> None:
    code = "import sys, boxloop.tasks; print(*(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "pandas", "sklearn", "tensorflow"} & set(done.stdout.split())


class Counts(Regression):
    """A toy: a number that is learnt as its logarithm."""

    def encode(self, values: Any) -> Any:
        return np.log1p(values.astype(float)), ()


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> str:
    toy = Counts(
        "counts", "number", Conformal("intervals", ("absolute",), ("absolute",), ("low", "high"))
    )
    module = ModuleType("toy_task")
    module.__dict__["COUNTS"] = toy
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(TASKS, toy.name, "toy_task:COUNTS")
    return toy.name


def test_a_new_task_of_a_known_kind_of_target_is_an_object_and_a_line(counts: str) -> None:
    table = numbers_table()
    name = str(table.named("target"))
    target, classes = encoded(table, counts)
    np.testing.assert_array_equal(target, np.log1p(table.column(name)))
    assert classes == ()
    values, gone = clean_target(table, name, counts)
    assert values.dtype == np.float64 and not gone.any()
    check_target(table, name, counts, 5)
    assert strata_of(table, np.arange(len(table)), counts, stratify=True) is None
    assert len(usable_rows(values, counts, 0)) == len(table)
    assert loss_of(None, counts, mixture=False) == "mse"
    assert type(dummy(counts, 0, 1)).__name__ == "DummyRegressor"
    assert type(forest(counts, 0, 1, **FOREST)).__name__ == "RandomForestRegressor"
