"""Permutation importance: other implementations, hand calculations, laws."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import permutation_importance as by_sklearn
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error
from understood import Formula, held_out, table_with

from boxloop.analyses.scores.compute import Truth
from boxloop.analyses.understanding.blocks import Block, Mixer, feature_blocks, usual_order
from boxloop.analyses.understanding.importance import REPEATS, importances, permutation_importance
from boxloop.store import Column, Table
from boxloop.study.seeds import generator

N = 400


def _independent(n: int = N, seed: int = 0) -> tuple[Table, np.ndarray]:
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(size=(3, n))
    return table_with(a=a, b=b, c=c), 2 * a + b + rng.normal(0, 0.1, n)


def _found(table: Table, truth: np.ndarray, model: Formula, **options) -> dict:
    blocks = feature_blocks(table, np.ones(len(table), bool))
    options = {"metric": "mse", "derived": {}, "seed": 3, **options}
    held = held_out(table, truth, options.pop("units", None), model.classes)
    found = permutation_importance({"m": model}, held, blocks, **options)
    groups = zip(found["groups"], found["models"]["m"]["groups"], strict=True)
    return {g["name"]: {**g, **of} for g, of in groups}


def test_importance_is_the_loss_on_the_same_permutations_computed_by_hand() -> None:
    table, truth = _independent()
    model = Formula(lambda f: 2 * f["a"] + f["b"], ("a", "b", "c"))
    found = _found(table, truth, model)
    frame, ids = table.frame, table.frame["id"].to_numpy()
    before = mean_squared_error(truth, model.function(frame))
    for name in ("a", "b"):
        losses = []
        for repeat in range(REPEATS):
            order = usual_order(ids, ids, generator(3, "importance", repeat))
            moved = frame.assign(**{name: frame[name].to_numpy()[order]})
            losses.append(mean_squared_error(truth, model.function(moved)) - before)
        assert found[name]["repeats"] == pytest.approx(losses, abs=1e-12)
        assert found[name]["value"] == pytest.approx(np.mean(losses), abs=1e-12)
    assert list(found) == ["a", "b", "c"]


def test_importance_is_scikit_learns_within_the_error_of_the_permutations() -> None:
    table, truth = _independent()
    matrix = table.frame[["a", "b", "c"]].to_numpy()
    fitted = LinearRegression().fit(matrix, truth)
    model = Formula(lambda f: fitted.predict(f[["a", "b", "c"]].to_numpy()), ("a", "b", "c"))
    theirs = by_sklearn(
        fitted, matrix, truth, scoring="neg_mean_squared_error", n_repeats=100, random_state=0
    )
    found = _found(table, truth, model)
    for i, name in enumerate("abc"):
        # Theirs leaves a row in place once in N times.
        error = theirs.importances_std[i] * np.sqrt(1 / REPEATS + 1 / 100)
        expected = theirs.importances_mean[i] * N / (N - 1)
        assert abs(found[name]["value"] - expected) < 4 * error + 1e-9


def test_what_a_model_does_not_use_has_no_importance() -> None:
    table, truth = _independent()
    shown = Formula(lambda f: 2 * f["a"] + f["b"], ("a", "b", "c"))
    assert _found(table, truth, shown)["c"]["value"] == 0
    hidden = Formula(lambda f: 2 * f["a"] + f["b"], ("a", "b"))
    assert _found(table, truth, hidden)["c"]["seen"] is False
    dummy = Formula(lambda f: np.zeros(len(f)), ())
    assert all(of["value"] == 0 for of in _found(table, truth, dummy).values())


def test_two_copies_of_a_column_are_permuted_together() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, N))
    table = table_with(a=a, copy=a, b=b)
    model = Formula(lambda f: f["a"] / 2 + f["copy"] / 2 + f["b"], ("a", "copy", "b"))
    found = _found(table, a + b, model)
    # The mean of (a - permuted a)² is twice the variance; for half of a alone a quarter of that.
    assert found["a + copy"]["value"] == pytest.approx(2 * a.var(), rel=0.1)
    alone = permutation_importance(
        {"m": model},
        held_out(table, a + b),
        [Block("table", ("a",), ("a", "a__state"))],
        metric="mse",
        derived={},
        seed=3,
    )["models"]["m"]["groups"][0]
    assert alone["value"] == pytest.approx(a.var() / 2, rel=0.1)


def test_features_join_at_the_stated_correlation_whatever_its_sign() -> None:
    rng = np.random.default_rng(2)
    a, b, c = rng.normal(size=(3, 4000))
    table = table_with(a=a, b=b, minus_a=-a + 0.1 * c, almost=0.5 * a + b, flat=np.ones(4000))
    names = [of.columns for of in feature_blocks(table, np.ones(4000, bool))]
    assert names == [("a", "minus_a"), ("b", "almost"), ("flat",)]


def test_errors_states_and_limits_move_with_their_feature() -> None:
    table = table_with(a=np.arange(30.0), b=np.zeros(30))
    frame = table.frame.assign(a_err=np.arange(30.0), a__limit=np.arange(30.0))
    about = {**table.columns, "a_err": Column("feature_error"), "a__limit": Column("limit")}
    table = Table(frame, about)
    block = feature_blocks(table, np.ones(30, bool))[0]
    assert set(block.moves) == {"a", "a__state", "a_err", "a__limit"}
    order = np.random.default_rng(0).permutation(30)
    moved = Mixer(table, {}).permuted(block, order).frame
    for name in ("a", "a_err", "a__limit"):
        assert moved[name].tolist() == order.tolist()
    assert table.frame["a"].tolist() == list(range(30))


def test_derived_columns_follow_the_features_they_were_made_from(tmp_path: Path) -> None:
    module = tmp_path / "mine.py"
    module.write_text("def more(table):\n    return table.assign(of_keep=table['k'] * 2)\n")
    n = 200
    rng = np.random.default_rng(0)
    u, g, x = rng.normal(20, 1, (3, n))
    table = table_with(u=u, g=g, x=x)
    frame = table.frame.assign(k=rng.normal(size=n))
    about = {**table.columns, "k": Column("keep")}
    for name in ("u", "g", "x"):
        about[name] = Column("feature", "mag")
    derived = {
        "colours": {"function": "colours", "bands": ["u", "g"]},
        "mine": {"function": "mine:more"},
    }
    from boxloop.features import derive_blindly

    table = derive_blindly(Table(frame, about), derived, [str(module)])
    model = Formula(lambda f: f["u_g"] + f["of_keep"], ("u_g", "of_keep", "x"))
    truth = model.function(table.frame).to_numpy()
    found = _found(table, truth, model, derived=derived, user_code=[str(module)])
    assert found["u"]["derived"] == ["u_g"] and found["g"]["derived"] == ["u_g"]
    assert found["u"]["seen"] and found["u"]["value"] == pytest.approx(2.0, rel=0.4)
    assert found["x"]["value"] == 0
    # Nothing that is permuted as a feature changes it, so it is permuted itself.
    assert found["of_keep"]["kind"] == "derived" and found["of_keep"]["value"] > 1


def test_permuted_values_come_from_another_unit() -> None:
    rng = np.random.default_rng(5)
    ids = np.array([f"r{i}" for i in range(60)])
    units = rng.integers(0, 9, 60)
    for seed in range(20):
        order = usual_order(ids, units, np.random.default_rng(seed))
        assert sorted(order) == list(range(60))
        assert (units[order] != units).all()
    single = usual_order(ids, ids, np.random.default_rng(0))
    assert (single != np.arange(60)).all()
    assert usual_order(ids[:1], ids[:1], rng).tolist() == [0]
    one = usual_order(ids, np.zeros(60), rng)
    assert sorted(one) == list(range(60))


def test_every_pair_of_objects_is_equally_likely() -> None:
    n, draws = 6, 6000
    ids = np.array(list("abcdef"))
    counts = np.zeros((n, n))
    rng = np.random.default_rng(0)
    for _ in range(draws):
        counts[np.arange(n), usual_order(ids, ids, rng)] += 1
    assert (np.diag(counts) == 0).all()
    off = counts[~np.eye(n, dtype=bool)]
    expected = draws / (n - 1)
    assert np.abs(off - expected).max() < 5 * np.sqrt(expected)


def test_the_order_of_the_rows_changes_nothing() -> None:
    table, truth = _independent()
    units = np.arange(N) // 2
    model = Formula(lambda f: 2 * f["a"] + f["b"], ("a", "b", "c"))
    found = _found(table, truth, model, units=units)
    order = np.random.default_rng(9).permutation(N)
    again = _found(table.take(order), truth[order], model, units=units[order])
    for name, of in found.items():
        for key in ("value", "low", "high"):
            assert again[name][key] == pytest.approx(of[key], abs=1e-12), name


def test_intervals_resample_units_and_are_missing_below_ten() -> None:
    table, truth = _independent()
    model = Formula(lambda f: 2 * f["a"] + f["b"], ("a", "b", "c"))
    found = _found(table, truth, model)["a"]
    assert found["low"] < found["value"] < found["high"]
    few = _found(table, truth, model, units=np.arange(N) % 9)["a"]
    assert few["value"] > 0 and few["low"] is None and "10 units" in few["reason"]


def test_intervals_hold_the_true_importance() -> None:
    """The loss of a standard normal feature with weight 1 is 2 on average."""
    model = Formula(lambda f: f["a"], ("a",))
    inside, runs = 0, 120
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        a = rng.normal(size=150)
        found = _found(table_with(a=a), a + rng.normal(0, 0.5, 150), model, seed=seed)["a"]
        inside += found["low"] <= 2.0 <= found["high"]
    assert abs(inside / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)


def test_a_score_that_grows_loses_when_it_falls() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=N)
    table, truth = table_with(a=a), (a > 0).astype(int)
    labels = Formula(lambda f: (f["a"] > 0).astype(int), ("a",), ("n", "y"))
    found = _found(table, truth, labels, metric="accuracy")["a"]
    assert found["value"] == pytest.approx(0.5, abs=0.1)
    silent = _found(table, truth, labels, metric="log_loss")["a"]
    assert silent["value"] is None and silent["reason"] == "the model gives no probability"


def test_an_image_and_a_light_curve_are_one_block_each() -> None:
    rng = np.random.default_rng(0)
    n = 60
    level = rng.normal(size=n)
    table = table_with(a=rng.normal(size=n))
    curves = pd.Series([np.full(3, x) for x in level])
    frame = table.frame.assign(**{"light_curve.time": curves, "light_curve.value": curves})
    about = {**table.columns}
    about |= {f"light_curve.{p}": Column("light_curve") for p in ("time", "value")}
    images = np.broadcast_to(level[:, None, None, None], (n, 4, 4, 1)).astype(np.float32)
    table = Table(frame, about, "simulated", {"image": images})

    class Sees(Formula):
        def predict(self, table: Table) -> pd.DataFrame:
            images = table.arrays["image"].mean(axis=(1, 2, 3))
            curves = np.array([v.mean() for v in table.frame["light_curve.value"]])
            return pd.DataFrame({"id": table.frame["id"], "prediction": images + curves})

    model = Sees(lambda f: f["a"], ("a",))
    model.recipe.unfitted["inputs"] = ["table", "image", "light_curve"]
    found = _found(table, 2 * level, model)
    assert found["image"]["value"] > 0.5 and found["light_curve"]["value"] > 0.5
    assert found["a"]["value"] == 0


def _truth(table: Table, values: np.ndarray) -> Truth:
    ids = table.frame["id"]
    return Truth(pd.DataFrame({"id": ids, "target": values, "unit": ids}), ())


def test_a_draft_uses_calibration_objects_and_never_test_objects() -> None:
    table, truth = _independent()
    sets = np.array(["train"] * 200 + ["calibration"] * 100 + ["test"] * 100)
    model = Formula(lambda f: 2 * f["a"] + f["b"], ("a", "b", "c"))
    options = {"metric": "mse", "derived": {}, "seed": 0}
    known = _truth(table, truth)
    open_ = Truth(known.frame[sets != "test"], ())
    draft = importances({"m": model}, table, sets, open_, final=False, **options)
    assert draft["set"] == "calibration" and draft["objects"] == 100
    final = importances({"m": model}, table, sets, known, final=True, **options)
    assert final["set"] == "test" and final["objects"] == 100
    none = importances({"m": model}, table, np.full(N, "train"), known, final=False, **options)
    assert none["set"] is None and "calibration" in none["reason"] and none["models"] == {}


def test_at_most_so_many_objects_are_permuted(monkeypatch: pytest.MonkeyPatch) -> None:
    import boxloop.analyses.understanding.importance as module

    monkeypatch.setattr(module, "OBJECTS", 230)
    table, truth = _independent()
    model = Formula(lambda f: 2 * f["a"], ("a", "b", "c"))
    sets = np.full(N, "test")
    sets[:20] = "train"
    options = {"final": True, "metric": "mse", "derived": {}, "seed": 0}
    found = importances({"m": model}, table, sets, _truth(table, truth), **options)
    assert found["objects"] == 230
    order = np.random.default_rng(1).permutation(N)
    shuffled = table.take(order)
    again = importances(
        {"m": model}, shuffled, sets[order], _truth(shuffled, truth[order]), **options
    )
    pairs = zip(found["models"]["m"]["groups"], again["models"]["m"]["groups"], strict=True)
    assert all(x["value"] == pytest.approx(y["value"], abs=1e-12) for x, y in pairs)
    assert SimpleNamespace(**found).repeats == REPEATS
