"""How well a few columns alone give the target: cross-validated trees and lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Fold = tuple[NDArray[np.intp], NDArray[np.intp]]

FOLDS = 3
#: A score on fewer rows, or on a smaller fraction of all, says too little.
FEWEST, SMALLEST = 60, 0.1
#: Rows that the model of many columns learns from at the most.
OTHERS_ROWS = 4_000


@dataclass(frozen=True)
class Score:
    """What is left unexplained: 1 - R squared, or the mean error rate of the classes.

    Attributes
    ----------
    rest : float
        0 is perfect, 1 the mean (regression) or 1 - 1/k guessing (k classes).
    scale : str
        classes, or that of the target: value, log, rank.
    how : str
        tree or line.
    rows : ndarray of int
        Rows it was measured on.
    predicted : ndarray, shape (all rows,)
        Out-of-fold predictions on the scale.
    """

    rest: float
    scale: str
    how: str
    rows: "NDArray[np.intp]"
    predicted: "NDArray[Any]"


class Scorer:
    """Scores sets of columns against one target on fixed folds.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        May hold NaN.
    target : ndarray, shape (rows,)
        Finite numbers, or class codes 0 ... k-1.
    classes : bool
    seed : int
    groups : ndarray, shape (rows,), optional
        Rows of one group never stand in two folds.
    """

    def __init__(
        self,
        values: "Floats",
        target: "NDArray[Any]",
        *,
        classes: bool,
        seed: int,
        groups: "NDArray[Any] | None" = None,
    ) -> None:
        self.values, self.classes, self.seed = values, classes, seed
        self.targets = {"classes": target} if classes else _scales(target)
        self.folds = _folds(target, classes, seed, groups)
        self.finite = np.isfinite(values)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log10(np.abs(values))
        # A column with zeros has no logarithm to speak of.
        self.has_log = np.isfinite(logs).sum(axis=0) >= 0.99 * self.finite.sum(axis=0)
        self.logs = np.where(np.isfinite(logs), logs, np.nan)

    def score(self, columns: Sequence[int], *, tree: bool = True) -> Score | None:
        """Return the best score of a set of columns, or None where too few rows have them."""
        found = [self._line(columns, scale) for scale in self.targets if scale in ("value", "log")]
        found += self._tree(columns) if tree else []
        return min((f for f in found if f is not None), key=lambda f: f.rest, default=None)

    def others(self, columns: Sequence[int], scale: str) -> "NDArray[Any]":
        """Return out-of-fold predictions of a boosted model on many columns."""
        target = self.targets[scale]
        kind = HistGradientBoostingClassifier if self.classes else HistGradientBoostingRegressor
        predicted = np.zeros(len(target), dtype=target.dtype)
        x = self.values[:, list(columns)]
        for train, test in self.folds:
            some = train[:: max(1, -(-len(train) // OTHERS_ROWS))]
            model = kind(
                max_iter=40, max_leaf_nodes=15, early_stopping=False, random_state=self.seed
            )
            model.fit(x[some], target[some])
            predicted[test] = model.predict(x[test])
        return predicted

    def rest(
        self,
        predicted: "NDArray[Any]",
        scale: str,
        rows: "NDArray[np.intp]",
        only: int | None = None,
    ) -> float:
        """Return what predictions leave unexplained on some rows; of one class where `only`."""
        truth, guess = self.targets[scale][rows], predicted[rows]
        if not self.classes:
            spread = float(np.mean((truth - truth.mean()) ** 2))
            return float(np.mean((truth - guess) ** 2)) / spread if spread > 0 else 1.0
        if only is not None:
            truth, guess = truth == only, guess == only
        wrong = [float(np.mean(guess[truth == c] != c)) for c in np.unique(truth)]
        return float(np.mean(wrong))

    def enough(self, rows: "NDArray[np.intp]") -> bool:
        """Say whether rows are many, and for classes whether every class is among them."""
        n = len(self.values)
        if len(rows) < max(FEWEST, SMALLEST * n):
            return False
        if not self.classes:
            return True
        codes = self.targets["classes"]
        counts = np.bincount(codes[rows], minlength=int(codes.max()) + 1)
        return bool((counts >= 10).all())

    def line_rows(self, columns: Sequence[int]) -> "NDArray[np.intp]":
        """Return the rows that have all columns."""
        kept: NDArray[np.bool_] = np.all(self.finite[:, list(columns)], axis=1)
        for c in columns:
            if self.has_log[c]:
                kept = kept & np.isfinite(self.logs[:, c])
        return np.flatnonzero(kept)

    def design(self, columns: Sequence[int], rows: "NDArray[np.intp]") -> "Floats":
        """Return a constant, the columns, and the logarithms of those that have one."""
        parts = [np.ones(len(rows)), *(_scaled(self.values[rows, c]) for c in columns)]
        parts += [_scaled(self.logs[rows, c]) for c in columns if self.has_log[c]]
        return np.column_stack(parts)

    def _line(self, columns: Sequence[int], scale: str) -> Score | None:
        rows = self.line_rows(columns)
        if not self.enough(rows):
            return None
        target, design = self.targets[scale], self.design(columns, rows)
        place = np.full(len(target), -1)
        place[rows] = np.arange(len(rows))
        predicted = np.full(len(target), np.nan)
        for train, test in self.folds:
            train, test = train[place[train] >= 0], test[place[test] >= 0]
            if len(train) < design.shape[1] + 1 or not len(test):
                return None
            weights = np.linalg.lstsq(design[place[train]], target[train], rcond=1e-9)[0]
            predicted[test] = design[place[test]] @ weights
        return Score(self.rest(predicted, scale, rows), scale, "line", rows, predicted)

    def _tree(self, columns: Sequence[int]) -> list[Score]:
        scale = "classes" if self.classes else "rank"
        target = self.targets[scale]
        predicted = np.zeros(len(target), dtype=target.dtype)
        x = self.values[:, list(columns)]
        for train, test in self.folds:
            model = (
                DecisionTreeClassifier(
                    max_leaf_nodes=32,
                    min_samples_leaf=3,
                    class_weight="balanced",
                    random_state=self.seed,
                )
                if self.classes
                else DecisionTreeRegressor(min_samples_leaf=4, random_state=self.seed)
            )
            predicted[test] = model.fit(x[train], target[train]).predict(x[test])
        everything = np.arange(len(target))
        there = np.flatnonzero(self.finite[:, list(columns)].all(axis=1))
        # A column with gaps may give the target away where it is there, or by its gaps.
        return [
            Score(self.rest(predicted, scale, rows), scale, "tree", rows, predicted)
            for rows in ([everything, there] if len(there) < len(target) else [everything])
            if self.enough(rows)
        ]


def _scales(target: "Floats") -> dict[str, "Floats"]:
    order = np.argsort(np.argsort(target, kind="stable"), kind="stable")
    _, code, counts = np.unique(target, return_inverse=True, return_counts=True)
    ranks = np.bincount(code, weights=order) / counts  # equal numbers share their mean rank
    scales = {"value": target, "rank": ranks[code] / len(target)}
    return scales | ({"log": np.log10(target)} if (target > 0).all() else {})


def _folds(
    target: "NDArray[Any]", classes: bool, seed: int, groups: "NDArray[Any] | None"
) -> list["Fold"]:
    if groups is not None and len(np.unique(groups)) >= FOLDS:
        splitter: Any = GroupKFold(FOLDS, shuffle=True, random_state=seed)
        return list(splitter.split(target, target, groups))
    kind = StratifiedKFold if classes else KFold
    return list(kind(FOLDS, shuffle=True, random_state=seed).split(target, target))


def _scaled(values: "Floats") -> "Floats":
    spread = values.std()
    scaled: Floats = (values - values.mean()) / (spread if spread > 0 else 1.0)
    return scaled
