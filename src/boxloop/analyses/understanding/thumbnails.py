"""Small pictures of objects that have an image, as text for JSON."""

import base64
from typing import TYPE_CHECKING

import numpy as np

from boxloop.modalities.registry import of_table

if TYPE_CHECKING:
    from boxloop.results.understanding import Thumbnail
    from boxloop.store import Table

#: Longest side [pixel].
SIDE = 40
#: Quantiles of the pixels that become black and white.
_BLACK, _WHITE = 0.01, 0.995


def thumbnail(table: "Table", row: int) -> "Thumbnail | None":
    """Return an object's image in eight bits, averaged to at most `SIDE` pixels a side.

    Returns
    -------
    dict or None
        ``shape`` (height, width, channels) and ``bytes`` (base64, row by row); three channels stay
        colours, any other number becomes grey. None where there is no image.
    """
    pictures = (modality.picture(table, row) for modality in of_table(table).values())
    image = next((picture for picture in pictures if picture is not None), None)
    if image is None:
        return None
    if image.shape[2] != 3:
        image = image.mean(axis=2, keepdims=True)
    step = -(-max(image.shape[:2]) // SIDE)
    height, width = (n // step * step for n in image.shape[:2])
    blocks = image[:height, :width].reshape(height // step, step, width // step, step, -1)
    small = blocks.mean(axis=(1, 3))
    finite = small[np.isfinite(small)]
    low, high = np.quantile(finite, [_BLACK, _WHITE]) if len(finite) else (0.0, 1.0)
    scaled = (np.where(np.isfinite(small), small, low) - low) / (high - low or 1.0)
    pixels = np.rint(255 * np.clip(scaled, 0, 1)).astype(np.uint8)
    return {"shape": list(pixels.shape), "bytes": base64.b64encode(pixels.tobytes()).decode()}
