"""From LaTeX to PDF: in a folder of its own, in bounded time, with the same bytes every time."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from boxloop.errors import BoxloopError
from boxloop.store import writing

#: Longest time latexmk may take [s].
LIMIT = 180.0


def compile_pdf(
    tex: Path,
    beside: list[Path],
    figures: Path,
    pdf: Path,
    log: Path,
    limit: float = LIMIT,
) -> None:
    """Run latexmk on a document; the PDF appears whole or not at all.

    Parameters
    ----------
    tex : Path
    beside : list of Path
        Files the document reads from its own folder: macros, bibliography.
    figures : Path
        Folder of the figures.
    pdf : Path
        What to write.
    log : Path
        Where LaTeX's own log is kept.
    limit : float
        [s]

    Raises
    ------
    BoxloopError
        latexmk is not installed, takes too long or fails; the first error of LaTeX is quoted.
    """
    if shutil.which("latexmk") is None:
        raise BoxloopError(
            "latexmk is not installed, so there is no PDF; install it (Debian: latexmk, "
            f"texlive-latex-extra, texlive-fonts-recommended) or ask for {tex} only"
        )
    with tempfile.TemporaryDirectory(prefix="boxloop-tex-") as folder:
        build = Path(folder)
        for source in [tex, *beside]:
            shutil.copy(source, build / source.name)
        shutil.copytree(figures, build / "figures", ignore=_all_but_pdf)
        finished = _latexmk(build, tex.name, limit)
        made = build / f"{tex.stem}.pdf"
        written = made.with_suffix(".log")
        if written.is_file():
            log.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(written, log)
        if finished is None:
            raise BoxloopError(f"{tex}: latexmk took more than {limit:g} s; see {log}")
        if finished.returncode or not made.is_file():
            said = written.read_text("utf-8", "replace") if written.is_file() else finished.stdout
            raise BoxloopError(f"{tex}: LaTeX failed: {first_error(said)}; the whole log is {log}")
        with writing(pdf) as part:
            shutil.copy(made, part)


def first_error(log: str) -> str:
    """Return the first error of a LaTeX log, with the line of the document where it gives one."""
    lines = log.splitlines()
    for i, line in enumerate(lines):
        if line.startswith("!"):
            place = next((n for n in lines[i + 1 : i + 12] if re.match(r"l\.\d+", n)), "")
            said = line[1:].strip().rstrip(".")
            return f"{said} ({place.strip()})" if place else said
    return next((n.strip() for n in lines if "rror" in n), "no error line in the log")


def _latexmk(build: Path, name: str, limit: float) -> "subprocess.CompletedProcess[str] | None":
    """Run latexmk without its start-up files and without shell escape; None if it took too long."""
    command = ["latexmk", "-norc", "-pdf", "-interaction=nonstopmode", "-halt-on-error"]
    command += ["-latexoption=-no-shell-escape", name]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
    environment |= {"max_print_line": "1000", "openout_any": "p", "TEXINPUTS": "", "BIBINPUTS": ""}
    process = subprocess.Popen(
        command,
        cwd=build,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        # The whole group: latexmk alone would leave pdflatex running.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None
    return subprocess.CompletedProcess(command, process.returncode, output)


def _all_but_pdf(_: str, names: list[str]) -> set[str]:
    return {n for n in names if not n.endswith(".pdf")}
