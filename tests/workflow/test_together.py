"""Through the workflow: what belongs together stands together, and bad data leave nothing."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_project import ToyProject

STUDY = """\
schema: 2
task: classification
question: {{what: which class is it, why: to test the workflow}}
samples: {{train: {{path: data/own/stars.csv, sha256: {sha256}, provenance: simulated}}}}
columns:
  id: name
  sky: {{ra: ra, dec: dec, match: 2 arcsec}}
  features:
    g: {{unit: mag, error: [g_low, g_high], use_error: resample}}
    r: {{unit: mag}}
  derived: {{c: {{function: colours, bands: [g, r]}}}}
  target: kind
split: {{group: night, test: 0.3, calibration: 0.2, folds: 3}}
metric: accuracy
models: [{{name: dummy}}, {{name: forest, features: [r, c]}}]
report: {{title: Together, authors: [boxloop tests]}}
"""
FOLDS, RECIPES = "results/together/prepare/folds.parquet", "results/together/prepare/recipes.json"


def project(folder: Path, stars: pd.DataFrame) -> ToyProject:
    toy = ToyProject(folder, "toy_table")
    path = folder / "data/own/stars.csv"
    path.parent.mkdir(parents=True)
    stars.to_csv(path, index=False)
    study = STUDY.format(sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    (folder / "config/studies/together.yaml").write_text(study)
    return toy


def stars() -> pd.DataFrame:
    """120 stars of three epochs each; each epoch in another night, in blocks of ten stars."""
    rng = np.random.default_rng(0)
    star = np.repeat(np.arange(120), 3)
    table = {
        "name": [f"s{i}" for i in rng.permutation(360)],
        "ra": star + rng.uniform(0, 1, 360) / 3600,
        "dec": -30.0,
        "night": star // 10 * 3 + np.tile([0, 1, 2], 120),
        "kind": np.where(star % 2, "a", "b"),
    }
    numbers = {n: rng.uniform(0.1, 1, 360) for n in ("g", "r", "g_low", "g_high")}
    return pd.DataFrame({**table, **numbers})


def test_stars_and_nights_stand_in_one_set_and_one_fold(tmp_path):
    toy = project(tmp_path, stars())
    toy.run("--", FOLDS, RECIPES)
    table = pd.read_parquet(tmp_path / "results/together/data/table.parquet")
    split = pd.read_parquet(tmp_path / "results/together/prepare/split.parquet")
    sets = table.merge(split, on="id").merge(pd.read_parquet(tmp_path / FOLDS), "left", on="id")
    star = sets["ra"].astype(int)
    for units in (star, sets["night"], sets["sky_object"]):
        assert (sets.groupby(units)[["set", "fold"]].nunique(dropna=False) == 1).all(axis=None)
    assert set(sets["set"]) == {"train", "calibration", "test"}
    summary = toy.json("results/together/data/summary.json")
    assert (summary["units"], summary["sky_duplicates"]["objects"]) == (12, 120)
    forest = toy.json(RECIPES)["forest"]["table"]
    assert forest["columns"] == ["r", "g_r"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"night": np.nan}, "split.group: 360 rows have no 'night'"),
        ({"dec": -9999.0}, "columns.sky.dec: expected degrees between -90 and 90; found -9999.0"),
        ({"g": "bright"}, "columns.features.g: 360 values of the column 'g'"),
    ],
)
def test_bad_data_end_with_one_message_and_leave_no_table(tmp_path, change, said):
    toy = project(tmp_path, stars().assign(**change))
    done = toy.here("--", FOLDS)
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert output.count(said) == 1, output
    assert "Traceback" not in output
    assert not list((tmp_path / "results/together").rglob("*.parquet"))
