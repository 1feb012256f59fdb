"""The page of the exploration: all that was found, nothing loaded, strange names stay text."""

import re
from pathlib import Path

import pandas as pd
import pytest
from exploration_fixture import AWKWARD, Exploration, finding, make_exploration
from parsed_page import Parsed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exploration]:
    return {
        "supervised": make_exploration(tmp_path_factory.mktemp("supervised")),
        "alone": make_exploration(tmp_path_factory.mktemp("alone"), supervised=False),
    }


@pytest.fixture(scope="module")
def pages(made: dict[str, Exploration]) -> dict[str, str]:
    return {name: of.page() for name, of in made.items()}


def _sections(page: str) -> dict[str, str]:
    found = re.findall(r'<section id="([\w-]+)">(.*?)</section>', page, re.S)
    return {name: Parsed(inner).text for name, inner in found}


def test_the_page_is_whole_and_its_links_lead_somewhere(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        parsed = Parsed(page)
        assert parsed.open == []
        ids = [a["id"] for _, a in parsed.tags if "id" in a]
        assert len(ids) == len(set(ids))
        links = {a["href"] for t, a in parsed.tags if t == "a"} - {f"#{i}" for i in ids}
        assert links == ({"report.html"} if name == "supervised" else set())


def test_the_page_needs_no_network_and_no_script(pages: dict[str, str]) -> None:
    for page in pages.values():
        for tag, attributes in Parsed(page).tags:
            assert tag not in ("script", "iframe", "object", "embed", "img", "image")
            assert not [a for a in attributes if a.startswith("on")]
        assert not re.search(r"""(?:src|url\(|@import)\s*=?\s*["']?https?:""", page)


def test_names_of_a_strangers_file_stay_text(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert "<script" not in page
        assert "7*7" in page and "{{ 49 }}" not in page
    sections = _sections(pages["supervised"])
    for section in ("findings", "leaks", "target", "columns", "left-out", "provenance"):
        assert re.sub(r"\s+", " ", AWKWARD) in sections[section], section


def test_findings_stand_by_severity_with_their_evidence(pages: dict[str, str]) -> None:
    text = _sections(pages["supervised"])["findings"]
    order = ["r_mag differs", "alone finds the class", "redshift is left out", "are -9999"]
    assert [text.index(o) for o in order] == sorted(text.index(o) for o in order)
    assert "distance 0.41" in text
    assert "ids 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 28 more" in text


def test_what_was_found_of_a_subject_stands_with_it_and_what_was_not_is_said(
    pages: dict[str, str],
) -> None:
    sections = _sections(pages["supervised"])
    assert "alone finds the class" in sections["leaks"]
    assert "differs between files" in sections["batches"]
    assert "No object was found far outside" in sections["findings"]
    assert "nothing to remark on the target" in sections["target"], "beside its figure"
    assert "outliers" not in sections


def test_a_study_without_a_target_has_no_target_leaks_or_training_objects(
    pages: dict[str, str],
) -> None:
    sections = _sections(pages["alone"])
    assert not {"leaks", "target"} & set(sections)
    assert not [w for w in ("training objects", "audit") if w in sections["findings"]]
    assert {"gaps", "sky", "together", "columns", "provenance"} <= set(sections)


def test_what_was_left_out_is_named_with_its_reason(pages: dict[str, str]) -> None:
    text = _sections(pages["supervised"])["left-out"]
    assert text.strip().startswith("Left out on purpose redshift it gives the class away")


def test_declared_markers_are_listed_with_how_often_they_were_found(pages: dict[str, str]) -> None:
    assert "u_mag −9999 not observed 37" in _sections(pages["supervised"])["markers"]


def test_every_sample_says_where_it_comes_from(pages: dict[str, str]) -> None:
    text = _sections(pages["supervised"])["provenance"]
    for said in ("624.5 kB", "f7a7cf29e460", "SDSS public data", "Sadeh et al. 2016", "900"):
        assert said in text
    assert "f7a7cf29e46046e9" not in text, "a checksum is shown short"


def test_the_target_sample_says_where_it_comes_from_too(tmp_path: Path) -> None:
    made = make_exploration(tmp_path, name="plain")
    about = {"path": "own/faint.csv", "sha256": "ab12" * 16, "provenance": "real"}
    made.study["samples"] = {"target": about}
    text = _sections(made.page(drawn=False))["provenance"]
    for said in ("Sample target", "objects 500", "path own/faint.csv", "ab12ab12ab12"):
        assert said in text


def test_counts_of_rows_name_what_was_cut_and_what_is_one_object(pages: dict[str, str]) -> None:
    text = _sections(pages["supervised"])["findings"]
    assert "left out by limits (where) 12" in text
    assert "closer than 1″ on the sky 8 rows are 4 objects" in text


def test_of_each_map_it_is_said_how_many_objects_it_shows(pages: dict[str, str]) -> None:
    for page in pages.values():
        text = " ".join(Parsed(page).text.split())
        assert "300 of 600 objects were placed in two dimensions" in text
        assert "(by t-SNE, 200 of them)" in text


def test_simulated_data_are_named_first(pages: dict[str, str]) -> None:
    for page in pages.values():
        text = Parsed(page).text
        assert "SIMULATED." in text and text.index("SIMULATED.") < text.index("study")


def test_every_column_has_a_card_with_its_numbers(
    made: dict[str, Exploration], pages: dict[str, str]
) -> None:
    text = _sections(pages["supervised"])["columns"]
    for name, column in made["supervised"].read("explore")["columns"].items():
        assert re.sub(r"\s+", " ", name) in text
        assert f"{column['median']:.3g}" in text


def test_many_columns_fold(tmp_path: Path) -> None:
    many = make_exploration(tmp_path, name="plain")
    columns = many.read("explore")["columns"]
    many.change("explore", columns={f"c{i:02}": columns["g_mag"] for i in range(60)})
    page = many.page(drawn=False)
    cards = page[page.index('<section id="columns">') :]
    assert "<summary>48 more columns</summary>" in cards
    assert cards[: cards.index("<details>")].count('<div class="card">') == 12


def test_columns_with_findings_stand_first(tmp_path: Path) -> None:
    many = make_exploration(tmp_path, name="plain")
    many.change("explore", findings=[finding("low", "heavy_tail", "u_g", "u_g has a tail")])
    many.change("training", findings=[])
    page = many.page(drawn=False)
    cards = page[page.index('<section id="columns">') :]
    assert re.findall(r"<h3><code>(\w+)</code>", cards)[0] == "u_g"


def test_every_drawing_is_named_and_has_its_numbers_beside_it(
    made: dict[str, Exploration], pages: dict[str, str]
) -> None:
    for name, page in pages.items():
        folder = made[name].folder / "report/exploration"
        drawn = {p.stem for p in folder.glob("*.svg")}
        assert {"sky", "embedding", "missing_patterns", "features"} <= drawn
        assert drawn < {p.stem for p in folder.glob("*.csv")}
        shown = [a for t, a in Parsed(page).tags if t == "svg" and a.get("role") == "img"]
        assert len(shown) == len(drawn)
        assert all(a["aria-label"] for a in shown)


def test_the_numbers_of_the_columns_are_those_of_the_exploration(
    made: dict[str, Exploration],
) -> None:
    folder = made["supervised"].folder / "report/exploration"
    table = pd.read_csv(folder / "columns.csv").query("sample == 'labelled'").set_index("column")
    for name, column in made["supervised"].read("explore")["columns"].items():
        assert table.loc[name, "median"] == pytest.approx(column["median"], rel=1e-7)
        assert table.loc[name, "not_detected"] == column["not_detected"]


def test_the_same_exploration_gives_the_same_page(
    made: dict[str, Exploration], pages: dict[str, str]
) -> None:
    assert made["alone"].page() == pages["alone"]


def test_the_components_are_told_with_the_strongest_columns_first(pages: dict[str, str]) -> None:
    text = _sections(pages["supervised"])["together"]
    assert "300 of 600 objects were placed" in text
    assert text.index("−0.90 0.30") < text.index("u_mag 0.10 −0.20")


def test_a_missing_map_of_neighbours_says_why(tmp_path: Path) -> None:
    made = make_exploration(tmp_path, name="plain")
    made.change("embedding", neighbours={"method": "t-SNE", "reason": "needs 300 objects"})
    assert "No t-SNE: needs 300 objects" in _sections(made.page())["together"]


def test_awkward_text_is_escaped_once_and_not_twice(pages: dict[str, str]) -> None:
    assert "&amp;lt;" not in pages["supervised"]
