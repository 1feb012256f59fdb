"""Queries frozen at first fetch, the same answer ever after; against a server on this machine."""

import signal
import threading
import time
from collections.abc import Iterator
from datetime import datetime

import pyarrow.parquet as pq
import pytest
from frozen_project import QUERY, everything, fetch, query, record, refetched, start, wait_for
from local_services import ROWS, STARS, Services, running

from boxloop.data import network, tap
from boxloop.data.folders import files_of_source
from boxloop.data.formats import read_columns
from boxloop.data.read import read_sample
from boxloop.errors import BoxloopError
from boxloop.store import write_json


@pytest.fixture
def services(monkeypatch) -> Iterator[Services]:
    monkeypatch.setattr(network, "BACKOFF", 0.0)
    monkeypatch.setattr(tap, "LOOK", (0.01, 0.02))
    with running(Services()) as made:
        yield made


def test_the_record_says_what_was_asked_when_and_what_came(services, tmp_path):
    manifest = fetch(tmp_path, query(services))
    kept = record(tmp_path)
    assert kept["service"] == f"{services.address}/tap"
    assert (kept["query"], kept["rows"]) == (QUERY, 3)
    assert kept["columns"][2] == {"name": "g_mag", "type": "float", "unit": "mag"}
    assert abs(time.time() - _seconds(kept["date"])) < 60
    file = manifest["files"][0]
    assert {k: file[k] for k in ("path", "bytes", "sha256")} == {
        k: kept["files"][0][k] for k in ("path", "bytes", "sha256")
    }
    assert manifest["frozen"] == {
        k: kept[k] for k in ("kind", "service", "query", "date", "content_sha256")
    }


def _seconds(date: str) -> float:

    return datetime.fromisoformat(date).timestamp()


def test_a_second_fetch_asks_nobody_and_changes_nothing(services, tmp_path):
    first = fetch(tmp_path, query(services))
    before = (tmp_path / "raw/stars/answer.parquet").stat().st_mtime_ns
    asked = len(services.asked)
    assert fetch(tmp_path, query(services)) == first
    assert len(services.asked) == asked
    assert (tmp_path / "raw/stars/answer.parquet").stat().st_mtime_ns == before


def test_the_record_alone_brings_the_same_answer_again(services, tmp_path):
    first = fetch(tmp_path, query(services))
    kept = (tmp_path / "frozen/stars.json").read_bytes()
    assert refetched(tmp_path, query(services)) == first
    assert (tmp_path / "frozen/stars.json").read_bytes() == kept


def test_rows_in_another_order_are_the_same_answer_and_make_the_same_file(services, tmp_path):
    first = fetch(tmp_path, query(services))
    services.rows.reverse()
    assert refetched(tmp_path, query(services)) == first


def test_where_the_query_says_the_order_another_order_is_another_answer(services, tmp_path):
    ordered = query(services, adql=f"{QUERY} ORDER BY source_id")
    fetch(tmp_path, ordered)
    services.rows.reverse()
    with pytest.raises(BoxloopError, match="their values or the order of the rows"):
        refetched(tmp_path, ordered)


def test_a_stated_order_is_kept(services, tmp_path):
    services.rows.reverse()
    fetch(tmp_path, query(services, adql=f"{QUERY} ORDER BY source_id DESC"))
    ids = pq.read_table(tmp_path / "raw/stars/answer.parquet")["source_id"].to_pylist()
    assert ids == [r[0] for r in reversed(ROWS)]


def test_a_changed_answer_is_refused_with_what_changed_and_what_to_do(services, tmp_path):
    fetch(tmp_path, query(services))
    date = record(tmp_path)["date"][:10]
    services.columns = (*STARS[:-1], ("parallax", "double", "", "mas", "", ""))
    services.rows = [(*r[:-1], 1.0) for r in ROWS] + [(1, "new", 1.0, 2.0, True, 3.0)]
    with pytest.raises(BoxloopError) as error:
        refetched(tmp_path, query(services))
    for part in (
        f"changed since it was frozen on {date}", "then 3 rows, now 4", "columns added: parallax",
        "columns lost: spectrum", "dvc pull", "delete", "frozen/stars.json",
    ):  # fmt: skip
        assert part in str(error.value)
    assert everything(tmp_path / "raw") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.rows.__setitem__(0, (*ROWS[0][:2], 12.6, *ROWS[0][3:])), "their values"),
        (
            lambda s: setattr(s, "columns", _with(STARS, 2, 3, "Jy")),
            "unit of g_mag: then 'mag', now",
        ),
        (
            lambda s: setattr(s, "columns", _with(STARS, 2, 1, "double")),
            "type of g_mag: then 'float'",
        ),
    ],
    ids=["a value", "a unit", "a type"],
)
def test_the_smallest_change_of_an_answer_is_noticed(services, tmp_path, change, said):
    fetch(tmp_path, query(services))
    change(services)
    with pytest.raises(BoxloopError, match=said):
        refetched(tmp_path, query(services))


def _with(columns: tuple, row: int, at: int, value: str) -> tuple:
    changed = [list(c) for c in columns]
    changed[row][at] = value
    return tuple(tuple(c) for c in changed)


def test_a_description_may_change(services, tmp_path):
    fetch(tmp_path, query(services))
    services.columns = _with(STARS, 2, 5, "Mean G magnitude")
    refetched(tmp_path, query(services))


