"""What benchmarks/recompute.py finds: nothing in results that are right, and each planted error."""

import io
import json
import shutil
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from calibration_fixture import classes_study, numbers_study
from computed import computed
from scipy import integrate, stats

from boxloop import store
from boxloop.analyses.calibration.compute import compute as calibrate
from boxloop.analyses.groups.compute import compute as group
from boxloop.analyses.scores.compute import Truth, evaluate, judged_by_model
from boxloop.analyses.scores.details import make_details
from boxloop.metrics import value
from boxloop.metrics.folds import one_standard_error
from boxloop.numbers.latex import number_in_latex
from boxloop.numbers.rounding import decimals, written

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))

import recompute
import recompute_statistics as own

SIZES = {"cv": 75, "calibration": 20, "test": 60}
METRIC = {"classification": "log_loss", "regression": "mae"}


@pytest.fixture(scope="module", params=["classification", "regression"])
def made(request, tmp_path_factory):
    """A folder of results of two models, one of them better, as boxloop computes them."""
    folder = tmp_path_factory.mktemp(request.param) / "results/tiny"
    task, metric = request.param, METRIC[request.param]
    if task == "classification":
        about = classes_study(3, sizes=SIZES, powers={"good": 1.0, "sure": 3.0})
    else:
        about = numbers_study(3, sizes=SIZES, widths={"good": 1.0, "plain": 0.0})
        for rows in (about["predictions"], about["cross_validated"]):
            rows.loc[rows["model"] == "plain", "prediction"] += 0.5
    cross = about["cross_validated"]
    cross = about["cross_validated"] = cross.assign(fold=np.arange(len(cross)) % 3)
    again = cross.drop(columns="fold").assign(set="train")
    about["predictions"] = pd.concat([about["predictions"], again], ignore_index=True)
    models, classes = list(about["metrics"]["models"]), tuple(about["metrics"]["classes"])
    truth = Truth(about["truth"], classes)
    folds = {m: [] for m in models}
    for _, rows in cross.groupby("fold"):
        for model, judged in judged_by_model(rows, models, truth)[1].items():
            folds[model].append(value(metric, judged))
    rules = {"study": "tiny", "task": task, "provenance": "simulated", "status": "final"}
    rules |= {"metric": metric, "margin": 0.001, "selected": "good", "seed": 0, "published": []}
    rules |= {"candidates": models, "fold_scores": folds}
    found = evaluate(about["predictions"], cross, truth, **rules)
    about["metrics"] = found.metrics
    seeds = {"margin": 0.001, "groups": ["brightness"], "protected": [], "seed": 0}
    calibrated = {"recalibrate": "none", "conformal": 0.9, "seed": 0}
    chosen = {
        "models": {
            m: {"scores": s, "mean": np.mean(s), "std": np.std(s, ddof=1)} for m, s in folds.items()
        },
        "one_standard_error": one_standard_error(folds, larger=False),
    }
    score = found.metrics["models"]["good"]["cv"][metric]["value"]
    contents = {
        "evaluate/metrics.json": found.metrics,
        "evaluate/details.json": make_details(found, [], seed=0),
        "evaluate/groups.json": computed(group, **about, **seeds),
        "evaluate/calibration.json": computed(calibrate, **about, selection=chosen, **calibrated),
        "evaluate/shift.json": {"prevalence": {}, "two_sample": None},
        "evaluate/audit.json": {"chance": {"score": score}, "seeds": None, "openings": 0},
        "evaluate/understanding.json": {
            "worst": {"ranked_by": "chance", "objects": []},
            "plausible": {"rules": []},
        },
        "search/selected.json": chosen,
        "report/macros.json": macros_of(found.metrics, metric),
    }
    for name, content in contents.items():
        store.write_json(content, folder / name)
    store.write_frame(about["predictions"], folder / "evaluate/predictions.parquet")
    store.write_frame(cross, folder / "search/predictions.parquet")
    store.write_frame(about["truth"], folder / "evaluate/truth.parquet")
    return folder


def macros_of(metrics, metric):
    """Macros of a score, as report/macros.json has them."""
    score, found = metrics["models"]["good"]["test"][metric], {}
    for part in ("value", "low", "high"):
        text = number_in_latex(written(score[part], decimals(score["low"], score["high"])))
        key = f"models.good.test.{metric}.{part}"
        about = {"text": text, "value": score[part], "file": "results/tiny/evaluate/metrics.json"}
        found[f"\\box{part}"] = {**about, "key": key}
    return found


