"""The data stage under the protocols: the latest tests, whole cells, every object in turn."""

import numpy as np
import pytest
from samples import SPLIT, assembled, numbers, raw, whole

from boxloop.errors import BoxloopError
from boxloop.study.load import StudyError, load_study

STUDY = """\
schema: 2
task: regression
question: {{what: how far, why: to know}}
samples:
  train: {{source: catalogue, provenance: real}}
columns:
  sky: {{ra: ra, dec: dec, block: {block}}}
  time: {time}
  features: {{u: }}
  target: z
split: {{{split}}}
metric: rmse
models: [{{name: dummy}}]
report: {{title: A title, authors: [A. Author]}}
"""


def faults(tmp_path, *, block="5 deg", time="mjd", split="by: time") -> str:
    path = tmp_path / f"study_{len(list(tmp_path.iterdir()))}.yaml"  # what was read is kept by name
    path.write_text(STUDY.format(block=block, time=time, split=split))
    try:
        load_study(path)
    except StudyError as error:
        return "\n".join(error.faults)
    return ""


def observed(n=40, **more):
    return raw({**numbers(n), "mjd": np.random.default_rng(2).permutation(n) + 55_000.0, **more})


def test_in_the_order_of_time_the_latest_objects_are_sealed():
    result = assembled(observed(), split={**SPLIT, "by": "time"}, time="mjd")
    frame = result.table.frame.set_index("id")
    sealed = frame.index.isin(result.sealed["id"])
    assert frame["mjd"][sealed].min() > frame["mjd"][~sealed].max()
    assert sealed.sum() == 10
    assert result.table.columns["mjd"].role == "time"


def test_times_may_be_given_and_sets_drawn_by_lot_all_the_same():
    result = assembled(observed(), time="mjd")
    frame = result.table.frame.set_index("id")
    assert frame["mjd"][result.sealed["id"]].min() < frame["mjd"].drop(result.sealed["id"]).max()


def test_an_object_without_time_is_refused_by_name():
    sample = observed()
    sample.frame.loc[3, "mjd"] = np.nan
    with pytest.raises(BoxloopError, match=r"columns\.time: 1 rows have no 'mjd'"):
        assembled(sample, time="mjd")


def test_objects_of_one_cell_of_the_sky_are_sealed_together():
    rng = np.random.default_rng(0)
    place = {"ra": rng.uniform(0, 40, 200), "dec": rng.uniform(-20, 20, 200)}
    result = assembled(
        raw({**numbers(200), **place}), sky={"ra": "ra", "dec": "dec", "block": "8 deg"}
    )
    frame = result.table.frame
    sides = frame.groupby("sky_block")["z"].apply(lambda z: z.isna().mean())
    assert set(sides) == {0.0, 1.0}
    assert result.summary["units"] == frame["sky_block"].nunique() > 10


def test_rows_of_one_object_lie_in_one_cell():
    step = 1e-5
    place = {"ra": np.repeat(np.arange(20) * 8.0, 2) + np.tile([-step, step], 20) % 360}
    sky = {"ra": "ra", "dec": "dec", "match": "1 arcsec", "block": "8 deg"}
    sample = raw({**numbers(40), **place, "dec": np.zeros(40)})
    frame = assembled(sample, sky=sky).table.frame
    assert (frame.groupby("sky_object")["sky_block"].nunique() == 1).all()


def test_in_outer_folds_every_object_is_sealed_and_learnt_from():
    result = assembled(observed(), split={**SPLIT, "protocol": "outer_folds"})
    assert result.summary["test_rows"] == 40 == len(result.sealed)
    assert result.table.frame["z"].notna().all()
    assert np.array_equal(whole(result), result.table.frame["z"])


def test_what_does_not_go_together_is_said(tmp_path):
    assert faults(tmp_path) == ""
    assert "expected columns.time: COLUMN" in faults(tmp_path, time="null")
    outer = faults(tmp_path, split="by: time, protocol: outer_folds")
    assert "no past to learn from; take protocol: holdout" in outer
    grouped = faults(tmp_path, split="group: field")
    assert "the groups of split.group (field) may lie in two cells of the sky" in grouped
    assert "columns.sky.block" in faults(tmp_path, block="5 parsec")
