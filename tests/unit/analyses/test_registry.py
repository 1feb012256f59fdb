"""The table of analyses: what a line promises is there."""

import inspect
from importlib import import_module

import pytest

from boxloop.analyses.evaluated import Evaluated
from boxloop.analyses.registry import ANALYSES, COMPUTED, FOLDER, parts
from boxloop.errors import BoxloopError


@pytest.mark.parametrize("name", [analysis.name for analysis in ANALYSES])
def test_an_analysis_tells_its_section_on_the_page_and_in_print(name: str) -> None:
    there = {path.name for path in (FOLDER / name).iterdir()}
    assert {"section.py", "page.html", "report.tex"} <= there


@pytest.mark.parametrize("name", COMPUTED)
def test_the_function_of_an_analysis_takes_what_its_line_names(name: str) -> None:
    compute = import_module(f"boxloop.analyses.{name}.compute").compute
    first, *others = inspect.signature(compute).parameters
    keys = [key.split(".")[-1] for key in COMPUTED[name].params]
    assert first == "evaluated" and set(others) == {*keys, "seed"}


def test_every_folder_with_a_section_has_its_line_and_only_those() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/section.py")}
    assert folders - {"exploration"} == {analysis.name for analysis in ANALYSES}
    assert [name for name, _ in parts("section")] == [a.name for a in ANALYSES]
    assert {name for name, _ in parts("figures")} == set(COMPUTED)


def test_what_is_not_among_the_inputs_is_named() -> None:
    with pytest.raises(BoxloopError, match=r"asks for split, .*\(metrics\).*registry"):
        _ = Evaluated({"metrics": "metrics.json"}).split
