"""Read the images of a sample from one file an object."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.light_curves import stem_of
from boxloop.data.object_files import object_files
from boxloop.data.pixels import read_pixels, to_shape
from boxloop.errors import BoxloopError, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Larger arrays are held in a temporary file while they are read [bytes].
IN_MEMORY = 256 * 2**20


def images_of(
    frame: pd.DataFrame,
    file: "NDArray[Any]",
    row: "NDArray[Any]",
    image: Mapping[str, Any],
    *,
    folder: Path,
    id: str | list[str] | None,
) -> "tuple[NDArray[np.float32], NDArray[np.bool_], str]":
    """Read the image of each row of a table.

    Parameters
    ----------
    frame, file, row
        The table, and where each row stands.
    image : mapping
        The study's section ``columns.image``, with a path.
    folder : Path
        What its path is counted from.
    id : str, list of str or None
        The study's columns of the identifier.

    Returns
    -------
    pixels : ndarray of float32, shape (rows kept, height, width, channels)
    kept : ndarray of bool, shape (rows,)
    digest : str
        SHA-256 of the files' contents.

    Raises
    ------
    BoxloopError
        A file is missing, broken, or cannot be brought to the shape.
    """
    height, width, channels = image["shape"]
    files = object_files(
        frame, file, row, image["path"], folder, id=id, key="columns.image.path",
        drop=image["missing"] == "drop", what="images",
    )  # fmt: skip
    pixels = _room((len(frame), height, width, channels))
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
    return (pixels if kept.all() else pixels[kept]), kept, files.digest.hexdigest()


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
