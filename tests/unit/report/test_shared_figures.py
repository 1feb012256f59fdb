"""The report takes figures over that the exploration has drawn; they are those it would draw."""

import pytest
from exploration_fixture import make_exploration
from report_fixture import Results

from boxloop import plots
from boxloop.analyses.exploration.figures import SHARED, draw_exploration
from boxloop.report.figures import draw_figures


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Contents of an exploration, and what the figures of the report are drawn from."""
    exploration = make_exploration(tmp_path_factory.mktemp("made_up"), name="plain")
    names = ("summary", "explore", "training", "embedding")
    contents = {name: exploration.read(name) for name in names}
    given = Results(exploration.folder, exploration.study).for_figures()
    given["contents"] = {**given["contents"], **contents}
    return contents, given


def test_what_is_taken_over_is_what_would_be_drawn(made, monkeypatch):
    contents, given = made
    explored = draw_exploration(contents)
    alone = draw_figures(**given)
    drawn = []
    render = plots.render
    monkeypatch.setattr(
        plots, "render", lambda drawing: drawn.append(drawing.name) or render(drawing)
    )
    together = draw_figures(**given, explored=explored)
    assert together == alone
    assert {f"{name}.pdf" for name in SHARED} <= set(together)
    assert drawn and not set(drawn) & set(SHARED), "drawn a second time"


def test_what_only_the_exploration_shows_is_not_taken_over(made):
    contents, given = made
    explored = draw_exploration(contents)
    assert "columns.csv" in explored and "missing_patterns.pdf" in explored
    assert not {"columns.csv", "missing_patterns.pdf"} & set(
        draw_figures(**given, explored=explored)
    )
