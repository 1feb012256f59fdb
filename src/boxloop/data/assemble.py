"""Pool the labelled samples into one table, seal the test labels, and sum up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from boxloop.data.check import (
    check_features,
    check_group,
    check_ids,
    check_target,
    check_time,
    provenance_findings,
    repeated_test_rows,
)
from boxloop.data.columns import standardise
from boxloop.data.duplicates import drop_duplicates, drop_shared
from boxloop.data.external import check_external
from boxloop.data.guard import refuse_copies, refuse_leaks, refuse_unknown_exclusions
from boxloop.data.read import RawSample
from boxloop.data.seal import draw_test, nothing_sealed, seal, sealed_copy
from boxloop.data.sky import add_sky_blocks, add_sky_objects
from boxloop.data.standardiser import Noticed, added
from boxloop.data.summary import (
    Read,
    about_samples,
    error_findings,
    markers_of,
    summarise,
    target_finding,
)
from boxloop.data.target import clean_target
from boxloop.errors import BoxloopError
from boxloop.features import derive_blindly
from boxloop.store import Table, joined
from boxloop.study.vocabulary import SKY_BLOCK, SKY_OBJECT
from boxloop.tasks import task_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.data import Summary, TargetColumn


@dataclass(frozen=True)
class Assembled:
    """What the data stage hands on.

    Attributes
    ----------
    table : Table
        All labelled objects, the target and its errors null for test objects.
    sealed : pandas.DataFrame
        ``id``, target and its errors of the test objects; no rows where nothing is predicted.
    summary : dict
        The content of ``data/summary.json``.
    """

    table: Table
    sealed: pd.DataFrame
    summary: "Summary"


def assemble(
    samples: Iterable[RawSample],
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
    samples : iterable of RawSample
        Where it is a generator, nothing else holds the raw tables and they are dropped early.
    columns, split : mapping
        Sections of the study.
    task : str
        classification, regression or exploration.
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
        carried along a second time; a group is missing, or too few of them.
    """
    pooled, noticed, read = _pooled(samples, columns, split["group"])
    target = columns["target"]["name"] if columns["target"] else None
    table, gone = (pooled, 0) if target is None else _with_clean_target(pooled, target, task, split)
    del pooled
    if target is not None and columns.get("given"):
        table = check_external(table, columns["given"], target)
    check_ids(table, columns["id"])
    check_features(table)
    check_group(table, split["group"])
    check_time(table, columns["time"])
    table, duplicates = add_sky_objects(table, columns["sky"], split["group"])
    group = SKY_OBJECT if duplicates else split["group"]
    table = add_sky_blocks(table, columns["sky"])
    group = SKY_BLOCK if SKY_BLOCK in table.frame else group
    table = derive_blindly(table, columns["derived"], user_code)
    check_features(table)
    about = summarise(table, read, target=target, task=task, group=group)
    findings = error_findings(noticed, len(table))
    public, sealed, mask = table, nothing_sealed(), np.zeros(len(table), dtype=bool)
    if target is not None:
        findings += provenance_findings(table, read.kinds, target, task)
        findings += target_finding(target, gone)
        if split["protocol"] == "outer_folds":
            mask, sealed = ~mask, sealed_copy(table)
        else:
            mask = _test_rows(table, target, task, split, group, columns["time"], seed)
            findings += repeated_test_rows(table, mask)
            public, sealed = seal(table, mask)
    summary: Summary = {
        "study": study,
        "task": task,
        "target": _named(columns["target"]),
        **about,
        "test_rows": int(mask.sum()),
        "target_rows_missing": gone,
        "markers": markers_of(noticed),
        "excluded": dict(columns["excluded"]),
        "sky_duplicates": duplicates,
        "findings": findings,
    }
    return Assembled(public, sealed, summary)


def assemble_target(
    raw: RawSample, *, columns: Mapping[str, Any], user_code: Sequence[str] = ()
) -> Table:
    """Return the table of the objects the model is for: the same columns without the target."""
    kept = drop_duplicates(raw)
    table = standardise(kept, columns, None, with_target=False).table
    if not len(table):
        raise BoxloopError(f"samples.target: {raw.origin} has no rows")
    check_ids(table, columns["id"])
    return derive_blindly(table, columns["derived"], user_code)


def _pooled(
    samples: Iterable[RawSample], columns: Mapping[str, Any], group: str | None
) -> tuple[Table, Noticed, Read]:
    """Read the samples' columns and put them below each other; the raw tables end here."""
    raw = list(samples)
    refuse_leaks(columns, group, raw)
    refuse_unknown_exclusions(columns["excluded"], raw)
    kept = drop_shared([drop_duplicates(sample) for sample in raw])
    read = about_samples(raw, kept)
    raw.clear()
    parts = []
    while kept:
        parts.append(standardise(kept.pop(0), columns, group, with_target=True))
    return pool([p.table for p in parts]), added(p.noticed for p in parts), read


def _with_clean_target(
    table: Table, target: str, task: str, split: Mapping[str, Any]
) -> tuple[Table, int]:
    """Return the rows that have a target, and how many had none."""
    labels, gone = clean_target(table, target, task)
    table = replace(table, frame=table.frame.assign(**{target: labels}))
    table = table.take(~gone) if gone.any() else table
    check_target(table, target, task, split["folds"])
    refuse_copies(table, target)
    return table, int(gone.sum())


def _test_rows(
    table: Table,
    target: str,
    task: str,
    split: Mapping[str, Any],
    group: str | None,
    time: str | None,
    seed: int,
) -> "NDArray[np.bool_]":
    return draw_test(
        table.column("id"),
        task_of(task).strata(table.column(target)),
        fraction=split["test"],
        group=None if group is None else table.column(group),
        stratify=split["stratify"],
        time=table.column(time) if split["by"] == "time" and time else None,
        seed=seed,
    )


def _named(target: Mapping[str, Any] | None) -> "TargetColumn | None":
    if not target:
        return None
    return {
        "name": target["name"],
        "unit": target["unit"],
        "description": target["description"],
    }


def columns_of_text(columns: Mapping[str, Any]) -> list[str]:
    """Return the file's columns that are read as text: those that identify an object."""
    wanted = columns["id"] or []
    return [wanted] if isinstance(wanted, str) else list(wanted)


def pool(tables: Sequence[Table]) -> Table:
    """Put tables of the same columns below each other."""
    whole = joined(tables) if len(tables) > 1 else tables[0]
    if whole.frame.empty:
        raise BoxloopError("the labelled samples have no rows")
    kinds = {t.provenance for t in tables}
    return replace(whole, provenance=kinds.pop() if len(kinds) == 1 else "mixed")
