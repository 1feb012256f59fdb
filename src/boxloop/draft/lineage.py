"""Find columns that were computed from others: differences, sums, products, ratios, logarithms."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Rows by which a relation is guessed, and by which it is then verified.
PROBE, VERIFY = 15, 5000
#: Columns between which relations are looked for at the most.
MOST = 120
#: What the digits of a printed table have lost, as a part of the spread of a column.
_TOLERANCE = 2e-3


@dataclass(frozen=True)
class Relation:
    """A column, what it was computed from, and the equation between them."""

    column: str
    parents: tuple[str, ...]
    equation: str


def find_relations(
    columns: Mapping[str, "NDArray[np.float64]"], last: str | None = None
) -> list[Relation]:
    """Find exact relations between columns.

    Of the columns of one relation, that whose name holds the names of the others was computed, else
    the last of the table. What holds within the rounding of the printed digits counts as exact.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (rows,)
        Numbers, NaN where missing.
    last : str, optional
        A column that counts as the last of the table, however many there are.
    """
    names = [n for n, values in columns.items() if not _trivial(values)][:MOST]
    if last in names:
        names = [*(n for n in names if n != last), last]
    if len(names) < 2:
        return []
    table = np.column_stack([columns[n] for n in names])
    rows = np.linspace(0, len(table) - 1, min(len(table), VERIFY)).astype(int)
    table = table[np.unique(rows)]
    found: dict[str, Relation] = {}
    for relation in [*_of_one(names, table), *_of_two(names, table)]:
        circular = any(relation.column in found[p].parents for p in relation.parents if p in found)
        if relation.column not in found and not circular:
            found[relation.column] = relation
    return list(found.values())


def _of_one(names: Sequence[str], table: "NDArray[np.float64]") -> list[Relation]:
    """Find logarithms, inverses and squares of another column, and copies of it."""
    with np.errstate(all="ignore"):
        positive = np.where(table > 0, table, np.nan)
        forms = {
            "{}": table,
            "log10({})": np.log10(positive),
            "ln({})": np.log(positive),
            "1/{}": np.where(table != 0, 1 / table, np.nan),
            "{}^2": table**2,
        }
    found = []
    for formula, values in forms.items():
        for j, k in _equal(values, table):
            if j < k or (j > k and formula != "{}"):
                told = f"{names[k]} = {formula.format(names[j])}"
                found.append(Relation(names[k], (names[j],), told))
    return found


def _of_two(names: Sequence[str], table: "NDArray[np.float64]") -> list[Relation]:
    """Find differences, sums, products and ratios of two other columns."""
    found = []
    for i in range(len(names)):
        left, right = table[:, [i]], table
        with np.errstate(all="ignore"):
            kinds = {
                "{} - {}": left - right,
                "{} + {}": left + right,
                "{} * {}": left * right,
                "{} / {}": np.where(right != 0, left / right, np.nan),
            }
        for formula, values in kinds.items():
            for j, k in _equal(values, table):
                ordered = formula in ("{} - {}", "{} / {}")
                if len({i, j, k}) == 3 and (ordered or i < j):
                    equation = f"{names[k]} = {formula.format(names[i], names[j])}"
                    found.append(_told(names, (names[i], names[j], names[k]), equation))
    return found


def _equal(values: "NDArray[np.float64]", table: "NDArray[np.float64]") -> list[tuple[int, int]]:
    """Return (j, k) where column j of the values is column k of the table, where both are known."""
    with np.errstate(all="ignore"):
        rows = np.argsort(~np.isfinite(values).all(axis=1), kind="stable")[:PROBE]
        apart = np.abs(values[rows][:, :, None] - table[rows][:, None, :])
        near = np.sort(np.where(np.isfinite(apart), apart, np.inf), axis=0)[len(rows) // 2]
        spread = np.minimum(_spread(values)[:, None], _spread(table)[None, :])
        close = near <= 5 * _TOLERANCE * spread
    return [(int(j), int(k)) for j, k in np.argwhere(close) if _verified(values[:, j], table[:, k])]


def _verified(values: "NDArray[np.float64]", column: "NDArray[np.float64]") -> bool:
    known, given = np.isfinite(values), np.isfinite(column)
    both = known & given
    if both.sum() < 20 or both.sum() < 0.9 * min(known.sum(), given.sum()):
        return False
    spread = float(np.min(_spread(np.column_stack([values[both], column[both]]))))
    off = np.abs(values[both] - column[both])
    return bool(spread > 0 and np.quantile(off, 0.99) <= 5 * _TOLERANCE * spread)


def _spread(values: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Return half the range of the middle 68 % of each column: few values far out do not count."""
    some = values[:: max(1, len(values) // 500)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column without any finite value
        low, high = np.nanquantile(np.where(np.isfinite(some), some, np.nan), [0.16, 0.84], axis=0)
    return np.nan_to_num((high - low) / 2)


def _trivial(values: "NDArray[np.float64]") -> bool:
    """Whether values are so few that a relation between them says little."""
    return len(np.unique(values[np.isfinite(values)][:VERIFY])) < 10


def _told(names: Sequence[str], three: tuple[str, str, str], equation: str) -> Relation:
    """Choose which of three related columns was computed from the other two."""

    def parents(name: str) -> tuple[str, str]:
        first, second = [n for n in three if n != name]
        return first, second

    composed = [n for n in three if n.replace("_", "").replace("-", "") in _composed(parents(n))]
    name = composed[0] if composed else max(three, key=list(names).index)
    return Relation(name, parents(name), equation)


def _composed(parents: tuple[str, str]) -> set[str]:
    """Return the names that a colour of two bands has: that of both, without what they share."""
    first, second = (p.replace("_", "").replace("-", "") for p in parents)
    bands = [p.lower().removesuffix("mag").removeprefix("mag") or p for p in (first, second)]
    pairs = [(first, second), (bands[0], bands[1])]
    return {a + b for a, b in pairs} | {b + a for a, b in pairs}
