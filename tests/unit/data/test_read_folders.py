"""A sample may be a folder, and only the rows within its limits are kept."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from boxloop import store
from boxloop.data.cuts import rows_within
from boxloop.data.read import read_sample
from boxloop.errors import BoxloopError
from boxloop.study.parts import Columns, Sample


def sample(path, **content):
    checksum = store.sha256_folder(path) if path.is_dir() else store.sha256(path)
    content = {"path": str(path), "sha256": checksum, "provenance": "real", **content}
    return Sample.model_validate(content).model_dump(mode="json", by_alias=True)


def folder_of(tmp_path, files: dict[str, str]):
    folder = tmp_path / "own"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def test_the_checksum_of_a_folder_is_that_of_its_list_of_checksums(tmp_path):
    folder = folder_of(tmp_path, {"b.csv": "2", "a/c.csv": "1", ".hidden": "3"})
    lines = (
        f"{hashlib.sha256(b'1').hexdigest()}  a/c.csv\n{hashlib.sha256(b'2').hexdigest()}  b.csv\n"
    )
    assert store.sha256_folder(folder) == hashlib.sha256(lines.encode()).hexdigest()
    only = lines.splitlines()[1] + "\n"
    assert store.sha256_folder(folder, "b.*") == hashlib.sha256(only.encode()).hexdigest()


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    folder = folder_of(tmp_path, {"a.csv": "1"})
    (tmp_path / "secret").write_text("x")
    (folder / "b.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(BoxloopError, match=r"b\.csv is a link that leads out"):
        store.sha256_folder(folder)


def test_the_files_of_a_folder_are_read_in_order_each_row_with_its_file(tmp_path):
    folder = folder_of(tmp_path, {"b.csv": "u\n3\n", "a/c.csv": "u\n1\n2\n", "notes.md": "text"})
    read = read_sample("train", sample(folder, files="**/*.csv"), folder)
    assert read.frame["u"].tolist() == [1, 2, 3]
    assert read.file.tolist() == ["a/c.csv", "a/c.csv", "b.csv"]
    assert read.row.tolist() == [0, 1, 0]


def test_a_changed_folder_is_refused(tmp_path):
    folder = folder_of(tmp_path, {"a.csv": "u\n1\n"})
    known = sample(folder)
    (folder / "b.csv").write_text("u\n2\n")
    with pytest.raises(BoxloopError, match=r"not the folder of the study.*2 files"):
        read_sample("train", known, folder)


def test_a_pattern_that_fits_no_file_lists_what_is_there(tmp_path):
    folder = folder_of(tmp_path, {"a.csv": "u\n1\n"})
    with pytest.raises(BoxloopError, match=r"no file fits '\*\.dat'.*a\.csv"):
        read_sample("train", sample(folder, files="*.dat"), folder)


def test_files_of_several_kinds_are_refused_unless_the_pattern_chooses(tmp_path):
    folder = folder_of(tmp_path, {"a.csv": "u\n1\n"})
    pd.DataFrame({"u": [1]}).to_parquet(folder / "b.parquet")
    with pytest.raises(BoxloopError, match=r"several kinds: csv \(a\.csv\), parquet"):
        read_sample("train", sample(folder), folder)


def test_limits_keep_rows_from_low_to_below_and_row_numbers_of_the_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("u,n\n1,1\n2,2\n,3\n4,4\n5,5\n")
    read = read_sample("train", sample(path, where={"u": {"low": 2, "below": 5}}), path)
    assert read.frame["n"].tolist() == [2, 4]
    assert read.row.tolist() == [1, 3]
    assert read.rows_cut == 3


def test_limits_cut_a_simulated_sample_and_its_arrays_too(tmp_path):
    frame = pd.DataFrame({"u": np.arange(4.0)})
    keep = {"u": store.Column("keep")}
    images = np.arange(4, dtype=np.float32).reshape(4, 1, 1, 1)
    table = store.Table(frame, keep, "simulated", {"image": images})
    store.write_table(table, tmp_path / "table.parquet", tmp_path / "arrays")
    content = {"simulator": "boxloop.simulate.photoz:galaxies", "n": 4}
    wanted = Sample.model_validate(
        {**content, "provenance": "simulated", "where": {"u": {"low": 2}}}
    ).model_dump(mode="json", by_alias=True)
    read = read_sample("train", wanted, tmp_path / "table.parquet")
    assert read.arrays["image"].ravel().tolist() == [2, 3]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"uu": {"low": 1}}, "no column 'uu'; did you mean 'u'"),
        ({"c": {"low": 1}}, "expected a column of numbers; found 'a'"),
        ({"u": {"low": 9}}, "no row is within low 9; the values run from 1 to 3"),
    ],
)
def test_limits_that_cannot_be_are_refused_by_key(where, words):
    frame = pd.DataFrame({"u": [1.0, 3.0], "c": pd.Series(["a", "b"], dtype=object)})
    full = {k: {"low": None, "below": None, **v} for k, v in where.items()}
    with pytest.raises(BoxloopError, match=words) as error:
        rows_within(frame, full, "train")
    assert f"samples.train.where.{next(iter(where))}" in str(error.value)


def test_light_curves_without_a_table_become_a_row_each(tmp_path):
    folder = folder_of(tmp_path, {"lc/b.dat": "5,1.5,0.1\n2,2.5,0.2\n", "lc/a.dat": "1,9,0.3\n"})
    curve = {"time": "1", "value": "2", "error": "3"}
    columns = Columns.model_validate({"light_curve": curve}).model_dump(mode="json", by_alias=True)
    read = read_sample("train", sample(folder, reader="light_curves"), folder, columns=columns)
    assert read.frame["name"].tolist() == ["a", "b"]
    assert read.frame["path"].tolist() == ["lc/a.dat", "lc/b.dat"]
    assert read.frame["light_curve.time"].iat[1].tolist() == [2, 5]
    assert read.frame["light_curve.value"].iat[1].tolist() == [2.5, 1.5]
    assert read.frame["light_curve.error"].iat[0].tolist() == [0.3]


def with_curves(tmp_path, **changes):
    files = {"labels.csv": "star,c\n7,a\n8,b\n", "7.csv": "mjd,mag,flt\n3,20,r\n1,21,g\nnan,5,r\n"}
    folder = folder_of(tmp_path, files)
    curve = {"time": "mjd", "value": "mag", "band": "flt", "path": "{star}.csv", **changes}
    content = {"light_curve": curve, "id": "star"}
    columns = Columns.model_validate(content).model_dump(mode="json", by_alias=True)
    path = folder / "labels.csv"
    return path, columns


def test_light_curves_of_a_table_are_found_by_their_pattern_and_missing_rows_dropped(tmp_path):
    path, columns = with_curves(tmp_path, missing="drop")
    read = read_sample("train", sample(path), path, columns=columns)
    assert read.frame["star"].tolist() == [7]
    assert read.frame["light_curve.time"].iat[0].tolist() == [1, 3]
    assert read.frame["light_curve.band"].iat[0].tolist() == ["g", "r"]
    assert read.rows_dropped == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, r"row 1 of .*labels\.csv: there is no file .*8\.csv"),
        ({"value": "magg"}, r"no column 'magg'; did you mean 'mag'"),
        ({"path": "../{star}.csv"}, "lies outside"),
        ({"path": "{stars}.csv"}, "no column 'stars'; did you mean 'star'"),
    ],
)
def test_light_curves_that_cannot_be_read_are_refused_by_row_or_key(tmp_path, changes, words):
    path, columns = with_curves(tmp_path, **changes)
    with pytest.raises(BoxloopError, match=words) as error:
        read_sample("train", sample(path), path, columns=columns)
    assert "columns.light_curve" in str(error.value)


def test_what_the_data_are_known_by_follows_the_light_curves(tmp_path):
    path, columns = with_curves(tmp_path, missing="drop")
    before = read_sample("train", sample(path), path, columns=columns).identity
    (path.parent / "7.csv").write_text("mjd,mag,flt\n3,20,r\n1,22,g\n")
    assert read_sample("train", sample(path), path, columns=columns).identity != before


def test_a_declared_missing_value_is_within_no_limits() -> None:
    frame = pd.DataFrame({"mag": [-9999.0, 15.0, 25.0]})
    where = {"mag": {"low": None, "below": 20.0}}
    assert rows_within(frame, where, "train", {"mag": [-9999.0]}).tolist() == [False, True, False]
