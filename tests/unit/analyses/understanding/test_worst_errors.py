"""The worst errors and their neighbours: brute force, a planted label, ties, nothing to compare."""

import base64

import numpy as np
import pandas as pd
import pytest
from understood import Formula, table_with

from boxloop.analyses.scores.compute import Truth
from boxloop.analyses.understanding.neighbours import Neighbourhood
from boxloop.analyses.understanding.thumbnails import thumbnail
from boxloop.analyses.understanding.worst_errors import looks, worst_errors, worst_objects
from boxloop.metrics import Judged
from boxloop.modalities.usable import Usable, usable_numbers
from boxloop.store import Table


def _brute_force(points: np.ndarray, others: np.ndarray, own: int) -> list[int]:
    """Three nearest rows by plain loops: what one lacks is left out, the rest counts for more."""
    distances = []
    for j, other in enumerate(others):
        both = [k for k in range(len(other)) if not np.isnan(points[own, k] + other[k])]
        squared = sum((points[own, k] - other[k]) ** 2 for k in both)
        far = np.sqrt(squared * len(other) / len(both)) if both else np.inf
        distances.append(np.inf if j == own else far)
    return np.argsort(distances, kind="stable")[:3].tolist()


def test_neighbours_are_those_of_brute_force_with_values_missing() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(80, 3)) * [1, 100, 0.01]
    values[rng.random((80, 3)) < 0.15] = np.nan
    ids = np.array([f"o{i:03d}" for i in range(80)])
    near = Neighbourhood.of(Usable(("a", "b", "c"), values), ids, ids)
    low, middle, high = np.nanquantile(values, [0.25, 0.5, 0.75], axis=0)
    points = (values - middle) / ((high - low) / 1.349)
    rows, distances = near.nearest(near.points, ids)
    for i in range(80):
        assert rows[i].tolist() == _brute_force(points, points, i)
    assert (np.diff(distances, axis=1) >= 0).all()


def test_a_neighbour_is_of_another_unit() -> None:
    ids = np.array([f"o{i}" for i in range(9)])
    units = np.repeat(["x", "y", "z"], 3)
    near = Neighbourhood.of(Usable(("a",), np.arange(9.0)[:, None]), ids, units)
    rows, _ = near.nearest(near.points, units)
    assert all(units[j] != units[i] for i in range(9) for j in rows[i])


def _study(n: int = 300, seed: int = 0) -> tuple[Table, np.ndarray, np.ndarray]:
    """Two clouds, A and B, of which object 7 has the wrong label."""
    rng = np.random.default_rng(seed)
    b = rng.random(n) < 0.5
    table = table_with(x=rng.normal(size=n) + 8 * b, y=rng.normal(size=n))
    truth = np.where(b, "B", "A").astype(object)
    truth[7] = "A" if b[7] else "B"
    return table, truth, np.where(np.arange(n) < 200, "train", "test")


def _two_clouds(frame: pd.DataFrame) -> np.ndarray:
    p = 1 / (1 + np.exp(-(frame["x"].to_numpy() - 4)))
    return np.column_stack([1 - p, p])


def _worst(model: Formula, table: Table, truth: np.ndarray, sets: np.ndarray, split: str) -> dict:
    ids = table.frame["id"]
    classes = model.classes
    known = Truth(pd.DataFrame({"id": ids, "target": truth, "unit": ids}), classes)
    mine = sets == ("train" if split == "cv" else split)
    predicted = model.predict(table.take(mine))
    objects = known.frame[mine].reset_index(drop=True)
    if classes:
        codes = pd.Index(classes).get_indexer(predicted["prediction"])
        probability = predicted[[f"p_{c}" for c in classes]].to_numpy()
        given = None if np.isnan(probability).any() else probability
        judged = Judged(known.codes(truth[mine]), codes, given, classes)
    else:
        judged = Judged(truth[mine].astype(float), predicted["prediction"].to_numpy())
    options = {"split": split, "seed": 0}
    return worst_errors(model, table, sets, known, objects, judged, **options)


@pytest.mark.parametrize("split", ["cv", "test"])
def test_a_planted_wrong_label_is_named_with_neighbours_that_disagree(split: str) -> None:
    table, truth, sets = _study()
    if split == "test":
        sets = np.where(np.arange(300) < 100, "test", "train")
    model = Formula(_two_clouds, ("x", "y"), ("A", "B"))
    found = _worst(model, table, truth, sets, split)
    assert found["ranked_by"] == "confidence"
    first = found["objects"][0]
    assert first["id"] == "o0007" and first["looks"] == "truth_is_odd"
    assert first["truth"] == truth[7] and first["prediction"] != truth[7]
    assert [n["target"] for n in first["neighbours"]] == [first["prediction"]] * 3
    assert "o0007" not in [n["id"] for n in first["neighbours"]]
    assert set(first["features"]) == {"x", "y"} == set(found["columns"])
    x = table.frame.set_index("id")["x"]
    for neighbour in first["neighbours"]:
        assert neighbour["features"]["x"] == pytest.approx(x[neighbour["id"]], abs=1e-12)


def test_an_object_unlike_all_training_objects_is_called_so() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=200)
    x[150] = 40.0
    table, sets = table_with(x=x), np.where(np.arange(200) < 150, "train", "test")
    model = Formula(lambda f: np.clip(f["x"], -3, 3), ("x",))
    found = _worst(model, table, x, sets, "test")
    first = found["objects"][0]
    assert first["id"] == "o0150" and first["looks"] == "unlike_training"
    assert first["distance"] > found["far_distance"] > found["usual_distance"]


