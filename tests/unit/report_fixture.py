"""Results of two made-up studies, as docs/outputs.md describes them: regression, classification.

The numbers are drawn, not learnt; everything that a report reads is there.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from boxloop.metrics import metrics_for
from boxloop.report import Evidence
from boxloop.store import Column, Table, read_frame, read_json, read_table, write_frame, write_json
from boxloop.store import write_table as write
from boxloop.study.vocabulary import CHECKLIST

FEATURES = ("u_mag", "g_mag", "r_mag")
MODELS = ("dummy", "linear", "forest", "dense2")
CLASSES = ("GALAXY", "QSO", "STAR")
INPUTS = {
    "summary": "data/summary.json",
    "explore": "explore/all.json",
    "training": "explore/training.json",
    "selected": "search/selected.json",
    "metrics": "evaluate/metrics.json",
    "details": "evaluate/details.json",
    "apply": "apply/summary.json",
    "checklist": "ethics/checklist.json",
    "run": "track/run.json",
}


@dataclass(frozen=True)
class Results:
    """A folder of results and the study they belong to."""

    folder: Path
    study: dict[str, Any]

    def read(self, file: str) -> Any:
        return read_json(self.folder / file)

    def evidence(self, figures: Path, *, svg: bool = False) -> Evidence:
        files = {name: str(self.folder / file) for name, file in INPUTS.items()}
        return Evidence.read(self.study, files, figures, svg=svg)

    def for_figures(self) -> dict[str, Any]:
        """Return the arguments of `draw_figures`."""
        names = ("explore", "training", "selected", "metrics", "details")
        fits = {m: self.read(f"train/{m}/fit.json") for m in MODELS}
        history = self.folder / "train/dense2/history.csv"
        return {
            "table": read_table(self.folder / "data/table.parquet"),
            "split": read_frame(self.folder / "prepare/split.parquet"),
            "contents": {n: self.read(INPUTS[n]) for n in names},
            "trials": read_frame(self.folder / "search/trials.parquet"),
            "cross_validated": read_frame(self.folder / "search/predictions.parquet"),
            "applied": read_frame(self.folder / "apply/predictions.parquet"),
            "fits": fits,
            "histories": {"dense2": pd.read_csv(history)},
        }


def make_results(
    folder: Path, task: str, *, status: str = "final", provenance: str = "real"
) -> Results:
    """Write the results of a study into a folder."""
    rng = np.random.default_rng(7)
    table = _table(rng, task, provenance)
    ids, name = table.frame["id"].to_numpy(), "redshift" if task == "regression" else "class"
    sets = np.array(["train"] * 600 + ["calibration"] * 100 + ["test"] * 200)
    write(table, folder / "data/table.parquet")
    write_frame(pd.DataFrame({"id": ids, "set": sets}), folder / "prepare/split.parquet")
    metric = "nmad" if task == "regression" else "f1_macro"
    _data(folder, table, task, provenance)
    _search(folder, table, metric, rng)
    _evaluate(folder, table, task, metric, status, provenance, rng)
    _apply(folder, task, provenance, rng)
    _rest(folder, status)
    return Results(folder, _study(task, status, name, metric))


def _table(rng: np.random.Generator, task: str, provenance: str) -> Table:
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


def _histogram(values: Any) -> dict[str, Any]:
    values = np.asarray(values, dtype=float)
    counts, edges = np.histogram(values[np.isfinite(values)], 30)
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def _described(table: Table, frame: pd.DataFrame) -> dict[str, Any]:
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
            **dict(zip(["q01", "q05", "q25", "median", "q75", "q95", "q99"], q.tolist(), strict=True)),
            "histogram": _histogram(v),
            "n_unique": len(np.unique(v)),
        }
    return found


def _data(folder: Path, table: Table, task: str, provenance: str) -> None:
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
        "columns": _described(table, frame),
        **common,
        "samples": {"train": 900},
        "target_sample": {"rows": 500, "columns": _described(table, fainter)},
    }
    write_json(everything, folder / "explore/all.json")
    shown = {"histogram": _histogram(known)} if task == "regression" else {"classes": classes}
    training = {
        "rows": 600,
        "columns": _described(table, train),
        **common,
        "target": {"name": name, "unit": "", **shown},
        "with_target": dict(zip(names, (0.9, 0.85, 0.8, -0.1), strict=True)),
    }
    write_json(training, folder / "explore/training.json")


def _search(folder: Path, table: Table, metric: str, rng: np.random.Generator) -> None:
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
        {"metric": metric, "selected": "forest", "models": best}, folder / "search/selected.json"
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
        }
        write_json(fit, folder / f"train/{model}/fit.json")
        if network:
            loss = pd.DataFrame({"epoch": range(1, 14), "loss": 1 / np.arange(1, 14)})
            loss.to_csv(folder / "train/dense2/history.csv", index=False)


def _scores(task: str, k: int, n: int, interval: bool) -> dict[str, Any]:
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


def _evaluate(
    folder: Path,
    table: Table,
    task: str,
    metric: str,
    status: str,
    provenance: str,
    rng: np.random.Generator,
) -> None:
    sizes = {"train": 600, "cv": 600, "calibration": 100}
    sizes |= {"test": 200} if status == "final" else {}
    models = {
        m: {s: _scores(task, k, n, s != "train") for s, n in sizes.items()}
        for k, m in enumerate(MODELS)
    }
    shown = "test" if status == "final" else "cv"
    verdicts = {
        "dummy": ("better", 0.18),
        "linear": ("better", 0.03),
        "dense2": ("equivalent", 0.0016),
    }
    comparisons = [
        {
            "model": "forest",
            "other": other,
            "split": shown,
            "metric": metric,
            "difference": d,
            "low": d - 0.0011,
            "high": d + 0.0012,
            "margin": 0.005,
            "verdict": verdict,
        }
        for other, (verdict, d) in verdicts.items()
    ]
    published = [
        {
            "cite": "hoyle2015",
            "metric": metric,
            "value": 0.041,
            "comparable": "other",
            "note": "standard deviation",
            "ours": 0.0203,
        }
    ]
    write_json(
        {
            "schema": 1,
            "study": "made_up",
            "task": task,
            "provenance": provenance,
            "status": status,
            "metric": metric,
            "selected": "forest",
            "models": models,
            "comparisons": comparisons,
            "published": published,
        },
        folder / "evaluate/metrics.json",
    )
    if task == "regression":
        x = rng.gamma(3.0, 0.12, 2000)
        y = x + rng.normal(0, 0.02, 2000)
        edges = np.linspace(0, 1.2, 61)
        counts, _, _ = np.histogram2d(x, y, [edges, edges])
        residuals, bins = np.histogram(y - x, 60)
        shape: dict[str, Any] = {
            "scatter": {"edges_x": edges, "edges_y": edges, "counts": counts},
            "residuals": {"edges": bins, "counts": residuals},
        }
    else:
        matrix = [[90, 8, 2], [5, 45, 0], [1, 2, 47]]
        shape = {"confusion": {"classes": list(CLASSES), "matrix": matrix}}
    groups = {
        "r_mag": [
            _group(f"{a} to {a + 1}", a, a + 1.0, 50, 0.02 + 0.01 * (a - 17)) for a in (17, 18, 19)
        ]
        + [_group("missing", None, None, 8, None)],
        "field_id": [_group(c, None, None, 60, v) for c, v in (("north", 0.02), ("south", 0.03))],
    }
    opened = {
        "key": "abc",
        "opened": "2026-11-21T05:00:00Z",
        "metric": metric,
        "score": 0.0203,
        "closed": "2026-11-21T05:00:01Z",
    }
    write_json(
        {
            "split": shown,
            **shape,
            "groups": groups,
            "openings": [opened] if status == "final" else [],
            "generalisation_gap": {m: -0.001 * k for k, m in enumerate(MODELS)},
        },
        folder / "evaluate/details.json",
    )


def _group(label: str, low: Any, high: Any, n: int, value: float | None) -> dict[str, Any]:
    limits = (None, None) if value is None else (value * 0.9, value * 1.15)
    score = {"value": value, "low": limits[0], "high": limits[1]}
    return {"label": label, "low": low, "high": high, "n_units": n, "metric": score}


def _apply(folder: Path, task: str, provenance: str, rng: np.random.Generator) -> None:
    n = 500
    if task == "regression":
        said: Any = rng.gamma(4.0, 0.14, n)
        about: dict[str, Any] = {"histogram": _histogram(said)}
    else:
        said = np.array(CLASSES, dtype=object)[rng.integers(0, 3, n)]
        about = {"classes": {c: int((said == c).sum()) for c in CLASSES}}
    outside = rng.integers(0, 3, n)
    frame = pd.DataFrame(
        {"id": [f"t{i}" for i in range(n)], "prediction": said, "outside": outside}
    )
    write_frame(frame, folder / "apply/predictions.parquet")
    write_json(
        {
            "target": True,
            "model": "forest",
            "rows": n,
            "outside_rows": int((outside > 0).sum()),
            "provenance": provenance,
            "columns": {
                "u_mag": {"outside": 77},
                "g_mag": {"outside": 12},
                "r_mag": {"outside": 0},
            },
            "prediction": about,
        },
        folder / "apply/summary.json",
    )


def _rest(folder: Path, status: str) -> None:
    items = []
    for id_, (question, measured) in CHECKLIST.items():
        state = "measured" if measured else ("answered" if status == "final" else "unanswered")
        answer = {
            "measured": "3 of 4 groups within the margin.",
            "answered": "Nobody is harmed.",
            "unanswered": None,
        }[state]
        items.append(
            {
                "id": id_,
                "question": question,
                "status": state,
                "answer": answer,
                "evidence": {"file": "evaluate/details.json", "key": "groups"}
                if measured
                else None,
                "hash": None,
                "by": "A. Person" if state == "answered" else None,
                "date": "2026-11-20" if state == "answered" else None,
            }
        )
    write_json({"items": items}, folder / "ethics/checklist.json")
    write_json(
        {
            "study": "made_up",
            "status": status,
            "study_hash": "fedcba9876543210",
            "git": {"commit": "0" * 39 + "1", "dirty": True},
            "data_hash": "0123456789abcdef",
            "seed": 4,
            "versions": {
                "python": "3.11.2",
                "snakemake": "9.27.0",
                "numpy": "2.4.1",
                "scikit-learn": "1.9.0",
            },
            "hardware": {
                "cpu": "A processor @ 2.5 GHz",
                "cores": 2,
                "memory_bytes": 8_000_000_000,
                "gpus": [],
                "platform": "Linux-6.1_x86",
            },
            "started": "2026-11-21T05:00:00Z",
            "ended": "2026-11-21T05:02:00Z",
            "seconds": 123.4,
            "peak_memory_bytes": 987_000_000,
        },
        folder / "track/run.json",
    )


def _study(task: str, status: str, name: str, metric: str) -> dict[str, Any]:
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
