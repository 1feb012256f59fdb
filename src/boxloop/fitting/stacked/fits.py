"""What is fitted as one: trials, each in every fold, and what comes out for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.fitting.build import Builder, shape_of
from boxloop.fitting.error_resampling import copies_of
from boxloop.fitting.fitted import predictions_of
from boxloop.fitting.stacked.members import Data, StackedResult
from boxloop.fitting.training_set import NetworkTrainingSet, network_training_set
from boxloop.study.known_model import FITTING
from boxloop.study.searching import Hyperparameters

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from boxloop.results.prepare import Recipe
    from boxloop.store import Table
    from boxloop.study.trials import Fittable


@dataclass(frozen=True)
class Part:
    """The rows of one fold; tables are taken from the training table when they are asked for.

    Attributes
    ----------
    number : int
    training : Table
    inside, judged : ndarray of int
        Rows of `training` to learn from, and to predict.
    target : ndarray, shape (len(inside),)
    stopping : ndarray of bool, shape (len(inside),)
        The inner slice.
    weights : ndarray, shape (len(inside),), or None
    """

    number: int
    training: "Table"
    inside: "NDArray[np.intp]"
    judged: "NDArray[np.intp]"
    target: "NDArray[Any]"
    stopping: "NDArray[np.bool_]"
    weights: "NDArray[np.float64] | None"

    @property
    def table(self) -> "Table":
        """The rows to learn from."""
        return self.training.take(self.inside)

    @property
    def scored(self) -> "Table":
        """The rows to predict."""
        return self.training.take(self.judged)

    @property
    def ids(self) -> "NDArray[Any]":
        """Names of the rows to predict."""
        names = self.training.ids
        found: NDArray[Any] = names[self.judged]
        return found


@dataclass(frozen=True)
class Outcome:
    """What training gave a trial in one fold.

    Attributes
    ----------
    predictions : pandas.DataFrame or None
        Of the rows to predict, as `boxloop.fitting.Fitted` gives them; None after a failure.
    epochs, parameters : int
    failure : str
    rung : int or None
        After how many epochs it was stopped because other trials were better.
    """

    predictions: "pd.DataFrame | None"
    epochs: int
    parameters: int
    failure: str = ""
    rung: int | None = None


@dataclass(frozen=True)
class Setting:
    """What all trials share.

    Attributes
    ----------
    task : str
    classes : tuple of str
    seed : tuple
        Root seed and the names of its use; trial and fold are added to them.
    point : {"median", "mean"}
    user_code : tuple of str
    threads : int
    """

    task: str
    classes: tuple[str, ...]
    seed: tuple[Any, ...]
    point: str = "median"
    user_code: tuple[str, ...] = ()
    threads: int = 1


@dataclass(frozen=True)
class Fit:
    """One trial in one fold: how to build its network, and what it learns.

    Attributes
    ----------
    trial, part, data : int
        Places of the trial, of the fold, and of what it learns from.
    builder : Builder
    training_set : NetworkTrainingSet
    """

    trial: int
    part: int
    builder: Builder
    training_set: NetworkTrainingSet
    data: int

    @property
    def hyperparameters(self) -> Hyperparameters:
        """Those of the training included."""
        return {**FITTING, **self.builder.trial["hyperparameters"]}

    def build(self) -> Any:
        """Return its uncompiled network."""
        return self.builder.build(shape_of(self.training_set.inputs))


def training_sets_of(
    trials: "Sequence[Fittable]",
    unfitted: "Recipe",
    parts: Sequence[Part],
    setting: Setting,
) -> tuple[list[Fit], list[Data]]:
    """Prepare every fold once for all trials, or once for each where they scatter copies.

    Returns
    -------
    fits : list of Fit, trials in order and the parts of each
    data : list of Data
    """
    fits: list[Fit] = []
    data: list[Data] = []
    training_sets: dict[tuple[int, ...], tuple[int, NetworkTrainingSet]] = {}
    root, *use = setting.seed
    for t, trial in enumerate(trials):
        for p, part in enumerate(parts):
            builder = Builder(
                trial, setting.classes, setting.task, (root, *use, trial["id"], part.number),
                setting.threads, setting.user_code,
            )  # fmt: skip
            whose = (t, p) if copies_of(unfitted) else (p,)
            if whose not in training_sets:
                training_set = network_training_set(
                    builder, unfitted, part.table, part.target, part.stopping, part.weights
                )
                training_sets[whose] = len(data), training_set
                data.append(_data(training_set, part))
            index, training_set = training_sets[whose]
            fits.append(Fit(t, p, builder, training_set, index))
    return fits, data


def _data(training_set: NetworkTrainingSet, part: Part) -> Data:
    inner = (
        None
        if training_set.inner is None
        else Data(training_set.inner[0], _column(training_set.inner[1]))
    )
    weights = None if training_set.weights is None else training_set.weights.astype(np.float32)
    scored = training_set.recipe.transform(part.scored)
    return Data(training_set.inputs, _column(training_set.target), weights, inner, scored)


def _column(target: "NDArray[Any]") -> "NDArray[Any]":
    """Give numbers the rank of a network's output; codes of classes stay."""
    return target[:, None] if target.dtype.kind == "f" else target


def outcome_of(
    fit: Fit, result: StackedResult, parameters: int, part: Part, setting: Setting
) -> Outcome:
    """Return what training gave a fit, its output turned into predictions."""
    if result.failure or result.output is None:
        return Outcome(None, result.epochs, parameters, result.failure)
    predictions = predictions_of(
        result.output,
        part.ids,
        classes=setting.classes,
        scaling=fit.training_set.scaling,
        components=fit.builder.components,
        point=setting.point,
    )
    return Outcome(predictions, result.epochs, parameters, rung=result.rung)
