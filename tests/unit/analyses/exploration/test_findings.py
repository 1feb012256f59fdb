"""Faults that were planted are found, and clean data raise no alarm."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tables import classes_table, numbers_table, resampled_table

from boxloop.analyses.exploration.batches import (
    about_batches,
    about_classes_by_batch,
    batches,
    rank_effect,
)
from boxloop.analyses.exploration.classes import about_classes
from boxloop.analyses.exploration.duplicates import about_duplicates
from boxloop.analyses.exploration.missing import about_gaps_by, gaps, patterns
from boxloop.analyses.exploration.origins import about_assembly, about_lineage, of_columns
from boxloop.analyses.exploration.outliers import about_outliers, proposed_transform
from boxloop.analyses.exploration.overview import (
    _not_audited,
    explore_all,
    explore_training,
)
from boxloop.analyses.exploration.sky import about_sky, sky_density
from boxloop.errors import BoxloopError
from boxloop.explore import admit
from boxloop.findings import Finding, ranked
from boxloop.modalities.image.contents import about_images
from boxloop.store import Column, Table
from boxloop.study.vocabulary import FINDINGS

N = 1000


def normal(seed=0, n=N):
    return np.random.default_rng(seed).normal(size=n)


def table_of(columns, frame):
    return Table(pd.DataFrame(frame), columns, "simulated")


def test_patterns_say_which_columns_are_missing_together():
    both = np.arange(N) < 100
    one = both | (np.arange(N) >= 950)
    frame = {"a": np.where(both, np.nan, 1.0), "b": np.where(one, np.nan, 1.0)}
    table = table_of({"a": Column("feature"), "b": Column("feature")}, frame)
    found = patterns(gaps(table), N)
    assert found == [
        {"columns": [], "rows": 850},
        {"columns": ["a", "b"], "rows": 100},
        {"columns": ["b"], "rows": 50},
    ]


def test_gaps_of_one_class_are_found_and_equal_gaps_are_not():
    classes = np.where(np.arange(N) % 2, "STAR", "QSO")
    of_stars = (classes == "STAR") & (normal() > -0.5)
    assert [f.severity for f in about_gaps_by({"u": of_stars}, classes, "class")] == ["high"]
    assert about_gaps_by({"u": normal() > 0}, classes, "class") == []


def test_equal_features_in_two_samples_are_duplicates():
    frame = {name: normal(i) for i, name in enumerate("abc")} | {"sample": np.arange(N) % 2}
    frame = pd.DataFrame(frame).astype({"sample": str})
    columns = {**{n: Column("feature") for n in "abc"}, "sample": Column("sample")}
    assert about_duplicates(Table(frame, columns), {"rows": N}) == []
    frame.loc[1, ["a", "b", "c"]] = frame.loc[0, ["a", "b", "c"]]
    (found,) = about_duplicates(Table(frame, columns), {"rows": N})
    assert found.evidence == {"rows": 2, "groups": 1, "across_samples": 1}


def sky_table(ra, dec):
    return table_of(
        {"ra": Column("sky", "deg"), "dec": Column("sky", "deg")}, {"ra": ra, "dec": dec}
    )


def uniform_sky(n=2000, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))


def test_one_place_on_the_sky_is_found_among_labelled_and_target_objects():
    ra, dec = uniform_sky()
    ra[1], dec[1] = ra[0], dec[0] + 0.5 / 3600
    target = sky_table(ra[5:6], dec[5:6])
    found = about_duplicates(sky_table(ra, dec), {"rows": 2000}, target)
    assert [f.evidence["rows"] for f in found] == [2, 1]


def test_objects_all_over_the_sky_fill_every_cell_of_equal_area_alike():
    density = sky_density(sky_table(*uniform_sky(100_000)))
    counts = np.array(density["counts"]["all"])
    assert counts.sum() == density["placed"] == 100_000
    assert density["footprint"] == 1.0
    assert counts.var() / counts.mean() == pytest.approx(1, abs=0.1)  # Poisson's law
    assert about_sky(density) == []


def test_a_crowded_cell_is_found():
    ra, dec = uniform_sky()
    cluster = sky_table(np.r_[ra, np.full(500, 100.5)], np.r_[dec, np.full(500, 20.5)])
    (found,) = about_sky(sky_density(cluster))
    assert found.evidence["rows"] >= 500


def test_rank_effect_is_one_for_groups_that_do_not_overlap_in_the_limit_of_many():
    codes = np.arange(N) * 100 // N
    effect, chance, groups, rows = rank_effect(np.arange(N, dtype=float), codes)
    assert effect > 0.99 and chance < 1e-10 and (groups, rows) == (100, N)
    assert abs(rank_effect(normal(), codes)[0]) < 0.05


def test_a_feature_that_differs_between_plates_is_found():
    plate = np.arange(N) % 5
    frame = {"x": normal() + 2 * (plate == 3), "y": normal(1), "plate": plate}
    columns = {"x": Column("feature"), "y": Column("feature"), "plate": Column("keep")}
    of_rows = batches(table_of(columns, frame))
    found = about_batches({n: frame[n] for n in "xy"}, of_rows)
    assert [(f.column, f.evidence["by"]) for f in found] == [("x", "plate")]


def test_dates_are_cut_into_parts_and_names_of_objects_are_no_batch():
    frame = {"mjd": 58000 + normal(), "note": normal(), "kind": np.arange(N) % 3}
    columns = {n: Column("keep") for n in frame}
    found = batches(table_of(columns, frame))
    assert list(found) == ["mjd"]
    assert len(np.unique(found["mjd"])) == 20


def test_a_class_that_goes_with_the_file_is_found():
    classes = np.where(normal() > 0, "a", "b")
    tied = np.where(normal(1) > 1.5, 0, (classes == "a").astype(int))
    (found,) = about_classes_by_batch(classes, {"file": tied})
    assert found.evidence["cramer_v"] > 0.5
    assert about_classes_by_batch(classes, {"file": (normal(2) > 0).astype(int)}) == []


def test_unequal_classes_are_noted():
    assert [f.kind for f in about_classes({"a": 5000, "b": 200})] == ["imbalance"]
    assert about_classes({"a": 500, "b": 400}) == []


def test_planted_outliers_are_named_and_wide_wings_are_not_outliers():
    x, y = normal(), normal(1)
    x[7], y[7] = 60, -80
    (found,) = about_outliers({"x": x, "y": y}, np.arange(N).tolist())
    assert found.evidence["ids"] == ["7"]
    wings = np.random.default_rng(0).standard_t(4, (2, N))
    assert about_outliers({"x": wings[0], "y": wings[1]}, range(N)) == []


def test_the_transform_that_makes_values_normal_is_proposed():
    assert proposed_transform(np.exp(2 * normal())) == "log"
    assert proposed_transform(np.sinh(3 * normal())) == "asinh"
    assert proposed_transform(normal()) == "none"


def test_blank_and_repeated_images_are_found():
    images = np.random.default_rng(0).normal(size=(50, 8, 8, 1)).astype(np.float32)
    frame = pd.DataFrame({"id": [f"i{k}" for k in range(50)]})
    table = Table(frame, {"id": Column("id")}, "simulated", {"image": images})
    assert about_images(table, seed=0) == []
    images[3], images[9] = 0.5, images[10]
    blank, repeated = about_images(table, seed=0)
    assert (blank.kind, blank.evidence["ids"]) == ("blank_image", ["i3"])
    assert (repeated.kind, repeated.evidence["ids"]) == ("duplicates", ["i9", "i10"])


def test_blank_images_are_told_of_a_whole_table() -> None:
    rng = np.random.default_rng(0)
    images = rng.normal(size=(300, 4, 4, 1)).astype(np.float32)
    images[:30] = 0
    content = explore_all(
        replace(numbers_table(300), arrays={"image": images}), {"rows": 300}, seed=0
    )
    assert "blank_image" in {f["kind"] for f in content["findings"] if f["column"] == "image"}


def test_lineage_is_followed_through_other_columns():
    lineage = {"mass": ["radius", "logg"], "size": ["log_radius"], "log_radius": ["radius"]}
    found = {
        f.column: f.severity for f in about_lineage(lineage, "mass", ["radius", "size", "teff"])
    }
    assert found == {"radius": "high", "size": "medium"}
    made_from = about_lineage({"kind": ["code"], "code": ["class"]}, "class", ["kind"])
    assert [f.severity for f in made_from] == ["high"]


def test_what_was_left_out_is_told_with_its_reason():
    (found,) = about_assembly({"rows": 5, "excluded": {"z": "it is the answer"}})
    assert (found.kind, found.severity) == ("excluded", "medium")
    assert found.message == "z is left out: it is the answer"


def test_findings_stand_by_severity_and_then_by_rows():
    of = [("low", 9), ("high", 2), ("medium", 5), ("high", 7)]
    findings = [Finding(s, "leak", None, "", {"rows": n}) for s, n in of]
    order = [(f["severity"], f["evidence"]["rows"]) for f in ranked(findings)]
    assert order == [("high", 7), ("high", 2), ("medium", 5), ("low", 9)]


@pytest.mark.parametrize("seed", range(20))
def test_clean_data_raise_no_grave_alarm(seed):
    table = numbers_table(500, seed, missing=0.1)
    found = explore_all(table, {"rows": 500}, numbers_table(500, 100 + seed, 0.1), seed=seed)
    split = pd.DataFrame({"id": table.frame["id"], "set": "train"})
    of_training = [
        *explore_training(table, split, task="regression", seed=seed)["findings"],
        *explore_training(classes_table(500, seed), split, task="classification", seed=seed)[
            "findings"
        ],
    ]
    alarms = [f for f in [*found["findings"], *of_training] if f["severity"] == "high"]
    assert [f for f in alarms if f["kind"] != "small_class"] == []


def test_an_exploration_has_no_target_and_every_kind_is_in_the_vocabulary():
    table = numbers_table(300)
    frame = table.frame.drop(columns="redshift").assign(a=-9999.0)
    columns = {k: v for k, v in table.columns.items() if k != "redshift"}
    content = explore_all(replace(table, frame=frame, columns=columns), {"rows": 300}, seed=0)
    kinds = {f["kind"] for f in content["findings"]}
    assert kinds and kinds <= set(FINDINGS)


def test_test_labels_are_not_audited():
    table = numbers_table(400)
    leak = np.where(np.arange(400) < 200, normal(n=400), table.frame["redshift"])
    frame = table.frame.assign(b=leak)
    sets = np.where(np.arange(400) < 200, "train", "test")
    split = pd.DataFrame({"id": frame["id"], "set": sets})
    found = explore_training(replace(table, frame=frame), split, task="regression", seed=0)
    assert not [f for f in found["findings"] if f["kind"].startswith("leak")]


def test_findings_of_the_data_stage_reach_the_exploration_and_its_gates() -> None:
    entry = {"severity": "high", "kind": "zero_error", "column": "e", "rows": 9, "message": "nine"}
    found = about_assembly({"rows": 50, "findings": [entry]})
    assert [(f.kind, f.column, f.evidence) for f in found] == [("zero_error", "e", {"rows": 9})]
    with pytest.raises(BoxloopError, match="nine"):
        admit(["zero_error"], [vars(f) for f in found], study="s")


def test_lineage_knows_derived_columns_by_their_key() -> None:
    lineage = of_columns({"own": ["a"], "z": ["own"]}, resampled_table())
    assert lineage == {"total": ["a"], "z": ["total"]}
    assert [f.column for f in about_lineage(lineage, "z", ["a", "total"])] == ["a", "total"]


def test_what_was_not_audited_is_said() -> None:
    assert "no column was audited" in _not_audited(10, 3)[0].message
    assert "first 200 of 300" in _not_audited(1000, 300)[0].message
    assert _not_audited(1000, 30) == []
