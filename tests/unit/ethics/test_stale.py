"""An answer is stale exactly when the evidence it was given on is another, and for nothing else."""

import random
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, replace
from typing import Any

import pytest
from ethics_fixture import BARE, REGRESSION, RESULTS
from hypothesis import given, settings
from hypothesis import strategies as st

from boxloop.ethics import FILES, Results, make_checklist
from boxloop.ethics.evidence import DIGITS

BOTH = ("boxloop", "deon")
CASES = {"classification": RESULTS, "regression": REGRESSION, "bare": BARE}
#: How entries of a list are called in keys: by what they are about, not by their place.
NAMES = (
    lambda e: f"{e['kind']}:{e['column']}" if e.get("column") else e["kind"],
    lambda e: e["name"],
    lambda e: e["label"],
    lambda e: e["class"],
)


def items_of(results: Results, answers: dict[str, Any] | None = None) -> dict[str, Any]:
    checklist = make_checklist(answers or {}, results, BOTH)
    return {item["id"]: item for item in checklist["items"]}


def answers_on(results: Results) -> dict[str, Any]:
    """Answer every item on the evidence as it is."""
    return {
        name: {"answer": "seen", "by": "A", "date": "2026-01-02", "evidence": item["hash"]}
        for name, item in items_of(results).items()
    }


def stale_after(before: Results, after: Results) -> set[str]:
    items = items_of(after, answers_on(before))
    return {name for name, item in items.items() if item["status"] == "stale"}


def name_of(entry: Any, at: int) -> str:
    for name in NAMES:
        try:
            return str(name(entry))
        except (KeyError, TypeError, AttributeError):
            continue
    return str(at)


def leaves(content: Any, key: str, path: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield the key and the path of every number, text and truth value."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield from leaves(value, f"{key}.{name}".lstrip("."), (*path, name))
    elif isinstance(content, list):
        for i, value in enumerate(content):
            yield from leaves(value, f"{key}[{name_of(value, i)}]", (*path, i))
    else:
        yield key, path


def holds(evidence: str, leaf: str) -> bool:
    """Whether a piece of evidence holds what stands at a leaf."""
    pattern = re.escape(evidence).replace(r"\*", r"[^.\[]+")
    pattern = pattern.replace(r"columns\.[^.\[]+\.name", r"columns\[[^\]]+\]\.name")
    pattern = pattern.replace(r"groupings\.[^.\[]+\.", r"groupings\[[^\]]+\]\.")
    return re.match(rf"{pattern}($|[.\[])", leaf) is not None


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return "something else" if isinstance(value, str) else 0.123


def with_leaf(results: Results, name: str, path: tuple[Any, ...], value: Any) -> Results:
    content = deepcopy(getattr(results, name))
    part = content
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return replace(results, **{name: content})


def at(results: Results, name: str, path: tuple[Any, ...]) -> Any:
    value = getattr(results, name)
    for step in path:
        value = value[step]
    return value


#: What tells entries apart, or decides what is evidence at all, and so is no single piece of it.
STRUCTURE = re.compile(
    r"\.(kind|column|columns.*|name|label|class|role|stands_out|protected|changed|used)$"
    r"|^(split|target|selected|metric|task|columns\[.*)$|classes\[|candidates\[|groups\[none\]\.score"
)


def every_leaf() -> list[Any]:
    found = []
    for case, results in CASES.items():
        for name in (f.name for f in fields(Results)):
            for key, path in leaves(getattr(results, name), "", ()):
                if not STRUCTURE.search(key):
                    found.append(pytest.param(case, name, key, path, id=f"{case}-{name}-{key}"))
    return found


@pytest.mark.parametrize(("case", "name", "key", "path"), every_leaf())
def test_exactly_the_items_that_rest_on_a_number_are_stale_when_it_changes(case, name, key, path):
    results = CASES[case]
    changed = with_leaf(results, name, path, other(at(results, name, path)))
    resting = {
        item["id"]
        for item in items_of(results).values()
        if any(e["file"] == FILES[name] and holds(e["key"], key) for e in item["evidence"])
    }
    assert stale_after(results, changed) == resting


def test_the_check_above_meets_items_that_rest_on_something_and_numbers_nothing_rests_on():
    resting = {e["key"] for item in items_of(RESULTS).values() for e in item["evidence"]}
    assert len(resting) > 40
    keys = [key for key, _ in leaves(RESULTS.metrics, "", ())]
    assert any(not any(holds(e, key) for e in resting) for key in keys)


def test_nothing_is_stale_while_nothing_changed():
    for results in CASES.values():
        assert stale_after(results, deepcopy(results)) == set()


def test_persons_items_without_evidence_never_go_stale():
    changed = stale_after(RESULTS, BARE)
    assert {"misuse", "team", "redress", "shutdown", "D.5"}.isdisjoint(changed)
    assert {"representative", "drift", "group_fairness", "D.1"} <= changed


def test_an_answer_without_recorded_evidence_never_goes_stale():
    written = {
        n: {k: v for k, v in a.items() if k != "evidence"} for n, a in answers_on(RESULTS).items()
    }
    assert all(i["status"] != "stale" for i in items_of(BARE, written).values())


def test_another_source_of_the_data_asks_for_consent_anew_and_more_rows_do_not():
    path = ("samples", "train", "origin", "source")
    asked = stale_after(RESULTS, with_leaf(RESULTS, "summary", path, "hospital"))
    assert {"consent_needed", "consent_given", "consent_understood", "data_protection"} <= asked
    more = stale_after(RESULTS, with_leaf(RESULTS, "summary", ("samples", "train", "rows"), 101))
    assert more == {"bias_sources"}


def test_a_new_finding_and_one_that_is_gone_are_changes():
    found = deepcopy(RESULTS.explore["findings"])
    new = {**found[0], "column": "r"}
    for findings in ([*found, new], found[1:]):
        changed = replace(RESULTS, explore={**RESULTS.explore, "findings": findings})
        assert stale_after(RESULTS, changed) == {"bias_sources"}


def test_order_prose_and_unrelated_results_are_no_changes():
    rng = random.Random(1)
    explore, groups = deepcopy(RESULTS.explore), deepcopy(RESULTS.groups)
    rng.shuffle(explore["findings"])
    groups["groupings"].reverse()
    for finding in explore["findings"]:
        finding["message"] = "in other words"
        finding["severity"] = "low"
    for grouping in groups["groupings"]:
        rng.shuffle(grouping["groups"])
        grouping["note"] = "in other words"
    explore["findings"].append({**explore["findings"][0], "kind": "outliers"})
    metrics = deepcopy(RESULTS.metrics)
    metrics["published"] = [{"cite": "somebody", "value": 1.0}]
    other = replace(RESULTS, explore=explore, groups=groups, metrics=metrics)
    assert stale_after(RESULTS, other) == set()


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 0.99), st.integers(1, 9))
def test_digits_beyond_the_sixth_are_no_change_and_the_third_is(value, digit):
    value = float(f"{value:.3g}")
    path = ("two_sample", "auc", "value")
    first = with_leaf(RESULTS, "shift", path, value)
    nearly = with_leaf(RESULTS, "shift", path, value * (1 + digit * 10.0 ** (-DIGITS - 3)))
    else_ = with_leaf(RESULTS, "shift", path, value * (1 + digit * 1e-3))
    assert stale_after(first, nearly) == set()
    assert stale_after(first, else_) == {"representative", "drift"}


def test_whole_numbers_written_as_fractions_are_the_same():
    path = ("rows",)
    assert stale_after(RESULTS, with_leaf(RESULTS, "apply", path, 50.0)) == set()
