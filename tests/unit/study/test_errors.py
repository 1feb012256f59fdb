"""What a study file with faults is answered: all of them, each with line and remedy."""

import re

import pytest
from study_file import STUDY, faults, replaced

from boxloop.errors import BoxloopError
from boxloop.study.load import load_study
from boxloop.study.sources import read_sources


def test_three_faults_of_three_kinds_give_three_lines_with_suggestions(tmp_path):
    text = replaced(
        ("question:", "qestion:"),
        ("metric: accuracy", "metric: acuracy"),
        ("min_samples_leaf", "min_sample_leaf"),
    )
    found = faults(tmp_path, text)
    assert [f.split(": ")[:2] for f in found] == [
        ["1", "the key 'question' is missing"],
        ["3", "qestion"],
        ["11", "metric"],
        ["14", "models.1.space.min_sample_leaf"],
    ]
    for fault, near in zip(found[1:], ["question", "accuracy", "min_samples_leaf"], strict=True):
        assert fault.endswith(f"; did you mean {near!r}?")


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "near"),
    [
        ("metric:", "metrics:", 11, "metrics", "metric"),
        ("why:", "wy:", 3, "question.wy", "why"),
        ("source:", "sorce:", 5, "samples.train.sorce", "source"),
        ("target:", "tarket:", 10, "columns.tarket", "target"),
        ("{unit: mag}", "{unti: mag}", 8, "columns.features.g_mag.unti", "unit"),
        ("space:", "spaces:", 14, "models.1.spaces", "space"),
        ("[1, 5]", "{low: 1, hihg: 5}", 14, "models.1.space.min_samples_leaf.hihg", "high"),
        ("authors:", "author:", 15, "report.author", "authors"),
    ],
)
def test_unknown_keys_are_named_at_every_level(tmp_path, old, new, line, key, near):
    found = faults(tmp_path, replaced((old, new)))
    unknown = [f for f in found if f"{key}: unknown key" in f]
    assert len(unknown) == 1
    assert unknown[0].startswith(f"{line}: {key}: unknown key; expected one of ")
    assert unknown[0].endswith(f"; did you mean {near!r}?")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("schema: 2", "schema: two", "1: schema: expected 2; found 'two'"),
        ("task: classification", "task: clasification", "2: task: expected classification, "),
        ("{unit: mag}", "mag", "8: columns.features.g_mag: expected a mapping (key: value); "),
        ("[A. Author]", "A. Author", "15: report.authors: expected a list; found 'A. Author'"),
        ("title: A title", "title: 5", "15: report.title: expected text; found 5"),
        ("[A. Author]", "[]", "15: report.authors: expected at least 1 entry; found 0"),
        ("[1, 5]", "5", "14: models.1.space.min_samples_leaf: expected a list or a mapping"),
        ("[1, 5]", "[]", "14: models.1.space.min_samples_leaf: expected at least one value"),
        ("[1, 5]", "[5, 5]", "14: models.1.space.min_samples_leaf: a value stands twice"),
        ("name: dummy", "name: forest", "14: models.1.name: the name 'forest' is taken"),
        ("name: forest", "name: frest", "14: models.1.name: expected one of dummy, linear"),
        ("name: dummy", "name: linear", "13: models.0.name: linear is for regression"),
        ("metric: accuracy", "metric: rmse", "11: metric: expected a metric for classification"),
        ("train:", "tr-ain:", "5: samples.tr-ain: expected a name of letters, digits and"),
        ("train:", "target:", "4: samples: expected a labelled sample"),
        ("provenance: real", "provenance: maybe", "5: samples.train.provenance: expected real,"),
        ("source: catalogue, ", "", "5: samples.train: expected exactly one of source, path"),
        ("source: catalogue", "simulator: a, n: 5", "5: samples.train.simulator: expected module:"),
        ("target: kind", "target: g_mag", "6: columns: the target 'g_mag' is also listed"),
        ("{unit: mag}", "{missing: {99: gone}}", "8: columns.features.g_mag.missing.99: expected"),
        ("{unit: mag}", "{use_error: feature}", "8: columns.features.g_mag.use_error: the error"),
    ],
)
def test_a_fault_is_said_in_the_users_words(tmp_path, old, new, expected):
    found = faults(tmp_path, replaced((old, new)))
    assert len(found) == 1, found
    assert found[0].startswith(expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("groups: [g_mga]", "16: groups.0: expected a feature"),
        ("groups: [[g_mag, clas]]", "16: groups.0.1: expected a feature"),
        ("groups: [sky]", "16: groups.0: expected a feature"),
        ("protected: [class]", "16: protected.0: expected a feature, split.group or a column"),
        ("margin: -1", "16: margin: expected a number of at least 0; found -1"),
        ("margin: wide", "16: margin: expected a number; found 'wide'"),
        ("seed: 1.5", "16: seed: expected a whole number; found 1.5"),
        ("split: {test: 1.0}", "16: split.test: expected a number below 1; found 1.0"),
        ("split: {stratify: perhaps}", "16: split.stratify: expected true or false; found "),
        ("split: {test: 0.6, calibration: 0.4}", "16: split: test and calibration together"),
        ("code: [mine.py]", "16: code.0: there is no file "),
        ("checklist: {msuse: {answer: a, by: b, date: 2026-01-31}}", "16: checklist.msuse: no "),
        ("checklist: {misuse: {answer: a, by: b, date: now}}", "16: checklist.misuse.date: exp"),
        ("budget: {trials: 1}", "14: models.1.space: the grid of forest has 2 points"),
        ("search: grid", "16: search: expected a mapping (key: value); found 'grid'"),
        ("published: [{cite: a, metric: mse, value: 1, comparable: other}]", "16: published.0.m"),
    ],
)
def test_a_faulty_further_line_is_named(tmp_path, line, expected):
    found = faults(tmp_path, f"{STUDY}{line}\n")
    assert len(found) == 1, found
    assert found[0].startswith(expected)


