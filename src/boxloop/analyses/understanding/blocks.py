"""Blocks of features that are permuted together: correlated columns, an image, a light curve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.features import derived_anew
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.fitting import Fitted
    from boxloop.results.understanding import BlockKind

#: Columns whose absolute rank correlation is so high on average are permuted together.
CORRELATED = 0.8
#: Endings of the columns that say more about a feature and move with it.
_COMPANIONS = ("__state", "__limit", "_err", "_err_low", "_err_high")


@dataclass(frozen=True)
class Block:
    """What is permuted together.

    Attributes
    ----------
    kind : {"table", "image", "light_curve", "derived"}
        ``derived``: derived columns that rest on no feature.
    columns : tuple of str
        The features it is about, in table order; ``image`` or ``light_curve``.
    moves : tuple of str
        All columns of the table that change places: also errors, states and limits.
    """

    kind: "BlockKind"
    columns: tuple[str, ...]
    moves: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its columns, or the first of many."""
        if len(self.columns) <= 2:
            return " + ".join(self.columns)
        return f"{self.columns[0]} + {len(self.columns) - 1} others"


def companions(table: Table, feature: str) -> list[str]:
    """Return a feature's columns of errors, state and limit that the table has."""
    ends = [*_COMPANIONS, *(f"{end}__state" for end in _COMPANIONS[2:])]
    roles = ("state", "limit", "error", "feature_error")
    return [c for c in table.of_role(*roles) if c in {feature + end for end in ends}]


def feature_blocks(table: Table, training: "NDArray[np.bool_]") -> list[Block]:
    """Return the blocks of a table's features, by their correlation among training objects.

    Features are joined by average linkage while the mean of their absolute rank correlations is at
    least `CORRELATED`. Derived columns stand in no block: they are computed anew from what moved.

    Parameters
    ----------
    table : Table
    training : ndarray of bool, shape (rows,)
    """
    names = [
        n for n in table.of_role("feature") if pd.api.types.is_numeric_dtype(table.frame[n].dtype)
    ]
    blocks = []
    for members in _clusters(table.frame.loc[training, names]):
        moves = [c for n in members for c in (n, *companions(table, n))]
        blocks.append(Block("table", tuple(members), tuple(dict.fromkeys(moves))))
    if "image" in table.arrays:
        blocks.append(Block("image", ("image",), ()))
    curve = table.of_role("light_curve")
    if curve:
        blocks.append(Block("light_curve", ("light_curve",), tuple(curve)))
    return blocks


def _clusters(frame: pd.DataFrame) -> list[list[str]]:
    names = list(frame.columns)
    if len(names) < 2:
        return [[n] for n in names]
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    correlation = frame.astype(float).corr(method="spearman").abs().to_numpy()
    distance = 1 - np.nan_to_num(correlation)
    distance = np.clip((distance + distance.T) / 2, 0, 1)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), method="average")
    # A hair is added: equal copies may differ by rounding.
    label = fcluster(tree, 1 - CORRELATED + 1e-12, criterion="distance")
    first: dict[int, list[str]] = {}
    for name, of in zip(names, label, strict=True):
        first.setdefault(int(of), []).append(name)
    return list(first.values())


@dataclass(frozen=True)
class Mixer:
    """Gives the values of a block to other objects, and brings derived columns into step.

    Attributes
    ----------
    table : Table
    derived : mapping
        The study's section ``columns.derived``.
    user_code : sequence of str
        Paths of the study's own modules.
    """

    table: Table
    derived: Mapping[str, Mapping[str, Any]]
    user_code: Sequence[str] = ()

    def permuted(self, block: Block, order: "NDArray[np.intp]") -> Table:
        """Return the table with row ``order[i]`` of the block's values in row i."""
        frame = self.table.frame.copy(deep=False)
        for name in block.moves:
            frame[name] = frame[name].take(order).set_axis(frame.index)
        arrays = dict(self.table.arrays)
        if block.kind == "image":
            arrays["image"] = np.asarray(arrays["image"])[order]
        moved = replace(self.table, frame=frame, arrays=arrays)
        if block.kind == "derived":
            return moved
        return derived_anew(moved, self.derived, self.user_code)

    def touched(self, moved: Table) -> list[str]:
        """Return the derived columns that have other values than before."""
        return [
            name
            for name in self.table.of_role("derived")
            if not moved.frame[name].equals(self.table.frame[name])
        ]

    def rest(self, touched: set[str]) -> list[Block]:
        """Return blocks of the derived columns that no feature changes, by what made them."""
        made: dict[str, list[str]] = {}
        for name in self.table.of_role("derived"):
            if name not in touched:
                made.setdefault(self.table.columns[name].made_by or name, []).append(name)
        states = {n: [f"{n}__state"] for of in made.values() for n in of}
        return [
            Block(
                "derived",
                tuple(of),
                tuple(c for n in of for c in (n, *states[n]) if c in self.table.frame),
            )
            for of in made.values()
        ]


def sees(model: "Fitted", changed: "set[str]", block: Block) -> bool:
    """Say whether a model is shown anything of what a block changes.

    Parameters
    ----------
    model : Fitted
    changed : set of str
        Columns that the block moves, and derived columns that follow.
    """
    inputs = model.recipe.unfitted["inputs"]
    if block.kind in ("image", "light_curve") and block.kind in inputs:
        return True
    if "table" not in inputs:
        return False
    shown = model.recipe.columns
    own = {*shown, *(f"{c}__state" for c in shown), *(f"{c}__limit" for c in shown)}
    return bool(own & changed)


def usual_order(
    ids: "NDArray[Any]", units: "NDArray[Any]", rng: np.random.Generator
) -> "NDArray[np.intp]":
    """Draw for each row the row whose values it gets, one of another unit.

    Units, and the rows in them, are laid out in a random order; each row gets what stands a random
    number of places on. No row keeps its own values, and every pair of rows of different units is
    equally likely where the units have one row each. Where one unit has more than half of the
    rows, some of them get values of their own unit.

    Parameters
    ----------
    ids : ndarray, shape (n,)
        Names of the rows: the draw depends on them and not on the order of the rows.
    units : ndarray, shape (n,)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (n,)
    """
    canonical = np.argsort(np.asarray(ids).astype(str), kind="stable")
    _, unit = np.unique(np.asarray(units)[canonical].astype(str), return_inverse=True)
    size = np.bincount(unit)
    place = rng.permutation(len(size))[unit]
    laid = canonical[np.lexsort((rng.random(len(unit)), place))]
    n, largest = len(laid), int(size.max(initial=0))
    if n < 2:
        return np.arange(n)
    step = int(rng.integers(largest, n - largest + 1)) if 2 * largest <= n else n // 2
    order = np.empty(n, np.intp)
    order[laid] = np.roll(laid, -step)
    return order
