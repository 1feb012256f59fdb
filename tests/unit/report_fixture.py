"""Results of two made-up studies, a regression and a classification: drawn, not learnt."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from drawn import drawn_once
from report_fixture_comparisons import pair
from report_fixture_data import (
    CLASSES,
    MODELS,
    histogram,
    scores_of,
    study_of,
    table_of,
    write_data,
    write_search,
)
from report_fixture_groups import groups_of
from repository import REPOSITORY

from boxloop.numbers.evidence import Evidence
from boxloop.report.figures import draw_figures
from boxloop.store import Table, read_frame, read_json, read_table, write_frame, write_json
from boxloop.store import write_table as write
from boxloop.study.vocabulary import CHECKLIST

BIBLIOGRAPHY = (REPOSITORY / "config/references.bib").read_text(encoding="utf-8")
INPUTS = {
    "summary": "data/summary.json",
    "explore": "explore/all.json",
    "training": "explore/training.json",
    "selected": "search/selected.json",
    "metrics": "evaluate/metrics.json",
    "details": "evaluate/details.json",
    "groups": "evaluate/groups.json",
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

    def draw(self) -> dict[str, bytes]:
        """Draw the figures and write them beside the results."""
        files = drawn_once(self.folder, lambda: draw_figures(**self.for_figures()))
        (self.folder / "figures").mkdir(exist_ok=True)
        for name, content in files.items():
            (self.folder / "figures" / name).write_bytes(content)
        return files

    def for_figures(self) -> dict[str, Any]:
        """Return the arguments of `draw_figures`."""
        names = ("explore", "training", "selected", "metrics", "details", "groups")
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
    table = table_of(rng, task, provenance)
    ids = table.frame["id"].to_numpy()
    sets = np.array(["train"] * 600 + ["calibration"] * 100 + ["test"] * 200)
    write(table, folder / "data/table.parquet")
    write_frame(pd.DataFrame({"id": ids, "set": sets}), folder / "prepare/split.parquet")
    metric = "nmad" if task == "regression" else "f1_macro"
    write_data(folder, table, task, provenance)
    write_search(folder, table, metric, rng)
    _evaluate(folder, table, task, metric, status, provenance, rng)
    _apply(folder, task, provenance, rng)
    _rest(folder, status)
    return Results(folder, study_of(task, status, metric))


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
        m: {s: scores_of(task, k, n, s != "train") for s, n in sizes.items()}
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
            "pairs": [pair(row) for row in comparisons],
            "rankings": {metric: ["forest", *verdicts], "mae": ["dense2", "forest"]},
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
            "scatter": {"edges_x": edges, "edges_y": edges, "counts": counts.astype(int)},
            "residuals": {"edges": bins, "counts": residuals},
            "model": "forest",
            **distributions_of(rng),
        }
    else:
        matrix = [[90, 8, 2], [5, 45, 0], [1, 2, 47]]
        shape = {"confusion": {"classes": list(CLASSES), "matrix": matrix}}
    write_json(groups_of(task, metric, shown), folder / "evaluate/groups.json")
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
            "openings": [opened] if status == "final" else [],
            "generalisation_gap": {m: -0.001 * k for k, m in enumerate(MODELS)},
        },
        folder / "evaluate/details.json",
    )


def distributions_of(rng: np.random.Generator) -> dict[str, Any]:
    at = np.linspace(-1, 1, 50)
    edges = np.linspace(0, 1, 21)
    return {
        "distribution": "dense2",
        "pit": {"edges": edges, "counts": rng.integers(80, 120, 20)},
        "coverage": [
            {"nominal": p, "found": p - 0.02, "low": p - 0.05, "high": p + 0.01}
            for p in (0.1, 0.5, 0.6827, 0.9)
        ],
        "examples": [
            {"id": f"obj{i}", "truth": 0.1 * i, "at": at, "density": np.exp(-(at**2) * 10 / i)}
            for i in (1, 2, 3)
        ],
    }


def _apply(folder: Path, task: str, provenance: str, rng: np.random.Generator) -> None:
    n = 500
    if task == "regression":
        said: Any = rng.gamma(4.0, 0.14, n)
        about: dict[str, Any] = {"histogram": histogram(said)}
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
                "evidence": [{"file": "evaluate/details.json", "key": "groups"}]
                if measured
                else [],
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
