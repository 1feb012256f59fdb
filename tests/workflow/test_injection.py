"""A study whose every text is hostile runs to its reports, and nothing of it is obeyed.

The classes, columns, identifiers, title, author and file are those of somebody who wants to run
a command, read a file, put a script into the page, or write outside of the project.
"""

import json
import os
import re
import shutil
import subprocess
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from astropy.io import fits
from pypdf import PdfReader
from toy_project import REPOSITORY, SNAKEMAKE, TOYS, ToyProject
from window import CHROMIUM, Browser

from boxloop.study.load import load_study

CLASSES = ("a/b", r"$\input{x}$", "<script>alert(1)</script>", ";rm -rf x", "d é 日本")
#: Columns of the file by their names in the study.
FEATURES = {
    "first": 'a b/c "d" [e] é',
    "second": "<img src=x onerror=alert(1)>",
    "third": "$(touch hacked) ;touch hacked",
}
ATTACK = (
    r"\input{secret} \write18{touch hacked} $(touch hacked) `touch hacked` ; touch hacked "
    "</title><script>document.title='hacked'</script><img src=x onerror=alert(1)> {{ 7*7 }} {x}"
)
FILE = "data/own/it's; touch hacked $(touch hacked).csv"


def hostile_project(folder: Path) -> ToyProject:
    """Make a project with the study `hostile`; nothing has run yet."""
    project = ToyProject(folder, "toy_table")
    rng = np.random.default_rng(5)
    n = 300
    kind = rng.integers(0, len(CLASSES), n)
    table = pd.DataFrame({column: kind + rng.normal(0, 0.4, n) for column in FEATURES.values()})
    table["../id"] = [f"../../{i}/$(touch hacked)" for i in range(n)]
    table["cl ass;"] = np.array(CLASSES, dtype=object)[kind]
    table["</code>"] = "left out"
    path = folder / FILE
    path.parent.mkdir(parents=True)
    table.to_csv(path, index=False)
    study = {
        "schema": 2,
        "task": "classification",
        "question": {"what": ATTACK, "why": ATTACK},
        "samples": {
            "train": {
                "path": FILE,
                "sha256": sha256(path.read_bytes()).hexdigest(),
                "provenance": "simulated",
            }
        },
        "columns": {
            "id": "../id",
            "features": {k: {"from": c, "description": ATTACK} for k, c in FEATURES.items()},
            "target": {"name": "kind", "from": "cl ass;", "description": ATTACK},
            "excluded": {"</code>": ATTACK},
        },
        "split": {"test": 0.2, "calibration": 0.1, "folds": 2},
        "metric": "accuracy",
        "models": [{"name": "dummy"}, {"name": "tree"}, {"name": "logistic"}],
        "groups": ["first"],
        "probes": {"learning_curve": [], "seeds": 0},
        "checklist": {"misuse": {"answer": ATTACK, "by": ATTACK, "date": "2026-11-21"}},
        "report": {"title": ATTACK, "authors": [ATTACK, "<b>"]},
    }
    text = yaml.safe_dump(study, allow_unicode=True, sort_keys=False)
    (folder / "config/studies/hostile.yaml").write_text(text, encoding="utf-8")
    return project


of_a_run = pytest.mark.long  # short: tests/unit/report/test_injection.py


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    folder = tmp_path_factory.mktemp("around") / "project"
    folder.mkdir()
    made = hostile_project(folder)
    (folder / "secret.tex").write_text("THESECRET")
    made.run("hostile")
    return made


