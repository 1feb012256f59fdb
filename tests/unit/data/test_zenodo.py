"""Files of a Zenodo record: checked, frozen, unpacked with care; against a local server."""

import hashlib
import io
import signal
import stat
import tarfile
import threading
import zipfile
from collections.abc import Iterator

import pytest
from frozen_project import everything, fetch, record, start, wait_for
from local_services import Services, running

from boxloop.data import archives, network
from boxloop.data.archives import unpack
from boxloop.errors import BoxloopError

CSV = b"u,g,redshift\n20.1,19.2,0.3\n"
READ_ME = b"Some stars."


@pytest.fixture
def services(monkeypatch) -> Iterator[Services]:
    monkeypatch.setattr(network, "BACKOFF", 0.0)
    with running(Services(records={11: {"some stars.csv": CSV, "README.md": READ_ME}})) as made:
        yield made


def entry(services: Services, **more: object) -> dict:
    asked = {"record": 11, "doi": None, "files": "*", "unpack": False, "service": services.address}
    return {"zenodo": {**asked, **more}}


def zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def tarred(*members: tarfile.TarInfo, content: bytes = CSV) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for member in members:
            member.size = len(content) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return made.getvalue()


def test_the_files_of_a_record_come_and_the_manifest_says_whence(services, tmp_path):
    manifest = fetch(tmp_path, entry(services))
    assert (tmp_path / "raw/stars/some stars.csv").read_bytes() == CSV
    assert manifest["files"][0] == {
        "path": "some stars.csv",
        "bytes": len(CSV),
        "sha256": hashlib.sha256(CSV).hexdigest(),
        "address": f"{services.address}/api/records/11/files/some%20stars.csv/content",
    }
    assert manifest["frozen"]["doi"] == "10.5281/zenodo.11"


def test_the_record_has_size_md5_and_sha256_of_every_file(services, tmp_path):
    fetch(tmp_path, entry(services))
    file = record(tmp_path)["files"][1]
    assert (file["path"], file["bytes"]) == ("README.md", len(READ_ME))
    assert file["md5"] == hashlib.md5(READ_ME).hexdigest()
    assert file["sha256"] == hashlib.sha256(READ_ME).hexdigest()


def test_a_second_fetch_asks_nobody(services, tmp_path):
    first = fetch(tmp_path, entry(services))
    asked = len(services.asked)
    assert fetch(tmp_path, entry(services)) == first
    assert len(services.asked) == asked


def test_only_the_files_of_the_pattern_come(services, tmp_path):
    fetch(tmp_path, entry(services, files="*.csv"))
    assert everything(tmp_path / "raw") == ["stars/some stars.csv"]


def test_a_pattern_that_fits_no_file_is_answered_with_the_files(services, tmp_path):
    with pytest.raises(BoxloopError, match=r"fits '\*\.fits'; it has some stars\.csv, README\.md"):
        fetch(tmp_path, entry(services, files="*.fits"))


def test_another_pattern_is_refused_until_the_record_is_deleted(services, tmp_path):
    fetch(tmp_path, entry(services))
    with pytest.raises(BoxloopError, match=r"files: then \*\n\s+now \*\.csv"):
        fetch(tmp_path, entry(services, files="*.csv"))


def test_a_file_that_is_not_of_its_checksum_is_not_kept(services, tmp_path):
    services.wrong_md5 = True
    with pytest.raises(BoxloopError, match="wrong checksum: expected md5"):
        fetch(tmp_path, entry(services))
    assert everything(tmp_path) == []


def test_the_record_alone_brings_the_same_files(services, tmp_path):
    first = fetch(tmp_path, entry(services))
    (tmp_path / "raw/stars/some stars.csv").unlink()
    assert fetch(tmp_path, entry(services)) == first


def test_a_file_that_changed_since_the_freeze_is_refused_with_its_date(services, tmp_path):
    fetch(tmp_path, entry(services))
    date = record(tmp_path)["date"][:10]
    (tmp_path / "raw/stars/some stars.csv").unlink()
    services.records[11]["some stars.csv"] = CSV.replace(b"0.3", b"0.4")
    with pytest.raises(BoxloopError, match=f"changed since it was frozen on {date}.*dvc pull"):
        fetch(tmp_path, entry(services))
    assert everything(tmp_path / "raw") == ["stars/README.md"]


def test_the_mirror_is_asked_before_zenodo(services, tmp_path):
    fetch(tmp_path, entry(services))
    (tmp_path / "mirror").mkdir()
    (tmp_path / "raw/stars").rename(tmp_path / "mirror/stars")
    asked = len(services.asked)
    fetch(tmp_path, entry(services), tmp_path / "mirror")
    assert len(services.asked) == asked


def test_a_number_that_stands_for_all_versions_is_refused_with_the_latest(services, tmp_path):
    services.latest = {10: 11}
    with pytest.raises(BoxloopError, match=r"10 stands for all versions.*record: 11"):
        fetch(tmp_path, entry(services, record=10))


def test_a_record_that_is_not_there_is_said_in_the_words_of_zenodo(services, tmp_path):
    with pytest.raises(BoxloopError, match=r"404 Not Found: The persistent identifier does not"):
        fetch(tmp_path, entry(services, record=99))


