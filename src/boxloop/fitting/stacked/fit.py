"""Fit trials to the folds of a plan, those of one architecture as one network."""

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from boxloop.errors import BoxloopError
from boxloop.fitting.backend import prepare_backend
from boxloop.fitting.build import Builder, shape_of
from boxloop.fitting.external import is_external
from boxloop.fitting.recipe import fit_recipe
from boxloop.fitting.stacked.alike import SHARED, likeness
from boxloop.fitting.stacked.fits import Fit, Outcome, Part, Setting, outcome_of, training_sets_of
from boxloop.fitting.stacked.halving import Found, Halving, Running, abreast, by_rungs
from boxloop.fitting.stacked.members import Data
from boxloop.fitting.stacked.memory import bytes_of_data, room
from boxloop.fitting.stacked.stackable import Stackable

if TYPE_CHECKING:
    from boxloop.results.prepare import Recipe
    from boxloop.store import Table
    from boxloop.study.trials import Fittable

log = logging.getLogger("boxloop")

Result = TypeVar("Result")


def fit_stacked(
    trials: "Sequence[Fittable]",
    unfitted: "Recipe",
    parts: Sequence[Part],
    setting: Setting,
    *,
    folder: Path | None = None,
    key: str = "",
    progress: Callable[[int, int, int], None] | None = None,
    halving: Halving | None = None,
) -> Iterator[tuple[list[int], list[list[Outcome]] | None]]:
    """Train the networks of trials in all folds, those of one architecture together.

    Parameters
    ----------
    trials : sequence of Fittable
        All of one model.
    unfitted : Recipe
        The model's recipe.
    parts : sequence of Part
    setting : Setting
    folder : Path, optional
        Where stacks are kept while they train.
    key : str
        Hash of code and data: a checkpoint of others is not used.
    progress : callable, optional
        Told after an epoch its number, how many networks still train, and of how many.
    halving : Halving, optional
        Stop the worse trials early; what cannot be stacked is trained to its end.

    Yields
    ------
    places : list of int
        Of the trials that have finished.
    outcomes : list of list of Outcome, or None
        For each of them and each part; None where they have to be trained one by one, which a line
        of the log gives the reason of.
    """
    prepare_backend(setting.threads)
    most = room(folder, key)
    about = _About(most, folder, key, progress)
    fitted = partial(_fit_parts, trials, unfitted, setting=setting, about=about)
    several = _at_a_time(trials[0], unfitted, parts, setting, most)
    if halving or several >= len(parts):  # halving compares trials by all of their folds
        yield from fitted(parts, halving=halving)
        return
    log.info("%d of %d folds at a time: memory has no room for more", several, len(parts))
    found: dict[int, list[Outcome]] = {}
    alone: set[int] = set()
    for start in range(0, len(parts), several):
        for places, outcomes in fitted(parts[start : start + several]):
            alone |= set(places if outcomes is None else ())
            for place, more in zip(places, outcomes or [], strict=False):
                found.setdefault(place, []).extend(more)
    stacked = [place for place in sorted(found) if place not in alone]
    if stacked:
        yield stacked, [found[place] for place in stacked]
    if alone:
        yield sorted(alone), None


def _at_a_time(
    trial: "Fittable",
    unfitted: "Recipe",
    parts: Sequence[Part],
    setting: Setting,
    most: float,
) -> int:
    """Return how many folds memory has room for, each as arrays and as tensors."""
    _, data = training_sets_of([trial], unfitted, parts[:1], setting)
    return max(1, int(most / (2 * bytes_of_data(data[0]))))


def _fit_parts(
    trials: "Sequence[Fittable]",
    unfitted: "Recipe",
    parts: Sequence[Part],
    *,
    setting: Setting,
    about: "_About",
    halving: Halving | None = None,
) -> Iterator[tuple[list[int], list[list[Outcome]] | None]]:
    fits, data = training_sets_of(trials, unfitted, parts, setting)
    groups, others = _alike(trials, fits)
    every = _Groups(fits, data, about)
    trained = every.by_rungs(groups, halving) if halving else every.one_by_one(groups)
    for places, found in trained:
        if found is None:
            others += places
            continue
        yield (
            places,
            [
                [outcome_of(*found[t, p], part, setting) for p, part in enumerate(parts)]
                for t in places
            ],
        )
    if others:
        yield sorted(others), None


