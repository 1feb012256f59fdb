"""Figures that show how models learn: capacity curves, trees, and who is a candidate."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from boxloop import plots
from boxloop.fitting.trees import DEPTH, nodes_of
from boxloop.plots.capacity import curve_of


def _trials(train: list, held: list, values: list, name: str = "max_depth") -> pd.DataFrame:
    rows = [
        {
            "id": f"t{i}",
            "model": "tree",
            "status": "done",
            "purpose": "search",
            "mean": h,
            "std": 0.01,
            "scores": json.dumps([h, h, h, h]),
            "train_mean": t,
            "hyperparameters": json.dumps({name: v, "units": [4, 4], "flag": True}),
        }
        for i, (t, h, v) in enumerate(zip(train, held, values, strict=True))
    ]
    return pd.DataFrame(rows)


SELECTED = {"metric": "rmse", "selected": "tree", "models": {"tree": {"trial": "t0"}}}
DEEPER = [1, 2, 4, 8, None]


@pytest.mark.parametrize(
    ("train", "held", "values", "rises"),
    [
        ([0.5, 0.4, 0.3, 0.1, 0.0], [0.5, 0.42, 0.35, 0.4, 0.5], DEEPER, True),
        ([0.5, 0.4, 0.3, 0.1, 0.0], [0.5, 0.42, 0.35, 0.34, 0.33], DEEPER, False),
        ([0.5, 0.4, 0.3, 0.1, 0.0], [0.5, 0.42, 0.35, 0.3, 0.302], DEEPER, False),
        ([0.0, 0.1, 0.3, 0.4, 0.5], [0.5, 0.4, 0.3, 0.42, 0.5], [1, 2, 4, 8, 16], True),
        ([0.0, 0.1, 0.3, 0.4, 0.5], [0.3, 0.31, 0.35, 0.42, 0.5], [1, 2, 4, 8, 16], False),
    ],
    ids=["deeper overfits", "best at the end", "within errors", "smaller overfits", "underfits"],
)
def test_overfitting_is_seen_where_training_falls_and_held_out_rises(
    train: list, held: list, values: list, rises: bool
) -> None:
    trials = _trials(train, held, values)
    assert curve_of(trials, "tree", -1.0).overfits(-1.0) is rises
    said = plots.capacity(trials, SELECTED, "real").caption
    assert ("overfitting." in said and "no overfitting" not in said) is rises


def test_no_limit_stands_at_the_end() -> None:
    curve = curve_of(_trials([4, 3, 2, 1], [4, 3, 2, 1], [None, 4, 1, 2]), "tree", -1.0)
    assert list(curve.points["label"]) == ["1", "2", "4", "no limit"]
    assert list(curve.points["held"]) == [2, 1, 3, 4]


def test_of_trials_with_one_value_the_best_is_shown() -> None:
    trials = _trials([1] * 8, [8, 7, 6, 5, 4, 3, 2, 1], [1, 1, 2, 2, 3, 3, 4, 4])
    assert list(curve_of(trials, "tree", -1.0).points["held"]) == [7, 5, 3, 1]
    assert list(curve_of(trials, "tree", 1.0).points["held"]) == [8, 6, 4, 2]


def test_values_of_a_random_search_are_gathered() -> None:
    rng = np.random.default_rng(0)
    values, held = rng.uniform(0, 1, 60), rng.uniform(1, 2, 60)
    points = curve_of(_trials([0.5] * 60, list(held), list(values)), "tree", -1.0).points
    assert 4 <= len(points) <= 12
    assert points["held"].min() == held.min()
    assert points["value"].is_monotonic_increasing


def test_three_values_make_no_curve() -> None:
    trials = _trials([1, 2, 3], [1, 2, 3], [1, 2, 3])
    assert plots.capacity(trials, SELECTED, "real") is None


def test_trials_without_training_scores_make_no_curve() -> None:
    trials = _trials([1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]).drop(columns="train_mean")
    assert plots.capacity(trials, SELECTED, "real") is None


def _grown(task: str, depth: int | None = None):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 3))
    if task == "regression":
        model = DecisionTreeRegressor(max_depth=depth, random_state=0)
        return model.fit(x, x[:, 0] + rng.normal(0, 0.2, 2000)), x
    model = DecisionTreeClassifier(max_depth=depth, random_state=0)
    return model.fit(x, (x[:, 0] > 0) + (x[:, 1] > 1)), x


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_the_nodes_kept_divide_objects_as_the_tree_does(task: str) -> None:
    model, x = _grown(task, depth=5)
    nodes = nodes_of(model, ["a", "b", "c"])
    assert len(nodes) == model.tree_.node_count

    def value(row: np.ndarray) -> object:
        node = nodes[0]
        while "left" in node:
            goes = "left" if row["abc".index(node["column"])] <= node["cut"] else "right"
            node = nodes[node[goes]]
        return node["value"]

    found = np.array([value(row) for row in x[:200]])
    known = model.predict(x[:200]) if task == "regression" else model.predict_proba(x[:200])
    np.testing.assert_allclose(found, known, rtol=1e-6)


def test_a_deep_tree_is_cut_off_and_rows_add_up() -> None:
    nodes = nodes_of(_grown("regression")[0], ["a", "b", "c"])
    assert max(n["depth"] for n in nodes) == DEPTH
    for node in nodes:
        if "left" in node:
            assert node["rows"] == nodes[node["left"]]["rows"] + nodes[node["right"]]["rows"]


def test_only_a_single_tree_of_the_columns_has_nodes() -> None:
    model, _ = _grown("regression", 2)
    assert nodes_of(model, ["a", "b"]) is None
    assert nodes_of(object(), ["a"]) is None


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_the_readable_tree_names_every_question_once(task: str) -> None:
    nodes = nodes_of(_grown(task)[0], ["a", "b", "c"])
    classes = [] if task == "regression" else ["x", "y", "z"]
    with plots.style():
        drawing = plots.tree_to_read(nodes, classes, "redshift", "", "tree", "real")
        texts = [t.get_text() for t in drawing.figure.axes[0].texts]
    questions = [t for t in texts if "≤" in t]
    asked = [n for n in nodes if n["depth"] <= 3 and "column" in n]
    assert len(questions) == len(asked)
    assert len([t for t in texts if "n = " in t]) == sum(n["depth"] <= 3 for n in nodes)


def test_the_map_of_a_tree_has_a_full_row_at_the_root_and_none_wider() -> None:
    nodes = nodes_of(_grown("regression")[0], ["a", "b", "c"])
    with plots.style():
        drawing = plots.tree_shape(nodes, [], "redshift", "", "tree", "real")
        boxes = drawing.figure.axes[0].patches
    by_depth: dict[int, float] = {}
    for box in boxes:
        depth = round(box.get_y() + 0.47)
        by_depth[depth] = by_depth.get(depth, 0.0) + box.get_width()
    assert by_depth[0] == pytest.approx(1)
    assert all(by_depth[d] <= by_depth[d - 1] + 1e-9 for d in range(1, DEPTH + 1))


def test_what_is_not_a_candidate_is_marked_in_search_and_comparison() -> None:
    trials = _trials([1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4])
    selected = {**SELECTED, "models": {"tree": {"trial": "t0", "candidate": False}}}
    metrics = {
        "metric": "rmse",
        "provenance": "real",
        "status": "draft",
        "selected": "linear",
        "candidates": ["linear"],
        "models": {
            m: {"cv": {"rmse": {"value": 1.0, "low": 0.9, "high": 1.1, "n_units": 9}}}
            for m in ("linear", "tree")
        },
    }
    for drawing in (plots.search(trials, selected, "real"), plots.comparison(metrics, 0.0)):
        labels = [t.get_text() for t in drawing.figure.axes[0].get_yticklabels()]
        assert [t for t in labels if "not a candidate" in t] == ["tree\n(not a candidate)"]
        assert "could not be selected" in drawing.caption


def test_a_drawn_tree_counts_objects_and_not_their_copies() -> None:
    from sklearn.tree import DecisionTreeRegressor

    x = np.tile(np.arange(30.0), 3)[:, None]
    tree = DecisionTreeRegressor(max_depth=1).fit(x, x[:, 0] > 9)
    nodes = nodes_of(tree, ["a"], 3)
    assert nodes is not None
    assert [n["rows"] for n in nodes] == [30, 10, 20]
