"""Sum up what was read: the content of ``data/summary.json``."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from boxloop.data.read import RawSample
from boxloop.data.standardiser import Noticed
from boxloop.store import Table
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from boxloop.results.data import ColumnOfTable, DataFinding, Marker, SampleFacts, TableFacts


@dataclass(frozen=True)
class Read:
    """What is to be said about the samples once their raw tables are gone.

    Attributes
    ----------
    rows, rows_cut, duplicates : int
        Rows after ``where``, rows that it left out, and repeated rows that were dropped.
    samples : dict
        ``provenance, origin, files, survey, licence, cite`` by sample.
    kinds : dict
        Provenance by sample.
    data_hash : str
    """

    rows: int
    rows_cut: int
    duplicates: int
    samples: "dict[str, SampleFacts]"
    kinds: dict[str, str]
    data_hash: str


def about_samples(samples: Sequence[RawSample], kept: Sequence[RawSample]) -> Read:
    """Note what is to be said about samples, before and after repeated rows were dropped."""
    rows = sum(len(raw.frame) for raw in samples)
    return Read(
        rows=rows,
        rows_cut=sum(raw.rows_cut for raw in samples),
        duplicates=rows - sum(len(raw.frame) for raw in kept),
        samples={raw.name: _about(raw) for raw in samples},
        kinds={raw.name: raw.provenance for raw in samples},
        data_hash=data_hash(samples),
    )


def summarise(
    table: Table, read: Read, *, target: str | None, task: str, group: str | None
) -> "TableFacts":
    """Return what the table and the samples say of themselves.

    Parameters
    ----------
    table : Table
        All labelled objects, before the seal.
    read : Read
    target : str or None
    task : str
    group : str or None
        Column of the independent unit.
    """
    rows = table.frame["sample"].value_counts()
    classes = _classes(table, str(target)) if task_of(task).has_classes else None
    return {
        "provenance": table.provenance,
        "rows_read": read.rows,
        "rows_cut": read.rows_cut,
        "duplicates_dropped": read.duplicates,
        "rows": len(table),
        "units": len(table) if group is None else int(table.frame[group].nunique()),
        "samples": {n: {**about, "rows": int(rows.get(n, 0))} for n, about in read.samples.items()},
        "columns": [_column(table, n) for n in table.frame.columns],
        "classes": classes,
        "data_hash": read.data_hash,
    }


def markers_of(noticed: Noticed) -> "dict[str, list[Marker]]":
    """Return the declared missing values of each feature, and how often each was found.

    NaN and infinities, which JSON does not have, stand as text.
    """
    found: dict[str, list[Marker]] = {}
    for (feature, written, meaning), rows in noticed.markers.items():
        number = float(written)
        value = number if abs(number) < float("inf") else str(number)
        entry: Marker = {"value": value, "meaning": meaning, "rows": rows}
        found.setdefault(feature, []).append(entry)
    return found


def error_findings(noticed: Noticed, rows: int) -> "list[DataFinding]":
    """Return a finding for each column of errors with zeros or values below zero."""
    words = {"zero_error": "exactly zero", "negative_error": "below zero"}
    return [
        {
            "severity": "high" if n > 0.01 * rows else "medium",
            "kind": kind,
            "column": column,
            "rows": n,
            "message": f"{n} errors {column} ({source} in the file) are {words[kind]}; they count "
            "as unknown",
        }
        for (kind, column, source), n in noticed.errors.items()
    ]


def target_finding(target: str, gone: int) -> "list[DataFinding]":
    """Return a finding where rows had no target."""
    if not gone:
        return []
    message = f"{gone} rows have no finite value of {target} and were dropped"
    return [
        {
            "severity": "medium",
            "kind": "no_target",
            "column": target,
            "rows": gone,
            "message": message,
        }
    ]


def data_hash(samples: Sequence[RawSample]) -> str:
    """Return a hash of what identifies the data: checksums of files, or a simulation's recipe."""
    content = {raw.name: raw.identity for raw in samples}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _about(raw: RawSample) -> "SampleFacts":
    about: SampleFacts = {
        "provenance": raw.provenance,
        "origin": raw.origin,
        "files": raw.files,
        "survey": raw.facts.get("survey"),
        "licence": raw.facts.get("licence"),
        "cite": list(raw.facts.get("cite", [])),
    }
    if "frozen" in raw.facts:
        about["frozen"] = raw.facts["frozen"]
    return about


def _column(table: Table, name: str) -> "ColumnOfTable":
    column = table.columns[name]
    return {
        "name": name,
        "role": column.role,
        "unit": column.unit,
        "description": column.description,
    }


def _classes(table: Table, target: str) -> dict[str, int]:
    counts: pd.Series[int] = table.frame[target].value_counts()
    return {str(c): int(counts[c]) for c in sorted(counts.index)}
