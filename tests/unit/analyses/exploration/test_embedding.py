"""Principal components obey their definition; t-SNE keeps groups apart and repeats itself."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from tables import classes_table, numbers_table
from threadpoolctl import threadpool_limits

from boxloop.analyses.exploration.embedding import embed
from boxloop.analyses.exploration.outliers import robustly_scaled
from boxloop.store import Column, Table


def test_components_agree_with_scikit_learn():
    table = numbers_table(290)
    found = embed(table, task="exploration", seed=0)
    values = np.column_stack([robustly_scaled(table.frame[n].to_numpy()) for n in "ab"])
    expected = PCA(2).fit(values)
    assert found["pca"]["explained"] == pytest.approx(expected.explained_variance_ratio_)
    places = np.abs(expected.transform(values))
    assert np.abs(found["pca"]["x"]) == pytest.approx(places[:, 0])
    assert list(found["pca"]["loadings"]) == ["a", "b"]


def test_among_few_objects_no_neighbours_are_mapped_and_the_reason_says_how_many_it_takes():
    found = embed(numbers_table(290), task="regression", seed=0)
    assert found["neighbours"] == {
        "method": "t-SNE",
        "reason": "needs 300 objects; there are 290",
    }
    assert len(found["labels"]) == found["rows"] == 290


def test_only_training_rows_are_placed_and_gaps_count_as_medians():
    table = classes_table(300)
    frame = table.frame.assign(a=table.frame["a"].where(np.arange(300) % 10 > 0))
    sets = np.where(np.arange(300) < 100, "train", "test")
    split = pd.DataFrame({"id": frame["id"], "set": sets})
    found = embed(replace(table, frame=frame), split, task="classification", seed=0)
    assert found["rows"] == 100
    assert found["imputed"] == {"a": 10, "b": 0}
    assert found["labels"] == list(frame["class"][:100])


def test_one_feature_cannot_be_placed_and_says_so():
    table = numbers_table(50)
    found = embed(replace(table, frame=table.frame.assign(b=1.0)), task="exploration", seed=0)
    assert found["left_out"] == ["b"]
    for name in ("pca", "neighbours"):
        assert "two features" in found[name]["reason"]


def two_groups(size=320):
    """Objects of two groups of equal size, far apart in three features."""
    rng = np.random.default_rng(0)
    group = np.arange(size) % 2
    frame = pd.DataFrame({n: rng.normal(size=size) + 12 * group for n in "abc"})
    frame["id"] = [f"o{i}" for i in range(size)]
    frame["class"] = group.astype(str)
    roles = {"id": Column("id"), "class": Column("target")}
    return Table(frame, {**{n: Column("feature") for n in "abc"}, **roles})


@pytest.fixture(scope="module")
def mapped():
    return embed(two_groups(), task="classification", seed=5)


def places_of(found):
    return np.column_stack([found["neighbours"]["x"], found["neighbours"]["y"]])


def test_two_groups_stay_apart_and_neighbours_together(mapped):
    group = np.array(mapped["neighbours"]["labels"], int)
    places = places_of(mapped)
    middles = [places[group == g].mean(axis=0) for g in (0, 1)]
    width = max(np.linalg.norm(places[group == g] - middles[g], axis=1).max() for g in (0, 1))
    assert np.linalg.norm(middles[0] - middles[1]) > width
    values = two_groups().frame[list("abc")].to_numpy()
    assert trustworthiness(values, places, n_neighbors=10) > 0.95


def test_the_map_is_the_same_again_on_any_number_of_threads(mapped):
    with threadpool_limits(4):
        again = embed(two_groups(), task="classification", seed=5)
    assert again["neighbours"] == mapped["neighbours"]


def test_the_map_lies_as_the_components_do(mapped):
    # It begins with them: mirrored components would mirror it, and no lot decides.
    along = np.corrcoef(mapped["pca"]["x"], mapped["neighbours"]["x"])[0, 1]
    assert along > 0.8


def test_no_more_objects_are_mapped_than_a_panel_shows():
    from boxloop.plots.embedding import POINTS

    found = embed(two_groups(2_000), task="classification", seed=0)
    assert found["neighbours"]["rows"] == len(found["neighbours"]["x"]) == POINTS
    assert found["rows"] == len(found["pca"]["x"]) == 2_000


def test_umap_is_called_where_the_study_asks_for_it(monkeypatch):
    asked = []

    class Stub:
        def __init__(self, **options):
            asked.append(options)

        def fit_transform(self, values):
            return values[:, :2]

    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=Stub))
    monkeypatch.delitem(sys.modules, "umap.parametric_umap", raising=False)
    found = embed(two_groups(), task="exploration", seed=5, method="umap")["neighbours"]
    assert found["method"] == "UMAP" and found["rows"] == 320 and found["labels"] is None
    assert asked[0]["n_jobs"] == 1 and isinstance(asked[0]["random_state"], int)
    assert sys.modules["umap.parametric_umap"] is None, "it would import TensorFlow"
