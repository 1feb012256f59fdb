"""The estimate of boxloop check: rows from the beginnings of files, time from constants."""

import gzip
import json
import re
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table
from repository import REPOSITORY as ROOT

from boxloop.cli.check import check_study
from boxloop.cli.costs import (
    COSTS,
    JOB_BYTES,
    JOB_SECONDS,
    MEMORY_FACTOR,
    Size,
    fit_seconds,
    is_network,
    units,
)
from boxloop.cli.rows import rows_of
from boxloop.study.known_models import GIVEN, MODELS

MEASURED = ROOT / "benchmarks/results/fit_costs.json"


def frame(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({c: rng.normal(20, 1, rows).round(5) for c in ("g_mag", "r_mag", "kind")})


@pytest.mark.parametrize("ending", ["parquet", "fits", "fits.gz"])
def test_rows_of_tables_with_a_header_are_exact(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    if ending == "parquet":
        frame(1234).to_parquet(path)
    else:
        Table.from_pandas(frame(1234)).write(path)
    assert rows_of(path) == 1234


@pytest.mark.parametrize("rows", [0, 1, 50, 40_000])
@pytest.mark.parametrize("ending", ["csv", "csv.gz", "vot"])
def test_rows_of_texts_are_estimated_within_a_tenth(tmp_path, rows, ending):
    path = tmp_path / f"a.{ending}"
    if ending == "vot":
        Table.from_pandas(frame(rows)).write(path, format="votable")
    else:
        frame(rows).to_csv(path, index=False)
    found = rows_of(path)
    if ending == "vot" and rows == 0:
        assert found is None
        return
    assert found == pytest.approx(rows, rel=0.1, abs=0.5 if rows < 1000 else 0)


def test_a_file_that_is_no_table_has_no_rows_and_no_error(tmp_path):
    path = tmp_path / "a.bin"
    for content in (b"", b"\0" * 9000, b"PAR1broken", b"\x1f\x8bbroken", b"SIMPLE  = T"):
        path.write_bytes(content)
        assert not rows_of(path)
    assert rows_of(tmp_path / "none") is None


def test_rows_of_ones_own_file_stand_in_the_answer(said, tmp_path):
    frame(40_000).to_csv(tmp_path / "own.csv", index=False)
    digest = sha256((tmp_path / "own.csv").read_bytes()).hexdigest()
    text = said(f"{{path: own.csv, sha256: '{digest}', provenance: real}}")
    assert "Labelled rows: about 40,000. Peak memory: about" in text
    assert "Time on 2 cores: about" in text


def test_rows_of_a_source_that_is_not_fetched_follow_from_its_size(said):
    assert "about 30,000." in said("{source: stars, provenance: real}")


def test_rows_of_a_fetched_source_follow_from_its_files(said, tmp_path):
    folder = tmp_path / "data/raw/stars"
    folder.mkdir(parents=True)
    frame(500).to_csv(folder / "a.csv", index=False)
    assert "about 500." in said("{source: stars, provenance: real}")


def test_rows_of_a_mirror_are_seen_before_anything_is_fetched(said, tmp_path, monkeypatch):
    (tmp_path / "mirror/stars").mkdir(parents=True)
    frame(700).to_csv(tmp_path / "mirror/stars/a.csv", index=False)
    monkeypatch.setenv("BOXLOOP_MIRROR", str(tmp_path / "mirror"))
    assert "about 700." in said("{source: stars, provenance: real}")


def test_cuts_are_mentioned(said):
    text = said("{source: stars, provenance: real, where: {g_mag: {low: 3}}}")
    assert "about 30,000, before cuts." in text


def test_the_estimate_is_two_lines(said):
    text = said("{source: stars, provenance: real}")
    assert len(text.splitlines()) == 3  # one of the summary, two of the estimate


def test_ones_own_models_are_named_as_not_counted(tmp_path, said):
    (tmp_path / "config/studies/mine.py").write_text("def net(input_shape, output_shape): ...\n")
    own = '  - {name: own, function: "mine:net"}\n'
    text = said(
        "{source: stars, provenance: real}",
        ("models:\n", "models:\n" + own), ("samples:", "code: [mine.py]\nsamples:"),
    )  # fmt: skip
    assert "without own, whose cost only you know" in text


def test_the_table_of_costs_has_exactly_the_registered_models():
    assert set(COSTS) == set(MODELS) - {GIVEN}  # which is read and not fitted
    assert {k for k in COSTS if is_network(k)} == {k for k, m in MODELS.items() if m.network}


def test_the_table_of_costs_is_what_was_measured():
    measured = json.loads(MEASURED.read_text())
    for kind, cost in COSTS.items():
        found = measured["models"][kind]
        assert (cost.start, cost.unit, cost.step) == (
            found["start"],
            found["unit"],
            found.get("step", 0.0),
        ), kind
    assert measured["memory_factor"] == MEMORY_FACTOR
    assert measured["memory_base_bytes"] == JOB_BYTES["estimator"]
    assert {k: measured[f"job_{k}_seconds"] for k in JOB_SECONDS} == JOB_SECONDS


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_a_fit_to_more_rows_never_costs_less(kind):
    shape = {"image": (16, 16, 1), "light_curve": (30, 4)}.get(MODELS[kind].sees, ())
    sizes = [Size(n, 10, 1, shape) for n in (100, 1000, 10_000, 100_000)]
    costs = [fit_seconds(kind, MODELS[kind].defaults, size) for size in sizes]
    assert costs == sorted(costs) and costs[0] > 0


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("boosting", {"max_iter": 50}, 1000 * 4 * 50),
        ("linear", {"alpha": 0.0}, 1000 * 4),
        ("svm", {}, 1000 * 4 * 1000),
        ("dense", {"units": [8, 3], "epochs": 2}, 1000 * 2 * (4 * 8 + 8 * 3 + 3 * 1)),
        (
            "autoencoder",
            {"units": [8], "latent_dim": 2, "epochs": 2},
            1000 * 2 * (4 * 8 + 8 * 2 + 2 * 1 + 2 * 8 + 8 * 4),
        ),
        ("tree", {"max_depth": 3}, 1000 * 4 * 3),
        ("forest", {"max_depth": 3, "n_estimators": 7, "max_features": 2}, 1000 * 2 * 3 * 7),
    ],
)
def test_the_work_of_a_fit_grows_as_its_algorithm_says(kind, values, expected):
    assert units(kind, values, Size(1000, 4)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("kind", "values", "shape", "expected"),
    [
        (
            "cnn",
            {"filters": [2, 3], "kernel_size": 3, "units": [5]},
            (7, 4, 2),
            7 * 4 * 9 * 2 * 2 + 4 * 2 * 9 * 2 * 3 + 3 * 5 + 5 * 1,
        ),
        (
            "cnn1d",
            {"filters": [2, 3], "kernel_size": 5, "units": [5]},
            (9, 3),
            9 * 5 * 3 * 2 + 5 * 5 * 2 * 3 + 2 * 3 * 5 + 5 * 1,
        ),
        ("gru", {"units": [4, 2]}, (9, 3), 9 * 3 * ((3 + 4) * 4 + (4 + 2) * 2) + 2 * 1),
    ],
)
def test_the_work_of_a_network_for_arrays_is_that_of_its_layers(kind, values, shape, expected):
    size = Size(1000, 1, 1, shape)
    assert units(kind, {**values, "epochs": 2}, size) == 1000 * 2 * expected


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ("image: {path: 'a.png', shape: [32, 32, 1]}", "cnn"),
        ("light_curve: {time: t, value: v, error: e}", "cnn1d"),
        ("light_curve: {time: t, value: v, error: e}", "gru"),
    ],
)
def test_networks_for_images_and_light_curves_take_longer_than_one_for_the_table(
    said, columns, kind
):
    def of(name: str) -> str:
        return said(
            "{source: stars, provenance: real}",
            ("{name: forest, space: {min_samples_leaf: [1, 5]}}", f"{{name: {name}}}"),
            ("  target: kind", f"  target: kind\n  {columns}"),
        )

    assert longest(of(kind)) > longest(of("dense"))


