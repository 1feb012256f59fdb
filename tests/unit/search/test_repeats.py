"""The same search gives the same bytes in another process, and the same choice cut into jobs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from plans import RANGES, study
from searches import NUMBERS, results_of_jobs

from boxloop.search.select import best_trial
from boxloop.study.rounds import jobs_of
from boxloop.study.trials import trials_of

SEARCH = """
import json, sys
sys.path.insert(0, sys.argv[1])
from searches import results_of_jobs
print(json.dumps(results_of_jobs(int(sys.argv[2]))))
"""


def in_another_process(jobs: int) -> list[dict]:
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", SEARCH, str(here), str(jobs)],
        capture_output=True, text=True, check=True, env=environment, timeout=1800,
    )  # fmt: skip
    found: list[dict] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def in_one_job() -> list[dict]:
    return results_of_jobs(1)


@pytest.mark.long  # short: a killed stack of tests/unit/search/test_stacked.py
def test_another_process_finds_the_same_bytes(in_one_job: list[dict]) -> None:
    assert in_another_process(1) == json.loads(json.dumps(in_one_job))


@pytest.mark.long  # short: tests/unit/search/test_halving.py
@pytest.mark.parametrize("jobs", [3, 8])
def test_one_job_and_several_select_the_same_trial(in_one_job: list[dict], jobs: int) -> None:
    several = results_of_jobs(jobs)
    assert best_trial(in_one_job, NUMBERS.metric)["id"] == best_trial(several, NUMBERS.metric)["id"]
    for together, apart in zip(in_one_job, several, strict=True):
        assert together["id"] == apart["id"] and together["epochs"] == apart["epochs"]
        np.testing.assert_allclose(together["scores"], apart["scores"], rtol=2e-3)


@pytest.mark.parametrize("strategy", ["random", "sobol", "halving"])
def test_twenty_more_trials_leave_the_jobs_of_the_first_twenty(strategy: str) -> None:
    def jobs(n: int) -> list:
        made = study(RANGES, search={"strategy": strategy, "chunk": 10}, budget={"trials": n})
        return [job.trials for job in jobs_of(made, made.models[0])]

    assert jobs(40)[:2] == jobs(20) and len(jobs(40)) == 4
    ids = [t["id"] for chunk in jobs(40) for t in chunk]
    assert len(set(ids)) == 40


def test_a_longer_list_of_a_grid_keeps_the_names_of_its_trials() -> None:
    def names(*depths: int) -> set[str]:
        made = study({"name": "tree", "space": {"max_depth": list(depths)}})
        return {t["id"] for t in trials_of(made, made.models[0])}

    assert names(1, 2) < names(1, 2, 3)
