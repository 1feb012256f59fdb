"""What services of the Virtual Observatory answer, whole or not at all; against a local server."""

import json
import logging
import threading
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest
from frozen_project import QUERY, everything, fetch, query, record, refetched
from local_services import ROWS, STARS, Services, running

from boxloop.data import network, tap
from boxloop.errors import BoxloopError
from boxloop.store import write_json


@pytest.fixture
def services(monkeypatch) -> Iterator[Services]:
    monkeypatch.setattr(network, "BACKOFF", 0.0)
    monkeypatch.setattr(tap, "LOOK", (0.01, 0.02))
    with running(Services()) as made:
        yield made


def vizier(services: Services, **more: object) -> dict:
    asked = {"service": f"{services.address}/tap", "catalogue": "J/ApJ/1/2/t3", "columns": []}
    return {"vizier": {**asked, "where": {}, **more}}


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_an_answer_is_kept_with_every_value_as_the_service_gave_it(services, tmp_path, mode):
    fetch(tmp_path, query(services, mode=mode))
    table = pq.read_table(tmp_path / "raw/stars/answer.parquet")
    assert table.column_names == [c[0] for c in STARS]
    rows = [tuple(r.values()) for r in table.to_pylist()]
    assert rows == [tuple(list(v) if isinstance(v, tuple) else v for v in r) for r in ROWS]


def test_units_descriptions_and_ucds_stand_in_the_file(services, tmp_path):
    fetch(tmp_path, query(services))
    schema = pq.read_schema(tmp_path / "raw/stars/answer.parquet")
    assert schema.field("g_mag").metadata == {
        b"unit": b"mag",
        b"description": b"Mean magnitude",
        b"ucd": b"phot.mag;em.opt",
    }
    known = json.loads(schema.metadata[b"boxloop"])["columns"]
    assert (known["teff"]["unit"], known["teff"]["description"]) == ("K", "Effective temperature")


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_an_answer_cut_off_by_the_service_is_no_data(services, tmp_path, mode):
    services.limit = 2
    with pytest.raises(BoxloopError, match=r"cut the answer off after 2 rows.*maxrec"):
        fetch(tmp_path, query(services, mode=mode))
    assert everything(tmp_path) == []


def test_an_answer_cut_off_by_maxrec_is_no_data(services, tmp_path):
    with pytest.raises(BoxloopError, match=r"cut the answer off after 2 rows.*now 2"):
        fetch(tmp_path, query(services, maxrec=2))


def test_an_answer_without_rows_is_refused(services, tmp_path):
    services.rows = []
    with pytest.raises(BoxloopError, match="no rows"):
        fetch(tmp_path, query(services))
    assert everything(tmp_path) == []


def failing(status: int, body: bytes | None, fault: str = "") -> dict:
    return {"status": status, "body": body, "fault": fault}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (failing(400, None, "No column g_mga"), "refused the query: No column g_mga\nquery:"),
        (failing(200, None, "No column g_mga"), "refused the query: No column g_mga\nquery:"),
        (failing(400, b"line 1, near FORM"), "answered 400 Bad Request: line 1, near FORM"),
        (failing(403, b"<html><style>b</style><h1>Closed</h1></html>"), "403 Forbidden: Closed"),
        (failing(500, b"database is down"), "500 Internal Server Error: database is down"),
        (failing(503, b"come back later"), "503 Service Unavailable: come back later"),
        (failing(200, b"<html><body>Please log in</body></html>"), "no whole VOTable.*log in"),
        (failing(200, b""), "no whole VOTable"),
    ],
    ids=["fault 400", "fault 200", "text 400", "html 403", "500", "503", "a page", "nothing"],
)
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_what_the_service_says_is_passed_on(services, tmp_path, mode, answer, said):
    for key, value in answer.items():
        setattr(services, key, value)
    with pytest.raises(BoxloopError, match=said) as error:
        fetch(tmp_path, query(services, mode=mode))
    assert f"asked {services.address}/tap" in str(error.value)
    assert everything(tmp_path) == []


