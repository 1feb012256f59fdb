"""Leaks that were planted are found, and honest columns are left in peace."""

import gzip
import io
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from boxloop.analyses.exploration.leaks import leak_audit

MIRROR = os.environ.get("BOXLOOP_MIRROR")
real = pytest.mark.skipif(not MIRROR, reason="BOXLOOP_MIRROR is not set")
N = 1500


def noise(columns=5, n=N, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({f"x{i}": rng.normal(size=n) for i in range(columns)})


def numbers(n=N, seed=1):
    rng = np.random.default_rng(seed)
    features = noise(n=n)
    return features, np.exp(0.3 * features["x0"].to_numpy() + 0.3 * rng.normal(size=n))


def labels(n=N, seed=2):
    return np.random.default_rng(seed).choice(["GALAXY", "QSO", "STAR"], n)


def sure(features, target, task, **options):
    found = leak_audit(features, target, task=task, seed=3, **options)
    return {f.columns for f in found if f.severity == "high"}


def test_images_or_light_curves_alone_have_no_column_to_leak():
    assert leak_audit(pd.DataFrame(index=range(N)), labels(), task="classification", seed=3) == []


def test_a_copy_with_one_per_cent_noise_is_a_leak():
    features, y = numbers()
    features["copy"] = y + 0.01 * y.std() * np.random.default_rng(4).normal(size=N)
    assert sure(features, y, "regression") == {("copy",)}


def test_a_monotone_transform_is_a_leak():
    features, y = numbers()
    features["turned"] = -np.arctan(3 * y)
    assert sure(features, y, "regression") == {("turned",)}


def test_a_copy_with_gaps_is_a_leak():
    features, y = numbers()
    features["copy"] = np.where(np.random.default_rng(5).random(N) < 0.4, np.nan, y)
    assert sure(features, y, "regression") == {("copy",)}


def test_mass_from_gravity_and_radius_is_a_leak_of_the_pair_alone():
    rng = np.random.default_rng(6)
    features, mass = numbers()
    radius = np.exp(rng.normal(size=N))
    features["radius"] = radius
    features["logg"] = np.log10(mass / radius**2) + 4.44
    assert sure(features, mass, "regression") == {("radius", "logg")}


def test_a_difference_of_two_columns_is_a_leak_of_the_pair():
    features = noise()
    assert sure(features, features["x1"] - features["x3"], "regression") == {("x1", "x3")}


def test_a_code_of_the_class_is_a_leak():
    y = labels()
    assert sure(noise().assign(code=pd.factorize(y)[0]), y, "classification") == {("code",)}


def test_a_serial_number_in_the_order_of_the_classes_is_a_leak():
    y = labels()
    serial = np.argsort(np.argsort(y, kind="stable"))
    assert sure(noise().assign(serial=serial), y, "classification") == {("serial",)}


def test_gaps_in_one_class_only_are_a_leak():
    y = np.where(labels() == "STAR", "STAR", "OTHER")
    gaps = np.where(y == "STAR", np.nan, noise(seed=9)["x0"])
    assert sure(noise().assign(gaps=gaps), y, "classification") == {("gaps",)}


def test_one_easy_class_of_three_is_to_be_checked_and_not_certain():
    y = labels()
    easy = noise(seed=8)["x0"] + 10 * (y == "STAR")
    found = leak_audit(noise().assign(easy=easy), y, task="classification", seed=0)
    assert [(f.severity, f.column) for f in found] == [("medium", "easy")]


def test_columns_that_are_good_and_not_perfect_are_honest():
    features, y = numbers()
    for i in range(3):
        features[f"good{i}"] = y * (1 + 0.15 * np.random.default_rng(100 + i).normal(size=N))
    assert leak_audit(features, y, task="regression", seed=0) == []


def test_a_relative_is_no_honest_competitor():
    features, y = numbers()
    features["copy"] = y
    features["from_copy"] = y + 0.15 * y.std() * np.random.default_rng(4).normal(size=N)
    lineage = {"from_copy": ["copy"]}
    found = leak_audit(features, y, task="regression", seed=0, lineage=lineage)
    assert found[0].evidence["others"] < 0.6


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_sixty_columns_of_noise_hold_no_leak(task):
    y = noise(seed=11)["x0"].to_numpy() if task == "regression" else labels()
    assert leak_audit(noise(60), y, task=task, seed=0) == []


@pytest.mark.parametrize("seed", range(20))
def test_clean_data_never_raise_an_alarm(seed):
    rng = np.random.default_rng(100 + seed)
    features = noise(6, 400, seed)
    y = 2 * features["x0"] - features["x1"] + rng.normal(size=400)
    assert leak_audit(features, y, task="regression", seed=seed) == []
    classes = np.where(y > 0, "yes", "no")
    assert leak_audit(features, classes, task="classification", seed=seed) == []


def test_units_that_are_learnt_are_never_scored():
    rng = np.random.default_rng(12)
    star = np.repeat(np.arange(150), 10)
    y = rng.normal(size=150)[star]
    features = noise(n=1500).assign(brightness=rng.normal(size=150)[star])
    assert leak_audit(features, y, task="regression", seed=0, groups=star) == []


def test_stars_listed_several_times_are_not_learnt_by_heart():
    rng = np.random.default_rng(13)
    star = np.repeat(np.arange(150), 10)
    features = noise(4, 150).iloc[star].reset_index(drop=True)
    assert leak_audit(features, rng.normal(size=150)[star], task="regression", seed=0) == []


@pytest.mark.parametrize("rows", [0, 1, 20])
def test_too_few_rows_say_nothing(rows):
    features, y = numbers()
    features = features.assign(copy=y)
    assert leak_audit(features.iloc[:rows], y[:rows], task="regression", seed=0) == []


def test_evidence_has_scores_and_rows():
    features, y = numbers()
    (found,) = leak_audit(features.assign(copy=y), y, task="regression", seed=0)
    assert found.kind == "leak"
    assert found.evidence["score"] > 0.99 > 0.7 > found.evidence["others"]
    assert found.evidence["rows"] == N


@real
def test_the_redshift_of_sdss_gives_the_class_away_and_magnitudes_do_not():
    (path,) = (Path(str(MIRROR)) / "sdss_star_galaxy_qso").glob("*.csv")
    table = pd.read_csv(path)
    features, y = table.drop(columns="class"), table["class"].to_numpy(dtype=str)
    assert sure(features, y, "classification") == {("redshift",)}
    magnitudes = table[list("ugriz")]
    assert leak_audit(magnitudes, y, task="classification", seed=0) == []


@real
def test_gravity_and_radius_give_the_mass_of_kepler_stars_away_beside_all_errors():
    packed = Path(str(MIRROR)) / "kepler_host_stars/table5.dat.gz"
    ends = [11, 16, 21, 28, 35, 42, 48, 53, 58, 63, 68, 73, 79, 84, 89]
    names = [
        "M",
        "EM",
        "eM",
        "R",
        "ER",
        "eR",
        "T",
        "ET",
        "eT",
        "logg",
        "Elogg",
        "elogg",
        "FeH",
        "EFeH",
        "eFeH",
    ]
    spans = list(zip([7, *(e for e in ends[:-1])], ends, strict=True))
    spans[0] = (7, 11)
    text = gzip.decompress(packed.read_bytes()).decode()
    table = pd.read_fwf(io.StringIO(text), colspecs=spans, names=names)
    table = table.apply(pd.to_numeric, errors="coerce")
    found = sure(table.drop(columns=["M"]), table["M"].to_numpy(), "regression")
    assert found == {("R", "logg")}


@real
def test_the_attributes_of_linear_variables_are_honest():
    path = Path(str(MIRROR)) / "linear_variables/LINEARattributesFinalApr2013.dat.gz"
    names = [
        "ra",
        "dec",
        "ug",
        "gi",
        "iK",
        "JK",
        "logP",
        "Ampl",
        "skew",
        "kurt",
        "magMed",
        "nObs",
        "LCtype",
        "objID",
    ]
    text = gzip.decompress(path.read_bytes()).decode("latin-1")
    table = pd.read_csv(io.StringIO(text), sep=r"\s+", comment="#", names=names)
    table = table.apply(pd.to_numeric, errors="coerce").dropna()
    kind = table["LCtype"].astype(int).astype(str).to_numpy()
    features = table[["ug", "gi", "iK", "JK", "logP", "Ampl", "skew", "kurt", "magMed", "nObs"]]
    assert sure(features, kind, "classification") == set()


@real
def test_the_photometry_of_boss_is_honest():
    path = Path(str(MIRROR)) / "sdss_boss_photoz/boss_dr10_0.csv"
    table = pd.read_csv(path, sep=";").apply(pd.to_numeric, errors="coerce")
    features, y = table.iloc[:, :10], table.iloc[:, 10].to_numpy()
    colours = {f"c{i}": features.iloc[:, i] - features.iloc[:, i + 2] for i in (0, 2, 4, 6)}
    assert leak_audit(features.assign(**colours), y, task="regression", seed=0) == []
