import io
import json
import re
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from report_fixture import Results, make_results

from boxloop import plots
from boxloop.plots.results import _coarser
from boxloop.plots.style import PALETTE, WIDTHS, _levels, density
from boxloop.report.figures import draw_figures

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Results]:
    folder: Path = tmp_path_factory.mktemp("results")
    return {
        "regression": make_results(folder / "r", "regression", provenance="simulated"),
        "classification": make_results(folder / "c", "classification", status="draft"),
    }


@pytest.fixture(scope="module")
def files(results: dict[str, Results]) -> dict[str, Files]:
    return {task: of.draw() for task, of in results.items()}


def _names(files: Files) -> set[str]:
    return {name.split(".")[0] for name in files}


def _about(files: Files, name: str) -> dict[str, str]:
    return json.loads(files[f"{name}.json"])


def test_a_regression_and_a_classification_get_their_figures(files: dict[str, Files]) -> None:
    common = {"features", "missing", "target", "relations", "correlation", "search", "history"}
    common |= {"comparison", "importances", "groups", "applied"}
    common |= {"capacity", "tree_depth_3", "tree_depth_8"}
    assert _names(files["regression"]) == common | {"prediction", "calibration_pdf"}
    assert _names(files["classification"]) == common | {"confusion"}


def test_every_figure_comes_with_svg_numbers_and_caption(files: dict[str, Files]) -> None:
    for of in files.values():
        for name in _names(of):
            assert {f"{name}.{e}" for e in ("pdf", "svg", "csv", "json")} <= set(of)
            about = _about(of, name)
            assert about["title"] and about["caption"] and about["source"]
            assert len(pd.read_csv(io.BytesIO(of[f"{name}.csv"]))) > 0


def test_pdfs_are_vector_with_embedded_truetype_at_column_or_page_width(
    files: dict[str, Files],
) -> None:
    for of in files.values():
        for name in _names(of):
            page = PdfReader(io.BytesIO(of[f"{name}.pdf"])).pages[0]
            resources = page["/Resources"]
            assert not page.images, f"{name} has a raster layer"
            fonts = [f.get_object() for f in resources["/Font"].values()]
            assert fonts
            for font in fonts:
                inner = (
                    font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
                )
                assert inner["/Subtype"] in ("/CIDFontType2", "/TrueType")
                assert "/FontFile2" in inner["/FontDescriptor"].get_object()
            assert float(page.mediabox.width) / 72 == pytest.approx(
                WIDTHS[_about(of, name)["width"]], abs=1e-6
            )


def test_svg_holds_no_raster_image_and_no_foreign_address(files: dict[str, Files]) -> None:
    for of in files.values():
        for name in _names(of):
            svg = of[f"{name}.svg"].decode()
            assert "<image" not in svg
            used = set(re.findall(r'(?:href="|url\()(#?[^")]*)', svg))
            assert all(u.startswith(f"#{name}-") for u in used)


def test_the_same_results_give_the_same_bytes(
    results: dict[str, Results], files: dict[str, Files]
) -> None:
    assert draw_figures(**results["classification"].for_figures()) == files["classification"]


def test_no_date_is_written_into_a_figure(files: dict[str, Files]) -> None:
    for of in files.values():
        for name, content in of.items():
            assert b"CreationDate" not in content, name
            assert b"<dc:date>" not in content, name


def test_captions_bring_no_number_of_their_own(files: dict[str, Files]) -> None:
    for of in files.values():
        for name in _names(of):
            assert not re.search(r"\d", _about(of, name)["caption"])


def test_simulated_data_are_marked_in_every_figure_and_caption(files: dict[str, Files]) -> None:
    for name in _names(files["regression"]):
        text = PdfReader(io.BytesIO(files["regression"][f"{name}.pdf"])).pages[0].extract_text()
        assert "SIMULATED" in text
        assert "SIMULATED" in files["regression"][f"{name}.svg"].decode()
        assert _about(files["regression"], name)["caption"].startswith("Simulated data.")


