"""What a probe works with: the selected trial, its folds, and comparisons on the same objects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from boxloop.errors import BoxloopError
from boxloop.fitting.targets import encoded, judged, target_error
from boxloop.metrics import REGISTRY, Judged, Resamples, interval
from boxloop.metrics.interval import Distribution, distributions
from boxloop.metrics.score import statistic
from boxloop.search.fold_fits import Fits, fit_folds
from boxloop.search.plan import Fold, SearchTask
from boxloop.store import Table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from boxloop.results.prepare import Recipe
    from boxloop.results.search import Gain
    from boxloop.study.trials import Fittable


@dataclass(frozen=True)
class Probed:
    """What every probe needs.

    Attributes
    ----------
    trial : Fittable
        The selected model.
    recipe : Recipe
    training : Table
        Training objects.
    plan : list of Fold
        The folds of the search.
    units : ndarray, shape (n,)
        The unit of each row.
    group : str or None
        Column of the unit; None where every row is one.
    task : SearchTask
    out_of_fold : pandas.DataFrame
        Predictions of that trial in the search.
    settings : mapping
        The study's section ``probes``.
    """

    trial: "Fittable"
    recipe: "Recipe"
    training: Table
    plan: list[Fold]
    units: "NDArray[Any]"
    group: str | None
    task: SearchTask
    out_of_fold: "pd.DataFrame"
    settings: dict[str, Any]
    time: str | None = None
    target: Table | None = None

    @property
    def grouped(self) -> bool:
        """Whether units may have several rows."""
        return self.group is not None

    @property
    def ids(self) -> "NDArray[Any]":
        """Names of the rows."""
        return self.training.ids

    def fits(
        self,
        use: tuple[str, ...],
        plan: Sequence[Fold] | None = None,
        labels: "NDArray[Any] | None" = None,
        task: SearchTask | None = None,
    ) -> tuple[Fits, Judged]:
        """Fit the folds, and put all out-of-fold predictions beside the truth."""
        target, classes = encoded(self.training, self.task.name)
        target = target if labels is None else labels
        plan = self.plan if plan is None else plan
        fits = fit_folds(
            self.trial, self.recipe, self.training, target, classes, plan, task or self.task, use
        )
        error = target_error(self.training)
        beside = None if error is None else error[fits.rows]
        return fits, judged(fits.predictions, target[fits.rows], classes, beside)

    def searched(self, rows: "NDArray[np.intp]") -> Judged:
        """Put the predictions of the search for some rows beside the truth."""
        target, classes = encoded(self.training, self.task.name)
        found = self.out_of_fold.set_index("id").loc[self.ids[rows]].reset_index()
        error = target_error(self.training)
        return judged(found, target[rows], classes, None if error is None else error[rows])


class Paired(NamedTuple):
    """Two scores on the same objects, and by how much the second is better."""

    first: float
    second: float
    gain: "Gain"


def paired(
    probed: Probed,
    pair: dict[str, Judged],
    rows: "NDArray[np.intp]",
    weight: "NDArray[np.float64]",
) -> "Paired":
    """Return both scores, and by how much the second is better, with its interval by unit."""
    metric = REGISTRY[probed.task.metric]
    functions: dict[str, Callable[..., Any]] = {}
    for name, each in pair.items():
        function = statistic(metric, each)
        if function is None:
            raise BoxloopError(f"{metric.name} is not defined for {name}")
        functions[name] = lambda w, f=function: f(w * weight)
    resamples = Resamples(probed.units[rows], probed.task.seed, "probe")
    found = distributions(functions, resamples)
    first, second = (found[name] for name in pair)
    sign = 1.0 if metric.larger_is_better else -1.0
    gain = Distribution(
        sign * (second.value - first.value),
        sign * (second.resampled - first.resampled),
        sign * (second.left_out - first.left_out),
    )
    low, high = interval(gain) or (None, None)
    of_units = resamples.n_units
    return Paired(
        first.value,
        second.value,
        {"gain": gain.value, "low": low, "high": high, "n_units": of_units},
    )