def test_half_an_answer_is_no_answer(services, tmp_path):
    whole = services.answer(QUERY, None)[1]
    services.body = whole[: len(whole) // 2]
    with pytest.raises(BoxloopError, match="no whole VOTable"):
        fetch(tmp_path, query(services))
    assert everything(tmp_path) == []


def test_a_job_that_fails_says_why_and_is_removed(services, tmp_path):
    services.fault, services.phases = "division by zero", ["EXECUTING", "ERROR"]
    with pytest.raises(BoxloopError, match="refused the query: division by zero"):
        fetch(tmp_path, query(services, mode="async"))
    assert "DELETE /tap/async/1" in services.asked


@pytest.mark.parametrize("phase", ["ABORTED", "HELD"])
def test_a_job_that_will_not_end_by_itself_is_an_error(services, tmp_path, phase):
    services.phases = ["QUEUED", phase]
    with pytest.raises(BoxloopError, match=f"ended as {phase}"):
        fetch(tmp_path, query(services, mode="async"))


def test_a_job_that_takes_too_long_is_given_up(services, tmp_path, monkeypatch):
    monkeypatch.setattr(tap, "MOST", 0.05)
    services.phases = ["EXECUTING"]
    with pytest.raises(BoxloopError, match="still EXECUTING after"):
        fetch(tmp_path, query(services, mode="async"))
    assert "DELETE /tap/async/1" in services.asked


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_without_a_network_the_first_fetch_says_so(tmp_path, services, mode):
    with pytest.raises(BoxloopError, match=r"asked http://127\.0\.0\.1:1/tap: no connection"):
        fetch(tmp_path, query(services, service="http://127.0.0.1:1/tap", mode=mode))
    assert everything(tmp_path) == []


def test_without_a_network_a_later_fetch_says_where_the_frozen_answer_may_be(services, tmp_path):
    closed = query(services)
    fetch(tmp_path, closed)
    kept = record(tmp_path)
    closed["query"]["service"] = kept["service"] = "http://127.0.0.1:1/tap"
    write_json(kept, tmp_path / "frozen/stars.json")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BoxloopError) as error:
        refetched(tmp_path, closed, tmp_path / "empty")
    for part in ("no connection", "there is no such file", "BOXLOOP_MIRROR", "dvc pull"):
        assert part in str(error.value)


def test_a_service_that_never_answers_is_given_up(services, tmp_path, monkeypatch):
    monkeypatch.setattr(network, "TIMEOUT", (1.0, 0.2))
    services.slow = threading.Event()
    with pytest.raises(BoxloopError, match=r"no answer within 0\.2 s"):
        fetch(tmp_path, query(services))
    services.slow.set()


def test_a_column_of_complex_numbers_is_refused_by_name(services, tmp_path):
    services.columns, services.rows = (("z", "doubleComplex", "", "", "", ""),), [((1.0, 2.0),)]
    with pytest.raises(BoxloopError, match="'z' holds complex numbers"):
        fetch(tmp_path, query(services))


def test_a_row_count_of_exactly_maxrec_is_remarked(services, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        fetch(tmp_path, query(services, maxrec=3))
    assert "exactly maxrec = 3 rows" in caplog.text


def test_vizier_is_asked_for_all_rows_by_quoted_names(services, tmp_path):
    fetch(tmp_path, vizier(services, columns=["name"], where={"g_mag": {"low": 1, "below": None}}))
    assert services.queries == [
        'SELECT COUNT(*) AS n FROM "J/ApJ/1/2/t3" WHERE "g_mag" >= 1',
        'SELECT "name" FROM "J/ApJ/1/2/t3" WHERE "g_mag" >= 1',
    ]
    assert record(tmp_path)["rows"] == 3


def test_an_answer_of_vizier_that_was_cut_silently_is_refused(services, tmp_path):
    services.limit, services.quiet_cut = 2, True
    with pytest.raises(BoxloopError, match="counts 3 rows and sent 2"):
        fetch(tmp_path, vizier(services))
    assert everything(tmp_path) == []


def test_a_table_of_vizier_without_rows_within_the_limits_is_refused(services, tmp_path):
    services.rows = []
    with pytest.raises(BoxloopError, match="no row of the table is within the limits"):
        fetch(tmp_path, vizier(services))


@pytest.mark.parametrize("page", [b"<html><body>Please log in</body></html>", b"", b"busy"])
def test_a_job_that_is_no_job_is_an_error(services, tmp_path, page):
    services.job_page = page
    with pytest.raises(BoxloopError, match="the job of the query cannot be followed"):
        fetch(tmp_path, query(services, mode="async"))
