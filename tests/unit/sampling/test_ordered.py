"""Splits in the order of time and by cells of the sky: what is apart stays apart."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.errors import BoxloopError
from boxloop.prepare import assign_folds, assign_split
from boxloop.sampling import deal_in_order, fold_rows, latest, scored_folds
from boxloop.sampling.sky import sky_cells
from boxloop.store import Column, Table


def table(n=60, groups=None, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "id": [f"o{i:03d}" for i in range(n)],
            "mjd": rng.permutation(n).astype(float),
            "target": rng.normal(size=n),
        }
    )
    columns = {"id": Column("id"), "mjd": Column("time", "d"), "target": Column("target")}
    if groups is not None:
        frame["night"] = groups
        columns["night"] = Column("group")
    return Table(frame, columns)


def test_the_latest_fraction_tests():
    time = np.array([5.0, 1.0, 9.0, 3.0, 7.0])
    names = np.array(list("abcde"))
    assert latest(names, time, 0.4).tolist() == [False, False, True, False, True]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 60), st.integers(1, 12), st.floats(0.1, 0.6))
def test_no_unit_that_is_left_ends_later_than_one_that_was_chosen(seed, n, groups, fraction):
    rng = np.random.default_rng(seed)
    time, names = rng.normal(size=n).round(1), rng.integers(0, groups, n)
    chosen = latest(names, time, fraction)
    frame = pd.DataFrame({"unit": names, "time": time, "chosen": chosen})
    assert (frame.groupby("unit")["chosen"].nunique() == 1).all()
    last = frame.groupby("unit").agg(time=("time", "max"), chosen=("chosen", "first"))
    if chosen.any() and not chosen.all():
        assert last.time[~last.chosen].max() <= last.time[last.chosen].min()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(12, 80), st.integers(2, 5))
def test_a_fold_in_the_order_of_time_learns_from_its_past_alone(seed, n, folds):
    rng = np.random.default_rng(seed)
    time, names = rng.normal(size=n), np.arange(n).astype(str)
    fold = deal_in_order(names, time, folds)
    assert scored_folds(fold) == list(range(folds))
    assert abs((fold == -1).sum() - n / (folds + 1)) <= 1
    for k in range(folds):
        inside, scored = fold_rows(fold, k)
        assert len(inside) and time[inside].max() <= time[scored].min()
    order = rng.permutation(n)
    assert np.array_equal(deal_in_order(names[order], time[order], folds), fold[order])


def test_without_order_a_fold_learns_from_all_others():
    inside, scored = fold_rows(np.array([0, 1, 2, 0], dtype=np.int8), 0)
    assert inside.tolist() == [1, 2] and scored.tolist() == [0, 3]


def test_split_by_time_leaves_the_past_to_train_and_the_latest_to_test():
    data = table()
    mjd = data.column("mjd")
    test = data.column("id")[latest(data.column("id"), mjd, 0.2)]
    about = {"group": None, "time": "mjd", "stratify": True, "task": "regression", "seed": 1}
    split = assign_split(data, test, calibration=0.1, **about)
    sets = {s: mjd[(split["set"] == s).to_numpy()] for s in ("train", "calibration", "test")}
    assert sets["train"].max() < sets["calibration"].min() < sets["calibration"].max()
    assert sets["calibration"].max() < sets["test"].min()
    folds = assign_folds(data, split, folds=3, **about)
    assert sorted(folds["fold"].unique()) == [-1, 0, 1, 2]


def test_too_few_units_for_folds_in_time_is_said():
    data = table(4, groups=["a", "a", "b", "c"])
    split = pd.DataFrame({"id": data.column("id"), "set": "train"})
    with pytest.raises(BoxloopError, match="3 folds in the order of time need 4 independent units"):
        assign_folds(
            data, split, folds=3, group="night", time="mjd", stratify=False, task="x", seed=0
        )


@settings(max_examples=40, deadline=None)
@given(st.floats(2, 60))
def test_cells_of_the_sky_are_small_and_of_nearly_equal_area(side):
    rng = np.random.default_rng(3)
    ra, dec = rng.uniform(0, 360, 20_000), np.degrees(np.arcsin(rng.uniform(-1, 1, 20_000)))
    cells = pd.DataFrame({"cell": sky_cells(ra, dec, side), "ra": ra, "dec": dec})
    spread = cells.groupby("cell").agg(["min", "max"])
    height = 180 / max(1, round(180 / side))
    assert ((spread.dec["max"] - spread.dec["min"]) <= height + 1e-9).all()
    assert set(cells.cell) == set(sky_cells(ra + 360, dec, side))


def test_a_position_that_is_not_known_lies_in_no_cell():
    assert sky_cells(np.array([np.nan, 10.0]), np.array([0.0, 90.0]), 5.0)[0] == ""
