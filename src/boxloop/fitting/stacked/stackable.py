"""Train fits of one architecture, in as many stacks as memory asks for."""

import logging
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from boxloop.fitting.checkpoint import Checkpoint, fingerprint
from boxloop.fitting.losses import by_row
from boxloop.fitting.network import optimizer_of
from boxloop.fitting.stacked.drivers import choose_driver
from boxloop.fitting.stacked.fits import Fit
from boxloop.fitting.stacked.halving import Running, abreast
from boxloop.fitting.stacked.members import Data, Member, StackedResult
from boxloop.fitting.stacked.memory import bytes_of_data, bytes_of_member, split_to_fit
from boxloop.fitting.stacked.train import ended, train_by_rungs, train_stacked

log = logging.getLogger("boxloop")


class Stackable:
    """Fits whose networks have the same variables and inputs.

    Parameters
    ----------
    fits : sequence of Fit
    data : sequence of Data
        What all fits learn from, these and others.
    most : float
        Bytes that a stack may take.
    folder, key, progress
        As of `boxloop.fitting.stacked.fit_stacked`.

    Attributes
    ----------
    driver, reason : str
        ``alone`` where they cannot be trained as one, and why.
    parameters : int
        Weights of each network.
    """

    def __init__(
        self,
        fits: Sequence[Fit],
        data: Sequence[Data],
        most: float,
        folder: Path | None,
        key: str,
        progress: Callable[[int, int, int], None] | None,
    ) -> None:
        self.fits, self.data, self.most = fits, data, most
        self.folder, self.key, self.progress = folder, key, progress
        builder, hyperparameters = fits[0].builder, fits[0].hyperparameters
        self.options = {
            "loss": by_row(builder.loss),
            "optimizer": optimizer_of(hyperparameters),
            "batch_size": int(hyperparameters["batch_size"]),
        }
        model = fits[0].build()
        self.parameters = int(model.count_params())
        self.each = bytes_of_member(model, self.options["batch_size"])
        self.driver, self.width, self.reason = choose_driver(
            self._build, *self._members(range(len(fits))), keras_loss=builder.loss, **self.options
        )

    def results(self) -> list[StackedResult]:
        """Train all of them, as many at a time as memory has room for."""
        members, _ = self._members(range(len(self.fits)), anew=False)
        sizes = [bytes_of_data(one) for one in self.data]
        found: dict[int, StackedResult] = {}
        for places in split_to_fit(members, sizes, self.each, self.most):
            found |= self._together(places)
        return [found[place] for place in range(len(self.fits))]

    def by_rungs(self, rungs: Sequence[int]) -> Running:
        """Train all of them at the same time from rung to rung, in several stacks if need be."""
        members, _ = self._members(range(len(self.fits)), anew=False)
        sizes = [bytes_of_data(one) for one in self.data]
        stacks = split_to_fit(members, sizes, self.each, self.most)
        return abreast([self._by_rungs(places, rungs) for places in stacks], len(rungs))

    def _by_rungs(self, places: Sequence[int], rungs: Sequence[int]) -> Running:
        """Train some of them as one."""
        members, data = self._members(places)
        log.info("%d networks as one (%s)", len(places), self.driver)
        fits = [self.fits[place] for place in places]
        training = train_by_rungs(
            self._build,
            members,
            data,
            rungs,
            driver=self.driver,
            width=self.width,
            progress=self._told(len(places)),
            checkpoint=self._checkpoint(members, data),
            **self.options,
        )
        stop: set[int] | None = None
        for _ in rungs:
            losses = training.send(stop)  # type: ignore[arg-type]
            trials = yield {(f.trial, f.part): x for f, x in zip(fits, losses, strict=True)}
            stop = {place for place, fit in enumerate(fits) if fit.trial in trials}
        results: list[StackedResult] = ended(training, stop)
        return {
            (fit.trial, fit.part): (fit, result, self.parameters)
            for fit, result in zip(fits, results, strict=True)
        }

    def _together(self, places: Sequence[int]) -> dict[int, StackedResult]:
        """Train some of them as one; in halves where that is too much for the memory."""
        import tensorflow as tf

        members, data = self._members(places)
        log.info("%d networks as one (%s)", len(places), self.driver)
        try:
            results = train_stacked(
                self._build,
                members,
                data,
                driver=self.driver,
                width=self.width,
                progress=self._told(len(places)),
                checkpoint=self._checkpoint(members, data),
                **self.options,
            )
        except (tf.errors.ResourceExhaustedError, MemoryError) as error:
            if len(places) == 1:
                return {places[0]: StackedResult(failure=f"out of memory: {type(error).__name__}")}
            half = len(places) // 2
            log.info("out of memory: %d networks in two halves", len(places))
            return self._together(places[:half]) | self._together(places[half:])
        return dict(zip(places, results, strict=True))

    def _members(
        self, places: Sequence[int], *, anew: bool = True
    ) -> tuple[list[Member], list[Data]]:
        """Return members, and the data that they learn from, numbered `anew` for them alone."""
        fits = [self.fits[place] for place in places]
        used = list(dict.fromkeys(fit.data for fit in fits))
        number = {index: i if anew else index for i, index in enumerate(used)}
        members = [Member(number[f.data], f.builder.seed, f.hyperparameters) for f in fits]
        return members, [self.data[index] for index in used]

    def _build(self, member: Member) -> Any:
        return self._by_seed[member.seed].build()

    @cached_property
    def _by_seed(self) -> dict[tuple[Any, ...], Fit]:
        return {fit.builder.seed: fit for fit in self.fits}

    def _told(self, networks: int) -> Callable[[int, int], None] | None:
        tell = self.progress
        return None if tell is None else lambda epoch, training: tell(epoch, training, networks)

    def _checkpoint(self, members: Sequence[Member], data: Sequence[Data]) -> Checkpoint | None:
        if self.folder is None:
            return None
        about = {
            "code": self.key,
            "members": [(m.data, m.seed, m.hyperparameters) for m in members],
            "driver": (self.driver, self.width),
            "trials": [fit.builder.trial for fit in self.fits],
        }
        arrays = [a for one in data for a in (*one.inputs.values(), one.target)]
        arrays += [one.weight for one in data if one.weight is not None]
        key = fingerprint(about, *arrays)
        return Checkpoint(self.folder / f"stack-{key[:12]}.npz", key)
