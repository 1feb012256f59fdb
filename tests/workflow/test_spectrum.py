"""A kind of data of one's own, spectra, from files to the report by one class and one key."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_project import REPOSITORY, TOYS, ToyProject

from boxloop import store
from boxloop.cli import main
from boxloop.modalities.registry import of_table

PAGE = "results/stars/report/report.html"
STUDY = """\
schema: 2
seed: 3
task: classification
question: {what: "Which stars have an emission line?", why: To test a modality of one's own.}
code: [spectra.py]
samples:
  train: {path: data/own/stars.csv, sha256: SHA256, provenance: simulated}
columns:
  id: star_id
  own:
    spectrum:
      modality: "spectra:Spectrum"
      path: "spectra/{star_id}.npz"
      options: {grid: [500, 700, 40]}
  target: kind
split: {test: 0.2, calibration: 0.2, folds: 2}
metric: accuracy
models:
  - {name: dummy}
  - {name: logistic, inputs: [spectrum]}
degraders:
  - {name: noise, strengths: [1, 20]}
probes: {shuffled: 0, learning_curve: [], seeds: 1, reweight: false}
report: {title: Emission lines, authors: [boxloop tests]}
"""


def _write(folder: Path, n: int = 200) -> Path:
    """Write a table of stars and a spectrum of each; half of them have an emission line."""
    rng = np.random.default_rng(1)
    (folder / "spectra").mkdir(parents=True)
    emits = np.arange(n) % 2 == 0
    wavelength = np.linspace(490, 710, 300)
    line = np.exp(-0.5 * ((wavelength - 656.3) / 3) ** 2)
    for i in range(n):
        flux = rng.uniform(1, 3) * (1 + 0.5 * emits[i] * line)
        error = np.full(len(wavelength), 0.05)
        flux = flux + error * rng.standard_normal(len(flux))
        np.savez(folder / f"spectra/s{i}.npz", wavelength=wavelength, flux=flux, error=error)
    stars = {"star_id": [f"s{i}" for i in range(n)], "kind": np.where(emits, "emission", "plain")}
    pd.DataFrame(stars).to_csv(folder / "stars.csv", index=False)
    return folder / "stars.csv"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ToyProject:
    """A project with spectra, run once to its report."""
    made = ToyProject(tmp_path_factory.mktemp("spectra"), "toy_table")
    table = _write(made.folder / "data/own")
    text = STUDY.replace("SHA256", hashlib.sha256(table.read_bytes()).hexdigest())
    (made.folder / "config/studies/stars.yaml").write_text(text)
    made.run(PAGE)
    return made


def test_the_study_runs_to_a_report_that_shows_the_spectra(project: ToyProject) -> None:
    metrics = project.json("results/stars/evaluate/metrics.json")
    assert metrics["selected"] == "logistic"
    assert metrics["models"]["logistic"]["cv"]["accuracy"]["low"] > 0.9
    assert "spectrum" in (project.folder / PAGE).read_text()


def test_the_recipe_is_learnt_from_the_fitting_rows_alone(
    project: ToyProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = project.folder / "results/stars"
    monkeypatch.chdir(project.folder)
    table = store.read_table(results / "data/table.parquet", results / "data/arrays")
    split = store.read_frame(results / "prepare/split.parquet")
    mine = np.isin(table.ids, split.loc[split["set"] == "train", "id"])
    spectrum = of_table(table)["spectrum"]
    learnt = project.json("results/stars/train/logistic/recipe.json")["spectrum"]
    assert learnt == spectrum.learn({}, table.take(mine)) != spectrum.learn({}, table)


def test_the_spectrum_is_described_permuted_as_a_block_and_degraded(project: ToyProject) -> None:
    columns = project.json("results/stars/explore/all.json")["columns"]
    assert set(columns) == {"spectrum.flux", "spectrum.snr"}
    assert columns["spectrum.snr"]["description"] == "median signal to noise"
    understanding = json.dumps(project.json("results/stars/evaluate/understanding.json"))
    assert '"kind": "spectrum"' in understanding
    (noise,) = project.json("results/stars/evaluate/degraders.json")["degraders"]
    assert noise["touches"] == ["spectrum"]
    scores = [row["value"] for row in noise["scores"]["logistic"]]
    assert scores[-1] < scores[0]


def test_a_changed_class_reruns_the_reading(project: ToyProject) -> None:
    assert project.to_do(PAGE) == set()
    path = "config/studies/spectra.py"
    project.edit(path, "strength**2", "strength**3")
    try:
        assert "assemble" in project.to_do(PAGE)
    finally:
        project.edit(path, "strength**3", "strength**2")


def test_check_names_the_faults_of_a_class(
    project: ToyProject, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    study = project.folder / "config/studies/stars.yaml"
    text = study.read_text()
    changes = (
        ("spectra:Spectrum", "spectra:Spektrum", "no function 'Spektrum'"),
        ("inputs: [spectrum]", "inputs: [spektrum]", "light_curve or spectrum; found 'spektrum'"),
        ("    spectrum:", "    target:", "the name 'target' is taken"),
    )
    for i, (old, new, said) in enumerate(changes):
        other = study.with_name(f"other{i}.yaml")
        other.write_text(text.replace(old, new))
        assert main(["check", other.stem]) != 0
        assert said in capsys.readouterr().err
        other.unlink()


def test_the_page_for_users_shows_this_class() -> None:
    page = (REPOSITORY / "docs/user_code.md").read_text()
    shown = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert (TOYS / "spectra.py").read_text() in shown
