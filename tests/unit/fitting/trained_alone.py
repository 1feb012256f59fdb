"""Networks trained one after the other by Keras's own model.fit, to hold stacked ones to."""

import numpy as np

from boxloop.fitting.losses import by_row
from boxloop.fitting.stacked import Data, Member, train_stacked
from boxloop.fitting.stacked.rates import learning_rate
from boxloop.study.seeds import generator, integer_seed

BATCH = 16
ROWS = 90


def some_data(shape, kind="float32", folds=3):
    rng = np.random.default_rng(7)
    found = []
    for fold in range(folds):
        n = ROWS + 11 * fold  # members do not all take the same number of steps
        x = rng.normal(size=(n, *shape)).astype(kind)
        y = (x.reshape(n, -1)[:, :2].sum(axis=1) + 0.1 * rng.normal(size=n)).astype(kind)
        slice_ = Data({"x": x[:20]}, y[:20])
        found.append(Data({"x": x[20:]}, y[20:], None, slice_, {"x": x[:7]}))
    return found


def some_members(folds=3, epochs=3, **more):
    values = {"schedule": "cosine", "epochs": epochs, "patience": 2, **more}
    return [
        Member(fold, (0, "search", trial, fold), {"learning_rate": rate, **values})
        for trial, rate in enumerate((0.01, 0.003))
        for fold in range(folds)
    ]


def mse(truth, output):
    import tensorflow as tf

    return (output[:, 0] - tf.cast(truth, output.dtype)) ** 2


def assert_the_same(keras, build, members, data, rtol, optimizer=None, drivers=({},), loss=None):
    """Hold the first, the middle and the last member to Keras, by every driver."""
    optimizer = optimizer or keras.optimizers.Adam
    places = (0, len(members) // 2, len(members) - 1)
    some = [members[p] for p in places]
    expected = list(alone(keras, build, some, data, optimizer, loss or "mse"))
    rows = mse if loss is None else by_row(loss)
    for options in drivers:
        results = train_stacked(
            build, members, data, loss=rows, optimizer=optimizer(), batch_size=BATCH, **options
        )
        for place, (history, output) in zip(places, expected, strict=True):
            ours = np.array([[h["loss"], h["stopping_loss"]] for h in results[place].history])
            assert ours.shape == history.shape
            np.testing.assert_allclose(ours, history, rtol=rtol)
            np.testing.assert_allclose(results[place].output, output, rtol=100 * rtol, atol=rtol)


def alone(keras, build, members, data, optimizer, loss="mse"):
    """Train members with model.fit, one after the other, each from the start.

    The model is compiled once, for a network that all have.

    Yields
    ------
    history, stopping included, and outputs
    """
    model = build(members[0])
    model.compile(optimizer(), loss, jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    unused = [v.numpy() for v in model.optimizer.variables]
    for member in members:
        keras.utils.set_random_seed(integer_seed(*member.seed, "weights"))
        fresh = [v.numpy() for v in build(member).variables]
        together = [*model.variables, *model.optimizer.variables]
        for variable, value in zip(together, [*fresh, *unused], strict=True):
            variable.assign(value)
        yield trained(model, member, data[member.data])


def epoch_order(seed, epoch, rows, size):
    """The rows of an epoch: all in a drawn order, the first again until the last batch is full."""
    root, *use = seed
    order = list(generator(root, *use, "order", epoch).permutation(rows))
    return np.array(order + order[: -rows % min(size, rows)])


def trained(model, member, data):
    history, best, wait, kept = [], np.inf, 0, None
    for epoch in range(member.longest):
        order = epoch_order(member.seed, epoch, len(data), BATCH)
        model.optimizer.learning_rate = learning_rate(member, epoch)
        options = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
        found = model.fit(data.inputs["x"][order], data.target[order], epochs=1, **options)
        inner = data.stopping
        watched = model.evaluate(inner.inputs["x"], inner.target, verbose=0)
        history.append((found.history["loss"][0], watched))
        if watched < best:
            best, wait, kept = watched, 0, model.get_weights()
        else:
            wait += 1
            if wait >= member.hyperparameters["patience"]:
                break
    model.set_weights(kept)
    return np.array(history), model.predict(data.scored["x"], verbose=0)