class Parsed(HTMLParser):
    """The names of a page's elements and attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def _page(project: ToyProject, name: str) -> str:
    return (project.folder / f"results/hostile/report/{name}.html").read_text(encoding="utf-8")


@of_a_run
def test_nothing_is_written_outside_of_the_folders_of_results(project: ToyProject) -> None:
    """MLflow's database and its folder are what a run leaves beside them."""
    assert [p.name for p in project.folder.parent.iterdir()] == ["project"]
    tracked = {"mlflow.db", "mlflow.db.lock", "mlruns"}
    given = {"Snakefile", "config", "data", "secret.tex"}
    assert {p.name for p in project.folder.iterdir()} <= given | tracked | {".snakemake", "results"}
    assert [p.name for p in (project.folder / "data/own").iterdir()] == [Path(FILE).name]
    assert not list(project.folder.rglob("hacked"))


@of_a_run
def test_no_result_is_named_by_a_text_of_the_file(project: ToyProject) -> None:
    """Every name is one of boxloop's own words, or begins with it and ends in a model's name."""
    for path in (project.folder / "results").rglob("*"):
        assert re.fullmatch(r"[A-Za-z0-9_.-]+", path.name), path
        assert not any(word in path.name for word in ("script", "input", "hacked"))
        assert "rm" not in re.split(r"[._-]", path.name)  # a figure is named after permutations


@of_a_run
@pytest.mark.parametrize("name", ["report", "exploration"])
def test_a_page_has_no_script_and_no_image_and_prints_the_attack(
    name: str, project: ToyProject
) -> None:
    found = Parsed(_page(project, name))
    assert not found.elements & {"script", "img", "iframe", "object", "embed", "b"}
    assert not [a for a in found.attributes if a.startswith("on")]
    assert found.text.count(ATTACK) >= 4
    assert all(c in found.text for c in CLASSES)


@of_a_run
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("name", ["report", "exploration"])
def test_a_browser_runs_nothing_of_a_page(name: str, project: ToyProject, browser: Browser) -> None:
    shown = browser.show(project.folder / f"results/hostile/report/{name}.html")
    assert shown.dialogs == shown.console == shown.loaded == []
    assert shown.title != "hacked" and ATTACK in shown.title  # the attack, not what it does


@of_a_run
def test_the_report_in_print_shows_the_attack_and_read_and_ran_nothing(
    project: ToyProject,
) -> None:
    path = project.folder / "results/hostile/report/report.pdf"
    if shutil.which("latexmk") is None:
        pytest.skip("no latexmk")
    pages = "".join(page.extract_text() for page in PdfReader(path).pages)
    assert "THESECRET" not in pages
    printed = re.sub(r"\s", "", pages)
    for text in (r"\input{secret}\write18{touchhacked}", "<script>alert(1)</script>", ";rm-rfx"):
        assert text in printed


@of_a_run
def test_classes_identifiers_and_columns_are_kept_as_they_are(project: ToyProject) -> None:
    results = project.folder / "results/hostile"
    summary = json.loads((results / "data/summary.json").read_text(encoding="utf-8"))
    assert set(summary["classes"]) == set(CLASSES)
    assert summary["excluded"] == {"</code>": ATTACK}
    predicted = pd.read_parquet(results / "evaluate/predictions.parquet")
    assert set(predicted["prediction"].dropna()) <= set(CLASSES)
    assert {f"p_{c}" for c in CLASSES} <= set(predicted.columns)
    assert predicted["id"].str.fullmatch(r"\.\./\.\./\d+/\$\(touch hacked\)").all()
    with fits.open(results / "apply/predictions.fits") as found:
        assert {"p_a/b", "p_;rm -rf x", "p_d ? ??"} <= set(found[1].data.names)


@of_a_run
def test_the_run_is_logged_to_mlflow(project: ToyProject) -> None:
    logged = project.json("results/hostile/track/mlflow.json")
    assert logged["logged"] is True and logged["reason"] is None
    assert len(logged["children"]) == 3


