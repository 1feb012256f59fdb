"""Faults in the rules of a study file, each with a message that says what to do."""

from typing import Any

import pytest
import yaml

from boxloop.analyses.registry import COMPUTED
from boxloop.study.checks.plausible import plausible_checks
from boxloop.study.examples import EXAMPLES
from boxloop.study.model import Study
from boxloop.study.references import function_references, sources_of


def _study(example: str, **content: Any) -> Study:
    text = EXAMPLES[example][1]
    return Study.model_validate({**yaml.safe_load(text), "checklist": {}, **content})


def _faults(example: str, *rules: dict[str, Any], **content: Any) -> dict[str, str]:
    study = _study(example, plausible=list(rules), **content)
    return {".".join(map(str, at)): message for at, message in plausible_checks(study)}


def test_the_examples_have_no_fault() -> None:
    for example in ("star_or_quasar", "flares", "masses"):
        assert list(plausible_checks(_study(example))) == []


@pytest.mark.parametrize(
    ("example", "rule", "at", "words"),
    [
        ("masses", {"classes": ["A"]}, "plausible.0.classes", "task is regression"),
        ("star_or_quasar", {"low": 1}, "plausible.0.low", "a class is no number"),
        ("star_or_quasar", {"classes": []}, "plausible.0.classes", "at least one class"),
        ("masses", {"low": 2, "high": 1}, "plausible.0.low", "low < high"),
        ("masses", {"low": 2, "where": {"tef": {"low": 1}}}, "plausible.0.where.tef", "'teff'"),
        ("masses", {"low": 2, "where": {"mass": {"low": 1}}}, "plausible.0.where.mass", "target"),
    ],
)
def test_a_fault_is_named_with_its_place(
    example: str, rule: dict[str, Any], at: str, words: str
) -> None:
    found = _faults(example, {"name": "r", **rule})
    assert list(found) == [at] and words in found[at]


def test_two_rules_have_two_names() -> None:
    found = _faults("masses", {"name": "r", "low": 1}, {"name": "r", "high": 2})
    assert list(found) == ["plausible.1.name"]


def test_columns_beside_the_features_may_limit_a_rule() -> None:
    where = {name: {"low": 0} for name in ("teff_err_low", "feh_err", "ra", "dec")}
    assert _faults("masses", {"name": "r", "low": 1, "where": where}) == {}
    # Which columns a derived entry makes is known from the data only.
    where = {"u_g": {"low": 0}}
    assert _faults("star_or_quasar", {"name": "r", "classes": ["STAR"], "where": where}) == {}


def test_an_exploration_has_no_rules() -> None:
    assert list(_faults("stamps", {"name": "r", "low": 1})) == ["plausible"]


def test_an_own_function_is_among_those_a_study_names() -> None:
    study = _study("flares", plausible=[{"name": "law", "function": "os.path:exists"}])
    assert function_references(study)["plausible"] == ["os.path:exists"]
    assert any("python" in str(s) for s in sources_of(study, COMPUTED["understanding"].calls))
