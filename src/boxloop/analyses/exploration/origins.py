"""What the study itself says of its columns: what was left out, and what was computed from what."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from boxloop.findings import Finding
from boxloop.store import Table

if TYPE_CHECKING:
    from boxloop.results.data import Summary

#: Keys of a finding of the data stage that are no evidence.
_SAID = ("severity", "kind", "column", "message")


def about_assembly(summary: "Summary") -> list[Finding]:
    """Remark on rows and columns that were left out when the data were put together."""
    found = []
    read, without = summary.get("rows_read") or summary["rows"], summary.get("target_rows_missing")
    if without:
        message = f"{without} of {read} rows have no target and were left out"
        found.append(Finding("medium", "no_target", None, message, {"rows": without}))
    for entry in summary.get("findings") or []:
        if entry["kind"] != "no_target":
            evidence = {k: v for k, v in entry.items() if k not in _SAID}
            said = (entry["severity"], entry["kind"], entry.get("column"), entry["message"])
            found.append(Finding(*said, evidence))
    for column, reason in (summary.get("excluded") or {}).items():
        message = f"{column} is left out: {reason}"
        found.append(Finding("medium", "excluded", column, message, {"reason": reason}))
    return found


def about_lineage(
    lineage: Mapping[str, Iterable[str]], target: str | None, features: Iterable[str]
) -> list[Finding]:
    """Remark on features that were computed from the target, or it from them, or both from one.

    Parameters
    ----------
    lineage : mapping of str to iterable of str
        What was computed from what (`columns.lineage`).
    target : str or None
    features : iterable of str
        Columns offered to the models.
    """
    if target is None:
        return []
    found, parents = [], ancestors(lineage, target)
    made_of = {f: ancestors(lineage, f) for f in features}
    ingredients = [f for f in made_of if f in parents]
    for name in ingredients:
        several = len(ingredients) > 1
        beside = f" beside {', '.join(i for i in ingredients if i != name)}" if several else ""
        message = (
            f"{target} was computed from {name}{beside} (columns.lineage): a model may only learn "
            "the formula back"
        )
        evidence = {"target_from": sorted(parents)}
        found.append(Finding("high", "lineage", name, message, evidence))
    for name, of in made_of.items():
        if target in of:
            message = f"{name} was computed from the target {target} (columns.lineage)"
            found.append(Finding("high", "lineage", name, message, {"from": sorted(of)}))
        elif of & parents and name not in parents:
            shared = ", ".join(sorted(of & parents))
            message = (
                f"{name} and {target} were both computed from {shared} (columns.lineage): what "
                "they share is no discovery"
            )
            evidence = {"from": sorted(of), "shared": sorted(of & parents)}
            found.append(Finding("medium", "lineage", name, message, evidence))
    return found


def of_columns(lineage: Mapping[str, Iterable[str]], table: Table) -> dict[str, list[str]]:
    """Put the columns that a key of `columns.derived` made in the place of that key."""
    made: dict[str, list[str]] = {}
    for name in table.of_role("derived"):
        made.setdefault(table.columns[name].made_by, []).append(name)
    return {
        column: [parent for of in parents for parent in made.get(of, [of])]
        for key, parents in lineage.items()
        for column in made.get(key, [key])
    }


def ancestors(lineage: Mapping[str, Iterable[str]], name: str) -> set[str]:
    """Return everything a column was computed from, directly or through others."""
    ahead, seen = list(lineage.get(name, ())), set[str]()
    while ahead:
        parent = ahead.pop()
        if parent not in seen:
            seen.add(parent)
            ahead += list(lineage.get(parent, ()))
    return seen - {name}
