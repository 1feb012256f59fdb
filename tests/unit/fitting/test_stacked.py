"""Networks trained as one are the networks trained alone by Keras, member by member."""

import numpy as np
import pytest
from trained_alone import BATCH, alone, assert_the_same, mse, some_data, some_members

from boxloop.fitting.network import epoch_order
from boxloop.fitting.stacked import Data, Member, train_stacked
from boxloop.fitting.stacked.drivers import OPTIMIZERS, needs_trial
from boxloop.fitting.stacked.rates import learning_rate
from boxloop.study.seeds import integer_seed

OPTIMISERS = [
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {"centered": True}),
    ("Adam", {"amsgrad": True, "global_clipnorm": 0.1}),
    ("AdamW", {"weight_decay": 0.02, "clipnorm": 0.1}),
    ("Nadam", {}),
    ("Adamax", {}),
    ("Adagrad", {}),
    ("Adadelta", {"clipvalue": 0.01}),
    ("Lion", {}),
    ("Ftrl", {}),
]


def dense(keras, *layers):
    def build(member):
        inputs = keras.Input((6,))
        hidden = inputs
        for layer in layers:
            hidden = layer()(hidden)
        return keras.Model(inputs, keras.layers.Dense(1)(hidden))

    return build


def test_dense_layers_with_dropout_and_batch_statistics_are_those_of_keras(float64):
    layers = float64.layers
    build = dense(
        float64,
        lambda: layers.Dense(8, "relu", kernel_regularizer="l2"),
        layers.BatchNormalization,
        lambda: layers.Dropout(0.3),
        lambda: layers.Dense(8, "tanh"),
        layers.LayerNormalization,
    )
    data = some_data((6,), "float64")
    assert_the_same(float64, build, some_members(epochs=5), data, 1e-6)


def test_every_driver_gives_the_same_network(float64):
    build = dense(float64, lambda: float64.layers.Dense(8, "relu"))
    data, members = some_data((6,), "float64"), some_members()[:5]
    drivers = [{"driver": name, "width": 2} for name in ("vmap", "vmap_outer", "unroll")]
    assert_the_same(float64, build, members, data, 1e-6, drivers=drivers)


def test_each_member_has_its_own_dropout_rate(float64):
    def build(member):
        inputs = float64.Input((6,))
        hidden = float64.layers.Dense(8, "relu")(inputs)
        hidden = float64.layers.Dropout(member.hyperparameters["dropout"])(hidden)
        return float64.Model(inputs, float64.layers.Dense(1)(hidden))

    members = [
        Member(m.data, m.seed, {**m.hyperparameters, "dropout": 0.1 + 0.1 * i})
        for i, m in enumerate(some_members())
    ]
    data, adam = some_data((6,), "float64"), float64.optimizers.Adam
    options = {"loss": mse, "optimizer": adam(), "batch_size": BATCH}
    results = train_stacked(build, members, data, **options)
    for place in (1, 5):
        ((_, output),) = alone(float64, build, [members[place]], data, adam)
        np.testing.assert_allclose(results[place].output, output, rtol=1e-4, atol=1e-6)


@pytest.mark.long  # short: its own dropout rate
def test_each_member_has_its_own_weight_decay(float64):
    build = dense(float64, lambda: float64.layers.Dense(8, "relu"))
    data, members = some_data((6,), "float64"), some_members()
    members = [
        Member(m.data, m.seed, {**m.hyperparameters, "weight_decay": decay})
        for m, decay in zip(members, (0.0, 0.01, 0.02, 0.1, 0.5, 1.0), strict=True)
    ]
    options = {"loss": mse, "optimizer": float64.optimizers.AdamW(), "batch_size": BATCH}
    results = train_stacked(build, members, data, **options)
    for place in (1, 5):
        decay = members[place].hyperparameters["weight_decay"]
        ((_, output),) = alone(
            float64,
            build,
            [members[place]],
            data,
            lambda decay=decay: float64.optimizers.AdamW(weight_decay=decay),
        )
        np.testing.assert_allclose(results[place].output, output, rtol=1e-6)


@pytest.mark.long  # short: that of the registered convolutional network
def test_convolutions_are_those_of_keras(float64):
    def build(member):
        inputs = float64.Input((8, 8, 1))
        hidden = float64.layers.Conv2D(4, 3, activation="relu")(inputs)
        hidden = float64.layers.MaxPooling2D()(hidden)
        hidden = float64.layers.BatchNormalization()(hidden)
        hidden = float64.layers.Flatten()(hidden)
        return float64.Model(inputs, float64.layers.Dense(1)(hidden))

    data, driver = some_data((8, 8, 1), "float64"), {"driver": "unroll", "width": 2}
    assert_the_same(float64, build, some_members(), data, 1e-6, drivers=[driver])


@pytest.mark.long  # short: that of the registered recurrent network
def test_recurrent_layers_with_a_mask_are_those_of_keras(float64):
    def build(member):
        inputs = float64.Input((9, 3))
        hidden = float64.layers.Masking()(inputs)
        hidden = float64.layers.GRU(5)(hidden)
        return float64.Model(inputs, float64.layers.Dense(1)(hidden))

    assert_the_same(float64, build, some_members(), some_data((9, 3), "float64"), 1e-6)


