"""Data, exploration and search of the made-up studies of `report_fixture`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from report_fixture_comparisons import ONE_STANDARD_ERROR

from boxloop.fitting.trees import nodes_of
from boxloop.metrics import metrics_for
from boxloop.store import Column, Table, write_frame, write_json

FEATURES = ("u_mag", "g_mag", "r_mag")
MODELS = ("dummy", "linear", "forest", "dense2")
CLASSES = ("GALAXY", "QSO", "STAR")
QUANTILES = ("q01", "q05", "q25", "median", "q75", "q95", "q99")


def table_of(rng: np.random.Generator, task: str, provenance: str) -> Table:
    n = 900
    z = rng.gamma(3.0, 0.12, n)
    frame = pd.DataFrame({"id": [f"obj{i}" for i in range(n)]})
    columns = {"id": Column("id")}
    for k, name in enumerate(FEATURES):
        frame[name] = 18 + 3 * z - 0.4 * k + rng.normal(0, 0.3, n)
        state = np.zeros(n, np.int8)
        state[rng.random(n) < (0.2, 0.02, 0)[k]] = 2
        frame.loc[state == 2, name] = np.nan
        frame[f"{name}__state"] = state
        columns[name] = Column("feature", "mag", f"magnitude in {name[0]}, 100 % & more_of_it")
        columns[f"{name}__state"] = Column("state")
    frame["u_g"] = frame["u_mag"] - frame["g_mag"]
    columns["u_g"] = Column("derived", "mag", "colour")
    if task == "regression":
        frame["redshift"] = z
        columns["redshift"] = Column("target", "", "spectroscopic redshift")
    else:
        frame["class"] = np.array(CLASSES, dtype=object)[np.digitize(z, [0.25, 0.45])]
        columns["class"] = Column("target", "", "class of the spectrum")
    target = columns["redshift" if task == "regression" else "class"]
    frame.loc[frame.index >= 700, list(columns)[list(columns.values()).index(target)]] = None
    return Table(frame, columns, provenance)


def histogram(values: Any) -> dict[str, Any]:
    values = np.asarray(values, dtype=float)
    counts, edges = np.histogram(values[np.isfinite(values)], 30)
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def described(table: Table, frame: pd.DataFrame) -> dict[str, Any]:
    found = {}
    for name in table.of_role("feature", "derived"):
        v = frame[name].to_numpy(dtype=float)
        state = frame.get(f"{name}__state", pd.Series(np.isnan(v) * 2)).to_numpy()
        q = np.nanquantile(v, [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
        found[name] = {
            "role": table.columns[name].role,
            "unit": table.columns[name].unit,
            "n": len(v),
            "measured": int((state == 0).sum()),
            "not_observed": 0,
            "not_detected": int((state == 2).sum()),
            "masked": 0,
            "n_finite": int(np.isfinite(v).sum()),
            "mean": float(np.nanmean(v)),
            "std": float(np.nanstd(v)),
            "min": float(np.nanmin(v)),
            "max": float(np.nanmax(v)),
            **dict(zip(QUANTILES, q.tolist(), strict=True)),
            "histogram": histogram(v),
            "n_unique": len(np.unique(v)),
        }
    return found


def write_data(folder: Path, table: Table, task: str, provenance: str) -> None:
    name = table.named("target")
    target = {"name": name, "unit": "", "description": table.columns[str(name)].description}
    known = table.frame[name].dropna()
    sample = {
        "provenance": provenance,
        "origin": "source sdss_boss_photoz",
        "files": [{"path": "boss_dr10_0.csv", "bytes": 624455, "sha256": "f7a7cf29e46046e9"}],
        "rows": 900,
        "survey": "SDSS-III BOSS DR10",
        "licence": "SDSS public data",
        "cite": ["ahn2014", "sadeh2016"],
    }
    classes = {c: int(n) for c, n in known.value_counts().sort_index().items()}
    summary = {
        "study": "made_up",
        "task": task,
        "provenance": provenance,
        "target": target,
        "rows_read": 1050,
        "duplicates_dropped": 148,
        "rows": 900,
        "units": 890,
        "test_rows": 200,
        "target_rows_missing": 2,
        "samples": {"train": sample},
        "columns": [
            {"name": n, "role": c.role, "unit": c.unit, "description": c.description}
            for n, c in table.columns.items()
        ],
        "data_hash": "0123456789abcdef",
    }
    write_json(
        summary | ({"classes": classes} if task == "classification" else {}),
        folder / "data/summary.json",
    )
    frame, train = table.frame, table.frame.iloc[:600]
    names = table.of_role("feature", "derived")
    spearman = frame[names].corr(method="spearman").to_numpy()
    fainter = frame.assign(**{n: frame[n] + 0.7 for n in FEATURES})
    findings = [
        {
            "severity": "high",
            "kind": "shift",
            "column": "r_mag",
            "message": "r_mag differs between labelled and target objects: distance 0.41 > 30%",
            "evidence": {"distance": 0.41},
        },
        {
            "severity": "low",
            "kind": "duplicates",
            "column": None,
            "message": "148 of 1050 rows repeated another & were dropped",
            "evidence": {},
        },
    ]
    common = {"correlation": {"columns": names, "spearman": spearman}, "findings": findings}
    everything = {
        "rows": 900,
        "columns": described(table, frame),
        **common,
        "samples": {"train": 900},
        "target_sample": {"rows": 500, "columns": described(table, fainter)},
    }
    write_json(everything, folder / "explore/all.json")
    shown = {"histogram": histogram(known)} if task == "regression" else {"classes": classes}
    training = {
        "rows": 600,
        "columns": described(table, train),
        **common,
        "target": {"name": name, "unit": "", **shown},
        "with_target": dict(zip(names, (0.9, 0.85, 0.8, -0.1), strict=True)),
    }
    write_json(training, folder / "explore/training.json")


def write_search(folder: Path, table: Table, metric: str, rng: np.random.Generator) -> None:
    rows, best = [], {}
    for k, model in enumerate(MODELS):
        kind = {"dense2": "dense"}.get(model, model)
        for t in range(1 if k < 2 else 6):
            scores = np.abs(rng.normal((0.2, 0.05, 0.02, 0.022)[k] * (1 + 0.1 * t), 0.001, 3))
            rows.append(
                {
                    "id": f"{model}{t}",
                    "model": model,
                    "kind": kind,
                    "purpose": "search",
                    "status": "failed" if model == "dense2" and t == 5 else "done",
                    "reason": "",
                    "mean": scores.mean(),
                    "std": scores.std(),
                    "scores": json.dumps(scores.tolist()),
                    "train_mean": scores.mean() * 0.8 / (1 + t),
                    "train_scores": json.dumps((scores * 0.8 / (1 + t)).tolist()),
                    "epochs": json.dumps([12, 14, 13] if kind == "dense" else []),
                    "hyperparameters": json.dumps({"depth": t}),
                    "seconds": 1.5,
                }
            )
            best.setdefault(
                model,
                {
                    "trial": f"{model}{t}",
                    "kind": kind,
                    "function": None,
                    "inputs": ["table"],
                    "hyperparameters": {} if k == 0 else {"units": [64, 32], "l2_rate": 1e-05},
                    "mean": scores.mean(),
                    "std": scores.std(),
                    "scores": scores,
                }
                | ({"epochs": 13} if kind == "dense" else {}),
            )
    trials = pd.DataFrame(rows)
    write_frame(trials, folder / "search/trials.parquet")
    write_json(
        {
            "metric": metric,
            "selected": "forest",
            "choose": "best",
            "one_standard_error": ONE_STANDARD_ERROR,
            "models": best,
        },
        folder / "search/selected.json",
    )
    train = table.frame.iloc[:600]
    name = table.named("target")
    together = pd.concat(
        [
            pd.DataFrame(
                {
                    "model": m,
                    "id": train["id"],
                    "fold": np.arange(600) % 3,
                    "prediction": train[name].to_numpy(),
                }
            )
            for m in MODELS
        ],
        ignore_index=True,
    )
    write_frame(together, folder / "search/predictions.parquet")
    for model in MODELS:
        network = model == "dense2"
        forest = model == "forest"
        fit = {
            "model": model,
            "rows": 600,
            "epochs": 13 if network else None,
            "importances": {"u_mag": 0.5, "g_mag": 0.3, "r_mag": 0.15, "u_g": 0.05}
            if forest
            else None,
            "classes": [] if pd.api.types.is_numeric_dtype(train[name]) else list(CLASSES),
        }
        if forest:
            fit["tree"] = tree_of(train, str(name), fit["classes"])
        write_json(fit, folder / f"train/{model}/fit.json")
        if network:
            loss = pd.DataFrame({"epoch": range(1, 14), "loss": 1 / np.arange(1, 14)})
            loss.to_csv(folder / "train/dense2/history.csv", index=False)


def tree_of(frame: pd.DataFrame, name: str, classes: Any) -> Any:
    """Grow a tree on the magnitudes, missing ones set to 0, and keep its nodes."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    grow = DecisionTreeClassifier if classes else DecisionTreeRegressor
    x = frame[list(FEATURES)].fillna(0.0).to_numpy()
    model = grow(max_depth=6, random_state=0).fit(x, frame[name].to_numpy())
    return nodes_of(model, list(FEATURES))


