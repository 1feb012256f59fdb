"""Faults that a study may have: each is planted, and has to stand on the report's first page."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from study_in_process import classification, columns, first_page, galaxies, regression, stars
from tables import trial

#: Kinds that a clean table of this size may show: none.
CLEAN: set[str] = set()


def kinds(page: list[dict[str, Any]]) -> list[str]:
    return [finding["kind"] for finding in page]


def named(page: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Return the finding of a kind; it has to be there."""
    assert kind in kinds(page), [(f["kind"], f["message"]) for f in page]
    return next(f for f in page if f["kind"] == kind)


def test_a_column_that_gives_the_target_away():
    frame = galaxies()
    frame["distance"] = 3000 * frame["redshift"] * np.random.default_rng(1).normal(1, 0.005, 600)
    page = first_page(regression(frame, columns=columns("g", "r", "i", "size", "distance")))
    assert named(page, "leak")["column"] == "distance"


def test_two_columns_that_give_the_target_away_together():
    frame = galaxies()
    factor = 10 ** np.random.default_rng(1).normal(0, 0.5, 600)
    frame["ratio"], frame["factor"] = frame["redshift"] / factor, factor
    page = first_page(regression(frame, columns=columns("g", "r", "i", "size", "ratio", "factor")))
    assert {"ratio", "factor"} <= set(named(page, "leak_pair")["columns"])


def test_an_object_under_two_names_in_two_sets():
    frame = galaxies()
    twins = frame.iloc[::10].assign(name=lambda f: "twin_" + f["name"])
    page = first_page(regression(pd.concat([frame, twins], ignore_index=True)))
    assert "same measurements" in named(page, "duplicate_across_sets")["message"]


def test_a_group_torn_apart_by_hand():
    def torn(split, folds, table):
        """Move a part of each of three training fields into the test set."""
        fields = table.frame.set_index("id")["field"]
        train = split[split["set"] == "train"]
        wanted = fields[train["id"]].unique()[:3]
        moved = [fields.index[(fields == f) & fields.index.isin(train["id"])][0] for f in wanted]
        split = split.assign(set=split["set"].mask(split["id"].isin(moved), "calibration"))
        return split, folds[~folds["id"].isin(moved)]

    page = first_page(regression(galaxies(), split={"group": "field"}, after_split=torn))
    found = named(page, "group_across_sets")
    assert found["column"] == "field" and "3 values of field" in found["message"]


def test_target_objects_unlike_those_that_were_learnt_from():
    faint = galaxies(400, seed=5)
    faint[["g", "r", "i"]] += 1.5
    page = first_page(regression(galaxies(), target=faint.drop(columns="redshift")))
    assert named(page, "unlike_target")["severity"] == "high"


def test_probabilities_that_are_surer_than_they_may_be():
    def surer(predictions):
        p = predictions[["p_QSO", "p_STAR"]].to_numpy() ** 4
        return predictions.assign(
            **dict(zip(["p_QSO", "p_STAR"], (p / p.sum(axis=1, keepdims=True)).T, strict=True))
        )

    page = first_page(classification(stars(900), on_predictions=surer))
    assert "miscalibrated" in kinds(page)


def test_one_group_that_is_served_worse():
    frame = galaxies(2000)
    crowded = frame["field"] < 8
    rng = np.random.default_rng(2)
    for band in ("g", "r", "i"):
        frame.loc[crowded, band] += rng.normal(0, 1.5, int(crowded.sum()))
    frame["place"] = np.where(crowded, "crowded", frame["field"].mod(3).map("north {}".format))
    page = first_page(
        regression(frame, columns=columns(keep=["place"]), groups=["place"], margin=0.02)
    )
    assert "crowded" in named(page, "unfair_group")["message"]


def test_a_score_that_comes_from_neighbours_in_time():
    frame = galaxies(900)
    night = np.floor(frame["mjd"] / 10).astype(int)
    rng = np.random.default_rng(3)
    levels = pd.Series(rng.normal(size=(night.max() + 1)))
    frame["redshift"] += 0.4 * levels[night].abs().to_numpy()
    airmass = pd.Series(rng.normal(size=night.max() + 1))
    frame["airmass"] = airmass[night].to_numpy() + rng.normal(0, 0.003, 900)
    page = first_page(
        regression(
            frame,
            columns=columns("g", "r", "i", "airmass", time="mjd"),
            models=[trial("forest", n_estimators=30)],
            probes=["time_order"],
        )
    )
    assert "the past predicts the future" in named(page, "time_leak")["message"]


def test_a_class_that_comes_from_one_file():
    frame = stars()
    files = np.where(frame["kind"] == "QSO", "quasars.csv", "stars.csv")
    page = first_page(classification(frame, files=files))
    assert {"class_is_sample", "batch"} & set(kinds(page)), kinds(page)


def test_labels_that_were_shuffled():
    frame = galaxies()
    frame["redshift"] = np.random.default_rng(4).permutation(frame["redshift"])
    page = first_page(regression(frame))
    assert named(page, "nothing_learnt")["severity"] == "high"


def test_a_test_set_that_was_opened_five_times():
    page = first_page(regression(galaxies(), openings=5))
    assert "opened 5 times" in named(page, "opened_often")["message"]


def test_not_detected_written_as_zero():
    frame = galaxies()
    frame.loc[np.random.default_rng(6).random(600) < 0.06, "g"] = 0.0
    page = first_page(regression(frame))
    found = [f for f in page if f["kind"] in ("marker_value", "impossible_value", "outliers")]
    assert any("g" in f["columns"] and "0" in f["message"] for f in found), page


@pytest.mark.parametrize("study", [regression(galaxies()), classification(stars())])
def test_a_clean_study_has_nothing_grave_on_its_first_page(study):
    page = first_page(study)
    assert set(kinds(page)) <= CLEAN, [(f["kind"], f["message"]) for f in page]
