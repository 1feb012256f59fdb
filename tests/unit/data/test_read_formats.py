"""Every format says what it is, keeps its numbers, and a broken file is one clear error."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import MaskedColumn, Table
from samples import read

from boxloop.data.formats import FileColumn, read_columns, reader_of
from boxloop.errors import BoxloopError

BIG = 2**63 - 25
MIRROR = os.environ.get("BOXLOOP_MIRROR", "")
mirror = pytest.mark.skipif(not MIRROR, reason="BOXLOOP_MIRROR is not set")

HEAD = """\
Byte-by-byte Description of file: stars.dat
--------------------------------------------------------------------------------
   Bytes Format Units   Label     Explanations
--------------------------------------------------------------------------------
   1-  4 A4     ---     Name      Name of the star
   6-  9 F4.1   mag     Vmag      ?=99.9 V magnitude
  11- 14 I4     K       Teff      ? Temperature
  16- 16 A1     ---   l_Teff      Limit flag
--------------------------------------------------------------------------------
"""
ROWS = "0012 12.5 5800  \n0013 99.9      <\nAB 1  7.5 6100  \n"


def stars() -> Table:
    return Table(
        {
            "objid": MaskedColumn(np.array([BIG, 5, 6]), mask=[False, False, True]),
            "u": MaskedColumn(np.array([20.5, 1.0, 2.0]), mask=[False, True, False], unit="mag"),
            "n": MaskedColumn(np.array([1, 2, 3], dtype=np.int16), mask=[False, True, False]),
            "class": MaskedColumn(["STAR ", "QSO", "GALAXY"], mask=[False, False, True]),
        }
    )


def save(folder: Path, kind: str) -> Path:
    table = stars()
    table["u"].description = "brightness"
    path = folder / f"a.{kind}"
    if kind == "fits":
        table["objid"].fill_value = -999  # becomes TNULL
        table["n"].fill_value = -999
    table.write(path, format={"ecsv": "ascii.ecsv"}.get(kind, kind))
    return path


@pytest.mark.parametrize("kind", ["fits", "votable", "ecsv"])
def test_masked_values_are_missing_and_identifiers_exact(tmp_path, kind):
    frame = read(save(tmp_path, kind))
    assert [None if v is None else int(v) for v in frame["objid"]] == [BIG, 5, None]
    np.testing.assert_array_equal(frame["u"], [20.5, np.nan, 2.0])
    np.testing.assert_array_equal(frame["n"].astype(float), [1, np.nan, 3])
    assert frame["class"].tolist() == ["STAR", "QSO", None]


@pytest.mark.parametrize("kind", ["fits", "votable", "ecsv"])
def test_packed_files_read_like_plain_ones(tmp_path, kind):
    plain = save(tmp_path, kind)
    packed = tmp_path / f"packed.{kind}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert reader_of(packed) == kind
    pd.testing.assert_frame_equal(read(packed), read(plain))


@pytest.mark.parametrize("kind", ["fits", "votable", "ecsv"])
def test_a_column_says_its_unit_and_description(tmp_path, kind):
    found = read_columns(save(tmp_path, kind))
    assert list(found) == ["objid", "u", "n", "class"]
    assert found["u"].unit == "mag"
    if kind != "fits":  # astropy writes none there
        assert found["u"].description == "brightness"


@pytest.mark.parametrize("kind", ["fits", "votable", "ecsv"])
def test_the_content_says_what_a_file_is_whatever_its_name(tmp_path, kind):
    path = save(tmp_path, kind).rename(tmp_path / "catalogue.txt")
    assert reader_of(path) == kind


def test_scaled_unsigned_and_logical_columns_of_fits_are_read(tmp_path):
    columns = [
        fits.Column("scaled", "I", array=np.array([0, 3])),
        fits.Column("id", "K", bzero=2**63, array=np.array([2**64 - 1, 3], dtype=np.uint64)),
        fits.Column("flag", "L", array=np.array([True, False])),
        fits.Column("flux", "2E", array=np.array([[1, 2], [3, 4]], dtype=np.float32)),
    ]
    path = tmp_path / "a.fits"
    fits.BinTableHDU.from_columns(columns).writeto(path)
    for key, value in (("TSCAL1", 0.5), ("TZERO1", 10.0)):
        fits.setval(path, key, value=value, ext=1)
    frame = read(path)
    assert frame["scaled"].tolist() == [10.0, 11.5]
    assert [int(v) for v in frame["id"]] == [2**64 - 1, 3]
    assert frame["flag"].tolist() == [True, False]
    assert [v.tolist() for v in frame["flux"]] == [[1.0, 2.0], [3.0, 4.0]]
    assert all(d.isnative for d in frame.dtypes if isinstance(d, np.dtype))


def test_the_first_table_of_a_fits_file_is_read_and_another_by_name(tmp_path):
    image = fits.ImageHDU(np.zeros((2, 2)))
    one = fits.BinTableHDU(Table({"u": [1, 2]}), name="ONE")
    two = fits.BinTableHDU(Table({"g": [3]}), name="TWO")
    path = tmp_path / "a.fits"
    fits.HDUList([fits.PrimaryHDU(), image, one, two]).writeto(path)
    assert read(path)["u"].tolist() == [1, 2]
    assert read(path, hdu="TWO")["g"].tolist() == [3]
    with pytest.raises(BoxloopError, match=r"tables are the hdus \[2, 3\]"):
        read(path, hdu=1)


def test_a_fixed_width_table_with_its_description_at_the_head_is_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(HEAD + ROWS)
    frame = read(path)
    assert reader_of(path) == "cds"
    assert frame["Name"].tolist() == ["0012", "0013", "AB 1"]
    np.testing.assert_array_equal(frame["Vmag"], [12.5, np.nan, 7.5])
    np.testing.assert_array_equal(frame["Teff"], [5800, np.nan, 6100])
    assert frame["l_Teff"].tolist() == [None, "<", None]
    assert read_columns(path)["Teff"] == FileColumn("K", "Temperature")


def test_a_fixed_width_table_is_described_by_the_readme_beside_it(tmp_path):
    (tmp_path / "ReadMe").write_text(HEAD)
    path = tmp_path / "stars.dat.gz"
    path.write_bytes(gzip.compress(ROWS.encode()))
    assert reader_of(path) == "cds"
    assert read(path)["Teff"].iat[0] == 5800
    other = tmp_path / "mine.dat"
    other.write_text(ROWS)
    with pytest.raises(BoxloopError, match=r"describes no mine\.dat; it describes stars\.dat"):
        read(other, "cds")
    assert read(other, "cds", table="stars.dat", readme="ReadMe")["Teff"].iat[2] == 6100


def test_parquet_keeps_text_lists_and_whole_numbers(tmp_path):
    path = tmp_path / "a.parquet"
    frame = pd.DataFrame(
        {
            "id": pd.array([2**64 - 1, None], dtype="UInt64"),
            "class": pd.Categorical(["STAR", None]),
            "times": [np.array([1.0, 2.0]), np.array([])],
        }
    )
    frame.to_parquet(path)
    found = read(path)
    assert found["id"].tolist() == [str(2**64 - 1), None]
    assert found["class"].tolist() == ["STAR", None]
    assert [list(v) for v in found["times"]] == [[1.0, 2.0], []]


@pytest.mark.parametrize("kind", ["fits", "votable", "parquet"])
def test_a_file_that_is_cut_off_is_refused(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        pd.DataFrame({"u": np.arange(5000.0)}).to_parquet(path)
    else:
        Table({"u": np.arange(5000.0)}).write(path, format=kind)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(BoxloopError, match=rf"a\.{kind}"):
        read(path, kind)


@pytest.mark.parametrize("reader", ["csv", "fits", "votable", "ecsv", "parquet", "cds"])
@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n123", b"PK\x03\x04123"])
def test_a_file_that_is_not_what_its_reader_reads_is_refused(tmp_path, reader, content):
    path = tmp_path / "a.dat"
    path.write_bytes(content)
    with pytest.raises(BoxloopError, match=r"a\.dat"):
        read(path, reader)


@pytest.mark.parametrize("reader", ["fits", "votable", "ecsv", "parquet", "cds"])
def test_plain_text_in_place_of_another_format_is_refused(tmp_path, reader):
    path = tmp_path / "a.dat"
    path.write_text("u,g\n1,2\n")
    with pytest.raises(BoxloopError, match=r"a\.dat"):
        read(path, reader)


@pytest.mark.parametrize("reader", ["csv", "fits", "votable", "ecsv", "parquet", "cds"])
def test_a_folder_or_a_missing_file_in_place_of_a_table_is_refused(tmp_path, reader):
    with pytest.raises(BoxloopError, match="is a folder"):
        read(tmp_path, reader)
    with pytest.raises(BoxloopError, match="there is no file"):
        read(tmp_path / "none.csv", reader)


def test_a_table_without_rows_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"u": []}).to_parquet(path)
    with pytest.raises(BoxloopError, match="no data"):
        read(path)


@pytest.mark.parametrize("reader", ["csv", "fits"])
def test_a_file_that_may_not_be_read_is_one_clear_error(tmp_path, reader):
    path = tmp_path / "a.dat"
    path.write_text("u,g\n1,2\n")
    path.chmod(0)
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from boxloop.data.read import read_files\n"
        "from boxloop.errors import BoxloopError\n"
        "path = Path(sys.argv[1])\n"
        "if os.geteuid() == 0:\n"
        "    for folder in path.parents[:4]:\n"
        "        folder.chmod(0o755)\n"
        "    os.seteuid(65534)\n"
        "try:\n"
        "    read_files([path], sys.argv[2], {})\n"
        "except BoxloopError as error:\n"
        "    sys.exit(str(error))\n"
    )
    command = [sys.executable, "-c", code, str(path), reader]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "no permission to read it" in result.stderr
    assert "Traceback" not in result.stderr


@mirror
@pytest.mark.mirror
def test_kepler_host_stars_are_read_by_their_readme():
    path = Path(MIRROR) / "kepler_host_stars" / "table5.dat.gz"
    frame = read(path)
    assert frame.shape == (6102, 31)
    assert frame.iloc[0][["KOI", "M*", "logg", "[Fe/H]"]].tolist() == [1, 0.99, 4.46, -0.10]
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert frame["piTeff"].isna().sum() == sum(not line[136:140].strip() for line in lines)
    assert read_columns(path)["M*"].unit == "solMass"


@mirror
@pytest.mark.mirror
def test_a_machine_readable_table_keeps_blanks_as_missing():
    path = Path(MIRROR) / "radio_agn_catalogue" / "mrt-table3.txt"
    frame = read(path)
    assert len(frame) == 1442
    assert frame["Name"].iat[1] == "J000330.73+002756.1"
    assert np.isnan(frame["z"].iat[1])
    assert read_columns(path)["S1.4"].unit == "mJy"


@mirror
@pytest.mark.mirror
def test_limits_in_the_chime_catalogue_stay_as_written():
    frame = read(Path(MIRROR) / "chime_frb_catalogue" / "chimefrbcat1.csv")
    assert frame["scat_time"].iat[1] == "<0.0017"
    assert frame["bonsai_snr"].dtype == np.float64


@mirror
@pytest.mark.mirror
def test_files_without_a_header_are_read_by_given_names():
    folder = Path(MIRROR) / "maxi_xray_binaries"
    names = ["source", "kind", "mjd", "c1", "c2", "c3"]
    frame = read(folder / "1A0535+262.asc", "csv", names=names)
    assert frame["mjd"].iat[0] == 55058.022957
    assert set(frame["kind"]) == {"Pulsar"}


@mirror
@pytest.mark.mirror
def test_a_fits_catalogue_has_as_many_rows_as_its_header_says():
    path = Path(MIRROR) / "sdss_dr7_volume_limited" / "vollim_dr7_cbp_102709.fits"
    assert len(read(path)) == fits.getheader(path, 1)["NAXIS2"]
