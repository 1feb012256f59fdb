"""Pooling samples: duplicates, classes, groups, provenance, simulations, the seal."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from samples import SPLIT, assembled, columns, numbers, raw, whole

from boxloop import store
from boxloop.data.assemble import assemble, assemble_target, columns_of_text
from boxloop.data.fetch import fetch_source
from boxloop.data.read import RawSample, read_sample
from boxloop.data.simulate import simulate_sample
from boxloop.data.summary import data_hash
from boxloop.errors import BoxloopError
from boxloop.study.load import load_study
from boxloop.study.parts import Sample
from boxloop.study.sources import read_sources


def with_repeats() -> pd.DataFrame:
    frame = pd.DataFrame(numbers())
    frame["w"] = np.nan
    return pd.concat([frame, frame.iloc[[3, 3, 7]]], ignore_index=True)


def test_exact_duplicates_are_dropped_and_counted_or_kept_or_refused():
    frame = with_repeats()
    result = assembled(raw(frame))
    assert (result.summary["rows_read"], result.summary["duplicates_dropped"]) == (23, 3)
    assert len(result.table) == 20
    assert len(assembled(raw(frame, duplicates="keep")).table) == 23
    with pytest.raises(BoxloopError, match=r"3 rows repeat.*row 20 of train\.csv"):
        assembled(raw(frame, duplicates="error"))


def test_rows_that_differ_in_a_column_nobody_uses_are_no_duplicates():
    frame = with_repeats().assign(objid=np.arange(23))
    assert len(assembled(raw(frame)).table) == 23


def test_rows_that_differ_in_a_column_named_file_are_no_duplicates():
    data = {"u": [1.0] * 6, "z": [1, 2] * 3, "file": [f"{i}.png" for i in range(6)]}
    assert len(assembled(raw(data)).table) == 6


def test_rows_with_equal_numbers_and_other_images_are_no_duplicates():
    images = np.arange(5 * 4, dtype=float).reshape(5, 2, 2, 1)
    images[4] = images[3]
    data = {"u": [1.0, 2.0, 3.0, 3.0, 3.0], "z": [0.1, 0.2, 0.3, 0.3, 0.3]}
    result = assembled(raw(data, arrays={"image": images}), image={"shape": [2, 2, 1]})
    assert len(result.table) == 4
    np.testing.assert_array_equal(result.table.arrays["image"], images[:4].astype(np.float32))


def test_rows_without_a_target_are_dropped_with_their_images_and_counted():
    data = numbers(8)
    data["z"][[1, 4]] = [np.nan, np.inf]
    images = np.arange(8.0).reshape(8, 1, 1, 1)
    result = assembled(raw(data, arrays={"image": images}), image={"shape": [1, 1, 1]})
    assert result.summary["target_rows_missing"] == 2
    assert result.summary["findings"][0]["kind"] == "no_target"
    assert result.table.arrays["image"].ravel().tolist() == [0, 2, 3, 5, 6, 7]
    assert len(whole(result).dropna()) == 6


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([1, 2] * 10), {"1": 10, "2": 10}),
        (np.array([1.0, 2.0] * 9 + [np.nan, 2.0]), {"1": 9, "2": 10}),
        (np.array([" QSO", "STAR"] * 9 + [None, ""], dtype=object), {"QSO": 9, "STAR": 9}),
    ],
)
def test_classes_become_text_and_are_counted(values, expected):
    result = assembled(raw({**numbers(), "z": values}), task="classification")
    assert result.summary["classes"] == expected
    assert whole(result).value_counts().to_dict() == expected


def test_samples_are_pooled_under_their_names_and_provenance_is_mixed():
    simulated = raw(numbers(6), "extra", provenance="simulated", origin="own:stars")
    result = assembled(raw(numbers()), simulated)
    assert result.summary["provenance"] == result.table.provenance == "mixed"
    assert result.table.frame["sample"].value_counts().to_dict() == {"train": 20, "extra": 6}
    assert result.summary["samples"]["extra"]["rows"] == 6


def test_a_class_that_gives_the_provenance_away_is_a_finding():
    real = raw({"u": np.arange(8.0), "z": ["STAR"] * 8})
    made = raw({"u": np.arange(8.0), "z": ["QSO"] * 8}, "extra", provenance="simulated")
    findings = assembled(real, made, task="classification").summary["findings"]
    assert [f["kind"] for f in findings] == ["class_is_sample"]


def test_groups_stay_on_one_side_and_are_the_units():
    data = {**numbers(40), "field": np.repeat(np.arange(10), 4)}
    result = assembled(raw(data), split={**SPLIT, "group": "field"})
    assert result.summary["units"] == 10
    assert result.table.columns["field"].role == "group"
    tests = result.table.frame.groupby("field")["z"].apply(lambda z: z.isna().mean())
    assert set(tests) == {0.0, 1.0}


def test_the_labels_of_test_objects_are_in_the_sealed_table_alone():
    data = numbers(40)
    result = assembled(raw(data))
    np.testing.assert_array_equal(whole(result).to_numpy(dtype=float), data["z"])
    assert result.table.frame["z"].isna().sum() == len(result.sealed) == 10
    assert result.summary["test_rows"] == 10


def test_the_target_sample_has_the_same_columns_without_the_target():
    content = {
        "features": {"u": {}, "g": {"error": "g_err"}},
        "derived": {"c": {"function": "colours", "bands": ["u", "g"]}},
    }
    data = {**numbers(), "g": np.arange(20.0), "g_err": 0.1}
    labelled = assembled(raw(data), **content).table
    target = assemble_target(raw(data, "target"), columns=columns(**content))
    assert [c for c in labelled.frame if c != "z"] == list(target.frame)
    assert {c: k for c, k in labelled.columns.items() if c != "z"} == dict(target.columns)


def test_the_data_hash_follows_the_data_and_not_their_place(tmp_path):
    hashes = []
    for folder, content in (("a", "u,z\n1,2\n2,3\n3,5\n4,4\n"), ("b", None), ("c", "u,z\n1,2\n")):
        path = tmp_path / folder / "own.csv"
        path.parent.mkdir()
        path.write_text(content or (tmp_path / "a" / "own.csv").read_text())
        sample = Sample(path=str(path), sha256=store.sha256(path), provenance="real")
        read = read_sample("train", sample.model_dump(mode="json", by_alias=True), path)
        hashes.append(data_hash([read]))
    assert hashes[0] == hashes[1] != hashes[2]


def test_an_edited_file_of_ones_own_is_refused(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("u,z\n1,2\n")
    sample = Sample(path=str(path), sha256="0" * 64, provenance="real").model_dump(mode="json")
    with pytest.raises(BoxloopError, match=f"{'0' * 64}.*{store.sha256(path)}"):
        read_sample("train", sample, path)


SIMULATOR = """
import numpy as np
import pandas as pd

