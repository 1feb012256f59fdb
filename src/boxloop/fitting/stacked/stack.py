"""A stack in training: shuffled by epoch, stopped early member by member, resumed after a kill."""

import logging
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop import signals
from boxloop.fitting.checkpoint import Checkpoint
from boxloop.fitting.stacked.graphs import Graphs
from boxloop.fitting.stacked.members import Member, StackedResult
from boxloop.fitting.stacked.one_vector import built_for
from boxloop.fitting.stacked.rates import MemberDropout, decays_of, give_weight_decay, learning_rate
from boxloop.fitting.stacked.rows import Rows
from boxloop.fitting.stacked.state import (
    chosen,
    gathered,
    initial,
    joined,
    of_members,
    order_of_variables,
    repeated,
)
from boxloop.fitting.stacked.stateless import place_of, stateless
from boxloop.fitting.stacked.steps import Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger("boxloop")


class Stack:
    """Those members that still train, and what the others left."""

    def __init__(
        self,
        build: Callable[[Member], Any],
        members: Sequence[Member],
        data: Rows,
        loss: Any,
        optimizer: Any,
        driver: str,
        width: int | None,
    ) -> None:
        self.members, self.data = members, data
        self.rows = list(range(len(members)))
        self.done = 0
        self.results = [StackedResult() for _ in members]
        self.waited, self.best_loss = np.zeros(len(members), int), np.full(len(members), np.inf)
        model, self.tv, self.ntv = initial(build, members)
        self.width = min(width or 5, len(members)) if driver == "unroll" else None
        self.variables = order_of_variables(model)
        self.optimizer = stateless(optimizer)
        decays = decays_of(members, self.optimizer)
        decay = give_weight_decay(self.optimizer) if any(decays) else None
        step = built_for(self.optimizer, model)
        self.rate = place_of(self.optimizer, self.optimizer._learning_rate)
        self.ov = [repeated(v, len(members)) for v in self.optimizer.variables]
        if decay is not None:
            place = place_of(self.optimizer, decay)
            self.ov[place] = of_members(decays, self.ov[place])
        self.best = [*self.tv, *self.ntv]
        network = Network(model, loss, step, MemberDropout(model))
        self.graphs = Graphs(network, driver, data.inputs, data.target, data.weight)

    @property
    def training(self) -> list[Member]:
        """The members that still train."""
        return [self.members[row] for row in self.rows]

    def epoch(self) -> None:
        """Train all members for one epoch; let go of those that have finished."""
        order, active = self.data.orders(self.training, self.done)
        rates = [learning_rate(member, self.done) for member in self.training]
        self.ov[self.rate] = of_members(rates, self.ov[self.rate])
        losses = self._trained(order, active) / active.sum(axis=0)
        self.done += 1
        watched = self._watched()
        for place, row in enumerate(self.rows):
            entry = {"epoch": self.done, "loss": float(losses[place])}
            if np.isfinite(watched[place]):
                entry["stopping_loss"] = float(watched[place])
            self.results[row].history.append(entry)
        improved = self._judge(losses, watched)
        self.best = chosen(improved, [*self.tv, *self.ntv], self.best)
        self._release([place for place, row in enumerate(self.rows) if self._finished(row)])

    def losses(self, epoch: int) -> list[float]:
        """Return each member's best loss on its inner slice in so many epochs.

        Infinite where the training failed, NaN where there is no slice.
        """
        return [_best_loss(result, epoch) for result in self.results]

    def stop(self, members: Collection[int]) -> None:
        """Let go of members that still train, and note after how many epochs."""
        gone = [place for place, row in enumerate(self.rows) if row in members]
        for place in gone:
            self.results[self.rows[place]].rung = self.done
        self._release(gone)

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep everything, also what finished members left, if it is time or the last chance."""
        if checkpoint.path is None or not (checkpoint.due() or signals.asked()):
            return
        left = [r.weights + ([] if r.output is None else [r.output]) for r in self.results]
        state = {
            "rows": self.rows,
            "done": self.done,
            "waited": self.waited.tolist(),
            "best_loss": self.best_loss.tolist(),
            "results": [{**asdict(r), "weights": [], "output": None} for r in self.results],
            "left": [(len(r.weights), r.output is not None) for r in self.results],
            "best": [v.numpy() for v in self.best],
        }
        tensors = [v.numpy() for v in (*self.tv, *self.ntv, *self.ov)]
        checkpoint.save(tensors + [a for arrays in left for a in arrays], state)

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on where a stack that was killed had been."""
        import tensorflow as tf

        found = checkpoint.load()
        if found is None:
            return
        arrays, state = iter(found[0]), found[1]
        self.rows, self.done = state["rows"], state["done"]
        self.waited, self.best_loss = np.array(state["waited"]), np.array(state["best_loss"])
        self.results = [StackedResult(**r) for r in state["results"]]
        self.tv, self.ntv, self.ov = (
            [tf.constant(next(arrays)) for _ in x] for x in (self.tv, self.ntv, self.ov)
        )
        self.best = [tf.constant(v) for v in state["best"]]
        for result, (weights, scored) in zip(self.results, state["left"], strict=True):
            result.weights = [next(arrays) for _ in range(weights)]
            result.output = next(arrays) if scored else None
        log.info("goes on after epoch %d with %d networks", self.done, len(self.rows))

    def _trained(self, order: "NDArray[Any]", active: "NDArray[Any]") -> "NDArray[np.float64]":
        losses = np.zeros(len(self.rows))
        parts = []
        for places in self._chunks():
            tv, ntv, ov = (gathered(x, places) for x in (self.tv, self.ntv, self.ov))
            *state, total = self.graphs.epoch(tv, ntv, ov, order[:, places], active[:, places])
            parts.append(state)
            losses[places] = total.numpy()
        self.tv, self.ntv, self.ov = (
            joined([state[i] for state in parts], len(self.rows)) for i in range(3)
        )
        return losses

    def _chunks(self, n: int | None = None) -> list["NDArray[np.intp]"]:
        """Return the places of the members that one graph takes at a time.

        The last of them is filled up with members that it has already; they compute the same.
        """
        n = len(self.rows) if n is None else n
        width = self.width or size_for(n, len(self.members))
        return [np.minimum(np.arange(s, s + width), n - 1) for s in range(0, n, width)]

    def _watched(self) -> "NDArray[np.float64]":
        """Return the loss of each member on its inner slice; NaN where it has none."""
        import tensorflow as tf

        found, lengths = np.full(len(self.rows), np.nan), self.data.watched(self.training)
        if not lengths.any():
            return found
        index, used = self.data.blocks("stopping", self.training, lengths)
        for places in self._chunks():
            took = [gathered(x, places) for x in (self.tv, self.ntv)]
            weights = tf.constant(used[:, places].astype(np.float32))
            found[places] = self.graphs.watch(*took, tf.constant(index[:, places]), weights).numpy()
        return np.where(lengths > 0, found, np.nan)

    def _judge(self, losses: "NDArray[Any]", watched: "NDArray[Any]") -> "NDArray[np.bool_]":
        """Count the waits; return which members hold their best weights now."""
        improved = np.ones(len(self.rows), bool)
        stops = self.data.watched(self.training) > 0
        for place, row in enumerate(self.rows):
            result = self.results[row]
            if not np.isfinite(losses[place]):
                result.failure = f"the loss became {losses[place]:g} in epoch {self.done}"
            elif not stops[place]:
                result.epochs = self.done
            elif watched[place] < self.best_loss[row]:
                self.best_loss[row], self.waited[row] = watched[place], 0
                result.epochs = self.done
            else:
                improved[place] = False
                self.waited[row] += 1
        return improved

    def _release(self, gone: list[int]) -> None:
        """Take the weights of those at some places, and go on with the others alone."""
        if not gone:
            return
        places = np.asarray(gone)
        weights = gathered(self.best, places)
        outputs = self._outputs([self.training[place] for place in gone], weights)
        arrays = [v.numpy() for v in weights]
        for i, place in enumerate(gone):
            result = self.results[self.rows[place]]
            result.weights = [arrays[v][i] for v in self.variables]
            result.output = outputs[i]
        stays = np.setdiff1d(np.arange(len(self.rows)), places)
        self.rows = [self.rows[place] for place in stays]
        if self.rows:
            self.tv, self.ntv, self.ov, self.best = (
                gathered(x, stays) for x in (self.tv, self.ntv, self.ov, self.best)
            )

    def _outputs(self, members: list[Member], weights: list[Any]) -> list[Any]:
        """Return what members give for the rows to be scored, None for those that have none."""
        import tensorflow as tf

        lengths = self.data.scored(members)
        if not lengths.any():
            return [None] * len(members)
        index, _ = self.data.blocks("scored", members, lengths)
        n, found = len(self.tv), []
        for places in self._chunks(len(members)):
            took = gathered(weights, places)
            parts = [
                self.graphs.predict(took[:n], took[n:], tf.constant(block[places])).numpy()
                for block in index
            ]
            found.append(np.concatenate(parts, axis=1))
        every = np.concatenate(found)[: len(members)]
        return [every[i, :m] if m else None for i, m in enumerate(lengths)]

    def _finished(self, row: int) -> bool:
        member, result = self.members[row], self.results[row]
        patience = member.hyperparameters["patience"]
        tired = not member.epochs and self.waited[row] >= patience
        return bool(result.failure) or tired or self.done >= member.longest


def size_for(n: int, members: int) -> int:
    """Return for how many members a graph is made that `n` of them use.

    It is all members, half of them, a quarter, and so on, so that those who stop one by one cost
    nothing before long, and few graphs are traced.
    """
    size = members
    while size > 1 and -(-size // 2) >= n:
        size = -(-size // 2)
    return size


def _best_loss(result: StackedResult, epoch: int) -> float:
    if result.failure:
        return math.inf
    seen = [row["stopping_loss"] for row in result.history[:epoch] if "stopping_loss" in row]
    return min(seen, default=math.nan)
