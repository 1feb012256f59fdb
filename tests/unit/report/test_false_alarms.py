"""Clean simulated data raise no alarm: every finding of the evaluation counts.

The studies run in one process (tests/unit/study_in_process), for twenty of them would take the
workflow half an hour.
"""

import pytest
from study_in_process import classification, columns, galaxies, regression, run, stars
from tables import trial

from boxloop.analyses.findings import findings_of
from boxloop.analyses.registry import COMPUTED


def of_numbers(seed):
    """A regression with groups, times and a target sample that is like the labelled one."""
    return regression(
        galaxies(500, seed),
        columns=columns(time="mjd", keep=["field"]),
        models=[trial("dummy"), trial("linear")],
        groups=["r", "field"],
        target=galaxies(300, 1000 + seed).drop(columns="redshift"),
        probes=("shuffled", "time_order"),
        seed=seed,
    )


def of_classes(seed):
    """A classification with groups."""
    return classification(
        stars(500, seed),
        models=[trial("dummy"), trial("logistic")],
        groups=["r_mag", "field"],
        seed=seed,
    )


@pytest.mark.parametrize("study", [of_numbers, of_classes])
def test_clean_data_raise_no_alarm(study, seeds):
    alarms = []
    for seed in seeds:
        contents = run(study(seed))
        judged = {name: contents[name] for name in COMPUTED if name in contents}
        alarms += [(seed, f["severity"], f["kind"], f["message"]) for f in findings_of(judged)]
        graver = [f for f in findings_of(contents) if f["severity"] == "high"]
        alarms += [(seed, "high", f["kind"], f["message"]) for f in graver]
    assert alarms == []
