"""What is said of a search that cannot be made."""

import pytest
from study_file import faults, replaced

from boxloop.study.checks import study as checks
from boxloop.study.vocabulary import SAMPLERS

MODELS = "models:\n"


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("{strategy: optuna}", "12: search: the key 'sampler' is missing; strategy optuna needs"),
        (
            "{strategy: optuna, sampler: TPESample}",
            "12: search.sampler: expected a sampler of optuna that learns from the trials of "
            "earlier rounds: TPESampler, GPSampler; found 'TPESample'; did you mean 'TPESampler'?",
        ),
        (
            "{strategy: tpe, sampler: TPESampler}",
            "12: search.sampler: is for search.strategy: optuna; found tpe",
        ),
        (
            "{strategy: tpe, round: 0}",
            "12: search.round: expected a number of at least 1; found 0",
        ),
        (
            "{strategy: tpy}",
            "12: search.strategy: expected grid, random, sobol, tpe, optuna or halving; found "
            "'tpy'",
        ),
    ],
)
def test_a_fault_of_the_search_is_named(tmp_path, search, expected):
    (fault,) = faults(tmp_path, replaced((MODELS, f"search: {search}\n{MODELS}")))
    assert fault.startswith(expected)


def test_a_map_of_neighbours_whose_package_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    (fault,) = faults(tmp_path, replaced((MODELS, f"embedding: umap\n{MODELS}")))
    assert fault.startswith("12: embedding: umap needs the package umap-learn, which is not")


def test_a_package_that_a_sampler_needs_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(SAMPLERS, "GPSampler", "not_there_at_all")
    text = replaced((MODELS, f"search: {{strategy: optuna, sampler: GPSampler}}\n{MODELS}"))
    (fault,) = faults(tmp_path, text)
    assert "GPSampler needs the package not_there_at_all, which is not installed" in fault
