import re

import pytest
from parsed_page import Parsed
from report_fixture import BIBLIOGRAPHY, Results, make_results

from boxloop.report.page import write_page


def _page(results: Results, **study: object) -> str:
    evidence = results.evidence(results.folder / "figures", svg=True)
    return write_page(
        type(evidence)(
            {**evidence.study, **study}, evidence.contents, evidence.files, evidence.figures
        ),
        BIBLIOGRAPHY,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Results]:
    found = {
        "final": make_results(
            tmp_path_factory.mktemp("final"), "regression", provenance="simulated"
        ),
        "draft": make_results(tmp_path_factory.mktemp("draft"), "classification", status="draft"),
    }
    for of in found.values():
        of.draw()
    return found


@pytest.fixture(scope="module")
def pages(made: dict[str, Results]) -> dict[str, str]:
    return {name: _page(of) for name, of in made.items()}


def test_the_page_is_whole_and_its_identifiers_are_unique(pages: dict[str, str]) -> None:
    for page in pages.values():
        parsed = Parsed(page)
        assert parsed.open == []
        ids = [a["id"] for _, a in parsed.tags if "id" in a]
        assert len(ids) == len(set(ids))
        targets = {a["href"] for t, a in parsed.tags if t == "a"}
        assert targets <= {f"#{i}" for i in ids} | {"exploration.html"}


def test_the_page_needs_no_network_and_no_script(pages: dict[str, str]) -> None:
    for page in pages.values():
        for tag, attributes in Parsed(page).tags:
            assert tag not in ("script", "iframe", "object", "embed", "img", "image")
            for name, value in attributes.items():
                if name in ("src", "href", "xlink:href", "action", "srcset"):
                    assert str(value).startswith(("#", "data:", "exploration.html")), (tag, value)
        style = re.search(r"<style>(.*?)</style>", page, re.S)
        assert style
        assert "url(" not in style.group(1)
        assert "@import" not in page


def test_the_page_fits_a_phone_and_the_dark(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
        assert "prefers-color-scheme: dark" in page


def test_the_answer_comes_first_with_its_interval_and_verdicts(pages: dict[str, str]) -> None:
    text = Parsed(pages["final"]).text
    answer = text[text.index("Selected model") : text.index("What to know about these data")]
    assert "forest" in answer
    assert re.search(r"0\.03\d+ 95 % interval 0\.03\d+ to 0\.03\d+", answer)
    assert "better than the simpler dummy" in answer
    assert "equivalent to the more complex dense2" in answer


def test_the_gravest_findings_stand_right_after_the_answer(pages: dict[str, str]) -> None:
    text = Parsed(pages["final"]).text
    places = [
        "Selected model",
        "What to know about these data",
        "r_mag differs",
        "its 2 findings with their evidence",
        "What the data look like",
    ]
    assert [text.index(p) for p in places] == sorted(text.index(p) for p in places)
    assert "148 of 1050 rows" not in text, "of low severity: on the page of the exploration"


def test_simulated_and_draft_stand_at_the_top(pages: dict[str, str]) -> None:
    final, draft = (Parsed(pages[k]).text for k in ("final", "draft"))
    assert "SIMULATED." in final[:200]
    assert "DRAFT." not in final
    assert "DRAFT." in draft[:200]
    assert "SIMULATED" not in draft


def test_open_items_are_listed(pages: dict[str, str]) -> None:
    draft = Parsed(pages["draft"]).text
    assert "8 of 13 checklist items wait for an answer" in draft
    assert "data protection" in draft
    assert "wait for an answer" not in Parsed(pages["final"]).text


def test_text_of_the_user_is_escaped(made: dict[str, Results]) -> None:
    report = {"title": "<script>alert(1)</script>", "authors": ["A & B"], "prose": None}
    page = _page(made["draft"], report=report)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_every_figure_stands_in_the_page_with_its_name(
    made: dict[str, Results], pages: dict[str, str]
) -> None:
    for name, page in pages.items():
        figures = list((made[name].folder / "figures").glob("*.svg"))
        drawn = [a for t, a in Parsed(page).tags if t == "svg"]
        assert len(drawn) == len(figures) > 10
        assert all(a.get("role") == "img" and a.get("aria-label") for a in drawn)
        assert all("width" not in a and "viewbox" in a for a in drawn)


def test_cited_works_are_called_by_author_and_year(pages: dict[str, str]) -> None:
    text = Parsed(pages["final"]).text
    assert "Hoyle et al. 2015" in text
    assert "Sadeh et al. 2016" in text
