"""The two looks at the data: all objects without the target, training objects with it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.analyses.exploration import (
    batches,
    classes,
    duplicates,
    findings,
    leaks,
    missing,
    origins,
    outliers,
    shift,
    sky,
    values,
)
from boxloop.analyses.exploration.describe import (
    SAMPLE_ROWS,
    USABLE,
    correlations,
    describe,
    flat,
    histogram,
    numbers,
)
from boxloop.findings import Finding, ranked
from boxloop.modalities.registry import of_table, shown
from boxloop.sampling.rows import sample_rows
from boxloop.store import Table
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.data import Summary
    from boxloop.results.explore import (
        AllObjects,
        Explored,
        ExploredTarget,
        LookedAt,
        Pattern,
        TrainingObjects,
    )

#: Columns of which pairs are audited; more would take minutes.
AUDITED = 200


def explore_all(
    table: Table, summary: "Summary", target: Table | None = None, *, seed: int
) -> "AllObjects":
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
    whole = _without_target(table)
    table = flat(whole, seed=seed)
    explored, remarks = _common(table, seed)
    patterns, remarked = _gaps(table)
    content: LookedAt = {
        **explored,
        "missing_patterns": patterns,
        "sky": sky.sky_density(table),
    }
    remarks += [*remarked, *sky.about_sky(content["sky"])]
    for name, modality in of_table(whole).items():
        remarks += modality.check(shown(name, whole), seed=seed)
    remarks += [
        *origins.about_assembly(summary),
        *values.about_markers(summary.get("markers") or {}),
    ]
    remarks += classes.about_classes(summary.get("classes") or {})
    remarks += [*_outliers_and_batches(table, seed)]
    remarks += duplicates.about_duplicates(table, summary, target)
    if target is not None:
        target = flat(target, seed=seed)
        there = describe(target)
        content["target_sample"] = {"rows": len(target), "columns": there}
        remarks += shift.about_shift(
            content["columns"], there, _values(table, content["columns"]), _values(target, there)
        )
    sample = table.named("sample")
    names = table.column(sample).astype(str) if sample else np.array([], dtype=str)
    counted = zip(*np.unique(names, return_counts=True), strict=True)
    samples = {str(name): int(rows) for name, rows in counted}
    return {**content, "samples": samples, "findings": ranked(remarks)}


def explore_training(
    table: Table,
    split: pd.DataFrame,
    *,
    task: str,
    seed: int,
    lineage: Mapping[str, Iterable[str]] | None = None,
    group: str | None = None,
) -> "TrainingObjects":
    """Describe the training objects, and how their features go with the target.

    Parameters
    ----------
    table : Table
        The labelled objects.
    split : pandas.DataFrame
        ``id, set``; only rows of the set ``train`` are used for anything.
    task : str
        One that predicts.
    seed : int
        The study's seed.
    lineage : mapping of str to iterable of str, optional
        What was computed from what.
    group : str, optional
        Column of the independent unit.

    Returns
    -------
    dict
        Content of ``explore/training.json``.
    """
    ids = table.frame[table.id_name]
    training = split.loc[split["set"] == "train", "id"]
    training_table = table.take(ids.isin(training).to_numpy())
    explored, remarks = _common(flat(_without_target(training_table), seed=seed), seed)
    name = training_table.named("target") or "target"
    about = training_table.columns[name]
    labels = training_table.column(name)
    target: ExploredTarget = {"name": name, "unit": about.unit}
    if task_of(task).has_classes:
        labels = labels.astype(str)
        names, counts = np.unique(labels, return_counts=True)
        target["classes"] = {str(c): int(n) for c, n in zip(names, counts, strict=True)}
        remarks += classes.about_classes(target["classes"])
        remarks += _classes_by_origin(training_table, labels)
        goal = (labels == names[-1]).astype(float) if len(names) == 2 else None
    else:
        goal = numbers(training_table, name)
        target["histogram"] = histogram(goal[np.isfinite(goal)])
    with_target = _with_target(training_table, goal, seed)
    remarks += missing.about_gaps_by(missing.gaps(training_table), _parts(labels, task), name)
    lineage = origins.of_columns(lineage or {}, training_table)
    remarks += origins.about_lineage(lineage, name, training_table.of_role(*USABLE))
    remarks += _leaks(training_table, labels, with_target, task, seed, lineage, group)
    return {**explored, "target": target, "with_target": with_target, "findings": ranked(remarks)}


def _common(table: Table, seed: int) -> "tuple[Explored, list[Finding]]":
    described = describe(table)
    usable = [n for n in table.of_role(*USABLE) if described[n]["n_finite"]]
    correlation = correlations(table, usable, seed=seed)
    remarks = findings.about_columns(described, _values(table, described))
    remarks += findings.about_pairs(correlation)
    return {"rows": len(table), "columns": described, "correlation": correlation}, remarks


def _gaps(table: Table) -> "tuple[list[Pattern], list[Finding]]":
    """Return the patterns of missing values, and what is remarkable about them."""
    gone = missing.gaps(table)
    patterns = missing.patterns(gone, len(table))
    remarks = missing.about_patterns(patterns, len(table))
    for role in ("sample", "file"):
        name = table.named(role)
        if name:
            remarks += missing.about_gaps_by(gone, table.column(name), role)
    return patterns, remarks


def _outliers_and_batches(table: Table, seed: int) -> list[Finding]:
    rows, drawn = findings.drawn_features(table, seed=seed)
    ids = list(table.ids[rows])
    of_rows = {n: codes[rows] for n, codes in batches.batches(table).items()}
    return [*outliers.about_outliers(drawn, ids), *batches.about_batches(drawn, of_rows)]


def _classes_by_origin(table: Table, labels: "NDArray[Any]") -> list[Finding]:
    found: list[Finding] = []
    for role in ("sample", "file"):
        name = table.named(role)
        if name and not found:
            found += classes.about_samples(labels, table.column(name).astype(str), role)
    return found or batches.about_classes_by_batch(labels, batches.batches(table))


def _parts(labels: "NDArray[Any]", task: str) -> "NDArray[Any]":
    """Return classes, or fifths of the range of a target that is a number."""
    if task_of(task).has_classes:
        return labels
    return np.asarray(pd.qcut(labels.astype(float), 5, duplicates="drop").astype(str))


def _leaks(
    table: Table,
    labels: "NDArray[Any]",
    with_target: Mapping[str, float | None],
    task: str,
    seed: int,
    lineage: Mapping[str, Iterable[str]] | None,
    group: str | None,
) -> list[Finding]:
    """Audit the features; what orders the objects as the target does is told once."""
    names = table.of_role(*USABLE)[:AUDITED]
    frame = pd.DataFrame({n: numbers(table, n) for n in names})
    units = table.column(group) if group and group in table.frame else None
    found = leaks.leak_audit(frame, labels, task=task, seed=seed, groups=units, lineage=lineage)
    found += _not_audited(len(leaks.usable_rows(labels, task, seed)), len(table.of_role(*USABLE)))
    told = {f.column for f in found if f.kind == "leak" and f.severity == "high"}
    return [*found, *(f for f in findings.about_target(with_target) if f.column not in told)]


def _not_audited(rows: int, columns: int) -> list[Finding]:
    """Say what the audit did not look at: silence would read as an acquittal."""
    found = []
    if columns and rows < leaks.FEWEST:
        message = (
            f"no column was audited for leaks: that takes {leaks.FEWEST} training objects of "
            f"classes that are not tiny; there are {rows}"
        )
        found.append(Finding("low", "leak", None, message, {"rows": rows}))
    if columns > AUDITED:
        message = f"only the first {AUDITED} of {columns} columns were audited for leaks"
        found.append(Finding("medium", "leak", None, message, {"columns": columns}))
    return found


def _values(table: Table, names: Iterable[str]) -> "dict[str, NDArray[np.float64]]":
    return {name: numbers(table, name) for name in names}


def _without_target(table: Table) -> Table:
    name = table.named("target")
    return replace(table, frame=table.frame.drop(columns=[name])) if name else table


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
