"""Duplicates: rows that repeat another, within a sample and across pooled samples."""

import numpy as np
import pandas as pd
import pytest
from samples import SPLIT, assembled, numbers, raw

from boxloop.errors import BoxloopError


def _two(**second):
    """Two samples; three rows of the second repeat rows of the first."""
    first = pd.DataFrame(numbers())
    more = pd.DataFrame({"u": np.arange(5.0), "z": np.linspace(0.1, 0.9, 5)})
    other = pd.concat([more, first.iloc[[2, 9, 4]]], ignore_index=True)
    return raw(first.assign(night=1)), raw(other.assign(seeing=2.0), "deep", **second)


def test_duplicates_across_samples_are_dropped_from_the_later_one_and_counted():
    result = assembled(*_two())
    assert (result.summary["rows_read"], result.summary["duplicates_dropped"]) == (28, 3)
    assert len(result.table) == 25
    assert result.summary["samples"]["train"]["rows"] == 20
    assert result.summary["samples"]["deep"]["rows"] == 5


def test_duplicates_across_samples_are_kept_or_refused_as_the_samples_say():
    assert len(assembled(*_two(duplicates="keep")).table) == 28
    with pytest.raises(BoxloopError, match=r"samples\.deep: 3 rows repeat.*'train'.*row 5 of deep"):
        assembled(*_two(duplicates="error"))


def test_rows_of_one_sample_that_differ_in_a_column_only_it_has_are_no_duplicates():
    first, second = _two()
    frame = pd.concat([first.frame, first.frame.assign(night=2)], ignore_index=True)
    result = assembled(raw(frame), second)
    assert result.summary["duplicates_dropped"] == 3
    assert len(result.table) == 45


def test_equal_numbers_with_other_images_are_no_duplicates_across_samples():
    images = np.arange(6.0).reshape(6, 1, 1, 1)
    data = numbers(6)
    first = raw(data, arrays={"image": images})
    second = raw(data, "deep", arrays={"image": np.where(images < 2, images, images + 100)})
    result = assembled(first, second, image={"shape": [1, 1, 1]})
    assert result.summary["duplicates_dropped"] == 2
    assert len(result.table.arrays["image"]) == len(result.table) == 10


def test_test_objects_that_repeat_others_are_a_finding_though_rows_differ_elsewhere():
    data = numbers(40)
    content = {"id": "name", "features": {"u": {}, "g": {}}}
    for part in ("u", "z"):
        data[part] = np.repeat(data[part][:20], 2)
    sample = raw({**data, "g": data["u"] - 1, "name": np.arange(40)})
    result = assembled(sample, **content)
    (found,) = [f for f in result.summary["findings"] if f["kind"] == "duplicates"]
    sealed = set(result.sealed["id"].astype(int))
    assert found["rows"] == sum((i ^ 1) not in sealed for i in sealed)
    assert found["severity"] == "high"
    grouped = sample.frame.assign(star=np.repeat(np.arange(20), 2))
    result = assembled(raw(grouped), **content, split={**SPLIT, "group": "star"})
    assert result.summary["findings"] == []


def test_rows_that_have_nothing_measured_are_no_repetition():
    data = numbers(40)
    data["u"][:20] = np.nan
    result = assembled(raw({**data, "g": data["u"]}), features={"u": {}, "g": {}})
    assert result.summary["findings"] == []
