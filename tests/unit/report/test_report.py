import json
import re
import shutil
from dataclasses import replace

import pytest
from report_fixture import BIBLIOGRAPHY, Results, make_results

from boxloop.errors import BoxloopError
from boxloop.numbers.evidence import Figure, lookup
from boxloop.numbers.latex import escape
from boxloop.report.bibliography import Bibliography
from boxloop.report.tex import Report, write_report
from boxloop.store import read_json

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


def test_every_macro_is_found_where_it_says_it_was_read(report: Report) -> None:
    assert len(report.traced) > 100
    for macro, of in report.traced.items():
        assert lookup(read_json(of["file"]), of["key"]) == of["value"], macro


def test_macros_are_named_with_letters_only_and_defined_once(report: Report) -> None:
    defined = re.findall(r"\\newcommand\{(\\[^}]*)\}", report.macros)
    assert sorted(defined) == sorted(report.traced)
    assert all(re.fullmatch(r"\\box[A-Za-z]+", name) for name in defined)


def test_every_macro_the_report_uses_is_defined(report: Report) -> None:
    own = set(re.findall(r"\\newcommand\{(\\box\w+)\}", report.tex))
    used = set(re.findall(r"\\box[A-Za-z]+", report.tex)) - {"\\boxmark", "\\boxlink"}
    assert used - own <= set(report.traced)


def test_a_score_macro_holds_the_score(report: Report, results: Results) -> None:
    score = results.read("evaluate/metrics.json")["models"]["forest"]["test"]["nmad"]
    assert report.traced[r"\boxForestTestNmad"]["value"] == score["value"]
    assert report.traced[r"\boxForestTestNmadLow"]["value"] == score["low"]
    assert report.traced[r"\boxDenseTwoCvMseHigh"]["key"] == "models.dense2.cv.mse.high"


def _strings(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(_strings(v) for v in value.values()), {str(k) for k in value})
    if isinstance(value, list):
        return set().union(*map(_strings, value), set())
    return {value} if isinstance(value, str) else set()


def test_no_number_stands_in_the_document_without_a_macro(report: Report, results: Results) -> None:
    body = report.tex.split(r"\begin{document}")[1]
    known = _strings(results.study)
    for file in results.folder.rglob("*.json"):
        known |= _strings(read_json(file))
    known |= {t.replace("_", " ") for t in known}
    # Words that people and stages wrote are quoted as they are.
    for text in sorted((escape(t) for t in known if re.search(r"\d", t)), key=len, reverse=True):
        body = body.replace(text.strip(), "")
    layout = (
        r"\\(?:citep|label|ref|includegraphics|multicolumn|vspace|begin)\{[^}]*\}(?:\{[^}]*\})?"
    )
    body = re.sub(layout, "", body)
    body = re.sub(r"\{minipage\}\{[^}]*\}|L\{[\d.]+\}|\d\.\d+\\textwidth", "", body)
    body = re.sub(r"\\box[A-Za-z]+\{\}", "", body)
    body = body.replace(r"R\textsuperscript{2}", "").replace("macro F1", "")
    assert re.findall(r".{0,40}\d.{0,20}", body) == []


def test_the_search_for_untraced_numbers_can_fail(report: Report) -> None:
    assert re.search(r"\d", report.tex.split(r"\begin{document}")[1])


def test_text_of_the_user_is_escaped(report: Report) -> None:
    assert r"90\% of them have no spectrum \& we want \ensuremath{\alpha}" in report.tex
    assert r"5\_\allowbreak{}000 more" in report.tex


def test_a_draft_says_so_and_asks_for_the_missing_prose(draft: Report) -> None:
    assert "DRAFT" in draft.tex
    assert draft.tex.count(r"\boxtowrite{") == 4 + 0
    assert r"\boxmark{Open items: misuse" in draft.tex


def test_a_final_report_leaves_out_what_nobody_wrote(report: Report) -> None:
    assert "DRAFT" not in report.tex
    assert r"\boxtowrite{" not in report.tex.split(r"\begin{document}")[1]
    assert "Related work" not in report.tex


