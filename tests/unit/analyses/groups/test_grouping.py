"""How objects are cut into groups."""

import numpy as np
import pandas as pd
import pytest

from boxloop.analyses.groups.grouping import CELLS, CROSSED, groupings, quantile_bins, sky_regions
from boxloop.analyses.scores.compute import known_truth
from boxloop.store import Column, Table


def _objects(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "target": rng.choice(["A", "B"], n),
            "group:mag": rng.normal(20, 1, n),
            "group:colour": rng.normal(0, 1, n),
            "group:field": rng.choice(list("abcdefghijklm"), n),
            "sky:ra": (rng.uniform(350, 380, n)) % 360,
            "sky:dec": rng.uniform(-5, 5, n),
        }
    )


def test_bins_hold_equally_many_objects_and_say_their_limits() -> None:
    (found,) = groupings(_objects(), ["mag"], [], "regression")
    assert found.kind == "bins" and np.bincount(found.codes).tolist() == [100] * 4
    edges = [(g.low, g.high) for g in found.groups]
    assert [high for _, high in edges[:-1]] == [low for low, _ in edges[1:]]


def test_limits_are_written_so_that_they_differ() -> None:
    groups, _ = quantile_bins(np.linspace(2_451_234.1, 2_451_234.9, 100))
    assert len({g.label for g in groups}) == 4 and groups[0].label.startswith("2451234.1 to")


def test_rare_categories_are_put_together() -> None:
    (found,) = groupings(_objects(), ["field"], [], "regression")
    assert len(found.groups) == 11 and found.groups[-1].label == "others"


def test_a_category_called_missing_is_not_mixed_with_missing_values() -> None:
    objects = _objects(40)
    objects["group:field"] = ["missing", None] * 20
    (found,) = groupings(objects, ["field"], [], "regression")
    assert [g.label for g in found.groups] == ["missing", "(missing)"]
    assert np.bincount(found.codes).tolist() == [20, 20]


def test_crossed_columns_make_few_groups_of_everything() -> None:
    named = [["mag", "colour"], ["mag", "field"], ["mag", "colour", "field"]]
    for found in groupings(_objects(), named, [], "regression"):
        assert found.kind == "crossed" and 2 < len(found.groups) <= CROSSED
        assert len(found.codes) == 400 and found.codes.max() == len(found.groups) - 1
    assert groupings(_objects(), named, [], "regression")[0].name == "mag by colour"


def test_regions_of_the_sky_have_equal_areas_and_cross_zero_unbroken() -> None:
    rng = np.random.default_rng(1)
    n = 40_000
    ra = rng.uniform(340, 400, n) % 360
    dec = np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(-10)), np.sin(np.radians(50)), n)))
    groups, codes = sky_regions(ra, dec)
    counts = np.bincount(codes)
    assert CELLS / 2 < len(groups) <= CELLS
    # Uniform on the sphere: equal areas hold equal numbers, within Poisson noise.
    np.testing.assert_allclose(counts, n / len(groups), atol=4.5 * np.sqrt(n / len(groups)))
    first = groups[0].label
    assert first.startswith("RA 340 to") and "Dec -10 to" in first
    assert not any("e-" in g.label or "-0.0 " in g.label for g in groups)


def test_positions_that_are_missing_are_a_region_of_their_own() -> None:
    ra, dec = np.array([1.0, 2.0, np.nan]), np.array([1.0, 2.0, 3.0])
    groups, codes = sky_regions(ra, dec)
    assert groups[codes[2]].label == "no position" and codes[2] not in codes[:2]
    assert [g.label for g in sky_regions(ra * np.nan, dec)[0]] == ["no position"]
    assert len(sky_regions(np.ones(5), np.ones(5))[0]) == 1


def _table() -> Table:
    frame = pd.DataFrame(
        {
            "id": [f"o{i}" for i in range(6)],
            "ra": np.arange(6.0),
            "dec": -np.arange(6.0),
            "kind": ["A", "B", None, "A", "B", "A"],
        }
    )
    columns = {
        "id": Column("id"),
        "ra": Column("sky", "deg"),
        "dec": Column("sky", "deg"),
        "kind": Column("target"),
    }
    return Table(frame, columns)


def test_sky_and_class_are_carried_with_the_truth() -> None:
    known = known_truth(_table(), None, group=None, groups=["sky", "class", "kind"]).frame
    assert len(known) == 5  # the sealed object is unknown
    assert known["sky:ra"].tolist() == [0.0, 1.0, 3.0, 4.0, 5.0]
    assert known["group:class"].tolist() == known["group:kind"].tolist() == known["target"].tolist()


def test_a_column_called_sky_or_class_is_the_column() -> None:
    table = _table()
    frame = table.frame.assign(sky=list("uvwxyz"), **{"class": list("123456")})
    known = known_truth(
        Table(frame, {**table.columns, "sky": Column("keep"), "class": Column("keep")}),
        None,
        group=None,
        groups=["sky", "class"],
    ).frame
    assert known["group:sky"].tolist() == list("uvxyz") and "sky:ra" not in known
    assert known["group:class"].tolist() == list("12456")


@pytest.mark.parametrize("named", [["class"], [["class", "mag"]]])
def test_classes_are_known_as_such(named: list) -> None:
    objects = _objects()
    objects["group:class"] = objects["target"]
    (found,) = groupings(objects, named, [], "classification")
    assert found.kind == "class"
