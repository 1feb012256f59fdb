"""Models of kind predictions in a study file: what they need, and what they must not ask for."""

from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from boxloop.cli.check import check_study
from boxloop.errors import BoxloopError
from boxloop.study.examples import EXAMPLES
from boxloop.study.load import StudyFile, load_study, owner

TABLE = b"u_mag,MAG_G,CLASS\n1,2,STAR\n"
BASE = """
schema: 2
task: classification
question: {what: "Star or quasar?", why: "To know."}
samples:
  train: {path: data/own/stars.csv, sha256: SHA, provenance: real}
columns:
  features: {u_mag: {}, g_mag: {from: MAG_G}}
  target: {name: class, from: CLASS}
metric: f1_macro
models:
  - {name: dummy}
  - MODEL
report: {title: Stars, authors: [A. Author]}
""".replace("SHA", sha256(TABLE).hexdigest())
GIVEN = "{name: survey, kind: predictions, column: old_class}"


def study(folder: Path, model: str = GIVEN, *changes: tuple[str, str]) -> StudyFile:
    text = BASE.replace("MODEL", model)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "config/studies/stars.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    load_study.cache_clear()
    return load_study(path)


def test_it_is_never_a_candidate_and_its_columns_go_to_the_data_stage(tmp_path: Path) -> None:
    model = (
        "{name: survey, kind: predictions, column: old_class, probabilities: {QSO: p_qso}, "
        "labels: {1: QSO, 2: STAR}, by: author2020, trained_on: in_training, missing: [-9, '?']}"
    )
    found = study(tmp_path, model).study
    assert found.models[1].candidate is False and found.models[0].candidate is True
    assert found.section("columns", "given") == {
        "survey": {
            "task": "classification",
            "column": "old_class",
            "probabilities": {"QSO": "p_qso"},
            "sigma": None,
            "labels": {"1": "QSO", "2": "STAR"},
            "missing": [-9.0, "?"],
            "trained_on": "in_training",
        }
    }


def test_the_bare_name_is_a_kind(tmp_path: Path) -> None:
    assert study(tmp_path, "{name: predictions, column: old_class}").study.models[1].given


def test_a_study_without_it_has_the_sections_that_it_always_had(tmp_path: Path) -> None:
    assert "given" not in study(tmp_path, "{name: tree}").study.section("columns")


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("{name: survey, kind: predictions}", "models.1: the key 'column' is missing"),
        ("{name: survey, kind: predictions, column: a, space: {alpha: [1]}}", "leave space out"),
        (
            "{name: survey, kind: predictions, column: a, parameters: {b: 1}}",
            "leave parameters out",
        ),
        ("{name: survey, kind: predictions, column: a, features: [u_mag]}", "leave features out"),
        ("{name: survey, kind: predictions, column: a, candidate: true}", "are never selected"),
        ("{name: survey, kind: predictions, column: a, sigma: b}", "sigma: is for numbers"),
        ("{name: survey, kind: predictions, column: CLASS}", "'CLASS' is the target"),
        (
            "{name: survey, kind: predictions, column: MAG_G}",
            "'MAG_G' is a feature as well .columns.features.g_mag",
        ),
        (
            "{name: survey, kind: predictions, column: a, probabilities: {QSO: u_mag}}",
            "models.1.probabilities.QSO: 'u_mag' is a feature as well",
        ),
        ("{name: tree, column: a}", "models.1.column: says where somebody else's predictions are"),
        ("{name: tree, trained_on: a}", "models.1.trained_on: says where"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, model: str, said: str) -> None:
    with pytest.raises(BoxloopError, match=said):
        study(tmp_path, model)


def test_they_cannot_be_the_only_models(tmp_path: Path) -> None:
    with pytest.raises(BoxloopError, match=r"no model is a candidate"):
        study(tmp_path, GIVEN, ("  - {name: dummy}\n", ""))


def test_a_column_that_is_left_out_cannot_be_judged(tmp_path: Path) -> None:
    excluded = ("  target:", "  excluded: {old_class: found by a machine}\n  target:")
    with pytest.raises(BoxloopError, match=r"the column is used by models.survey"):
        study(tmp_path, GIVEN, excluded)


def test_labels_are_for_classes(tmp_path: Path) -> None:
    model = "{name: survey, kind: predictions, column: a, labels: {1: b}}"
    changes = (("task: classification", "task: regression"), ("f1_macro", "mae"))
    with pytest.raises(BoxloopError, match=r"labels: is for classes"):
        study(tmp_path, model, *changes)


def test_a_metric_that_it_cannot_give_does_not_keep_it_from_being_shown(tmp_path: Path) -> None:
    assert study(tmp_path, GIVEN, ("f1_macro", "log_loss")).study.models[1].given


def test_a_variant_that_adds_one_reads_its_data_anew(tmp_path: Path) -> None:
    study(tmp_path, "{name: tree}")
    models = {"extends": "stars", "schema": 2, "models": [{"name": "dummy"}, yaml.safe_load(GIVEN)]}
    path = tmp_path / "config/studies/judged.yaml"
    path.write_text(yaml.safe_dump(models))
    assert owner(load_study(path), "data") == "judged"
    models["models"][1] = {"name": "forest"}
    path.write_text(yaml.safe_dump(models))
    load_study.cache_clear()
    assert owner(load_study(path), "data") == "stars"


def checked(folder: Path, model: str) -> str:
    (folder / "data/own").mkdir(parents=True, exist_ok=True)
    (folder / "data/own/stars.csv").write_bytes(TABLE)
    study(folder, model)
    (folder / "config/sources.yaml").write_text("sources: {}\n")
    (folder / "config/references.bib").write_text("@article{author2020, title = {T}}\n")
    return check_study(folder / "config/studies/stars.yaml")


def test_a_check_says_that_it_is_judged_and_counts_no_fits_of_it(tmp_path: Path) -> None:
    said = checked(tmp_path, GIVEN)
    assert "Judged beside them, not trained: survey (the column old_class)" in said
    assert "Trials by model: dummy 1; in all 1 trials" in said


def test_whose_they_are_is_a_key_of_the_bibliography_or_words(tmp_path: Path) -> None:
    for by in ("author2020", "the pipeline of the survey"):
        checked(tmp_path, f"{{name: survey, kind: predictions, column: a, by: {by}}}")
    with pytest.raises(BoxloopError, match=r"by: cites 'autor2020'.*author2020.*in words"):
        checked(tmp_path, "{name: survey, kind: predictions, column: a, by: autor2020}")


def test_an_example_shows_it() -> None:
    models = yaml.safe_load(EXAMPLES["star_or_quasar"][1])["models"]
    assert any(m.get("kind") == "predictions" for m in models)
