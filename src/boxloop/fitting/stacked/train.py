"""Train a stack: shuffled by epoch, stopped early member by member, resumed after a kill."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.fitting.stacked.graphs import Graphs
from boxloop.fitting.stacked.members import Data, Member, StackedResult
from boxloop.fitting.stacked.rates import MemberDropout, give_weight_decay, learning_rate
from boxloop.fitting.stacked.state import (
    gathered,
    initial,
    joined,
    of_members,
    order_of_variables,
    repeated,
    together,
)
from boxloop.fitting.stacked.stateless import place_of, stateless
from boxloop.fitting.stacked.steps import Network
from boxloop.study.seeds import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Rows that are scored or predicted at a time, by member.
BLOCK = 1024


def train_stacked(
    build: Callable[[Member], Any],
    members: Sequence[Member],
    data: Sequence[Data],
    *,
    loss: Callable[[Any, Any], Any],
    optimizer: Any,
    batch_size: int,
    driver: str = "vmap_outer",
    width: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[StackedResult]:
    """Train networks of one architecture together.

    Each member learns as it would alone: its own weights, statistics, optimiser, learning rate,
    order of the rows and early stopping. An epoch is as many full batches as a member's rows give;
    the rows left over are other ones in every epoch.

    Parameters
    ----------
    build : callable
        Returns the uncompiled keras.Model of a member; all have the same variables.
    members : sequence of Member
    data : sequence of Data
        All have the same inputs.
    loss : callable
        (truth, output) -> one value a row.
    optimizer : keras.optimizers.Optimizer
        Its settings are those of all members, the learning rate apart, and the weight decay where
        the members' hyperparameters name one.
    batch_size : int
        At most the number of rows of the smallest data.
    driver : str
        How a step is taken for all members; see `boxloop.fitting.stacked.steps`.
    width : int, optional
        With the driver ``unroll`` the number of members in one graph.
    progress : callable, optional
        Told after each epoch its number and how many members still train.

    Returns
    -------
    list of StackedResult, in the order of the members
    """
    stack = _Stack(build, members, data, loss, optimizer, batch_size, driver, width)
    while stack.rows:
        stack.epoch()
        if progress:
            progress(stack.done, len(stack.rows))
    return stack.results


class _Stack:
    """Those members that still train, and what the others left."""

    def __init__(
        self,
        build: Callable[[Member], Any],
        members: Sequence[Member],
        data: Sequence[Data],
        loss: Any,
        optimizer: Any,
        batch_size: int,
        driver: str,
        width: int | None,
    ) -> None:
        self.members, self.data, self.batch_size = members, data, batch_size
        self.rows = list(range(len(members)))
        self.done = 0
        self.results = [StackedResult() for _ in members]
        self.waited, self.best_loss = np.zeros(len(members), int), np.full(len(members), np.inf)
        model, self.tv, self.ntv = initial(build, members)
        self.width = min(width or 5, len(members)) if driver == "unroll" else None
        self.variables = order_of_variables(model)
        self.optimizer = stateless(optimizer)
        decays = [m.hyperparameters.get("weight_decay") or 0.0 for m in members]
        decay = give_weight_decay(self.optimizer) if any(decays) else None
        self.optimizer.build(model.trainable_variables)
        self.rate = place_of(self.optimizer, self.optimizer._learning_rate)
        self.ov = [repeated(v, len(members)) for v in self.optimizer.variables]
        if decay is not None:
            place = place_of(self.optimizer, decay)
            self.ov[place] = of_members(decays, self.ov[place])
        self.best = [*self.tv, *self.ntv]
        tensors, self.offset = together(data)
        network = Network(model, loss, self.optimizer, MemberDropout(model))
        self.graphs = Graphs(network, driver, *tensors)

    def epoch(self) -> None:
        """Train all members for one epoch; let go of those that have finished."""
        order, active = self._orders()
        self._set_rates()
        losses = self._trained(order, active) / active.sum(axis=0)
        self.done += 1
        watched = self._watched()
        for place, row in enumerate(self.rows):
            entry = {"epoch": self.done, "loss": float(losses[place])}
            if watched is not None and not np.isnan(watched[place]):
                entry["stopping_loss"] = float(watched[place])
            self.results[row].history.append(entry)
        improved = self._judge(losses, watched)
        self._remember(improved)
        self._release()

    def _orders(self) -> tuple["NDArray[np.int32]", "NDArray[np.bool_]"]:
        """Return the rows of each step, (steps, members, batch), and which members take it."""
        size = self.batch_size
        steps = [len(self.data[self.members[r].data]) // size for r in self.rows]
        order = np.zeros((max(steps), len(self.rows), size), np.int32)
        for place, row in enumerate(self.rows):
            member = self.members[row]
            root, *use = member.seed
            n = len(self.data[member.data])
            drawn = generator(root, *use, "order", self.done).permutation(n)
            kept = drawn[: steps[place] * size].reshape(-1, size)
            start = self.offset["data", member.data]
            order[: steps[place], place] = kept + start
            order[steps[place] :, place] = start
        return order, np.arange(max(steps))[:, None] < np.asarray(steps)

    def _set_rates(self) -> None:
        rates = [learning_rate(self.members[r], self.done) for r in self.rows]
        self.ov[self.rate] = of_members(rates, self.ov[self.rate])

    def _trained(self, order: "NDArray[Any]", active: "NDArray[Any]") -> "NDArray[np.float64]":
        import tensorflow as tf

        common = int(active.all(axis=1).sum())
        losses = np.zeros(len(self.rows))
        parts = []
        for places in self._chunks():
            took = [gathered(x, places) for x in (self.tv, self.ntv, self.ov)]
            *state, total = self.graphs.epoch(
                *took,
                tf.constant(order[:, places]),
                tf.constant(common),
                tf.constant(active[:, places]),
            )
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
        if self.width is None:
            return [np.arange(n)]
        starts = range(0, n, self.width)
        return [np.minimum(np.arange(s, s + self.width), n - 1) for s in starts]

    def _watched(self) -> "NDArray[np.float64] | None":
        """Return the loss of each member on its inner slice; NaN where it has none."""
        import tensorflow as tf

        lengths = np.array([self._watched_rows(r) for r in self.rows])
        if not lengths.any():
            return None
        index, used = self._blocks("stopping", self.rows, lengths)
        found = np.zeros(len(self.rows))
        for places in self._chunks():
            took = [gathered(x, places) for x in (self.tv, self.ntv)]
            weights = tf.constant(used[:, places].astype(np.float32))
            found[places] = self.graphs.watch(*took, tf.constant(index[:, places]), weights).numpy()
        return np.where(lengths > 0, found, np.nan)

    def _blocks(
        self, part: str, rows: list[int], lengths: "NDArray[np.intp]"
    ) -> tuple["NDArray[np.int32]", "NDArray[np.bool_]"]:
        """Cut rows of members into equal blocks, (blocks, members, rows of a block).

        Returns
        -------
        index, used
            What fills up a block is the first row, and not used.
        """
        block = min(BLOCK, int(lengths.max()))
        blocks = math.ceil(lengths.max() / block)
        column = np.arange(blocks * block).reshape(blocks, 1, block)
        starts = np.array([self.offset.get((part, self.members[r].data), 0) for r in rows])
        used = column < lengths[:, None]
        index = np.where(used, column + starts[:, None], starts[:, None])
        return index.astype(np.int32), used

    def _watched_rows(self, row: int) -> int:
        member = self.members[row]
        stopping = self.data[member.data].stopping
        return 0 if stopping is None or member.epochs else len(stopping)

    def _judge(self, losses: "NDArray[Any]", watched: "NDArray[Any] | None") -> "NDArray[np.bool_]":
        """Count the waits; return which members hold their best weights now."""
        improved = np.ones(len(self.rows), bool)
        for place, row in enumerate(self.rows):
            if not np.isfinite(losses[place]):
                self.results[
                    row
                ].failure = f"the loss became {losses[place]:g} in epoch {self.done}"
            elif watched is None or np.isnan(watched[place]):
                self.results[row].epochs = self.done
            elif watched[place] < self.best_loss[row]:
                self.best_loss[row], self.waited[row] = watched[place], 0
                self.results[row].epochs = self.done
            else:
                improved[place] = False
                self.waited[row] += 1
        return improved

    def _remember(self, improved: "NDArray[np.bool_]") -> None:
        import tensorflow as tf

        now = [*self.tv, *self.ntv]
        if improved.all():
            self.best = now
            return
        mask = tf.constant(improved)
        self.best = [
            tf.where(tf.reshape(mask, [-1] + [1] * (new.shape.rank - 1)), new, old)
            for new, old in zip(now, self.best, strict=True)
        ]

    def _release(self) -> None:
        """Take the weights of those that have finished, and go on with the others alone."""
        gone = [place for place, row in enumerate(self.rows) if self._finished(row)]
        if not gone:
            return
        places = np.asarray(gone)
        weights = gathered(self.best, places)
        outputs = self._outputs([self.rows[place] for place in gone], weights)
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

    def _outputs(self, rows: list[int], weights: list[Any]) -> list[Any]:
        """Return what members give for the rows to be scored, None for those that have none."""
        import tensorflow as tf

        scored = [self.data[self.members[r].data].scored for r in rows]
        lengths = np.array([0 if s is None else len(next(iter(s.values()))) for s in scored])
        if not lengths.any():
            return [None] * len(rows)
        index, _ = self._blocks("scored", rows, lengths)
        n, found = len(self.tv), []
        for places in self._chunks(len(rows)):
            took = gathered(weights, places)
            parts = [
                self.graphs.predict(took[:n], took[n:], tf.constant(block[places])).numpy()
                for block in index
            ]
            found.append(np.concatenate(parts, axis=1))
        every = np.concatenate(found)[: len(rows)]
        return [every[i, :m] if m else None for i, m in enumerate(lengths)]

    def _finished(self, row: int) -> bool:
        member, result = self.members[row], self.results[row]
        patience = member.hyperparameters["patience"]
        tired = not member.epochs and self.waited[row] >= patience
        return bool(result.failure) or tired or self.done >= member.longest
