"""Hostile texts in drawings, in the files that boxloop writes, and in names of studies."""

import csv
import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from astropy.io import fits
from hostile_texts import EVERY, FRAGMENTS, bounded, hostile
from hypothesis import given
from matplotlib import cbook

from boxloop import plots
from boxloop.draft.request import Request
from boxloop.draft.yaml_text import study_text
from boxloop.errors import BoxloopError
from boxloop.plots.words import plain_label
from boxloop.store import read_json, write_json
from boxloop.store.fits import write_fits
from boxloop.study.load import StudyError, load_study
from boxloop.study.yaml_lines import read_yaml

NAMES = (
    "x; touch hacked", "$(touch hacked)", "`touch hacked`", "../x", "a b", "A", "é", "1a", "_a",
    "-n", "a\n", "a\x1b[31m", "a\u202e", "<script>", "{x}", "a.b", "",
)  # fmt: skip
STUDY: dict[str, Any] = {
    "schema": 2,
    "task": "exploration",
    "question": {"what": "What?", "why": "Why?"},
    "samples": {"all": {"source": "s", "provenance": "real"}},
    "columns": {"features": {"x": {}}},
    "report": {"title": "T", "authors": ["A"]},
}


def _drawn(classes: list[str]) -> dict[str, bytes]:
    target = {"name": "class", "unit": "", "classes": {c: 9 - k for k, c in enumerate(classes)}}
    with plots.style():
        drawing = plots.target(target, "real")
    assert drawing is not None
    return plots.render(drawing)


def _texts(svg: bytes) -> tuple[list[str], list[str]]:
    elements = list(ElementTree.fromstring(svg).iter())
    return [e.tag for e in elements], [
        e.text for e in elements if e.tag.endswith("}text") and e.text
    ]


def test_a_drawing_has_the_elements_of_one_with_harmless_texts_and_prints_them() -> None:
    classes = [f for f in FRAGMENTS if f.isprintable() and f.isascii() and len(f) < 40][:30]
    classes += ["a\x00b", 'id="x" url(#y)', "$_{x}$", r"\$\frac"]
    tags, texts = _texts(_drawn(classes)["target.svg"])
    usual, _ = _texts(_drawn([f"word {k}" for k in range(len(classes))])["target.svg"])
    assert set(tags) == set(usual)
    assert len(texts) >= len(classes)
    assert [c for c in classes if c.replace("\x00", " ") not in texts] == []


@bounded
@given(text=hostile)
def test_a_label_is_never_read_as_mathematics(text: str) -> None:
    label = plain_label(text)
    assert not cbook.is_math_text(label)
    assert not [c for c in label if ord(c) < 32], "SVG holds no control characters"


@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_numbers_of_a_drawing_hold_the_very_texts_and_let_a_spreadsheet_beware() -> None:
    """A cell that begins with = + - or @ is data and is left as it is."""
    classes = ["=1+1", "+1", "-1", "@x", 'a,"b"', "a;b", "two\nlines", "日本", "'", "a\tb"]
    rows = list(csv.reader(io.StringIO(_drawn(classes)["target.csv"].decode(), newline="")))
    assert {cell for row in rows for cell in row} >= set(classes)


@bounded
@given(text=hostile)
def test_json_holds_the_very_text(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.json"
    write_json({text: [text]}, path)
    assert read_json(path) == {text: [text]}


@bounded
@given(text=hostile)
def test_a_drafted_study_holds_the_very_texts_and_its_notes_are_comments(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = {
        "question": {"what": text, "why": text},
        "columns": {"features": {"a": {"from": text, "unit": text}}, "excluded": {text: text}},
        "report": {"title": text, "authors": [text, text]},
    }
    notes = {("question",): text, ("columns", "features", "a"): text, ("report", "authors"): text}
    written = study_text(content, notes, head=[text], left_out={text: ({"from": text}, text)})
    path = tmp_path_factory.getbasetemp() / "drafted.yaml"
    path.write_text(written, encoding="utf-8")
    assert read_yaml(path)[0] == content
    assert yaml.safe_load(written) == content
    assert not [c for c in written if c != "\n" and not c.isprintable()]


def test_fits_columns_are_ascii_and_apart_and_hold_their_numbers(tmp_path: Path) -> None:
    names = [
        "id",
        "p_日",
        "p_本",
        "p_a/b",
        "p_$\\input{x}$",
        "p_<b>",
        "p_a\nb",
        "P_A/B",
        f"p_{'x' * 90}",
    ]
    frame = pd.DataFrame({n: [float(k)] for k, n in enumerate(names)})
    frame["id"] = ["a/b é"]
    frame.to_parquet(tmp_path / "p.parquet")
    write_fits(tmp_path / "p.parquet", tmp_path / "p.fits", units={"p_日": "Å", "p_本": "µm"})
    with fits.open(tmp_path / "p.fits") as found:
        table = found[1].data
        assert all(n.isascii() and n.isprintable() for n in table.names)
        assert len({n.lower() for n in table.names}) == len(names)
        assert [float(table[n][0]) for n in table.names[1:]] == list(np.arange(1.0, len(names)))
        assert table["id"][0] == "a/b ?"


@pytest.mark.parametrize("name", NAMES)
def test_a_study_has_a_name_of_small_letters_and_another_is_shown_safely(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(StudyError, match="small letters, digits and underscores") as refused:
        load_study(tmp_path / f"{name.replace('/', ' ')}.yaml")
    assert str(refused.value).isprintable()
    with pytest.raises(BoxloopError, match="small letters, digits and underscores"):
        Request(name, tables=[Path("x.csv")])


def _sample(name: str) -> dict[str, Any]:
    return {"samples": {name: STUDY["samples"]["all"]}}


def _feature(name: str) -> dict[str, Any]:
    return {"columns": {"features": {"x": {}, name: {}}}}


def _model(name: str) -> dict[str, Any]:
    columns = {"features": {"x": {}}, "target": "y"}
    return {"task": "regression", "columns": columns, "metric": "rmse", "models": [{"name": name}]}


@pytest.mark.parametrize("part", [_sample, _feature, _model])
@pytest.mark.parametrize("name", [n for n in NAMES if n != "A"])
def test_samples_columns_and_models_have_names_of_letters_and_others_are_shown_safely(
    name: str, part: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "named.yaml"
    path.write_text(yaml.safe_dump(STUDY | part(name), allow_unicode=True), encoding="utf-8")
    with pytest.raises(StudyError, match="name of letters, digits and underscores") as refused:
        load_study(path)
    assert all(line.isprintable() for line in str(refused.value).split("\n"))


def test_a_question_of_every_hostile_text_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "asked.yaml"
    texts = {"question": {"what": EVERY, "why": "".join(FRAGMENTS[:-1])}}
    path.write_text(yaml.safe_dump(STUDY | texts, allow_unicode=True), encoding="utf-8")
    read = load_study(path).study
    assert (read.question.what, read.question.why) == (EVERY, "".join(FRAGMENTS[:-1]))


def test_a_path_with_braces_is_refused_for_snakemake_would_fill_them(tmp_path: Path) -> None:
    path = tmp_path / "braces.yaml"
    own = {"path": "data/{x}.csv", "sha256": "0" * 64, "provenance": "real"}
    path.write_text(yaml.safe_dump(STUDY | {"samples": {"all": own}}), encoding="utf-8")
    with pytest.raises(StudyError, match=r"samples\.all: expected a path without braces.*rename"):
        load_study(path)
