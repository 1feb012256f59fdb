"""Images of every usual format become one array, their light kept, or a row is named."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from PIL import Image

from boxloop import store
from boxloop.data.read import read_sample
from boxloop.errors import BoxloopError
from boxloop.modalities.image import files as images_module
from boxloop.modalities.image.files import read_images
from boxloop.modalities.image.pixels import read_pixels, to_shape
from boxloop.modalities.registry import modality
from boxloop.study.parts import Columns, Sample

MIRROR = os.environ.get("BOXLOOP_MIRROR", "")


def columns(**image):
    content = {"image": {"path": "{name}.png", "shape": [2, 2, 1], **image}, "id": "name"}
    return Columns.model_validate(content).model_dump(mode="json", by_alias=True)


def save(path: Path, pixels: np.ndarray) -> Path:
    if path.suffix == ".fits":
        cube = np.moveaxis(pixels, 2, 0) if pixels.ndim == 3 else pixels
        fits.PrimaryHDU(cube).writeto(path)
    elif path.suffix == ".npy":
        np.save(path, pixels)
    else:
        Image.fromarray(pixels).save(path)
    return path


def pixels_read(frame, rows, image, **place):
    files = modality("image").files(frame, rows, rows, image, **place)
    return read_images(files, image).arrays["image"]


def pixels_of(path: Path, channels: int):
    return read_pixels(path, path.read_bytes(), channels)


@pytest.mark.parametrize("ending", [".png", ".tif", ".fits", ".npy"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_format_gives_the_pixels_that_were_written(tmp_path, ending, channels):
    shape = (5, 7) if channels == 1 else (5, 7, 3)
    written = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    found = pixels_of(save(tmp_path / f"a{ending}", written), channels)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, written.reshape(5, 7, channels))


def test_16_bits_and_floating_point_pixels_keep_their_values(tmp_path):
    deep = np.array([[0, 40000], [65535, 7]], dtype=np.uint16)
    np.testing.assert_array_equal(pixels_of(save(tmp_path / "a.png", deep), 1)[..., 0], deep)
    faint = np.array([[-1.5, 1e-3], [2.5, 1e6]], dtype=np.float32)
    np.testing.assert_array_equal(pixels_of(save(tmp_path / "a.tif", faint), 1)[..., 0], faint)
    np.testing.assert_array_equal(pixels_of(save(tmp_path / "a.fits", faint), 1)[..., 0], faint)


def test_averaging_areas_agrees_with_means_of_blocks_and_keeps_the_mean():
    pixels = np.random.default_rng(2).random((12, 6, 3)).astype(np.float32)
    blocks = pixels.reshape(4, 3, 2, 3, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(to_shape(pixels, 4, 2, None, Path("a")), blocks, rtol=1e-5)
    uneven = to_shape(pixels, 10, 5, None, Path("a"))
    np.testing.assert_allclose(uneven.mean((0, 1)), pixels.mean((0, 1)), rtol=1e-5)


def test_averaging_areas_agrees_with_pillow():
    pixels = np.random.default_rng(3).random((45, 45)).astype(np.float32)
    found = to_shape(pixels[..., None], 15, 15, None, Path("a"))[..., 0]
    np.testing.assert_allclose(found, Image.fromarray(pixels).reduce(3), rtol=1e-5)


def test_the_central_square_is_cut_first():
    pixels = np.zeros((9, 6, 1), dtype=np.float32)
    pixels[3:6, 2:4] = 7
    found = to_shape(pixels, 2, 2, 2, Path("a"))
    np.testing.assert_array_equal(found, np.full((2, 2, 1), 7))


@pytest.mark.parametrize(
    ("shape", "wanted", "crop", "words"),
    [
        ((4, 4), (8, 8), None, "fewer than columns.image.shape"),
        ((8, 4), (2, 2), None, "would be distorted"),
        ((4, 4), (2, 2), 5, "crop is 5"),
    ],
)
def test_an_image_that_does_not_fit_the_shape_is_refused(shape, wanted, crop, words):
    with pytest.raises(BoxloopError, match=words):
        to_shape(np.zeros((*shape, 1), np.float32), *wanted, crop, Path("a.png"))


@pytest.mark.parametrize(("written", "wanted"), [(1, 3), (3, 1)])
def test_other_channels_than_asked_for_are_refused(tmp_path, written, wanted):
    shape = (4, 4) if written == 1 else (4, 4, 3)
    path = save(tmp_path / "a.png", np.zeros(shape, np.uint8))
    with pytest.raises(BoxloopError, match=f"expected {wanted} channels.*found {written}"):
        pixels_of(path, wanted)


def test_a_file_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    path = save(tmp_path / "a.png", np.zeros((30, 30), np.uint8))
    for limit in (100, 800):  # beyond twice the limit, and between it and the limit
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(BoxloopError, match=f"more than {limit} pixels"):
            pixels_of(path, 1)


def test_arrays_of_objects_and_pixels_without_value_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[{}]], dtype=object), allow_pickle=True)
    with pytest.raises(BoxloopError, match=r"a\.npy cannot be read"):
        pixels_of(tmp_path / "a.npy", 1)
    with pytest.raises(BoxloopError, match="1 of 4 pixels have no finite value"):
        pixels_of(save(tmp_path / "b.fits", np.array([[np.nan, 1], [2, 3.0]])), 1)


def labelled(tmp_path, content="name,z\na,1\nb,2\n"):
    path = tmp_path / "labels.csv"
    path.write_text(content)
    save(tmp_path / "a.png", np.full((4, 4), 10, np.uint8))
    checked = {"path": str(path), "sha256": store.sha256(path), "provenance": "real"}
    return path, Sample.model_validate(checked).model_dump(mode="json", by_alias=True)


def test_images_stand_in_the_order_of_the_rows(tmp_path):
    path, sample = labelled(tmp_path, "name,z\nb,2\na,1\n")
    save(tmp_path / "b.png", np.full((4, 4), 20, np.uint8))
    read = read_sample("train", sample, path, columns=columns(path="{id}.png"))
    assert read.arrays["image"].shape == (2, 2, 2, 1)
    assert read.arrays["image"][:, 0, 0, 0].tolist() == [20, 10]


@pytest.mark.parametrize("broken", [None, b"", b"no image", b"\x89PNG\r\n\x1a\nxx"])
def test_a_missing_or_broken_image_names_its_row_or_drops_it(tmp_path, broken):
    path, sample = labelled(tmp_path)
    if broken is not None:
        (tmp_path / "b.png").write_bytes(broken)
    with pytest.raises(BoxloopError, match=r"columns\.image\.path: row 1 of .*labels\.csv.*b\.png"):
        read_sample("train", sample, path, columns=columns())
    read = read_sample("train", sample, path, columns=columns(missing="drop"))
    assert read.frame["name"].tolist() == ["a"]
    assert len(read.arrays["image"]) == 1
    assert read.rows_dropped == 1


def test_a_folder_of_images_without_a_table_becomes_a_row_each(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    save(folder / "b.png", np.full((4, 4), 20, np.uint8))
    save(folder / "a.png", np.full((4, 4), 10, np.uint8))
    checked = {"path": str(folder), "sha256": store.sha256_folder(folder), "provenance": "real"}
    sample = Sample.model_validate(checked).model_dump(mode="json", by_alias=True)
    read = read_sample("train", sample, folder, columns=columns(path=None))
    assert read.frame.to_dict("list") == {"name": ["a", "b"], "path": ["a.png", "b.png"]}
    assert read.arrays["image"][:, 0, 0, 0].tolist() == [10, 20]


def test_many_images_are_held_in_a_file_and_equal_those_in_memory(tmp_path, monkeypatch):
    save(tmp_path / "a.png", np.arange(16, dtype=np.uint8).reshape(4, 4))
    frame = pd.DataFrame({"name": pd.Series(["a"] * 3, dtype=object)})
    place = {"folder": tmp_path, "id": None}
    rows = np.arange(3)
    plain = pixels_read(frame, rows, columns()["image"], **place)
    monkeypatch.setattr(images_module, "IN_MEMORY", 0)
    mapped = pixels_read(frame, rows, columns()["image"], **place)
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, plain)


@pytest.mark.mirror
@pytest.mark.skipif(not MIRROR, reason="BOXLOOP_MIRROR is not set")
def test_galaxies_of_the_galaxy_zoo_are_read_and_keep_their_brightness():
    folder = Path(MIRROR) / "galaxy_zoo2"
    frame = pd.read_csv(folder / "labels.csv")[["GalaxyID"]]
    there = [(folder / "images" / f"{i}.jpg").is_file() for i in frame["GalaxyID"]]
    frame = frame[there].head(5).reset_index(drop=True)
    image = columns(path="images/{GalaxyID}.jpg", shape=[32, 32, 3], crop=256)["image"]
    rows = np.arange(len(frame))
    found = pixels_read(frame, rows, image, folder=folder, id=None)
    assert len(found) == len(frame)
    for i, name in enumerate(frame["GalaxyID"]):
        path = folder / "images" / f"{name}.jpg"
        assert Image.open(path).size == (424, 424)
        square = np.asarray(Image.open(path), dtype=float)[84:340, 84:340]
        np.testing.assert_allclose(found[i].mean((0, 1)), square.mean((0, 1)), rtol=1e-4)