def test_real_data_carry_no_such_mark(files: dict[str, Files]) -> None:
    for name in _names(files["classification"]):
        assert b"SIMULATED" not in files["classification"][f"{name}.svg"]
        assert "imulated" not in _about(files["classification"], name)["caption"]


def test_the_numbers_beside_a_confusion_matrix_are_its_cells(
    results: dict[str, Results], files: dict[str, Files]
) -> None:
    content = results["classification"].read("evaluate/details.json")["confusion"]
    table = pd.read_csv(io.BytesIO(files["classification"]["confusion.csv"]))
    back = table.pivot(index="truth", columns="prediction", values="count")
    back = back.loc[content["classes"], content["classes"]]
    np.testing.assert_array_equal(back.to_numpy(), content["matrix"])


def test_the_numbers_beside_the_comparison_are_those_of_metrics(
    results: dict[str, Results], files: dict[str, Files]
) -> None:
    metrics = results["regression"].read("evaluate/metrics.json")
    table = pd.read_csv(io.BytesIO(files["regression"]["comparison.csv"])).set_index("model")
    for model, of in metrics["models"].items():
        for part in ("value", "low", "high"):
            assert table.loc[model, part] == pytest.approx(of["test"]["nmad"][part], rel=1e-7)


def test_a_draft_shows_cross_validation_and_a_final_study_its_test(files: dict[str, Files]) -> None:
    assert "cross-validation" in _about(files["classification"], "comparison")["caption"]
    assert "test set" in _about(files["regression"], "comparison")["caption"]


def test_test_objects_are_never_drawn(results: dict[str, Results], files: dict[str, Files]) -> None:
    given = results["regression"].for_figures()
    frame = given["table"].frame
    frame.loc[frame.index >= 700, ["u_mag", "g_mag", "r_mag", "u_g"]] = -1e6
    assert draw_figures(**given)["relations.pdf"] == files["regression"]["relations.pdf"]


def test_nothing_is_drawn_where_nothing_is_missing() -> None:
    column = {"role": "feature", "n": 10, "not_observed": 0, "not_detected": 0, "masked": 0}
    assert plots.missing({"a": column}, None, "real") is None


def test_drawing_leaves_matplotlib_as_it_was(results: dict[str, Results]) -> None:
    before = dict(matplotlib.rcParams)
    with plots.style():
        pass
    assert dict(matplotlib.rcParams) == before


def test_neighbouring_colours_differ_in_lightness_or_hue_for_all() -> None:
    assert len(set(PALETTE)) == len(PALETTE)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40), st.floats(0.01, 100))
def test_a_density_integrates_to_one(counts: list[int], width: float) -> None:
    edges = np.arange(len(counts) + 1) * width
    _, heights = density({"edges": edges, "counts": counts})
    expected = 1.0 if sum(counts) else 0.0
    assert (heights * np.diff(edges)).sum() == pytest.approx(expected)


@settings(max_examples=20)
@given(st.integers(1, 90), st.integers(1, 90))
def test_coarser_cells_keep_all_objects_and_the_outer_edges(nx: int, ny: int) -> None:
    rng = np.random.default_rng(nx * 100 + ny)
    counts = rng.integers(0, 9, (nx, ny)).astype(float)
    x, y = np.linspace(0, 1, nx + 1), np.linspace(-1, 1, ny + 1)
    cx, cy, coarse = _coarser(x, y, counts)
    assert coarse.shape == (len(cx) - 1, len(cy) - 1)
    assert coarse.sum() == counts.sum()
    assert (cx[0], cx[-1], cy[0], cy[-1]) == (0, 1, -1, 1)


@given(st.floats(1, 1e7))
def test_the_steps_of_colour_reach_past_the_fullest_cell(most: float) -> None:
    levels = _levels(most)
    assert levels[0] == 1
    assert levels[-1] > most
    assert levels == sorted(set(levels))
