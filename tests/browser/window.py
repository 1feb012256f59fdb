"""Show a page in headless Chromium: how wide it is, what it loads, what it complains of."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

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
#: Opens all that folds, measures, and leaves the answer in the title.
PROBE = (
    "<script>addEventListener('load', () => {"
    "document.querySelectorAll('details').forEach(d => d.open = true);"
    "document.title = 'width=' + document.documentElement.scrollWidth + ' loaded='"
    " + performance.getEntriesByType('resource').length})</script>"
)


@dataclass(frozen=True)
class Shown:
    """A page as a browser shows it: its width [pixel], files it loaded, what the console says."""

    width: int
    loaded: int
    console: list[str]


def show(page: str, width: int, folder: Path) -> Shown:
    """Show a page in a window of a width [pixel], with everything that folds laid open.

    Headless Chromium has no window below 500 pixels: a narrow one is shown in a frame.
    """
    (folder / "page.html").write_text(page.replace("</body>", PROBE + "</body>"))
    (folder / "frame.html").write_text(
        f"<iframe id=f src=page.html width={width} height=800 style='border:0'></iframe>"
        "<script>addEventListener('load', () => setTimeout(() => {"
        "document.title = document.getElementById('f').contentDocument.title}, 300))</script>"
    )
    command = [str(CHROMIUM), *QUIET, "--allow-file-access-from-files", "--window-size=1300,900"]
    command += ["--enable-logging=stderr", f"--user-data-dir={folder}/profile"]
    command += ["--virtual-time-budget=3000", "--dump-dom", (folder / "frame.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    found = re.search(r"<title>width=(\d+) loaded=(\d+)</title>", done.stdout)
    assert found, done.stdout[:2000] + done.stderr[-2000:]
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Shown(int(found[1]), int(found[2]), console)
