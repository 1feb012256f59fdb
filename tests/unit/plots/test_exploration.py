"""Figures of the exploration: sky, embedding, missing patterns, and drawings as small as a word."""

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from report_fixture import make_results

from boxloop import plots
from boxloop.plots import Drawing
from boxloop.plots.embedding import POINTS
from boxloop.report.figures import draw_figures

AWKWARD = r"$\input{x}$ <b>100 %_α"


def _sky(*samples: str) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    counts = {s: rng.poisson(0.3, (36, 18)).tolist() for s in samples}
    return {
        "ra_edges": np.linspace(0, 360, 37).tolist(),
        "sin_dec_edges": np.linspace(-1, 1, 19).tolist(),
        "counts": counts,
    }


def _embedding(labels: Any, n: int = 200) -> dict[str, Any]:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, n)).tolist()
    return {
        "rows": n,
        "labels": labels,
        "pca": {"x": x, "y": y, "explained": [0.6, 0.2]},
        "neighbours": {"method": "t-SNE", "x": x[: n // 2], "y": y[: n // 2]},
    }


PATTERNS = [
    {"columns": ["u_mag", AWKWARD], "rows": 30},
    {"columns": ["u_mag"], "rows": 12},
    {"columns": [], "rows": 958},
]


def _drawn() -> dict[str, Drawing]:
    classes = [("STAR", "QSO", AWKWARD)[i % 3] for i in range(200)]
    with plots.style():
        made = [
            plots.sky(_sky("train", AWKWARD), "simulated"),
            plots.embedding(_embedding(classes), AWKWARD, "simulated"),
            plots.missing_patterns(PATTERNS, "simulated"),
        ]
    return {d.name: d for d in made if d is not None}


@pytest.fixture(scope="module")
def drawings() -> dict[str, Drawing]:
    return _drawn()


def _numbers(drawing: Drawing) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(plots.render(drawing)[f"{drawing.name}.csv"]))


def test_all_are_drawn_as_vectors_and_marked_as_simulated(drawings: dict[str, Drawing]) -> None:
    assert set(drawings) == {"sky", "embedding", "missing_patterns"}
    for drawing in drawings.values():
        page = PdfReader(io.BytesIO(plots.render(drawing)[f"{drawing.name}.pdf"])).pages[0]
        assert not page.images
        assert "SIMULATED" in page.extract_text()
        assert not re.search(r"\d", drawing.caption)


def test_the_same_content_gives_the_same_bytes() -> None:
    once, again = _drawn(), _drawn()
    for name, drawing in once.items():
        assert plots.render(drawing) == plots.render(again[name])


def test_names_of_samples_classes_and_columns_are_inert_in_a_drawing(
    drawings: dict[str, Drawing],
) -> None:
    for drawing in drawings.values():
        svg = plots.render(drawing)[f"{drawing.name}.svg"].decode()
        texts = [e.text or "" for e in ET.fromstring(svg).iter() if e.tag.endswith("}text")]
        assert not [e for e in ET.fromstring(svg).iter() if e.tag.endswith("}b")]
        assert any(r"$\input{x}$" in t for t in texts)


def test_the_numbers_of_the_sky_are_all_objects_of_every_sample(
    drawings: dict[str, Drawing],
) -> None:
    found = _numbers(drawings["sky"]).groupby("sample")["count"].sum()
    for sample, counts in _sky("train", AWKWARD)["counts"].items():
        assert found[sample] == np.sum(counts)


def test_the_figures_of_a_study_have_the_sky_and_the_embedding(tmp_path: Path) -> None:
    made = make_results(tmp_path, "regression", provenance="simulated")
    assert not {"sky.pdf", "embedding.pdf"} & set(made.draw())
    given = made.for_figures()
    given["contents"]["explore"]["sky"] = _sky("train")
    given["contents"]["embedding"] = _embedding(list(range(200)))
    assert {"sky.pdf", "embedding.pdf", "embedding.csv"} <= set(draw_figures(**given))


def test_a_small_field_fills_its_panel() -> None:
    content = _sky("train")
    counts = np.zeros((36, 18))
    counts[20, 9] = 5
    content["counts"] = {"train": counts.tolist()}
    with plots.style():
        drawing = plots.sky(content, "real")
    assert drawing
    panel = drawing.figure.axes[0]
    high, low = panel.get_xlim()
    assert (low, high) == pytest.approx((190, 220))
    assert high > low, "east is on the left"


def test_without_positions_or_objects_there_is_no_map() -> None:
    assert plots.sky(None, "real") is None
    empty = _sky("train")
    empty["counts"] = {"train": np.zeros((36, 18)).tolist()}
    assert plots.sky(empty, "real") is None


def test_classes_beyond_the_colours_are_drawn_as_others() -> None:
    labels = [f"class{i % 30}" for i in range(200)]
    with plots.style():
        drawing = plots.embedding(_embedding(labels), "class", "real")
    assert drawing
    legend = [t.get_text() for t in drawing.figure.legends[0].get_texts()]
    assert len(legend) == 8 and "other classes" in legend
    assert len(_numbers(drawing)) == 300, "the numbers hold all classes"


def test_numbers_are_cut_into_parts_of_equal_size() -> None:
    with plots.style():
        drawing = plots.embedding(_embedding(list(range(200))), "redshift", "real")
    assert drawing
    lines = [line for line in drawing.figure.axes[0].lines if len(line.get_xdata())]
    assert [len(line.get_xdata()) for line in lines] == [40] * 5


def test_an_embedding_without_labels_map_or_variances_is_drawn() -> None:
    content = _embedding(None)
    content["neighbours"] = {"method": "t-SNE", "reason": "too few objects"}
    del content["pca"]["explained"]
    with plots.style():
        drawing = plots.embedding(content, "", "real")
    assert drawing and drawing.width == "column" and not drawing.figure.legends
    assert "t-SNE" not in drawing.caption and "target" not in drawing.caption
    assert plots.embedding(None, "", "real") is None


@pytest.mark.parametrize("method", ["t-SNE", "UMAP"])
def test_the_map_of_neighbours_is_called_by_its_method(method: str) -> None:
    content = _embedding(None)
    content["neighbours"]["method"] = method
    with plots.style():
        both = plots.embedding(content, "", "real")
        alone = plots.embedding({**content, "pca": {"reason": "none"}}, "", "real")
    assert both and alone
    assert both.figure.axes[1].get_title() == method
    expected = f" and another sample of them as {method} places them by these scaled features"
    assert expected in both.caption
    assert alone.caption.startswith(f"A sample of the objects as {method} places them by their")


def test_labels_that_are_missing_do_not_stop_the_drawing() -> None:
    for labels in ([None, "a"] * 100, [None, 1.5] * 100, [float("nan"), 2.0] * 100, [None] * 200):
        with plots.style():
            assert plots.embedding(_embedding(labels), "x", "real")


def test_no_panel_shows_more_points_than_can_be_told_apart() -> None:
    with plots.style():
        drawing = plots.embedding(_embedding(None, 4000), "", "real")
    assert drawing
    assert _numbers(drawing).groupby("panel").size().max() == POINTS


def test_patterns_stand_by_how_often_they_occur(drawings: dict[str, Drawing]) -> None:
    assert _numbers(drawings["missing_patterns"])["rows"].tolist() == [958, 30, 12]


def test_nothing_missing_gives_no_figure_of_patterns() -> None:
    assert plots.missing_patterns([{"columns": [], "rows": 10}], "real") is None
    assert plots.missing_patterns(None, "real") is None


def test_the_bars_of_missing_values_end_inside_their_panels() -> None:
    def column(gone: int) -> dict[str, Any]:
        return {"role": "feature", "n": 100, "not_observed": gone, "not_detected": 3, "masked": 0}

    with plots.style():
        drawing = plots.missing({"u": column(20)}, {"u": column(60)}, "real")
    assert drawing
    drawing.figure.draw_without_rendering()
    ends = [max(p.get_x() + p.get_width() for p in a.patches) for a in drawing.figure.axes]
    assert ends == pytest.approx([0.23, 0.63])
    assert all(a.get_xlim()[1] > 0.63 for a in drawing.figure.axes)


@given(st.lists(st.integers(0, 99), min_size=1, max_size=40), st.booleans())
def test_a_sketch_is_sound_xml_and_stays_in_its_frame(counts: list[int], twice: bool) -> None:
    histogram = {"edges": list(np.linspace(-3, 5, len(counts) + 1)), "counts": counts}
    drawn = plots.sketch(histogram, histogram if twice else None)
    paths = [e for e in ET.fromstring(drawn).iter() if e.tag == "path"]
    assert len(paths) == 1 + twice
    for path in paths:
        for letter, value in re.findall(r"([VH])(-?[\d.]+)", path.attrib["d"]):
            assert 0 <= float(value) <= (30 if letter == "V" else 120)


def test_the_states_of_a_column_fill_the_bar_in_proportion() -> None:
    column = {"n": 200, "measured": 100, "not_observed": 50, "not_detected": 30, "masked": 20}
    widths = {
        e.attrib["class"]: float(e.attrib["width"])
        for e in ET.fromstring(plots.state_bar(column)).iter()
        if e.tag == "rect"
    }
    assert widths == {"measured": 60, "not_observed": 30, "not_detected": 18, "masked": 12}
