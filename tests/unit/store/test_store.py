"""Files are whole or not there; tables keep what their columns mean."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tables import numbers_table

from boxloop import store
from boxloop.errors import BoxloopError
from boxloop.store import Column, Table


def _names(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir()]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    store.write_json({"old": 1}, path)
    with pytest.raises(RuntimeError), store.writing(path) as beside:
        beside.write_text("half")
        raise RuntimeError
    assert store.read_json(path) == {"old": 1}
    assert _names(tmp_path) == ["a.json"]


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    code = (
        "import os, signal, sys\nfrom boxloop.store import writing\n"
        "with writing(sys.argv[1]) as beside:\n"
        "    beside.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False, timeout=1800)
    assert not path.exists() and len(_names(tmp_path)) == 1
    store.write_json([], path)
    assert _names(tmp_path) == ["a.json"]


def test_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with store.writing(path) as slow:
        slow.write_text('"slow"')
        store.write_json("fast", path)
        assert slow.exists()
    assert store.read_json(path) == "slow"


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with store.writing(tmp_path / "folder") as folder:
            folder.mkdir()
            (folder / name).touch()
    assert _names(tmp_path / "folder") == ["two"]


def test_json_has_no_nan_and_plain_numbers(tmp_path: Path) -> None:
    content = {"a": np.float32(1.5), "b": float("nan"), "c": np.arange(2), "d": (np.int8(3), None)}
    store.write_json(content, tmp_path / "a.json")
    assert store.read_json(tmp_path / "a.json") == {
        "a": 1.5,
        "b": None,
        "c": [0, 1],
        "d": [3, None],
    }


def test_half_a_json_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": ')
    with pytest.raises(BoxloopError, match=r"a\.json: not valid JSON.*delete it"):
        store.read_json(path)


def _with_everything() -> Table:
    table = numbers_table(50)
    curves = [np.arange(i % 4 + 1.0) for i in range(50)]
    frame = table.frame.assign(**{"light_curve.time": curves, "light_curve.band": [["g"]] * 50})
    columns = {
        **table.columns,
        "light_curve.time": Column("light_curve", "d"),
        "light_curve.band": Column("light_curve"),
    }
    images = np.random.default_rng(0).normal(size=(50, 4, 4, 1)).astype(np.float32)
    return Table(frame, columns, "simulated", {"image": images})


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    table = _with_everything()
    store.write_table(table, tmp_path / "t.parquet", tmp_path / "arrays")
    back = store.read_table(tmp_path / "t.parquet", tmp_path / "arrays")
    pd.testing.assert_frame_equal(
        back.frame[["id", "a", "a__state", "redshift"]],
        table.frame[["id", "a", "a__state", "redshift"]],
        check_dtype=False,
    )
    assert back.frame["a__state"].dtype == np.int8
    assert back.columns == table.columns and back.provenance == "simulated"
    assert (back.arrays["image"] == table.arrays["image"]).all()
    assert isinstance(back.arrays["image"], np.memmap)
    for one, two in zip(
        back.frame["light_curve.time"], table.frame["light_curve.time"], strict=True
    ):
        assert (one == two).all()


def test_batches_are_the_table_in_order(tmp_path: Path) -> None:
    table = _with_everything()
    store.write_table(table, tmp_path / "t.parquet", tmp_path / "arrays")
    batches = list(store.read_batches(tmp_path / "t.parquet", tmp_path / "arrays", rows=20))
    assert [len(b) for b in batches] == [20, 20, 10]
    ids = np.concatenate([b.column("id") for b in batches])
    images = np.concatenate([b.arrays["image"] for b in batches])
    assert (ids == table.column("id")).all() and (images == table.arrays["image"]).all()


def test_an_unknown_column_is_named_with_the_nearest() -> None:
    with pytest.raises(BoxloopError, match=r"no column 'redshfit'.*did you mean 'redshift'"):
        numbers_table().column("redshfit")


def test_the_one_column_of_a_role_is_asked_for_only_where_there_is_one() -> None:
    table = numbers_table()
    assert table.named("target") == "redshift" and table.named("sample") is None
    assert len(table.of_role("feature")) > 1
    with pytest.raises(ValueError, match="columns have the role feature"):
        table.named("feature")


def test_a_column_without_a_role_cannot_be_written(tmp_path: Path) -> None:
    table = numbers_table()
    table.frame["stray"] = 1
    with pytest.raises(ValueError, match="stray"):
        store.write_table(table, tmp_path / "t.parquet")
    assert not (tmp_path / "t.parquet").exists()
