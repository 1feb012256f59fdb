"""Errors in training: weights, scattered copies, and the models that take them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tables import numbers_table, resampled_table, trial

from boxloop.errors import BoxloopError
from boxloop.fitting import Fitted, fit_model, fit_recipe
from boxloop.fitting.error_resampling import COPIES, resampled_copies
from boxloop.fitting.targets import encoded
from boxloop.fitting.training_set import training_set_of
from boxloop.fitting.weights import object_weights
from boxloop.sampling.split_normal import split_normal
from boxloop.store import Column, Table
from boxloop.study.known_models import GIVEN, MODELS

SEED = (0, "test")
TARGET = {"low": "redshift_err_low", "high": "redshift_err_high", "use": "weight"}


def _table(n: int = 200, **errors: object) -> Table:
    """The table of numbers with columns of errors."""
    table = numbers_table(n)
    frame = table.frame.assign(**errors)
    roles = {c: Column("target_error" if "redshift" in c else "error") for c in errors}
    return Table(frame, {**table.columns, **roles})


def _recipe(errors: dict | None = None, target: dict | None = None, **more: object) -> dict:
    part = {"columns": ["a", "b"], "indicators": [], "impute": True, **more}
    recipe: dict = {"inputs": ["table"], "table": part}
    if errors:
        part["errors"] = errors
    return {**recipe, "target_error": target} if target else recipe


def _of(use: str, name: str = "a", two_sided: bool = False) -> dict:
    ends = ("_err_low", "_err_high") if two_sided else ("_err", "_err")
    return {name: {"use": use, "low": name + ends[0], "high": name + ends[1]}}


def _fit(table: Table, recipe: dict, name: str = "linear", **options: object) -> Fitted:
    target, _ = encoded(table, "regression")
    hyper = options.pop("hyperparameters", {})
    return fit_model(
        trial(name, **hyper), recipe, table, target, task="regression", seed=SEED, **options
    )


def test_an_exact_target_weighs_twice_as_much_as_a_typical_one() -> None:
    """1 / (0 + s^2) against 1 / (s^2 + s^2); five times the median gives 1 / 26."""
    error = np.array([1e-9, 1.0, 1.0, 1.0, 5.0, np.nan])
    table = _table(6, redshift_err_low=error, redshift_err_high=error)
    weights = object_weights(_recipe(target=TARGET), table)
    np.testing.assert_allclose(weights / weights[1], [2, 1, 1, 1, 2 / 26, 1], rtol=1e-9)
    assert weights.mean() == pytest.approx(1)


def test_the_error_of_a_target_is_the_mean_of_both_sides() -> None:
    low, high = np.array([1.0, 2.0, 3.0, 2.0]), np.array([3.0, 2.0, 1.0, 2.0])
    table = _table(4, redshift_err_low=low, redshift_err_high=high)
    np.testing.assert_allclose(object_weights(_recipe(target=TARGET), table), 1.0)


def test_a_feature_as_uncertain_as_it_varies_weighs_half() -> None:
    table = _table(1001, a_err=1e-9)
    a = table.frame["a"]
    spread = 1.4826 * float(np.median(np.abs(a - np.median(a))))
    table.frame.loc[0, "a_err"] = spread
    weights = object_weights(_recipe(_of("weight")), table)
    assert weights[0] / weights[1] == pytest.approx(0.5, rel=1e-9)


def test_several_errors_multiply() -> None:
    rng = np.random.default_rng(0)
    table = _table(50, a_err=rng.uniform(0.1, 2, 50), b_err=rng.uniform(0.1, 2, 50))
    one, two = (object_weights(_recipe(_of("weight", c)), table) for c in "ab")
    both = object_weights(_recipe(_of("weight", "a") | _of("weight", "b")), table)
    np.testing.assert_allclose(both / both[0], (one * two) / (one * two)[0], rtol=1e-9)


def test_the_unit_of_an_error_does_not_matter() -> None:
    error = np.random.default_rng(0).uniform(0.1, 2, 50)
    table = _table(50, redshift_err_low=error, redshift_err_high=error)
    other = _table(50, redshift_err_low=error * 1e3, redshift_err_high=error * 1e3)
    recipe = _recipe(target=TARGET)
    np.testing.assert_allclose(object_weights(recipe, table), object_weights(recipe, other))


def test_errors_that_are_not_to_be_used_give_no_weights() -> None:
    table = _table(20, redshift_err_low=1.0, redshift_err_high=1.0, a_err=0.1)
    assert object_weights(_recipe(target={**TARGET, "use": "none"}), table) is None
    assert object_weights(_recipe(_of("resample")), table) is None


def test_weights_without_any_error_name_the_column() -> None:
    table = _table(20, redshift_err_low=np.nan, redshift_err_high=0.0)
    with pytest.raises(BoxloopError, match="redshift_err_low"):
        object_weights(_recipe(target=TARGET), table)


def test_weights_of_a_fold_know_nothing_of_other_objects() -> None:
    error = np.random.default_rng(0).uniform(0.1, 2, 200)
    table = _table(200, a_err=error)
    other = _table(200, a_err=np.where(np.arange(200) < 150, error, 1e6))
    other.frame.loc[150:, "a"] = 1e6
    rows = np.arange(150)
    recipe = _recipe(_of("weight"))
    one, two = (object_weights(recipe, t.take(rows)) for t in (table, other))
    assert (one == two).all()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=pytest.mark.long if MODELS[n].network else ())
        for n in MODELS
        if n != GIVEN and MODELS[n].task != "classification" and MODELS[n].sees in ("", "table")
    ],
)
def test_every_registered_model_learns_from_weights(name: str) -> None:
    """Half of the objects say 0, half 1; those that say 1 have errors ten times as large."""
    table = _table(200)
    one = np.arange(200) % 2 == 1
    table.frame["redshift"] = one.astype(float)
    table.frame[["a", "b"]] = 1.0
    error = np.where(one, 10.0, 1.0)
    columns = {**table.columns, "e": Column("target_error")}
    table = Table(table.frame.assign(e=error), columns)
    hyper = {"epochs": 12, "batch_size": 10, "learning_rate": 0.02, "units": [8]}
    hyper = hyper if MODELS[name].network else {}
    fits = []
    for use in ("none", "weight"):
        recipe = _recipe(target={"low": "e", "high": "e", "use": use})
        fits.append(_fit(table, recipe, name, hyperparameters=hyper, point="mean"))
    without, weighted = (float(f.predict(table)["prediction"].mean()) for f in fits)
    assert weighted < without - 0.1


def test_the_fit_of_a_pipeline_passes_weights_to_its_last_step(tmp_path: Path) -> None:
    fits = [_own(tmp_path, "pipeline", use).predict(_noisy()) for use in ("none", "weight")]
    assert not np.allclose(fits[0]["prediction"], fits[1]["prediction"])


def test_a_model_that_takes_no_weights_says_so(tmp_path: Path) -> None:
    with pytest.raises(BoxloopError, match="KNeighborsRegressor takes no sample_weight"):
        _own(tmp_path, "neighbours", "weight")
    _own(tmp_path, "neighbours", "none")


def _noisy() -> Table:
    error = np.random.default_rng(0).uniform(0.1, 2, 60)
    return _table(60, redshift_err_low=error, redshift_err_high=error)


def _own(folder: Path, function: str, use: str) -> Fitted:
    module = folder / "own_weights.py"
    module.write_text(
        "from sklearn.linear_model import LinearRegression\n"
        "from sklearn.neighbors import KNeighborsRegressor\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler\n\n\n"
        "def pipeline(input_shape, output_shape):\n"
        "    return make_pipeline(StandardScaler(), LinearRegression())\n\n\n"
        "def neighbours(input_shape, output_shape):\n"
        "    return KNeighborsRegressor()\n"
    )
    own = {**trial("linear"), "kind": None, "function": f"own_weights:{function}"}
    own["hyperparameters"] = {}
    table, recipe = _noisy(), _recipe(target={**TARGET, "use": use})
    target, _ = encoded(table, "regression")
    return fit_model(
        own, recipe, table, target, task="regression", seed=SEED, user_code=[str(module)]
    )


def test_draws_of_a_split_normal_have_its_two_widths_and_no_step() -> None:
    n = 400_000
    drawn = split_normal(np.full(n, 1.0), np.full(n, 3.0), np.random.default_rng(0))
    assert np.sqrt((drawn[drawn < 0] ** 2).mean()) == pytest.approx(1, abs=0.01)
    assert np.sqrt((drawn[drawn > 0] ** 2).mean()) == pytest.approx(3, abs=0.03)
    below, above = ((drawn > -0.05) & (drawn < 0)).sum(), ((drawn > 0) & (drawn < 0.05)).sum()
    assert below / above == pytest.approx(1, abs=0.1)


def test_a_value_without_a_positive_error_is_not_moved() -> None:
    error = np.array([np.nan, 0.0, -1.0, 1.0])
    assert (split_normal(error, error, np.random.default_rng(0)) == 0).tolist() == [1, 1, 1, 0]


def test_copies_scatter_by_the_error_and_only_what_has_one() -> None:
    table = _table(20_000, a_err=0.5)
    copies = resampled_copies(_recipe(_of("resample")), table, SEED)
    moved = [c.frame["a"] - table.frame["a"] for c in copies]
    assert len(copies) == COPIES
    for change, copy in zip(moved, copies, strict=True):
        assert change.std() == pytest.approx(0.5, rel=0.03)
        assert change.mean() == pytest.approx(0, abs=0.02)
        pd.testing.assert_frame_equal(copy.frame.drop(columns="a"), table.frame.drop(columns="a"))
    assert abs(np.corrcoef(moved)[0, 1]) < 0.05


def test_the_draws_of_a_feature_do_not_depend_on_other_features() -> None:
    table = _table(50, a_err=0.5, b_err=0.5)
    one = resampled_copies(_recipe(_of("resample")), table, SEED)
    both = resampled_copies(_recipe(_of("resample") | _of("resample", "b")), table, SEED)
    assert (one[0].frame["a"] == both[0].frame["a"]).all()


def test_a_derived_column_fits_the_scattered_values() -> None:
    from boxloop.features import DERIVED, derive

    derived = {"colours": {"function": "colours", "bands": ["a", "b"]}}
    table = derive(_table(50, a_err=0.5), derived, DERIVED)
    colour = next(c for c in table.of_role("derived"))
    (copy, _) = resampled_copies(_recipe(_of("resample"), derived=derived), table, SEED)
    assert not np.allclose(copy.frame[colour], table.frame[colour])
    np.testing.assert_allclose(copy.frame[colour], copy.frame["a"] - copy.frame["b"], rtol=1e-9)
    assert list(copy.frame) == list(table.frame)


def test_an_object_and_its_copies_keep_the_weight_of_the_object() -> None:
    error = np.random.default_rng(0).uniform(0.1, 2, 40)
    table = _table(40, a_err=0.5, redshift_err_low=error, redshift_err_high=error)
    target, _ = encoded(table, "regression")
    weighted, plain = _recipe(target=TARGET), _recipe(_of("resample"), TARGET)

    def lesson_by(unfitted):
        recipe = fit_recipe(unfitted, table)
        return training_set_of(recipe, table, recipe.transform(table), target, SEED)

    alone, training_set = lesson_by(weighted), lesson_by(plain)
    assert len(training_set.target) == 40 * (1 + COPIES)
    shares = training_set.weights.reshape(1 + COPIES, 40)
    np.testing.assert_allclose(shares.sum(axis=0), alone.weights)
    np.testing.assert_allclose(training_set.inputs["table"][:40], alone.inputs["table"])


def test_scattering_attenuates_a_slope_as_the_theory_of_noisy_features_says() -> None:
    """Of three copies two have noise e: the slope falls by v / (v + 2/3 e^2)."""
    table = _table(40_000, a_err=1.0)
    table.frame["redshift"] = table.frame["a"]
    fitted = _fit(table, _recipe(_of("resample"), columns=["a"]))
    slope = np.polyfit(table.frame["a"], fitted.predict(table)["prediction"], 1)[0]
    variance = table.frame["a"].var()
    assert slope == pytest.approx(variance / (variance + 2 / 3), abs=0.01)


def test_what_is_predicted_is_never_scattered() -> None:
    table = _table(60, a_err=0.5)
    fitted = _fit(table, _recipe(_of("resample")), "tree")
    pd.testing.assert_frame_equal(fitted.predict(table), fitted.predict(table))
    without = _table(60, a_err=np.nan)
    pd.testing.assert_frame_equal(fitted.predict(table), fitted.predict(without))


def test_the_rows_that_stop_a_network_teach_nothing_and_are_not_scattered() -> None:
    table, other = _table(120, a_err=0.5), _table(120, a_err=0.5)
    stopping = np.arange(120) % 4 == 0
    other.frame.loc[stopping, "a_err"] = 100.0
    hyper = {"epochs": 4, "units": [4], "batch_size": 32}
    recipe = _recipe(_of("resample"))
    one, two = (
        _fit(t, recipe, "dense", stopping=stopping, hyperparameters=hyper) for t in (table, other)
    )
    losses = [[row["stopping_loss"] for row in f.history] for f in (one, two)]
    # A row's draw is its own, so those of the other rows are the same in both tables.
    assert losses[0] == losses[1]


OWN = """
def total(table):
    return table[["a"]].assign(total=table.select_dtypes("number").sum(axis=1))
"""


def test_a_function_sees_no_target_in_scattered_copies_either(tmp_path: Path) -> None:
    module = tmp_path / "own.py"
    module.write_text(OWN)
    errors = {"a": {"use": "resample", "low": "a_err", "high": "a_err"}}
    recipe = {"table": {"errors": errors, "derived": {"own": {"function": "own:total"}}}}
    copies = resampled_copies(recipe, resampled_table(), (0, "t"), [str(module)])
    assert len(copies) == 2
    for copy in copies:
        assert copy.frame["total"].max() < 100  # the target is 1000
        assert (copy.frame["z"] == 1000).all()
