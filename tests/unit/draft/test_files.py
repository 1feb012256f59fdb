"""Where the files of a draft are, and how images and light curves are found."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from boxloop.draft import Request, draft_study
from boxloop.draft.files import place_files
from boxloop.errors import BoxloopError
from boxloop.study.yaml_lines import read_yaml


def files(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"a,b\n{name},1\n")
    return [folder / name for name in names]


def test_a_folder_is_a_sample_of_its_commonest_kind_and_notes_are_no_data(tmp_path):
    own = tmp_path / "data/own/x"
    files(own, "1.csv", "2.csv", "README.md", "MANIFEST.csv", ".hidden.csv")
    place = place_files([own], tmp_path, "x", copy=False)
    assert (place.path.as_posix(), place.pattern) == ("data/own/x", "*.csv")
    assert place.names() == ["1.csv", "2.csv"]


def test_a_folder_of_two_kinds_is_refused_with_both(tmp_path):
    files(tmp_path / "data", "1.csv", "2.csv", "a.fits", "b.fits")
    with pytest.raises(BoxloopError, match=r"\.csv 2.*\.fits 2"):
        place_files([tmp_path / "data"], tmp_path, "x", copy=False)


def test_files_are_named_by_a_pattern_that_fits_no_others(tmp_path):
    some = files(tmp_path / "data", "boss_0.csv", "boss_1.csv", "boss_9.csv", "other.csv")[:2]
    assert place_files(some, tmp_path, "x", copy=False).pattern == "boss_[01].csv"


def test_files_that_no_pattern_names_are_refused(tmp_path):
    some = files(tmp_path / "data", "a.csv", "bb.csv", "ccc.csv")[::2]
    with pytest.raises(BoxloopError, match="folder of their own"):
        place_files(some, tmp_path, "x", copy=False)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BoxloopError, match=r"gone\.csv"):
        place_files([tmp_path / "gone.csv"], tmp_path, "x", copy=False)


def test_a_link_out_of_the_project_is_outside(tmp_path):
    (outside,) = files(tmp_path / "outside", "a.csv")
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.csv").symlink_to(outside)
    with pytest.raises(BoxloopError, match="outside the project"):
        place_files([project / "a.csv"], project, "x", copy=False)


def test_another_file_is_not_overwritten_by_a_copy(tmp_path):
    (outside,) = files(tmp_path / "outside", "a.csv")
    project = tmp_path / "project"
    files(project / "data/own/x", "a.csv")
    (project / "data/own/x/a.csv").write_text("mine")
    with pytest.raises(BoxloopError, match="another file"):
        place_files([outside], project, "x", copy=True)
    assert (project / "data/own/x/a.csv").read_text() == "mine"


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "data/own/sky"
    (folder / "images").mkdir(parents=True)
    for i in range(30):
        Image.fromarray(np.full((20, 24), 8 * i, np.uint8)).save(folder / f"images/g{i}.png")
    rows = {"name": [f"g{i}" for i in range(32)], "kind": ["a", "b"] * 16}
    pd.DataFrame(rows).to_csv(folder / "labels.csv", index=False)
    return tmp_path


def drafted(project, **request):
    made = draft_study(Request("mine", **request), project)
    path = project / "mine.yaml"
    path.write_text(made.text)
    return read_yaml(path)[0]


def test_the_column_that_names_the_images_becomes_the_pattern_and_the_identifier(pictures):
    own = pictures / "data/own/sky"
    content = drafted(pictures, images=own / "images", labels=own / "labels.csv", target="kind")
    columns = content["columns"]
    assert columns["image"]["path"] == "images/{name}.png" and columns["id"] == "name"
    assert columns["image"]["missing"] == "drop" and columns["image"]["shape"] == [20, 20, 1]
    assert content["samples"]["train"]["path"] == "data/own/sky"


def test_images_alone_are_explored(pictures):
    content = drafted(pictures, images=pictures / "data/own/sky/images")
    assert content["task"] == "exploration" and content["columns"]["image"]["path"] == "{path}"
    assert content["samples"]["train"]["reader"] == "images"


def test_labels_that_name_no_image_are_refused_with_a_file_s_name(pictures):
    own = pictures / "data/own/sky"
    pd.DataFrame({"name": ["x", "y"], "kind": ["a", "b"]}).to_csv(own / "labels.csv", index=False)
    with pytest.raises(BoxloopError, match=r"g0\.png"):
        drafted(pictures, images=own / "images", labels=own / "labels.csv", target="kind")


@pytest.mark.parametrize(
    ("header", "fields"),
    [("", {"time": "1", "value": "2", "error": "3"}),
     ("mjd,mag,mag_err\n", {"time": "mjd", "value": "mag", "error": "mag_err"})],
)  # fmt: skip
def test_the_columns_of_light_curves_are_found_by_name_or_number(tmp_path, header, fields):
    folder = tmp_path / "data/own/curves"
    folder.mkdir(parents=True)
    for i in range(12):
        lines = "".join(f"{t},{15 + i}.5,0.1\n" for t in range(5))
        (folder / f"s{i}.csv").write_text(header + lines)
    assert drafted(tmp_path, light_curves=folder)["columns"]["light_curve"] == fields
