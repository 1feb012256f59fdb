"""Data that are only looked at: no target, no seal, all else as ever."""

import numpy as np
import pytest
from samples import SPLIT, assembled, numbers, raw
from samples import columns as section

from boxloop import store
from boxloop.data.assemble import assemble_target
from boxloop.data.duplicates import row_hashes

EXPLORE = {"task": "exploration", "target": None}


def test_a_table_without_a_target_seals_nothing(tmp_path):
    result = assembled(raw(numbers()), **EXPLORE)
    assert result.table.of_role("target", "target_error") == []
    assert len(result.table) == 20
    summary = result.summary
    assert (summary["task"], summary["target"], summary["classes"]) == ("exploration", None, None)
    assert (summary["test_rows"], summary["target_rows_missing"]) == (0, 0)
    store.write_frame(result.sealed, tmp_path / "sealed.parquet")
    again = store.read_frame(tmp_path / "sealed.parquet")
    assert list(again) == ["id"] and len(again) == 0


def test_groups_and_objects_on_the_sky_are_found_without_a_target():
    data = {**numbers(), "ra": np.repeat(np.arange(10.0), 2), "dec": 0.0, "field": list("ab") * 10}
    result = assembled(raw(data), **EXPLORE, sky={"ra": "ra", "dec": "dec", "match": "1 arcsec"})
    assert result.summary["units"] == 10
    grouped = assembled(raw(data), **EXPLORE, split={**SPLIT, "group": "field"})
    assert grouped.summary["units"] == 2


def test_derived_columns_are_made_without_a_target():
    derived = {"c": {"function": "colours", "bands": ["u", "g"]}}
    data = {**numbers(), "g": np.arange(20.0)}
    table = assembled(raw(data), **EXPLORE, features={"u": {}, "g": {}}, derived=derived).table
    assert table.of_role("derived") == ["u_g"]
    assert table.columns["u_g"].made_by == "c"


def test_the_target_sample_of_an_exploration_has_its_columns():
    section_ = section(target=None)
    labelled = assembled(raw(numbers()), **EXPLORE).table
    target = assemble_target(raw(numbers(), "target"), columns=section_)
    assert list(target.frame) == list(labelled.frame)


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [
        ([1.0, 2.0], [1, 2], True),
        ([0.0, np.nan], [-0.0, -np.nan], True),
        (["a", None], ["a", np.nan], True),
        (["a", "b"], ["a", "c"], False),
        ([1.0, 2.0], [1.0, 2.0 + 1e-15], False),
    ],
)
def test_rows_have_equal_hashes_where_their_values_are_equal(first, second, equal):
    hashes = [
        row_hashes([np.asarray(v, dtype=object if isinstance(v[0], str) else None), np.arange(2)])
        for v in (first, second)
    ]
    assert (hashes[0] == hashes[1]).all() == equal
