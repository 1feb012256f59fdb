"""Decisions about people: parity and odds against fairlearn, planted unfairness, clean data."""

import numpy as np
import pandas as pd
import pytest
from computed import computed
from groups_fixture import grouping

from boxloop.analyses.groups.compute import compute
from boxloop.analyses.groups.errors import rates
from boxloop.errors import BoxloopError
from boxloop.simulate.people import ATTRIBUTES, volunteers

FEATURES = ["test_pattern", "test_patience", "reference"]


def judged_people(unfairness: float, seed: int = 0, n: int = 2400) -> dict:
    """Judge a rule that takes everybody with a mean score above a limit."""
    table, _ = volunteers(n, seed=seed, unfairness=unfairness)
    mean = table[FEATURES].mean(axis=1)
    said = np.where(mean > 0.3, "suited", "not_suited")
    truth = pd.DataFrame(
        {
            "id": table["person_id"],
            "target": table["outcome"],
            "unit": table["person_id"],
            **{f"group:{name}": table[name] for name in ATTRIBUTES},
        }
    )
    predictions = pd.DataFrame(
        {"model": "rule", "id": table["person_id"], "set": "test", "prediction": said}
    )
    metrics = {
        "task": "classification",
        "metric": "accuracy",
        "selected": "rule",
        "shown": "test",
        "classes": ["not_suited", "suited"],
        "models": {"rule": {}},
    }
    found = computed(
        compute,
        predictions=predictions,
        cross_validated=predictions.iloc[:0],
        truth=truth,
        metrics=metrics,
        groups=[],
        protected=list(ATTRIBUTES),
        margin=0.02,
        seed=0,
    )
    return {"found": found, "said": said, "truth": truth}


def test_disparities_are_those_of_fairlearn_and_lie_in_their_intervals() -> None:
    from fairlearn import metrics

    about = judged_people(0.0)
    truth, said = about["truth"], about["said"]
    for attribute in ATTRIBUTES:
        decisions = grouping(about["found"], attribute)["decisions"]
        of = decisions["classes"]["suited"]
        for name in (
            "demographic_parity_difference",
            "demographic_parity_ratio",
            "equalized_odds_difference",
            "equalized_odds_ratio",
        ):
            expected = getattr(metrics, name)(
                truth["target"] == "suited",
                said == "suited",
                sensitive_features=truth[f"group:{attribute}"],
            )
            assert of[name]["value"] == pytest.approx(expected, abs=1e-12)
            assert of[name]["low"] <= of[name]["value"] <= of[name]["high"]
        assert list(decisions["classes"]) == ["suited"]


def test_rates_of_groups_are_shares_of_their_objects() -> None:
    about = judged_people(0.5)
    truth, said = about["truth"], about["said"] == "suited"
    suited = (truth["target"] == "suited").to_numpy()
    of = grouping(about["found"], "gender")["decisions"]["classes"]["suited"]
    for row in of["groups"]:
        inside = (truth["group:gender"] == row["label"]).to_numpy()
        assert row["selection_rate"]["value"] == pytest.approx(said[inside].mean(), abs=1e-12)
        assert row["selection_rate"]["rest"] == pytest.approx(said[~inside].mean(), abs=1e-12)
        assert row["recall"]["value"] == pytest.approx(said[inside & suited].mean(), abs=1e-12)
        false = said[inside & ~suited].mean()
        assert row["false_positive_rate"]["value"] == pytest.approx(false, abs=1e-12)
        assert row["share"] == pytest.approx(suited[inside].mean(), abs=1e-12)


def test_rates_are_those_of_a_hand_calculation() -> None:
    """The slide's boundary B: 38 points, 9 orange, 8 of them found with 3 false ones."""
    found = rates(np.array([[26.0, 3.0], [1.0, 8.0]]))
    np.testing.assert_allclose(found[1], [11 / 38, 8 / 9, 3 / 29], rtol=1e-14)


def test_planted_unfairness_is_found_and_named() -> None:
    findings = judged_people(1.0)["found"]["findings"]
    unequal = [f for f in findings if f["kind"] == "unequal_decisions"]
    assert [f["column"] for f in unequal] == ["skin_tone"]
    (finding,) = unequal
    assert finding["severity"] == "high" and finding["evidence"]["group"] == "dark"
    assert "skin_tone is dark" in finding["message"] and "%" in finding["message"]
    unfair = [f for f in findings if f["kind"] == "unfair_group"]
    assert {f["evidence"]["group"] for f in unfair} <= {"dark"}


def test_fair_samples_of_people_raise_nothing(seeds: range) -> None:
    for seed in seeds:
        assert judged_people(0.0, seed, 1200)["found"]["findings"] == []


def test_groups_of_few_people_are_left_out_and_said() -> None:
    about = judged_people(0.0, n=60)
    decisions = grouping(about["found"], "gender")["decisions"]
    assert "non-binary" in decisions["left_out"]
    of = decisions["classes"]["suited"]
    assert of["demographic_parity_difference"]["value"] is not None
    few = next(r for r in of["groups"] if r["label"] == "non-binary")
    assert few["selection_rate"]["low"] is None and few["selection_rate"]["reason"]


def test_simulated_people_are_the_same_for_the_same_seed_and_fair_where_nothing_is_planted() -> (
    None
):
    one, arrays = volunteers(5000, seed=1)
    assert arrays == {} and one.equals(volunteers(5000, seed=1)[0])
    assert (one["outcome"] == "suited").mean() == pytest.approx(0.4, abs=0.03)
    for attribute, shares in ATTRIBUTES.items():
        by = one.groupby(attribute)
        for name in ("test_pattern", "reference"):
            assert by[name].mean().abs().max() < 0.2
        assert by.size().sort_index().index.tolist() == sorted(shares)


def test_what_is_planted_is_what_is_measured() -> None:
    unfair, _ = volunteers(20_000, seed=2, unfairness=1.0, attribute="gender", group="woman")
    by = unfair.groupby("gender")
    apart = by["reference"].mean()["woman"] - by["reference"].mean()["man"]
    assert apart == pytest.approx(-1.0, abs=0.06)
    shares = unfair["outcome"].eq("suited").groupby(unfair["gender"]).mean()
    assert shares["woman"] == pytest.approx(shares["man"], abs=0.03)


@pytest.mark.parametrize(
    "wrong", [{"attribute": "height"}, {"group": "tall"}, {"suited": 1.0}, {"noise": -1.0}]
)
def test_what_cannot_be_simulated_is_refused(wrong: dict) -> None:
    with pytest.raises(BoxloopError, match=next(iter(wrong))):
        volunteers(10, seed=0, **wrong)
