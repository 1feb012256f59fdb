"""One step of all members at once, by one of several drivers.

State is three lists of tensors whose first axis runs over the members: trainable variables,
non-trainable ones (statistics of normalisation, seeds of dropout) and those of the optimiser.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from boxloop.fitting.stacked.rates import MemberDropout

Tensors = list[Any]


@dataclass(frozen=True)
class Network:
    """An architecture, its loss and its optimiser, as functions of tensors.

    Attributes
    ----------
    model : keras.Model
        Only its layers are used; the values of its variables are not.
    loss : callable
        (truth, output) -> one value a row.
    optimizer : keras.optimizers.Optimizer or OneVector
        Made by `boxloop.fitting.stacked.stateless.stateless`, built by `one_vector.built_for`.
    dropout : MemberDropout
        Its rates are the last of the non-trainable tensors.
    """

    model: Any
    loss: Callable[[Any, Any], Any]
    optimizer: Any
    dropout: MemberDropout

    def forward(self, tv: Tensors, ntv: Tensors, x: Any, y: Any, w: Any) -> tuple[Any, Tensors]:
        """Return the loss of a batch, regularisers included, and the new non-trainable values."""
        import tensorflow as tf

        *ntv, rates = ntv
        self.dropout.use(rates)
        out, after, extra = self.model.stateless_call(tv, ntv, x, training=True, return_losses=True)
        each = self.loss(y, _full(out))
        total = tf.reduce_sum(each * tf.cast(w, each.dtype)) / tf.cast(tf.size(each), each.dtype)
        if extra:
            total += tf.add_n([tf.cast(e, total.dtype) for e in extra])
        return total, [*(tf.convert_to_tensor(v) for v in after), rates]

    def update(self, ov: Tensors, gradient: Tensors, tv: Tensors) -> tuple[Tensors, Tensors]:
        """Return trainable variables and optimiser variables after a step."""
        tv, ov = self.optimizer.stateless_apply(ov, gradient, tv)
        return list(tv), list(ov)

    def watched(self, tv: Tensors, ntv: Tensors, x: Any, y: Any, w: Any) -> Any:
        """Return the weighted sum of the losses of rows, as the network is used, not trained."""
        import tensorflow as tf

        out, _, extra = self.model.stateless_call(
            tv, ntv[:-1], x, training=False, return_losses=True
        )
        out = _full(out)
        each, w = self.loss(y, out), tf.cast(w, out.dtype)
        total = tf.reduce_sum(each * w)
        if extra:
            total += tf.add_n([tf.cast(e, total.dtype) for e in extra]) * tf.reduce_sum(w)
        return total

    def output(self, tv: Tensors, ntv: Tensors, x: Any) -> Any:
        """Return what the network gives for rows."""
        return _full(self.model.stateless_call(tv, ntv[:-1], x, training=False)[0])


def _full(out: Any) -> Any:
    """Return what a network gives in full precision, in which losses are computed."""
    import tensorflow as tf

    return tf.cast(out, tf.float32) if out.dtype in (tf.float16, tf.bfloat16) else out


def _alone(network: Network, tv: Tensors, ntv: Tensors, ov: Tensors, batch: Any) -> Any:
    """One step of one member."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(tv)
        value, ntv = network.forward(tv, ntv, *batch)
    tv, ov = network.update(ov, tape.gradient(value, tv), tv)
    return tv, ntv, ov, value


def vmap(network: Network, tv: Tensors, ntv: Tensors, ov: Tensors, batch: Any) -> Any:
    """Vectorise a whole step; for networks whose gradient TensorFlow can vectorise."""
    import tensorflow as tf

    return tf.vectorized_map(lambda a: _alone(network, *a), (tv, ntv, ov, batch))


def vmap_outer(network: Network, tv: Tensors, ntv: Tensors, ov: Tensors, batch: Any) -> Any:
    """Vectorise forward pass and optimiser; the gradient of the summed loss is taken outside."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(tv)
        values, ntv = tf.vectorized_map(lambda a: network.forward(*a[:2], *a[2]), (tv, ntv, batch))
        total = tf.reduce_sum(values)
    gradient = tape.gradient(total, tv)
    tv, ov = tf.vectorized_map(lambda a: network.update(*a), (ov, gradient, tv))
    return tv, ntv, ov, values


def unroll(network: Network, tv: Tensors, ntv: Tensors, ov: Tensors, batch: Any) -> Any:
    """Put a copy of the step for each member into one graph: the same bits as training alone."""
    import tensorflow as tf

    def member(k: int) -> Any:
        return tf.nest.map_structure(lambda t: t[k], (tv, ntv, ov, batch))

    each = [_alone(network, *member(k)) for k in range(tv[0].shape[0])]
    return tf.nest.map_structure(lambda *parts: tf.stack(parts), *each)


def over_members(driver: str, function: Callable[..., Any], arguments: Any) -> Any:
    """Apply a function of one member's tensors to all members, as the driver does."""
    import tensorflow as tf

    if driver != "unroll":
        return tf.vectorized_map(lambda a: function(*a), arguments)
    first = tf.nest.flatten(arguments)[0]
    each = [
        function(*tf.nest.map_structure(lambda t, k=k: t[k], arguments))
        for k in range(first.shape[0])
    ]
    return tf.nest.map_structure(lambda *parts: tf.stack(parts), *each)


DRIVERS: dict[str, Callable[..., Any]] = {
    "vmap": vmap,
    "vmap_outer": vmap_outer,
    "unroll": unroll,
}
