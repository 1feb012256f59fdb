"""What a search is done on: the task that all trials share, and the folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxloop.sampling import fold_rows, repeats_in, scored_folds

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from boxloop.fitting.stacked import Halving


@dataclass(frozen=True)
class SearchTask:
    """What all trials of a study share.

    Attributes
    ----------
    name : str
        classification or regression.
    metric : str
    seed : int
    user_code : sequence of str
    threads : int
    halving : Halving, optional
        How trials of networks are thinned out while they train.
    """

    name: str
    metric: str
    seed: int
    user_code: Sequence[str] = ()
    threads: int = 1
    halving: "Halving | None" = None


@dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows to be scored on; they share no unit.

    Attributes
    ----------
    number : int
    inside, scored : ndarray of int
        Rows of the training table.
    stopping : ndarray of bool, shape (len(inside),)
        The inner slice of `inside` by which a network stops early.
    weights : ndarray, shape (len(inside),), optional
        How much each row teaches, beside what the recipe says.
    repeat : int
        The repeat that it is a fold of, from 1.
    """

    number: int
    inside: "NDArray[np.intp]"
    scored: "NDArray[np.intp]"
    stopping: "NDArray[np.bool_]"
    weights: "NDArray[np.float64] | None" = None
    repeat: int = 1


def plan_of(dealt: "pd.DataFrame") -> list[Fold]:
    """Return the plan that ``prepare/folds.parquet`` stands for, repeat by repeat."""
    plan: list[Fold] = []
    for repeat, names in enumerate(repeats_in(dealt), start=1):
        folds, slices = (dealt[name].to_numpy() for name in names)
        before = len(plan)
        for fold in scored_folds(folds):
            inside, scored = fold_rows(folds, fold)
            stopping = slices[inside] == fold % (slices.max() + 1)
            plan.append(Fold(before + fold, inside, scored, stopping, repeat=repeat))
    return plan


def of_first_repeat(plan: Sequence[Fold]) -> list[Fold]:
    """Return the folds in which every object is predicted once."""
    return [fold for fold in plan if fold.repeat == 1]
