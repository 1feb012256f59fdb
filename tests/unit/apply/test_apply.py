from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from laws import Law, ranges_of
from tables import classes_table, numbers_table

from boxloop.apply import Application, apply_model, no_predictions, training_range
from boxloop.apply.catalogue import Range
from boxloop.store import read_batches, read_frame, write_table
from boxloop.store.fits import BLOCK, write_fits
from boxloop.store.stream import write_stream


def test_ranges_are_those_of_training_rows_only():
    table = numbers_table(missing=0.1)
    found = ranges_of(table)
    inside = table.frame.iloc[:200]
    assert (found["a"].low, found["a"].high) == (inside["a"].min(), inside["a"].max())
    assert found["a"].missing and not found["b"].missing
    frame = table.frame.copy()
    frame.loc[200:, ["a", "b", "redshift"]] = 1e9
    assert ranges_of(replace(table, frame=frame)) == found


def test_ranges_do_not_depend_on_the_batches():
    table = numbers_table(missing=0.1)
    parts = [table.take(np.arange(i, min(i + 37, 300))) for i in range(0, 300, 37)]
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    assert training_range(parts, split) == training_range([table], split)


def test_outside_counts_values_beyond_the_range_and_gaps_never_seen():
    known = Range(1.0, 2.0, missing=False)
    values = np.array([0.9, 1.0, 2.0, 2.1, np.nan, np.inf])
    assert known.outside(values).tolist() == [True, False, False, True, True, True]
    assert not replace(known, missing=True).outside(np.array([np.nan]))[0]


def test_predictions_and_counts_are_the_same_in_one_batch_or_many():
    table, target = numbers_table(), numbers_table(500, seed=1)
    results = []
    for size in (500, 64):
        application = Application.of(Law(), ranges_of(table), "redshift")
        parts = [target.take(np.arange(i, min(i + size, 500))) for i in range(0, 500, size)]
        frame = pd.concat(apply_model(Law(), parts, application), ignore_index=True)
        results.append((frame, application.summary("law")))
    pd.testing.assert_frame_equal(results[0][0], results[1][0])
    one, other = results[0][1], results[1][1]
    assert np.array_equal(
        one["prediction"]["histogram"]["counts"], other["prediction"]["histogram"]["counts"]
    )
    frame, summary = results[0]
    assert frame["id"].tolist() == target.frame["id"].tolist()
    assert summary["rows"] == 500
    assert summary["outside_rows"] == (frame["outside"] > 0).sum() > 0
    assert sum(c["outside"] for c in summary["columns"].values()) == frame["outside"].sum()
    shown = summary["prediction"]["histogram"]
    assert sum(shown["counts"]) + shown["below"] + shown["above"] == 500


def test_classes_are_counted_and_the_target_is_no_feature():
    table = classes_table()
    model = Law(classes=("GALAXY", "STAR"))
    application = Application.of(model, ranges_of(table), "class")
    frame = pd.concat(apply_model(model, [table], application), ignore_index=True)
    counted = application.summary("law")["prediction"]["classes"]
    assert counted == {c: int((frame["prediction"] == c).sum()) for c in model.classes}
    assert list(application.summary("law")["columns"]) == ["a", "b"]


@pytest.mark.parametrize("classes", [(), ("GALAXY", "STAR")])
def test_files_hold_the_same_in_parquet_and_fits(tmp_path, classes):
    table = classes_table() if classes else numbers_table()
    model = Law(classes=classes)
    write_table(table, tmp_path / "target.parquet")
    application = Application.of(model, ranges_of(table), "redshift")
    batches = read_batches(tmp_path / "target.parquet", rows=70)
    rows = write_stream(apply_model(model, batches, application), tmp_path / "p.parquet", {"a": 1})
    write_fits(tmp_path / "p.parquet", tmp_path / "p.fits", units={"prediction": "Mpc"}, rows=90)
    frame = read_frame(tmp_path / "p.parquet")
    assert rows == len(frame) == 300
    assert b'"a": 1' in pq.read_schema(tmp_path / "p.parquet").metadata[b"boxloop"]
    with fits.open(tmp_path / "p.fits") as file:
        file.verify("exception")
        data, header = file["PREDICTIONS"].data, file["PREDICTIONS"].header
        assert list(data.names) == list(frame)
        assert list(data["id"]) == list(frame["id"])
        assert list(data["prediction"]) == list(frame["prediction"])
        assert list(data["outside"]) == list(frame["outside"])
        assert header["TUNIT2"] == "Mpc"
    assert (tmp_path / "p.fits").stat().st_size % BLOCK == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["p.fits", "p.parquet", "target.parquet"]


@pytest.mark.parametrize("classes", [(), ("GALAXY", "STAR")])
def test_without_a_target_sample_the_tables_are_empty_and_say_why(tmp_path, classes):
    model = Law(classes=classes)
    application = Application.of(model, ranges_of(numbers_table()), "redshift")
    write_stream(apply_model(model, [], application), tmp_path / "p.parquet")
    write_fits(tmp_path / "p.parquet", tmp_path / "p.fits")
    columns = ["id", "prediction", *(f"p_{c}" for c in classes), "outside", "unlike"]
    assert list(read_frame(tmp_path / "p.parquet")) == columns
    with fits.open(tmp_path / "p.fits") as file:
        file.verify("exception")
        assert len(file[1].data) == 0
        assert file[1].columns.names == columns
    summary = no_predictions("law")
    assert summary["target"] is False
    assert "samples.target" in summary["reason"]
    assert set(summary) == set(application.summary("law"))


def test_text_that_is_not_ascii_does_not_break_a_fits_file(tmp_path):
    frame = pd.DataFrame({"id": ["alpha", "β Lyr", None], "prediction": [1.0, np.nan, 3.0]})
    write_stream([frame], tmp_path / "p.parquet")
    write_fits(tmp_path / "p.parquet", tmp_path / "p.fits")
    with fits.open(tmp_path / "p.fits") as file:
        assert list(file[1].data["id"]) == ["alpha", "? Lyr", ""]
        assert np.isnan(file[1].data["prediction"][1])


def test_a_failure_half_way_leaves_no_file(tmp_path):
    def frames():
        yield pd.DataFrame({"id": ["a"], "prediction": [1.0]})
        raise RuntimeError("the model broke")

    with pytest.raises(RuntimeError, match="broke"):
        write_stream(frames(), tmp_path / "p.parquet")
    with pytest.raises(ValueError, match="no tables"):
        write_stream([], tmp_path / "p.parquet")
    assert list(tmp_path.iterdir()) == []
