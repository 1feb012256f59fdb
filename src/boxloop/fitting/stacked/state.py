"""The state of a stack as plain tensors: variables with a first axis over the members, and rows."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from boxloop.fitting.stacked.members import Member
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
        trainable.append([_array(v) for v in model.trainable_variables])
        rates = np.asarray(rates_of(model), np.float32)
        other.append([*(_array(v) for v in model.non_trainable_variables), rates])
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

    return tf.constant(np.stack([_array(variable)] * k))


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


def chosen(new_ones: "NDArray[np.bool_]", new: list[Any], old: list[Any]) -> list[Any]:
    """Return the new tensors for some members, the old ones for the others."""
    import tensorflow as tf

    if new_ones.all():
        return new
    mask = tf.constant(new_ones)
    return [
        tf.where(tf.reshape(mask, [-1] + [1] * (one.shape.rank - 1)), one, other)
        for one, other in zip(new, old, strict=True)
    ]


def _array(variable: Any) -> "NDArray[Any]":
    from keras import ops

    found: NDArray[Any] = ops.convert_to_numpy(variable)
    return found
