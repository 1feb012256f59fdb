"""Points that a sampler of optuna asks for, told the results of other trials."""

import json
from collections.abc import Iterator, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any

from boxloop.metrics import REGISTRY
from boxloop.study.points import short
from boxloop.study.searching import Hyperparameters, Range

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

    from boxloop.results.search import TrialResult

#: No sampler is given more trials to begin with at random than this; the first round is random.
STARTUP = 10


def asked_points(
    space: dict[str, Any], results: "Sequence[TrialResult]", sampler: str, metric: str, seed: int
) -> Iterator[tuple[Hyperparameters, Any]]:
    """Ask a sampler for one point after the other, without end.

    Parameters
    ----------
    space : dict
        Lists and ranges by hyperparameter, as plain data.
    results : sequence of TrialResult
        Trials of the same space that have ended; those that gave no score are told as failed.
    sampler : str
        Class of ``optuna.samplers``.
    metric : str
    seed : int

    Yields
    ------
    point : dict
        Values by hyperparameter.
    drop : callable
        To be called where the point is of no use: the sampler forgets that it asked.
    """
    import optuna
    from optuna.trial import TrialState

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    axes = {key: _axis(values) for key, values in space.items()}
    along = {key: axis.distribution() for key, axis in axes.items()}
    done = [r for r in results if r["status"] == "done" and r["mean"] is not None]
    study = optuna.create_study(
        sampler=_sampler(sampler, seed, len(done)),
        direction="maximize" if REGISTRY[metric].larger_is_better else "minimize",
    )
    for result in results:
        values = result["hyperparameters"]
        there = {"value": result["mean"]} if result in done else {"state": TrialState.FAIL}
        params = {key: axis.place(values[key]) for key, axis in axes.items()}
        study.add_trial(optuna.create_trial(params=params, distributions=along, **there))
    while True:
        trial = study.ask(along)
        point = {key: axis.value(trial.params[key]) for key, axis in axes.items()}
        yield point, lambda trial=trial: study.tell(trial, state=TrialState.FAIL)


def _sampler(name: str, seed: int, done: int) -> "BaseSampler":
    """Return a sampler that makes use of the trials there are, and of those that still run."""
    from optuna import samplers

    kind = getattr(samplers, name)
    options = {
        "seed": seed,
        "n_startup_trials": max(1, min(STARTUP, done)),
        "constant_liar": True,
    }
    known = signature(kind).parameters
    made: BaseSampler = kind(**{k: v for k, v in options.items() if k in known})
    return made


class Steps:
    """The values of a list, as a sampler sees them by their number.

    Numbers are steps of a stair, from the smallest up; anything else has no order.
    """

    def __init__(self, values: list[Any]) -> None:
        self.ordered = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        self.values = sorted(values) if self.ordered else values

    def distribution(self) -> "BaseDistribution":
        """Return what optuna draws from."""
        from optuna.distributions import CategoricalDistribution, IntDistribution

        n = len(self.values)
        return IntDistribution(0, n - 1) if self.ordered else CategoricalDistribution([*range(n)])

    def place(self, value: Any) -> int:
        """Return what optuna knows a value by."""
        return [_text(v) for v in self.values].index(_text(value))

    def value(self, place: Any) -> Any:
        """Return the value that optuna asks for."""
        return self.values[place]


class Span:
    """A range, as a sampler sees it."""

    def __init__(self, limits: Range) -> None:
        self.low, self.high = limits.low, limits.high
        self.log, self.integer = limits.log, limits.integer
        if limits.integer:  # as a draw is rounded; optuna takes the logarithm from 1 on
            self.low = max(round(self.low), 1) if self.log else round(self.low)
            self.high = max(round(self.high), self.low)

    def distribution(self) -> "BaseDistribution":
        """Return what optuna draws from."""
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.integer:
            return IntDistribution(int(self.low), int(self.high), log=self.log)
        return FloatDistribution(self.low, self.high, log=self.log)

    def place(self, value: Any) -> Any:
        """Return what optuna knows a value by; the last digit kept may lie outside."""
        return min(max(value, self.low), self.high)

    def value(self, place: Any) -> Any:
        """Return the value that optuna asks for, with as many digits as drawn ones have."""
        return place if self.integer else short(place)


def _axis(values: list[Any] | dict[str, Any]) -> Steps | Span:
    return Steps(values) if isinstance(values, list) else Span(Range.model_validate(values))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