def test_a_restricted_record_shows_no_files(services, tmp_path):
    services.records[11] = {}
    with pytest.raises(BoxloopError, match="shows no files"):
        fetch(tmp_path, entry(services))


def test_a_page_that_describes_no_record_is_refused(services, tmp_path):
    with pytest.raises(BoxloopError, match="404 Not Found"):
        fetch(tmp_path, entry(services, service=f"{services.address}/elsewhere"))


def test_without_a_network_the_message_says_so(services, tmp_path):
    with pytest.raises(BoxloopError, match="api/records/11: no connection"):
        fetch(tmp_path, entry(services, service="http://127.0.0.1:1"))


def test_a_file_whose_name_leads_out_is_refused(services, tmp_path):
    services.records[11] = {"../up.csv": CSV}
    with pytest.raises(BoxloopError, match="leads out"):
        fetch(tmp_path, entry(services))
    assert everything(tmp_path) == []


def test_an_archive_stays_an_archive_unless_unpack_is_asked(services, tmp_path):
    services.records[11] = {"all.zip": zipped({"a/b.csv": CSV})}
    assert [f["path"] for f in fetch(tmp_path, entry(services))["files"]] == ["all.zip"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("all.zip", zipped({"a/b.csv": CSV})), ("all.tar.gz", tarred(tarfile.TarInfo("./a/b.csv")))],
)
def test_an_archive_is_unpacked_into_a_folder_of_its_name(services, tmp_path, name, content):
    services.records[11] = {name: content}
    manifest = fetch(tmp_path, entry(services, unpack=True))
    assert [(f["path"], f["sha256"]) for f in manifest["files"]] == [
        ("all/a/b.csv", hashlib.sha256(CSV).hexdigest())
    ]
    assert (tmp_path / "raw/stars/all/a/b.csv").read_bytes() == CSV


def test_what_was_unpacked_and_then_lost_is_unpacked_again(services, tmp_path):
    services.records[11] = {"all.zip": zipped({"a/b.csv": CSV, "c.csv": READ_ME})}
    first = fetch(tmp_path, entry(services, unpack=True))
    (tmp_path / "raw/stars/all/c.csv").unlink()
    asked = len(services.asked)
    assert fetch(tmp_path, entry(services, unpack=True)) == first
    assert len(services.asked) == asked


def link(kind: bytes) -> tarfile.TarInfo:
    made = tarfile.TarInfo("link")
    made.type, made.linkname = kind, "/etc/passwd"
    return made


def zip_link() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.zip", zipped({"../up.csv": CSV}), "leads out"),
        ("a.zip", zipped({"/etc/up.csv": CSV}), "leads out"),
        ("a.zip", zipped({"a\\..\\up.csv": CSV}), "leads out"),
        ("a.zip", zipped({"C:/up.csv": CSV}), "leads to a drive"),
        ("a.zip", zip_link(), "link or a device"),
        ("a.zip", zipped({"a.csv": CSV, "A.csv": CSV}), "twice"),
        ("a.zip", zipped({}), "no files"),
        ("a.zip", zipped({"a.csv": CSV * 50})[:-40], "cannot be unpacked"),
        ("a.tar.gz", tarred(tarfile.TarInfo("../up.csv")), "leads out"),
        ("a.tar.gz", tarred(link(tarfile.SYMTYPE)), "link or a device"),
        ("a.tar.gz", tarred(link(tarfile.LNKTYPE)), "link or a device"),
        ("a.tar.gz", tarred(link(tarfile.CHRTYPE)), "link or a device"),
        ("a.tar.gz", tarred(tarfile.TarInfo("a.csv"))[:-10], "cannot be unpacked"),
        ("a.tar.gz", b"this is no archive", "cannot be unpacked"),
    ],
)
def test_an_archive_that_is_not_plain_files_inside_is_refused_whole(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BoxloopError, match=said):
        unpack(tmp_path / name)
    assert everything(tmp_path) == [name]


@pytest.mark.parametrize(("limit", "value"), [("MOST_FILES", 1), ("MOST_BYTES", 2 * len(CSV) - 1)])
def test_an_archive_beyond_the_limits_is_refused(tmp_path, monkeypatch, limit, value):
    monkeypatch.setattr(archives, limit, value)
    (tmp_path / "a.zip").write_bytes(zipped({"a.csv": CSV, "b.csv": CSV}))
    with pytest.raises(BoxloopError, match="more than"):
        unpack(tmp_path / "a.zip")
    assert everything(tmp_path) == ["a.zip"]


def test_what_a_killed_download_left_is_gone_after_the_next(services, tmp_path):
    services.slow = threading.Event()
    process = start(tmp_path, entry(services))
    wait_for(lambda: services.queries)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=1800)
    services.slow.set()
    assert not (tmp_path / "frozen").exists()
    assert not (tmp_path / "raw/stars/some stars.csv").exists()
    services.slow = None
    fetch(tmp_path, entry(services))
    assert everything(tmp_path / "raw") == ["stars/README.md", "stars/some stars.csv"]