def scores_of(task: str, k: int, n: int, interval: bool) -> dict[str, Any]:
    scores = {}
    for i, metric in enumerate(metrics_for(task)):
        if metric.needs == "probability" and k == 1:
            scores[metric.name] = {
                "value": None,
                "low": None,
                "high": None,
                "n_units": n,
                "reason": "the model gives no probability",
            }
            continue
        value = (0.2, 0.05, 0.0203, 0.0219)[k] * (1 + i / 7)
        value = 1 - value if metric.larger_is_better else value
        value /= 10_000 if metric.name == "median_squared_error" else 1
        half = value * 0.04
        scores[metric.name] = {
            "value": value,
            "low": value - half if interval else None,
            "high": value + half if interval else None,
            "n_units": n,
            "reason": "" if interval else "no interval on training objects",
        }
    return scores


def study_of(task: str, status: str, metric: str) -> dict[str, Any]:
    """Return the study file of the made-up results."""
    return {
        "status": status,
        "task": task,
        "question": {
            "what": "How far away is a galaxy?",
            "why": "Because 90% of them have no spectrum & we want α, ⊙ and 5_000 more",
            "use": "predictions",
        },
        "split": {"group": None, "folds": 3},
        "metric": metric,
        "report": {
            "title": "Made-up results of 1 study",
            "authors": ["A. Nobody", "Ł. Ünicode"],
            "prose": None,
        },
    }
