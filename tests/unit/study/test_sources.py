"""Entries of config/sources.yaml: what a source may be, and what is said of a faulty one."""

import json
import re
from pathlib import Path

import pytest

from boxloop.errors import BoxloopError
from boxloop.study.adql import query_of_vizier, same_query, says_order
from boxloop.study.frozen import other_request, request_of
from boxloop.study.sources import read_sources

HEAD = "sources:\n  stars:\n    survey: S\n    licence: L\n    cite: [known2020]\n"
FILE = f"{{path: a.csv, bytes: 1, sha256: '{'0' * 64}', url_path: a.csv}}"
FILES = ("base_url: https://example.org/", f"files: [{FILE}]")


def read(folder: Path, *lines: str) -> dict:
    path = folder / "sources.yaml"
    path.write_text(HEAD + "".join(f"    {line}\n" for line in lines))
    return read_sources(path)["stars"]


def test_a_source_of_files_has_the_keys_it_always_had(tmp_path):
    """They are params of the rule fetch: another key would fetch everything again."""
    entry = read(tmp_path, *FILES)
    known = "survey licence cite description base_url reader options manifest files"
    assert list(entry) == known.split()
    assert entry["reader"] == "csv"


@pytest.mark.parametrize(
    ("line", "reader"),
    [
        ("query: {service: 'https://example.org/tap', adql: SELECT a FROM b}", "parquet"),
        ("vizier: {catalogue: II/246/out}", "parquet"),
        ("zenodo: {record: 11}", None),
    ],
)
def test_what_a_service_gives_is_read_without_a_reader(tmp_path, line, reader):
    assert read(tmp_path, line)["reader"] == reader


def test_a_query_asks_what_it_says(tmp_path):
    line = "query: {service: 'https://example.org/tap/', adql: SELECT 1, maxrec: 5}"
    assert request_of(read(tmp_path, line)) == {
        "kind": "query",
        "service": "https://example.org/tap",
        "query": "SELECT 1",
        "mode": "sync",
        "maxrec": 5,
    }


@pytest.mark.parametrize("given", ["doi: 10.5281/zenodo.11", "record: 11"])
def test_a_zenodo_record_is_known_by_doi_or_number(tmp_path, given):
    request = request_of(read(tmp_path, f"zenodo: {{{given}}}"))
    assert (request["record"], request["service"]) == (11, "https://zenodo.org")


def test_a_source_of_files_asks_no_service(tmp_path):
    assert request_of(read(tmp_path, *FILES)) is None


def test_the_examples_of_the_settings_page_are_valid(tmp_path):
    page = Path("config/README.md").read_text(encoding="utf-8")
    blocks = [b for b in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "sources:" in b]
    path = tmp_path / "sources.yaml"
    path.write_text("\n".join(blocks))
    assert {request_of(e)["kind"] for e in read_sources(path).values()} == {
        "query",
        "vizier",
        "zenodo",
    }


