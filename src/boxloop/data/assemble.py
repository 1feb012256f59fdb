"""Pool the labelled samples into one table, seal the test labels, and sum up."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.check import (
    check_features,
    check_group,
    check_ids,
    check_target,
    provenance_findings,
    refuse_copies,
)
from boxloop.data.columns import refuse_leaks, standardise
from boxloop.data.duplicates import drop_duplicates, drop_shared
from boxloop.data.read import RawSample
from boxloop.data.seal import draw_test, seal
from boxloop.errors import BoxloopError
from boxloop.features import DERIVED, derive
from boxloop.store import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Assembled:
    """What the data stage hands on.

    Attributes
    ----------
    table : Table
        All labelled objects, the target null for test objects.
    sealed : pandas.DataFrame
        ``id`` and target of the test objects.
    summary : dict
        The content of ``data/summary.json``.
    """

    table: Table
    sealed: pd.DataFrame
    summary: dict[str, Any]


def assemble(
    samples: Sequence[RawSample],
    *,
    columns: Mapping[str, Any],
    split: Mapping[str, Any],
    task: str,
    seed: int,
    study: str = "",
    user_code: Sequence[str] = (),
) -> Assembled:
    """Pool samples into the table of all labelled objects.

    Parameters
    ----------
    samples : sequence of RawSample
    columns, split : mapping
        Sections of the study.
    task : str
        classification or regression.
    seed : int
        The study's seed; it draws the test set.
    study : str
        Name, for the summary.
    user_code : sequence of str
        Paths of the study's own modules.

    Raises
    ------
    BoxloopError
        A column is unknown, not made of numbers, infinite or without any value; identifiers repeat;
        the target is missing, constant, of one class, or of a class too small for the folds, or
        carried along a second time; a group is missing.
    """
    group, target = split["group"], columns["target"]["name"]
    refuse_leaks(columns, group, samples)
    kept = drop_shared([drop_duplicates(raw) for raw in samples])
    table = pool([standardise(raw, columns, group, with_target=True) for raw in kept])
    labels, gone = clean_target(table, target, task)
    table = replace(table, frame=table.frame.assign(**{target: labels})).take(~gone)
    check_target(table, target, task, split["folds"])
    check_ids(table, columns["id"])
    check_features(table)
    refuse_copies(table, target)
    check_group(table, group)
    table = derive_blindly(table, columns["derived"], user_code)
    check_features(table)
    group_values = None if group is None else table.column(group)
    mask = draw_test(
        table.column("id"),
        table.column(target) if task == "classification" else None,
        fraction=split["test"],
        group=group_values,
        stratify=split["stratify"],
        seed=seed,
    )
    public, sealed = seal(table, mask)
    units = len(table) if group_values is None else int(pd.Series(group_values).nunique())
    findings = provenance_findings(table, samples, target, task)
    if gone.any():
        message = f"{int(gone.sum())} rows have no finite value of {target} and were dropped"
        findings.append(
            {"severity": "medium", "kind": "target", "column": target, "message": message}
        )
    summary = {
        "study": study,
        "task": task,
        "provenance": table.provenance,
        "target": {k: columns["target"][k] for k in ("name", "unit", "description")},
        "rows_read": sum(len(raw.frame) for raw in samples),
        "duplicates_dropped": sum(
            len(a.frame) - len(b.frame) for a, b in zip(samples, kept, strict=True)
        ),
        "rows": len(table),
        "units": units,
        "test_rows": int(mask.sum()),
        "target_rows_missing": int(gone.sum()),
        "samples": {raw.name: _about(raw, table) for raw in samples},
        "columns": [{"name": n, **_column(table, n)} for n in table.frame.columns],
        "classes": _classes(table, target) if task == "classification" else None,
        "findings": findings,
        "data_hash": data_hash(samples),
    }
    return Assembled(public, sealed, summary)


def assemble_target(
    raw: RawSample, *, columns: Mapping[str, Any], user_code: Sequence[str] = ()
) -> Table:
    """Return the table of the objects the model is for: the same columns without the target."""
    kept = drop_duplicates(raw)
    table = standardise(kept, columns, None, with_target=False)
    if not len(table):
        raise BoxloopError(f"samples.target: {raw.origin} has no rows")
    check_ids(table, columns["id"])
    return derive_blindly(table, columns["derived"], user_code)


def derive_blindly(
    table: Table, derived: Mapping[str, Mapping[str, Any]], user_code: Sequence[str] = ()
) -> Table:
    """Return a table with its derived columns, computed by functions that see no target."""
    target = table.named("target")
    blind = replace(table, frame=table.frame.drop(columns=table.of_role("target")))
    result = derive(blind, derived, DERIVED, user_code)
    if target is None:
        return result
    if target in result.frame:
        raise BoxloopError(
            f"columns.derived: {target!r} is the target; a derived column needs another name"
        )
    place = list(table.frame.columns).index(target)
    frame = result.frame.copy(deep=False)
    frame.insert(place, target, table.frame[target])
    return replace(result, frame=frame)


def columns_of_text(columns: Mapping[str, Any]) -> list[str]:
    """Return the file's columns that are read as text: those that identify an object."""
    wanted = columns["id"] or []
    return [wanted] if isinstance(wanted, str) else list(wanted)


