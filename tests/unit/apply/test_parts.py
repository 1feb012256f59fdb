"""A target sample in parts gives what it gives as a whole."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from laws import Law, ranges_of
from tables import classes_table, numbers_table

from boxloop.analyses.exploration.duplicates import positions
from boxloop.apply import Application, apply_model, merged, no_predictions, refuse_repeated
from boxloop.data.folders import files_of_part
from boxloop.data.read import read_sample
from boxloop.errors import BoxloopError
from boxloop.sampling.drawn import some_rows
from boxloop.store import Column, Table, read_frame, read_parts, sha256_folder, write_table
from boxloop.store.files import plain
from boxloop.store.stream import concatenate, write_stream
from boxloop.study.parts import Sample


def files(*names: str) -> list[dict]:
    return [{"path": name, "bytes": 1} for name in names]


def test_every_file_is_in_one_part_and_a_readme_in_all():
    every = files("ReadMe", *(f"{i}.csv" for i in range(7)))
    parts = [[f["path"] for f in files_of_part(every, (i, 3))] for i in range(3)]
    assert parts == [
        ["ReadMe", "0.csv", "1.csv"],
        ["ReadMe", "2.csv", "3.csv"],
        ["ReadMe", "4.csv", "5.csv", "6.csv"],
    ]
    assert files_of_part(every, (0, 1)) == every


def test_more_parts_than_files_are_refused():
    with pytest.raises(BoxloopError, match="expected at most 2, as many as there are; found 3"):
        files_of_part(files("a.csv", "b.csv"), (0, 3))


def test_a_part_of_a_folder_holds_the_rows_of_its_files(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for i in range(3):
        pd.DataFrame({"a": [i, i + 0.5]}).to_csv(folder / f"{i}.csv", index=False)
    sample = Sample(path=str(folder), sha256=sha256_folder(folder), provenance="real", parts=2)
    section = sample.model_dump(mode="json")
    found = [read_sample("target", section, folder, part=(i, 2)) for i in range(2)]
    assert [list(raw.frame["a"]) for raw in found] == [[0, 0.5], [1, 1.5, 2, 2.5]]
    assert [set(raw.file) for raw in found] == [{"0.csv"}, {"1.csv", "2.csv"}]


@pytest.mark.parametrize("classes", [(), ("GALAXY", "STAR")])
def test_parts_put_together_are_the_whole(tmp_path, classes):
    table = classes_table() if classes else numbers_table()
    target, model = table, Law(classes=classes)

    def applied(name: str, part: Table | None) -> dict:
        application = Application.of(model, ranges_of(table), "redshift")
        frames = apply_model(model, [] if part is None else [part], application)
        write_stream(frames, tmp_path / f"{name}.parquet", {"model": "law"})
        return json.loads(json.dumps(plain(application.summary("law"))))

    whole = applied("whole", target)
    bounds = [0, 100, 100, 300]
    names = [f"part{i}" for i in range(3)]
    summaries = [
        applied(name, target.take(np.arange(a, b)) if b > a else None)
        for name, a, b in zip(names, bounds, bounds[1:], strict=False)
    ]
    assert merged(summaries) == whole
    assert merged(summaries[:1]) == summaries[0]
    concatenate([tmp_path / f"{name}.parquet" for name in names], tmp_path / "all.parquet")
    pd.testing.assert_frame_equal(
        read_frame(tmp_path / "all.parquet"), read_frame(tmp_path / "whole.parquet")
    )
    concatenate([tmp_path / "whole.parquet"], tmp_path / "same.parquet")
    assert (tmp_path / "same.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()


def test_without_a_target_sample_there_is_nothing_to_put_together():
    assert merged([no_predictions("law")]) == no_predictions("law")


def test_an_object_in_two_parts_is_refused_by_name():
    one, other = pd.DataFrame({"id": ["a", "b"]}), pd.DataFrame({"id": ["c", "b", "d"]})
    with pytest.raises(BoxloopError, match=r"1 objects stand in several .* for example b"):
        refuse_repeated([one, other])
    refuse_repeated([one, other[other["id"] != "b"]])
    refuse_repeated([one])


@pytest.fixture
def written(tmp_path) -> tuple[Table, list[Path]]:
    frame = pd.DataFrame({"id": list("abcdef"), "ra": np.arange(6.0), "dec": 0.0, "x": 1.0})
    columns = {
        "id": Column("id"),
        "ra": Column("sky"),
        "dec": Column("sky"),
        "x": Column("feature"),
    }
    table, paths = Table(frame, columns), []
    for i, rows in enumerate((np.arange(4), np.arange(4, 6))):
        paths.append(tmp_path / f"{i}.parquet")
        write_table(table.take(rows), paths[-1])
    return table, paths


def test_places_on_the_sky_are_read_from_all_parts(written):
    table, paths = written
    found = positions(read_parts(paths))
    assert list(found.frame) == ["ra", "dec"]
    assert found.frame["ra"].tolist() == table.frame["ra"].tolist()
    assert positions(read_parts([])) is None


def test_few_objects_are_all_read_in_their_order_and_of_many_some_are_drawn(written):
    table, paths = written
    everyone = some_rows(paths, [], 6, 0, "use")
    assert everyone.frame["id"].tolist() == table.frame["id"].tolist()
    drawn = some_rows(paths, [], 3, 0, "use")
    assert len(drawn) == 3 and set(drawn.frame["id"]) < set("abcdef")
    assert some_rows([], [], 3, 0, "use") is None
