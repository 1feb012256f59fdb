"""What was finished before a kill is used again, unless code or data have changed."""

import gc
import weakref
from pathlib import Path

import pandas as pd
import pytest
from tables import numbers_table, trial

from boxloop.fitting import fit_model
from boxloop.fitting import network as network_module
from boxloop.fitting.targets import encoded
from boxloop.prepare import assign_folds, make_recipes
from boxloop.search import Progress, SearchTask, content_key, cross_validate
from boxloop.store import Table


def _folds(table: Table) -> pd.DataFrame:
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    return assign_folds(table, split, folds=3, group=None, stratify=True, task="regression", seed=0)


class _KilledError(BaseException):
    pass


def test_a_checkpoint_of_other_code_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, path, begun = numbers_table(60), tmp_path / "fit.npz", []
    target, _ = encoded(table, "regression")
    models = [{"name": "dense", "kind": None, "function": None, "inputs": None}]
    train = network_module._Run.train_epoch

    def train_or_die(run: object, *given: object) -> float:
        begun.append(run.epoch)
        if len(begun) == 3:
            raise _KilledError
        return train(run, *given)

    def fit(code: str) -> None:
        fit_model(
            trial("dense"),
            make_recipes(table, models)["dense"],
            table,
            target,
            task="regression",
            seed=(0, "test"),
            epochs=3,
            checkpoint=path,
            checkpoint_key=code,
        )

    monkeypatch.setattr(network_module._Run, "train_epoch", train_or_die)
    with pytest.raises(_KilledError):
        fit("one")
    kept = path.read_bytes()
    fit("two")
    path.write_bytes(kept)
    fit("one")
    assert begun == [0, 1, 2, 0, 1, 2, 2]


def test_a_killed_chunk_goes_on_after_its_last_finished_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = numbers_table(80)
    folds = _folds(table)
    trials = [{**trial("linear", alpha=a), "id": f"t{a}"} for a in (0.0, 1.0, 10.0)]
    trials.insert(1, {**trial("linear", alpha=-1.0, odd=1), "id": "fails"})
    models = [{"name": "linear", "kind": None, "function": None, "inputs": None}]
    recipes, task = make_recipes(table, models), SearchTask("regression", "mse", 0)
    whole = cross_validate(trials, recipes, table, folds, task)

    progress = Progress(tmp_path / "chunk", content_key(["code 1"], []))
    save, saved = Progress.save, []

    def save_then_die(self: Progress, result: dict, predictions: pd.DataFrame) -> None:
        save(self, result, predictions)
        saved.append(result["id"])
        if result["id"] == "t1.0":
            raise _KilledError

    monkeypatch.setattr(Progress, "save", save_then_die)
    with pytest.raises(_KilledError):
        cross_validate(trials, recipes, table, folds, task, progress=progress)
    resumed = cross_validate(trials, recipes, table, folds, task, progress=progress)
    assert saved == ["t0.0", "fails", "t1.0", "t10.0"]
    timeless = [[{**r, "seconds": 0} for r in results] for results in (whole[0], resumed[0])]
    assert timeless[0] == timeless[1]
    pd.testing.assert_frame_equal(whole[1].astype(object), resumed[1].astype(object))
    assert Progress(tmp_path / "chunk", content_key(["code 2"], [])).load("t0.0") is None
    (tmp_path / "chunk" / "t0.0.parquet").write_bytes(b"PAR1")
    assert progress.load("t0.0") is None
    progress.remove()
    assert not (tmp_path / "chunk").exists()


def test_a_chunk_holds_the_predictions_of_its_best_trial_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = numbers_table(80)
    trials = [{**trial("linear", alpha=a), "id": f"t{a}"} for a in (0.0, 1.0, 10.0, 100.0)]
    models = [{"name": "linear", "kind": None, "function": None, "inputs": None}]
    recipes, task = make_recipes(table, models), SearchTask("regression", "mse", 0)
    save, held, most = Progress.save, [], []

    def watched(self: Progress, result: dict, predictions: pd.DataFrame) -> None:
        save(self, result, predictions)
        held.append(weakref.ref(predictions))
        gc.collect()
        most.append(sum(one() is not None for one in held))

    monkeypatch.setattr(Progress, "save", watched)
    progress, folds = Progress(tmp_path / "chunk", "key"), _folds(table)
    gc.freeze()  # what other tests have left behind is not looked through
    try:
        _, predictions = cross_validate(trials, recipes, table, folds, task, None, progress)
    finally:
        gc.unfreeze()
    assert max(most) <= 2  # the best one's, and those of the trial that has just ended
    assert len(held) == 4 and len(predictions) == 80


def test_the_key_of_a_chunk_knows_the_content_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "arrays").mkdir()
    image, table = tmp_path / "arrays" / "image.npy", tmp_path / "table.parquet"
    image.write_bytes(b"1")
    table.write_bytes(b"2")
    paths = [table, tmp_path / "arrays"]
    found = {content_key([1], paths), content_key([2], paths)}
    image.write_bytes(b"3")
    found.add(content_key([1], paths))
    table.write_bytes(b"4")
    found.add(content_key([1], paths))
    assert len(found) == 4
