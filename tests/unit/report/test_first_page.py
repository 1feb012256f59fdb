"""What stands on the first page of both reports: the gravest findings, as text and nothing else."""

import re
import shutil
from pathlib import Path

import pytest
from exploration_fixture import AWKWARD, BIBLIOGRAPHY, finding
from parsed_page import Parsed
from pypdf import PdfReader
from report_fixture import Results, make_results

from boxloop.numbers.latex import escape
from boxloop.report.page import write_page
from boxloop.report.pdf import compile_pdf
from boxloop.report.tex import write_report
from boxloop.store import write_json

needs_latex = pytest.mark.skipif(shutil.which("latexmk") is None, reason="no latexmk")
LEAK = f"redshift is left out: {AWKWARD}"
MARKERS = "37 of 900 values of u_mag are -9999, read as not observed"
BATCH = f"{AWKWARD} differs between plates"
LONG = "A long remark. " * 60


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A study with findings of all severities, and names that could bite."""
    folder = tmp_path_factory.mktemp("made_up")
    made = make_results(folder, "regression", provenance="simulated")
    made.draw()
    explore, summary = made.read("explore/all.json"), made.read("data/summary.json")
    explore["findings"] = [
        *explore["findings"],
        finding("medium", "excluded", "redshift", LEAK),
        finding("low", "marker_value", "u_mag", MARKERS),
        finding("low", "marker_value", AWKWARD, f"9 values of {AWKWARD} are -9999"),
        finding("medium", "batch", AWKWARD, BATCH),
        finding("high", "outliers", None, LONG),
        finding("medium", "constant", "g_mag", "g_mag has one value"),
        finding("medium", "shift", "g_mag", "g_mag is the seventh"),
    ]
    write_json(explore, made.folder / "explore/all.json")
    excluded = {"redshift": f"it gives the target away, {AWKWARD}", AWKWARD: "a name that bites"}
    write_json(summary | {"excluded": excluded}, made.folder / "data/summary.json")
    return made


@pytest.fixture(scope="module")
def tex(results: Results) -> str:
    return write_report(results.evidence(results.folder / "figures"), {}, BIBLIOGRAPHY).tex


@pytest.fixture(scope="module")
def page(results: Results) -> str:
    return write_page(results.evidence(results.folder / "figures", svg=True), BIBLIOGRAPHY)


def _listed(text: str, *said: str) -> bool:
    places = [text.index(s) for s in said]
    return places == sorted(places)


def test_the_frame_follows_the_abstract_with_six_findings_the_gravest_first(tex: str) -> None:
    frame = tex[tex.index(r"\begin{framedfindings}") : tex.index(r"\end{framedfindings}")]
    assert tex.index(r"\textbf{Abstract.}") < tex.index(frame) < tex.index(r"\section{Intro")
    assert len(re.findall(r"^\\emph\{(?:high|medium|low)\}", frame, re.M)) == 6
    assert _listed(frame, "r\\_", "A long remark", "is left out", "values of u", "between plates")
    assert "seventh" not in frame


def test_a_line_names_the_other_columns_of_which_the_same_is_said(tex: str, page: str) -> None:
    assert rf"Likewise \texttt{{{escape(AWKWARD)}}}." in tex
    assert re.sub(r"\s+", " ", f"likewise {AWKWARD}") in Parsed(page).text


def test_a_very_long_finding_is_cut_in_the_frame(tex: str) -> None:
    frame = tex[tex.index(r"\begin{framedfindings}") : tex.index(r"\end{framedfindings}")]
    assert frame.count("A long remark") == 20
    assert r"\ldots{}" in frame


def test_a_strangers_text_is_escaped_in_the_new_parts_of_the_document(tex: str) -> None:
    bodies = [
        tex[tex.index(r"\begin{framedfindings}") : tex.index(r"\end{framedfindings}")],
        tex[tex.index(r"\paragraph{Left out on purpose.}") :].partition(r"\end{itemize}")[0],
    ]
    for body in bodies:
        assert escape(AWKWARD) in body
        assert r"\input{" not in body
        assert not re.search(r"(?<!\\)[%#&$]", body)


def test_columns_left_out_stand_in_the_data_section_of_both(tex: str, page: str) -> None:
    data = tex[tex.index(r"\section{Data}") : tex.index(r"\section{Split}")]
    assert r"\item \texttt{redshift}: it gives the target away" in data
    section = page[page.index('<section id="data">') : page.index('<section id="checklist">')]
    assert "Left out on purpose redshift it gives the target away" in Parsed(section).text


def test_the_page_lists_six_findings_right_after_the_answer_and_links_to_the_rest(
    page: str,
) -> None:
    after = page[page.index('<section id="findings">') :]
    assert page.index('<section id="answer">') < page.index(after)
    after = after[: after.index('<div class="figures">')]
    assert after.count("<li>") == 6
    assert 'href="exploration.html"' in after
    text = Parsed(after).text
    assert _listed(text, "r_mag differs", "A long remark", "is left out", MARKERS, "plates")


def test_a_strangers_text_is_inert_in_the_page(page: str) -> None:
    assert "<script" not in page
    assert re.sub(r"\s+", " ", LEAK) in Parsed(page).text


@needs_latex
def test_the_findings_are_printed_on_page_one(results: Results, tmp_path: Path) -> None:
    report = write_report(results.evidence(results.folder / "figures"), {}, BIBLIOGRAPHY)
    texts = {"report.tex": report.tex, "macros.tex": report.macros}
    texts["references.bib"] = report.bibliography
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    beside = [tmp_path / "macros.tex", tmp_path / "references.bib"]
    out = tmp_path / "out.pdf"
    compile_pdf(tmp_path / "report.tex", beside, results.folder / "figures", out, tmp_path / "log")
    first = " ".join(PdfReader(out).pages[0].extract_text().split())
    assert _listed(first, "Abstract.", "What to know about these data.", "Introduction")
    assert _listed(first, "is left out", "values of u_mag are", "read as not observed", "plates")
    assert r"\input{x}" in first, "printed as it stands"
