"""What is said at the end of a run: what came of it, and where to read on."""

import tempfile
from pathlib import Path

from boxloop.cli.progress.line import clock
from boxloop.cli.progress.state import Progress
from boxloop.job import REFUSALS

#: Bytes that a disk has to take, or it counts as full.
ROOM = 1_000_000


def succeeded(progress: Progress, target: str, now: float, log: Path) -> str:
    """Return what a run that ended well has done; where it ran nothing, what Snakemake says.

    Parameters
    ----------
    progress : Progress
    target : str
        What it was asked for.
    now : float
        Of the clock that events are timed by [s].
    log : Path
    """
    if progress.nothing:
        return f"{target}: nothing to do, what it asks for is there and up to date"
    if not progress.done:  # a dry run, a list: its output is what was asked for
        return log.read_text(encoding="utf-8", errors="replace").rstrip("\n")
    return f"{target}: {progress.done} jobs done in {clock(now - progress.began)}"


def stopped(progress: Progress, target: str, now: float, *, asked: bool) -> str:
    """Return how far a run came that failed, or was asked to end."""
    word = "stopped" if asked else "failed"
    if not progress.planned:
        return f"{target}: {word}"
    kept = "; the next run goes on from there" if asked else ""
    done = f"{progress.done} of {progress.total} jobs done in {clock(now - progress.began)}"
    return f"{target}: {word}, {done}{kept}"


def refused_by_disk(log: Path) -> str:
    """Say that a log could not be written to the end, and why; nothing where there is room."""
    try:
        with tempfile.NamedTemporaryFile(dir=log.parent, buffering=0) as file:
            left = bytes(ROOM)
            while left:
                left = left[file.write(left) :]
    except OSError as error:
        return f"{log.parent}: {REFUSALS.get(error.errno or 0, error.strerror)}"
    return ""


def report_of(project: Path, study: str) -> str:
    """Say where the pages of a study are; nothing where there are none yet."""
    folder = Path("results") / study / "report"
    there = {p.name for p in (project / folder).glob("*.*")}
    if "exploration.html" not in there:
        return ""
    if "report.html" not in there:
        return f"Report: {folder / 'exploration.html'}"
    page, explored = folder / "report.html", f"exploration: {folder / 'exploration.html'}"
    if "report.pdf" in there:
        return f"Report: {page} and {folder / 'report.pdf'}; {explored}"
    source = folder / "report.tex"
    return f"Report: {page} (no PDF: latexmk is not installed; its source is {source}); {explored}"