def stars(n, *, seed, scale=1.0):
    rng = np.random.default_rng(seed)
    epochs = pd.DataFrame({"row": np.repeat(np.arange(n), 3), "time": rng.random(3 * n)})
    epochs["value"] = scale
    table = pd.DataFrame({"u": rng.normal(size=n), "z": rng.random(n)})
    return table, {"light_curve": epochs, "image": rng.random((n, 2, 2, 1))}
"""


def simulated(folder: Path, seed: int = 1, **parameters: float) -> RawSample:
    module = folder / "own.py"
    module.write_text(SIMULATOR)
    sample = Sample(
        simulator="own:stars", n=12, parameters=parameters, provenance="simulated"
    ).model_dump(mode="json")
    code = [str(module)]
    table = simulate_sample(sample, "train", seed=seed, user_code=code)
    store.write_table(table, folder / "table.parquet", folder / "arrays")
    path = folder / "table.parquet"
    return read_sample("train", sample, path, seed=seed, user_code=code)


def test_a_simulation_goes_through_its_files_unchanged(tmp_path):
    sample = simulated(tmp_path)
    result = assembled(sample, light_curve={}, image={"shape": [2, 2, 1]})
    assert result.table.provenance == "simulated"
    assert result.table.arrays["image"].shape == (12, 2, 2, 1)
    times = result.table.frame["light_curve.time"]
    assert all(len(t) == 3 and (np.diff(t) > 0).all() for t in times)


def test_a_simulation_is_known_by_its_seed_and_parameters(tmp_path):
    same, again = simulated(tmp_path), simulated(tmp_path)
    assert same.identity == again.identity
    pd.testing.assert_frame_equal(same.frame, again.frame)
    assert simulated(tmp_path, seed=2).identity != same.identity
    assert simulated(tmp_path, scale=2.0).identity != same.identity


@pytest.mark.mirror
@pytest.mark.skipif("BOXLOOP_MIRROR" not in os.environ, reason="BOXLOOP_MIRROR is not set")
def test_the_boss_files_hold_30763_galaxies_after_exact_duplicates(tmp_path):
    study = load_study(Path("config/studies/photoz.yaml")).study
    source = read_sources("config/sources.yaml")["sdss_boss_photoz"]
    folder = tmp_path / "sdss_boss_photoz"
    manifest = fetch_source(source, folder, mirror=os.environ["BOXLOOP_MIRROR"])
    (folder / "MANIFEST.json").write_text(json.dumps(manifest))
    section = study.section("columns")
    sample = read_sample(
        "train",
        study.section("samples", "train"),
        folder / "MANIFEST.json",
        source=source,
        text=columns_of_text(section),
    )
    result = assemble(
        [sample], columns=section, split=study.section("split"), task=study.task, seed=study.seed
    )
    assert len(sample.files) == 7
    assert len(result.table) == 30_763
    assert result.summary["rows_read"] - result.summary["duplicates_dropped"] == 30_763
