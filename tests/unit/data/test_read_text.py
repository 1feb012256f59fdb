"""Delimited text is read as it was written, whatever wrote it, or refused by its line."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from boxloop.data.read import read_files
from boxloop.errors import BoxloopError

BIG = 2**63 - 25


def read(path: Path, text: tuple[str, ...] = (), **options: object):
    return read_files([path], "csv", options, text=text)[0]


def written(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("separator", [",", " "])
def test_a_column_of_numbers_and_words_stays_text_as_written(tmp_path, separator):
    rows = ["u t", "1 0.0010", "2 <0.0017", "3 nan", "4 1e-3"]
    path = written(tmp_path, "\n".join(r.replace(" ", separator) for r in rows))
    assert read(path)["t"].tolist() == ["0.0010", "<0.0017", "nan", "1e-3"]


def test_a_late_word_turns_the_whole_column_into_text(tmp_path):
    rows = "".join(f"{i},1.50\n" for i in range(200_000))
    frame = read(written(tmp_path, f"i,x\n{rows}200000,bad\n"))
    assert frame["x"].iat[0] == "1.50"
    assert frame["x"].iat[-1] == "bad"


def test_dates_stay_as_written(tmp_path):
    frame = read(written(tmp_path, "u,day,at\n1,2013-04-05,2013-04-05T01:02:03Z\n2,2014-01-01,\n"))
    assert frame["day"].tolist() == ["2013-04-05", "2014-01-01"]
    assert frame["at"].tolist() == ["2013-04-05T01:02:03Z", None]


@pytest.mark.parametrize(
    "content",
    ['u,n\n1,"1,234"\n2,"12,345,678.5"\n3,7\n', "u;n\n1;1,234\n2;12,345,678.5\n3;7\n"],
)
def test_separators_of_thousands_are_read_where_all_values_fit(tmp_path, content):
    assert read(written(tmp_path, content))["n"].tolist() == [1234, 12345678.5, 7]


def test_a_decimal_comma_is_no_separator_of_thousands(tmp_path):
    frame = read(written(tmp_path, "u;n\n1;1,234\n2;12,5\n"))
    assert frame["n"].tolist() == ["1,234", "12,5"]


def test_names_with_blanks_brackets_and_letters_of_other_languages_are_kept(tmp_path):
    frame = read(written(tmp_path, '"obj id",[Fe/H],Å_λ\n1,2,3\n'))
    assert list(frame.columns) == ["obj id", "[Fe/H]", "Å_λ"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_the_encoding_is_found(tmp_path, encoding):
    frame = read(written(tmp_path, "Å,étoile\n1,Ångström\n".encode(encoding)))
    assert list(frame.columns) == ["Å", "étoile"]
    assert frame["étoile"].tolist() == ["Ångström"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", "  "])
def test_every_kind_of_line_end_is_read(tmp_path, end, separator):
    rows = ["# made today", "u g", "1 2.5", "", "3 4.5"]
    path = written(tmp_path, end.join(r.replace(" ", separator) for r in rows) + end)
    assert read(path).to_dict("list") == {"u": [1, 3], "g": [2.5, 4.5]}


def test_a_quoted_field_may_hold_line_ends_and_delimiters(tmp_path):
    frame = read(written(tmp_path, 'u,note\n1,"two\nlines, one ""word"""\n2,plain\n'))
    assert frame["note"].tolist() == ['two\nlines, one "word"', "plain"]


def test_empty_lines_and_comments_between_rows_are_passed_over(tmp_path):
    frame = read(written(tmp_path, "u,g\n\n1,2\n   \n# half time\n3,4\n\n"))
    assert frame["u"].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("content", "line"),
    [("u,g\n1,2\n3\n", 3), ('u,g\n1,"a\nb"\n\n3,4,5\n', 5), ("# c\nu g\n1 2\n3 4 5\n", 4)],
)
def test_a_row_of_another_length_is_refused_by_its_line(tmp_path, content, line):
    with pytest.raises(BoxloopError, match=rf"a\.csv:{line}: expected 2 fields; found [13]"):
        read(written(tmp_path, content))