def test_a_draft_of_the_file_names_its_columns_as_they_are(tmp_path: Path) -> None:
    project = hostile_project(tmp_path)
    command = [str(SNAKEMAKE.with_name("boxloop")), "new", "drafted", "--table", FILE]
    done = subprocess.run(
        [*command, "--target", "cl ass;"],
        cwd=tmp_path, capture_output=True, text=True, timeout=1800, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    study = load_study(project.folder / "config/studies/drafted.yaml").study
    assert {f.from_ for f in study.columns.features.values()} == set(FEATURES.values())
    assert study.columns.target is not None and study.columns.target.from_ == "cl ass;"
    assert (study.columns.id, study.samples["train"].path) == ("../id", FILE)
    assert not list(tmp_path.rglob("hacked"))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder with the Makefile and an environment that is ready."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, tmp_path)
    (tmp_path / "config/studies").mkdir(parents=True)
    (tmp_path / ".venv/uv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin").symlink_to(SNAKEMAKE.parent)
    for name in ("python", "uv/bin/uv", "ready-requirements.lock"):
        (tmp_path / ".venv" / name).touch()
    return tmp_path


ATTACKS = (
    "x; touch hacked", "$(touch hacked)", "$(shell touch hacked)", "$$(touch hacked)", "../x",
    "`touch hacked`", '"; touch hacked; "', "'; touch hacked; '", "x\ntouch hacked", "-n", "",
    "../studies/toy_table",
)  # fmt: skip


@pytest.mark.parametrize("by", ["argument", "environment"])
@pytest.mark.parametrize("study", ATTACKS)
def test_make_takes_the_name_of_a_study_as_text(study: str, by: str, made: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    given = [f"STUDY={study}"] if by == "argument" else []
    env |= {"STUDY": study} if by == "environment" else {}
    before = sorted(p.name for p in made.iterdir())
    done = subprocess.run(
        ["make", "run", *given],
        cwd=made, env=env, capture_output=True, text=True, timeout=1800, check=False,
    )  # fmt: skip
    assert sorted(p.name for p in made.iterdir()) == before
    assert done.returncode == 2
    assert "STUDY: expected small letters, digits and underscores" in done.stderr
    assert study in done.stderr


@pytest.mark.parametrize("study", ATTACKS[:5])
def test_snakemake_has_no_rule_for_what_is_no_name(study: str, tmp_path: Path) -> None:
    project = ToyProject(tmp_path, "toy_table")
    done = project.here("--dry-run", "--", study)
    assert done.returncode != 0
    assert "MissingRuleException" in done.stderr + done.stdout
    assert not list(tmp_path.rglob("hacked"))


@pytest.mark.parametrize("name", ["split", "studies", "all"])
def test_a_study_called_like_a_rule_is_refused_by_its_file(name: str, tmp_path: Path) -> None:
    project = ToyProject(tmp_path, "toy_table")
    studies = tmp_path / "config/studies"
    shutil.copy(studies / "toy_table.yaml", studies / f"{name}.yaml")
    done = project.here("--dry-run", "--", "toy_table")
    assert done.returncode == 2
    assert f"config/studies/{name}.yaml: a rule of the workflow is called" in done.stderr


NO_STUDIES = ("x; touch hacked", "$(touch hacked)", "{x}", "a'b")


@pytest.fixture(scope="module")
def beside_others(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    """A project with a study, and files beside it whose names no study may have."""
    folder = tmp_path_factory.mktemp("beside")
    project = ToyProject(folder, "toy_table")
    for name in NO_STUDIES:
        shutil.copy(TOYS / "toy_table.yaml", folder / f"config/studies/{name}.yaml")
    return project


def test_files_that_are_no_study_disturb_no_other(beside_others: ToyProject) -> None:
    assert "figures" in beside_others.to_do("toy_table")
    assert not list(beside_others.folder.rglob("hacked"))


@pytest.mark.parametrize("name", NO_STUDIES)
def test_a_file_that_is_no_study_is_refused_by_its_name(
    name: str, beside_others: ToyProject
) -> None:
    done = beside_others.here("--dry-run", "--", name)
    assert done.returncode == 2
    assert "small letters, digits and underscores" in done.stderr
    assert not list(beside_others.folder.rglob("hacked"))
