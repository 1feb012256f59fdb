"""The shape that images of a folder are brought to."""

from collections.abc import Sequence
from pathlib import Path

from boxloop.errors import BoxloopError

#: Images whose sizes are looked at.
LOOKED_AT = 200


def picture_section(files: Sequence[Path], side: int) -> dict[str, int | list[int]]:
    """Return shape, and crop where files are not all square, for the images of a draft.

    Squares of the side of the files or `side` pixels, whichever is smaller; three channels for
    pictures in colour, else one. What is not square is cut to the largest square of all.

    Raises
    ------
    BoxloopError
        A file is no image.
    """
    shapes = [_shape(f) for f in files[:: max(1, len(files) // LOOKED_AT)]]
    square = min(min(height, width) for height, width, _ in shapes)
    size = min(square, side)
    section: dict[str, int | list[int]] = {"shape": [size, size, shapes[0][2]]}
    if any(height != width for height, width, _ in shapes):
        section["crop"] = square
    return section


def _shape(path: Path) -> tuple[int, int, int]:
    name = path.name.lower()
    try:
        if name.endswith(".npy"):
            import numpy as np

            array = np.load(path, mmap_mode="r", allow_pickle=False)
            return array.shape[0], array.shape[1], array.shape[2] if array.ndim == 3 else 1
        if name.endswith((".fits", ".fit", ".fits.gz")):
            from astropy.io import fits

            array = fits.getdata(path)
            return array.shape[-2], array.shape[-1], 1
        from PIL import Image

        with Image.open(path) as image:
            grey = image.mode in ("1", "L", "I", "F", "I;16", "LA")
            return image.height, image.width, 1 if grey else 3
    except (OSError, ValueError, IndexError, AttributeError, TypeError) as error:
        raise BoxloopError(f"{path}: cannot be read as an image: {error}") from None
