"""Which driver takes the steps of an architecture, and a trial of it against Keras."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from boxloop.fitting.network import epoch_order
from boxloop.fitting.stacked.members import Data, Member
from boxloop.fitting.stacked.rates import learning_rate
from boxloop.fitting.stacked.train import train_stacked
from boxloop.study.seeds import integer_seed

#: Members in one graph where each has a copy of the step. More of them take no less time in a step,
#: and longer to trace.
WIDTH = 2
#: From so many members on a recurrent network is faster vectorised than copied.
MANY = 20
#: Layers with weights or draws of their own that a test holds to `model.fit`; any other is tried
#: before it is believed. Layers without either are functions.
TRIED = frozenset(
    [
        *("Dense", "Dropout", "BatchNormalization", "LayerNormalization", "Conv1D", "Conv2D"),
        *("GRU", "GRUCell", "LSTM", "LSTMCell", "MultiHeadAttention"),
    ]
)
#: Optimisers that a test holds to `model.fit`; any other is tried as well.
OPTIMIZERS = frozenset(
    [
        *("SGD", "RMSprop", "Adam", "AdamW", "Nadam", "Adamax", "Adagrad", "Adadelta", "Lion"),
        "Ftrl",
    ]
)
#: Steps and tolerance of the trial.
STEPS, TOLERANCE = 3, 1e-3


def driver_for(model: Any, members: int) -> tuple[str, int | None]:
    """Return driver and width for a network, by what it is made of.

    Convolutions get a copy of the step for each member: vectorised, TensorFlow turns them into
    grouped ones, which are slow. So do embeddings, whose gradients are sparse.
    """
    import keras

    layers = list(model._flatten_layers())
    kinds = {type(layer).__name__ for layer in layers}
    if any("Conv" in kind for kind in kinds):
        return "unroll", WIDTH
    if "Embedding" in kinds:
        return "unroll", WIDTH
    if any(isinstance(layer, keras.layers.RNN) for layer in layers) and members < MANY:
        return "unroll", WIDTH
    return "vmap_outer", None


def choose_driver(
    build: Callable[[Member], Any],
    members: Sequence[Member],
    data: Sequence[Data],
    *,
    loss: Callable[[Any, Any], Any],
    keras_loss: Any,
    optimizer: Any,
    batch_size: int,
) -> tuple[str, int | None, str]:
    """Choose a driver; where the network is not among those held to Keras by a test, try it.

    Returns
    -------
    driver, width
        ``alone`` where no driver gives what Keras does.
    reason : str
        Why it is not the one that the layers suggest; empty where it is.
    """
    model = build(members[0])
    if model.dtype_policy.name == "mixed_float16":
        return "alone", None, "in mixed_float16 each network scales its loss by itself"
    first = driver_for(model, len(members))
    if not needs_trial(model, optimizer):
        return *first, ""
    reason = ""
    for driver, width in dict.fromkeys([first, ("unroll", WIDTH)]):
        found = trial(
            build, members, data, loss=loss, keras_loss=keras_loss, optimizer=optimizer,
            batch_size=batch_size, driver=driver, width=width,
        )  # fmt: skip
        if not found:
            return driver, width, reason
        reason = found
    return "alone", None, reason


def needs_trial(model: Any, optimizer: Any) -> bool:
    """Whether anything about a network is not among what the tests hold to Keras."""
    layers = [layer for layer in model._flatten_layers() if layer is not model]
    plain = all(_is_plain(layer) for layer in layers)
    plain = plain and type(optimizer).__name__ in OPTIMIZERS
    return not plain or bool(optimizer.use_ema or optimizer.gradient_accumulation_steps)


def _is_plain(layer: Any) -> bool:
    import keras

    kind = type(layer)
    if not kind.__module__.startswith("keras.") or kind is keras.layers.Lambda:
        return False
    return kind.__name__ in TRIED or not layer.variables


def trial(
    build: Callable[[Member], Any],
    members: Sequence[Member],
    data: Sequence[Data],
    *,
    loss: Callable[[Any, Any], Any],
    keras_loss: Any,
    optimizer: Any,
    batch_size: int,
    driver: str,
    width: int | None,
) -> str:
    """Train the first and the last member for two short epochs, stacked and by Keras.

    Returns
    -------
    str
        Why the two differ; empty where they agree.
    """
    both = [members[0], members[-1]]
    few = [_few(data[m.data], batch_size) for m in both]
    two = [replace(m, data=i, epochs=2) for i, m in enumerate(both)]
    try:
        found = train_stacked(
            build, two, few, loss=loss, optimizer=optimizer, batch_size=batch_size,
            driver=driver, width=width,
        )  # fmt: skip
    except Exception as error:  # TensorFlow and layers of a user's own may raise anything
        return f"{driver}: {type(error).__name__}: {str(error).splitlines()[0][:200]}"
    for member, rows, result in zip(two, few, found, strict=True):
        ours = [h["loss"] for h in result.history]
        theirs, output = _alone(build, member, rows, keras_loss, optimizer, batch_size)
        spread = float(np.ptp(output)) or 1.0
        apart = float(np.abs(np.asarray(result.output) - output).max()) / spread
        if not np.allclose(ours, theirs, rtol=TOLERANCE) or not apart < 10 * TOLERANCE:
            return f"{driver}: losses {ours} where Keras has {theirs}"
    return ""


def _few(data: Data, batch_size: int) -> Data:
    n = min(len(data), STEPS * batch_size)
    inputs = {k: v[:n] for k, v in data.inputs.items()}
    weight = None if data.weight is None else data.weight[:n]
    return Data(inputs, data.target[:n], weight, None, {k: v[:8] for k, v in inputs.items()})


def _alone(
    build: Callable[[Member], Any],
    member: Member,
    data: Data,
    loss: Any,
    optimizer: Any,
    batch_size: int,
) -> tuple[list[float], Any]:
    import keras

    keras.utils.set_random_seed(integer_seed(*member.seed, "weights"))
    model = build(member)
    own = type(optimizer).from_config(optimizer.get_config())
    if member.hyperparameters.get("weight_decay") is not None:
        own.weight_decay = member.hyperparameters["weight_decay"]
    model.compile(own, loss, jit_compile=False)
    losses = []
    for epoch in range(member.longest):
        order = epoch_order(member.seed, epoch, len(data), batch_size)
        own.learning_rate = learning_rate(member, epoch)
        x = {k: v[order] for k, v in data.inputs.items()}
        weight = None if data.weight is None else data.weight[order]
        found = model.fit(
            x if len(x) > 1 else next(iter(x.values())),
            data.target[order],
            sample_weight=weight,
            batch_size=batch_size,
            shuffle=False,
            verbose=0,
        )
        losses.append(float(found.history["loss"][0]))
    scored: dict[str, Any] = data.scored or {}
    rows = scored if len(scored) > 1 else next(iter(scored.values()))
    return losses, np.asarray(model.predict(rows, verbose=0))