def test_the_worst_of_a_regression_are_ranked_in_units_of_the_error() -> None:
    objects = pd.DataFrame({"id": list("abcd"), "unit": list("abcd")})
    truth, predicted = np.zeros(4), np.array([1.0, -2.0, 3.0, 10.0])
    rows, size, by = worst_objects(objects, Judged(truth, predicted), 0)
    assert rows.tolist() == [3, 2, 1, 0] and size.tolist() == [10, 3, 2, 1] and by == "residual"
    error = np.array([[1, 0.1], [0.5, 9], [9, 1], [1, np.nan]])
    rows, size, by = worst_objects(objects, Judged(truth, predicted, error=error), 0)
    assert by == "residual_in_errors"
    # Upwards 1/0.1 and 3/1, downwards 2/0.5; the last has no error.
    assert rows.tolist() == [0, 1, 2] and size.tolist() == pytest.approx([10, 4, 3])


def test_one_object_of_a_unit_is_shown_whatever_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    objects = pd.DataFrame({"id": [f"o{i:02d}" for i in range(40)], "unit": np.arange(40) // 4})
    found = Judged(np.zeros(40), np.round(rng.normal(size=40), 1))
    rows, _, _ = worst_objects(objects, found, 0)
    assert len(rows) == 6 and objects["unit"].iloc[rows].is_unique
    order = rng.permutation(40)
    again, _, _ = worst_objects(objects.iloc[order].reset_index(drop=True), found.take(order), 0)
    assert objects["id"].iloc[order[again]].tolist() == objects["id"].iloc[rows].tolist()


def test_classes_without_probabilities_are_drawn_by_chance_among_the_wrong() -> None:
    table, truth, sets = _study()
    model = Formula(lambda f: (f["x"] > 4).astype(int), ("x",), ("A", "B"))
    found = _worst(model, table, truth, sets, "cv")
    assert found["ranked_by"] == "chance"
    assert "o0007" in [o["id"] for o in found["objects"]]
    assert all(o["truth"] != o["prediction"] and o["size"] is None for o in found["objects"])
    right = _worst(model, table, np.where(table.frame["x"] > 4, "B", "A"), sets, "cv")
    assert right["objects"] == [] and "wrongly" in right["reason"]


def test_a_model_that_is_shown_nothing_has_no_neighbours() -> None:
    rng = np.random.default_rng(0)
    table, sets = table_with(x=rng.normal(size=30)), np.full(30, "train")
    model = Formula(lambda f: np.zeros(len(f)), ())
    found = _worst(model, table, rng.normal(size=30), sets, "cv")
    assert len(found["objects"]) == 6 and found["far_distance"] is None
    assert all(o["neighbours"] is None and o["looks"] is None for o in found["objects"])
    assert "no numbers" in found["reason"]


def test_a_study_of_three_objects_and_one_without_any_value() -> None:
    table = table_with(x=[1.0, 2.0, np.nan])
    model = Formula(lambda f: f["x"].fillna(0), ("x",))
    found = _worst(model, table, np.array([0.0, 5.0, 9.0]), np.full(3, "train"), "cv")
    assert [o["id"] for o in found["objects"]] == ["o0002", "o0001", "o0000"]
    assert found["objects"][0]["neighbours"] == []
    assert found["objects"][0]["looks"] == "unlike_training"
    assert [n["id"] for n in found["objects"][1]["neighbours"]] == ["o0000"]


def test_what_an_error_looks_like() -> None:
    def one(*targets: float, distance: float = 1.0) -> dict:
        return {"distance": distance, "neighbours": [{"target": t} for t in targets]}

    assert looks(one(1.0, 1.1, 0.8), 2.0, 1.0, 0.0) == "truth_is_odd"
    assert looks(one(0.1, -0.1, 0.3), 2.0, 1.0, 0.0) == "model_is_odd"
    assert looks(one(0.1, 1.0, 0.3), 2.0, 1.0, 0.0) == "mixed"
    assert looks(one(1.0, 1.1, 0.8, distance=3.0), 2.0, 1.0, 0.0) == "unlike_training"


def test_thumbnails_are_block_means_in_eight_bits() -> None:
    table = table_with(x=[0.0, 1.0])
    assert thumbnail(table, 0) is None
    images = np.zeros((2, 80, 80, 1), np.float32)
    images[1, :40] = 1.0
    images[1, 41, 41] = np.nan
    made = thumbnail(Table(table.frame, table.columns, "real", {"image": images}), 1)
    assert made is not None and made["shape"] == [40, 40, 1]
    pixels = np.frombuffer(base64.b64decode(made["bytes"]), np.uint8).reshape(40, 40)
    assert (pixels[:20] == 255).all() and (pixels[20:] == 0).all()


def test_neighbours_of_images_rest_on_their_summaries() -> None:
    rng = np.random.default_rng(0)
    table = table_with(x=np.zeros(12))
    images = rng.normal(size=(12, 6, 6, 1)).astype(np.float32) + np.arange(12)[:, None, None, None]
    table = Table(table.frame, table.columns, "real", {"image": images})
    assert "image.mean" in usable_numbers(table, ["image"]).names
    model = Formula(lambda f: np.zeros(len(f)), ())
    model.recipe.unfitted["inputs"] = ["image"]
    found = _worst(model, table, np.arange(12.0), np.full(12, "train"), "cv")
    assert found["objects"][0]["id"] == "o0011" and found["objects"][0]["thumbnail"]
    assert all(c.startswith("image.") for c in found["columns"])
