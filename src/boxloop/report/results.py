"""The results as both reports tell them: search, scores, comparisons, ranking."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

from boxloop.metrics.registry import best_first
from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Number, Numbers, Printed, Score
from boxloop.numbers.rounding import decimals
from boxloop.plots import metric_label
from boxloop.plots.words import SPLIT_LABELS

if TYPE_CHECKING:
    from boxloop.results.metrics import Metrics

#: How a verdict is said of the selected model against another.
VERDICTS = {
    "better": "is better than",
    "worse": "is worse than",
    "equivalent": "is equivalent to",
    "undecided": "cannot be told apart from",
}
COMPARABLE = {
    "same_objects": "the same objects",
    "same_sample": "the same sample",
    "same_survey": "the same survey, other objects",
    "other": "another sample: context, not a comparison",
}


class PrintedModel(TypedDict):
    """A row of the table of scores."""

    name: str
    candidate: bool
    scores: dict[str, Score]
    gap: Number | None


class PrintedRanking(TypedDict):
    """A metric, and every model under it."""

    metric: str
    cells: list[Printed]
    best: str | None


def search_of(evidence: Evidence, n: Numbers) -> Printed:
    """Return the best trial of every model, from simple to complex, and the number of folds."""
    selected = evidence.contents["selected"]
    rows = []
    for name, best in selected["models"].items():
        key = f"models.{name}"
        values = [
            {"name": h, "value": n(f"{name} {h}", "selected", f"{key}.hyperparameters.{h}")}
            for h, v in (best.get("hyperparameters") or {}).items()
            if v is not None
        ]
        if best.get("precision"):
            used = n(f"{name} precision", "selected", f"{key}.precision")
            values.append({"name": "precision", "value": used})
        # The mean has the digits that the spread over the folds leaves significant.
        places = decimals(0.0, 2 * (best.get("std") or 0.0))
        rows.append(
            {
                "name": name,
                "candidate": best.get("candidate", True),
                "kind": best.get("kind") or best.get("function") or name,
                "hyperparameters": values,
                "mean": n(f"{name} search mean", "selected", f"{key}.mean", places=places),
                "std": n(f"{name} search std", "selected", f"{key}.std", places=places),
                "epochs": n(f"{name} epochs", "selected", f"{key}.epochs")
                if best.get("epochs")
                else None,
            }
        )
    first = next(iter(selected["models"]))
    folds = n("folds", "selected", f"models.{first}.scores|count")
    repeats = n("repeats", "selected", "repeats") if selected.get("repeats", 1) > 1 else None
    counted = n("models", "selected", "models|count")
    return {"models": rows, "folds": folds, "repeats": repeats, "n_models": counted}


def results_of(evidence: Evidence, n: Numbers) -> Printed:
    """Return scores by model and split; all metrics of all splits get macros, printed or not."""
    metrics: Metrics = evidence.contents["metrics"]
    splits = [s for s in SPLIT_LABELS if any(s in of for of in metrics["models"].values())]
    rows: list[PrintedModel] = []
    for model, of in metrics["models"].items():
        every = {
            split: {m: n.score(f"{model} {split} {m}", "metrics", f"models.{model}.{split}.{m}")}
            for split in of
            for m in of[split]
            if m == metrics["metric"]
        }
        for split in of:
            for m in of[split]:
                n.score(f"{model} {split} {m}", "metrics", f"models.{model}.{split}.{m}")
        given = model in (metrics.get("given") or {})  # which our training objects taught nothing
        told = [s for s in splits if s in every and not (given and s == "train")]
        scores = {s: every[s][metrics["metric"]] for s in told}
        rows.append(
            {
                "name": model,
                "candidate": model in candidates_of(metrics),
                "scores": scores,
                "gap": _gap(evidence, n, model),
            }
        )
    selected = next(r for r in rows if r["name"] == metrics["selected"])
    shown = "test" if metrics["status"] == "final" else "cv"
    return {
        "splits": [{"name": s, "label": SPLIT_LABELS[s]} for s in splits],
        "rows": rows,
        "answer": selected["scores"][shown],
    }


def candidates_of(metrics: "Metrics") -> list[str]:
    """Return the models that could have been selected."""
    return list(metrics.get("candidates", metrics["models"]))


def _gap(evidence: Evidence, n: Numbers, model: str) -> Number | None:
    gaps = evidence.contents["details"].get("generalisation_gap") or {}
    if gaps.get(model) is None:
        return None
    return n(f"{model} generalisation gap", "details", f"generalisation_gap.{model}")


def comparisons_of(evidence: Evidence, n: Numbers) -> list[Printed]:
    """Return the verdicts on the selected model against each other one."""
    metrics: Metrics = evidence.contents["metrics"]
    order, given = list(metrics["models"]), metrics.get("given") or {}
    rows: list[Printed] = []
    for i, row in enumerate(metrics["comparisons"]):
        name, places = f"{row['model']} over {row['other']}", decimals(row["low"], row["high"])
        difference, low, high = (
            n(f"{name} {part}", "metrics", f"comparisons.{i}.{part}", places=places)
            for part in ("difference", "low", "high")
        )
        margin = row.get("margin")
        rows.append(
            {
                **row,
                "candidate": row["other"] in candidates_of(metrics),
                "difference": difference,
                "low": low,
                "high": high,
                "said": VERDICTS[row["verdict"]],
                "given": row["other"] in given,
                "simpler": order.index(row["other"]) < order.index(row["model"])
                and row["other"] not in given,
                "margin": n("margin", "metrics", f"comparisons.{i}.margin") if margin else None,
            }
        )
    return rows


def verdicts_of(evidence: Evidence) -> list[Printed]:
    """Return the other models by the verdict on the selected model against them."""
    metrics: Metrics = evidence.contents["metrics"]
    rows = [r for r in metrics["comparisons"] if r["other"] in candidates_of(metrics)]
    grouped = {v: [r["other"] for r in rows if r["verdict"] == v] for v in VERDICTS}
    return [{"said": VERDICTS[v], "others": others} for v, others in grouped.items() if others]


def ranking_of(evidence: Evidence, n: Numbers, shown: str, unit: str) -> Printed:
    """Return every model under every metric, with the best candidate of each marked."""
    metrics: Metrics = evidence.contents["metrics"]
    values: dict[str, dict[str, float]] = {}
    for model, of in metrics["models"].items():
        for m, score in of.get(shown, {}).items():
            if score["value"] is not None:
                values.setdefault(m, {})[model] = score["value"]
    rows: list[PrintedRanking] = []
    for m, given in values.items():
        rivals = {model: v for model, v in given.items() if model in candidates_of(metrics)}
        # What one model alone gives prefers none.
        best = _best(m, rivals) if len(rivals) > 1 else None
        cells: list[Printed] = [
            {
                "model": model,
                "value": n.score(
                    f"{model} {shown} {m}", "metrics", f"models.{model}.{shown}.{m}"
                ).value
                if model in given
                else None,
                "best": model == best,
            }
            for model in metrics["models"]
        ]
        rows.append({"metric": metric_label(m, unit), "cells": cells, "best": best})
    named = {r["best"] for r in rows if r["best"]}
    return {"rows": rows, "agree": len(named) <= 1}


def _best(metric: str, values: Mapping[str, float]) -> str:
    """Return the model of the best value, or of that nearest to what a metric ought to be."""
    return best_first(metric, values)[0]


def published_of(evidence: Evidence, n: Numbers) -> list[Printed]:
    """Return published numbers beside ours, and in which sense they compare."""
    metrics: Metrics = evidence.contents["metrics"]
    rows: list[Printed] = []
    for i, row in enumerate(metrics.get("published") or []):
        name = f"published {row['cite']} {row['metric']}"
        rows.append(
            {
                **row,
                "metric": metric_label(row["metric"]),
                "value": n(name, "metrics", f"published.{i}.value"),
                "ours": n(f"{name} ours", "metrics", f"published.{i}.ours"),
                "comparable": COMPARABLE.get(row["comparable"], row["comparable"]),
            }
        )
    return rows