@pytest.mark.long  # short: dense layers
def test_attention_is_that_of_keras(float64):
    def build(member):
        inputs = float64.Input((7, 4))
        hidden = float64.layers.MultiHeadAttention(2, 4)(inputs, inputs)
        hidden = float64.layers.GlobalAveragePooling1D()(hidden + inputs)
        return float64.Model(inputs, float64.layers.Dense(1)(hidden))

    # Adam makes steps out of the rounding errors of the key's bias, whose gradient is zero.
    data = some_data((7, 4), "float64")
    sgd = float64.optimizers.SGD
    assert_the_same(float64, build, some_members(), data, 1e-6, optimizer=sgd)


def test_optimisers_that_no_test_holds_to_keras_are_tried_first(keras):
    model = dense(keras, lambda: keras.layers.Dense(4))(None)
    names = {parameters[0] for parameters in OPTIMISERS}
    assert names == OPTIMIZERS
    assert not needs_trial(model, keras.optimizers.Lion())
    assert needs_trial(model, keras.optimizers.Lamb())
    assert needs_trial(model, keras.optimizers.Adam(use_ema=True))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        pytest.param(*one, id=one[0], marks=() if one[0] == "Adam" else pytest.mark.long)
        for one in OPTIMISERS
    ],
)
def test_every_optimiser_is_that_of_keras(float64, name, options):
    build = dense(float64, lambda: float64.layers.Dense(4, "tanh"))
    kind = getattr(float64.optimizers, name)
    assert_the_same(
        float64,
        build,
        some_members(),
        some_data((6,), "float64"),
        1e-6,
        optimizer=lambda: kind(**options),
    )


def test_single_precision_agrees_in_the_first_epoch(keras):
    build = dense(keras, lambda: keras.layers.Dense(8, "relu"))
    assert_the_same(keras, build, some_members(epochs=1), some_data((6,)), 1e-4)


def test_a_member_does_not_depend_on_its_company(float64):
    build = dense(float64, lambda: float64.layers.Dense(8, "relu"))
    data, members = some_data((6,), "float64"), some_members()
    options = {"loss": mse, "optimizer": float64.optimizers.Adam(), "batch_size": BATCH}
    together = train_stacked(build, members, data, **options)
    few = train_stacked(build, members[3:1:-1], data, **options)
    for one, other in zip(together[3:1:-1], few, strict=True):
        np.testing.assert_allclose(one.output, other.output, rtol=1e-6)
        assert one.epochs == other.epochs


def test_a_loss_that_is_no_number_fails_its_member_alone(keras):
    build = dense(keras, lambda: keras.layers.Dense(4))
    members = some_members()
    wild = Member(1, members[1].seed, {**members[1].hyperparameters, "learning_rate": 1e30})
    results = train_stacked(
        build,
        [members[0], wild, members[2]],
        some_data((6,)),
        loss=mse,
        optimizer=keras.optimizers.SGD(),
        batch_size=BATCH,
    )
    assert "the loss became" in results[1].failure
    assert [bool(r.failure) for r in results] == [False, True, False]
    assert all(np.isfinite(r.output).all() for r in (results[0], results[2]))


def test_weights_of_rows_count_as_in_keras(float64):
    build = dense(float64, lambda: float64.layers.Dense(4, "tanh"))
    rng = np.random.default_rng(3)
    plain = some_data((6,), "float64")[0]
    weight = rng.uniform(0.2, 1.8, len(plain)).astype("float32")
    member = Member(0, (0, "w"), some_members()[0].hyperparameters, epochs=2)
    found = train_stacked(
        build,
        [member],
        [Data(plain.inputs, plain.target, weight, None, plain.scored)],
        loss=mse,
        optimizer=float64.optimizers.Adam(),
        batch_size=BATCH,
    )
    float64.utils.set_random_seed(integer_seed(*member.seed, "weights"))
    model = build(member)
    model.compile(float64.optimizers.Adam(), "mse", jit_compile=False)
    for epoch in range(2):
        order = epoch_order(member.seed, epoch, len(plain), BATCH)
        model.optimizer.learning_rate = learning_rate(member, epoch)
        x, y = plain.inputs["x"][order], plain.target[order]
        model.fit(x, y, sample_weight=weight[order], batch_size=BATCH, shuffle=False, verbose=0)
    np.testing.assert_allclose(
        found[0].output, model.predict(plain.scored["x"], verbose=0), rtol=1e-5
    )


@pytest.mark.long  # short: a member does not depend on its company
def test_unrolled_members_have_the_same_bits_in_any_company_and_alone_with_keras(keras):
    build = dense(keras, lambda: keras.layers.Dense(8, "relu"))
    data, members = some_data((6,)), some_members(epochs=2)[:4]
    options = {"loss": mse, "batch_size": BATCH, "driver": "unroll"}

    def trained(some, width):
        optimizer = keras.optimizers.Adam()
        return train_stacked(build, some, data, optimizer=optimizer, width=width, **options)

    together = trained(members, 3)
    for other in (trained(members, 1), trained(members[::-1], 2)[::-1]):
        for one, two in zip(together, other, strict=True):
            assert one.history == two.history and one.output.tobytes() == two.output.tobytes()
    expected = alone(keras, build, members[:2], data, keras.optimizers.Adam)
    for result, (_, output) in zip(together, expected, strict=False):
        assert result.output.tobytes() == output.tobytes()