def trains_network(trial: "Fittable", unfitted: "Recipe", table: "Table", setting: Setting) -> bool:
    """Whether the model of a trial is a Keras network; a user's function is called to see.

    Parameters
    ----------
    table : Table
        Rows to learn from.
    """
    builder = Builder(
        trial, setting.classes, setting.task, setting.seed, setting.threads, setting.user_code
    )
    if not trial["function"] or is_external(trial):
        return not is_external(trial) and builder.registered_network
    try:
        return builder.estimator(fit_recipe(unfitted, table), table) is None
    except BoxloopError:
        raise
    except Exception:  # the fit will raise it again, and say so of its trial
        return False


def _say_alone(reason: object) -> None:
    text = str(reason).strip().splitlines() or [type(reason).__name__]
    log.info("trained one by one: %s", text[0][:200])


def _alike(trials: "Sequence[Fittable]", fits: Sequence[Fit]) -> tuple[list[list[int]], list[int]]:
    """Return the trials of each architecture, and those whose network could not be built."""
    found: dict[str, list[int]] = {}
    texts: dict[str, str] = {}
    others = []
    first = {fit.trial: fit for fit in reversed(fits)}
    for place in range(len(trials)):
        fit = first[place]
        try:
            given = fit.builder.given
            design = repr((given, [fit.hyperparameters[name] for name in SHARED]))
            if design not in texts:
                texts[design] = likeness(fit.build(), fit.hyperparameters, given)
        except BoxloopError:
            raise
        except Exception as error:  # hyperparameters that its layers refuse
            _say_alone(error)
            others.append(place)
        else:
            found.setdefault(texts[design], []).append(place)
    return list(found.values()), others


@dataclass(frozen=True)
class _About:
    """What the training of all stacks is told: how much they may hold, where they are kept."""

    most: float
    folder: Path | None
    key: str
    progress: Callable[[int, int, int], None] | None


@dataclass(frozen=True)
class _Groups:
    """The fits of all trials, to be trained by architecture."""

    fits: Sequence[Fit]
    data: Sequence[Data]
    about: _About

    def one_by_one(self, groups: Sequence[list[int]]) -> Iterator[tuple[list[int], Found | None]]:
        """Train group after group; None for those that have to be trained alone."""
        for places in groups:
            yield places, self._tried(partial(self._train, places))
            gc.collect()  # networks and their graphs refer to each other in circles

    def by_rungs(
        self, groups: Sequence[list[int]], halving: Halving
    ) -> Iterator[tuple[list[int], Found | None]]:
        """Train all groups at the same time, and stop the worse trials of all at each rung."""
        rungs = halving.rungs(max(int(fit.hyperparameters["epochs"]) for fit in self.fits))
        running: dict[tuple[int, ...], Running] = {}
        for places in groups:
            stacks = self._tried(partial(self._stacks, places))
            if stacks is None:
                yield places, None
            else:
                training = abreast([stack.by_rungs(rungs) for stack in stacks], len(rungs))
                running[tuple(places)] = training
        kinds = {fit.trial: halving.kind(fit.trial, fit.hyperparameters) for fit in self.fits}
        yield from by_rungs(running, kinds, halving.factor, len(rungs), self._tried)

    def _train(self, places: Sequence[int]) -> Found | None:
        stacks = self._stacks(places)
        if stacks is None:
            return None
        found: Found = {}
        for stack in stacks:
            for fit, result in zip(stack.fits, stack.results(), strict=True):
                found[fit.trial, fit.part] = fit, result, stack.parameters
        return found

    def _stacks(self, places: Sequence[int]) -> list[Stackable] | None:
        """Return the stacks of trials of one architecture; None where there can be none."""
        shapes: dict[str, list[Fit]] = {}
        for fit in self.fits:
            # Folds may differ in the columns that vary in them, or in the longest light curve.
            if fit.trial in places:
                shapes.setdefault(repr(shape_of(fit.training_set.inputs)), []).append(fit)
        stacks = []
        for fits in shapes.values():
            about = self.about
            stack = Stackable(fits, self.data, about.most, about.folder, about.key, about.progress)
            if stack.driver == "alone":
                _say_alone(stack.reason)
                return None
            stacks.append(stack)
        return stacks

    @staticmethod
    def _tried(train: Callable[[], Result | None]) -> Result | None:
        """Return what a training gives, or None where it breaks off, with a line of the log."""
        try:
            return train()
        except BoxloopError:
            raise
        except Exception as error:  # layers and losses of a user's own may raise anything
            _say_alone(error)
            return None
