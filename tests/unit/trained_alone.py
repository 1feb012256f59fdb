"""Networks trained one after the other by Keras's own model.fit, to hold stacked ones to."""

import numpy as np

from boxloop.fitting.network import epoch_order
from boxloop.fitting.stacked.rates import learning_rate
from boxloop.study.seeds import integer_seed

BATCH = 16


def alone(keras, build, members, data, optimizer):
    """Train members with model.fit, one after the other, each from the start.

    The model is compiled once, for a network that all have.

    Yields
    ------
    history, stopping included, and outputs
    """
    model = build(members[0])
    model.compile(optimizer(), "mse", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    unused = [v.numpy() for v in model.optimizer.variables]
    for member in members:
        keras.utils.set_random_seed(integer_seed(*member.seed, "weights"))
        fresh = [v.numpy() for v in build(member).variables]
        together = [*model.variables, *model.optimizer.variables]
        for variable, value in zip(together, [*fresh, *unused], strict=True):
            variable.assign(value)
        yield trained(model, member, data[member.data])


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
