"""`boxloop new` on tables that nobody described: each draft runs, to its scores or its report.

One draft of a table runs unedited; the others take the first point of every space. The survey
files are read from BOXLOOP_MIRROR; a draft of most of them runs among the long tests only.
"""

import contextlib
import gzip
import os
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from toy_project import ToyProject

from boxloop.cli import main as boxloop
from boxloop.study.known_models import MODELS

MIRROR = Path(os.environ.get("BOXLOOP_MIRROR", "/nowhere"))
#: Survey files and the target.
TABLES = {
    "photoz": ("sdss_boss_photoz/boss_dr10_2.csv", "Z"),
    "classes": ("sdss_star_galaxy_qso/*.csv", "class"),
    "variables": ("linear_variables/LINEARattributesFinalApr2013.dat.gz", "LCtype"),
    "masses": ("kepler_host_stars/*", "M*"),
    "bursts": ("chime_frb_catalogue/chimefrbcat1.csv", "bc_width"),
    "binaries": ("maxi_xray_binaries/*.asc", "column_2"),
}
NETWORKS = {name for name, model in MODELS.items() if model.network}
mirror = pytest.mark.skipif(
    not (MIRROR / "sdss_boss_photoz").is_dir(), reason="BOXLOOP_MIRROR has no survey files"
)


def long(name: str) -> object:
    return pytest.param(name, marks=pytest.mark.long)


def copied(project: ToyProject, pattern: str) -> list[str]:
    """Copy survey files into the project's own data; return their paths in it."""
    folder = project.folder / "data/own" / Path(pattern).parent
    folder.mkdir(parents=True)
    found = sorted(MIRROR.glob(pattern))
    assert found, pattern
    return [str(Path(shutil.copy(f, folder)).relative_to(project.folder)) for f in found]


def new(project: ToyProject, name: str, *arguments: str) -> str:
    with contextlib.chdir(project.folder):
        assert boxloop(["new", name, *arguments]) == 0
    return (project.folder / f"config/studies/{name}.yaml").read_text()


def in_a_hurry(project: ToyProject, name: str) -> None:
    """Take the first point of every space and a few epochs; everything else stays as drafted."""
    path = project.folder / f"config/studies/{name}.yaml"
    content = yaml.safe_load(path.read_text())
    for model in content.get("models", []):
        model["space"] = {k: v[:1] for k, v in model.get("space", {}).items()}
        if model["name"] in NETWORKS:
            model["parameters"] = {**model.get("parameters", {}), "epochs": 3}
    path.write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.fixture
def project(tmp_path: Path) -> ToyProject:
    return ToyProject(tmp_path / "project", "toy_table")


@mirror
@pytest.mark.parametrize("name", ["bursts", *(long(n) for n in TABLES if n != "bursts")])
def test_a_draft_of_a_survey_table_runs_to_its_scores(project: ToyProject, name: str) -> None:
    pattern, target = TABLES[name]
    files = [f for f in copied(project, pattern) if not f.endswith(("ReadMe.txt", "MANIFEST.csv"))]
    new(project, name, "--table", *files, "--target", target)
    in_a_hurry(project, name)
    project.run(f"results/{name}/evaluate/metrics.json")
    assert project.json(f"results/{name}/evaluate/metrics.json")["selected"]


@mirror
@pytest.mark.parametrize("name", ["bursts", *(long(n) for n in TABLES if n != "bursts")])
def test_without_a_target_the_draft_explores_to_its_page(project: ToyProject, name: str) -> None:
    pattern, _ = TABLES[name]
    files = [f for f in copied(project, pattern) if not f.endswith(("ReadMe.txt", "MANIFEST.csv"))]
    new(project, name, "--table", *files)
    project.run(f"results/{name}/report/exploration.html")


@mirror
def test_what_gives_real_targets_away_is_left_out(project: ToyProject) -> None:
    text = new(
        project, "classes", "--table", *copied(project, TABLES["classes"][0]), "--target", "class"
    )
    content = yaml.safe_load(text)
    assert {"redshift", "objid", "specobjid"} <= set(content["columns"]["excluded"])
    assert {"u", "g", "r", "i", "z"} == set(content["columns"]["features"])
    assert content["split"]["group"] == "plate"
    copied(project, "kepler_host_stars/*")
    text = new(
        project, "masses", "--table", "data/own/kepler_host_stars/table5.dat.gz", "--target", "M*"
    )
    content = yaml.safe_load(text)
    assert {"logg", "R*"} & set(content["columns"]["excluded"])
    assert content["columns"]["target"]["error"] == ["e_M*", "E_M*"]
    assert content["columns"]["features"]["Teff"]["unit"] == "K"


def planted_classes(rows: int = 400) -> pd.DataFrame:
    """Return a simulated catalogue of two classes, one rare, with a marker and a leak."""
    rng = np.random.default_rng(4)
    rare = rng.random(rows) < 0.2
    frame = pd.DataFrame(
        {
            "objid": 10**17 + np.arange(rows),
            "u": rng.normal(19, 1, rows) - rare,
            "g": rng.normal(18, 1, rows),
            "r": rng.normal(17, 1, rows),
            "spec": np.where(rare, rng.uniform(1, 3, rows), rng.normal(0, 0.001, rows)),
            "class": np.where(rare, "QSO", "STAR"),
        }
    )
    frame.loc[::9, "r"] = 99.0
    return frame