def test_a_name_twice_is_refused(tmp_path):
    with pytest.raises(BoxloopError, match="u more than once"):
        read(written(tmp_path, "u,g,u\n1,2,3\n"))


def test_a_column_without_a_name_gets_its_number(tmp_path):
    assert list(read(written(tmp_path, ",u\n0,1\n")).columns) == ["column_1", "u"]


@pytest.mark.parametrize("separator", [",", " "])
@pytest.mark.parametrize("missing", ["", "NaN", "null"])
def test_whole_numbers_beyond_53_bits_are_exact_where_some_are_missing(
    tmp_path, separator, missing
):
    gap = missing or ("NaN" if separator == " " else "")
    path = written(tmp_path, f"id u\n{BIG} 1\n{gap} 2\n{-BIG} 3\n".replace(" ", separator))
    assert read(path)["id"].tolist() == [str(BIG), None, str(-BIG)]


@pytest.mark.parametrize("separator", [",", " "])
def test_whole_numbers_of_64_bits_without_a_sign_are_exact(tmp_path, separator):
    path = written(tmp_path, f"id u\n{2**64 - 1} 1\n7 2\n".replace(" ", separator))
    assert [int(v) for v in read(path)["id"]] == [2**64 - 1, 7]


def test_very_large_measured_numbers_stay_numbers(tmp_path):
    frame = read(written(tmp_path, "u,g\n1.5e300,1e20\n-inf,2.5\n"))
    np.testing.assert_array_equal(frame["u"], [1.5e300, -np.inf])
    np.testing.assert_array_equal(frame["g"], [1e20, 2.5])


def test_blanks_around_numbers_do_not_make_them_text(tmp_path):
    frame = read(written(tmp_path, "u, g\n 1 ,  2.5\n   ,NaN\n 3 , 4.5 \n"))
    np.testing.assert_array_equal(frame["u"], [1, np.nan, 3])
    np.testing.assert_array_equal(frame["g"], [2.5, np.nan, 4.5])


def test_quoted_text_in_a_table_of_blanks_is_one_field(tmp_path):
    frame = read(written(tmp_path, 'name u\n"NGC 1234" 2.5\nM31 3.5\n'))
    assert frame["name"].tolist() == ["NGC 1234", "M31"]


def test_a_word_is_one_object_however_often_it_stands_there(tmp_path):
    names = read(written(tmp_path, "u,c\n" + "1,STAR\n2,QSO\n" * 50))["c"]
    assert len({id(v) for v in names}) == 2


def test_a_packed_file_that_is_cut_off_is_refused(tmp_path):
    packed = gzip.compress(b"u,g\n" + b"1.25,2.5\n" * 10_000)
    with pytest.raises(BoxloopError, match=r"a\.csv\.gz.*cut off or broken"):
        read(written(tmp_path, packed[: len(packed) // 2], "a.csv.gz"))


def test_a_file_that_only_claims_to_be_packed_is_refused(tmp_path):
    with pytest.raises(BoxloopError, match="not packed by gzip"):
        read(written(tmp_path, "u,g\n1,2\n", "a.csv.gz"))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    with pytest.raises(BoxloopError, match="not text"):
        read(written(tmp_path, b"u,g\n1,\x00\x01\x02\n"))


def test_a_row_that_was_commented_out_is_no_object(tmp_path: Path) -> None:
    path = tmp_path / "stars.csv"
    path.write_text("# by hand\nname,mag,z\nA,1,2\n#B,3,4\n  # C,5,6\nD,7,8\n")
    frame, _, _, _ = read_files([path], "csv", {})
    assert frame["name"].tolist() == ["A", "D"] and frame["mag"].tolist() == [1, 7]


def test_a_single_comma_before_three_digits_is_not_taken_for_thousands(tmp_path: Path) -> None:
    path = tmp_path / "european.csv"
    path.write_text("name;u;n\na;20,123;1,000,000\nb;19,456;12,000\n")
    frame, _, _, _ = read_files([path], "csv", {})
    assert frame["u"].tolist() == ["20,123", "19,456"] and frame["n"].tolist() == [1000000, 12000]
