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
        self._equal = Graph(self._equal_epoch, any_length=(3,))
        self._unequal = Graph(self._unequal_epoch, any_length=(3, 5))
        self.watch = Graph(self._watch, any_length=(2, 3))
        self.predict = Graph(self._predict)

    def _rows(self, index: Any) -> tuple[Any, Any]:
        import tensorflow as tf

        x = {name: tf.gather(values, index) for name, values in self._inputs.items()}
        return (x if len(x) > 1 else next(iter(x.values()))), tf.gather(self._target, index)

    def epoch(self, tv: Tensors, ntv: Tensors, ov: Tensors, order: Any, active: Any) -> Any:
        """Run an epoch.

        Parameters
        ----------
        tv, ntv, ov : lists of tensors, first axis the members
        order : ndarray of int, (steps, members, batch)
            Rows of each step's batch.
        active : ndarray of bool, (steps, members)
            Which members take a step: in the last ones some may have no batch left.

        Returns
        -------
        tv, ntv, ov, and the sum of the losses of the steps of each member
        """
        import tensorflow as tf

        state, rows = (tv, ntv, ov), tf.constant(order)
        if active.all():
            return self._equal(*state, rows)
        common = tf.constant(int(active.all(axis=1).sum()))
        return self._unequal(*state, rows, common, tf.constant(active))

    def _batch(self, rows: Any) -> tuple[Any, Any, Any]:
        import tensorflow as tf

        x, y = self._rows(rows)
        if self._weight is None:
            return x, y, tf.ones_like(rows, tf.float32)
        return x, y, tf.gather(self._weight, rows)

    def _equal_epoch(self, tv: Tensors, ntv: Tensors, ov: Tensors, order: Any) -> Any:
        """Take all steps with all members."""
        import tensorflow as tf

        return self._steps(tv, ntv, ov, order, tf.shape(order)[0])[1:]

    def _unequal_epoch(
        self, tv: Tensors, ntv: Tensors, ov: Tensors, order: Any, common: Any, active: Any
    ) -> Any:
        """Take the common steps with all members, and those after them with some."""
        import tensorflow as tf

        step = DRIVERS[self.driver]

        def masked(i: Any, tv: Any, ntv: Any, ov: Any, total: Any) -> Any:
            *after, value = step(self.network, tv, ntv, ov, self._batch(order[i]))
            keep = active[i]
            tv, ntv, ov = tf.nest.map_structure(
                lambda new, old: tf.where(_like(keep, new), new, old), tuple(after), (tv, ntv, ov)
            )
            return i + 1, tv, ntv, ov, total + tf.where(keep, tf.cast(value, total.dtype), 0)

        state = self._steps(tv, ntv, ov, order, common)
        last = tf.shape(order)[0]
        return tf.while_loop(lambda i, *_: i < last, masked, state)[1:]

    def _steps(self, tv: Tensors, ntv: Tensors, ov: Tensors, order: Any, steps: Any) -> Any:
        import tensorflow as tf

        step = DRIVERS[self.driver]

        def plain(i: Any, tv: Any, ntv: Any, ov: Any, total: Any) -> Any:
            tv, ntv, ov, value = step(self.network, tv, ntv, ov, self._batch(order[i]))
            return i + 1, tv, ntv, ov, total + tf.cast(value, total.dtype)

        state = (tf.constant(0), tv, ntv, ov, tf.zeros(tf.shape(order)[1], tf.float64))
        return tf.while_loop(lambda i, *_: i < steps, plain, state)

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
            # Keras does not rewrite a layer's Python either, and tracing takes a fifth of the time.
            options = {"input_signature": specs, "autograph": False}
            self._traced[key] = tf.function(self._function, **options)
        return self._traced[key](*arguments)


def _spec(tensor: Any, is_open: bool) -> Any:
    import tensorflow as tf

    shape = [None, *tensor.shape[1:]] if is_open else tensor.shape
    return tf.TensorSpec(shape, tensor.dtype)


def _like(keep: Any, values: Any) -> Any:
    """Give a mask over the members the rank of what it masks."""
    import tensorflow as tf

    return tf.reshape(keep, [-1] + [1] * (values.shape.rank - 1))
