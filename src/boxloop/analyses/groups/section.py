"""Section groups of the report: evaluate/groups.json as numbers with their source."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from boxloop.analyses.groups.figures import shown_groups
from boxloop.numbers.evidence import Evidence
from boxloop.numbers.macros import Number, Numbers, Printed, Score
from boxloop.numbers.rounding import percent
from boxloop.plots import metric_label

if TYPE_CHECKING:
    from boxloop.results.groups import DisparityName, Grouping, Groups, RateName

#: Most groupings, and most classes of an attribute of people, that are printed.
MOST, CLASSES = 6, 3
#: Most rows of the table in print.
PRINTED = 36
#: Measures of disparity, as they are printed.
DISPARITIES: "dict[DisparityName, str]" = {
    "demographic_parity_difference": "demographic parity, difference",
    "demographic_parity_ratio": "demographic parity, ratio",
    "equalized_odds_difference": "equalised odds, difference",
    "equalized_odds_ratio": "equalised odds, ratio",
}
RATES: "tuple[RateName, ...]" = ("selection_rate", "recall", "false_positive_rate")


class PrintedGroup(TypedDict):
    """A row of the table."""

    label: Number
    n: Number
    units: Number
    score: Score
    rest: Number
    difference: Score
    bias: Score | None
    spread: Number | None
    stands_out: bool
    worst: bool
    reason: str


class PrintedGrouping(TypedDict):
    """A table of groups."""

    name: str
    protected: bool
    label: str
    note: str
    overall: Number
    rows: list[PrintedGroup]
    left: bool
    worst: PrintedGroup | None
    judged: int
    numbers: bool
    decisions: list[Printed]
    left_out: list[str]


def section(evidence: Evidence, n: Numbers) -> Printed:
    """Return what the templates of this section print."""
    found: Groups | None = evidence.contents.get("groups")
    entries = found["groupings"] if found else []
    if not found or not entries:
        return {"groupings": []}
    unit = evidence.contents["summary"]["target"].get("unit") or ""
    shown = range(min(len(entries), MOST))
    shown_entries = [_grouping(entries[i], f"groupings.{i}", unit, n) for i in shown]
    margin = found["margin"]
    return {
        "groupings": shown_entries,
        "printed": _printed(shown_entries),
        "more": len(entries) > MOST,
        "numbers": any(g["numbers"] for g in shown_entries),
        "people": any(g["decisions"] for g in shown_entries),
        "model": found["model"],
        "fewest": n("groups fewest units", "groups", "fewest_units"),
        "coverage": n("groups coverage", "groups", "coverage", show=lambda v: f"{100 * v:g}"),
        "margin": n("groups margin", "groups", "margin") if margin else None,
        "objects": n("groups objects", "groups", "n"),
        "apart": [e["name"] for e in entries if e["worst"] is not None],
    }


def _printed(groupings: Sequence[PrintedGrouping]) -> list[PrintedGrouping]:
    """Return the groupings that one table has room for, those with a group that stands out first.

    They keep their order.
    """
    found: list[int] = []
    for i in sorted(range(len(groupings)), key=lambda i: (groupings[i]["worst"] is None, i)):
        if sum(len(groupings[j]["rows"]) for j in [*found, i]) <= PRINTED or not found:
            found.append(i)
    return [groupings[i] for i in sorted(found)]


def _grouping(entry: "Grouping", key: str, unit: str, n: Numbers) -> PrintedGrouping:
    name = f"group {entry['name']}"
    label = "recall" if entry["kind"] == "class" else metric_label(entry["metric"], unit)
    rows = [_row(entry, i, f"{key}.groups.{i}", name, n) for i in shown_groups(entry)]
    return {
        "name": entry["name"],
        "protected": entry["protected"],
        "label": label,
        "note": entry["note"],
        "overall": n(f"{name} overall", "groups", f"{key}.overall"),
        "rows": rows or [_row(entry, i, f"{key}.groups.{i}", name, n) for i in _first(entry)],
        "left": len(entry["groups"]) > len(rows) > 0,
        "worst": next((r for r in rows if r["worst"]), None),
        "judged": entry["n_judged"],
        "numbers": "bias" in (entry["groups"][0]["errors"] if entry["groups"] else {}),
        "decisions": _decisions(entry, key, n),
        "left_out": entry["decisions"]["left_out"] if "decisions" in entry else [],
    }


def _first(entry: "Grouping") -> range:
    """Return groups to print where none could be judged."""
    return range(min(len(entry["groups"]), 12))


def _row(entry: "Grouping", i: int, key: str, name: str, n: Numbers) -> PrintedGroup:
    row, at = entry["groups"][i], f"{name} {i}"
    errors = row["errors"]
    number = "bias" in errors
    return {
        "label": n(f"{at} label", "groups", f"{key}.label"),
        "n": n(f"{at} objects", "groups", f"{key}.n"),
        "units": n(f"{at} n units", "groups", f"{key}.n_units"),
        "score": n.score(at, "groups", f"{key}.score"),
        "rest": n(f"{at} rest", "groups", f"{key}.difference.rest"),
        "difference": n.score(f"{at} difference", "groups", f"{key}.difference"),
        "bias": n.score(f"{at} bias", "groups", f"{key}.errors.bias") if number else None,
        "spread": n(f"{at} spread", "groups", f"{key}.errors.spread") if number else None,
        "stands_out": row["stands_out"],
        "worst": i == entry["worst"],
        "reason": row["score"]["reason"] or row["difference"]["reason"],
    }


def _decisions(entry: "Grouping", key: str, n: Numbers) -> list[Printed]:
    """Return by class how often it is given to each group, and the measures of disparity."""
    classes = entry["decisions"]["classes"] if "decisions" in entry else {}
    found: list[Printed] = []
    for name in list(classes)[:CLASSES]:
        at, where = f"decision {entry['name']} {name}", f"{key}.decisions.classes.{name}"
        rows = []
        for i, _ in enumerate(classes[name]["groups"][:12]):
            own = f"{where}.groups.{i}"
            rates: dict[str, Number] = {
                rate: n(f"{at} {i} {rate}", "groups", f"{own}.{rate}.value", show=percent)
                for rate in RATES
            }
            share = n(f"{at} {i} share", "groups", f"{own}.share", show=percent)
            label = n(f"{at} {i} label", "groups", f"{own}.label")
            rows.append({"label": label, "share": share, **rates})
        measures = [
            {
                "label": label,
                "score": n.score(f"{at} {measure}", "groups", f"{where}.{measure}"),
                "reason": classes[name][measure]["reason"],
            }
            for measure, label in DISPARITIES.items()
        ]
        found.append({"class": name, "rows": rows, "measures": measures})
    return found
