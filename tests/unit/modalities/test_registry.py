"""Modalities are found by name, in the order that results rest on, and are arrays by default."""

import re

import numpy as np
import pandas as pd
import pytest
from repository import REPOSITORY

from boxloop import store
from boxloop.errors import BoxloopError
from boxloop.modalities.registry import as_seen, modality, names_of, of_table
from boxloop.store import Column, Table
from boxloop.study.known_modalities import MODALITIES
from boxloop.study.known_modality import ROLES, SEEN
from boxloop.study.parts import Columns

OWN = {"cube": {"modality": "boxloop.modalities:Modality", "options": {"side": 2}, "code": []}}


def cubes(n: int = 4) -> Table:
    frame = pd.DataFrame({"id": [f"i{i}" for i in range(n)]}, dtype=object)
    cube = np.arange(8.0 * n).reshape(n, 2, 2, 2)
    return Table(frame, {"id": Column("id")}, "real", {"cube": cube, "unnamed": cube}, OWN)


def test_ours_come_in_the_order_of_saved_recipes_and_others_after_them() -> None:
    assert as_seen(["cube", *MODALITIES]) == ["table", "image", "light_curve", "cube"]
    assert set(SEEN) == set(MODALITIES)
    assert all(name in Columns.model_fields for name in MODALITIES if name != "table")


def test_a_table_tells_its_own_modalities_and_keeps_them_in_its_file(tmp_path) -> None:
    table = cubes()
    store.write_table(table, tmp_path / "t.parquet", tmp_path / "arrays")
    read = store.read_table(tmp_path / "t.parquet", tmp_path / "arrays")
    assert names_of(read) == ["cube"]
    assert of_table(read)["cube"].options == {"side": 2}
    assert of_table(read.take(np.array([1]))).keys() == {"cube"}


def test_an_array_is_permuted_by_rows() -> None:
    order = np.array([2, 0, 3, 1])
    moved = modality("cube", OWN).permute(cubes(), order)
    assert (moved.arrays["cube"] == cubes().arrays["cube"][order]).all()
    assert (moved.arrays["unnamed"] == cubes().arrays["unnamed"]).all()


def test_a_class_that_is_no_modality_is_refused() -> None:
    wrong = {"cube": {**OWN["cube"], "modality": "boxloop.store:Table"}}
    with pytest.raises(BoxloopError, match=r"columns\.own\.cube\.modality: expected a class"):
        modality("cube", wrong)


def test_every_role_that_a_column_gets_is_known_or_that_of_a_modality() -> None:
    named = re.compile(r'Column\(\s*"([a-z_]+)"')
    sources = (REPOSITORY / "src/boxloop").rglob("*.py")
    given = {role for path in sources for role in named.findall(path.read_text())}
    assert {"id", "feature", "state"} <= given <= {*ROLES, *MODALITIES}
