"""The registered networks, and layers that users may take, trained as one equal Keras alone."""

import numpy as np
import pytest
from tables import trial
from trained_alone import assert_the_same, some_data, some_members

from boxloop.fitting.build import Builder
from boxloop.fitting.stacked import Data
from boxloop.fitting.stacked.drivers import driver_for, needs_trial

EPOCHS, CHANNELS = 7, 3
SHAPES = {
    "autoencoder": (6,),
    "cnn": (7, 6, 2),
    "cnn1d": (EPOCHS, CHANNELS),
    "gru": (EPOCHS, CHANNELS),
}
SMALL = {
    "autoencoder": {"units": [5], "latent_dim": 2, "reconstruction_weight": 0.5},
    "cnn": {"filters": [2, 3], "units": [4]},
    "cnn1d": {"filters": [2, 3], "kernel_size": 3, "units": [4]},
    "gru": {"units": [3]},
}
CLASSES = ("a", "b", "c")


def ended(x):
    """End light curves at different epochs; the last channel says which were seen."""
    ends = np.arange(len(x)) % (EPOCHS + 1)
    seen = np.arange(EPOCHS) < ends[:, None]
    x[..., -1] = 1
    return x * seen[..., None]


def data_for(kind, classes):
    """Two folds of rows as the network gets them, targets as fitting makes them."""

    def of(rows):
        x = rows.inputs["x"]
        x = ended(x) if len(SHAPES[kind]) == 2 else x
        y = np.digitize(rows.target, [-0.7, 0.7]).astype("int32") if classes else rows.target
        scored = None if rows.scored is None else {"x": x[:7]}
        stopping = None if rows.stopping is None else of(rows.stopping)
        return Data({"x": x}, y if classes else y[:, None], None, stopping, scored)

    return [of(rows) for rows in some_data(SHAPES[kind], "float64", folds=2)]


def builder_of(kind, classes, **more):
    task = "classification" if classes else "regression"
    one = trial(kind, **{**SMALL[kind], **more})
    return Builder(one, classes, task, (0, "test"), 1, ())


#: What the short tests train; all else is among the long ones.
SHORT = {"cnn": CLASSES, "gru": CLASSES}


@pytest.mark.parametrize(
    ("kind", "classes"),
    [
        pytest.param(
            kind,
            classes,
            id=f"{kind}-{'classes' if classes else 'numbers'}",
            marks=() if SHORT.get(kind) == classes else pytest.mark.long,
        )
        for kind in SMALL
        for classes in (CLASSES, ())
    ],
)
def test_a_registered_network_trained_in_a_stack_is_that_of_keras(float64, kind, classes):
    builder = builder_of(kind, classes, dropout=0.2)
    members = some_members(folds=2, epochs=2)
    driver, _ = driver_for(builder.build(SHAPES[kind]), len(members))
    assert_the_same(
        float64,
        lambda member: builder.build(SHAPES[kind]),
        members,
        data_for(kind, classes),
        1e-6,
        drivers=[{"driver": driver, "width": 2}],  # a narrow graph is traced sooner
        loss=builder.loss,
    )


@pytest.mark.parametrize("kind", SMALL)
def test_a_registered_network_needs_no_trial_before_it_is_stacked(keras, kind):
    model = builder_of(kind, CLASSES, dropout=0.2).build(SHAPES[kind])
    assert not needs_trial(model, keras.optimizers.Adam())


@pytest.mark.parametrize(
    ("kind", "members", "driver"),
    [
        ("autoencoder", 4, "vmap_outer"),
        ("cnn", 4, "unroll"),
        ("cnn", 40, "unroll"),
        ("cnn1d", 4, "unroll"),
        ("gru", 4, "unroll"),
        ("gru", 40, "vmap_outer"),
    ],
)
def test_the_driver_is_the_one_that_was_fastest_for_such_layers(keras, kind, members, driver):
    assert driver_for(builder_of(kind, ()).build(SHAPES[kind]), members)[0] == driver


@pytest.mark.long
@pytest.mark.parametrize("layer", ["Conv1D", "LSTM"])
def test_layers_of_a_users_own_network_are_those_of_keras(float64, layer):
    layers = float64.layers

    def build(member):
        inputs = float64.Input((9, 3))
        if layer == "Conv1D":
            hidden = layers.Conv1D(3, 3, activation="relu")(inputs)
            hidden = layers.GlobalMaxPooling1D()(hidden)
        else:
            hidden = layers.LSTM(3)(layers.Masking()(inputs))
        return float64.Model(inputs, layers.Dense(1)(hidden))

    members = some_members(folds=2, epochs=2)
    options = [{"driver": driver_for(build(members[0]), len(members))[0], "width": 2}]
    assert_the_same(
        float64, build, members, some_data((9, 3), "float64", folds=2), 1e-6, drivers=options
    )
