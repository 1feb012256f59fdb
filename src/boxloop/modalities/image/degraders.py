"""Degraders of images: more noise, a wider point spread function, another pointing."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Images = NDArray[np.float32]

#: Scales the median absolute deviation to the standard deviation of a normal distribution.
_TO_SIGMA = 1.482602218505602
#: Standard deviation of second differences along both axes, (1, -2, 1) each, of unit white noise.
_ROUGHNESS = 6.0


def noisier_images(table: Table, strength: float, *, rng: np.random.Generator) -> Table:
    """Add white noise to images, as a multiple of what each of them has.

    The noise of an image and channel is estimated
    by the second differences along both axes, in which smooth light cancels, and by their median
    absolute deviation, for which few pixels of a source count little. Images of less than three
    pixels a side stay as they are.

    References
    ----------
    Immerkaer, J. (1996), Fast noise variance estimation, Comput. Vis. Image Underst. 64, 300.
    """
    images = np.asarray(table.arrays["image"], dtype=np.float32)
    if min(images.shape[1:3]) < 3 or not len(images):
        return table
    rough = np.diff(np.diff(images.astype(np.float64), n=2, axis=1), n=2, axis=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an image may be masked as a whole
        width = np.nanmedian(np.abs(rough), axis=(1, 2), keepdims=True) * _TO_SIGMA / _ROUGHNESS
    width = np.where(np.isfinite(width), width, 0.0)
    return _with_images(table, images + strength * width * rng.standard_normal(images.shape))


def blur(table: Table, strength: float, *, rng: np.random.Generator) -> Table:
    """Convolve images with a Gaussian.

    Parameters
    ----------
    table : Table
        Masked (not finite) pixels give no light and stay masked. Beyond an edge the pixel at the
        edge goes on.
    strength : float
        Sigma of the Gaussian [pixel].
    rng : numpy.random.Generator
        Nothing is drawn.
    """
    from scipy.ndimage import gaussian_filter

    if strength == 0:
        return table

    def convolved(images: "NDArray[np.float64]") -> "NDArray[np.float64]":
        result: NDArray[np.float64] = gaussian_filter(
            images, (0, strength, strength, 0), mode="nearest"
        )
        return result

    return _with_images(table, _around_masks(table.arrays["image"], convolved))


def shift(table: Table, strength: float, *, rng: np.random.Generator) -> Table:
    """Move each image in a direction of its own, by cubic splines.

    Parameters
    ----------
    table : Table
        Masked (not finite) pixels move with the image. Beyond an edge the pixel at the edge goes
        on.
    strength : float
        How far [pixel].
    rng : numpy.random.Generator
        With the same one the directions are the same for all strengths.
    """
    from scipy.ndimage import shift as moved

    angles = rng.uniform(0, 2 * np.pi, len(table))
    if strength == 0:
        return table
    images = np.array(table.arrays["image"], dtype=np.float32)
    for i, angle in enumerate(angles):
        by = (strength * np.sin(angle), strength * np.cos(angle), 0)
        masked = ~np.isfinite(images[i])
        whole = np.where(masked, 0, images[i])
        images[i] = moved(whole, by, order=3, mode="nearest")
        if masked.any():
            images[i][moved(masked.astype(np.float32), by, order=0, mode="nearest") > 0.5] = np.nan
    return _with_images(table, images)


def _around_masks(
    images: "NDArray[Any]",
    convolved: "Callable[[NDArray[np.float64]], NDArray[np.float64]]",
) -> "NDArray[np.float64]":
    """Convolve what is seen, and divide by how much of it was seen; masked pixels stay so."""
    values = np.asarray(images, dtype=np.float64)
    seen = np.isfinite(values)
    if seen.all():
        return convolved(values)
    light, share = convolved(np.where(seen, values, 0.0)), convolved(seen.astype(np.float64))
    return np.where(seen, light / np.where(seen, share, 1.0), np.nan)


def _with_images(table: Table, images: "NDArray[Any]") -> Table:
    return replace(table, arrays={**table.arrays, "image": images.astype(np.float32)})
