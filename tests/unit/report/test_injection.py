"""Whatever a user or a file writes stays text in the pages, in the LaTeX and in its macros."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from exploration_fixture import BIBLIOGRAPHY, Exploration, make_exploration
from hostile_texts import (
    EVERY,
    PRINTING,
    Parsed,
    Places,
    Tokens,
    bounded,
    hostile,
    own_letters,
    planted,
)
from hypothesis import given
from pypdf import PdfReader
from report_fixture import INPUTS

from boxloop.errors import BoxloopError
from boxloop.numbers.evidence import Evidence, lookup
from boxloop.numbers.latex import escape
from boxloop.numbers.macros import Numbers, macro_name
from boxloop.report.bibliography import Bibliography
from boxloop.report.exploration_page import write_exploration
from boxloop.report.page import write_page
from boxloop.report.pdf import compile_pdf
from boxloop.report.tex import write_report
from boxloop.store import read_json

needs_latex = pytest.mark.skipif(shutil.which("latexmk") is None, reason="no latexmk")


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    return make_exploration(tmp_path_factory.mktemp("explored"), name="plain")


@pytest.fixture(scope="module")
def evidence(explored: Exploration) -> Evidence:
    """Everything that reports are written from; the figures are those of the exploration."""
    drawn = explored.evidence()
    names = {**INPUTS, "embedding": "explore/embedding.json"}
    files = {name: str(explored.folder / file) for name, file in names.items()}
    contents = {name: read_json(path) for name, path in files.items()}
    return Evidence(drawn.study, contents, files, drawn.figures)


def _pages(evidence: Evidence) -> dict[str, str]:
    return {
        "report": write_page(evidence, BIBLIOGRAPHY),
        "exploration": write_exploration(evidence, BIBLIOGRAPHY, "made_up"),
    }


@pytest.fixture(scope="module")
def harmless(evidence: Evidence) -> dict[str, Parsed]:
    return {n: Parsed(p) for n, p in _pages(planted(evidence, Places("word "))).items()}


@bounded
@given(text=hostile)
def test_a_page_has_the_elements_and_attributes_of_one_with_harmless_texts(
    text: str, evidence: Evidence, harmless: dict[str, Parsed]
) -> None:
    for name, page in _pages(planted(evidence, Places(text))).items():
        found = Parsed(page)
        assert found.elements == harmless[name].elements
        assert found.other == harmless[name].other


@bounded
@given(text=hostile)
def test_every_text_that_a_page_prints_of_a_place_comes_back_exactly(
    text: str, evidence: Evidence, harmless: dict[str, Parsed]
) -> None:
    plain, says = Places("word "), Places(text)
    planted(evidence, plain)
    for name, page in _pages(planted(evidence, says)).items():
        printed = {
            place for place, of in plain.items() if any(of in t for t in harmless[name].texts)
        }
        assert len(printed) > 25, "most places are printed"
        texts = Parsed(page).texts
        assert [p for p in printed if not any(says[p] in t for t in texts)] == []


@bounded
@given(text=hostile)
def test_the_latex_of_a_text_only_prints_and_closes_what_it_opens(text: str) -> None:
    found = Tokens(escape(text))
    assert found.commands <= PRINTING
    assert not found.special
    assert min(found.depths) == found.depths[-1] == 0
    assert all(c.isprintable() for c in escape(text))


@bounded
@given(text=hostile)
def test_the_report_has_no_command_and_no_special_character_of_its_texts(
    text: str, evidence: Evidence
) -> None:
    plain = write_report(planted(evidence, Places("word ")), {}, BIBLIOGRAPHY)
    report = write_report(planted(evidence, Places(text)), {}, BIBLIOGRAPHY)
    found, usual = Tokens(report.tex), Tokens(plain.tex)
    assert found.commands - usual.commands - PRINTING <= set(report.traced)
    assert found.special == usual.special
    assert min(found.depths) == found.depths[-1] == 0
    assert report.tex.count("\n") == plain.tex.count("\n"), "a text begins no paragraph"


@bounded
@given(text=hostile)
def test_every_macro_is_one_line_of_letters_and_text_that_only_prints(
    text: str, evidence: Evidence
) -> None:
    report = write_report(planted(evidence, Places(text)), {}, BIBLIOGRAPHY)
    lines = report.macros.splitlines()[1:]
    assert len(lines) == len(report.traced)
    for line in lines:
        found = re.fullmatch(r"\\newcommand\{\\box[A-Za-z]+\}\{(.*)\}", line)
        assert found, line
        tokens = Tokens(found[1])
        assert tokens.commands <= PRINTING | {r"\times"}
        assert min(tokens.depths) == tokens.depths[-1] == 0


@bounded
@given(text=hostile)
def test_a_macro_has_letters_only_whatever_the_class_is_called(text: str) -> None:
    assert re.fullmatch(r"\\box[A-Za-z]+", macro_name(f"class {text} rows"))


def test_classes_without_a_latin_letter_get_macros_of_theirown_letters(evidence: Evidence) -> None:
    classes = {"日": 1, "本": 2, "{": 3, "": 4, "a|b": 5, "x|count": 6, "a.b": 7, "a": 8}
    contents = {**evidence.contents, "summary": {"classes": classes}}
    numbers = Numbers(replace(evidence, contents=contents))
    found = [numbers(f"class {c} rows", "summary", f"classes.{c}") for c in classes]
    assert [n.value for n in found] == list(classes.values())
    assert len({n.macro for n in found}) == len(classes)


@bounded
@given(text=hostile)
def test_a_number_is_found_under_any_name(text: str) -> None:
    assert lookup({"classes": {text: 3}}, f"classes.{text}") == 3
    assert lookup({"classes": {text: [4, 5]}}, f"classes.{text}|count") == 2


@bounded
@given(text=hostile)
def test_no_key_is_cited_that_the_bibliography_does_not_have(text: str) -> None:
    with pytest.raises(BoxloopError, match=r"^published cites .* has no such entry"):
        Bibliography(BIBLIOGRAPHY).entry(text, "published")


def test_the_name_of_an_author_is_text_on_a_page(evidence: Evidence) -> None:
    hoyle = "@misc{hoyle2015, author = {<script>alert(1)</script>, A.}, year = 2015}"
    others = re.sub(r"(?m)^@\w+\{hoyle2015,", "@misc{another,", BIBLIOGRAPHY)
    page = write_page(evidence, f"{others}\n{hoyle}\n")
    assert "script" not in {tag for tag, _ in Parsed(page).elements}
    assert any("<script>alert(1)</script> 2015" in t for t in Parsed(page).texts)


@needs_latex
def test_a_report_of_hostile_texts_compiles_prints_them_and_reads_and_runs_nothing(
    evidence: Evidence, tmp_path: Path
) -> None:
    (tmp_path / "secret.tex").write_text("THESECRET")
    attack = rf"\input{{{tmp_path}/secret}} \immediate\write18{{touch {tmp_path}/ran}}"
    says = Places(f"{attack} {EVERY} ")
    report = write_report(planted(evidence, says), {}, BIBLIOGRAPHY)
    texts = {"report.tex": report.tex, "macros.tex": report.macros, "references.bib": BIBLIOGRAPHY}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    figures, pdf = evidence.files["summary"], tmp_path / "out.pdf"
    folder = Path(figures).parents[1] / "report/exploration"
    tex, *beside = (tmp_path / n for n in texts)
    compile_pdf(tex, beside, folder, pdf, tmp_path / "latex.log")
    pages = "".join(page.extract_text() for page in PdfReader(pdf).pages)
    assert not (tmp_path / "ran").exists()
    assert "THESECRET" not in pages
    printed = re.sub(r"\s", "", pages)
    fragments = (
        r"\input{",
        r"\write18{touch",
        "<script>alert(1)</script>",
        "$(touchx)",
        "{{7*7}}",
        "%#&~",
    )
    assert [f for f in fragments if f not in printed] == []
    # Lines are broken with hyphens, which are taken out of both.
    letters = printed.replace("-", "")
    assert [
        p for p, text in says.items() if text in report.tex and own_letters(text) not in letters
    ] == []
