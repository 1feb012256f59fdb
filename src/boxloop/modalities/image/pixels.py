"""Read one image file, and bring it to a shape by cutting and averaging."""

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.errors import BoxloopError
from boxloop.store.raw_bytes import kind_of, reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How far the ratio of height to width may be from that of the shape before it counts as another.
_DISTORTION = 0.02


def read_pixels(path: Path, content: bytes, channels: int) -> "NDArray[np.float32]":
    """Return the pixels of an image file.

    Parameters
    ----------
    path : Path
        For messages.
    content : bytes
        Of a PNG, JPEG, TIFF, FITS or .npy file.
    channels : int
        Expected: 1 for grey, 3 for colours.

    Returns
    -------
    ndarray of float32, shape (height, width, channels)
        Values as the file has them; those of 8 bits are 0 to 255.

    Raises
    ------
    BoxloopError
        The file is broken, no image, too large, or has other channels or pixels without value.
    """
    kind = kind_of(content[:4096])
    if kind == "fits":
        pixels = _from_fits(path, content)
    elif content.startswith(b"\x93NUMPY"):
        with reading(path, "a NumPy array"):
            pixels = np.load(io.BytesIO(content), allow_pickle=False)
    else:
        pixels = _from_pillow(path, content)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if pixels.ndim != 3 or pixels.dtype.kind not in "biuf":
        raise BoxloopError(
            f"{path}: expected an image; found {pixels.dtype} of shape {pixels.shape}"
        )
    if pixels.shape[2] != channels:
        raise BoxloopError(
            f"{path}: expected {channels} channels (columns.image.shape); found {pixels.shape[2]}"
        )
    wrong = pixels.size - int(np.isfinite(pixels).sum())
    if wrong:
        raise BoxloopError(f"{path}: {wrong} of {pixels.size} pixels have no finite value")
    return np.ascontiguousarray(pixels, dtype=np.float32)


def to_shape(
    pixels: "NDArray[np.float32]", height: int, width: int, crop: int | None, path: Path
) -> "NDArray[np.float32]":
    """Cut the central square of `crop` pixels, then average areas to height and width.

    Every pixel of the result is the mean of the area that it covers, pixels on its border counted
    by their part, so that the mean of the image stays what it was.
    """
    if crop is not None:
        if min(pixels.shape[:2]) < crop:
            raise BoxloopError(
                f"{path}: columns.image.crop is {crop}; the image has {pixels.shape[0]} x "
                f"{pixels.shape[1]} pixels"
            )
        top, left = ((n - crop) // 2 for n in pixels.shape[:2])
        pixels = pixels[top : top + crop, left : left + crop]
    high, wide = pixels.shape[:2]
    if high < height or wide < width:
        raise BoxloopError(
            f"{path}: {high} x {wide} pixels are fewer than columns.image.shape asks for "
            f"({height} x {width}); take a smaller shape"
        )
    if abs(high * width / (wide * height) - 1) > _DISTORTION:
        raise BoxloopError(
            f"{path}: {high} x {wide} pixels would be distorted to {height} x {width}; take "
            "columns.image.crop, or a shape of the same proportions"
        )
    if (high, wide) == (height, width):
        return pixels
    fewer = _averaged(pixels, height)
    averaged = _averaged(fewer.swapaxes(0, 1), width).swapaxes(0, 1)
    return np.ascontiguousarray(averaged, dtype=np.float32)


def _averaged(pixels: "NDArray[Any]", parts: int) -> "NDArray[np.float64]":
    """Return means over `parts` equal lengths of the first axis, cut pixels by their part.

    Sums up to each edge, not a product of matrices: that would start threads for every image.
    """
    size = len(pixels)
    edges = np.arange(parts + 1) * (size / parts)
    whole = np.minimum(edges.astype(np.intp), size - 1)
    sums = np.zeros((size + 1, *pixels.shape[1:]))
    np.cumsum(pixels, axis=0, dtype=np.float64, out=sums[1:])
    rest = (edges - whole)[:, None, None] * pixels[whole]
    return np.asarray(np.diff(sums[whole] + rest, axis=0) * (parts / size))


def _from_pillow(path: Path, content: bytes) -> "NDArray[Any]":
    from PIL import Image

    with reading(path, "an image"), warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content)) as image:
                return np.asarray(_plain(image, path))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise BoxloopError(
                f"{path}: the image has more than {Image.MAX_IMAGE_PIXELS} pixels; cut it to the "
                "object first"
            ) from None


def _plain(image: Any, path: Path) -> Any:
    """Return an image as grey or colours, a palette as its colours, nothing transparent."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "P":
        image = image.convert("RGBA")
    if image.mode in ("RGBA", "LA"):
        if image.getchannel("A").getextrema()[0] < 255:
            raise BoxloopError(f"{path}: the image is transparent in places; expected grey or RGB")
        image = image.convert("L" if image.mode == "LA" else "RGB")
    if image.mode not in ("L", "RGB", "F", "I") and not image.mode.startswith("I;16"):
        raise BoxloopError(f"{path}: expected grey or RGB; found the mode {image.mode}")
    return image


def _from_fits(path: Path, content: bytes) -> "NDArray[Any]":
    from astropy.io import fits

    with reading(path, "FITS"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message=".*truncated.*")
        with fits.open(io.BytesIO(content)) as hdus:
            images = [h for h in hdus if getattr(h, "is_image", False) and h.header["NAXIS"] > 1]
            if not images:
                raise BoxloopError(f"{path}: the FITS file has no image")
            pixels = np.array(images[0].data)
    return np.moveaxis(pixels, 0, 2) if pixels.ndim == 3 else pixels