def test_a_draft_runs_unedited_and_its_leak_and_markers_stand_on_the_first_page(
    project: ToyProject,
) -> None:
    folder = project.folder / "data/own"
    folder.mkdir(parents=True)
    planted_classes().to_csv(folder / "stars.csv", index=False)
    new(project, "mine", "--table", "data/own/stars.csv", "--target", "class")
    project.run("results/mine/report/report.html")
    page = (project.folder / "results/mine/report/report.html").read_text()
    findings = page[page.index('id="findings"') :]
    findings = findings[: findings.index("exploration.html")]
    assert "spec is left out" in findings
    assert "45 values of r are 99.0, read as not detected" in findings
    metrics = project.json("results/mine/evaluate/metrics.json")
    assert metrics["status"] == "draft" and metrics["metric"] == "f1_macro"


@pytest.mark.long  # short: images of tests/workflow/test_studies.py
def test_images_with_labels_run_to_their_scores(project: ToyProject) -> None:
    from PIL import Image

    folder = project.folder / "data/own/galaxies"
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    kinds = []
    for i in range(120):
        bright = rng.random() < 0.5
        picture = rng.integers(0, 100, (48, 40, 3)) + (120 if bright else 0)
        Image.fromarray(picture.astype(np.uint8)).save(folder / f"images/{1000 + i}.png")
        kinds.append("disc" if bright else "sphere")
    rows = {"GalaxyID": 1000 + np.arange(120), "votes": rng.random(120), "kind": kinds}
    pd.DataFrame(rows).to_csv(folder / "labels.csv", index=False)
    text = new(
        project, "shapes", "--images", "data/own/galaxies/images",
        "--labels", "data/own/galaxies/labels.csv", "--target", "kind",
    )  # fmt: skip
    columns = yaml.safe_load(text)["columns"]
    assert columns["image"] == {"path": "images/{GalaxyID}.png", "shape": [32, 32, 3], "crop": 40}
    assert "features" not in columns and "votes" in columns["excluded"]
    in_a_hurry(project, "shapes")
    project.run("results/shapes/evaluate/metrics.json")
    metrics = project.json("results/shapes/evaluate/metrics.json")["models"]
    assert metrics["forest"]["cv"]["accuracy"]["value"] > 0.95


@pytest.mark.long  # short: light curves of tests/workflow/test_studies.py
def test_light_curves_with_labels_run_to_their_scores(project: ToyProject) -> None:
    folder = project.folder / "data/own/stars"
    (folder / "curves").mkdir(parents=True)
    rng = np.random.default_rng(0)
    kinds = []
    for i in range(80):
        amplitude = 1.0 if rng.random() < 0.5 else 0.05
        time = np.sort(rng.uniform(0, 50, 30))
        value = 15 + amplitude * np.sin(time) + rng.normal(0, 0.05, 30)
        curve = np.column_stack([time, value, np.full(30, 0.05)])
        np.savetxt(folder / f"curves/{i}.dat", curve, delimiter=",")
        kinds.append("variable" if amplitude == 1 else "constant")
    pd.DataFrame({"star": np.arange(80), "kind": kinds}).to_csv(folder / "labels.csv", index=False)
    text = new(
        project, "curves", "--light-curves", "data/own/stars/curves",
        "--labels", "data/own/stars/labels.csv", "--target", "kind",
    )  # fmt: skip
    columns = yaml.safe_load(text)["columns"]
    assert columns["light_curve"] == {
        "time": "1", "value": "2", "error": "3", "path": "curves/{star}.dat",
    }  # fmt: skip
    in_a_hurry(project, "curves")
    project.run("results/curves/evaluate/metrics.json")
    assert project.json("results/curves/evaluate/metrics.json")["selected"]


@mirror
@pytest.mark.long
def test_galaxy_images_and_asas_light_curves_run(project: ToyProject) -> None:
    folder = project.folder / "data/own/galaxies"
    (folder / "images").mkdir(parents=True)
    for image in sorted((MIRROR / "galaxy_zoo2/images").glob("*.jpg"))[:300]:
        shutil.copy(image, folder / "images")
    shutil.copy(MIRROR / "galaxy_zoo2/labels.csv", folder)
    new(
        project, "votes", "--images", "data/own/galaxies/images",
        "--labels", "data/own/galaxies/labels.csv", "--target", "Class1.1",
    )  # fmt: skip
    project.run("votes")
    folder = project.folder / "data/own/asas"
    folder.mkdir()
    with tarfile.open(MIRROR / "asas_light_curves/asas_training_set.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    labels = pd.read_csv(MIRROR / "asas_light_curves/asas_training_set_classes.dat")
    common = labels["class"].map(labels["class"].value_counts()) > 20
    labels[common].to_csv(folder / "asas_training_set_classes.dat", index=False)
    new(
        project, "asas", "--light-curves", "data/own/asas/asas_training_set",
        "--labels", "data/own/asas/asas_training_set_classes.dat", "--target", "class",
    )  # fmt: skip
    project.run("asas")


def test_a_truncated_file_ends_in_a_plain_message(
    project: ToyProject, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project.folder / "data/own"
    folder.mkdir(parents=True)
    whole = gzip.compress(planted_classes().to_csv(index=False).encode())
    (folder / "stars.csv.gz").write_bytes(whole[: len(whole) // 2])
    with contextlib.chdir(project.folder):
        assert boxloop(["new", "mine", "--table", "data/own/stars.csv.gz"]) == 2
    said = capsys.readouterr().err
    assert "stars.csv.gz" in said and "Traceback" not in said
    assert not (project.folder / "config/studies/mine.yaml").exists()
