"""A search trains the folds of its networks as one, and gives what training them alone gives."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from searches import NUMBERS, SMALL, alone, folds_of, numbered, own_trials, recipes, search
from tables import classes_table, numbers_table, trial

from boxloop.errors import BoxloopError
from boxloop.fitting.checkpoint import Checkpoint
from boxloop.fitting.stacked import memory, stackable
from boxloop.search import Progress, SearchTask, cross_validate


def assert_alike(one: tuple, other: tuple, rtol: float = 2e-3) -> None:
    for mine, theirs in zip(one[0], other[0], strict=True):
        assert mine["id"] == theirs["id"] and mine["status"] == theirs["status"]
        for key in ("scores", "train_scores"):
            np.testing.assert_allclose(mine[key], theirs[key], rtol=rtol)
        assert mine["epochs"] == theirs["epochs"] and mine["parameters"] == theirs["parameters"]
    assert list(one[1]["id"]) == list(other[1]["id"])
    assert list(one[1].columns) == list(other[1].columns)


def test_the_stack_gives_what_training_alone_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = numbered(
        trial("dense", **SMALL, learning_rate=0.01, dropout=0.1),
        trial(
            "dense",
            **{**SMALL, "epochs": 6},
            learning_rate=0.003,
            dropout=0.2,
            patience=2,
            schedule="constant",
        ),
    )
    together = search(trials, folds=2)
    alone(monkeypatch)
    assert_alike(together, search(trials, folds=2))


@pytest.mark.long  # short: numbers, and networks of classes in tests/unit/fitting
def test_mixtures_and_classes_are_stacked_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    mixtures = numbered(trial("mdn", **SMALL, components=2))
    classes = numbered(trial("dense", **SMALL))
    labels = (classes_table(200), SearchTask("classification", "log_loss", 0))
    numbers = (None, SearchTask("regression", "nll", 0))
    together = search(mixtures, *numbers, folds=2), search(classes, *labels, folds=2)
    alone(monkeypatch)
    assert_alike(together[0], search(mixtures, *numbers, folds=2))
    assert_alike(together[1], search(classes, *labels, folds=2))


@pytest.mark.long  # short: that of the dense network
@pytest.mark.parametrize("task", ["regression", "classification"])
def test_an_autoencoder_is_stacked_by_the_weight_of_its_reconstruction(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, task: str
) -> None:
    caplog.set_level(logging.INFO, "boxloop")
    small = {"units": [4], "latent_dim": 2, "epochs": 2, "batch_size": 32}
    trials = numbered(
        trial("autoencoder", **small, learning_rate=0.01, reconstruction_weight=0.1),
        trial("autoencoder", **small, learning_rate=0.01, reconstruction_weight=10.0),
    )
    numbers = task == "regression"
    table = numbers_table(150) if numbers else classes_table(150)
    about = table, NUMBERS if numbers else SearchTask("classification", "log_loss", 0)
    together = search(trials, *about, folds=2)
    stacks = [r.getMessage() for r in caplog.records if "networks as one" in r.getMessage()]
    assert [s.split()[0] for s in stacks] == ["2", "2"]
    alone(monkeypatch)
    assert_alike(together, search(trials, *about, folds=2))


def test_trials_of_one_architecture_are_one_stack(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "boxloop")
    trials = numbered(
        trial("dense", **SMALL, learning_rate=0.01),
        trial("dense", **{**SMALL, "units": [4]}),
        trial("dense", **SMALL, learning_rate=0.001, weight_decay=0.01),
    )
    results, _ = search(trials)
    stacks = [r.getMessage() for r in caplog.records if "networks as one" in r.getMessage()]
    assert [s.split()[0] for s in stacks] == ["6", "3"]
    assert [r["id"] for r in results] == ["t0", "t1", "t2"]


def test_a_stack_that_outlasts_the_budget_is_taken_whole_and_no_other_is_begun() -> None:
    table = numbers_table(150)
    trials = numbered(
        trial("dense", **SMALL, learning_rate=0.01),
        trial("dense", **SMALL, learning_rate=0.003),
        trial("dense", **{**SMALL, "units": [4]}),
    )
    found = recipes(table, "dense")
    results, _ = cross_validate(trials, found, table, folds_of(table), NUMBERS, 1e-9)
    assert [r["status"] for r in results] == ["done", "done", "not_run"]
    assert "budget of 1e-09 minutes" in results[2]["reason"]


@pytest.mark.parametrize(  # the second attempt may have more
    "scarce", [10**9, pytest.param(60_000, marks=pytest.mark.long)]
)
def test_a_killed_stack_goes_on_to_the_same_bytes(
    scarce: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    trials = numbered(
        trial("dense", **SMALL, learning_rate=0.01, dropout=0.2),
        trial("dense", **{**SMALL, "epochs": 2}, learning_rate=0.02, dropout=0.2),
    )
    progress = Progress(tmp_path / "chunk", "key")
    monkeypatch.setattr(memory, "free_memory", lambda: scarce)
    undisturbed, predictions = search(trials)

    save = Checkpoint.save

    def killed(self: Checkpoint, variables: list, state: dict) -> None:
        save(self, variables, {**state})
        if state["done"] == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Checkpoint, "due", lambda _: True)
    monkeypatch.setattr(Checkpoint, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        search(trials, progress=progress)
    assert list((tmp_path / "chunk").glob("stack-*.npz"))
    monkeypatch.undo()
    caplog.set_level(logging.INFO, "boxloop")
    resumed, again = search(trials, progress=progress)
    assert "goes on after epoch" in caplog.text
    for one, other in zip(undisturbed, resumed, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}
    pd.testing.assert_frame_equal(predictions, again, check_exact=True)


def test_later_attempts_cut_stacks_as_the_first_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for free in (1000, 4000, 600, 4000):  # 600: another, smaller machine
        monkeypatch.setattr(memory, "free_memory", lambda free=free: free)
        found.append(memory.room(tmp_path / "chunk", "code"))
    assert found == [500, 500, 300, 300]
    assert memory.room(tmp_path / "chunk", "other code") == 2000
    (tmp_path / "chunk" / memory.ROOM).write_text("{")
    assert memory.room(tmp_path / "chunk", "code") == 2000 == memory.room()


PAIR = numbered(*(trial("dense", **SMALL, learning_rate=r) for r in (0.01, 0.003)))


@pytest.fixture(scope="module")
def whole() -> tuple[list[dict], pd.DataFrame]:
    """The pair as one stack."""
    return search(PAIR)


@pytest.mark.long  # short: some folds at a time
def test_too_little_memory_makes_more_stacks_of_the_same_networks(
    whole: tuple, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "boxloop")
    monkeypatch.setattr(memory, "free_memory", lambda: 60_000)
    assert_alike(whole, search(PAIR))
    stacks = [r for r in caplog.records if "networks as one" in r.getMessage()]
    assert len(stacks) > 1


def test_too_little_memory_for_all_folds_takes_some_at_a_time(
    whole: tuple, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "boxloop")
    monkeypatch.setattr(memory, "free_memory", lambda: 40_000)
    assert_alike(whole, search(PAIR))
    assert "1 of 3 folds at a time" in caplog.text


def test_a_stack_that_runs_out_of_memory_is_halved(
    whole: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tensorflow as tf

    train, sizes = stackable.train_stacked, []

    def scarce(build, members, *args, **options):  # type: ignore[no-untyped-def]
        sizes.append(len(members))
        if len(members) > 3:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating")
        return train(build, members, *args, **options)

    monkeypatch.setattr(stackable, "train_stacked", scarce)
    assert_alike(whole, search(PAIR))
    assert sizes == [6, 3, 3]

    def none_left(*_, **__):  # type: ignore[no-untyped-def]
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating")

    monkeypatch.setattr(stackable, "train_stacked", none_left)
    results, _ = search(PAIR)
    assert [r["status"] for r in results] == ["failed", "failed"]
    assert "out of memory" in results[0]["reason"]


def test_a_fold_smaller_than_a_batch_is_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    trials, table = numbered(trial("dense", **{**SMALL, "batch_size": 512})), numbers_table(90)
    together = search(trials, table)
    alone(monkeypatch)
    assert_alike(together, search(trials, table))


@pytest.mark.parametrize("function", ["spectral", pytest.param("scaled", marks=pytest.mark.long)])
def test_a_layer_that_cannot_be_stacked_is_caught_and_trained_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, function: str
) -> None:
    caplog.set_level(logging.INFO, "boxloop")
    trials, task = own_trials(tmp_path, function)
    results, _ = search(trials, task=task, folds=2)
    assert results[0]["status"] == "done"
    assert "trained one by one" in caplog.text and "networks as one" not in caplog.text


def test_a_network_of_the_users_own_is_stacked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "boxloop")
    trials, task = own_trials(tmp_path, "plain", width=4)
    results, _ = search(trials, task=task)
    assert results[0]["status"] == "done" and "3 networks as one" in caplog.text


def test_a_fault_of_the_study_ends_the_search() -> None:
    with pytest.raises(BoxloopError, match="components is the number of Gaussians"):
        search(numbered(trial("mdn", **SMALL, components=0)))