def test_simulated_data_are_named_in_the_abstract_and_on_every_page(
    report: Report, draft: Report
) -> None:
    abstract = report.tex.split(r"\textbf{Abstract.}")[1].split(r"\end{minipage}")[0]
    assert "SIMULATED DATA" in abstract
    assert r"\fancyhead[R]{\small \boxmark{SIMULATED DATA}}" in report.tex
    assert "SIMULATED" not in draft.tex


def test_prose_stands_as_it_was_written(results: Results) -> None:
    prose = {"discussion": r"We learnt $x^2$ \citep{hoyle2015}."}
    found = write_report(results.evidence(results.folder / "figures"), prose, BIBLIOGRAPHY)
    assert prose["discussion"] in found.tex


def test_an_unknown_key_in_the_prose_is_named_with_its_file_and_the_nearest(
    results: Results,
) -> None:
    evidence = results.evidence(results.folder / "figures")
    with pytest.raises(BoxloopError, match=r"prose/related.tex cites 'hoyle2016'.*hoyle2015"):
        write_report(evidence, {"related": r"See \citet[p.~1]{ahn2014, hoyle2016}."}, BIBLIOGRAPHY)


def test_an_unknown_key_of_a_source_is_named(results: Results) -> None:
    evidence = results.evidence(results.folder / "figures")
    with pytest.raises(BoxloopError, match=r"sample train cites 'ahn2014'.*references.bib"):
        write_report(evidence, {}, "@misc{other, year = 2000}")


def test_a_report_cites_how_its_neighbours_were_mapped(results: Results) -> None:
    evidence = results.evidence(results.folder / "figures")
    caption = "A sample of the objects as t-SNE places them."
    shown = Figure("embedding", "In two dimensions", caption, "column", "simulated")
    with_map = replace(evidence, figures={**evidence.figures, "embedding": shown})
    cited = r"\citep{vandermaaten2008}"
    assert cited in write_report(with_map, {}, BIBLIOGRAPHY).tex
    assert cited not in write_report(evidence, {}, BIBLIOGRAPHY).tex
    # A project made before has no such entry; its report is written all the same.
    without = BIBLIOGRAPHY.replace("vandermaaten2008", "another2008")
    assert cited not in write_report(with_map, {}, without).tex


def test_the_bibliography_has_the_entries_that_studies_need() -> None:
    known = Bibliography(BIBLIOGRAPHY)
    wanted = "ahn2014 sadeh2016 abolfathi2018 morton2016 sesar2011 palaversa2013 hoyle2015"
    software = "snakemake dvc mlflow numpy pandas scikit-learn tensorflow keras astropy"
    assert set(f"{wanted} {software}".split()) <= set(known.entries)
    assert "doi" not in BIBLIOGRAPHY.lower()
    labels = {k: known.entries[k].label for k in ("ahn2014", "sadeh2016", "snakemake")}
    assert labels == {
        "ahn2014": "Ahn et al. 2014",
        "sadeh2016": "Sadeh et al. 2016",
        "snakemake": "The Snakemake developers",
    }


def test_two_keys_that_spell_the_same_macro_get_two_macros(results: Results) -> None:
    from boxloop.numbers.macros import Numbers

    n = Numbers(results.evidence(results.folder / "figures"))
    first, second = n("a_b", "summary", "rows"), n("a b", "summary", "units")
    again = n("a-b", "summary", "rows")
    assert first.macro != second.macro
    assert first == again


def test_a_key_is_looked_up_through_dots_indices_and_counts() -> None:
    content = {"a.b": {"c": [1, {"d": 2}]}, "a": {"x": None}}
    assert lookup(content, "a.b.c.1.d") == 2
    assert lookup(content, "a.b.c|count") == 2
    assert lookup(content, "a.x") is None
    with pytest.raises(BoxloopError, match=r"f.json: expected the key 'a.y'.*found x"):
        lookup(content, "a.y", "f.json")


def test_macros_json_is_plain_json(report: Report) -> None:
    assert json.loads(json.dumps(report.traced)) == report.traced