def run(folder):
    """Return the exit status and what was printed; few resamples widen the ranges accordingly."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
        patch.setattr(own, "OURS", 100)
        patch.setattr(own, "JACKKNIVES", 1)  # of no more units than blocks all are the same
        with pytest.raises(SystemExit) as end:
            recompute.main([str(folder)])
    return end.value.code, said.getvalue()


@pytest.fixture(scope="module")
def planted(made, tmp_path_factory):
    """Plant five errors in a copy; return the exit status, what is printed, and where they are."""
    folder = shutil.copytree(made, tmp_path_factory.mktemp("planted") / "tiny")
    metrics = json.loads((folder / "evaluate/metrics.json").read_text())
    pair = metrics["pairs"][0]
    conformal = json.loads((folder / "evaluate/calibration.json").read_text())["conformal"]["good"]
    method = next(m for m, of in conformal.items() if not of["reason"])
    score = ("models", metrics["candidates"][1], "calibration", metrics["metric"], "value")
    errors = {
        "metric": ("evaluate/metrics.json", score, lambda x: 1.01 * x),
        "wilson": (
            "evaluate/calibration.json",
            ("conformal", "good", method, "coverage", "low"),
            lambda x: x - 0.05,
        ),
        "limit": ("evaluate/metrics.json", ("pairs", 0, "low"), lambda x: 3 * x - 2 * pair["high"]),
        "text": ("report/macros.json", ("\\boxvalue", "text"), lambda _: "0.123"),
        "value": ("report/macros.json", ("\\boxlow", "value"), lambda x: x + 1e-4),
    }
    places = {}
    for error, (name, keys, by) in errors.items():
        change(folder / name, keys, by)
        inside = keys[:1] if error in ("text", "value") else keys
        places[error] = ".".join(map(str, (Path(name).stem, *inside))) + ": "
    return *run(folder), places


def change(path, keys, by):
    """Change the value at a place of a JSON file."""
    content = place = json.loads(path.read_text())
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = by(place[keys[-1]])
    path.write_text(json.dumps(content))


def test_where_all_is_right_nothing_disagrees(made):
    code, said = run(made)
    assert code == 0, said
    assert said.count(" 0 disagree") == said.count("disagree") > 15
    assert "no reason known" not in said


@pytest.mark.parametrize("error", ["metric", "wilson", "limit", "text", "value"])
def test_a_planted_error_is_named_by_its_place(planted, error):
    code, said, places = planted
    assert code == 1
    assert places[error] in said


def test_nothing_but_what_was_planted_is_named(planted):
    _, said, places = planted
    named = [line for line in said.splitlines() if line.startswith("    ")]
    # A verdict follows from its limit, and a macro stands for one of the values.
    others = [line for line in named if not any(place in line for place in places.values())]
    assert all("verdict" in line for line in others)


@pytest.mark.parametrize(
    ("text", "value", "right"),
    [
        ("0.0186", 0.018587, True),
        ("0.0185", 0.018587, False),
        ("6,153", 6153, True),
        ("6,152", 6153, False),
        ("\\ensuremath{-}4.74\\ensuremath{\\times10^{-5}}", -4.7408e-05, True),
        ("4.74\\ensuremath{\\times10^{-5}}", -4.7408e-05, False),
        ("\\ensuremath{<}0.001", 0.0002, True),
        ("\\ensuremath{<}0.001", 0.002, False),
        ("67.9", 0.6787, True),
        ("10.2 min", 612.16, True),
        ("10.2 s", 612.16, False),
        ("sdss\\_\\allowbreak{}boss", "sdss_boss", True),
        ("none", [], True),
        ("64, 64", [64, 64], True),
        ("64, 128", [64, 64], False),
    ],
)
def test_a_text_is_the_rounding_of_a_value(text, value, right):
    assert (recompute.rounded(text, value) == recompute.plain(text)) is right


def test_the_interval_is_that_of_scipy(monkeypatch):
    monkeypatch.setattr(own, "OURS", 2000)
    x = np.random.default_rng(0).exponential(size=80)
    mine = own.bca(own.resample(np.arange(80), {"": lambda rows: {"": x[rows].mean()}})["", ""])
    theirs = stats.bootstrap((x,), np.mean, n_resamples=20_000, rng=1).confidence_interval
    for (_, band), limit in zip(mine, theirs, strict=True):
        assert band[0] < limit < band[1]
        assert band[1] - band[0] < theirs.high - theirs.low


def test_the_score_of_a_distribution_is_the_integral_that_defines_it():
    mixture = own.Mixture(*(np.array([row]) for row in ([0.3, 0.7], [0.0, 2.0], [0.5, 1.0])))
    for truth in (-1.0, 0.4, 3.0):

        def squared(x, truth=truth):
            return (mixture.below(np.array([x]))[0] - (x >= truth)) ** 2

        parts = [integrate.quad(squared, *ends)[0] for ends in ((-15, truth), (truth, 15))]
        assert mixture.crps(np.array([truth]))[0] == pytest.approx(sum(parts), abs=1e-7)
