"""The table of analyses: what a line promises is there."""

import ast
import inspect
import itertools
from importlib import import_module
from pathlib import Path

import pytest

from boxloop.analyses.evaluated import Evaluated
from boxloop.analyses.registry import ANALYSES, COMPUTED, FOLDER, parts
from boxloop.errors import BoxloopError
from boxloop.study.vocabulary import FINDINGS, REMARKS


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


def kinds(folder: Path) -> set[str]:
    """Return the kinds of the findings that the code of a folder makes."""
    trees = (ast.walk(ast.parse(path.read_text())) for path in folder.glob("*.py"))
    made = [
        node.args[1]
        for node in itertools.chain(*trees)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Finding"
        and len(node.args) > 1
    ]
    return {k.value for k in made if isinstance(k, ast.Constant)}


def test_every_kind_of_finding_of_the_result_is_in_the_vocabulary() -> None:
    found = set().union(*(kinds(FOLDER / name) for name in COMPUTED))
    assert found and found <= set(REMARKS)
    assert kinds(FOLDER / "exploration") <= set(FINDINGS)


def test_what_is_not_among_the_inputs_is_named() -> None:
    with pytest.raises(BoxloopError, match=r"asks for split, .*\(metrics\).*registry"):
        _ = Evaluated({"metrics": "metrics.json"}).split
