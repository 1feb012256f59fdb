"""The state of a stack as plain tensors: variables with a first axis over the members, and rows."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.fitting.stacked.members import Data, Member
from boxloop.fitting.stacked.rates import rates_of
from boxloop.study.seeds import integer_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray


def initial(build: Callable[[Member], Any], members: Sequence[Member]) -> tuple[Any, Any, Any]:
    """Return the first model, and the initial values of all members' variables, stacked."""
    import keras
    import tensorflow as tf

    first: Any = None
    trainable: list[list[Any]] = []
    other: list[list[Any]] = []
    for member in members:
        root, *use = member.seed
        keras.utils.set_random_seed(integer_seed(root, *use, "weights"))
        model = build(member)
        first = first if first is not None else model
        trainable.append([np.asarray(v) for v in model.trainable_variables])
        rates = np.asarray(rates_of(model), np.float32)
        other.append([*(np.asarray(v) for v in model.non_trainable_variables), rates])
    stacked = [[tf.constant(np.stack(v)) for v in zip(*x, strict=True)] for x in (trainable, other)]
    return first, stacked[0], stacked[1]


def order_of_variables(model: Any) -> list[int]:
    """Return where each of ``model.variables`` stands among trainable and then other variables."""
    known = [*model.trainable_variables, *model.non_trainable_variables]
    place = {id(v): i for i, v in enumerate(known)}
    return [place[id(v)] for v in model.variables]


def repeated(variable: Any, k: int) -> Any:
    """Return a variable's value once for each of `k` members."""
    import tensorflow as tf

    return tf.constant(np.stack([np.asarray(variable)] * k))


def of_members(numbers: Sequence[float], like: Any) -> Any:
    """Return one number for each member, as the values of a variable are kept."""
    import tensorflow as tf

    return tf.constant(numbers, like.dtype)


def gathered(tensors: Any, places: "NDArray[np.intp]") -> list[Any]:
    """Return those members' parts of tensors; all of them in order are no copy."""
    import tensorflow as tf

    if len(tensors) and len(places) == tensors[0].shape[0] and (np.diff(places) == 1).all():
        return list(tensors)
    return [tf.gather(t, places) for t in tensors]


def joined(parts: list[Any], n: int) -> list[Any]:
    """Put the tensors of chunks together again, without those that filled up the last one."""
    import tensorflow as tf

    if len(parts) == 1:
        return [t[:n] for t in parts[0]]
    return [tf.concat(tensors, axis=0)[:n] for tensors in zip(*parts, strict=True)]


def together(
    data: Sequence[Data],
) -> tuple[tuple[Any, Any, Any], dict[tuple[str, int], int]]:
    """Put all rows one below the other: to learn from, to stop by, to score.

    Returns
    -------
    tensors : inputs, target, weight
    offset : dict
        First row by part (data, stopping, scored) and number of the data.
    """
    import tensorflow as tf

    parts: dict[tuple[str, int], Data] = {}
    for i, one in enumerate(data):
        parts["data", i] = one
        if one.stopping is not None:
            parts["stopping", i] = one.stopping
        if one.scored is not None:
            n = len(next(iter(one.scored.values())))
            unknown = np.zeros((n, *one.target.shape[1:]), one.target.dtype)
            parts["scored", i] = Data(one.scored, unknown)
    starts = np.concatenate([[0], np.cumsum([len(p) for p in parts.values()])])
    offset = {key: int(start) for key, start in zip(parts, starts[:-1], strict=True)}
    inputs = {
        name: tf.constant(np.concatenate([p.inputs[name] for p in parts.values()]))
        for name in data[0].inputs
    }
    target = tf.constant(np.concatenate([p.target for p in parts.values()]))
    ones = [np.ones(len(p), np.float32) if p.weight is None else p.weight for p in parts.values()]
    return (inputs, target, tf.constant(np.concatenate(ones))), offset
