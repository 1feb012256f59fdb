"""Readers give what the file says, exactly, or refuse it."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from boxloop.data.read import read_files
from boxloop.errors import BoxloopError

BIG = 2**63 - 25


def read(*paths: Path, reader: str = "csv", text: tuple[str, ...] = (), **options: object):
    return read_files(list(paths), reader, options, text=text)


def written(folder: Path, content: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " ", "   "])
def test_the_delimiter_is_found(tmp_path, delimiter):
    rows = [["u", "class"], ["20.5", "STAR"], ["19", "QSO"]]
    frame, _, _, row = read(written(tmp_path, "\n".join(delimiter.join(r) for r in rows)))
    assert frame["u"].tolist() == [20.5, 19.0]
    assert frame["class"].tolist() == ["STAR", "QSO"]
    assert row.tolist() == [0, 1]


def test_a_comment_names_the_columns_with_their_types_and_another_separator(tmp_path):
    path = written(tmp_path, "#F:MAG_U;F:MAGERR_U;D:Z\n22.7,0.9,0.66\n21.8,0.4,0.25\n")
    frame, *_ = read(path)
    assert list(frame.columns) == ["MAG_U", "MAGERR_U", "Z"]
    assert frame["Z"].tolist() == [0.66, 0.25]


def test_the_last_of_many_comments_names_the_columns_of_a_table_in_blanks(tmp_path):
    path = written(tmp_path, "# a survey, 2013\n#   ra    dec  type\n 119.5  46.9  1\n 1 2 4\n")
    frame, *_ = read(path)
    assert frame.to_dict("list") == {"ra": [119.5, 1.0], "dec": [46.9, 2.0], "type": [1, 4]}


def test_a_comment_above_a_plain_header_is_not_the_header(tmp_path):
    frame, *_ = read(written(tmp_path, "# from the archive\nra,dec\n1,2\n"))
    assert list(frame.columns) == ["ra", "dec"]


@pytest.mark.parametrize(
    ("content", "names", "columns"),
    [("#a;b;c\n1,2\n", 3, 2), ("a,b\n1,2,3\n", 2, 3), ("# a b c\n1 2\n", 3, 2)],
)
def test_a_header_that_disagrees_with_the_data_is_refused_with_both_counts(
    tmp_path, content, names, columns
):
    with pytest.raises(BoxloopError, match=f"{names} names.*{columns} columns"):
        read(written(tmp_path, content))


@pytest.mark.parametrize("content", ["a,b\n1,2\n3\n", "a,b\n1,2\n3,4,5\n", "a b\n1 2\n3\n"])
def test_a_row_of_another_length_is_refused(tmp_path, content):
    with pytest.raises(BoxloopError, match=r"a\.csv"):
        read(written(tmp_path, content))


@pytest.mark.parametrize("content", ["", "# only\n", "a,b\n"])
def test_a_file_without_data_is_refused(tmp_path, content):
    with pytest.raises(BoxloopError, match="no data"):
        read(written(tmp_path, content))


def test_a_file_without_a_header_asks_for_names_and_takes_them(tmp_path):
    path = written(tmp_path, "1,2\n3,4\n")
    with pytest.raises(BoxloopError, match="names"):
        read(path)
    frame, *_ = read(path, names=["a", "b"])
    assert frame["b"].tolist() == [2, 4]


def test_identifiers_of_64_bits_and_leading_zeros_stay_as_written(tmp_path):
    frame, *_ = read(written(tmp_path, f"id,name,u\n{BIG},007,1.5\n1.24E+18,x,2\n"), text=("id",))
    assert frame["id"].tolist() == [str(BIG), "1.24E+18"]
    frame, *_ = read(written(tmp_path, f"id,u\n{BIG},1.5\n,2\n"))
    assert frame["id"].iat[0] == str(BIG)


def test_gzip_is_read_like_the_plain_file(tmp_path):
    content = "u,g\n1,2\n3,4\n"
    zipped = tmp_path / "a.csv.gz"
    zipped.write_bytes(gzip.compress(content.encode()))
    plain, *_ = read(written(tmp_path, content))
    pd.testing.assert_frame_equal(read(zipped)[0], plain)


def test_files_are_pooled_and_each_row_knows_its_place(tmp_path):
    first = written(tmp_path, "u\n1\n2\n", "a.csv")
    second = written(tmp_path, "u\n3\n", "b.csv")
    frame, _, file, row = read(first, second)
    assert frame["u"].tolist() == [1, 2, 3]
    assert list(zip(file, row, strict=True)) == [("a.csv", 0), ("a.csv", 1), ("b.csv", 0)]


def test_files_of_different_columns_are_refused_by_name(tmp_path):
    first = written(tmp_path, "u,g\n1,2\n", "a.csv")
    second = written(tmp_path, "u,r\n3,4\n", "b.csv")
    with pytest.raises(BoxloopError, match=r"a\.csv and b\.csv.*second: r.*first: g"):
        read(first, second)


def test_fits_keeps_integers_and_turns_masked_values_into_nan(tmp_path):
    from astropy.table import MaskedColumn, Table

    table = Table(
        {
            "objid": np.array([BIG, 5], dtype=">i8"),
            "u": MaskedColumn(np.array([20.0, 1.0], dtype=">f4"), mask=[False, True]),
            "class": ["STAR", "QSO"],
        }
    )
    path = tmp_path / "a.fits"
    table.write(path)
    frame, *_ = read(path, reader="fits", text=("objid",))
    assert frame["objid"].tolist() == [BIG, 5]
    assert frame["u"].to_numpy().dtype.isnative
    assert frame["u"].iat[0] == 20.0
    assert np.isnan(frame["u"].iat[1])
    assert frame["class"].tolist() == ["STAR", "QSO"]


def test_parquet_keeps_identifiers_with_gaps_exact(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"objid": pd.array([BIG, None], dtype="Int64"), "u": [1.0, 2.0]}).to_parquet(path)
    frame, *_ = read(path, reader="parquet", text=("objid",))
    assert frame["objid"].tolist() == [str(BIG), None]


def test_a_reader_of_ones_own_gets_paths_and_options(tmp_path):
    module = written(
        tmp_path,
        "import pandas as pd\n"
        "def stars(paths, *, scale):\n"
        "    long = pd.DataFrame({'row': [1, 0, 0], 'time': [1., 9., 3.], 'value': [5., 6., 7.]})\n"
        "    return pd.DataFrame({'u': [scale, len(paths)]}), {'light_curve': long}\n",
        "own.py",
    )
    frame, _, file, _ = read_files(
        [tmp_path / "x.dat"], "own:stars", {"scale": 3}, user_code=[str(module)]
    )
    assert frame["u"].tolist() == [3, 1]
    assert file.tolist() == ["x.dat", "x.dat"]
    assert [v.tolist() for v in frame["light_curve.time"]] == [[3.0, 9.0], [1.0]]
    assert [v.tolist() for v in frame["light_curve.value"]] == [[7.0, 6.0], [5.0]]


def test_an_unknown_option_or_reader_is_named(tmp_path):
    path = written(tmp_path, "u\n1\n")
    with pytest.raises(BoxloopError, match="delimeter"):
        read(path, delimeter=";")
    with pytest.raises(BoxloopError, match="csv, fits, parquet"):
        read(path, reader="excel")


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_floating_point_identifier_stays_a_number_for_the_check_of_identifiers(tmp_path, kind):
    from astropy.table import MaskedColumn
    from astropy.table import Table as AstropyTable

    values = np.array([1.2e18, 1.3e18], dtype=kind)
    pd.DataFrame({"objid": values}).to_parquet(tmp_path / "a.parquet")
    frame, *_ = read(tmp_path / "a.parquet", reader="parquet", text=("objid",))
    assert frame["objid"].dtype == kind
    column = MaskedColumn(values, mask=[False, True])
    AstropyTable({"objid": column}).write(tmp_path / "a.fits")
    frame, *_ = read(tmp_path / "a.fits", reader="fits", text=("objid",))
    assert frame["objid"].dtype == kind
    assert frame["objid"].isna().tolist() == [False, True]


def test_fixed_columns_are_cut_at_bytes(tmp_path: Path) -> None:
    head = (
        "Byte-by-byte Description of file: stars.dat\n" + "-" * 60 + "\n"
        "   Bytes Format Units Label Explanations\n" + "-" * 60 + "\n"
        "   1-  9 A9     ---   Name  Name\n  11- 14 F4.2   mag   r     Magnitude\n"
        + "-" * 60
        + "\n"
    )
    (tmp_path / "ReadMe").write_text(head)
    rows = ["Bételgé".encode().ljust(9) + b" 8.91", b"Rigel     0.13"]
    (tmp_path / "stars.dat").write_bytes(b"\n".join(rows) + b"\n")
    frame, _, _, _ = read_files([tmp_path / "stars.dat"], "cds", {})
    assert frame["r"].tolist() == [8.91, 0.13] and frame["Name"].tolist() == ["Bételgé", "Rigel"]
