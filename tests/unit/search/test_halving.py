"""Successive halving: the worse networks stop at a rung, the others train as they would have."""

import logging
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from plans import RANGES, random, trials
from searches import NUMBERS, SMALL, numbered, own_trials, search
from study_file import faults, replaced
from tables import trial

from boxloop.fitting.checkpoint import Checkpoint
from boxloop.fitting.stacked import Halving
from boxloop.fitting.stacked.halving import worse
from boxloop.search import Progress, SearchTask, folds
from boxloop.search.select import best_trial, select_models

RATES = (0.05, 1e-6, 0.04, 1e-5, 0.03, 3e-6)
LONGER = {**SMALL, "epochs": 8, "patience": 50}


def halved(task: SearchTask = NUMBERS, *, first: int = 2, among: int = 10) -> SearchTask:
    return replace(task, halving=Halving(3, first, among))


def several(units: tuple = ([8], [4])) -> list[dict]:
    """Trials of two architectures, every other of which learns next to nothing."""
    return numbered(
        *(
            trial("dense", **{**LONGER, "units": units[i // 2 % 2]}, learning_rate=rate)
            for i, rate in enumerate(RATES)
        )
    )


@pytest.fixture(scope="module")
def thinned() -> tuple[list[dict], pd.DataFrame]:
    """The search whose trials stop after 2 and after 6 of 8 epochs."""
    return search(several(), task=halved())


def test_rungs_are_so_many_times_the_epochs_apart_and_end_before_the_last():
    assert Halving(3, None, 10).rungs(30) == [4, 12]
    assert Halving(3, None, 10).rungs(27) == [3, 9]
    assert Halving(2, 5, 10).rungs(40) == [5, 10, 20]
    assert Halving(3, 30, 10).rungs(30) == []


@pytest.mark.parametrize(("n", "stay"), [(1, 1), (3, 1), (4, 2), (9, 3), (10, 4)])
def test_one_of_so_many_goes_on_or_part_of_it(n, stay):
    losses = {(t, fold): float(t + 10 * fold) for t in range(n) for fold in range(3)}
    assert worse(losses, dict.fromkeys(range(n), 0), 3, set()) == set(range(stay, n))


def test_failures_come_last_and_what_cannot_be_judged_goes_on():
    losses = {(0, 0): 5.0, (0, 1): math.inf, (1, 0): 9.0, (2, 0): math.nan, (3, 0): 1.0}
    assert worse(losses, dict.fromkeys(range(4), 0), 2, set()) == {0}


def test_trials_are_compared_with_those_of_their_chunk_and_loss_that_still_run():
    losses = {(t, 0): float(t) for t in range(8)}
    kinds = {t: t // 4 for t in range(8)}
    assert worse(losses, kinds, 4, set()) == {1, 2, 3, 5, 6, 7}
    assert worse(losses, kinds, 2, {0, 1}) == {3, 6, 7}
    halving = Halving(3, None, 10)
    assert halving.kind(9, {"loss": "mse"}) != halving.kind(9, {"loss": "mae"})
    assert halving.kind(9, {"loss": None}) != halving.kind(10, {"loss": None})


def test_the_worse_of_all_architectures_stop_at_the_first_rung(thinned):
    results, _ = thinned
    assert [r["rung"] for r in results[1::2]] == [2, 2, 2]
    assert all(max(r["epochs"]) <= 2 and r["status"] == "done" for r in results[1::2])
    assert sorted(str(r["rung"]) for r in results[::2]) == ["2", "6", "None"]


def test_those_that_go_on_are_what_they_would_have_been(thinned):
    whole, _ = search(several())
    results, predictions = thinned
    (last,) = [i for i, r in enumerate(results) if r["rung"] is None]
    assert results[last]["epochs"] == whole[last]["epochs"]
    np.testing.assert_allclose(results[last]["scores"], whole[last]["scores"], rtol=2e-3)
    assert set(predictions["trial"]) == {best_trial(results, "rmse")["id"]}


def test_scored_rows_have_no_say_in_who_goes_on(thinned, monkeypatch):
    """With other numbers where folds are scored, the same trials stop."""
    score = folds.value
    monkeypatch.setattr(folds, "value", lambda *args: -score(*args))
    other, _ = search(several(), task=halved())
    assert [r["rung"] for r in other] == [r["rung"] for r in thinned[0]]
    assert [r["mean"] for r in other] == [-r["mean"] for r in thinned[0]]


def test_in_one_process_chunks_are_compared_apart():
    among, _ = search(several()[:4], task=halved(among=2))
    assert [r["rung"] for r in among] == [None, 2] * 2


def test_without_a_rung_all_train_to_their_end():
    results, _ = search(several()[:2], task=halved(first=8))
    assert [r["rung"] for r in results] == [None, None]


def test_estimators_and_networks_that_cannot_be_stacked_train_to_their_end(tmp_path: Path):
    trees = numbered(*(trial("tree", max_depth=d) for d in (1, 2, 3)))
    assert [r["rung"] for r in search(trees, task=halved())[0]] == [None] * 3
    own, task = own_trials(tmp_path, "scaled")
    results, _ = search(own, task=halved(task, first=1), folds=2)
    assert results[0]["status"] == "done" and results[0]["rung"] is None


def test_a_search_killed_between_rungs_goes_on_to_the_same_results(
    thinned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    undisturbed, predictions = thinned
    progress, save = Progress(tmp_path / "chunk", "key"), Checkpoint.save
    stacks: list[str] = []

    def killed(self: Checkpoint, variables: list, state: dict) -> None:
        save(self, variables, {**state})
        stacks.append(str(self.path))
        if state["done"] == 4 and len(set(stacks)) == 2:  # the other stack is behind a rung
            raise KeyboardInterrupt

    monkeypatch.setattr(Checkpoint, "due", lambda _: True)
    monkeypatch.setattr(Checkpoint, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        search(several(), task=halved(), progress=progress)
    monkeypatch.undo()
    caplog.set_level(logging.INFO, "boxloop")
    resumed, again = search(several(), task=halved(), progress=progress)
    assert "goes on after epoch 4" in caplog.text
    for one, other in zip(undisturbed, resumed, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}
    pd.testing.assert_frame_equal(predictions, again, check_exact=True)


def test_a_search_killed_while_results_were_written_compares_all_trials_again(
    thinned, tmp_path: Path
) -> None:
    progress = Progress(tmp_path / "chunk", "key")
    for result in thinned[0][:2]:
        frame = thinned[1].assign(trial=result["id"])
        progress.save(result, frame)
    again, _ = search(several(), task=halved(), progress=progress)
    assert [r["rung"] for r in again] == [r["rung"] for r in thinned[0]]


def test_of_equal_trials_one_that_was_not_stopped_is_selected():
    about = {"model": "dense", "status": "done", "std": 0.1, "scores": [1.0, 1.0], "seconds": 1.0}
    about |= {"kind": "dense", "function": None, "inputs": None, "reason": "", "purpose": "search"}
    about |= {"hyperparameters": {}, "epochs": [2, 4]}
    stopped = {**about, "id": "a", "mean": 1.0, "rung": 4}
    ended = {**about, "id": "b", "mean": 1.0, "rung": None}
    table, chosen = select_models([stopped, ended], "rmse", ["dense"])
    assert chosen["models"]["dense"]["trial"] == "b"
    np.testing.assert_array_equal(table["rung"], [4.0, np.nan])
    better = {**stopped, "mean": 0.9}
    _, chosen = select_models([better, ended], "rmse", ["dense"])
    assert chosen["models"]["dense"]["trial"] == "a" and chosen["models"]["dense"]["epochs"] == 3


def test_the_trials_are_those_of_a_random_search():
    assert trials(RANGES, search={"strategy": "halving"}) == random(20)


def test_a_study_without_networks_is_told_that_halving_stops_none(tmp_path):
    search = "search: {strategy: halving, halving: {first: 3, factor: 2}}\n"
    (fault,) = faults(tmp_path, replaced(("models:\n", search + "models:\n")))
    assert fault == (
        "12: search.strategy: halving stops networks early, and this study has none; take random, "
        "or add one of dense, mdn, autoencoder, cnn, cnn1d, gru"
    )
