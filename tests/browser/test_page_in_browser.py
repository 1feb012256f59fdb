"""The web pages in a real browser: they fit a phone, and ask the network for nothing."""

import re
from pathlib import Path

import pytest
from toy_project import ToyProject
from window import CHROMIUM, Browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def pages(table_ran: ToyProject, look_ran: ToyProject) -> dict[str, Path]:
    """The report and the exploration of a toy study that has run; a study that only explores."""
    reports = table_ran.folder / "results/toy_table/report"
    return {
        "report": reports / "report.html",
        "exploration": reports / "exploration.html",
        "alone": look_ran.folder / "results/look/report/exploration.html",
    }


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", ["report", "exploration", "alone"])
def test_a_page_fits_its_window_loads_nothing_and_has_no_faults(
    name: str, width: int, pages: dict[str, Path], browser: Browser
) -> None:
    shown = browser.show(pages[name], width)
    assert shown.width <= width
    assert shown.loaded == shown.console == shown.dialogs == []


def test_what_a_browser_is_asked_for_is_seen(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<html><head><title>plain</title></head><body><img src='there.png'>"
        "<details><div style='width: 900px'>wide</div></details>"
        "<script>console.log('hello'); alert('boo')</script></body></html>"
    )
    shown = browser.show(page, 390)
    assert (shown.title, shown.dialogs, shown.width > 900) == ("plain", ["boo"], True)
    assert shown.loaded == [(tmp_path / "there.png").as_uri()]
    assert "hello" in str(shown.console)


def test_the_pages_name_nothing_to_load(pages: dict[str, Path]) -> None:
    for path in pages.values():
        page = path.read_text()
        loads = re.findall(r"""(?:src|srcset|@import|url\()\s*=?\s*["']?(https?:[^"')\s]+)""", page)
        assert loads == []
        assert not re.search(r"<(?:link|script|iframe|img)[^>]+(?:href|src)=[\"']?https?:", page)
