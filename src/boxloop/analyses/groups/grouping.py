"""Cut objects into groups: bins, categories, cells of the sky, classes, and crossings of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.study.vocabulary import SKY_GROUP
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.groups import Kind

#: Bins of a numeric column, of equally many objects.
BINS = 4
#: A column of so many different values or fewer is taken as categories; more are put together.
CATEGORIES = 10
#: Most groups that columns crossed with each other may make, and most cells of the sky.
CROSSED, CELLS = 16, 12


@dataclass(frozen=True)
class Group:
    """What the objects of a group have in common.

    Attributes
    ----------
    label : str
    low, high : float or None
        Limits of a bin: the lower one belongs to it, the upper one to the last bin only.
    """

    label: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Grouping:
    """One way to cut all objects into groups that do not overlap.

    Attributes
    ----------
    name : str
        ``g_mag``, or ``g_mag by field`` where columns are crossed.
    columns : tuple of str
    kind : {"bins", "categories", "sky", "class", "crossed"}
        ``class``: also where classes are crossed with something.
    groups : tuple of Group
    codes : ndarray of int, shape (n,)
        The group of each object.
    protected : bool
        Whether it is an attribute of people.
    """

    name: str
    columns: tuple[str, ...]
    kind: "Kind"
    groups: tuple[Group, ...]
    codes: "NDArray[np.intp]"
    protected: bool = False


Cut = tuple[list[Group], "NDArray[np.intp]"]


def groupings(
    objects: pd.DataFrame, named: Iterable[str | list[str]], protected: Iterable[str], task: str
) -> list[Grouping]:
    """Cut the objects by everything the study names; each column or crossing once.

    Parameters
    ----------
    objects : pandas.DataFrame
        ``target``; ``group:<column>`` for each column; ``sky:ra``, ``sky:dec`` [deg] where sky
        regions are wanted.
    named : iterable of str or list of str
        The study's ``groups``.
    protected : iterable of str
        The study's ``protected``.
    task : str
    """
    protected = list(protected)
    wanted = [((n,) if isinstance(n, str) else tuple(n)) for n in named]
    wanted = list(dict.fromkeys([*((p,) for p in protected), *wanted]))
    found = []
    for columns in wanted:
        is_class = task_of(task).has_classes and any(_is_class(objects, c) for c in columns)
        kind: Kind
        if len(columns) == 1:
            kind, (groups, codes) = _cut(objects, columns[0], BINS)
        else:
            kind, (groups, codes) = "crossed", _crossed(objects, columns)
        kind = "class" if is_class else kind
        name, people = " by ".join(columns), len(columns) == 1 and columns[0] in protected
        found.append(Grouping(name, columns, kind, tuple(groups), codes, people))
    return found


def _is_class(objects: pd.DataFrame, column: str) -> bool:
    """Whether a column is the target, under whatever name."""
    own = f"group:{column}"
    return own in objects and bool(
        (objects[own].astype(str) == objects["target"].astype(str)).all()
    )


def _cut(objects: pd.DataFrame, column: str, bins: int) -> tuple["Kind", Cut]:
    if f"group:{column}" not in objects and column == SKY_GROUP:
        return "sky", sky_regions(objects["sky:ra"].to_numpy(), objects["sky:dec"].to_numpy())
    values = objects[f"group:{column}"]
    if is_continuous(values):
        return "bins", quantile_bins(values.to_numpy(float, na_value=np.nan), bins)
    return "categories", categories(values)


def is_continuous(values: pd.Series) -> bool:
    """Whether a column holds more different numbers than there may be categories."""
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return False
    return bool(values.nunique() > CATEGORIES)


def quantile_bins(number: "NDArray[np.float64]", bins: int = BINS) -> Cut:
    """Cut numbers (n,) at their quantiles; what is not finite is a group of its own."""
    finite = np.isfinite(number)
    edges = np.unique(np.quantile(number[finite], np.linspace(0, 1, bins + 1)))
    codes = np.clip(np.searchsorted(edges, number, side="right") - 1, 0, max(len(edges) - 2, 0))
    shown = _written(edges)
    limits = zip(pairwise(shown), pairwise(edges), strict=True)
    groups = [Group(f"{a} to {b}", float(low), float(high)) for (a, b), (low, high) in limits]
    groups = groups or [Group(shown[0], float(edges[0]), float(edges[0]))]
    return _filled(groups, np.where(finite, codes, len(groups)), "missing")


def _written(edges: "NDArray[np.float64]") -> list[str]:
    """Write numbers with four digits, or with so many that they differ."""
    for digits in range(4, 18):
        shown = [f"{e:.{digits}g}" for e in edges]
        if len(set(shown)) == len(shown):
            break
    return shown


def categories(values: pd.Series, most: int = CATEGORIES) -> Cut:
    """Take values as they are; beyond the most frequent ones they are put together as others."""
    missing = values.isna().to_numpy()
    number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    shown = (lambda v: f"{v:.10g}") if number else str
    labels = np.array(
        [None if m else shown(v) for v, m in zip(values, missing, strict=True)], object
    )
    counts = pd.Series(labels[~missing]).value_counts()
    ranked = sorted(counts.index, key=lambda v: (-counts[v], v))
    kept = sorted(ranked[:most], key=(lambda v: (float(v), v)) if number else None)
    codes = pd.Index(kept, dtype=object).get_indexer(pd.Index(labels, dtype=object))
    groups = [Group(label) for label in kept]
    if len(ranked) > most:
        groups.append(Group(_free("others", kept)))
        codes = np.where((codes < 0) & ~missing, len(kept), codes)
    return _filled(groups, np.where(missing, len(groups), codes), "missing")


def sky_regions(ra: "NDArray[np.float64]", dec: "NDArray[np.float64]", most: int = CELLS) -> Cut:
    """Cut positions (n,) [deg] into cells of equal area between the limits of all of them.

    Right ascension is counted from the widest gap, so that a field across zero stays together.
    """
    placed = np.isfinite(ra) & np.isfinite(dec)
    if not placed.any():
        return _filled([], np.zeros(len(ra), np.intp), "no position")
    circle = np.unique(ra[placed] % 360)
    gaps = np.diff(np.append(circle, circle[0] + 360))
    start = float(circle[(int(np.argmax(gaps)) + 1) % len(circle)])
    along = np.where(placed, (ra - start) % 360, 0.0)
    height = np.where(placed, np.sin(np.radians(dec)), np.nan)
    wide, low, high = float(along.max()), float(np.nanmin(height)), float(np.nanmax(height))
    across, up = _shape(wide, low, high, most)
    column = np.minimum((along / (wide or 1.0) * across).astype(int), across - 1)
    row = (np.where(placed, height - low, 0.0) / ((high - low) or 1.0) * up).astype(int)
    cell = np.minimum(row, up - 1) * across + column
    east = [(start + wide * i / across) % 360 for i in range(across + 1)]
    north = np.degrees(np.arcsin(np.linspace(low, high, up + 1).clip(-1, 1)))
    # Two digits of the smaller side of a cell, and no sign before a zero.
    side = min(wide / across, float(north[-1] - north[0]) / up) or 1.0
    places = max(0, 1 - int(np.floor(np.log10(side))))
    ra_shown = [f"{v:.{places}f}" for v in np.round(east, places) % 360]
    dec_shown = [f"{v:.{places}f}" for v in np.round(north, places) + 0.0]
    groups = [
        Group(f"RA {a} to {b}, Dec {c} to {d}")
        for (c, d), (a, b) in product(pairwise(dec_shown), pairwise(ra_shown))
    ]
    return _filled(groups, np.where(placed, cell, len(groups)), "no position")


def _shape(wide: float, low: float, high: float, most: int) -> tuple[int, int]:
    """Choose how many cells stand side by side and above each other, so that they are squarish."""
    middle = np.arcsin(np.clip((low + high) / 2, -1, 1))
    width = max(wide * float(np.cos(middle)), 1e-9)
    height = max(float(np.degrees(np.arcsin(high) - np.arcsin(low))), 1e-9)
    pairs = [(a, b) for a in range(1, most + 1) for b in range(1, most + 1) if a * b <= most]
    large = [(a, b) for a, b in pairs if a * b > most / 2]
    return min(large, key=lambda p: (abs(np.log(width / p[0] * p[1] / height)), -p[0] * p[1]))


def _crossed(objects: pd.DataFrame, columns: Sequence[str]) -> Cut:
    """Cross columns; numbers get fewer bins until the groups are few, the smallest join others."""
    for bins in range(BINS, 1, -1):
        cuts = [_cut(objects, column, bins)[1] for column in columns]
        if np.prod([len(groups) for groups, _ in cuts]) <= CROSSED:
            break
    sizes = [len(groups) for groups, _ in cuts]
    codes = np.ravel_multi_index([own for _, own in cuts], sizes)
    labels = [
        Group(", ".join(g.label for g in cell)) for cell in product(*(groups for groups, _ in cuts))
    ]
    counts = np.bincount(codes, minlength=len(labels))
    if (counts > 0).sum() <= CROSSED:
        return _filled(labels, codes, "missing")
    kept = np.sort(np.argsort(-counts, kind="stable")[: CROSSED - 1])
    new = np.full(len(labels), len(kept))
    new[kept] = np.arange(len(kept))
    return _filled([*(labels[i] for i in kept), Group("others")], new[codes], "missing")


def _filled(groups: list[Group], codes: "NDArray[Any]", last: str) -> Cut:
    """Drop groups without objects; code ``len(groups)`` stands for the objects without a value."""
    groups = [*groups, Group(_free(last, [g.label for g in groups]))]
    there, codes = np.unique(codes, return_inverse=True)
    return [groups[i] for i in there], codes.astype(np.intp)


def _free(label: str, taken: Sequence[str]) -> str:
    """Return a label that no value of the column has."""
    while label in taken:
        label = f"({label})"
    return label
