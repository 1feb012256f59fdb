"""The web page in a real browser: it fits a phone, and asks the network for nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PROBE = (
    "<script>addEventListener('load', () => document.title = 'width='"
    " + document.documentElement.scrollWidth + ' loaded='"
    " + performance.getEntriesByType('resource').length)</script>"
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a toy study that has run."""
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))
    from toy_project import ToyProject

    folder = tmp_path_factory.mktemp("browser")
    ToyProject(folder, "toy_table").run("results/toy_table/report/report.html")
    return (folder / "results/toy_table/report/report.html").read_text()


@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_fits_its_window_and_loads_nothing(page: str, width: int, tmp_path: Path) -> None:
    # Headless Chromium has no window below 500 pixels: a narrow one is shown in a frame.
    (tmp_path / "page.html").write_text(page.replace("</body>", PROBE + "</body>"))
    (tmp_path / "frame.html").write_text(
        f"<iframe id=f src=page.html width={width} height=800 style='border:0'></iframe>"
        "<script>addEventListener('load', () => setTimeout(() => {"
        "document.title = document.getElementById('f').contentDocument.title}, 300))</script>"
    )
    command = [CHROMIUM, *QUIET, "--allow-file-access-from-files", "--window-size=1300,900"]
    command += [f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=3000", "--dump-dom"]
    shown = subprocess.run(
        [*command, (tmp_path / "frame.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    ).stdout
    found = re.search(r"<title>width=(\d+) loaded=(\d+)</title>", shown)
    assert found, shown[:2000]
    assert int(found[1]) <= width
    assert int(found[2]) == 0


def test_the_page_names_nothing_to_load(page: str) -> None:
    loads = re.findall(r"""(?:src|srcset|@import|url\()\s*=?\s*["']?(https?:[^"')\s]+)""", page)
    assert loads == []
    assert not re.search(r"<(?:link|script|iframe|img)[^>]+(?:href|src)=[\"']?https?:", page)
