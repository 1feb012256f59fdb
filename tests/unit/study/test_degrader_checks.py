"""What is said of faults in the section `degraders`."""

from pathlib import Path

import pytest

from boxloop.analyses.registry import COMPUTED
from boxloop.cli.check import check_study
from boxloop.study.load import StudyError, load_study
from boxloop.study.references import function_references, sources_of

STUDY = """\
schema: 2
task: regression
question: {what: how far, why: to know}
code: [own.py]
samples:
  train: {simulator: "own:objects", n: 50, provenance: simulated}
columns:
  features:
    g_mag: {unit: mag}
    size: {unit: arcsec}
  target: distance
metric: rmse
models:
  - {name: dummy}
degraders:
  - DEGRADER
report: {title: A title, authors: [A. Author]}
"""
OWN = """\
def objects(n, *, seed):
    pass
def clouds(table, strength, *, rng, nights=1):
    return table
def no_rng(table, strength):
    return table
"""


def study(folder: Path, *degraders: str) -> Path:
    path = folder / "config/studies/study.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "own.py").write_text(OWN)
    path.write_text(STUDY.replace("DEGRADER", "\n  - ".join(degraders)))
    return path


@pytest.mark.parametrize(
    ("degrader", "key", "words"),
    [
        ("{name: niose}", "degraders.0.name", "did you mean 'noise'"),
        ("{name: blur}", "degraders.0.name", "columns.image"),
        ("{name: dropped_epochs}", "degraders.0.name", "columns.light_curve"),
        ("{name: noise, strengths: [2, 1]}", "degraders.0.strengths", "increasing order"),
        ("{name: noise, strengths: [1, 1]}", "degraders.0.strengths", "each once"),
        ("{name: noise, strengths: [-1, 1]}", "degraders.0.strengths", "0 or more"),
        ("{name: noise, strengths: [.inf]}", "degraders.0.strengths", "finite"),
        ("{name: noise, strengths: [0]}", "degraders.0.strengths", "above 0"),
        ("{name: missing, strengths: [0.5, 2]}", "degraders.0.strengths", "at most 1"),
        ("{name: noise, columns: [sise]}", "degraders.0.columns.0", "did you mean 'size'"),
        ("{name: noise, columns: []}", "degraders.0.columns", "or no columns at all"),
        ("{name: fainter, columns: [size]}", "degraders.0.columns.0", "arcsec"),
        ("{name: noise, parameters: {ofspread: 1}}", "parameters.ofspread", "did you mean"),
        ("{name: noise, parameters: {of_spread: 0}}", "parameters.of_spread", "above 0"),
        ("{name: clouds, function: 'own:clouds'}", "degraders.0", "needs strengths"),
        (
            "{name: clouds, function: 'own:clouds', strengths: [1], columns: [size]}",
            "degraders.0.columns",
            "in parameters",
        ),
    ],
)
def test_a_fault_is_named_with_its_key_and_what_to_do(
    tmp_path: Path, degrader: str, key: str, words: str
) -> None:
    with pytest.raises(StudyError) as caught:
        load_study(study(tmp_path, degrader))
    (fault,) = caught.value.faults
    assert key in fault
    assert words in fault


def test_a_name_stands_once(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="stands twice"):
        load_study(study(tmp_path, "{name: noise}", "{name: noise, columns: [size]}"))


def test_fainter_needs_a_magnitude(tmp_path: Path) -> None:
    path = study(tmp_path, "{name: fainter}")
    path.write_text(path.read_text().replace("{unit: mag}", "{unit: Jy}"))
    with pytest.raises(StudyError, match="needs magnitudes"):
        load_study(path)


@pytest.mark.parametrize(
    "degrader",
    [
        "{name: noise, strengths: [0, 0.5, 3], columns: [size], parameters: {of_spread: 0.2}}",
        "{name: fainter, columns: [g_mag]}",
        "{name: missing, strengths: [1]}",
        "{name: clouds, function: 'own:clouds', strengths: [1, 2], parameters: {nights: 3}}",
    ],
)
def test_what_is_right_has_no_fault(tmp_path: Path, degrader: str) -> None:
    assert "no faults" in check_study(study(tmp_path, degrader))


@pytest.mark.parametrize(
    ("function", "parameters", "words"),
    [
        ("own:cluods", "{}", "did you mean 'clouds'"),
        ("own:clouds", "{night: 3}", "did you mean 'nights'"),
        ("own:no_rng", "{}", "rng"),
    ],
)
def test_a_function_of_the_study_is_imported_and_bound(
    tmp_path: Path, function: str, parameters: str, words: str
) -> None:
    entry = f"{{name: clouds, function: '{function}', strengths: [1], parameters: {parameters}}}"
    with pytest.raises(StudyError) as caught:
        check_study(study(tmp_path, entry))
    (fault,) = caught.value.faults
    assert "degraders.0.function" in fault
    assert words in fault


def test_the_rule_rests_on_the_functions_it_calls(tmp_path: Path) -> None:
    entry = "{name: rolled, function: 'numpy:roll', strengths: [1]}"
    found = load_study(study(tmp_path, entry)).study
    assert function_references(found)["degrader"] == ["numpy:roll"]
    assert any("numpy" in str(source) for source in sources_of(found, COMPUTED["degraders"].calls))
