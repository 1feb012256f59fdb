"""Objects on the sky: rows that lie within an angle of each other, directly or through others."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.errors import BoxloopError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Pairs of neighbouring positions beyond which the angle is refused: it no longer tells objects.
PAIRS = 500_000_000
#: Pairs held in memory at a time.
BLOCK = 10_000_000


def sky_objects(
    ra: "NDArray[np.float64]", dec: "NDArray[np.float64]", radius_deg: float
) -> "NDArray[np.int64]":
    """Return which rows are one object: connected sets of positions within an angle.

    Parameters
    ----------
    ra, dec : ndarray, shape (n,)
        Right ascension and declination [deg]; a row without a finite position is an object of
        its own.
    radius_deg : float
        Great-circle angle [deg], above 0.

    Returns
    -------
    ndarray of int64, shape (n,)
        Number of the object, from 0 by first appearance.

    Raises
    ------
    BoxloopError
        A declination lies beyond a pole, or the angle joins most of the catalogue.
    """
    ra, dec = np.asarray(ra, dtype=np.float64), np.asarray(dec, dtype=np.float64)
    placed = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
    beyond = placed[np.abs(dec[placed]) > 90]
    if len(beyond):
        raise BoxloopError(
            "columns.sky.dec: expected degrees between -90 and 90; found "
            f"{dec[beyond[0]]} in row {beyond[0]} of the table ({len(beyond)} rows in all); clean "
            "the file, leave such rows out by where:, or take match: out"
        )
    # Epochs of one source often repeat its position exactly: they need no search.
    places, place = _distinct(_unit_vectors(ra[placed], dec[placed]))
    chord = 2 * np.sin(np.radians(min(radius_deg, 180.0)) / 2)
    labels = np.empty(len(ra), dtype=np.int64)
    labels[placed] = _connected(places, chord)[place]
    lone = np.setdiff1d(np.arange(len(ra)), placed, assume_unique=True)
    labels[lone] = len(places) + np.arange(len(lone))
    return pd.factorize(labels)[0].astype(np.int64)


def sky_cells(
    ra: "NDArray[np.float64]", dec: "NDArray[np.float64]", side_deg: float
) -> "NDArray[np.object_]":
    """Return the name of the cell of the sky in which each position lies.

    Cells lie in bands of declination of the height `side_deg`; each band is cut into so many equal
    parts that they are nearly as wide as high in its middle.

    Parameters
    ----------
    ra, dec : ndarray, shape (n,)
        Right ascension and declination [deg].
    side_deg : float
        Side of a cell [deg], above 0.

    Returns
    -------
    ndarray of str, shape (n,)
        ``band-part``; empty for a position that is not finite.
    """
    ra, dec = np.asarray(ra, dtype=np.float64), np.asarray(dec, dtype=np.float64)
    placed = np.isfinite(ra) & np.isfinite(dec)
    bands = max(1, round(180 / side_deg))
    height = 180 / bands
    band = np.clip((np.where(placed, dec, 0.0) + 90) // height, 0, bands - 1).astype(np.int64)
    middle = np.radians((band + 0.5) * height - 90)
    parts = np.maximum(1, np.rint(360 * np.cos(middle) / side_deg)).astype(np.int64)
    part = np.minimum((np.where(placed, ra, 0.0) % 360) / 360 * parts, parts - 1).astype(np.int64)
    codes, places = pd.factorize(band * (int(parts.max(initial=0)) + 1) + part)
    width = int(parts.max(initial=0)) + 1
    names = np.array([f"{c // width}-{c % width}" for c in places], dtype=object)
    found = names[codes] if len(names) else np.array([], dtype=object)
    found[~placed] = ""
    return found


def join_labels(first: "NDArray[Any]", second: "NDArray[Any]") -> "NDArray[np.int64]":
    """Return labels, from 0 by first appearance, by which rows that share either label are equal.

    Parameters
    ----------
    first, second : ndarray, shape (n,)
        Labels without missing values.
    """
    a, b = pd.factorize(first)[0], pd.factorize(second)[0]
    n = int(a.max(initial=-1)) + 1
    nodes = _components(a, n + b, n + int(b.max(initial=-1)) + 1)
    return pd.factorize(nodes[a])[0].astype(np.int64)


def _unit_vectors(ra: "NDArray[np.float64]", dec: "NDArray[np.float64]") -> "NDArray[np.float64]":
    longitude, latitude = np.radians(ra), np.radians(dec)
    across = np.cos(latitude)
    return np.column_stack(
        [across * np.cos(longitude), across * np.sin(longitude), np.sin(latitude)]
    )


def _distinct(points: "NDArray[np.float64]") -> "tuple[NDArray[np.float64], NDArray[np.int64]]":
    """Return the distinct points, and which of them each point is."""
    hashes = np.zeros(len(points), dtype=np.uint64)
    for axis in points.T:
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + pd.util.hash_array(axis + 0.0)
    place, known = pd.factorize(hashes)
    first = np.full(len(known), -1, dtype=np.int64)
    first[place[::-1]] = np.arange(len(place) - 1, -1, -1)
    if not np.array_equal(points[first][place], points):  # two positions of one hash
        return points, np.arange(len(points))
    return points[first], place


def _connected(points: "NDArray[np.float64]", chord: float) -> "NDArray[np.int64]":
    """Label points on the unit sphere by connected sets of neighbours within a chord."""
    from scipy.spatial import KDTree

    n = len(points)
    if n < 2:
        return np.arange(n)
    tree = KDTree(points)
    pairs = (int(tree.count_neighbors(tree, chord)) - n) // 2
    if pairs > PAIRS:
        raise BoxloopError(
            f"columns.sky.match: {n} positions make {pairs} pairs within this angle, "
            f"{pairs / n:.0f} for each; expected an angle within which rows are one object; take a "
            "smaller angle, or group by a column with split.group"
        )
    if pairs > BLOCK:
        return _first_of(_connected_in_blocks(points, chord))
    first, second = tree.query_pairs(chord, output_type="ndarray").T
    return _first_of(_components(first, second, n))


def _connected_in_blocks(points: "NDArray[np.float64]", chord: float) -> "NDArray[np.int64]":
    """Label connected sets, looking at the neighbours of some points at a time."""
    from scipy.spatial import KDTree

    tree = KDTree(points)
    counts = np.empty(len(points), dtype=np.int64)
    # In the order of the tree, neighbours are near each other in memory.
    order = tree.indices
    counts[order] = tree.query_ball_point(points[order], chord, return_length=True)
    ends = np.cumsum(counts)
    labels = np.arange(len(points))
    start = 0
    while start < len(points):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + BLOCK, side="right")))
        block = KDTree(points[start:stop])
        near = block.sparse_distance_matrix(tree, chord, output_type="coo_matrix")
        labels = _components(labels[start + near.row], labels[near.col], len(points))[labels]
        start = stop
    return labels


def _first_of(labels: "NDArray[Any]") -> "NDArray[np.int64]":
    """Return for each row the first row of its label."""
    first = np.empty(int(labels.max(initial=-1)) + 1, dtype=np.int64)
    first[labels[::-1]] = np.arange(len(labels) - 1, -1, -1)
    return first[labels]


def _components(rows: "NDArray[Any]", columns: "NDArray[Any]", nodes: int) -> "NDArray[np.int64]":
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(nodes, nodes))
    return connected_components(links, directed=False)[1].astype(np.int64)
