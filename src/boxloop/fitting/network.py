"""Train one Keras network: shuffled by epoch, stopped early, resumed after a kill.

The order of the rows in an epoch comes from the seed and the epoch's number, and the state on disk
holds every variable of model and optimiser, so that a resumed training equals an uninterrupted one.
Networks of a stack (`boxloop.fitting.stacked`) see the same rows in the same batches.
"""

import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.fitting.checkpoint import Checkpoint
from boxloop.signals import end_if_asked, safe_places
from boxloop.study.seeds import generator, integer_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.fitting.recipe import Inputs

log = logging.getLogger("boxloop")


@dataclass(frozen=True)
class Trained:
    """A trained network.

    Attributes
    ----------
    model : keras.Model
    history : list of dict
        For each epoch ``epoch``, ``loss`` and, with a stopping slice, ``stopping_loss``.
    epochs : int
        Epochs that led to the weights kept.
    """

    model: Any
    history: list[dict[str, float]]
    epochs: int


def train_network(
    build: Callable[[], Any],
    inputs: "Inputs",
    target: "NDArray[Any]",
    *,
    hyperparameters: dict[str, Any],
    loss: Any,
    weights: "NDArray[np.float64] | None" = None,
    seed: tuple[Any, ...],
    epochs: int | None = None,
    stopping: tuple["Inputs", "NDArray[Any]"] | None = None,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Train a network.

    Parameters
    ----------
    build : callable
        Returns the uncompiled keras.Model.
    inputs : dict of str to ndarray
        Arrays whose first axis runs over the n fitting rows.
    target : ndarray, shape (n,)
        Numbers (float32) or codes of classes.
    hyperparameters : dict
        ``optimizer, learning_rate, schedule, batch_size, epochs, patience``.
    loss : str or callable
        A Keras loss, or a function (truth, output) -> (n,); see `boxloop.fitting.losses`.
    weights : ndarray, shape (n,), optional
        How much each row counts in the loss, with mean 1. The stopping slice is not weighted: it
        stands for the objects that will be scored.
    seed : tuple of int or str
        Root seed and the names of its use.
    epochs : int, optional
        Train exactly so long, without early stopping (final fits).
    stopping : (inputs, target), optional
        The inner slice: training ends once its loss has not improved for ``patience`` epochs, and
        the best weights are kept. It is part of the training rows, never of those scored.
    checkpoint : Checkpoint, optional
    """
    import keras

    keras.utils.set_random_seed(integer_seed(*seed, "weights"))
    model = build()
    _compile(model, hyperparameters, loss)
    data = inputs if len(inputs) > 1 else next(iter(inputs.values()))
    wanted = epochs or hyperparameters["epochs"]
    run = _Run(model, hyperparameters, wanted, checkpoint or Checkpoint(None, ""))
    run.resume()
    with safe_places():
        while run.epoch < wanted and not run.stopped:
            order = epoch_order(seed, run.epoch, len(target), hyperparameters["batch_size"])
            mean = run.train_epoch(data, target, order, weights)
            row = {"epoch": run.epoch, "loss": mean}
            if stopping is not None and epochs is None:
                row["stopping_loss"] = run.watch(*stopping)
            run.history.append(row)
            run.save()
            end_if_asked()
            if epochs and (run.epoch % max(1, wanted // 5) == 0 or run.epoch == wanted):
                log.info("epoch %d of %d, loss %.4g", run.epoch, wanted, mean)
    run.checkpoint.remove()
    if run.best:
        for variable, value in zip(model.variables, run.best, strict=True):
            variable.assign(value)
    return Trained(model, run.history, run.best_epoch or run.epoch)


def epoch_order(
    seed: tuple[Any, ...], epoch: int, rows: int, batch_size: int
) -> "NDArray[np.intp]":
    """Return the rows of an epoch, in its order, so that all its batches are full.

    Every row is there; the last batch is filled up with the epoch's first rows. (A smaller batch
    would weigh its rows more, and networks of one stack could not take it together.) Fewer rows
    than a batch are one smaller batch.

    Parameters
    ----------
    seed : tuple
        Root seed and the names of its use.
    epoch : int
        The number of epochs before this one.
    """
    root, *use = seed
    drawn = generator(root, *use, "order", epoch).permutation(rows)
    size = min(batch_size, rows)
    return np.resize(drawn, -(-rows // size) * size)


class _Run:
    """The state of the training loop, as it is saved and restored."""

    def __init__(
        self, model: Any, hyperparameters: dict[str, Any], wanted: int, checkpoint: Checkpoint
    ) -> None:
        self.model, self.hyperparameters, self.checkpoint = model, hyperparameters, checkpoint
        self.wanted = wanted
        self.epoch, self.waited, self.best_epoch = 0, 0, 0
        self.best_loss = float("inf")
        self.best: list[NDArray[Any]] = []
        self.history: list[dict[str, float]] = []
        self.stopped = False

    def learning_rate(self) -> float:
        """Rate of the coming epoch."""
        return rate_of(self.hyperparameters, self.epoch, self.wanted)

    def train_epoch(
        self,
        data: Any,
        target: "NDArray[Any]",
        order: "NDArray[np.intp]",
        weights: "NDArray[np.float64] | None" = None,
    ) -> float:
        rows = {k: v[order] for k, v in data.items()} if isinstance(data, dict) else data[order]
        size = self.hyperparameters["batch_size"]
        self.model.optimizer.learning_rate = self.learning_rate()
        fitted = self.model.fit(
            rows,
            target[order],
            sample_weight=None if weights is None else weights[order],
            batch_size=size,
            epochs=1,
            shuffle=False,
            verbose=0,
        )
        self.epoch += 1
        loss = float(fitted.history["loss"][0])
        if not np.isfinite(loss):
            raise FloatingPointError(f"the loss became {loss} in epoch {self.epoch}")
        return loss

    def watch(self, inputs: "Inputs", target: "NDArray[Any]") -> float:
        """Score the inner slice; keep the weights if they are the best, count the wait if not."""
        data = inputs if len(inputs) > 1 else next(iter(inputs.values()))
        loss = float(self.model.evaluate(data, target, batch_size=4096, verbose=0))
        if loss < self.best_loss:
            self.best_loss, self.best_epoch, self.waited = loss, self.epoch, 0
            self.best = _arrays(self.model.variables)
        else:
            self.waited += 1
            self.stopped = self.waited >= self.hyperparameters["patience"]
        return loss

    def save(self) -> None:
        if self.checkpoint.path is None:
            return
        every = _arrays((*self.model.variables, *self.model.optimizer.variables))
        names = ("epoch", "waited", "best_epoch", "best_loss", "history", "stopped", "best")
        self.checkpoint.save(every, {n: getattr(self, n) for n in names})

    def resume(self) -> None:
        found = self.checkpoint.load()
        if found is None:
            return
        variables, state = found
        self.model.optimizer.build(self.model.trainable_variables)
        every = (*self.model.variables, *self.model.optimizer.variables)
        for variable, value in zip(every, variables, strict=True):
            variable.assign(value)
        for name, value in state.items():
            setattr(self, name, value)
        log.info("goes on after epoch %d", self.epoch)


def rate_of(hyperparameters: dict[str, Any], epoch: int, epochs: int) -> float:
    """Return the learning rate after `epoch` of `epochs` epochs.

    It is constant, or falls to nothing along half a cosine. A final fit ends after a number of
    epochs fixed beforehand; with a constant rate its last step would be as noisy as any other, and
    nothing would pick a better one.
    """
    rate = float(hyperparameters["learning_rate"])
    schedule = hyperparameters["schedule"]
    if schedule == "constant":
        return rate
    if schedule != "cosine":
        raise ValueError(f"schedule: expected constant or cosine; found {schedule!r}")
    return rate * (1 + math.cos(math.pi * epoch / epochs)) / 2


def _arrays(variables: Iterable[Any]) -> list["NDArray[Any]"]:
    from keras import ops

    return [ops.convert_to_numpy(v) for v in variables]


def optimizer_of(hyperparameters: dict[str, Any]) -> Any:
    """Return the Keras optimiser that hyperparameters name, not built."""
    import keras

    optimizer = keras.optimizers.get(hyperparameters["optimizer"])
    optimizer.learning_rate = hyperparameters["learning_rate"]
    if hyperparameters["weight_decay"] is not None:
        optimizer.weight_decay = hyperparameters["weight_decay"]
    return optimizer


def _compile(model: Any, hyperparameters: dict[str, Any], loss: Any) -> None:
    # XLA would spend seconds compiling each small network for a few steps of a millisecond.
    model.compile(optimizer=optimizer_of(hyperparameters), loss=loss, jit_compile=False)
