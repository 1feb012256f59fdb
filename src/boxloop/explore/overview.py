"""The two looks at the data: all objects without the target, training objects with it."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.explore import findings
from boxloop.explore.describe import (
    SAMPLE_ROWS,
    USABLE,
    correlations,
    describe,
    flat,
    histogram,
    numbers,
    sample_rows,
)
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray


def explore_all(
    table: Table, summary: dict[str, Any], target: Table | None = None, *, seed: int
) -> dict[str, Any]:
    """Describe all objects, test objects included; the target is not looked at.

    Parameters
    ----------
    table : Table
        The labelled objects.
    summary : dict
        Content of ``data/summary.json``.
    target : Table, optional
        The objects the model is for.
    seed : int
        The study's seed; decides which rows are drawn from large tables.

    Returns
    -------
    dict
        Content of ``explore/all.json``.
    """
    table = flat(_without_target(table), seed=seed)
    content, remarks = _common(table, seed)
    remarks += findings.about_assembly(summary)
    remarks += findings.about_classes(summary.get("classes") or {})
    if target is not None:
        target = flat(target, seed=seed)
        there = describe(target)
        content["target_sample"] = {"rows": len(target), "columns": there}
        remarks += findings.about_shift(
            content["columns"], there, _values(table, content["columns"]), _values(target, there)
        )
    sample = table.named("sample")
    names = table.column(sample).astype(str) if sample else np.array([], dtype=str)
    counted = zip(*np.unique(names, return_counts=True), strict=True)
    content["samples"] = {str(name): int(rows) for name, rows in counted}
    content["findings"] = findings.ranked(remarks)
    return content


def explore_training(table: Table, split: pd.DataFrame, *, task: str, seed: int) -> dict[str, Any]:
    """Describe the training objects, and how their features go with the target.

    Parameters
    ----------
    table : Table
        The labelled objects.
    split : pandas.DataFrame
        ``id, set``; only rows of the set ``train`` are used for anything.
    task : str
        classification or regression.
    seed : int
        The study's seed.

    Returns
    -------
    dict
        Content of ``explore/training.json``.
    """
    ids = table.column(table.named("id") or "id")
    training = set(split.loc[split["set"] == "train", "id"])
    rows = np.fromiter((i in training for i in ids), bool, len(ids))
    training_table = table.take(rows)
    content, remarks = _common(flat(_without_target(training_table), seed=seed), seed)
    name = training_table.named("target") or "target"
    about = training_table.columns[name]
    labels = training_table.column(name)
    content["target"] = {"name": name, "unit": about.unit}
    if task == "classification":
        labels = labels.astype(str)
        classes, counts = np.unique(labels, return_counts=True)
        content["target"]["classes"] = {
            str(c): int(n) for c, n in zip(classes, counts, strict=True)
        }
        remarks += findings.about_classes(content["target"]["classes"])
        sample = training_table.named("sample")
        if sample:
            remarks += findings.about_samples(labels, training_table.column(sample).astype(str))
        goal = (labels == classes[-1]).astype(float) if len(classes) == 2 else None
    else:
        goal = numbers(training_table, name)
        content["target"]["histogram"] = histogram(goal[np.isfinite(goal)])
    content["with_target"] = _with_target(training_table, goal, seed)
    remarks += findings.about_target(content["with_target"])
    content["findings"] = findings.ranked(remarks)
    return content


def _common(table: Table, seed: int) -> tuple[dict[str, Any], list[findings.Finding]]:
    described = describe(table)
    usable = [n for n in table.of_role(*USABLE) if described[n]["n_finite"]]
    correlation = correlations(table, usable, seed=seed)
    remarks = findings.about_columns(described, _values(table, described))
    remarks += findings.about_pairs(correlation)
    return {"rows": len(table), "columns": described, "correlation": correlation}, remarks


def _values(table: Table, names: Any) -> dict[str, Any]:
    return {name: numbers(table, name) for name in names}


def _without_target(table: Table) -> Table:
    name = table.named("target")
    return Table(
        table.frame.drop(columns=[name]) if name else table.frame,
        table.columns,
        table.provenance,
        table.arrays,
    )


def _with_target(
    table: Table, goal: "NDArray[np.float64] | None", seed: int
) -> dict[str, float | None]:
    """Return the rank correlation of each column with the target (or one of two classes)."""
    names = table.of_role(*USABLE)
    if goal is None:
        return dict.fromkeys(names)
    rows = sample_rows(len(table), SAMPLE_ROWS, seed, "correlation")
    some = table.take(rows)
    found: dict[str, float | None] = {}
    for name in names:
        pair = pd.DataFrame({"feature": numbers(some, name), "target": goal[rows]})
        pair = pair.where(np.isfinite(pair))
        rho = float(pair.corr(method="spearman", min_periods=3).to_numpy()[0, 1])
        found[name] = rho if np.isfinite(rho) else None
    return found
