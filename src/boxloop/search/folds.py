"""The folds that trials of one model are fitted to and scored on."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.fitting import Fitted, fit_model
from boxloop.fitting.recipe_cache import RecipeCache
from boxloop.fitting.stacked import Outcome, Part, Setting
from boxloop.fitting.targets import judged, target_error
from boxloop.fitting.warm_start import growth_of, seed_name, stage
from boxloop.metrics import point_for, value
from boxloop.search.plan import Fold, SearchTask
from boxloop.store import Table
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.prepare import Recipe
    from boxloop.study.trials import Fittable

#: Most fitting rows of a fold by which the training score is taken.
TRAIN_ROWS = 5000


@dataclass(frozen=True)
class Fits:
    """What the folds of a trial gave.

    Attributes
    ----------
    scores, train_scores : list of float
        By fold; NaN where the metric is not defined.
    epochs : list of int
        By fold, networks only.
    parameters : int or None
        Weights of the network.
    predictions : pandas.DataFrame
        Out of the folds of the first repeat, with ``fold`` and ``trial``, in the order of the
        training rows.
    rows : ndarray of int
        The row of each prediction.
    rung : int or None
        After how many epochs training was stopped because other trials were better.
    """

    scores: list[float]
    train_scores: list[float]
    epochs: list[int]
    parameters: int | None
    predictions: pd.DataFrame
    rows: "NDArray[np.intp]"
    rung: int | None = None


@dataclass(frozen=True)
class Folds:
    """The folds that trials of one model are fitted to.

    Attributes
    ----------
    recipe : Recipe
    training : Table
    target : ndarray, shape (rows,)
    classes : tuple of str
    plan : sequence of Fold
    task : SearchTask
    use : tuple of str
        Name of the random stream.
    keep : bool
        Whether what the recipe makes of the rows is kept from one trial to the next.
    """

    recipe: "Recipe"
    training: Table
    target: "NDArray[Any]"
    classes: tuple[str, ...]
    plan: Sequence[Fold]
    task: SearchTask
    use: tuple[str, ...]
    keep: bool = False
    _kept: dict[int, RecipeCache] = field(default_factory=dict)

    @property
    def setting(self) -> Setting:
        """What a stack of networks is told of the study."""
        task = self.task
        return Setting(
            task.name,
            self.classes,
            (task.seed, *self.use),
            point_for(task.metric),
            tuple(task.user_code),
            task.threads,
        )

    def parts(self) -> list[Part]:
        """Return the folds as a stack learns from them; it predicts their judged rows."""
        return [
            Part(
                fold.number,
                self.training,
                fold.inside,
                np.concatenate([fold.scored, self._seen(fold)]),
                self.target[fold.inside],
                fold.stopping,
                fold.weights,
            )
            for fold in self.plan
        ]

    def of(self, trial: "Fittable", outcomes: Sequence[Outcome]) -> Fits:
        """Return what a stack gave a trial.

        Raises
        ------
        FloatingPointError
            Its training failed in a fold.
        """
        found = []
        for fold, outcome in zip(self.plan, outcomes, strict=True):
            if outcome.predictions is None:
                raise FloatingPointError(f"{outcome.failure} (fold {fold.number})")
            here = len(fold.scored)
            predicted, seen = outcome.predictions.iloc[:here], outcome.predictions.iloc[here:]
            found.append((predicted, seen.reset_index(drop=True), outcome.epochs))
        fits = self._fits(trial, found, outcomes[0].parameters)
        return replace(fits, rung=max((o.rung for o in outcomes if o.rung), default=None))

    def alone(self, trial: "Fittable") -> Fits:
        """Fit one fold after the other."""
        return self.grown([trial])[0]

    def grown(self, trials: "Sequence[Fittable]") -> list[Fits]:
        """Fit one fold after the other, the trial that grows the farthest standing for all."""
        size = growth_of(trials[0]) if len(trials) > 1 else None
        most = max(trials, key=lambda t: t["hyperparameters"][size]) if size else trials[0]
        found: list[list[Any]] = [[] for _ in trials]
        weights = None
        for fold in self.plan:
            cache = self._cache(fold)
            fitted = self._fitted(most, fold, cache)
            epochs = fitted.description["epochs"]
            weights = None if epochs is None else fitted.description["parameters"]
            for one, trial in zip(found, trials, strict=True):
                as_alone = fitted
                if size and trial is not most:
                    grown = stage(fitted.model, str(trial["kind"]), trial["hyperparameters"][size])
                    as_alone = replace(fitted, model=grown)
                predicted = [
                    as_alone.predict(table, cache.inputs(fitted.recipe, i))
                    for i, table in enumerate(cache.further)
                ]
                one.append((*predicted, None if epochs is None else int(epochs)))
        return [self._fits(t, one, weights) for t, one in zip(trials, found, strict=True)]

    def _fitted(self, trial: "Fittable", fold: Fold, cache: RecipeCache) -> Fitted:
        return fit_model(
            trial,
            self.recipe,
            cache.table,
            self.target[fold.inside],
            task=self.task.name,
            classes=self.classes,
            seed=(self.task.seed, *self.use, seed_name(trial), fold.number),
            point=point_for(self.task.metric),
            stopping=fold.stopping,
            weights=fold.weights,
            user_code=self.task.user_code,
            threads=self.task.threads,
            cache=cache,
        )

    def _cache(self, fold: Fold) -> RecipeCache:
        if fold.number in self._kept:
            return self._kept[fold.number]
        made = RecipeCache(
            self.training.take(fold.inside),
            [self.training.take(fold.scored), self.training.take(self._seen(fold))],
        )
        if self.keep:
            self._kept[fold.number] = made
        return made

    def _seen(self, fold: Fold) -> "NDArray[np.intp]":
        """Return the fitting rows by which the training score is taken."""
        return _some(fold.inside, generator(self.task.seed, "training score", fold.number))

    def _fits(
        self,
        trial: "Fittable",
        found: Sequence[tuple[pd.DataFrame, pd.DataFrame, int | None]],
        size: int | None,
    ) -> Fits:
        scores, train_scores, frames = [], [], []
        for fold, (predicted, seen, _) in zip(self.plan, found, strict=True):
            scores.append(self._score(predicted, fold.scored))
            train_scores.append(self._score(seen, self._seen(fold)))
            if fold.repeat == 1:
                frames.append(
                    predicted.assign(fold=fold.number, trial=trial["id"], row=fold.scored)
                )
        together = pd.concat(frames).sort_values("row", kind="stable")
        rows = together["row"].to_numpy()
        predictions = together.drop(columns="row").reset_index(drop=True)
        epochs = [one[2] for one in found if one[2] is not None]
        return Fits(scores, train_scores, epochs, size, predictions, rows)

    def _score(self, predicted: pd.DataFrame, rows: "NDArray[np.intp]") -> float:
        error = target_error(self.training)
        beside = None if error is None else error[rows]
        return value(self.task.metric, judged(predicted, self.target[rows], self.classes, beside))


def _some(rows: "NDArray[np.intp]", rng: np.random.Generator) -> "NDArray[np.intp]":
    """Return all rows, or so many of them, drawn at random, that a score of them is cheap."""
    return rows if len(rows) <= TRAIN_ROWS else np.sort(rng.choice(rows, TRAIN_ROWS, replace=False))
