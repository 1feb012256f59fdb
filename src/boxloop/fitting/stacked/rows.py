"""The rows of a stack: all data as tensors, and which rows a member sees in which step."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from boxloop.fitting.network import epoch_order
from boxloop.fitting.stacked.members import Data, Member

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Rows that are scored or predicted at a time, by member.
BLOCK = 1024


class Rows:
    """All data of a stack, one below the other.

    Parameters
    ----------
    data : sequence of Data
    batch_size : int
        Rows of a step; fewer where the smallest data have fewer.

    Attributes
    ----------
    inputs : dict of str to tensor
    target : tensor
    weight : tensor or None
        None where no data have weights.
    """

    def __init__(self, data: Sequence[Data], batch_size: int) -> None:
        import tensorflow as tf

        self.data = data
        self.batch_size = min(batch_size, *(len(one) for one in data))
        parts = _parts(data)
        starts = np.concatenate([[0], np.cumsum([len(p) for p in parts.values()])])
        self._start = {key: int(s) for key, s in zip(parts, starts[:-1], strict=True)}
        every = list(parts.values())
        self.inputs = {
            name: tf.constant(np.concatenate([p.inputs[name] for p in every]))
            for name in data[0].inputs
        }
        self.target = tf.constant(np.concatenate([p.target for p in every]))
        weights = [np.ones(len(p), np.float32) if p.weight is None else p.weight for p in every]
        none = all(p.weight is None for p in every)
        self.weight = None if none else tf.constant(np.concatenate(weights))

    def orders(
        self, members: Sequence[Member], epoch: int
    ) -> tuple["NDArray[np.int32]", "NDArray[np.bool_]"]:
        """Return the rows of each step of an epoch, and who takes it.

        Returns
        -------
        order : ndarray of int, shape (steps, members, batch)
        active : ndarray of bool, shape (steps, members)
            A member with fewer rows than another has done with its epoch earlier.
        """
        size, rows = self.batch_size, [len(self.data[m.data]) for m in members]
        steps = [-(-n // size) for n in rows]
        order = np.zeros((max(steps), len(members), size), np.int32)
        for place, member in enumerate(members):
            start = self._start["data", member.data]
            drawn = epoch_order(member.seed, epoch, rows[place], size)
            order[: steps[place], place] = drawn.reshape(-1, size) + start
            order[steps[place] :, place] = start
        return order, np.arange(max(steps))[:, None] < np.asarray(steps)

    def watched(self, members: Sequence[Member]) -> "NDArray[np.intp]":
        """Return by how many rows each member stops early; 0 where it does not."""
        slices = [None if m.epochs else self.data[m.data].stopping for m in members]
        return np.array([0 if s is None else len(s) for s in slices])

    def scored(self, members: Sequence[Member]) -> "NDArray[np.intp]":
        """Return how many rows each member predicts once it has finished."""
        found = [self.data[m.data].scored for m in members]
        return np.array([0 if s is None else len(next(iter(s.values()))) for s in found])

    def blocks(
        self, part: str, members: Sequence[Member], lengths: "NDArray[np.intp]"
    ) -> tuple["NDArray[np.int32]", "NDArray[np.bool_]"]:
        """Cut rows of members into equal blocks, (blocks, members, rows of a block).

        Parameters
        ----------
        part : {"stopping", "scored"}
        members : sequence of Member
        lengths : ndarray of int, shape (members,)

        Returns
        -------
        index, used
            What fills up a block is the first row, and not used.
        """
        block = min(BLOCK, int(lengths.max()))
        blocks = math.ceil(lengths.max() / block)
        column = np.arange(blocks * block).reshape(blocks, 1, block)
        starts = np.array([self._start.get((part, m.data), 0) for m in members])
        used = column < lengths[:, None]
        index = np.where(used, column + starts[:, None], starts[:, None])
        return index.astype(np.int32), used


def _parts(data: Sequence[Data]) -> dict[tuple[str, int], Data]:
    """Return all rows by part (data, stopping, scored) and number of the data."""
    parts: dict[tuple[str, int], Data] = {}
    for i, one in enumerate(data):
        parts["data", i] = one
        if one.stopping is not None:
            parts["stopping", i] = one.stopping
        if one.scored is not None:
            n = len(next(iter(one.scored.values())))
            unknown = np.zeros((n, *one.target.shape[1:]), one.target.dtype)
            parts["scored", i] = Data(one.scored, unknown)
    return parts
