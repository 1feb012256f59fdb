"""What the evaluation of 100,000 predictions by six models costs, beside a script of one's own.

Makes predictions, simulated and said so, of three classes and of a number (one of the six models
predicts mixtures), and times what the rules evaluate, calibrate and groups compute: no fits. Beside
them stands what one would write by hand: every metric of the table from scikit-learn or numpy, in
a loop over resamples; it runs a few resamples and is scaled to the thousand that we draw.

    make benchmark NAME=evaluation
    make benchmark NAME=evaluation ARGS="20000 1"    (fewer objects, one run instead of three)

Writes benchmarks/results/evaluation.json.
"""

import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import sklearn.metrics as sk

from boxloop import evaluate as stage
from boxloop.metrics.interval import RESAMPLES

RESULTS = Path(__file__).resolve().parent / "results/evaluation.json"
OBJECTS, MODELS, RUNS = 100_000, 6, 3
CLASSES = ("galaxy", "quasar", "star")
#: Resamples that the script of one's own draws; its time is scaled to RESAMPLES.
DRAWN = 3


def main(size: int = OBJECTS, runs: int = RUNS) -> None:
    """Time both tasks and write the results."""
    content: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "memory_bytes": psutil.virtual_memory().total,
            "platform": platform.platform(terse=True),
        },
        "objects": size,
        "models": MODELS,
        "runs": runs,
        "resamples": RESAMPLES,
    }
    for task, make in (("classification", classes), ("regression", numbers)):
        frame, predictions = make(12 * (size // 10))
        content[task] = measured(task, frame, predictions, runs)
        content[task]["own_script"] = own_script(task, frame, predictions, runs)
        print(task, json.dumps(content[task], indent=1))
    # Of this process, both tasks and the scripts of one's own included.
    content["peak_memory_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    # Well above 1 where others used the machine: the seconds then say little.
    content["load_average_5_minutes"] = round(os.getloadavg()[1], 1)
    RESULTS.write_text(json.dumps(content, indent=1) + "\n")


def classes(n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Truth and predictions of three classes, one of them rare, in two groups of columns."""
    rng = np.random.default_rng(0)
    truth = rng.choice(3, n, p=[0.6, 0.1, 0.3])
    parts = []
    for m in range(MODELS):
        logits = rng.normal(size=(n, 3)) + (1.0 + 0.3 * m) * np.eye(3)[truth]
        probability = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        part = predicted(n, m, np.array(CLASSES)[probability.argmax(axis=1)])
        parts.append(part.assign(**{f"p_{c}": probability[:, i] for i, c in enumerate(CLASSES)}))
    return objects(rng, np.array(CLASSES, dtype=object)[truth]), pd.concat(parts)


def numbers(n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Truth and predictions of redshifts; the last model gives mixtures of three Gaussians."""
    rng = np.random.default_rng(1)
    truth = rng.gamma(3, 0.2, n)
    parts = []
    for m in range(MODELS):
        point = truth + rng.standard_t(3, n) * 0.03 * (MODELS - m)
        part = predicted(n, m, point)
        if m == MODELS - 1:
            for k, weight in enumerate((0.5, 0.3, 0.2)):
                part[f"pdf_weight_{k}"] = weight
                part[f"pdf_mean_{k}"] = point + 0.02 * (k - 1)
                part[f"pdf_sigma_{k}"] = rng.uniform(0.02, 0.06, n)
        parts.append(part)
    return objects(rng, truth), pd.concat(parts)


def predicted(n: int, m: int, prediction: np.ndarray) -> pd.DataFrame:
    """Columns that predictions of all models share; of twelve objects ten are in the test set."""
    sets = np.repeat(["test", "calibration", "train"], [n - 2 * (n // 12), n // 12, n // 12])
    return pd.DataFrame(
        {"model": f"model{m}", "id": np.arange(n), "set": sets, "prediction": prediction}
    )


def objects(rng: np.random.Generator, target: np.ndarray) -> pd.DataFrame:
    """The table of truth with two columns to group by."""
    n = len(target)
    groups = {"group:magnitude": rng.normal(20, 1, n), "group:field": rng.integers(0, 4, n)}
    frame = pd.DataFrame({"id": np.arange(n), "target": target, "unit": np.arange(n), **groups})
    sigma = rng.uniform(0.01, 0.05, n)
    return frame if target.dtype == object else frame.assign(error_low=sigma, error_high=sigma)


def measured(task: str, frame: pd.DataFrame, predictions: pd.DataFrame, runs: int) -> dict:
    """Time what the rules compute: the median of some runs, in seconds, by rule."""
    truth = stage.Truth(frame, CLASSES if task == "classification" else ())
    sets = parts(predictions)
    metric = "f1_macro" if task == "classification" else "nmad"
    rules = {"task": task, "provenance": "simulated", "study": "benchmark", "metric": metric}

    def evaluated() -> dict[str, Any]:
        found = stage.evaluate(
            sets["final"],
            sets["cv"],
            truth,
            **rules,
            status="final",
            margin=0.005,
            selected="model5",
            published=[],
            seed=0,
            fold_scores={f"model{m}": list(0.1 * m + np.arange(5) / 50) for m in range(MODELS)},
        )
        stage.make_details(found, [], seed=0)
        return found.metrics

    began = time.process_time()
    seconds, metrics = timed(evaluated, runs)
    found = {"evaluate": seconds}
    for name, function in others(truth, sets, metrics).items():
        found[name], _ = timed(function, runs)
    core = (time.process_time() - began) / runs
    # All three, as if one core did everything: says more than the seconds where others compute too.
    return {
        "seconds": found,
        "sum": round(sum(found.values()), 1),
        "core_seconds": round(core, 1),
    }


def parts(predictions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What the stage reads: the test set, and small training and calibration sets."""
    training = predictions[predictions["set"] == "train"].drop(columns="set")
    return {
        "final": predictions.reset_index(drop=True),
        "cv": training.assign(fold=training["id"] % 5).reset_index(drop=True),
    }


def others(truth: Any, sets: dict[str, pd.DataFrame], metrics: dict) -> dict[str, Callable]:
    """What calibrate and groups compute, as their scripts call it."""
    from boxloop.analyses.calibration.compute import compute as calibration
    from boxloop.analyses.evaluated import Evaluated
    from boxloop.analyses.groups.compute import compute as groups

    evaluated = Evaluated(
        metrics=metrics,
        truth=truth,
        cross_validated=sets["cv"],
        predictions=sets["final"],
        chosen={"models": {}},
    )
    columns = ["magnitude", "field", ["magnitude", "field"]]
    rules = {"recalibrate": "isotonic", "conformal": 0.9, "seed": 0}
    grouped = {"groups": columns, "protected": [], "margin": 0.005, "seed": 0}
    return {
        "calibrate": partial(calibration, evaluated, **rules),
        "groups": partial(groups, evaluated, **grouped),
    }


def timed(function: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Return the median wall time of some runs, and what the last returned."""
    times, found = [], None
    for _ in range(runs):
        began = time.perf_counter()
        found = function()
        times.append(time.perf_counter() - began)
    return round(statistics.median(times), 2), found


def own_script(task: str, frame: pd.DataFrame, predictions: pd.DataFrame, runs: int) -> dict:
    """Time the table of metrics with percentile intervals, as one would write it."""
    shown = predictions[predictions["set"] == "test"]
    truth = frame["target"].to_numpy()[shown["id"].unique()]
    models = [part for _, part in shown.groupby("model", sort=False)]
    if task == "classification":
        code = {name: i for i, name in enumerate(CLASSES)}
        truth = np.array([code[t] for t in truth])
        columns = [part[[f"p_{c}" for c in CLASSES]].to_numpy() for part in models]
        table = by_hand_of_classes
    else:
        columns = [part["prediction"].to_numpy() for part in models]
        table = by_hand_of_numbers

    def resampled() -> None:
        rng = np.random.default_rng(0)
        for _ in range(DRAWN):
            rows = rng.integers(0, len(truth), len(truth))
            for predicted in columns:
                table(truth[rows], predicted[rows])

    seconds, _ = timed(resampled, runs)
    scaled = seconds * RESAMPLES / DRAWN
    return {"seconds_scaled": round(scaled), "resamples_run": DRAWN, "seconds_run": seconds}


def by_hand_of_classes(truth: np.ndarray, probability: np.ndarray) -> list[float]:
    """Our metrics of a classification but specificity and calibration error, which it lacks."""
    named = probability.argmax(axis=1)
    return [
        sk.accuracy_score(truth, named),
        sk.balanced_accuracy_score(truth, named),
        sk.f1_score(truth, named, average="macro"),
        sk.precision_score(truth, named, average="macro"),
        sk.recall_score(truth, named, average="macro"),
        sk.matthews_corrcoef(truth, named),
        sk.roc_auc_score(truth, probability, multi_class="ovr"),
        sk.average_precision_score(np.eye(3)[truth], probability),
        sk.log_loss(truth, probability),
        sk.brier_score_loss(truth, probability),
    ]


def by_hand_of_numbers(truth: np.ndarray, point: np.ndarray) -> list[float]:
    """Our metrics of points; distributions are left out."""
    residual, scaled = point - truth, (point - truth) / (1 + truth)
    return [
        sk.mean_squared_error(truth, point),
        sk.root_mean_squared_error(truth, point),
        sk.mean_absolute_error(truth, point),
        float(np.median(residual**2)),
        float(np.median(np.abs(residual - np.median(residual)))),
        sk.r2_score(truth, point),
        1.4826 * float(np.median(np.abs(scaled - np.median(scaled)))),
        float(scaled.mean()),
        float(np.mean(np.abs(scaled) > 0.15)),
    ]


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