KINDS = "base_url, query, vizier, zenodo"
QUERY = "query: {service: 'https://a.org', adql: S}"


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        (["zenodo: {record: 1}", "vizier: {catalogue: a/b/c}"], 2,
         f": expected exactly one of {KINDS}; found vizier and zenodo"),
        ([], 2, f": expected exactly one of {KINDS}; found none of them"),
        ([f"files: [{FILE}]"], 2, ": files and manifest need base_url, the address they are under"),
        ([QUERY, "manifest: a.csv"], 2, ": files and manifest belong to base_url; query has none"),
        (["query: {service: 'https://a.org', aqdl: S, adql: S}"], 6, ".query.aqdl: unknown key; "
         "expected one of service, adql, mode, maxrec; did you mean 'adql'?"),
        (["query: {adql: S}"], 6, ".query: the key 'service' is missing"),
        (["query:", "  service: ftp://a.org", "  adql: S"], 7, ".query.service: expected an "
         "address that begins with https:// or http://; found 'ftp://a.org'"),
        (["query: {service: 'https://a.org', adql: S, mode: asinc}"], 6,
         ".query.mode: expected sync or async; found 'asinc'; did you mean 'async'?"),
        (["query: {service: 'https://me:secret@a.org', adql: S}"], 6,
         ".query.service: expected an address without a password"),
        ([QUERY, "reader: csv"], 2,
         ": the answer of a query is kept as Parquet; leave reader out"),
        (["zenodo: {record: 1}", "reader: fit"], 7, ".reader: expected csv, fits, parquet, "),
        (["vizier: {catalogue: J/ApJ}"], 6, ".vizier.catalogue: expected a table of a catalogue"),
        (["zenodo: {}"], 6, ".zenodo: expected doi or record, one of them; found neither"),
        (["zenodo: {doi: 10.5281/zenodo}"], 6,
         ".zenodo: expected a DOI like 10.5281/zenodo.1234567; found '10.5281/zenodo'"),
    ],
)  # fmt: skip
def test_a_faulty_source_is_named_with_line_key_and_what_was_expected(tmp_path, lines, line, said):
    with pytest.raises(BoxloopError) as error:
        read(tmp_path, *lines)
    assert str(error.value).startswith(f"{tmp_path / 'sources.yaml'}:{line}: sources.stars{said}")


def test_a_table_of_vizier_is_asked_for_with_quotes_and_limits():
    where = {"Vmag": {"low": -1.5, "below": 12}, "Cl'\"": "RR'ab", "n": 3}
    query = query_of_vizier({"catalogue": "J/A+A/1/2/t", "columns": ["2MASS", "x"], "where": where})
    assert query == (
        'SELECT "2MASS", "x" FROM "J/A+A/1/2/t" WHERE "Vmag" >= -1.5 AND "Vmag" < 12 '
        'AND "Cl\'""" = \'RR\'\'ab\' AND "n" = 3'
    )


@pytest.mark.parametrize(
    ("adql", "ordered"),
    [
        ("SELECT a FROM b ORDER BY a", True),
        ("select a from b order\n by a desc", True),
        ("SELECT a FROM (SELECT TOP 5 a FROM b ORDER BY a) AS c", False),
        ("SELECT a FROM b WHERE c = 'order by'", False),
        ("SELECT a FROM b -- order by a", False),
        ('SELECT a AS "order by" FROM b', False),
    ],
)
def test_a_query_says_the_order_only_at_its_own_end(adql, ordered):
    assert says_order(adql) == ordered


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SELECT a  FROM b", "SELECT a\nFROM b -- all\n", True),
        ("SELECT a FROM b", "SELECT a FROM b;", True),
        ("SELECT 'a  b' FROM c", "SELECT 'a b' FROM c", False),
        ("SELECT '--' FROM c", "SELECT '' FROM c", False),
        ("SELECT a FROM b", "SELECT A FROM b", False),
    ],
)
def test_queries_are_one_but_for_blanks_and_comments_outside_quotes(one, other, same):
    assert same_query(one, other) == same


RECORD = {
    "schema": 1, "source": "stars", "kind": "query", "service": "https://a.org", "query": "S",
    "date": "2026-01-02T03:04:05Z", "files": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (QUERY, ""),
        (QUERY.replace("S}", "T}"), "query: then S now T. Take the change back, or delete"),
        (QUERY.replace("a.org", "b.org"), "service: then https://a.org now https://b.org"),
        ("zenodo: {record: 1}", "kind: then query now zenodo"),
    ],
)
def test_an_entry_that_asks_something_else_than_was_frozen_is_told_so(tmp_path, line, said):
    path = tmp_path / "stars.json"
    path.write_text(json.dumps(RECORD))
    answer = other_request(read(tmp_path, line), path)
    assert (said in answer) if said else (answer == "")


def test_nothing_is_said_of_a_source_that_was_never_fetched(tmp_path):
    assert other_request(read(tmp_path, QUERY), tmp_path / "stars.json") == ""
