"""Objects that occur more than once: equal rows, equal measurements, one position on the sky."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from boxloop.findings import Finding, Severity
from boxloop.sampling.sky import sky_objects
from boxloop.store import Table, joined
from boxloop.study.vocabulary import SKY_OBJECT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boxloop.results.data import Summary

    Floats = NDArray[np.float64]

#: Positions closer than this are taken for one object where the study says nothing [arcsec].
RADIUS = 1.0
#: Columns from which equal measurements are no accident.
COLUMNS = 3
#: A fraction of the rows from which repeated measurements are grave.
MANY = 0.01


def about_duplicates(
    table: Table, summary: "Summary", target: Table | None = None
) -> list[Finding]:
    """Remark on objects that occur more than once, in the labelled samples or in both.

    Parameters
    ----------
    table : Table
        The labelled objects, or all of an exploration.
    summary : mapping
        Content of ``data/summary.json``.
    target : Table, optional
        The objects the model is for.
    """
    found = [*_dropped(summary), *_same_measurements(table)]
    if SKY_OBJECT not in table.frame:
        found += _same_place(table)
    if target is not None:
        found += _in_both(table, target)
    return found


def _dropped(summary: "Summary") -> list[Finding]:
    found = []
    read = summary.get("rows_read") or summary["rows"]
    dropped, sky = summary.get("duplicates_dropped"), summary.get("sky_duplicates")
    if dropped:
        message = f"{dropped} of {read} rows repeated another in every column and were dropped"
        found.append(Finding("low", "duplicates", None, message, {"rows": dropped}))
    if sky and sky["rows"]:
        message = (
            f"{sky['rows']} rows are {sky['objects']} objects on the sky, within "
            f"{sky['radius_arcsec']:g} arcsec; the rows of one object stay in one set and fold"
        )
        found.append(Finding("low", "duplicates", None, message, dict(sky)))
    return found


def _same_measurements(table: Table) -> list[Finding]:
    """Remark on rows that are equal in all features, though not in all columns."""
    features = table.of_role("feature")
    if len(features) < COLUMNS:
        return []
    measured = table.frame[features]
    known = measured.notna().sum(axis=1).to_numpy() >= COLUMNS
    codes: NDArray[np.uint64] = np.zeros(len(table), dtype=np.uint64)
    for name in features:  # by column: a copy of all features would be as large as the table
        of_column = pd.util.hash_pandas_object(measured[name], index=False).to_numpy()
        codes = codes * np.uint64(1_000_003) + of_column.astype(np.uint64)
    _, group, counts = np.unique(codes[known], return_inverse=True, return_counts=True)
    repeated = counts[group] > 1
    rows = int(repeated.sum())
    if not rows:
        return []
    sample = table.named("sample")
    groups = int((counts > 1).sum())
    across = 0
    if sample:
        pairs = pd.DataFrame({"g": group[repeated], "s": table.column(sample)[known][repeated]})
        across = int((pairs.groupby("g")["s"].nunique() > 1).sum())
    severity: Severity = "medium" if rows > MANY * len(table) or across else "low"
    message = (
        f"{rows} of {len(table)} rows share all their features with another row ({groups} groups"
        f"{f', {across} of them across samples' if across else ''}): one object listed more than "
        "once would stand in training and test"
    )
    evidence = {"rows": rows, "groups": groups, "across_samples": across}
    return [Finding(severity, "duplicates", None, message, evidence)]


def _same_place(table: Table) -> list[Finding]:
    places = _positions(table)
    if places is None:
        return []
    objects = sky_objects(*places, RADIUS / 3600)
    counts = np.bincount(objects)
    rows = int((counts[objects] > 1).sum())
    if not rows:
        return []
    message = (
        f"{rows} of {len(table)} rows lie within {RADIUS:g} arcsec of another row: name "
        "columns.sky.match, so that one object never stands in two sets"
    )
    evidence = {"rows": rows, "objects": int((counts > 1).sum()), "radius_arcsec": RADIUS}
    severity: Severity = "high" if rows > MANY * len(table) else "medium"
    return [Finding(severity, "duplicates", None, message, evidence)]


def _in_both(table: Table, target: Table) -> list[Finding]:
    here, there = _positions(table), _positions(target)
    if here is None or there is None:
        return []
    both = [np.concatenate([a, b]) for a, b in zip(here, there, strict=True)]
    objects = sky_objects(both[0], both[1], RADIUS / 3600)
    shared = np.isin(objects[len(table) :], objects[: len(table)])
    rows = int(shared.sum())
    if not rows:
        return []
    message = (
        f"{rows} of {len(target)} target objects lie within {RADIUS:g} arcsec of a labelled one: "
        "their answer may be known already"
    )
    evidence = {"rows": rows, "radius_arcsec": RADIUS}
    return [Finding("low", "duplicates", None, message, evidence)]


def positions(batches: Iterable[Table]) -> Table | None:
    """Keep of a catalogue of any length what `about_duplicates` asks of it: places on the sky."""
    some = [replace(b, frame=b.frame[b.of_role("sky")], arrays={}) for b in batches]
    return joined(some) if some else None


def _positions(table: Table) -> "tuple[Floats, Floats] | None":
    """Return right ascension and declination [deg], NaN where impossible; None without them."""
    names = table.of_role("sky")
    if len(names) != 2:
        return None
    ra, dec = (table.column(n).astype(float) for n in names)
    return ra, np.where(np.abs(dec) <= 90, dec, np.nan)