def test_deleting_the_record_freezes_the_new_answer(services, tmp_path):
    fetch(tmp_path, query(services))
    services.rows.pop()
    (tmp_path / "frozen/stars.json").unlink()
    fetch(tmp_path, query(services))
    rows = pq.read_table(tmp_path / "raw/stars/answer.parquet").num_rows
    assert (record(tmp_path)["rows"], rows) == (2, 2)


def test_another_query_is_refused_until_the_record_is_deleted(services, tmp_path):
    fetch(tmp_path, query(services))
    other = query(services, adql=QUERY + " WHERE g_mag < 12")
    with pytest.raises(BoxloopError) as error:
        fetch(tmp_path, other)
    for part in (
        f"then {QUERY}",
        "now SELECT source_id, name FROM stars WHERE",
        "frozen/stars.json",
    ):
        assert part in str(error.value)
    assert len(services.queries) == 1


def test_line_ends_and_comments_make_no_other_query(services, tmp_path):
    fetch(tmp_path, query(services))
    fetch(tmp_path, query(services, adql="SELECT source_id, -- the id\n   name\nFROM stars\n"))


def test_the_mirror_is_asked_before_the_service(services, tmp_path):
    fetch(tmp_path, query(services))
    (tmp_path / "mirror").mkdir()
    (tmp_path / "raw/stars").rename(tmp_path / "mirror/stars")
    asked = len(services.asked)
    fetch(tmp_path, query(services), tmp_path / "mirror")
    assert len(services.asked) == asked


def test_a_wrong_file_in_the_mirror_is_an_error(services, tmp_path):
    fetch(tmp_path, query(services))
    size = record(tmp_path)["files"][0]["bytes"]
    (tmp_path / "mirror/stars").mkdir(parents=True)
    (tmp_path / "mirror/stars/answer.parquet").write_bytes(b"x" * size)
    with pytest.raises(BoxloopError, match="wrong checksum"):
        refetched(tmp_path, query(services), tmp_path / "mirror")


def test_a_file_written_by_another_version_of_parquet_is_the_same_answer(services, tmp_path):
    fetch(tmp_path, query(services))
    path = tmp_path / "raw/stars/answer.parquet"
    pq.write_table(pq.read_table(path), path, compression="gzip", row_group_size=1)
    asked = len(services.asked)
    manifest = fetch(tmp_path, query(services))
    assert len(services.asked) == asked
    assert manifest["files"][0]["sha256"] != record(tmp_path)["files"][0]["sha256"]
    assert manifest["files"][0]["content_sha256"] == record(tmp_path)["content_sha256"]


def test_a_damaged_file_is_fetched_anew(services, tmp_path):
    first = fetch(tmp_path, query(services))
    (tmp_path / "raw/stars/answer.parquet").write_bytes(b"PAR1 broken")
    assert fetch(tmp_path, query(services)) == first


def test_a_broken_record_is_named(services, tmp_path):
    (tmp_path / "frozen").mkdir()
    (tmp_path / "frozen/stars.json").write_text('{"schema": 1, "source": ')
    with pytest.raises(
        BoxloopError, match=r"stars\.json: not a freeze record.*restore it from git"
    ):
        fetch(tmp_path, query(services))


def test_a_sample_reads_an_answer_without_a_reader(services, tmp_path):
    manifest = tmp_path / "raw/stars/MANIFEST.json"
    write_json(fetch(tmp_path, query(services)), manifest)
    assert [f["path"] for f in files_of_source(manifest)] == ["answer.parquet"]
    sample = {
        "source": "stars", "files": "*", "path": None, "sha256": None, "simulator": None,
        "reader": None, "options": {}, "where": {}, "provenance": "real", "duplicates": "drop",
    }  # fmt: skip
    raw = read_sample("train", sample, manifest, source={"reader": "parquet"}, text=["source_id"])
    assert list(raw.frame["source_id"]) == [str(r[0]) for r in ROWS]
    assert raw.identity == [record(tmp_path)["content_sha256"]]
    assert raw.facts["frozen"]["query"] == QUERY


def test_a_fetch_killed_while_the_service_works_leaves_nothing(services, tmp_path):
    services.slow = threading.Event()
    process = start(tmp_path, query(services))
    wait_for(lambda: services.queries)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=1800)
    services.slow.set()
    assert everything(tmp_path) == []


def test_of_two_fetches_at_once_one_asks_and_both_have_the_answer(services, tmp_path):
    services.slow = threading.Event()
    both = [start(tmp_path, query(services)) for _ in range(2)]
    wait_for(lambda: services.queries)
    time.sleep(0.5)
    services.slow.set()
    for process in both:
        _, said = process.communicate(timeout=1800)
        assert process.returncode == 0, said
    assert len(services.queries) == 1
    assert everything(tmp_path) == ["frozen/stars.json", "raw/stars/answer.parquet"]


def test_a_record_that_cannot_be_written_is_said(services, tmp_path):
    (tmp_path / "frozen").write_text("a file where the folder should be")
    with pytest.raises(BoxloopError, match=r"frozen.stars\.json: the freeze record cannot be"):
        fetch(tmp_path, query(services))


def test_units_and_descriptions_of_an_answer_are_known_to_whoever_drafts_a_study(
    services, tmp_path
):
    fetch(tmp_path, query(services))
    column = read_columns(tmp_path / "raw/stars/answer.parquet")["g_mag"]
    assert (column.unit, column.description) == ("mag", "Mean magnitude")