def test_no_message_speaks_of_the_program_instead_of_the_file(tmp_path):
    text = replaced(
        ("{unit: mag}", "mag"),
        ("[1, 5]", "5"),
        ("metric: accuracy", "metric: 5"),
        ("train: {source: catalogue, provenance: real}", "train: catalogue"),
        ("target: kind", "target: [kind]"),
    )
    found = "\n".join(faults(tmp_path, text))
    assert found.count("\n") == 4
    assert not re.search(r"pydantic|valid|instance|Input|dict|NoneType|class|str\b", found)


def test_a_fault_hides_none_that_does_not_rest_on_it(tmp_path):
    text = replaced(("metric: accuracy", "metric: acuracy"), ("name: forest", "name: frest"))
    found = faults(tmp_path, text + "search: {chunk: 0}\n")
    assert [f.split(":")[0] for f in found] == ["11", "14", "16"]


def test_what_only_follows_from_another_fault_is_not_said(tmp_path):
    text = replaced(("task: classification", "task: unknown"), ("accuracy", "rmse"))
    assert [f.split(":")[0] for f in faults(tmp_path, text)] == ["2"]
    text = replaced(("[1, 5]", "[1, 2, 3]")) + "budget: {trials: few}\n"
    assert [f.split(":")[0] for f in faults(tmp_path, text)] == ["16"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ":1: the file is empty"),
        (b"# nothing yet\n", ":1: the file is empty"),
        (b"- a\n- b\n", ":1: expected a mapping (key: value); found a list"),
        (b"just text\n", ":1: expected a mapping (key: value); found 'just text'"),
        (b"schema: 2\nmetric: [\n\tx", ":3: not valid YAML"),
        (b"schema: 2\n\ttask: x\n", ":2: not valid YAML"),
        (b"schema: 2\ntask: x\nschema: 2\n", ":3: the key 'schema' stands here and in line 1"),
        (b"schema: 2\nquestion: {what: a, what: b}\n", ":2: the key 'what' stands here and"),
        (b"schema: 2\ntitle: \xe9t\xe9\n", ": not UTF-8 text (byte 17)"),
        (b"? [a, b]\n: 1\n", ":1: expected a word as key"),
        (b"a: &x {b: *x}\n", ": not valid: nested too deeply, or an alias of itself"),
        (b"a: 1\n---\nb: 2\n", ":2: not valid YAML"),
        (b"a: !!python/object/apply:os.system [ls]\n", ":1: not valid YAML"),
    ],
)
def test_files_that_are_no_study_at_all_are_answered_in_one_line(tmp_path, content, expected):
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    with pytest.raises(BoxloopError) as caught:
        load_study(path)
    assert str(caught.value).startswith(f"{path}{expected}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BoxloopError, match=r"none\.yaml: there is no such file"):
        load_study(tmp_path / "none.yaml")


def test_faults_of_the_sources_are_said_in_the_same_words(tmp_path):
    path = tmp_path / "sources.yaml"
    path.write_text(
        "sources:\n  stars:\n    survey: S\n    licence: L\n    cite: known2020\n"
        "    base_url: ftp://example.org/\n    manifset: stars.csv\n"
    )
    with pytest.raises(BoxloopError) as caught:
        read_sources(path)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1:3] for line in lines] == [
        ["sources.stars.cite", "expected a list; found 'known2020'"],
        ["sources.stars.base_url", "expected an address that begins with https://, http:// or fil"
         "e://; found 'ftp://example.org/'"],
        ["sources.stars.manifset", "unknown key; expected one of survey, licence, cite, descriptio"
         "n, base_url, reader, options, manifest, files, query, vizier, zenodo; did you mean 'm"
         "anifest'?"],
    ]  # fmt: skip
    assert [line.split(": ")[0][-2:] for line in lines] == [":5", ":6", ":7"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            [
                ("name: dummy", "name: dummy, candidate: false"),
                ("{name: forest", "{name: forest, candidate: false"),
            ],
            "12: models: no model is a candidate",
        ),
        (
            [("metric: accuracy", "metric: log_loss"), ("{name: dummy}", "{name: svm}")],
            "13: models.0.name: svm gives no probabilities, and log_loss",
        ),
        (
            [
                ("classification", "regression"),
                ("metric: accuracy", "metric: crps"),
                ("{name: dummy}", "{name: mdn}"),
            ],
            "14: models.1.name: gives no distribution, and crps",
        ),
        (
            [("classification", "regression"), ("metric: accuracy", "metric: chi2")],
            "11: metric: chi2 counts in errors of the target",
        ),
        (
            [("{name: dummy}", "{name: cnn}")],
            "13: models.0.name: cnn needs columns.image; this study has none",
        ),
    ],
    ids=["candidates", "probabilities", "distributions", "errors", "images"],
)
def test_a_metric_that_cannot_judge_a_model_is_named(tmp_path, changes, expected):
    found = faults(tmp_path, replaced(*changes))
    assert len(found) == 1, found
    assert found[0].startswith(expected)


def test_only_the_target_sample_goes_in_parts(tmp_path):
    text = replaced(("provenance: real}", "provenance: real, parts: 3}"))
    (found,) = faults(tmp_path, text)
    assert found.startswith("5: samples.train.parts: only the sample target is read and predicted")
    target = "\n  target: {source: catalogue, provenance: real, parts: 3}"
    path = tmp_path / "sound.yaml"
    path.write_text(replaced(("provenance: real}", "provenance: real}" + target)))
    assert load_study(path).study.samples["target"].parts == 3
