import shutil
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader
from report_fixture import BIBLIOGRAPHY, Results, make_results

from boxloop.errors import BoxloopError
from boxloop.report.pdf import compile_pdf, first_error
from boxloop.report.tex import Report, write_report

needs_latex = pytest.mark.skipif(shutil.which("latexmk") is None, reason="no latexmk")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("made_up")
    made = make_results(folder, "regression", provenance="simulated")
    made.draw()
    return made


@pytest.fixture(scope="module")
def report(results: Results) -> Report:
    return write_report(results.evidence(results.folder / "figures"), {}, BIBLIOGRAPHY)


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Report:
    made = make_results(tmp_path_factory.mktemp("draft"), "classification", status="draft")
    return write_report(made.evidence(made.folder), {}, BIBLIOGRAPHY)


def _written(report: Report, folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    texts = {
        "report.tex": report.tex,
        "macros.tex": report.macros,
        "references.bib": report.bibliography,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


@needs_latex
def test_the_report_compiles_and_twice_to_the_same_bytes(
    report: Report, results: Results, tmp_path: Path
) -> None:
    tex, *beside = _written(report, tmp_path / "report")
    for name in ("one.pdf", "two.pdf"):
        log = tmp_path / "latex.log"
        compile_pdf(tex, beside, results.folder / "figures", tmp_path / name, log)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    text = "".join(p.extract_text() for p in PdfReader(tmp_path / "one.pdf").pages)
    assert "SIMULATED DATA" in text
    assert report.traced[r"\boxForestTestNmad"]["text"] in text
    assert "??" not in text
    log_text = log.read_text("utf-8", "replace")
    assert "undefined" not in log_text.lower().replace("undefined on input", "")


@needs_latex
def test_a_draft_with_the_users_prose_compiles(draft: Report, tmp_path: Path) -> None:
    tex, *beside = _written(draft, tmp_path / "report")
    figures = tmp_path / "figures"
    figures.mkdir()
    compile_pdf(tex, beside, figures, tmp_path / "out.pdf", tmp_path / "latex.log")
    text = "".join(p.extract_text() for p in PdfReader(tmp_path / "out.pdf").pages)
    assert "DRAFT" in text
    assert "[to be written:" in text.replace("\n", " ")


@needs_latex
def test_the_macros_load_in_a_plain_class(report: Report, tmp_path: Path) -> None:
    (tmp_path / "macros.tex").write_text(report.macros)
    lines = [r"\documentclass{minimal}", r"\input{macros}", r"\begin{document}"]
    lines += [f"{macro} ${macro}$" for macro in report.traced if "Version" not in macro]
    (tmp_path / "own.tex").write_text("\n".join([*lines, r"\end{document}"]), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "own.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=1800, check=False)
    assert done.returncode == 0, first_error(done.stdout.decode("latin-1"))


@needs_latex
def test_a_fault_in_latex_is_quoted_and_leaves_no_pdf(tmp_path: Path) -> None:
    tex = tmp_path / "report.tex"
    tex.write_text("\\documentclass{article}\n\\begin{document}\n\\nonsense\n\\end{document}\n")
    log = tmp_path / "logs" / "latex.log"
    (tmp_path / "figures").mkdir()
    with pytest.raises(BoxloopError, match=r"Undefined control sequence \(l\.3 \\nonsense\)"):
        compile_pdf(tex, [], tmp_path / "figures", tmp_path / "out" / "report.pdf", log)
    assert log.is_file()
    assert not (tmp_path / "out" / "report.pdf").exists()


@needs_latex
def test_endless_latex_is_stopped(tmp_path: Path) -> None:
    tex = tmp_path / "report.tex"
    text = r"\documentclass{article}\begin{document}\def\x{\x}\x\end{document}"
    tex.write_text(text)
    (tmp_path / "figures").mkdir()
    with pytest.raises(BoxloopError, match="took more than 3 s"):
        compile_pdf(tex, [], tmp_path / "figures", tmp_path / "o.pdf", tmp_path / "l.log", limit=3)


@needs_latex
def test_latex_can_run_no_command(tmp_path: Path) -> None:
    tex = tmp_path / "report.tex"
    body = rf"\immediate\write18{{touch {tmp_path}/ran}}x"
    tex.write_text(rf"\documentclass{{article}}\begin{{document}}{body}\end{{document}}")
    (tmp_path / "figures").mkdir()
    compile_pdf(tex, [], tmp_path / "figures", tmp_path / "o.pdf", tmp_path / "l.log")
    assert not (tmp_path / "ran").exists()
