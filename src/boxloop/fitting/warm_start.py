"""Ensembles that trials share: one grown to the most trees holds those that end earlier."""

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from boxloop.study.known_models import MODELS
from boxloop.study.trials import AboutModel, Fittable, named_trial

if TYPE_CHECKING:
    from numpy.typing import NDArray


def seed_name(trial: Fittable) -> str:
    """Return the name that the random numbers of a trial are drawn under.

    It is the name of the trial, or of the one that grows as far as the default: a forest of 100
    trees is then the beginning of one of 300.
    """
    size = growth_of(trial)
    if size is None:
        return str(trial["id"])
    about: AboutModel = {
        "model": trial["model"],
        "kind": trial["kind"],
        "function": trial["function"],
        "inputs": trial["inputs"],
    }
    values = {**trial["hyperparameters"], size: MODELS[str(trial["kind"])].defaults[size]}
    return str(named_trial(about, values)["id"])


def growth_of(trial: Fittable) -> str | None:
    """Return the hyperparameter by which a trial's ensemble grows; None where nothing does."""
    size = None if trial["function"] else MODELS[str(trial["kind"])].grows
    found = None if size is None else trial["hyperparameters"].get(size)
    return size if isinstance(found, int) and not isinstance(found, bool) and found > 0 else None


def grown_together(trials: Sequence[Fittable]) -> list[list[int]]:
    """Group trials that differ only in how far they grow.

    Returns
    -------
    list of list of int
        Places of the trials; most groups hold one.
    """
    groups: dict[str, list[int]] = {}
    for place, trial in enumerate(trials):
        alike = seed_name(trial) if growth_of(trial) else f"alone {place}"
        groups.setdefault(alike, []).append(place)
    return list(groups.values())


def stage(model: Any, kind: str, size: int) -> Any:
    """Return an ensemble as it would be had it been grown to a smaller size.

    Parameters
    ----------
    model : RandomForest or HistGradientBoosting estimator
        Fitted, without early stopping.
    kind : str
    size : int
        Trees of a forest, iterations of boosting.
    """
    if kind == "forest":
        smaller = copy.copy(model)
        smaller.estimators_ = model.estimators_[:size]
        return smaller.set_params(n_estimators=size)
    return (_StagedClassifier if hasattr(model, "predict_proba") else _Staged)(model, size)


class _Staged:
    """The first iterations of a fitted boosting model."""

    def __init__(self, model: Any, size: int) -> None:
        self._model, self._size = model, size

    def predict(self, matrix: "NDArray[Any]") -> "NDArray[Any]":
        return self._last(self._model.staged_predict(matrix))

    def _last(self, stages: Any) -> "NDArray[Any]":
        found: NDArray[Any]
        for _, found in zip(range(self._size), stages, strict=False):  # noqa: B007
            pass
        return found


class _StagedClassifier(_Staged):
    @property
    def classes_(self) -> "NDArray[Any]":
        found: NDArray[Any] = self._model.classes_
        return found

    def predict_proba(self, matrix: "NDArray[Any]") -> "NDArray[Any]":
        return self._last(self._model.staged_predict_proba(matrix))
