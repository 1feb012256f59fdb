"""The web pages in a real browser: they fit a phone, and ask the network for nothing."""

import re
from pathlib import Path

import pytest
from toy_project import ToyProject
from window import CHROMIUM, show

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def pages(table_ran: ToyProject, look_ran: ToyProject) -> dict[str, str]:
    """The report and the exploration of a toy study that has run; a study that only explores."""
    reports = table_ran.folder / "results/toy_table/report"
    return {
        "report": (reports / "report.html").read_text(),
        "exploration": (reports / "exploration.html").read_text(),
        "alone": (look_ran.folder / "results/look/report/exploration.html").read_text(),
    }


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", ["report", "exploration", "alone"])
def test_a_page_fits_its_window_loads_nothing_and_has_no_faults(
    name: str, width: int, pages: dict[str, str], tmp_path: Path
) -> None:
    shown = show(pages[name], width, tmp_path)
    assert shown.width <= width
    assert shown.loaded == 0
    assert shown.console == []


def test_the_pages_name_nothing_to_load(pages: dict[str, str]) -> None:
    for page in pages.values():
        loads = re.findall(r"""(?:src|srcset|@import|url\()\s*=?\s*["']?(https?:[^"')\s]+)""", page)
        assert loads == []
        assert not re.search(r"<(?:link|script|iframe|img)[^>]+(?:href|src)=[\"']?https?:", page)
