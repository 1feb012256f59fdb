"""The hash of an answer: it knows every value, and nothing of how a file holds them."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import votable
from astropy.table import MaskedColumn, Table
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.data import answers
from boxloop.data.answers import answer_table, content_sha256

NUMBERS = st.none() | st.floats(allow_nan=False).map(lambda x: x + 0.0)
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**63), 2**63 - 1),
        NUMBERS,
        st.none() | st.text(max_size=4),
        st.none() | st.booleans(),
        st.none() | st.lists(NUMBERS, max_size=3),
    ),
    min_size=1,
    max_size=12,
)
TYPES = (pa.int64(), pa.float64(), pa.string(), pa.bool_(), pa.list_(pa.float64()))


def table(rows: list[tuple]) -> pa.Table:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(c, type=t) for c, t in zip(columns, TYPES, strict=True)]
    return pa.table(arrays, names=["i", "x", "name", "flag", "list"])


@settings(max_examples=40, deadline=None)
@given(ROWS, st.sampled_from(["none", "snappy", "gzip", "zstd"]), st.integers(1, 5))
def test_compression_and_row_groups_change_nothing(rows, compression, size):
    content = table(rows)
    file = io.BytesIO()
    pq.write_table(content, file, compression=compression, row_group_size=size)
    assert content_sha256(pq.read_table(file)) == content_sha256(content)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.data())
def test_a_change_of_any_value_changes_the_hash(rows, data):
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(TYPES) - 1))
    other = data.draw(ROWS)[0][column]
    changed = list(rows)
    changed[row] = (*rows[row][:column], other, *rows[row][column + 1 :])
    same = table(changed).equals(table(rows))
    assert (content_sha256(table(changed)) == content_sha256(table(rows))) == same


@pytest.mark.parametrize("empty", [0, 0.0, "", False])
def test_what_is_missing_is_not_what_is_zero_or_empty(empty):
    kind = pa.scalar(empty).type
    columns = [pa.table({"a": pa.array([value], type=kind)}) for value in (None, empty)]
    assert content_sha256(columns[0]) != content_sha256(columns[1])


def test_words_do_not_run_into_their_neighbours():
    one, other = (pa.table({"a": words}) for words in (["ab", "c"], ["a", "bc"]))
    assert content_sha256(one) != content_sha256(other)


@pytest.mark.parametrize(("name", "kind"), [("a", pa.int64()), ("b", pa.int32())])
def test_names_and_types_count(name, kind):
    before = pa.table({"a": pa.array([1], type=pa.int32())})
    assert content_sha256(before) != content_sha256(pa.table({name: pa.array([1], type=kind)}))


def test_a_negative_zero_is_zero():
    one, other = (pa.table({"a": [value]}) for value in (0.0, -0.0))
    assert content_sha256(one) == content_sha256(other)


def test_more_rows_than_are_hashed_at_a_time_are_told_apart_to_the_last(monkeypatch):
    monkeypatch.setattr(answers, "BLOCK", 2)
    hashes = {content_sha256(pa.table({"a": [1, 2, 3, 4, last]})) for last in (5, 6)}
    assert len(hashes) == 2


def written_by_astropy(form: str) -> pa.Table:
    lists = np.empty(3, dtype=object)
    lists[:] = [np.ma.array(values, mask=np.isnan(values)) for values in ([1.5, np.nan], [], [2.0])]
    hidden = [False, True, False]
    table = Table(
        {
            "short": MaskedColumn(np.array([-3, 0, 7], dtype="i2"), mask=hidden),
            "long": MaskedColumn(np.array([2**53 + 1, 0, -(2**62)]), mask=hidden, unit="d"),
            "byte": np.array([0, 128, 255], dtype="u1"),
            "flux": MaskedColumn(np.array([1.25, np.nan, np.inf]), unit="mJy"),
            "big_endian": np.array([1.0, 2.0, 3.0], dtype=">f4"),
            "name": np.array(["Ångström ", "", "b"]),
            "pair": np.array([[1, 2], [3, 4], [5, 6]], dtype="i4"),
            "several": lists,
            "flag": np.array([True, False, True]),
        }
    )
    content = io.BytesIO()
    file = votable.from_table(table)
    file.set_all_tables_format(form)
    file.to_xml(content)
    content.seek(0)
    return answer_table(votable.parse(content).get_first_table(), ordered=True)


@pytest.mark.parametrize("form", ["tabledata", "binary2"])
def test_a_votable_of_another_hand_reads_as_it_was_written(form):
    assert written_by_astropy(form).to_pydict() == {
        "short": [-3, None, 7],
        "long": [2**53 + 1, None, -(2**62)],
        "byte": [0, 128, 255],
        "flux": [1.25, None, float("inf")],
        "big_endian": [1.0, 2.0, 3.0],
        "name": ["Ångström", None, "b"],
        "pair": [[1, 2], [3, 4], [5, 6]],
        "several": [[1.5, None], [], [2.0]],
        "flag": [True, False, True],
    }


def test_the_form_of_a_votable_changes_nothing():
    assert len({content_sha256(written_by_astropy(f)) for f in ("tabledata", "binary2")}) == 1
