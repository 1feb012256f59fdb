"""Principal components obey their definition; UMAP keeps groups apart and repeats itself."""

import builtins
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from tables import classes_table, numbers_table

from boxloop.explore import embed
from boxloop.explore.outliers import robustly_scaled
from boxloop.store import Column, Table


@pytest.fixture
def no_umap(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **options):
        if name == "umap":
            raise ImportError("it was left out")
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)


@pytest.mark.usefixtures("no_umap")
def test_components_agree_with_scikit_learn():
    table = numbers_table(300)
    found = embed(table, task="exploration", seed=0)
    values = np.column_stack([robustly_scaled(table.frame[n].to_numpy()) for n in "ab"])
    expected = PCA(2).fit(values)
    assert found["pca"]["explained"] == pytest.approx(expected.explained_variance_ratio_)
    places = np.abs(expected.transform(values))
    assert np.abs(found["pca"]["x"]) == pytest.approx(places[:, 0])
    assert list(found["pca"]["loadings"]) == ["a", "b"]


@pytest.mark.usefixtures("no_umap")
def test_without_umap_there_is_a_reason():
    found = embed(numbers_table(300), task="regression", seed=0)
    assert "it was left out" in found["umap"]["reason"]
    assert len(found["labels"]) == found["rows"] == 300


@pytest.mark.usefixtures("no_umap")
def test_only_training_rows_are_placed_and_gaps_count_as_medians():
    table = classes_table(300)
    frame = table.frame.assign(a=table.frame["a"].where(np.arange(300) % 10 > 0))
    sets = np.where(np.arange(300) < 100, "train", "test")
    split = pd.DataFrame({"id": frame["id"], "set": sets})
    found = embed(replace(table, frame=frame), split, task="classification", seed=0)
    assert found["rows"] == 100
    assert found["imputed"] == {"a": 10, "b": 0}
    assert found["labels"] == list(frame["class"][:100])


@pytest.mark.usefixtures("no_umap")
def test_one_feature_cannot_be_placed_and_says_so():
    table = numbers_table(50)
    found = embed(replace(table, frame=table.frame.assign(b=1.0)), task="exploration", seed=0)
    assert found["left_out"] == ["b"]
    assert "two features" in found["pca"]["reason"]


def test_umap_keeps_two_groups_apart_and_repeats_itself():
    pytest.importorskip("umap")
    rng = np.random.default_rng(0)
    group = np.arange(320) % 2
    frame = pd.DataFrame({n: rng.normal(size=320) + 12 * group for n in "abc"})
    frame["id"] = [f"o{i}" for i in range(320)]
    table = Table(frame, {**{n: Column("feature") for n in "abc"}, "id": Column("id")})
    first, second = (embed(table, task="exploration", seed=5)["umap"] for _ in range(2))
    assert first == second
    places = np.column_stack([first["x"], first["y"]])
    middles = [places[group == g].mean(axis=0) for g in (0, 1)]
    width = max(np.linalg.norm(places[group == g] - middles[g], axis=1).max() for g in (0, 1))
    assert np.linalg.norm(middles[0] - middles[1]) > width
