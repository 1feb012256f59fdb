"""`boxloop check` says which chunks of a search are too short for the jobs of a cluster."""

import json
import re

from boxloop.cli.check import check_study

MANY = ("{min_samples_leaf: [1, 5]}", "{min_samples_leaf: {low: 1, high: 50, integer: true}}")
TRIALS = ("report:", "budget: {trials: 600}\nsearch: {strategy: random, chunk: 2}\nreport:")


def test_chunks_that_are_short_for_a_cluster_are_told_with_better_ones(said):
    text = said("{source: stars, provenance: real}", MANY, TRIALS)
    share, chunk, less = re.search(
        r"about (\d+)% of the time of the search's jobs would go into anything but fits; with "
        r"`search: {chunk: (\d+)}`, now 2, about (\d+)%",
        text,
    ).groups()
    assert int(share) > 10 >= int(less) and 2 < int(chunk) <= 600
    better = (TRIALS[0], TRIALS[1].replace("chunk: 2", f"chunk: {chunk}"))
    assert "On a cluster" not in said("{source: stars, provenance: real}", MANY, better)


def test_chunks_follow_what_the_trials_took(said, tmp_path):
    sample = "{source: stars, provenance: real}"
    said(sample, MANY, TRIALS)
    folder = tmp_path / "results/s0/search/chunks"
    folder.mkdir(parents=True)
    for seconds, told in ((0.01, True), (1000.0, False)):
        trial = {"status": "done", "mean": 0.5, "seconds": seconds}
        (folder / "forest-0.json").write_text(json.dumps([trial, trial]))
        assert ("On a cluster" in check_study(tmp_path / "config/studies/s0.yaml")) == told


def test_a_limit_of_time_bounds_the_chunk_that_is_advised(said):
    limited = (TRIALS[0], TRIALS[1].replace("trials: 600", "trials: 600, minutes: 0.01"))
    assert "On a cluster" not in said("{source: stars, provenance: real}", MANY, limited)


def test_what_has_run_is_told_to_run_again_and_what_did_not_run_does_not_count(said, tmp_path):
    said("{source: stars, provenance: real}", MANY, TRIALS)
    folder = tmp_path / "results/s0/search/chunks"
    folder.mkdir(parents=True)
    done = {"status": "done", "mean": 0.5, "seconds": 1000.0}
    left = {"status": "not_run", "mean": None, "seconds": 0.0}
    (folder / "forest-0.json").write_text(json.dumps([done, *[left] * 1000]))
    assert "On a cluster" not in check_study(tmp_path / "config/studies/s0.yaml")
    (folder / "forest-0.json").write_text(json.dumps([{**done, "seconds": 3.0}]))
    assert "is then run again" in check_study(tmp_path / "config/studies/s0.yaml")


def test_chunks_in_which_trials_compete_are_left_alone(said):
    network = "  - {name: dense, space: {dropout: {low: 0.0, high: 0.5}}}\n"
    more = ("models:\n", f"models:\n{network}")
    halving = (TRIALS[0], TRIALS[1].replace("random", "halving"))
    assert "On a cluster" in said("{source: stars, provenance: real}", MANY, more, TRIALS)
    assert "On a cluster" not in said("{source: stars, provenance: real}", MANY, more, halving)
