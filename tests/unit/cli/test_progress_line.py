"""The words of the living line and of the plain lines."""

import pytest

from boxloop.cli.progress.line import (
    Search,
    clock,
    duration,
    living,
    plain_plan,
    plain_stage,
    stages_ended,
)
from boxloop.cli.progress.stages import stages_of_rules
from boxloop.cli.progress.state import Job, Progress

STAGES = {"assemble": "data", "explore_all": "explore", "chunk": "search", "select": "search"}
PLAN = {"assemble": 1, "explore_all": 1, "chunk": 3, "select": 1, "toy": 1}
SEARCH = Search(9, 14, "nmad", 0.023412, "forest")


def job(rule, study="toy"):
    return Job(rule, {"study": study} if study else {}, 0.0)


def state(*running, ended=(), failed=(), planned=PLAN):
    done = {rule: ((job(rule), 1.0),) * ended.count(rule) for rule in ended}
    return Progress(
        0.0,
        planned,
        2,
        dict(enumerate(map(job, running))),
        {-1 - n: job(rule) for n, rule in enumerate(failed)},
        done,
    )


def test_the_line_says_stage_jobs_trials_best_score_and_end():
    said = living(state("chunk", ended=["assemble"]), STAGES, 65.0, 200, SEARCH, 38.0)
    assert said == (
        "search  1 of 7 jobs  trials 9 of 14  best nmad 0.02341 (forest)  1:05  about 40 s left"
    )


def test_before_anything_is_planned_the_study_is_read():
    assert living(Progress(0.0), STAGES, 2.0, 80) == "reading the study  0:02"


def test_of_a_search_that_has_ended_the_best_score_is_left():
    said = living(state("select"), STAGES, 0.0, 200, Search(14, 14, "nmad", 0.02, "forest"))
    assert "trials" not in said and "best nmad 0.02 (forest)" in said


def test_stages_that_run_together_stand_in_their_order():
    said = living(state("chunk", "explore_all", "chunk"), STAGES, 0.0, 80)
    assert said.startswith("explore, search  ")


def test_a_rule_of_no_stage_is_named_itself():
    assert living(state("toy"), STAGES, 0.0, 80).startswith("toy  ")


def test_between_two_jobs_the_line_says_what_ran_last():
    idle = Progress(0.0, PLAN, 2, last=job("chunk"))
    assert living(idle, STAGES, 0.0, 80).startswith("search  ")


def test_of_several_studies_the_one_that_runs_is_named():
    both = Progress(
        0.0, PLAN, 2, {1: job("chunk", "far")}, {}, {"assemble": ((job("assemble", "near"), 1.0),)}
    )
    assert living(both, STAGES, 0.0, 80).startswith("far: search  ")


def test_a_failed_job_is_said_and_the_end_is_not_known_any_more():
    said = living(state("chunk", failed=["chunk"]), STAGES, 9.0, 200, SEARCH, 38.0)
    assert said == "search  0 of 7 jobs  1 failed  1 still running  0:09"


def test_why_the_run_ends_stands_for_the_stage():
    said = living(state("chunk", failed=["chunk"]), STAGES, 9.0, 200, SEARCH, 38.0, "stopping")
    assert said == "stopping  0 of 7 jobs  1 still running  0:09"


@pytest.mark.parametrize("width", range(1, 100))
def test_no_line_is_wider_than_the_terminal(width):
    run = state("chunk", "explore_all", ended=["assemble"], failed=["chunk"])
    for known in (run, state("chunk")):
        assert len(living(known, STAGES, 65.0, width, SEARCH, 38.0)) <= width


def test_in_a_narrow_terminal_what_is_needed_least_is_left_out_first():
    def said(width):
        return living(state("chunk"), STAGES, 65.0, width, SEARCH, 38.0)

    assert said(60) == "search  0 of 7 jobs  trials 9 of 14  1:05  about 40 s left"
    assert said(50) == "search  0 of 7 jobs  1:05  about 40 s left"
    assert said(38) == "search  0 of 7 jobs  about 40 s left"
    assert said(20) == "search"
    assert said(3) == "sea"


def test_times_are_said_in_the_unit_that_fits_them():
    assert [clock(s) for s in (0, 59.9, 61, 3600, 36061)] == [
        "0:00", "0:59", "1:01", "1:00:00", "10:01:01",
    ]  # fmt: skip
    assert [duration(s) for s in (0, 3, 38, 55, 61, 119, 125, 5399, 5400, 40000)] == [
        "5 s", "5 s", "40 s", "55 s", "70 s", "120 s", "2 min", "90 min", "2 h", "11 h",
    ]  # fmt: skip


def test_a_stage_ends_once_with_its_last_job():
    before = state(ended=["chunk", "chunk", "chunk"])
    after = state(ended=["chunk", "chunk", "chunk", "select"])
    assert stages_ended(before, after, STAGES) == ["search"]
    assert stages_ended(after, after, STAGES) == []
    assert stages_ended(state(), before, STAGES) == []


def test_plain_lines_say_the_plan_and_each_stage():
    assert plain_plan(state(), STAGES) == "7 jobs: data 1, explore 1, search 4"
    run = state(ended=["assemble", "chunk"])
    assert plain_stage("search", run, 65.0, SEARCH, 38.0) == (
        "search done  2 of 7 jobs  best nmad 0.02341 (forest)  1:05  about 40 s left"
    )
    assert plain_stage("data", run, 5.0) == "data done  2 of 7 jobs  0:05"


def test_every_rule_of_the_workflow_but_targets_has_a_stage_in_their_order():
    found = stages_of_rules()
    assert found["chunk"] == "search" and found["embed"] == "explore" and "studies" not in found
    assert list(dict.fromkeys(found.values()))[:3] == ["data", "explore", "prepare"]