def pool(tables: Sequence[Table]) -> Table:
    """Put tables of the same columns below each other."""
    frame = pd.concat([t.frame for t in tables], ignore_index=True)
    if frame.empty:
        raise BoxloopError("the labelled samples have no rows")
    kinds = {t.provenance for t in tables}
    arrays = {k: np.concatenate([t.arrays[k] for t in tables]) for k in tables[0].arrays}
    return Table(frame, tables[0].columns, kinds.pop() if len(kinds) == 1 else "mixed", arrays)


def clean_target(
    table: Table, target: str, task: str
) -> tuple["NDArray[Any]", "NDArray[np.bool_]"]:
    """Return the target as float64 or as text, and where it is missing or not finite."""
    values = table.column(target)
    if task == "classification":
        if values.dtype.kind == "f":
            gone = ~np.isfinite(values)
            whole = (values[~gone] == np.floor(values[~gone])).all()
            values = values.astype(object)
            values[~gone] = [int(v) if whole else float(v) for v in values[~gone]]
        else:
            gone = np.asarray(pd.isna(values))
        text = pd.Series(values).astype(str).str.strip().to_numpy(dtype=object)
        gone = gone | (text == "")
        text[gone] = None
        return text, gone
    numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.isnan(numbers) & ~np.asarray(pd.isna(values))
    if wrong.any() and values[wrong].astype(str).astype(bool).any():
        raise BoxloopError(
            f"columns.target: {int(wrong.sum())} values of {target!r} are not numbers, for example "
            f"{values[wrong][0]!r}; is this task: classification?"
        )
    return numbers, ~np.isfinite(numbers)


def data_hash(samples: Sequence[RawSample]) -> str:
    """Return a hash of what identifies the data: checksums of files, or a simulation's recipe."""
    content = {raw.name: raw.identity for raw in samples}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _about(raw: RawSample, table: Table) -> dict[str, Any]:
    facts = {k: raw.facts.get(k) for k in ("survey", "licence")}
    rows = int((table.frame["sample"] == raw.name).sum())
    return {
        "provenance": raw.provenance,
        "origin": raw.origin,
        "files": raw.files,
        "rows": rows,
        **facts,
        "cite": list(raw.facts.get("cite", [])),
    }


def _column(table: Table, name: str) -> dict[str, str]:
    column = table.columns[name]
    return {"role": column.role, "unit": column.unit, "description": column.description}


def _classes(table: Table, target: str) -> dict[str, int]:
    counts = table.frame[target].value_counts()
    return {str(c): int(counts[c]) for c in sorted(counts.index)}
