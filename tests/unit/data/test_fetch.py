"""Fetching: what is there, the mirror, the address; nothing wrong is ever kept."""

import hashlib
import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from boxloop.data import fetch
from boxloop.data.fetch import fetch_source
from boxloop.errors import BoxloopError
from boxloop.study.sources import read_sources

CONTENT = b"u,g,redshift\n20.1,19.2,0.3\n"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which it is served."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def entry(base_url: str, **changes: object) -> dict:
    file = {
        "path": "a file.csv",
        "bytes": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "url_path": "old/a%20file.csv",
    }
    return {"base_url": base_url, "files": [{**file, **changes}]}


def at_address(folder: Path, content: bytes = CONTENT) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "a file.csv").write_bytes(content)


def test_a_file_comes_from_its_address_and_the_manifest_says_so(served, tmp_path):
    folder, url = served
    at_address(folder)
    manifest = fetch_source(entry(url), tmp_path / "raw" / "stars")
    assert (tmp_path / "raw" / "stars" / "a file.csv").read_bytes() == CONTENT
    assert manifest == {
        "source": "stars",
        "files": [
            {
                "path": "a file.csv",
                "bytes": len(CONTENT),
                "sha256": hashlib.sha256(CONTENT).hexdigest(),
                "address": f"{url}old/a%20file.csv",
            }
        ],
    }


@pytest.mark.parametrize("kind", ["folder", "file", "http"])
def test_a_mirror_is_asked_before_the_address(served, tmp_path, kind):
    folder, url = served
    (folder / "stars").mkdir()
    (folder / "stars" / "a file.csv").write_bytes(CONTENT)
    mirror = {"folder": str(folder), "file": folder.as_uri(), "http": url}[kind]
    fetch_source(entry(url + "nowhere/"), tmp_path / "stars", mirror=mirror)
    assert (tmp_path / "stars" / "a file.csv").read_bytes() == CONTENT


def test_a_file_that_the_mirror_lacks_comes_from_the_address(served, tmp_path):
    folder, url = served
    at_address(folder)
    fetch_source(entry(url), tmp_path / "stars", mirror=str(tmp_path / "empty"))
    assert (tmp_path / "stars" / "a file.csv").read_bytes() == CONTENT


def test_files_that_are_there_are_kept_without_asking_anybody(tmp_path):
    folder = tmp_path / "stars"
    folder.mkdir()
    (folder / "a file.csv").write_bytes(CONTENT)
    before = (folder / "a file.csv").stat().st_mtime_ns
    fetch_source(entry("http://127.0.0.1:1/"), folder)
    assert (folder / "a file.csv").stat().st_mtime_ns == before


def test_a_wrong_checksum_names_both_sums_and_keeps_nothing(served, tmp_path):
    folder, url = served
    wrong = CONTENT.replace(b"0.3", b"0.4")
    at_address(folder, wrong)
    with pytest.raises(BoxloopError) as error:
        fetch_source(entry(url), tmp_path / "stars")
    assert hashlib.sha256(CONTENT).hexdigest() in str(error.value)
    assert hashlib.sha256(wrong).hexdigest() in str(error.value)
    assert list((tmp_path / "stars").iterdir()) == []


def test_a_truncated_file_names_both_sizes_and_keeps_nothing(served, tmp_path):
    folder, url = served
    at_address(folder, CONTENT[:-5])
    with pytest.raises(BoxloopError, match=f"truncated.*{len(CONTENT)}.*{len(CONTENT) - 5}"):
        fetch_source(entry(url), tmp_path / "stars")
    assert list((tmp_path / "stars").iterdir()) == []


def test_a_bad_mirror_is_an_error_even_where_the_address_is_right(served, tmp_path):
    folder, url = served
    at_address(folder)
    (folder / "stars").mkdir()
    (folder / "stars" / "a file.csv").write_bytes(CONTENT.upper())
    with pytest.raises(BoxloopError, match="wrong checksum"):
        fetch_source(entry(url), tmp_path / "raw" / "stars", mirror=str(folder))


def test_a_failed_fetch_goes_on_with_the_files_that_are_there(served, tmp_path):
    folder, url = served
    at_address(folder)
    two = entry(url)
    two["files"].append({**two["files"][0], "path": "b.csv", "url_path": "old/b.csv"})
    with pytest.raises(BoxloopError, match=r"b\.csv cannot be fetched"):
        fetch_source(two, tmp_path / "stars")
    first = (tmp_path / "stars" / "a file.csv").stat().st_mtime_ns
    (folder / "old" / "b.csv").write_bytes(CONTENT)
    fetch_source(two, tmp_path / "stars")
    assert (tmp_path / "stars" / "a file.csv").stat().st_mtime_ns == first


def test_without_a_network_the_error_says_what_was_tried_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch.time, "sleep", lambda seconds: None)
    with pytest.raises(BoxloopError) as error:
        fetch_source(entry("http://127.0.0.1:1/"), tmp_path / "stars", mirror=str(tmp_path))
    message = str(error.value)
    for part in ("http://127.0.0.1:1/old/a%20file.csv: no connection", str(tmp_path), "MIRROR"):
        assert part in message


@pytest.mark.parametrize("path", ["../up.csv", "/etc/up.csv", "a/../../up.csv", "a\\b.csv", ""])
def test_a_path_that_leads_out_of_the_folder_is_refused(tmp_path, path):
    with pytest.raises(BoxloopError, match="leads out"):
        fetch_source(entry("http://127.0.0.1:1/", path=path), tmp_path / "stars")


def test_a_link_in_the_folder_cannot_lead_a_file_out_of_it(tmp_path):
    (tmp_path / "stars").mkdir()
    (tmp_path / "stars" / "out").symlink_to(tmp_path)
    with pytest.raises(BoxloopError, match="leads out"):
        fetch_source(entry("http://127.0.0.1:1/", path="out/x.csv"), tmp_path / "stars")


@pytest.mark.mirror
@pytest.mark.skipif("BOXLOOP_MIRROR" not in os.environ, reason="BOXLOOP_MIRROR is not set")
@pytest.mark.parametrize("name", sorted(read_sources("config/sources.yaml")))
def test_the_mirror_holds_the_files_that_the_sources_promise(name, tmp_path):
    source = read_sources("config/sources.yaml")[name]
    manifest = fetch_source(source, tmp_path / name, mirror=os.environ["BOXLOOP_MIRROR"])
    assert [f["path"] for f in manifest["files"]] == [f["path"] for f in source["files"]]