def longest(text: str) -> float:
    """The longer of the two times said, in seconds."""
    number, unit = re.findall(r" to ([\d,]+) (s|min|h)\b", text)[-1]
    return float(number.replace(",", "")) * {"s": 1, "min": 60, "h": 3600}[unit]


def test_a_demo_that_was_timed_lies_within_the_range():
    """`make run` of the demo, on two cores: benchmarks/overhead.py."""
    timed = json.loads((ROOT / "benchmarks/results/overhead.json").read_text())
    seconds = timed["rows"]["demo"]["seconds"]
    text = check_study(ROOT / "config/studies/photoz_demo.yaml", timed["machine"]["cores"])
    assert shortest(text) <= seconds <= longest(text)


def shortest(text: str) -> float:
    """The shorter of the two times said, in seconds."""
    number, unit = re.findall(r"cores?: about ([\d,]+) (s|min|h)\b", text)[-1]
    return float(number.replace(",", "")) * {"s": 1, "min": 60, "h": 3600}[unit]


def test_more_cores_never_take_longer(said):
    sample = "{source: stars, provenance: real}"
    assert longest(said(sample, cores=16)) <= longest(said(sample, cores=2))


def test_a_budget_of_minutes_bounds_the_time_of_a_search(said):
    sample = "{source: stars, provenance: real}"
    many = ("[1, 5]", "[" + ", ".join(str(k) for k in range(1, 300)) + "]")
    space = ("metric: accuracy", "metric: accuracy\nbudget: {trials: 300}")
    bounded = ("metric: accuracy", "metric: accuracy\nbudget: {trials: 300, minutes: 0.1}")
    assert longest(said(sample, many, bounded)) < longest(said(sample, many, space)) / 2


def test_a_gzipped_text_of_repeated_lines_is_not_taken_for_a_small_one(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000))
    assert rows_of(path) == pytest.approx(1_000_000, rel=0.5)
