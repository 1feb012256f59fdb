"""A table that was written in any format reads back equal: values, missing ones, identifiers."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.table import MaskedColumn, Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boxloop.data.formats import reader_of
from boxloop.data.read import read_files

WORDS = st.text("abcXYZÅλ -_,;'\"", min_size=1, max_size=8).map(lambda w: f"w{w}w")


@st.composite
def tables(draw, words=WORDS) -> dict[str, list]:
    rows = draw(st.integers(1, 8))

    def column(values: st.SearchStrategy) -> list:
        return draw(st.lists(st.none() | values, min_size=rows, max_size=rows))

    return {
        "id": draw(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=rows, max_size=rows)),
        "other id": column(st.integers(2**53, 2**63 - 1)),
        "[Fe/H]": column(st.floats(allow_nan=False, allow_infinity=False, width=64)),
        "name": column(words),
    }


def masked(table: dict[str, list]) -> Table:
    fill = {"id": 0, "other id": 0, "[Fe/H]": 0.0, "name": ""}
    kinds = {"id": np.int64, "other id": np.int64, "[Fe/H]": np.float64, "name": str}
    columns = {
        name: MaskedColumn(
            np.array([fill[name] if v is None else v for v in values], dtype=kinds[name]),
            mask=[v is None for v in values],
        )
        for name, values in table.items()
    }
    columns["other id"].fill_value = -1
    return Table(columns)


def write(table: dict[str, list], kind: str, path: Path) -> None:
    frame = pd.DataFrame({n: pd.Series(v, dtype=object) for n, v in table.items()})
    if kind in ("csv", "tsv"):
        frame.to_csv(path, index=False, sep="," if kind == "csv" else "\t", encoding="utf-8")
    elif kind == "parquet":
        frame["id"] = frame["id"].astype("int64")
        frame["other id"] = pd.array(table["other id"], dtype="Int64")
        frame["[Fe/H]"] = frame["[Fe/H]"].astype(float)
        frame.to_parquet(path)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            name = "ascii.ecsv" if kind == "ecsv" else kind
            masked(table).write(path, format=name, overwrite=True)


def same(found: pd.DataFrame, table: dict[str, list]) -> None:
    assert [c.replace("_", " ") for c in found.columns] == [c.replace("_", " ") for c in table]
    for (_, column), (name, wanted) in zip(found.items(), table.items(), strict=True):
        values = [None if pd.isna(v) else v for v in column]
        if "id" in name:
            values = [None if v is None else int(v) for v in values]
        if name == "[Fe/H]":
            values = [None if v is None else float(v) for v in values]
        assert values == wanted


@pytest.mark.parametrize("kind", ["csv", "tsv", "ecsv", "parquet"])
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(table=tables())
def test_a_table_reads_back_equal(tmp_path, kind, table):
    path = tmp_path / f"a.{kind}"
    write(table, kind, path)
    same(read_files([path], reader_of(path), {})[0], table)


@pytest.mark.parametrize("kind", ["fits", "votable"])
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    table=tables(words=st.text("abcXYZ -_,;'\"", min_size=1, max_size=8).map(lambda w: f"w{w}w"))
)
def test_a_table_in_a_format_of_plain_letters_reads_back_equal(tmp_path, kind, table):
    path = tmp_path / f"a.{kind}"
    write(table, kind, path)
    same(read_files([path], reader_of(path), {})[0], table)
