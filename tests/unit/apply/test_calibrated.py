"""What apply adds to the predictions of new objects."""

import json

import numpy as np
import pandas as pd
import pytest
from calibration_fixture import CLASSES, RULES, classes_study, numbers_study
from computed import computed

from boxloop.analyses.calibration.compute import compute
from boxloop.apply.calibrated import told, with_calibration
from boxloop.store.fits import write_fits
from boxloop.store.stream import write_stream


def _about(study: dict, **rules: object) -> dict:
    found = computed(compute, **study, **{**RULES, **rules})["apply"]
    return json.loads(json.dumps(found, allow_nan=False))


def _new(study: dict) -> tuple[pd.DataFrame, pd.Series]:
    """Return the test objects as new ones, and their truth."""
    rows = study["predictions"].query("set == 'test'").reset_index(drop=True)
    return rows, study["truth"].set_index("id").loc[rows["id"], "target"].reset_index(drop=True)


@pytest.mark.parametrize("method", ["none", "temperature", "isotonic"])
def test_sets_of_new_objects_hold_the_truth_as_often_as_stated(method: str) -> None:
    study = classes_study(0, powers={"sharp": 3.0})
    new, truth = _new(study)
    about = _about(study, recalibrate=method)
    (found,) = with_calibration([new], about, CLASSES)
    held = [t in s.split("|") for t, s in zip(truth, found["set"], strict=True)]
    # 300 units teach and 1000 judge: three standard errors are 0.06.
    assert np.mean(held) == pytest.approx(0.9, abs=0.06)
    named = [c for c in found if c.startswith("calibrated_")]
    assert named == ([] if method == "none" else [f"calibrated_{c}" for c in CLASSES])
    if named:
        np.testing.assert_allclose(found[named].sum(axis=1), 1.0, atol=1e-12)
    assert told(about)["recalibrated"] == (None if method == "none" else method)


@pytest.mark.parametrize("width", [0.0, 0.4, 1.0])
def test_intervals_of_new_objects_hold_the_truth_as_often_as_stated(width: float) -> None:
    study = numbers_study(1, widths={"model": width})
    new, truth = _new(study)
    about = _about(study)
    assert about["conformal"]["method"] == ("cqr" if width else "absolute")
    (found,) = with_calibration([new], about, ())
    assert ((found["low"] <= truth) & (truth <= found["high"])).mean() == pytest.approx(
        0.9, abs=0.06
    )
    # The distributions know which objects are hard.
    assert (found["high"] - found["low"]).std() > 0 if width else True


def test_an_empty_table_comes_first_and_has_the_same_columns(tmp_path) -> None:
    study = classes_study(2)
    new, _ = _new(study)
    about = _about(study, recalibrate="temperature")
    frames = list(with_calibration([new[:0], new[:70], new[70:90]], about, CLASSES))
    assert list(frames[0]) == list(frames[1]) == list(frames[2])
    assert write_stream(frames, tmp_path / "p.parquet") == 90
    write_fits(tmp_path / "p.parquet", tmp_path / "p.fits")
    whole = next(with_calibration([new[:90]], about, CLASSES))
    pd.testing.assert_frame_equal(pd.concat(frames), whole, check_dtype=False)


def test_what_was_not_learnt_has_no_column_and_a_reason() -> None:
    study = numbers_study(3, sizes={"cv": 8, "test": 5})
    about = _about(study)
    new, _ = _new(study)
    (found,) = with_calibration([new], about, ())
    assert list(found) == list(new)
    assert "too few units" in told(about)["conformal"]["reason"]


def test_an_interval_is_never_turned_around() -> None:
    new = pd.DataFrame({"prediction": [0.0], "pdf_weight_0": 1.0, "pdf_mean_0": 0.0})
    new["pdf_sigma_0"] = 1.0
    about = {"conformal": {"method": "cqr", "level": 0.9, "quantile": -5.0}}
    (found,) = with_calibration([new], about, ())
    assert found["low"][0] == found["high"][0] == pytest.approx(0.0, abs=1e-12)
