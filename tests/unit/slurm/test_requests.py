"""What jobs ask a cluster for, by what such jobs took before."""

import json

from repository import REPOSITORY

from boxloop import slurm
from boxloop.slurm import Request, Taken, request

HEADER = "s\th:m:s\tmax_rss\tmax_vms\n"
SMALL = Taken("chunk", "small", 10_000, 3, 1_400.0, 100.0)
LARGE = Taken("chunk", "large", 100_000, 1, 2_900.0, 1_500.0)


def test_a_job_asks_for_what_the_study_itself_took_with_room():
    assert request("chunk", "small", 10_000, [SMALL, LARGE]) == Request(2_500, 20)
    assert request("chunk", "large", 100_000, [SMALL, LARGE]) == Request(4_800, 100)


def test_each_attempt_asks_for_once_more_as_much():
    asked = [request("chunk", "large", 100_000, [LARGE], n) for n in (1, 2, 3)]
    assert asked == [Request(4_800, 100), Request(9_600, 200), Request(14_400, 300)]


def test_no_job_asks_for_more_than_the_largest_node_has():
    most = Request(6_000, 150)
    asked = [request("chunk", "large", 100_000, [LARGE], n, most) for n in (1, 2)]
    assert asked == [Request(4_800, 100), Request(6_000, 150)]


def test_before_a_study_has_run_the_next_larger_table_speaks():
    assert request("chunk", "new", 20_000, [SMALL, LARGE]) == Request(4_800, 100)
    assert request("chunk", "new", 9_000, [SMALL, LARGE]) == Request(2_500, 20)


def test_beyond_the_largest_table_memory_and_time_grow_with_the_rows():
    # 900 MB are TensorFlow's, 2000 MB the table's: (900 + 3 x 2000) x 1.5 + 400; 3 x 1500 s x 4
    assert request("chunk", "new", 300_000, [SMALL, LARGE]) == Request(10_800, 300)
    # A study whose own table has grown since is scaled from its own numbers.
    assert request("chunk", "small", 40_000, [SMALL, LARGE]) == Request(4_800, 27)


def test_where_nothing_is_known_the_request_is_generous():
    assert request("fit", "new", 5, [SMALL]) == Request(4_000, 120)
    assert request("chunk", "new", None, [SMALL, LARGE]) == Request(4_800, 100)
    short = Taken("audit", "small", 100, 1, None, 0.3)  # too short to be sampled
    assert request("audit", "new", 100, [short]) == Request(1_000, 20)


def test_what_past_runs_took_is_read_from_their_results(tmp_path):
    folder = tmp_path / "results/stars"
    (folder / "logs").mkdir(parents=True)
    (tmp_path / "results/no_summary").mkdir()
    (folder / "data").mkdir()
    (folder / "data/summary.json").write_text(json.dumps({"rows": 70}))
    for name, row in (
        ("chunk-dense-0", "10.0\t0:00:10\t100.0\t1"),
        ("chunk-dense-1", "20.0\t0:00:20\t90.0\t1"),
        ("audit", "0.2\t0:00:00\t-\t-"),
    ):
        (folder / f"logs/{name}.tsv").write_text(f"{HEADER}{row}\n")
    found = {taken.rule: taken for taken in slurm.past_usage(tmp_path / "results")}
    assert found["chunk"] == Taken("chunk", "stars", 70, 2, 100.0, 20.0)
    assert found["audit"] == Taken("audit", "stars", 70, 1, None, 0.2)
    assert len(found) == 2


def test_the_shipped_table_can_be_read():
    path = REPOSITORY / "workflow/requests.json"
    rules = [Taken(**row) for row in json.loads(path.read_text())["rules"]]
    assert {"chunk", "fit", "assemble", "apply"} <= {taken.rule for taken in rules}
    # A study without a target sample has none of its objects.
    assert all(taken.rows > 0 or taken.rule in slurm.OF_TARGET for taken in rules)
    assert any(taken.rows > 0 for taken in rules if taken.rule == "apply")
    assert all(taken.seconds >= 0 for taken in rules)


def test_a_search_with_more_trials_in_a_job_asks_for_more_time():
    few = Taken("chunk", "small", 10_000, 3, 1_400.0, 600.0, trials=2)
    assert request("chunk", "small", 10_000, [few], trials=2) == Request(2_500, 40)
    assert request("chunk", "small", 10_000, [few], trials=20) == Request(2_500, 400)
    assert request("chunk", "small", 10_000, [few], trials=1) == Request(2_500, 40)
    # The whole search in one job, where none has run: that of all its trials.
    assert request("nested", "small", 10_000, [few], trials=40) == Request(2_500, 800)


def test_what_looked_small_of_a_small_table_grows_with_a_large_one():
    assemble = Taken("assemble", "small", 30_000, 1, 150.0, 1.0)
    asked = request("assemble", "new", 100_000_000, [assemble])
    assert asked.mem_mb == 75_700  # 150 MB, and 500 bytes a row, with room, and Snakemake
    assert request("assemble", "small", 30_000, [assemble]).mem_mb == 1_000
    # What is read bit by bit does not grow, only its time does.
    apply = Taken("apply", "small", 10_000, 1, 800.0, 10.0)
    assert request("apply", "new", 10_000_000, [apply]) == Request(1_600, 667)


def test_studies_without_a_target_say_nothing_of_those_with_one():
    none = Taken("apply", "plain", 0, 1, 750.0, 6.0)
    some = Taken("apply", "small", 10_000, 1, 800.0, 600.0)
    assert request("apply", "new", 5_000, [none, some]).runtime == 40
    assert request("apply", "new", 0, [none, some]).runtime == 20


def test_jobs_of_the_target_are_measured_by_its_rows(tmp_path):
    folder = tmp_path / "results/stars"
    for name, content in (
        ("data/summary.json", {"rows": 70}),
        ("apply/summary.json", {"rows": 900}),
        ("search/chunks/dense-0.json", [{}, {}, {}]),
    ):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(json.dumps(content))
    (folder / "logs").mkdir()
    for name in ("apply-0", "apply-1", "catalogue", "chunk-dense-0", "fit-dense"):
        (folder / f"logs/{name}.tsv").write_text(f"{HEADER}10.0\t0:00:10\t100.0\t1\n")
    found = {taken.rule: taken for taken in slurm.past_usage(tmp_path / "results")}
    rows = {rule: taken.rows for rule, taken in found.items()}
    assert rows == {"apply": 450, "catalogue": 900, "chunk": 70, "fit": 70}
    assert found["chunk"].trials == 3 and found["fit"].trials == 0
