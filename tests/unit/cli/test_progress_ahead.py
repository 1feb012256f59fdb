"""When a run will end: from what jobs took before, scaled by what was seen."""

import pytest

from boxloop.cli.progress.ahead import Usual, merged, seconds_left, steady
from boxloop.cli.progress.state import Job, Progress

#: Files of a study of which everything is known, in two stages of two jobs each and a last one.
USUAL = Usual({"toy/chunk-a-0": 100.0, "toy/chunk-b-0": 300.0}, {"assemble": 100.0})
PLAN = {"assemble": 1, "chunk": 2}


def chunk(model, began=0.0):
    return Job("chunk", {"study": "toy", "model": model, "chunk": "0"}, began)


def assemble(began=0.0):
    return Job("assemble", {"study": "toy"}, began)


def state(ended=(), running=(), planned=PLAN, cores=1):
    done = {}
    for job, seconds in ended:
        done[job.rule] = (*done.get(job.rule, ()), (job, seconds))
    return Progress(0.0, planned, cores, dict(enumerate(running)), {}, done)


def test_what_is_left_is_what_jobs_took_before():
    run = state([(assemble(), 100.0)], [chunk("a", 100.0)])
    assert seconds_left(run, USUAL, 100.0) == pytest.approx(400)
    assert seconds_left(run, USUAL, 150.0) == pytest.approx(350)


def test_a_machine_that_is_twice_as_slow_takes_twice_as_long():
    run = state([(assemble(), 200.0)], [chunk("a", 200.0)])
    assert seconds_left(run, USUAL, 200.0) == pytest.approx(800, rel=0.05)


def test_the_more_expensive_of_two_jobs_is_known_by_its_name():
    run = state([(assemble(), 100.0), (chunk("b", 100.0), 300.0)])
    assert seconds_left(run, USUAL, 400.0) == pytest.approx(100)
    run = state([(assemble(), 100.0), (chunk("a", 100.0), 100.0)])
    assert seconds_left(run, USUAL, 200.0) == pytest.approx(300)


def test_jobs_run_together_as_they_did_so_far_and_the_longest_bounds_them():
    both = [chunk("a", 100.0), chunk("b", 100.0)]
    run = state([(assemble(), 100.0)], both, cores=2)
    assert seconds_left(run, USUAL, 100.0) == pytest.approx(400), "one at a time until now"
    assert seconds_left(run, USUAL, 120.0) == pytest.approx((80 + 280) / (140 / 120))
    assert seconds_left(run, USUAL, 150.0) == pytest.approx(250), "the longer of the two"
    alone = state([(assemble(), 100.0), (chunk("a", 100.0), 100.0)], [chunk("b", 100.0)], cores=2)
    assert seconds_left(alone, USUAL, 200.0) == pytest.approx(200)


def test_a_job_that_takes_longer_than_before_is_not_ended_yet():
    run = state([(assemble(), 100.0), (chunk("a", 100.0), 100.0)], [chunk("b", 200.0)])
    assert seconds_left(run, USUAL, 1200.0) == pytest.approx(100)


def test_nothing_is_said_while_too_little_is_known():
    assert seconds_left(state(), USUAL, 0.0) is None, "nothing has ended"
    short = state([(Job("split", {"study": "toy"}, 0.0), 2.0)], planned={**PLAN, "split": 1})
    assert seconds_left(short, USUAL, 2.0) is None, "a short job says little"
    own = Usual({}, {"assemble": 100.0})
    assert seconds_left(state([(assemble(), 100.0)]), own, 100.0) is None, "what a fit costs"
    seen = state([(assemble(), 100.0), (chunk("a"), 50.0)])
    assert seconds_left(seen, own, 150.0) == pytest.approx(50), "which the first has shown"


def test_a_run_whose_jobs_have_ended_has_nothing_left():
    ended = [(assemble(), 100.0), (chunk("a", 100.0), 100.0), (chunk("b", 200.0), 300.0)]
    assert seconds_left(state(ended), USUAL, 500.0) == 0


def test_an_end_that_was_named_stands_until_it_has_proved_wrong():
    named = steady(None, 100.0, 0.0)
    assert named is not None and named.left(0.0) == 100
    assert steady(named, 95.0, 10.0) is named, "90 s were left"
    assert steady(named, 110.0, 10.0) is named
    later = steady(named, 130.0, 10.0)
    assert later is not named and later is not None and later.left(10.0) == 130
    assert steady(named, None, 10.0) is None


def test_of_two_studies_all_files_are_known_and_the_longer_time_of_a_rule():
    one, other = Usual({"a/fit-x": 1.0}, {"audit": 2.0}), Usual({"b/fit-x": 3.0}, {"audit": 1.0})
    assert merged(one, other) == Usual({"a/fit-x": 1.0, "b/fit-x": 3.0}, {"audit": 2.0})
