"""Rows of one object on the sky are one unit: in the table, in the split, over all samples."""

import numpy as np
import pandas as pd
import pytest
from samples import SPLIT, assembled, numbers, raw

from boxloop.data.sky import naming_rows
from boxloop.errors import BoxloopError

SKY = {"ra": "ra", "dec": "dec", "match": "1 arcsec"}
ARCSEC = 1 / 3600


def stars(n=20, epochs=2, name="train", **more):
    """`n` places a degree apart, `epochs` rows each within half an arcsecond."""
    rng = np.random.default_rng(3)
    data = {**numbers(n * epochs), **more}
    data["ra"] = (
        np.repeat(np.arange(n, dtype=float), epochs) + rng.uniform(0, 0.4, n * epochs) * ARCSEC
    )
    data["dec"] = np.full(n * epochs, 10.0)
    return raw(data, name)


def test_rows_of_one_place_share_an_object_named_by_the_smallest_identifier():
    result = assembled(stars(), sky=SKY)
    frame = result.table.frame
    place = np.round(frame["ra"]).astype(int)
    assert (frame.groupby(place)["sky_object"].nunique() == 1).all()
    assert frame["sky_object"].nunique() == result.summary["units"] == 20
    assert (
        frame.groupby("sky_object")["id"].min() == frame.groupby("sky_object")["id"].min().index
    ).all()
    assert result.table.columns["sky_object"].role == "group"


def test_an_object_is_wholly_sealed_or_wholly_known():
    frame = assembled(stars(epochs=3), sky=SKY).table.frame
    sides = frame.groupby("sky_object")["z"].apply(lambda z: z.isna().mean())
    assert set(sides) == {0.0, 1.0}


def test_duplicates_on_the_sky_are_counted_in_rows_and_objects():
    sample = stars(epochs=3)
    sample.frame.loc[30:, "dec"] = np.arange(30.0)
    found = assembled(sample, sky=SKY).summary["sky_duplicates"]
    assert found == {"rows": 30, "objects": 10, "radius_arcsec": pytest.approx(1.0)}


def test_the_same_star_in_two_samples_is_one_object():
    result = assembled(stars(epochs=1), stars(epochs=1, name="deep", u=np.arange(20.0)), sky=SKY)
    assert result.summary["rows"] == 40
    assert result.summary["units"] == 20


def test_groups_and_objects_are_joined_where_both_are_given():
    sample = stars(n=8, epochs=2, field=np.repeat(["a", "b", "c", "d"], 4))
    # The last star of a is the first of b.
    sample.frame.loc[[2, 3, 4, 5], "ra"] = 100.0
    result = assembled(sample, sky=SKY, split={**SPLIT, "group": "field"})
    frame = result.table.frame
    units = frame.groupby("field")["sky_object"].unique().map(list)
    assert units["a"] == units["b"] != units["c"] != units["d"]
    assert result.summary["units"] == 3
    assert result.summary["sky_duplicates"]["objects"] == 7
    assert result.table.of_role("group") == ["field", "sky_object"]


def test_rows_without_a_position_are_objects_of_their_own():
    sample = stars()
    sample.frame.loc[[0, 1], "ra"] = np.nan
    result = assembled(sample, sky=SKY)
    assert result.summary["units"] == 21
    assert result.table.frame["sky_object"][0] == result.table.frame["id"][0]


def test_permuting_the_rows_changes_no_object_and_no_draw():
    sample = stars(name="train", star=[f"s{i}" for i in range(40)])
    order = np.random.default_rng(0).permutation(40)
    moved = raw(sample.frame.iloc[order].reset_index(drop=True))
    one, other = (assembled(s, sky=SKY, id="star") for s in (sample, moved))
    named = [r.table.frame.set_index("id")["sky_object"].sort_index() for r in (one, other)]
    assert named[0].equals(named[1])
    assert set(one.sealed["id"]) == set(other.sealed["id"])


def test_without_a_match_positions_keep_nothing_together():
    result = assembled(stars(), sky={"ra": "ra", "dec": "dec"})
    assert "sky_object" not in result.table.frame
    assert result.summary["sky_duplicates"] is None
    assert result.summary["units"] == 40


def test_the_smallest_name_is_that_of_the_alphabet():
    names = pd.Series(["b", "a", "ä", "Z", "10", "9"])
    labels = np.array([0, 0, 1, 1, 2, 2])
    assert names[naming_rows(names, labels)].tolist() == ["a", "a", "Z", "Z", "10", "10"]


@pytest.mark.parametrize("content", [{"keep": ["sky_object"]}, {"features": {"sky_object": {}}}])
def test_the_name_of_the_object_is_taken(content):
    sample = raw({**numbers(), "sky_object": 1.0})
    with pytest.raises(BoxloopError, match="'sky_object' is a name of boxloop's"):
        assembled(sample, **content)
