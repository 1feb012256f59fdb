"""Read the images of a sample from one file an object."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError, listed
from boxloop.modalities.image.pixels import read_pixels, to_shape
from boxloop.modalities.modality import Part
from boxloop.modalities.object_files import stem_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.modalities.object_files import ObjectFiles

#: Larger arrays are held in a temporary file while they are read [bytes].
IN_MEMORY = 256 * 2**20


def read_images(files: "ObjectFiles", image: Mapping[str, Any]) -> Part:
    """Read the image of each row of a table.

    Parameters
    ----------
    files : ObjectFiles
    image : mapping
        The study's section ``columns.image``, with a path.

    Returns
    -------
    Part
        ``image``: float32, shape (rows kept, height, width, channels).

    Raises
    ------
    BoxloopError
        A file is missing, broken, or cannot be brought to the shape.
    """
    height, width, channels = image["shape"]
    pixels = _room((len(files.paths), height, width, channels))
    for i, path in files.each():
        try:
            content = path.read_bytes()
            read = read_pixels(path, content, channels)
            pixels[i] = to_shape(read, height, width, image["crop"], path)
        except BoxloopError as error:
            files.refuse(i, str(error))
        else:
            files.note(content)
    kept = files.kept()
    found = pixels if kept.all() else pixels[kept]
    return Part(kept, files.digest.hexdigest(), arrays={"image": found})


def list_images(
    paths: Sequence[Path], names: Sequence[str], options: Mapping[str, Any]
) -> pd.DataFrame:
    """Return one row a file: ``name`` (without ending) and ``path``."""
    if options:
        raise BoxloopError(f"options of the reader images: expected none; found {listed(options)}")
    return pd.DataFrame({"name": [stem_of(p) for p in paths], "path": list(names)}, dtype=object)


def _room(shape: tuple[int, ...]) -> "NDArray[np.float32]":
    """Return an array to fill; a large one lies in a temporary file that vanishes with it."""
    if 4 * int(np.prod(shape)) <= IN_MEMORY:
        return np.zeros(shape, dtype=np.float32)
    with tempfile.TemporaryFile() as stream:
        return np.memmap(stream, dtype=np.float32, mode="w+", shape=shape)
