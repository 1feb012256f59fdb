"""A study of simulated people: what the report says of the groups it treats unequally."""

import re

import pytest
from toy_project import ToyProject

pytestmark = pytest.mark.long  # short: tests/unit of decisions and of the report's groups


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    made = ToyProject(tmp_path_factory.mktemp("people") / "project", "toy_people")
    made.run(*(f"results/toy_people/report/report.{kind}" for kind in ("html", "tex")))
    return made


def test_the_planted_unfairness_stands_on_the_first_page(project: ToyProject) -> None:
    page = (project.folder / "results/toy_people/report/report.html").read_text()
    first = page[page.index('id="findings"') : page.index('id="results"')]
    assert "where skin_tone is dark" in first
    assert "gender is" not in first and "age_band is" not in first


def test_page_and_print_have_tables_of_parity_and_odds(project: ToyProject) -> None:
    folder = project.folder / "results/toy_people"
    found = project.json("results/toy_people/evaluate/groups.json")
    attributes = [g for g in found["groupings"] if g["protected"]]
    assert [g["name"] for g in attributes] == ["age_band", "gender", "skin_tone"]
    for text in (
        (folder / "report/report.html").read_text(),
        (folder / "report/report.tex").read_text(),
    ):
        assert len(re.findall("demographic parity, difference", text)) == 3
        assert len(re.findall("equalised odds, ratio", text)) == 3
    assert "SIMULATED" in (folder / "report/report.html").read_text()
