"""A whole epoch of all members as one graph, and one for their inner slices."""

from collections.abc import Callable, Collection
from typing import Any

from boxloop.fitting.stacked.steps import DRIVERS, Network, Tensors, over_members


class Graphs:
    """The compiled graphs of one architecture.

    They are traced for a number of members: the driver's width where it makes a copy for each, else
    one of the sizes of `boxloop.fitting.stacked.stack.size_for`.

    Parameters
    ----------
    network : Network
    driver : str
        One of `boxloop.fitting.stacked.steps.DRIVERS`.
    inputs : dict of str to tensor
        The rows of all data, one below the other.
    target : tensor
    weight : tensor or None
        None where all rows weigh the same.
    """

    def __init__(
        self, network: Network, driver: str, inputs: dict[str, Any], target: Any, weight: Any
    ) -> None:
        self.network, self.driver = network, driver
        self._inputs, self._target, self._weight = inputs, target, weight
        self.epoch = Graph(self._epoch, any_length=(3, 5))
        self.watch = Graph(self._watch, any_length=(2, 3))
        self.predict = Graph(self._predict)

    def _rows(self, index: Any) -> tuple[Any, Any]:
        import tensorflow as tf

        x = {name: tf.gather(values, index) for name, values in self._inputs.items()}
        return (x if len(x) > 1 else next(iter(x.values()))), tf.gather(self._target, index)

    def _epoch(
        self, tv: Tensors, ntv: Tensors, ov: Tensors, order: Any, common: Any, active: Any
    ) -> tuple[Tensors, Tensors, Tensors, Any]:
        """Run an epoch.

        Parameters
        ----------
        tv, ntv, ov : lists of tensors, first axis the members
        order : tensor of int, (steps, members, batch)
            Rows of each step's batch.
        common : tensor of int
            The number of steps that every member takes.
        active : tensor of bool, (steps, members)
            Which members take a step; beyond the common ones some have no full batch left.

        Returns
        -------
        tv, ntv, ov, and the sum of the losses of the steps of each member
        """
        import tensorflow as tf

        step = DRIVERS[self.driver]

        def batch(i: Any) -> Any:
            x, y = self._rows(order[i])
            if self._weight is None:
                return x, y, tf.ones_like(order[i], tf.float32)
            return x, y, tf.gather(self._weight, order[i])

        def plain(i: Any, tv: Any, ntv: Any, ov: Any, total: Any) -> Any:
            tv, ntv, ov, value = step(self.network, tv, ntv, ov, batch(i))
            return i + 1, tv, ntv, ov, total + tf.cast(value, total.dtype)

        def masked(i: Any, tv: Any, ntv: Any, ov: Any, total: Any) -> Any:
            *after, value = step(self.network, tv, ntv, ov, batch(i))
            keep = active[i]
            tv, ntv, ov = tf.nest.map_structure(
                lambda new, old: tf.where(_like(keep, new), new, old), tuple(after), (tv, ntv, ov)
            )
            return i + 1, tv, ntv, ov, total + tf.where(keep, tf.cast(value, total.dtype), 0)

        state = (tf.constant(0), tv, ntv, ov, tf.zeros(tf.shape(order)[1], tf.float64))
        state = tf.while_loop(lambda i, *_: i < common, plain, state)
        last = tf.shape(order)[0]
        return tf.while_loop(lambda i, *_: i < last, masked, state)[1:]

    def _watch(self, tv: Tensors, ntv: Tensors, index: Any, used: Any) -> Any:
        """Return the mean loss of each member on rows.

        Parameters
        ----------
        index : tensor of int, (blocks, members, rows)
        used : tensor of float, the same shape
            0 for rows that only fill a block.
        """
        import tensorflow as tf

        def body(i: Any, total: Any) -> Any:
            x, y = self._rows(index[i])
            found = over_members(self.driver, self.network.watched, (tv, ntv, x, y, used[i]))
            return i + 1, total + tf.cast(found, total.dtype)

        state = (tf.constant(0), tf.zeros(tf.shape(index)[1], tf.float64))
        total = tf.while_loop(lambda i, _: i < tf.shape(index)[0], body, state)[1]
        return total / tf.cast(tf.reduce_sum(used, axis=[0, 2]), total.dtype)

    def _predict(self, tv: Tensors, ntv: Tensors, index: Any) -> Any:
        """Return what each member gives for rows, index (members, rows) -> (members, rows, ...)."""
        x, _ = self._rows(index)
        return over_members(self.driver, self.network.output, (tv, ntv, x))


class Graph:
    """A function of tensors, traced once for each set of their shapes.

    Parameters
    ----------
    function : callable
        Takes tensors and lists of them.
    any_length : collection of int
        Arguments whose first axis may have any length. That of the members may not: a step then
        takes a fifth longer, and so does tracing it.
    """

    def __init__(self, function: Callable[..., Any], any_length: Collection[int] = ()) -> None:
        self._function, self._any_length = function, any_length
        self._traced: dict[str, Any] = {}

    def __call__(self, *arguments: Any) -> Any:
        """Call the function, traced for the shapes of the arguments."""
        import tensorflow as tf

        specs = [
            tf.nest.map_structure(lambda t, is_open=i in self._any_length: _spec(t, is_open), one)
            for i, one in enumerate(arguments)
        ]
        key = str(specs)
        if key not in self._traced:
            self._traced[key] = tf.function(self._function, input_signature=specs)
        return self._traced[key](*arguments)


def _spec(tensor: Any, is_open: bool) -> Any:
    import tensorflow as tf

    shape = [None, *tensor.shape[1:]] if is_open else tensor.shape
    return tf.TensorSpec(shape, tensor.dtype)


def _like(keep: Any, values: Any) -> Any:
    """Give a mask over the members the rank of what it masks."""
    import tensorflow as tf

    return tf.reshape(keep, [-1] + [1] * (values.shape.rank - 1))
