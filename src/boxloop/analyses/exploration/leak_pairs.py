"""Pairs of columns that give the target although neither does alone."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from boxloop.analyses.exploration.leak_scores import FEWEST, Score, Scorer

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What nearly perfect columns leave unexplained (1 - R squared, or the mean error of the classes).
NEARLY = 0.03
#: What columns leave unexplained that are nearly certain to hold the target.
CERTAIN = {"number": 0.012, "classes": 0.006}
#: A pair says more than its columns when it leaves less than this part of what the better leaves.
BETTER = 0.4
#: The best single columns, and partners of each, of which pairs are tried with a tree.
TREE_COLUMNS, TREE_PARTNERS = 6, 3
#: Rows on which pairs are first looked at; pairs that are then looked at closely, at the most.
SCREENED_ROWS, CLOSE = 2_000, 30


def telling_pairs(scorer: Scorer, singles: Mapping[int, Score]) -> dict[tuple[int, ...], Score]:
    """Score the pairs worth a look; keep those nearly perfect and far better than their columns.

    Parameters
    ----------
    scorer : Scorer
    singles : mapping of int to Score
        The score of each column alone.

    Returns
    -------
    dict of (int, int) to Score
    """
    certain = CERTAIN["classes" if scorer.classes else "number"]
    free = [i for i, s in singles.items() if s.rest >= certain]
    found = {}
    for pair in _candidates_by_line(scorer, free):
        found[pair] = scorer.score(pair, tree=False)
    for pair in _candidates_by_tree(scorer, singles, free):
        found[pair] = scorer.score(pair)
    return {
        pair: s
        for pair, s in found.items()
        if s is not None
        and s.rest < NEARLY
        and s.rest < BETTER * min(singles[i].rest for i in pair)
    }


def _candidates_by_line(scorer: Scorer, free: Sequence[int]) -> list[tuple[int, int]]:
    """Fit a line to every pair on few rows; return the best that are nearly perfect."""
    if scorer.classes:
        return []
    targets = np.column_stack([t for k, t in scorer.targets.items() if k != "rank"])
    found = {}
    step = max(1, len(targets) // SCREENED_ROWS)
    for pair in combinations(free, 2):
        rows = scorer.line_rows(pair)[::step]
        if len(rows) < FEWEST // 2:
            continue
        design, truth = scorer.design(pair, rows), targets[rows] - targets[rows].mean(axis=0)
        # Normal equations, with a touch of ridge for columns that say the same.
        square = design.T @ design + 1e-9 * len(rows) * np.eye(design.shape[1])
        left = truth - design @ np.linalg.solve(square, design.T @ truth)
        spread = (truth**2).sum(axis=0)
        rest = ((left**2).sum(axis=0) / np.where(spread > 0, spread, 1.0)).min()
        if rest < 1.5 * NEARLY:
            found[pair] = float(rest)
    return sorted(found, key=lambda p: found[p])[:CLOSE]


def _candidates_by_tree(
    scorer: Scorer, singles: Mapping[int, Score], free: Sequence[int]
) -> list[tuple[int, int]]:
    """Pair the best columns with each other, and each with those that go with its residuals."""
    best = sorted(free, key=lambda i: singles[i].rest)[:TREE_COLUMNS]
    pairs = set(combinations(sorted(best), 2))
    for i in best:
        truth = scorer.targets[singles[i].scale]
        with np.errstate(invalid="ignore"):
            left = np.asarray(truth - singles[i].predicted, dtype=float)
        left = left if not scorer.classes else (left != 0).astype(float)
        told = {j: _goes_with(scorer.values[:, j], left) for j in free if j != i}
        for j in sorted(told, key=lambda j: -told[j])[:TREE_PARTNERS]:
            pairs.add((min(i, j), max(i, j)))
    return sorted(pairs)


def _goes_with(values: "NDArray[np.float64]", left: "NDArray[np.float64]") -> float:
    """Return how much of the variance of residuals lies between tenths of a column."""
    both = np.isfinite(values) & np.isfinite(left)
    x, y = values[both], left[both]
    if len(x) < FEWEST or y.var() == 0:
        return 0.0
    part = np.argsort(np.argsort(x, kind="stable"), kind="stable") * 10 // len(x)
    means = np.bincount(part, weights=y) / np.bincount(part)
    return float(means.var() / y.var())
