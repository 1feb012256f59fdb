"""The audit finds planted faults, and nothing where there is nothing."""

import numpy as np
import pandas as pd
import pytest
from computed import computed
from tables import numbers_table

from boxloop.analyses.audit.compute import compute
from boxloop.analyses.audit.leakage import check_leakage
from boxloop.analyses.scores.compute import Truth
from boxloop.store import Table

METRICS = {"selected": "m", "metric": "rmse"}


def parts(table, by=None):
    """Sets and folds; by a column where one is named, else by the row."""
    number = np.arange(len(table)) if by is None else table.column(by)
    sets = np.where(number % 5 == 0, "test", "train")
    split = pd.DataFrame({"id": table.column("id"), "set": sets})
    train = split["set"] == "train"
    folds = pd.DataFrame({"id": split["id"][train], "fold": (number[train] % 3).astype(np.int8)})
    return split, folds


def audit(guess=None, *, table=None, together=(), openings=(), margin=0.0, by=None, **probes):
    table = numbers_table() if table is None else table
    truth = table.column("redshift")
    rng = np.random.default_rng(0)
    guess = truth + 0.02 * rng.normal(size=len(table)) if guess is None else guess
    found = pd.DataFrame({"model": "m", "id": table.column("id"), "prediction": guess})
    frame = pd.DataFrame({"id": table.column("id"), "target": truth, "unit": table.column("id")})
    split, folds = parts(table, by)
    return computed(
        compute,
        table=table,
        split=split,
        folds=folds,
        cross_validated=found,
        truth=Truth(frame, ()),
        metrics=METRICS,
        openings=openings,
        probes=probes,
        together=together,
        margin=margin,
        seed=0,
    )


def kinds(found):
    return [f["kind"] for f in found["findings"]]


def test_a_sound_result_has_no_findings():
    found = audit(by="field", together=["field"])
    assert found["findings"] == []
    assert found["apart"]["groups"]["field"] == {"groups": 12, "crossing": 0, "example": None}
    assert found["apart"]["duplicates"]["repeated"] == 0


def test_a_group_that_was_torn_apart_by_hand_is_named():
    found = audit(together=["field"])
    assert kinds(found) == ["group_across_sets"]
    assert "values of field have objects in two sets" in found["findings"][0]["message"]


@pytest.mark.parametrize(("copies", "severity"), [(2, "medium"), (30, "high")])
def test_an_object_under_two_names_in_two_parts_is_found(copies, severity):
    table = numbers_table(601)  # parts are dealt in turns of 15, so that twins come into another
    twins = table.frame.iloc[:copies].assign(id=[f"twin{i}" for i in range(copies)])
    frame = pd.concat([table.frame, twins], ignore_index=True)
    table = Table(frame, table.columns, table.provenance)
    found = audit(table=table)
    assert kinds(found) == ["duplicate_across_sets"]
    assert found["findings"][0]["severity"] == severity
    rows = found["findings"][0]["evidence"]["rows"]
    assert 0 < rows <= 2 * copies


def test_measurements_on_a_coarse_grid_repeat_by_chance_and_are_no_finding():
    table = numbers_table()
    coarse = table.frame.assign(a=np.round(table.frame["a"]), b=np.round(table.frame["b"]))
    found = audit(table=Table(coarse, table.columns, table.provenance))
    assert found["apart"]["duplicates"]["repeated"] > 100
    assert found["findings"] == []


def test_shuffled_targets_teach_nothing_and_that_is_said():
    guess = np.random.default_rng(1).permutation(numbers_table().column("redshift"))
    found = audit(guess)
    assert kinds(found) == ["nothing_learnt"]
    assert found["findings"][0]["severity"] == "high"


@pytest.mark.parametrize(
    ("times", "severity"), [(0, None), (1, None), (2, "medium"), (4, "medium"), (5, "high")]
)
def test_openings_are_remarked_on_from_the_second(times, severity):
    found = audit(openings=[{"key": str(i)} for i in range(times)])
    assert [f["severity"] for f in found["findings"]] == ([severity] if severity else [])
    assert found["openings"] == times


def run(p, score=0.1):
    return {"p": p, "score": score, "low": 0.2, "median": 0.21, "high": 0.22, "shuffles": 400}


def test_labels_that_were_shuffled_and_found_again_are_a_leak():
    assert kinds(audit(shuffled={"runs": [run(1 / 401)]})) == ["null_beaten"]
    assert kinds(audit(shuffled={"runs": [run(2 / 401)]})) == []
    assert kinds(audit(shuffled={"runs": [run(1 / 401, 0.205)]}, margin=0.01)) == []
    assert kinds(audit(shuffled={"runs": [], "reason": "it failed"})) == []


def order(gain, high):
    times = {"past": 0.1, "any_time": 0.1 + gain, "gain": gain, "low": gain - 0.01, "high": high}
    return {"runs": [{**times, "n_units": 100}]}


def test_a_loss_in_the_order_of_time_is_a_leak_where_it_is_sure_and_large():
    assert kinds(audit(time_order=order(-0.03, -0.02))) == ["time_leak"]
    assert kinds(audit(time_order=order(-0.03, 0.01))) == []
    assert kinds(audit(time_order=order(-0.001, -0.0005))) == []
    assert kinds(audit(time_order=order(+0.03, 0.04))) == []


def test_a_score_that_hangs_on_the_seed_is_said():
    seeds = {"score": 0.10, "runs": [{"mean": 0.2}, {"mean": 0.05}]}
    assert kinds(audit(seeds=seeds)) == ["unstable"]
    steady = {"score": 0.10, "runs": [{"mean": 0.101}, {"mean": 0.0995}]}
    found = audit(seeds=steady)
    assert kinds(found) == []
    assert found["seeds"]["std"] == pytest.approx(np.std([0.1, 0.101, 0.0995], ddof=1))


def test_rows_in_another_order_give_the_same_audit():
    table = numbers_table()
    order = np.random.default_rng(1).permutation(len(table))
    split, folds = parts(table)
    about, found = check_leakage(table, split, folds, ["field"])
    again = check_leakage(table.take(order), split, folds, ["field"])
    assert again == (about, found)
