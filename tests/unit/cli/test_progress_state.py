"""How far a run is, after each event."""

from functools import reduce

from boxloop.cli.progress.state import Progress, after
from boxloop.events import Began, Cores, Ended, Failed, NothingToDo, Planned, Refused

CHUNK = {"study": "toy", "model": "tree", "chunk": "0"}


def told(*events, begin=0.0):
    """State after events of which each comes a second after the one before."""
    steps = enumerate(events, start=1)
    return reduce(lambda state, step: after(state, step[1], float(step[0])), steps, Progress(begin))


def test_jobs_are_counted_as_they_end():
    plan, begin = Planned({"chunk": 2, "toy": 1}), Began(4, "chunk", CHUNK, ["chunk.log"])
    assert told(plan).total == 3 and told(plan).done == 0
    running = told(Cores(2), plan, begin)
    assert running.cores == 2
    assert running.running[4].label == "chunk toy tree 0"
    assert running.running[4].file == "chunk-tree-0"
    assert running.running[4].study == "toy"
    ended = told(Cores(2), plan, begin, Ended(4))
    assert ended.done == 1 and not ended.running
    assert [seconds for _, seconds in ended.ended["chunk"]] == [1.0]


def test_a_job_that_is_tried_again_has_not_failed():
    begin = Began(4, "chunk", CHUNK, ["chunk.log"])
    why = Refused("RuleException", "died with <Signals.SIGKILL: 9>")
    failed = told(begin, why, Failed(4, ["chunk.log", "slurm.log"]))
    assert failed.failed[4].reason == why.text
    assert failed.failed[4].log == ("chunk.log", "slurm.log")
    again = told(begin, why, Failed(4, []), begin)
    assert not again.failed and 4 in again.running
    assert told(begin, why, Failed(4, []), begin, Ended(4)).done == 1


def test_what_ends_without_having_begun_is_no_job():
    assert told(Ended(4), Failed(5, [])) == Progress(0.0)


def test_nothing_to_do_is_known():
    assert told(NothingToDo()).nothing and not told(Planned({"fit": 1})).nothing
