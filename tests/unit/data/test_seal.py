"""The test set: the same whatever the order, whole groups, and no label left in the table."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import classes_table, numbers_table

from boxloop import store
from boxloop.data.seal import draw_test, seal
from boxloop.errors import BoxloopError
from boxloop.store import Column, Table


def ids(n: int) -> np.ndarray:
    return np.array([f"s{i}" for i in range(n)], dtype=object)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.integers(20, 200), st.booleans(), st.randoms())
def test_permuting_the_rows_changes_nothing(seed, n, grouped, random):
    order = list(range(n))
    random.shuffle(order)
    rng = np.random.default_rng(seed)
    labels = rng.choice(np.array(["a", "b"], dtype=object), n)
    group = rng.integers(0, 8, n) if grouped else None
    draw = {"fraction": 0.3, "seed": seed % 1000}
    mask = draw_test(ids(n), labels, group=group, **draw)
    moved = draw_test(ids(n)[order], labels[order], group=group[order] if grouped else None, **draw)
    np.testing.assert_array_equal(mask[order], moved)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(3, 40))
def test_a_group_is_never_on_both_sides(seed, n_groups):
    group = np.random.default_rng(seed).integers(0, n_groups, 400)
    mask = draw_test(ids(400), fraction=0.25, group=group, seed=seed)
    assert not set(group[mask]) & set(group[~mask])


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_the_fraction_holds_in_every_class(fraction):
    labels = np.array(["common"] * 800 + ["rare"] * 40, dtype=object)
    mask = draw_test(ids(840), labels, fraction=fraction, seed=3)
    assert mask[:800].sum() == 800 * fraction
    assert mask[800:].sum() == 40 * fraction


def test_another_seed_draws_another_set():
    a, b = (draw_test(ids(500), fraction=0.5, seed=s) for s in (1, 2))
    assert 100 < (a != b).sum() < 400


def test_a_draw_that_leaves_one_side_empty_is_refused():
    with pytest.raises(BoxloopError, match=r"split\.test: 0\.2 of 1 groups"):
        draw_test(ids(10), fraction=0.2, group=np.zeros(10), seed=1)
    with pytest.raises(BoxloopError, match="2 objects"):
        draw_test(ids(2), fraction=0.2, seed=1)


def test_the_written_table_holds_no_test_label(tmp_path):
    table = classes_table(200)
    labels = table.frame["class"].copy()
    mask = np.arange(200) % 5 == 0
    labels[mask] = [f"SECRET{i}" for i in range(mask.sum())]
    table.frame["class"] = labels
    public, sealed = seal(table, mask)
    path = tmp_path / "table.parquet"
    store.write_table(public, path)
    pq.write_table(pq.read_table(path), tmp_path / "plain.parquet", compression="none")
    assert b"SECRET" not in (tmp_path / "plain.parquet").read_bytes()
    again = store.read_table(path).frame
    assert again["class"].isna().tolist() == mask.tolist()
    assert again["class"][~mask].tolist() == labels[~mask].tolist()
    assert dict(zip(sealed["id"], sealed["class"], strict=True)) == dict(
        zip(table.frame["id"][mask], labels[mask], strict=True)
    )


def test_sealing_leaves_the_table_it_was_given_as_it_was():
    table = numbers_table(50)
    before = table.frame.copy()
    public, _ = seal(table, np.arange(50) < 10)
    assert table.frame.equals(before)
    assert public.frame["redshift"].isna().sum() == 10


def test_every_column_of_a_target_is_sealed_with_its_errors():
    plain = numbers_table(60)
    frame = plain.frame.assign(second=1.0, second_err=0.1)
    columns = {"second": Column("target"), "second_err": Column("target_error")}
    table = Table(frame, {**plain.columns, **columns})
    mask = np.arange(60) % 4 == 0
    blind, sealed = seal(table, mask)
    assert list(sealed) == [table.id_name, "redshift", "second", "second_err"]
    for name in ("redshift", "second", "second_err"):
        assert (
            blind.frame.loc[mask, name].isna().all() and blind.frame.loc[~mask, name].notna().all()
        )
