"""Images: scaled by channel, and shown as they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError
from boxloop.findings import Finding
from boxloop.modalities.image.contents import about_images
from boxloop.modalities.image.degraders import blur, noisier_images, shift
from boxloop.modalities.image.files import list_images, read_images
from boxloop.modalities.modality import Degrade, Modality, Part, Summary, TableReader
from boxloop.sampling.rows import sample_rows
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.modalities.object_files import ObjectFiles

#: Images that are summed up, at the most.
SUMMED_UP = 1_000
_SUMMARIES = {"image.mean": "mean of the pixels", "image.brightest": "brightest pixel"}


class Image(Modality):
    """An image of every object: the array ``image`` (rows, height, width, channels)."""

    key = "columns.image"
    plural = "images"

    def in_files(self, section: Mapping[str, Any], reader: str) -> Mapping[str, Any] | None:
        """Return the section; of a folder of images with the path that its reader names."""
        if not section["path"] and reader == "images":
            return {**section, "path": "{path}"}
        return section if section["path"] else None

    def read(self, files: "ObjectFiles", section: Mapping[str, Any], table_of: TableReader) -> Part:
        """Read the images, each brought to the study's shape."""
        return read_images(files, section)

    def listed(
        self,
        paths: Sequence[Path],
        names: Sequence[str],
        options: Mapping[str, Any],
        section: Mapping[str, Any] | None,
        table_of: TableReader,
    ) -> pd.DataFrame:
        """Return name and path of each image."""
        return list_images(paths, names, options)

    def add(self, build: Any, section: Mapping[str, Any]) -> "dict[str, NDArray[Any]]":
        """Return the images of a sample, which have the shape that the study says."""
        raw = build.raw
        if "image" not in raw.arrays:
            raise BoxloopError(
                f"columns.image: the sample {raw.name!r} has no images; expected an array 'image' "
                "from its simulator, or from a reader of your own that returns (table, {'image': "
                "array})"
            )
        shape, wanted = tuple(raw.arrays["image"].shape[1:]), tuple(section["shape"])
        if shape != wanted:
            raise BoxloopError(f"columns.image.shape: expected {wanted}; found {shape}")
        return {"image": np.asarray(raw.arrays["image"], dtype=np.float32)}

    def check(self, table: Table, *, seed: int) -> list[Finding]:
        """Remark on images without content and images that occur twice."""
        return about_images(table, seed=seed)

    def summaries(self, table: Table, *, seed: int) -> dict[str, Summary]:
        """Return mean and brightest pixel of at most `SUMMED_UP` images drawn at random."""
        found = np.full((2, len(table)), np.nan)
        for row in sample_rows(len(table), SUMMED_UP, seed, "images"):
            found[:, row] = _of_image(np.asarray(table.arrays["image"][row], float))
        pairs = zip(_SUMMARIES.items(), found, strict=True)
        return {name: Summary(values, text) for (name, text), values in pairs}

    @property
    def degraders(self) -> Mapping[str, Degrade]:
        """More noise, a wider point spread function, another pointing."""
        return {"noise": noisier_images, "blur": blur, "shift": shift}

    def picture(self, table: Table, row: int) -> "NDArray[np.float64] | None":
        """Return the image itself."""
        image = np.asarray(table.arrays["image"][row], dtype=float)
        return image.reshape(*image.shape[:2], -1)

    def recipe(self, table: Table) -> dict[str, Any]:
        """Scale each channel."""
        return {"scale": "channel"}

    def learn(self, recipe: Mapping[str, Any], table: Table) -> dict[str, Any]:
        """Learn mean and standard deviation of each channel, where pixels are finite."""
        images = table.arrays["image"]
        count, total, squares = 0, 0.0, 0.0
        for start in range(0, len(images), 256):
            block = np.asarray(images[start : start + 256], dtype=np.float64)
            block = np.where(np.isfinite(block), block, 0.0)
            count += block[..., 0].size
            total = total + block.sum(axis=(0, 1, 2))
            squares = squares + (block**2).sum(axis=(0, 1, 2))
        centre = total / count
        scale = np.sqrt(np.maximum(squares / count - centre**2, 0))
        return {
            "centre": np.atleast_1d(centre).tolist(),
            "scale": np.atleast_1d(np.where(scale > 0, scale, 1.0)).tolist(),
        }

    def transform(
        self, recipe: Mapping[str, Any], learnt: Mapping[str, Any], table: Table
    ) -> "NDArray[np.float32]":
        """Return (rows, height, width, channels); 0 where a pixel has no value."""
        images = np.asarray(table.arrays["image"], dtype=np.float32)
        images = np.where(np.isfinite(images), images, 0)
        centre = np.asarray(learnt["centre"])
        return ((images - centre) / np.asarray(learnt["scale"])).astype(np.float32)


def _of_image(pixels: "NDArray[np.float64]") -> tuple[float, float]:
    seen = pixels[np.isfinite(pixels)]
    return (float(seen.mean()), float(seen.max())) if len(seen) else (np.nan, np.nan)
